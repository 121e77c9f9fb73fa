/* Where brackets do not balance, the indentation tells which one is to blame:
 * what stands inside brackets is indented deeper than the line that opened them,
 * and a closer that begins a line is indented like that line. */
#include <string.h>

#include "lang/syntax.h"
#include "grammar/parse.tab.h"

struct opener {
    char kind;
    uint32_t start;
    uint32_t indent; /* of the line it stands in */
    uint32_t line;   /* where that line begins */
};

struct scan {
    struct parser *p;
    struct opener open[NEST_MAX];
    size_t depth;
    uint32_t line, indent; /* of the line being read */
    uint32_t end;          /* of the last token */
    bool quiet;            /* the lexer has reported what is wrong here */
    VEC(struct mend) mends;
};

static char closer_of(char kind)
{
    return kind == '{' ? '}' : kind == '(' ? ')' : ']';
}

static const char *name_of(char kind)
{
    return kind == '{' ? "{" : kind == '(' ? "(" : kind == '[' ? "[" : "${";
}

static struct span spot(const struct scan *s, uint32_t start, uint32_t len)
{
    return lex_span(&s->p->lex, start, start + len);
}

/* The innermost bracket was never closed; it should have been before `at`. */
static void unclosed(struct scan *s, struct span at)
{
    struct opener *o = &s->open[--s->depth];
    if (o->kind == '$') /* the lexer has reported the string */
        return;
    vec_push(s->p->arena, &s->mends, (struct mend){s->end, closer_of(o->kind)});
    if (s->quiet)
        return;
    struct diag *d = syntax_error(s->p, "BG0004", spot(s, o->start, 1), "this `%s` is never closed",
                                  name_of(o->kind));
    if (d && at.end > at.start)
        diag_label(s->p->ds, d, at, "`%c` is expected before this", closer_of(o->kind));
    syntax_help(s->p, d, "add the missing `%c`", closer_of(o->kind));
    diag_edit(s->p->ds, diag_fix(s->p->ds, d, false, "add the missing `%c`", closer_of(o->kind)),
              spot(s, s->end, 0), "%c", closer_of(o->kind));
}

static void drop(struct scan *s, struct span at)
{
    vec_push(s->p->arena, &s->mends, (struct mend){at.start, 0});
}

static void close_bracket(struct scan *s, char kind, struct span at, bool first)
{
    size_t found = s->depth;
    if (kind == '$') {
        while (found && s->open[found - 1].kind != '$')
            found--;
    } else if (first) {
        while (found && !(s->open[found - 1].kind == kind && s->open[found - 1].indent == s->indent))
            found--;
        if (!found && s->depth && s->open[s->depth - 1].kind == kind)
            found = s->depth; /* badly indented, but it fits */
    } else {
        while (found && s->open[found - 1].kind != kind)
            found = s->open[found - 1].line == s->line && s->open[found - 1].kind != '$' ? found - 1 : 0;
    }
    if (found) {
        /* an interpolation that no `}` ends is a string without an end */
        s->quiet = kind == '$' && s->p->lex.src->text[at.start] != '}';
        while (s->depth > found)
            unclosed(s, at);
        s->quiet = false;
        s->depth--;
        return;
    }
    struct opener *top = s->depth ? &s->open[s->depth - 1] : NULL;
    if (top && top->kind != '$' && top->kind != kind && top->line == s->line) {
        struct diag *d = syntax_error(s->p, "BG0005", at, "`%c` does not close `%s`",
                                      closer_of(kind), name_of(top->kind));
        if (d)
            diag_label(s->p->ds, d, spot(s, top->start, 1), "opened here");
        syntax_help(s->p, d, "write `%c`", closer_of(top->kind));
        diag_edit(s->p->ds, diag_fix(s->p->ds, d, false, "write `%c`", closer_of(top->kind)), at,
                  "%c", closer_of(top->kind));
        vec_push(s->p->arena, &s->mends, (struct mend){s->end, closer_of(top->kind)});
        s->depth--;
    } else {
        struct diag *d = syntax_error(s->p, "BG0005", at, "this `%c` closes nothing",
                                      closer_of(kind));
        syntax_help(s->p, d, "remove it, or add the `%s` that it should close", name_of(kind));
        diag_edit(s->p->ds, diag_fix(s->p->ds, d, false, "remove it"), at, "%s", "");
    }
    drop(s, at);
}

static void step(struct scan *s, int kind, struct span at, bool first)
{
    switch (kind) {
    case '}': close_bracket(s, '{', at, first); return;
    case ')': close_bracket(s, '(', at, first); return;
    case ']': close_bracket(s, '[', at, first); return;
    case T_TAIL: close_bracket(s, '$', at, false); return;
    case T_MIDDLE:
        while (s->depth && s->open[s->depth - 1].kind != '$')
            unclosed(s, at);
        return;
    default: break;
    }
    while (first && s->depth && s->open[s->depth - 1].kind != '$' &&
           s->indent <= s->open[s->depth - 1].indent)
        unclosed(s, at);
    if ((kind == '{' || kind == '(' || kind == '[' || kind == T_HEAD) && s->depth < NEST_MAX)
        s->open[s->depth++] = (struct opener){kind == T_HEAD ? '$' : (char)kind, at.start, s->indent,
                                              s->line};
}

void mend_brackets(struct parser *p)
{
    struct scan s = {.p = p};
    struct lexer lx;
    lex_open(&lx, p->arena, p->names, NULL, p->lex.file, p->lex.src);
    bool first = true;
    for (;;) {
        struct token t;
        int kind = lex_next(&lx, &t);
        if (kind == T_YYEOF || s.mends.n > SYNTAX_ERRORS_MAX)
            break;
        if (kind == T_NEWLINE && lx.src->text[t.span.start] != ';') {
            first = true;
            s.line = t.span.end;
            continue;
        }
        if (kind == T_COMMENT)
            continue;
        if (first)
            s.indent = t.span.start - s.line;
        step(&s, kind, t.span, first);
        s.end = t.span.end;
        first = false;
        /* a string of several lines ends on another line than it began */
        for (uint32_t i = t.span.start; kind != T_NEWLINE && i < t.span.end; i++)
            if (lx.src->text[i] == '\n')
                s.line = i + 1;
    }
    while (s.depth)
        unclosed(&s, NO_SPAN);
    lex_close(&lx);
    p->mends = s.mends.at;
    p->nmends = s.mends.n;
}
