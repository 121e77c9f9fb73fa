/* Raw tokens become the tokens that the grammar knows: see syntax.h. */
#include <stdarg.h>
#include <string.h>

#include "lang/syntax.h"
#include "grammar/parse.tab.h"

int bglex(BGSTYPE *value, struct span *at, struct parser *p);

struct span lex_span(const struct lexer *lx, size_t start, size_t end)
{
    return (struct span){lx->file, (uint32_t)start, (uint32_t)end};
}

struct diag *lex_error(struct lexer *lx, const char *code, struct span span, const char *fmt, ...)
{
    lx->errors++;
    if (!lx->ds || lx->errors > SYNTAX_ERRORS_MAX)
        return NULL;
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(lx->arena, fmt, ap);
    va_end(ap);
    return diag_error(lx->ds, code, span, "%s", text);
}

void lex_help(struct lexer *lx, struct diag *d, const char *fmt, ...)
{
    if (!d)
        return;
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(lx->arena, fmt, ap);
    va_end(ap);
    diag_help(lx->ds, d, "%s", text);
}

void lex_mend(struct lexer *lx, struct diag *d, bool certain, struct span span, const char *text)
{
    if (!d)
        return;
    const char *said = text + strspn(text, " ");
    int n = (int)strlen(said), old = (int)(span.end - span.start > 40 ? 40 : span.end - span.start);
    const char *was = lx->src->text + span.start;
    while (n && said[n - 1] == ' ')
        n--;
    while (old && *was == ' ')
        was++, old--;
    struct diag_fix *f = !old ? diag_fix(lx->ds, d, certain, "insert `%.*s`", n, said)
                         : n  ? diag_fix(lx->ds, d, certain, "change `%.*s` to `%.*s`", old, was, n, said)
                              : diag_fix(lx->ds, d, certain, "remove `%.*s`", old, was);
    diag_edit(lx->ds, f, span, "%s", text);
}

struct diag *syntax_error(struct parser *p, const char *code, struct span span, const char *fmt, ...)
{
    if (p->fatal)
        return NULL;
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(p->arena, fmt, ap);
    va_end(ap);
    return lex_error(&p->lex, code, span, "%s", text);
}

void syntax_help(struct parser *p, struct diag *d, const char *fmt, ...)
{
    if (!d)
        return;
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(p->arena, fmt, ap);
    va_end(ap);
    diag_help(p->ds, d, "%s", text);
}

void too_deep(struct parser *p, struct span at)
{
    if (p->fatal)
        return;
    at.end = at.end > at.start + 1 ? at.start + 1 : at.end;
    struct diag *d = syntax_error(p, "BG0014", at, "this is nested too deep");
    syntax_help(p, d, "at most %d brackets may be open, and an expression has at most %d levels",
                NEST_MAX, TREE_MAX);
    p->fatal = true;
}

static uint32_t line_start(const struct parser *p, uint32_t at)
{
    const char *s = p->lex.src->text;
    while (at && s[at - 1] != '\n')
        at--;
    return at;
}

/* The depth at which the items of the innermost braces stand. */
static size_t item_depth(const struct parser *p, size_t depth)
{
    while (depth && p->open[depth - 1].kind != '{')
        depth--;
    return depth;
}

void panic_begin(struct parser *p, int kind, struct span at)
{
    if (kind == T_NEWLINE || kind == '}' || kind == T_YYEOF)
        return; /* the item ends here */
    size_t depth = p->depth;
    if (kind == '{' || kind == '(' || kind == '[' || kind == T_HEAD)
        depth--;
    p->panic = true;
    p->panic_depth = item_depth(p, depth);
    /* A quote too many shifts all strings of its line: one message is enough. */
    const char *end = memchr(p->lex.src->text + at.start, '\n', p->lex.src->len - at.start);
    p->lex.hush = end ? (uint32_t)(end - p->lex.src->text) : (uint32_t)p->lex.src->len;
    p->panic_comma = p->panic_depth &&
                     p->open[p->panic_depth - 1].start >= line_start(p, at.start);
}

void panic_end(struct parser *p)
{
    p->panic = false;
}

static bool ends_item(int kind)
{
    switch (kind) {
    case T_STRING: case T_REGEX: case T_INT: case T_NUMBER: case T_DURATION: case T_PERCENT:
    case T_SIZE: case T_RATE: case T_CIDR: case T_TAIL: case T_TRUE: case T_FALSE: case T_NONE:
    case ')': case ']': case '}': case '?':
        return true;
    case T_IF: case T_THEN: case T_ELSE: case T_FOR: case T_IN: case T_AND: case T_OR: case T_NOT:
        return false;
    default:
        return kind == T_NAME || kind >= T_KW_STACK;
    }
}

