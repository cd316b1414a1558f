"package x\nacl at p {\n  allow Read on Topic * to any when " 1
"(" 10000
"a" 1
")" 10000
"\n}\ngroup after = User:x\n" 1
