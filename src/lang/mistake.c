#include "lang/syntax.h"
#include "grammar/parse.tab.h"
void mistake_report(struct parser *p, int found, struct span at, const char *const *expected, size_t n)
{ (void)found; struct buf b; buf_init(&b,p->arena); for(size_t i=0;i<n&&i<8;i++) buf_printf(&b," %s",expected[i]);
 syntax_error(p,"BG0001",at,"unexpected %.*s; expected%s",(int)(at.end-at.start),p->lex.src->text+at.start,buf_text(&b)); }
