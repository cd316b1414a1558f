"package x\nacl at p {\n  allow Read on Topic * to any when " 1
"a and " 4097
"a\n}\n" 1
