" Indentation of .bg files: two blanks for each open bracket.
if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=BgIndent(v:lnum)
setlocal indentkeys=0{,0},0),0],!^F,o,O,e
let b:undo_indent = 'setlocal inde< indk<'

if exists('*BgIndent')
  finish
endif

" Without strings and comments, so that brackets in them do not count.
function s:Code(line) abort
  let l:text = substitute(a:line, '"\%([^"\\]\|\\.\)*"', '', 'g')
  return substitute(l:text, '#.*$', '', '')
endfunction

function BgIndent(lnum) abort
  let l:above = prevnonblank(a:lnum - 1)
  if l:above == 0
    return 0
  endif
  " The lines of a block string stay where they are.
  if synIDattr(synID(a:lnum, 1, 0), 'name') =~# '^bgBlock'
    return -1
  endif
  let l:before = s:Code(getline(l:above))
  let l:depth = 0
  for l:char in split(l:before, '\zs')
    if l:char =~# '[{(\[]'
      let l:depth += 1
    elseif l:char =~# '[})\]]' && l:depth > 0
      let l:depth -= 1
    endif
  endfor
  let l:indent = indent(l:above)
  if l:depth > 0
    let l:indent += shiftwidth()
  endif
  if s:Code(getline(a:lnum)) =~# '^\s*[})\]]'
    let l:indent -= shiftwidth()
  endif
  return l:indent < 0 ? 0 : l:indent
endfunction