/* ---- doc comments ------------------------------------------------------- */

static void doc_lost(struct parser *p)
{
    if (!p->doc_span.file)
        return;
    if (p->ds && !p->panic) {
        struct diag *d = diag_warn(p->ds, "BG0021", p->doc_span, "this doc comment documents nothing");
        diag_help(p->ds, d, "`##` stands on the lines before a declaration or a field; "
                            "an ordinary comment begins with `#`");
    }
    p->doc_span = NO_SPAN;
}

static void doc_add(struct parser *p, struct span at)
{
    const char *s = p->lex.src->text + at.start;
    size_t n = at.end - at.start;
    if (n < 2 || s[1] != '#' || (n > 2 && s[2] == '#'))
        return;
    uint32_t line = line_start(p, at.start);
    for (uint32_t i = line; i < at.start; i++)
        if (p->lex.src->text[i] != ' ' && p->lex.src->text[i] != '\t') {
            struct span old = p->doc_span;
            p->doc_span = at;
            doc_lost(p);
            p->doc_span = old;
            return;
        }
    /* It goes on where nothing but a line end stands between. */
    bool goes_on = p->doc_span.file;
    int ends = 0;
    for (uint32_t i = p->doc_span.end; goes_on && i < at.start; i++)
        ends += p->lex.src->text[i] == '\n';
    if (!goes_on || ends > 1) {
        buf_init(&p->doc, p->arena);
        p->doc_span = at;
    } else {
        buf_putc(&p->doc, '\n');
        p->doc_span.end = at.end;
    }
    s += 2, n -= 2;
    if (n && *s == ' ')
        s++, n--;
    while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
        n--;
    buf_put(&p->doc, s, n);
}

/* ---- the stream --------------------------------------------------------- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t word_length(const char *s)
{
    size_t n = 0;
    while (is_name_char(s[n]))
        n++;
    return n;
}

static bool is_decl_word(const char *s, size_t n)
{
    for (size_t i = 0; i < keywords_decl_n; i++)
        if (strlen(keywords_decl[i]) == n && !memcmp(keywords_decl[i], s, n))
            return true;
    return false;
}

/* Whether the line that begins at `s`, or the next one that is not empty, begins an
 * item: `name =`, or the word of a declaration and a name. No value goes on like that,
 * so the line before it has ended, whatever it lacks. But a path or a type may stand
 * before a `=`. */
static bool begins_item(const char *s, int last)
{
    s += strspn(s, " \t\r\n");
    while (*s == '#') {
        s += strcspn(s, "\n");
        s += strspn(s, " \t\r\n");
    }
    size_t n = word_length(s), blanks = strspn(s + n, " \t");
    const char *word = s;
    s += n + blanks;
    if (n && *s == '=' && s[1] != '=' && s[1] != '>')
        return (*word < '0' || *word > '9') && last != '.' && last != ':' && last != '|';
    if (!blanks || !is_decl_word(word, n))
        return false;
    n = word_length(s);
    bool pattern = n == 1 && *s == 'r' && s[1] == '"'; /* stands behind a type */
    return *s == '"' || (n && !pattern && (*s < '0' || *s > '9') && keyword_find(s, n) == T_NAME);
}

/* The next raw token, with the repairs of mend.c applied. */
static int next_mended(struct parser *p, struct token *t)
{
    if (p->held.has) {
        p->held.has = false;
        *t = p->held.token;
        return p->held.kind;
    }
    int kind;
    if (p->behind.has) {
        p->behind.has = false;
        *t = p->behind.token;
        kind = p->behind.kind;
    } else {
        kind = lex_next(&p->lex, t);
    }
    if (p->lex.errors > SYNTAX_ERRORS_MAX || p->lex.binary) {
        p->fatal = true;
        return T_YYEOF;
    }
    while (p->mended < p->nmends && t->span.start >= p->mends[p->mended].at) {
        const struct mend *m = &p->mends[p->mended++];
        if (m->put) {
            p->behind = (struct held){true, kind, *t};
            *t = (struct token){.span = lex_span(&p->lex, m->at, m->at)};
            return m->put;
        }
        kind = lex_next(&p->lex, t); /* dropped */
    }
    return kind;
}

