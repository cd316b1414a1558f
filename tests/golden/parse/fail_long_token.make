"package x\nacl at p { allow Read on Topic \"" 1
"a" 65535
"\" to User:x }\ngroup after = User:y\n" 1
