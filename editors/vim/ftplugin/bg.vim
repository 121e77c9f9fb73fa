" Settings for .bg files.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal expandtab shiftwidth=2 softtabstop=2 tabstop=2
setlocal comments=b:##,b:#
setlocal commentstring=#\ %s
setlocal formatoptions-=t formatoptions+=croql
setlocal suffixesadd=.bg
setlocal iskeyword=@,48-57,_
" `use "./web.bg" = web` and file("boot.sh"): gf goes there.
setlocal includeexpr=substitute(v:fname,'^\\./','','')

" :make shows what `bgc check` says in the quickfix list.
setlocal makeprg=bgc\ check\ --no-color\ %:S
setlocal errorformat=%E%trror[%m,%W%tarning[%m,%C\ %#-->\ %f:%l:%c,%-G%.%#

" gq and = format the whole file when there is no language server.
if executable('bgc') && !has('nvim')
  command! -buffer BgFormat write | silent execute '!bgc fmt ' . shellescape(expand('%')) | edit
endif

let b:undo_ftplugin = 'setlocal et< sw< sts< ts< com< cms< fo< sua< isk< inex< mp< efm< | silent! delcommand BgFormat'
