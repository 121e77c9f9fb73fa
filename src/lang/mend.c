/* Where brackets do not balance, the indentation tells which one is to blame:
 * what stands inside brackets is indented deeper than the line that opened them,
 * and a closer that begins a line is indented like that line. A closer without
 * such a line, but with a line of its indentation that deeper ones follow, lacks
 * its opener there. */
#include <string.h>

#include "lang/syntax.h"
#include "grammar/parse.tab.h"

struct opener {
    char kind;
    uint32_t start;
    uint32_t indent; /* of the line it stands in */
    uint32_t line;   /* where that line begins */
};

struct row { /* a line that was read */
    uint32_t indent, end; /* end: of its last token */
    size_t depth;         /* brackets that are open behind it */
    char last;            /* its last token, if that is a bracket or comma */
};

struct scan {
    struct parser *p;
    struct opener open[NEST_MAX];
    size_t depth;
    uint32_t line, indent; /* of the line being read */
    uint32_t end;          /* of the last token */
    bool quiet;            /* the lexer has reported what is wrong here */
    VEC(struct mend) mends;
    VEC(struct row) rows;
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
    vec_push(s->p->arena, &s->mends, (struct mend){s->end, closer_of(o->kind), o->start, NULL});
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

static void drop(struct scan *s, struct span at, struct diag *said)
{
    vec_push(s->p->arena, &s->mends, (struct mend){at.start, 0, 0, said});
}

/* The line whose end lacks the `{` that a `}` at the beginning of a line closes: of
 * the same indentation, with deeper ones behind it. NULL: there is none. */
static const struct row *headless(const struct scan *s)
{
    size_t i = s->rows.n;
    while (i && s->rows.at[i - 1].indent > s->indent)
        i--;
    if (!i || i == s->rows.n)
        return NULL;
    const struct row *r = &s->rows.at[i - 1];
    return r->indent == s->indent && r->depth == s->depth && !r->last ? r : NULL;
}

static void missing_opener(struct scan *s, uint32_t at, struct span closer)
{
    struct diag *d =
        syntax_error(s->p, "BG0005", spot(s, at, 0), "a `{` is missing here");
    if (d)
        diag_label(s->p->ds, d, closer, "this `}` closes it");
    syntax_help(s->p, d, "add the `{`, or remove its `}`");
    lex_mend(&s->p->lex, d, false, spot(s, at, 0), " {");
    vec_push(s->p->arena, &s->mends, (struct mend){at, '{', 0, NULL});
}

/* From the quote that opens a string to the one that closes it; false: its line ends first. */
static bool skip_string(const char *text, uint32_t *i)
{
    for (++*i; text[*i] && text[*i] != '"' && text[*i] != '\n'; ++*i)
        *i += text[*i] == '\\' && text[*i + 1];
    return text[*i] == '"';
}

/* `[ a = 1 }]`: where in the line of the innermost bracket, `[` or `(`, the `{` is
 * missing that the `}` at `at` closes; 0: it is not so. The rest of the line must
 * be whole. */
static bool lacks_brace(const struct scan *s, const struct opener *top, struct span at)
{
    const char *text = s->p->lex.src->text;
    int square = 1, curly = 0;
    if (top->line != s->line || top->kind == '{' || top->kind == '$')
        return false;
    for (uint32_t i = at.start + 1; text[i] && text[i] != '\n' && text[i] != '#' && square > 0; i++) {
        if (text[i] == '"') {
            if (!skip_string(text, &i))
                return false;
            continue;
        }
        square += (text[i] == top->kind) - (text[i] == closer_of(top->kind));
        curly += (text[i] == '{') - (text[i] == '}');
        if (curly < 0)
            return false;
    }
    return !square && !curly;
}

/* Whether the rest of the line has the closer of a bracket, behind one that is none. */
static bool closed_later(const struct scan *s, const struct opener *top, struct span at)
{
    const char *text = s->p->lex.src->text;
    int depth = 1;
    for (uint32_t i = at.end; text[i] && text[i] != '\n' && text[i] != '#' && depth > 0; i++) {
        if (text[i] == '"') {
            if (!skip_string(text, &i))
                return false;
            continue;
        }
        depth += (text[i] == top->kind) - (text[i] == closer_of(top->kind));
    }
    return !depth;
}

/* Columns in front of the next line that holds anything; 0 at the end. */
static uint32_t next_indent(const struct scan *s, uint32_t at)
{
    const char *text = s->p->lex.src->text + at;
    for (;;) {
        text += strcspn(text, "\n");
        if (!*text)
            return 0;
        size_t n = strspn(++text, " \t");
        if (text[n] && text[n] != '\n' && text[n] != '\r')
            return (uint32_t)n;
    }
}

/* A `}` behind other words cannot end braces whose items go on below. */
static bool ends_too_early(const struct scan *s, struct span at)
{
    const struct opener *top = &s->open[s->depth - 1];
    return top->kind == '{' && top->line != s->line && next_indent(s, at.end) > top->indent;
}

/* `name = value }` is whole without its `}`; anything else in front of it lacks
 * its `{`, and the parser says where. */
static bool is_field(const struct scan *s)
{
    const char *text = s->p->lex.src->text + s->line + s->indent;
    text += strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    text += strspn(text, " ");
    return *text == '=' && text[1] != '=';
}

static void close_bracket(struct scan *s, char kind, struct span at, bool first)
{
    size_t found = s->depth;
    const struct row *head = NULL;
    if (kind == '{' && s->depth && lacks_brace(s, &s->open[s->depth - 1], at)) {
        missing_opener(s, s->open[s->depth - 1].start + 1, at);
        return;
    }
    if (kind == '{' && !first && s->depth && ends_too_early(s, at)) {
        found = 0;
        if (!is_field(s)) {
            drop(s, at, NULL);
            return;
        }
    } else if (kind == '$') {
        while (found && s->open[found - 1].kind != '$')
            found--;
    } else if (first) {
        while (found && !(s->open[found - 1].kind == kind && s->open[found - 1].indent == s->indent))
            found--;
        if (!found && kind == '{' && (head = headless(s))) {
            missing_opener(s, head->end, at);
            return;
        }
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
    struct diag *d;
    if (top && top->kind != '$' && top->kind != kind && top->line == s->line && !closed_later(s, top, at)) {
        d = syntax_error(s->p, "BG0005", at, "`%c` does not close `%s`",
                         closer_of(kind), name_of(top->kind));
        if (d)
            diag_label(s->p->ds, d, spot(s, top->start, 1), "opened here");
        syntax_help(s->p, d, "write `%c`", closer_of(top->kind));
        diag_edit(s->p->ds, diag_fix(s->p->ds, d, false, "write `%c`", closer_of(top->kind)), at,
                  "%c", closer_of(top->kind));
        vec_push(s->p->arena, &s->mends, (struct mend){s->end, closer_of(top->kind), top->start, NULL});
        s->depth--;
        d = NULL;
    } else {
        d = syntax_error(s->p, "BG0005", at, "this `%c` closes nothing", closer_of(kind));
        syntax_help(s->p, d, "remove it, or add the `%s` that it should close", name_of(kind));
        diag_edit(s->p->ds, diag_fix(s->p->ds, d, false, "remove it"), at, "%s", "");
    }
    drop(s, at, d);
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

/* In the order of the text; what was found first stays first. */
static void sort_mends(struct mend *at, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && at[k].at < at[k - 1].at; k--) {
            struct mend m = at[k];
            at[k] = at[k - 1];
            at[k - 1] = m;
        }
}

void mend_brackets(struct parser *p)
{
    struct scan s = {.p = p};
    struct lexer lx;
    lex_open(&lx, p->arena, p->names, NULL, p->lex.file, p->lex.src);
    bool first = true;
    char last = 0;
    for (;;) {
        struct token t;
        int kind = lex_next(&lx, &t);
        if (kind == T_YYEOF || s.mends.n > SYNTAX_ERRORS_MAX)
            break;
        if (kind == T_NEWLINE && lx.src->text[t.span.start] != ';') {
            if (!first)
                vec_push(p->arena, &s.rows, (struct row){s.indent, s.end, s.depth, last});
            first = true;
            s.line = t.span.end;
            continue;
        }
        if (kind == T_COMMENT)
            continue;
        if (first)
            s.indent = t.span.start - s.line;
        step(&s, kind, t.span, first);
        last = kind < 128 && strchr("{([,", kind) ? (char)kind : 0;
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
    sort_mends(s.mends.at, s.mends.n);
    p->mends = s.mends.at;
    p->nmends = s.mends.n;
}
