"// a comment, and one more\n" 700000
