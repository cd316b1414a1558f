"package shop\nuse kafka\ncluster main = \"lkc-1\"\nguard large at main { deny any on any when auth.token" 1
" and auth.token" 3000
" }\n" 1
