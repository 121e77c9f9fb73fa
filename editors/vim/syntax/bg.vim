" Colours of .bg files, for Vim and Neovim.
"
" Keywords of the language are soft: any of them may be the name of a field. So
" they are matches with a place, not `syntax keyword`: a word is a keyword where
" an item begins with it and what follows fits.
if exists('b:current_syntax')
  finish
endif

syntax case match
syntax sync minlines=200

" ---- names, the weakest first
syntax match bgName /\<\h\w*\>/
syntax match bgMember /\.\s*\zs\h\w*/
syntax match bgCall /\<\h\w*\ze(/
syntax match bgProperty /\%(\.\)\@1<!\<\h\w*\ze\s*=\%([=>]\)\@!/
syntax match bgParameter /\<\h\w*\ze\s*=>/
syntax match bgOperator /->\|<-\|=>\|==\|!=\|<=\|>=\|??\|\.\.\|[-+*\/<>=?|]/

" ---- expressions
syntax keyword bgConditional if then else for in
syntax keyword bgLogical and or not
syntax keyword bgConstant true false none

" ---- types
syntax match bgType /\%(:\s*\)\@<=\h\w*\%(\.\h\w*\)*/ contained
syntax match bgTypeName /\<\h\w*\%(\.\h\w*\)*\>/ contained
syntax match bgTypeWord /\<\%(bool\|int\|number\|string\|duration\|percent\|size\|rate\|cidr\|regex\)\>\.\@!/ contained
syntax match bgTypeMaker /\<\%(set\|map\|range\|ref\|secret\)\>\ze\s\+[[:alpha:]_\[{("]/ contained
syntax cluster bgTypes contains=bgTypeName,bgTypeWord,bgTypeMaker,bgString,bgRegex,bgNumber,bgUnit,bgConstant,bgOperator

" ---- declarations
syntax match bgDeclare /\%(^\|[{,]\)\s*\zs\%(resource\|existing\)\ze\s\+\h\w*\s*\%(\[.\{-}\]\s*\)\=:/ nextgroup=bgResource skipwhite
syntax match bgResource /\h\w*/ contained nextgroup=bgColon,bgKeyed skipwhite
syntax region bgKeyed matchgroup=bgBracket start=/\[/ end=/\]/ contained contains=TOP,bgKeyedList nextgroup=bgColon skipwhite
syntax region bgKeyedList matchgroup=bgBracket start=/\[/ end=/\]/ contained contains=TOP,bgKeyedList
syntax match bgColon /:/ contained nextgroup=bgSet,bgPath skipwhite
syntax match bgSet /\<set\ze\s\+\h/ contained nextgroup=bgPath skipwhite
syntax match bgPath /\%(set\s\+\h\)\@!\h\w*\%(\.\h\w*\)*/ contained nextgroup=bgIn skipwhite
syntax match bgIn /\<in\ze\s\+\h/ contained nextgroup=bgSpace skipwhite
syntax match bgSpace /\h\w*\%(\.\h\w*\)*/ contained nextgroup=bgAs skipwhite
syntax match bgAs /\<as\ze\s\+\h/ contained nextgroup=bgFunction skipwhite
syntax match bgDeclare /^\s*\zstraffic\ze\s\+\h\w*\s*:/ nextgroup=bgTraffic skipwhite
syntax match bgTraffic /\h\w*/ contained nextgroup=bgColon skipwhite
syntax match bgDeclare /^\s*\zs\%(stack\|account\|world\|service\)\ze\s\+\h\w*\s*{/ nextgroup=bgSpace skipwhite
syntax match bgDeclare /^\s*\zsrollout\ze\s\+\h\w*\s*\%(as\s\+\h\w*\s*\)\={/ nextgroup=bgSpace skipwhite
syntax match bgDeclare /^\s*\zsshared\ze\s*{/
syntax match bgDeclare /^\s*\zsgate\ze\s\+\h\w*\s*{/ nextgroup=bgGate skipwhite
syntax match bgGate /\h\w*/ contained
syntax match bgDeclare /^\s*\zsuse\ze\s\+\h[[:alnum:]_.]*\s*\%(#.*\)\=$/ nextgroup=bgSpace skipwhite
syntax match bgDeclare /^\s*\zsuse\ze\s\+"/
syntax match bgDeclare /^\s*\zs\%(scenario\|test\)\ze\s\+"/
syntax match bgDeclare /^\s*\zs\%(moved\|adopt\|entry\)\ze\s\+\h/
syntax match bgDeclare /^\s*\zsassert\ze\s\+[^= \t]/
syntax match bgDeclare /^\s*\zs\%(let\|output\|out\)\ze\s\+\h\w*\s*=/ nextgroup=bgValue skipwhite
syntax match bgValue /\h\w*/ contained
syntax match bgDeclare /^\s*\zsinput\ze\s\+\h\w*\s*:/ nextgroup=bgInput skipwhite
syntax match bgInput /\h\w*/ contained nextgroup=bgTyped skipwhite
syntax region bgTyped matchgroup=bgPunct start=/:/ matchgroup=bgOperator end=/=/ end=/$/ contained oneline contains=@bgTypes,bgComment
syntax match bgDeclare /^\s*\zs\%(fn\|module\)\ze\s\+\h\w*\s*(/ nextgroup=bgFunction skipwhite
syntax match bgFunction /\h\w*/ contained nextgroup=bgParams skipwhite
syntax region bgParams matchgroup=bgBracket start=/(/ end=/)/ contained contains=bgParam,bgParamType,bgComment,bgDoc,@bgTypes nextgroup=bgResult skipwhite
syntax match bgParam /\h\w*\ze\s*:/ contained
syntax region bgResult matchgroup=bgPunct start=/:/ matchgroup=bgOperator end=/=/ end=/$/ contained oneline contains=@bgTypes
syntax match bgDeclare /^\s*\zstype\ze\s\+\h[[:alnum:]_.]*\s*{/ nextgroup=bgPath skipwhite
syntax match bgDeclare /^\s*\zstype\ze\s\+\h[[:alnum:]_.]*\s*=/ nextgroup=bgNewType skipwhite
syntax match bgNewType /\h\w*\%(\.\h\w*\)*/ contained nextgroup=bgAlias skipwhite
syntax region bgAlias matchgroup=bgOperator start=/=/ end=/$/ contained oneline contains=bgParam,bgComment,@bgTypes

" ---- gates, rollouts, scenarios, tests
syntax match bgStep /\%(^\|{\)\s*\zscheck\ze\s\+\h\w*\s*:/ nextgroup=bgGate skipwhite
syntax match bgStep /\<while\ze\s\+\h/ nextgroup=bgGate skipwhite
syntax match bgStep /^\s*\zstest\ze\s\+\h\w*\s*\%(while\>.*\|#.*\)\=$/ nextgroup=bgGate skipwhite
syntax match bgStep /^\s*\zs\%(build\|shift\|approve\|bake\|retire\)\ze\s\+\%(while\|when\|hold\|size\|at\|"\|\d\)/
syntax match bgStep /^\s*\zson\s\+failure\%(\s\+rollback\)\=\>/
syntax match bgStep /\<\%(every\|within\|for\|times\|tolerate\|keep\|load\)\ze\s\+\d/
syntax match bgStep /\<no_data\ze\s\+\%(hold\|fail\)\>/ nextgroup=bgConstantWord skipwhite
syntax match bgConstantWord /\<\%(hold\|fail\|build\|test\|approve\|bake\|retire\|rollback\)\>/ contained
syntax match bgStep /\<\%(at\s\+latest\|size\s\+full\|hold\s\+nothing\)\>/
syntax match bgStep /^\s*\zsat\ze\s\+\d/
syntax match bgStep /^\s*\zsat\ze\s\+\%(build\|test\|approve\|bake\|retire\|rollback\)\s*{/ nextgroup=bgConstantWord skipwhite
syntax match bgStep /^\s*\zs\%(live\|edit\|given\)\ze\s*{/
syntax match bgStep /^\s*\zsexpect\ze\%(\s\+[^= \t]\|\s*$\)/ nextgroup=bgError skipwhite
syntax match bgError /\<\%(error\|warning\)\ze\s\+BG\d/ contained
syntax match bgStep /^\s*\zsmock\ze\s\+\h/
syntax match bgStep /\<when\ze\s\+[^= \t]/
syntax match bgModifier /\%(}\s*\)\@<=\%(pin\|keep\)\>/
syntax match bgModifier /\<active\s\+from\ze\s\+\d/
syntax match bgModifier /\<overlap\s\+allowed\>/
syntax match bgStep /\<allow\ze\s\+BG\d/
syntax match bgCode /\<BG\d\d\d\d\>/
syntax match bgStep /\<because\ze\s\+"/

" ---- type declarations
syntax match bgModifier /^\s*\zs\%(\%(field\|id\|fixed\|tune\|live\|query\|write_only\|secret\)\s\+\)\+\ze\h\w*\s*:/ nextgroup=bgField skipwhite
syntax match bgField /\h\w*/ contained nextgroup=bgFieldType skipwhite
syntax region bgFieldType matchgroup=bgPunct start=/:/ end=/\ze->/ end=/\ze<-/ end=/\ze\<via\>/ matchgroup=bgOperator end=/=/ end=/$/ contained oneline contains=@bgTypes,bgComment
syntax match bgModifier /^\s*\zsmetric\ze\s\+\h\w*\s*:/ nextgroup=bgMetric skipwhite
syntax match bgMetric /\h\w*/ contained nextgroup=bgFieldType skipwhite
syntax match bgModifier /^\s*\zsapi\ze\s\+\h\w*\s*\%(#.*\)\=$/ nextgroup=bgSpace skipwhite
syntax match bgModifier /^\s*\zs\%(preflight\|quota\)\ze\s\+\h\w*\s*{/ nextgroup=bgMetric skipwhite
syntax match bgModifier /^\s*\zslint\ze\s\+BG\d/ nextgroup=bgCode skipwhite
syntax match bgKeyword /\%(\<BG\d\d\d\d\s\+\)\@<=at\ze\s\+\h/ nextgroup=bgField skipwhite
syntax match bgKeyword /\<deprecated\ze\s\+\%("\|use\>\)/
syntax match bgKeyword /\%(\<deprecated\s\+\)\@<=use\>/
syntax match bgKeyword /\<help\ze\s\+"/
syntax match bgStep /^\s*\zs\%(\%(before\|after\)\s\+\)\=\%(create\|find\|read\|lookup\|update\|delete\|tag\|untag\)\ze\s.*\<\u\w*\s*{/
syntax match bgOperation /\<\u\w*\ze\s*{/
syntax match bgStep /^\s*\zswait\%(\s\+\%(create\|update\|delete\)\)\=\ze\s\+[^= \t]/
syntax match bgKeyword /\<via\ze\s\+\h/ nextgroup=bgCall skipwhite
syntax match bgKeyword /\S\s\+\zsadopt\ze\s\+\u/
syntax match bgKeyword /\<\%(absent\|retry\|where\|token\|batch\|with\)\ze\s\+[^= \t]/

" ---- literals
syntax match bgNumber /\w\@1<!\d\+\%(\.\d\+\)\=\w\@!/
syntax match bgNumber /\w\@1<!\d\+\%(\.\d\+\)\=\ze\%(%\|\/[smhd]\>\|\%(ms\|[smhd]\|B\|[KMGT]iB\)\>\)/ nextgroup=bgUnit
syntax match bgUnit /%\|\/[smhd]\>\|\%(ms\|[smhd]\|B\|[KMGT]iB\)\>/ contained
syntax match bgNetwork /\%(\w\|[.:]\)\@1<!\d\{1,3}\%(\.\d\{1,3}\)\{3}\%(\/\d\+\)\=\%(\w\)\@!/
syntax match bgNetwork /\%(\w\|[.:]\)\@1<!\%(\x\{1,4}\%(:\x\{1,4}\)\{0,6}\)\=::\%(\x\{1,4}\%(:\x\{1,4}\)\{0,6}\)\=\%(\/\d\+\)\=\%(\w\|:\)\@!/
syntax match bgRegex /\w\@1<!r"\%([^"\\]\|\\.\)*"/
syntax region bgString start=/"/ end=/"/ end=/$/ contains=bgEscape,bgBadEscape,bgInterpolation
syntax region bgBlock start=/"""/ end=/"""/ contains=bgEscape,bgBadEscape,bgInterpolation
syntax match bgBadEscape /\\[^nt"\\u]/ contained
syntax match bgEscape /\\\%([nt"\\]\|u{\x\+}\)/ contained
syntax region bgInterpolation matchgroup=bgHole start=/\${/ end=/}/ contained contains=TOP
syntax match bgEscape /\$\${/ contained
syntax region bgNested matchgroup=bgBracket start=/{/ end=/}/ transparent fold

" ---- comments, the strongest
syntax match bgComment /#.*$/ contains=bgTodo,@Spell
syntax match bgDoc /##\%(#\)\@!.*$/ contains=bgTodo,@Spell
syntax keyword bgTodo TODO FIXME XXX contained

highlight default link bgName Identifier
highlight default link bgCall Function
highlight default link bgMember Identifier
highlight default link bgProperty Label
highlight default link bgParameter Identifier
highlight default link bgParam Identifier
highlight default link bgOperator Operator
highlight default link bgConditional Conditional
highlight default link bgLogical Operator
highlight default link bgConstant Boolean
highlight default link bgConstantWord Constant
highlight default link bgTypeName Type
highlight default link bgTypeWord Type
highlight default link bgTypeMaker StorageClass
highlight default link bgSet StorageClass
highlight default link bgPath Type
highlight default link bgNewType Type
highlight default link bgDeclare Keyword
highlight default link bgResource Structure
highlight default link bgSpace Include
highlight default link bgTraffic Include
highlight default link bgGate Tag
highlight default link bgValue Identifier
highlight default link bgInput Identifier
highlight default link bgFunction Function
highlight default link bgStep Statement
highlight default link bgKeyword Keyword
highlight default link bgIn Keyword
highlight default link bgAs Keyword
highlight default link bgError Keyword
highlight default link bgCode Constant
highlight default link bgModifier StorageClass
highlight default link bgField Label
highlight default link bgMetric Tag
highlight default link bgOperation Function
highlight default link bgNumber Number
highlight default link bgUnit Special
highlight default link bgNetwork Number
highlight default link bgRegex String
highlight default link bgString String
highlight default link bgBlock String
highlight default link bgEscape SpecialChar
highlight default link bgBadEscape Error
highlight default link bgHole Special
highlight default link bgComment Comment
highlight default link bgDoc SpecialComment
highlight default link bgTodo Todo

let b:current_syntax = 'bg'
