"package x\nacl at p {\n  allow Read on Topic * to any when " 1
"(" 255
"a" 1
")" 255
"\n}\n" 1