/* Keeps p->open right; false when the brackets do not balance or are too many. */
static bool track(struct parser *p, int kind, struct span at)
{
    char want = 0;
    switch (kind) {
    case '{': case '(': case '[': case T_HEAD:
        if (p->depth == NEST_MAX) {
            too_deep(p, at);
            return false;
        }
        p->open[p->depth++] = (struct bracket){kind == T_HEAD ? '$' : (char)kind, at.start};
        return true;
    case '}': want = '{'; break;
    case ')': want = '('; break;
    case ']': want = '['; break;
    case T_TAIL: case T_MIDDLE: want = '$'; break;
    case T_YYEOF:
        if (p->depth)
            p->unbalanced = true;
        return !p->depth;
    default:
        return true;
    }
    if (!p->depth || p->open[p->depth - 1].kind != want) {
        p->unbalanced = true;
        return false;
    }
    if (kind != T_MIDDLE)
        p->depth--;
    return true;
}

static int give(struct parser *p, int kind, const struct token *t)
{
    p->last[2] = p->last[1];
    p->last[1] = p->last[0];
    p->last[0] = (struct seen){kind, t->span};
    return kind;
}

static bool in_items(const struct parser *p)
{
    return !p->depth || p->open[p->depth - 1].kind == '{';
}

/* Whether an error's skipping ends at this token. */
static bool panic_ends(const struct parser *p, int kind)
{
    if (kind == T_NEWLINE)
        return p->depth == p->panic_depth;
    if (kind == T_ITEM_COMMA)
        return p->depth == p->panic_depth && p->panic_comma;
    if (kind == '}')
        return p->depth + 1 == p->panic_depth;
    return kind == T_YYEOF;
}

static bool is_start(int kind)
{
    return kind == T_START_FILE || kind == T_START_EXPR || kind == T_START_BINDINGS;
}

static int next(struct parser *p, struct token *t)
{
    for (;;) {
        int kind = next_mended(p, t);
        int last = p->skipped ? p->skipped : p->last[0].kind;
        if (p->fatal)
            return T_YYEOF;
        switch (kind) {
        case T_COMMENT:
            doc_add(p, t->span);
            continue;
        case T_NEWLINE:
            if (!in_items(p))
                continue;
            if (!ends_item(last) && !p->panic &&
                (!last || last == '{' || last == T_NEWLINE || last == T_ITEM_COMMA || is_start(last) ||
                 !begins_item(p->lex.src->text + t->span.end, last)))
                continue;
            break;
        case T_BGerror:
            if (p->panic)
                continue;
            panic_begin(p, T_NAME, t->span);
            return kind;
        case ',':
            if (in_items(p))
                kind = T_ITEM_COMMA;
            break;
        case T_KW_CREATE: case T_KW_UPDATE: case T_KW_DELETE:
            if (last == T_KW_WAIT)
                kind = T_WAIT_VERB;
            break;
        case '}':
        case T_YYEOF:
            doc_lost(p);
            if (in_items(p) && !p->panic && /* the last item's end */
                (ends_item(last) || (kind == T_YYEOF && last != T_NEWLINE && last != T_ITEM_COMMA && last))) {
                p->held = (struct held){true, kind, *t};
                *t = (struct token){.span = {t->span.file, t->span.start, t->span.start}};
                return T_NEWLINE;
            }
            break;
        default:
            break;
        }
        if (p->doc_span.file && kind != T_NEWLINE) {
            t->doc = arena_strdup(p->arena, buf_text(&p->doc));
            p->doc_span = NO_SPAN;
        }
        if (!track(p, kind, t->span))
            return T_YYEOF;
        if (!p->panic)
            return kind;
        p->skipped = kind;
        if (panic_ends(p, kind))
            return kind;
    }
}

int bglex(BGSTYPE *value, struct span *at, struct parser *p)
{
    struct token *t = &value->tok;
    static const int starts[] = {
        [PARSE_FILE] = T_START_FILE,
        [PARSE_EXPR] = T_START_EXPR,
        [PARSE_BINDINGS] = T_START_BINDINGS,
    };
    if (!p->started) {
        p->started = true;
        *at = lex_span(&p->lex, 0, 0);
        return starts[p->start];
    }
    *t = (struct token){0};
    int kind = p->fatal || p->unbalanced ? T_YYEOF : next(p, t);
    p->skipped = 0;
    if (!t->span.file)
        t->span = lex_span(&p->lex, p->lex.src->len, p->lex.src->len);
    *at = t->span;
    return give(p, kind, t);
}
