autocmd BufRead,BufNewFile *.bg setfiletype bg
