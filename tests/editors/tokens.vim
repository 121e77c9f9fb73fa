" Sourced by Neovim with g:files, g:runtime and g:out: writes what the colours of
" each text are, in the same form as tokens.js; columns count UTF-16 code units.
let &runtimepath = g:runtime . ',' . &runtimepath
set nomodeline noswapfile encoding=utf-8
filetype plugin indent on
syntax enable

function s:Units(text) abort
  return strchars(a:text) + strchars(substitute(a:text, '[^\U10000-\U10ffff]', '', 'g'))
endfunction

let s:lines = []
for s:file in g:files
  execute 'silent edit! ' . fnameescape(s:file)
  if &filetype !=# 'bg'
    call writefile(['no filetype for ' . s:file], g:out)
    cquit
  endif
  syntax sync fromstart
  for s:number in range(1, line('$'))
    let s:text = getline(s:number)
    let s:tokens = []
    let s:start = 0
    let s:last = ''
    let s:bytes = 0
    for s:char in split(s:text, '\zs') + ['']
      let s:name = s:char ==# '' ? '' : synIDattr(synID(s:number, s:bytes + 1, 1), 'name')
      if s:name !=# s:last || s:char ==# ''
        if s:last !=# '' && s:bytes > s:start
          call add(s:tokens, [s:Units(strpart(s:text, 0, s:start)), s:Units(strpart(s:text, 0, s:bytes)), s:last])
        endif
        let s:start = s:bytes
        let s:last = s:name
      endif
      let s:bytes += len(s:char)
    endfor
    call add(s:lines, json_encode({'file': s:file, 'text': s:text, 'tokens': s:tokens}))
  endfor
  bwipeout!
endfor
call writefile(s:lines, g:out)
qall!
