"package x\nacl at p {\n  allow Read on Topic * to any when " 1
"not " 257
"a\n  allow Read on Topic * to any when " 1
"if a then b else " 257
"c\n}\n" 1
