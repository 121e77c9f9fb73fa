/* fuzz_lex.c - any bytes, cut into tokens.
 *
 * What must hold of every input: it comes to an end and stays there; tokens stand in
 * the order of the text and do not overlap; with nothing reported, only blanks lie
 * between them, so that together they cover the text; and reading without reporting
 * finds the same tokens and the same number of errors. See README.md for how to run it.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz_must.h"
#include "grammar/parse.tab.h"
#include "lang/syntax.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen_token {
    int kind;
    struct span span;
    const char *text;
};

struct reading {
    VEC(struct seen_token) tokens;
    size_t errors;
};

static struct reading cut(struct arena *a, struct intern *names, struct diags *ds,
                          const struct source *src, uint32_t file)
{
    struct reading r = {0};
    struct lexer lx;
    lex_open(&lx, a, names, ds, file, src);
    for (struct token t = {0};; t = (struct token){0}) {
        int kind = lex_next(&lx, &t);
        if (kind == T_YYEOF)
            break;
        /* a mistake may give an empty token besides, but no more than one for each byte */
        must(r.tokens.n <= 2 * src->len + 2);
        vec_push(a, &r.tokens, (struct seen_token){kind, t.span, t.text});
    }
    for (int again = 0; again < 3; again++) {
        struct token t = {0};
        must(lex_next(&lx, &t) == T_YYEOF);
    }
    r.errors = lx.errors;
    lex_close(&lx);
    return r;
}

static bool blank(const char *s, size_t n)
{
    if (n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)) { /* a byte order mark */
        s += 3;
        n -= 3;
    }
    for (size_t i = 0; i < n; i++)
        if (s[i] != ' ' && s[i] != '\t')
            return false;
    return true;
}

static void in_order(const struct reading *r, const struct source *src)
{
    size_t at = 0;
    for (size_t i = 0; i < r->tokens.n; i++) {
        struct span s = r->tokens.at[i].span;
        must(s.start >= at && s.end >= s.start && s.end <= src->len);
        if (!r->errors) {
            must(s.end > s.start);
            must(blank(src->text + at, s.start - at));
        }
        at = s.end;
    }
    must(r->errors || blank(src->text + at, src->len - at));
}

static bool same(const struct reading *x, const struct reading *y)
{
    if (x->tokens.n != y->tokens.n || x->errors != y->errors)
        return false;
    for (size_t i = 0; i < x->tokens.n; i++) {
        const struct seen_token *t = &x->tokens.at[i], *u = &y->tokens.at[i];
        if (t->kind != u->kind || t->span.start != u->span.start || t->span.end != u->span.end ||
            !t->text != !u->text || (t->text && strcmp(t->text, u->text) != 0))
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new("fuzz");
    struct sources sources;
    struct diags ds;
    struct intern names;
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    intern_init(&names, a);
    char *text = arena_strndup(a, (const char *)data, size);
    uint32_t file = sources_add(&sources, "input.bg", text, size);
    const struct source *src = sources.files.at[file];
    struct reading loud = cut(a, &names, &ds, src, file);
    must((loud.errors > 0) == (ds.errors > 0));
    in_order(&loud, src);
    struct reading silent = cut(a, &names, NULL, src, file);
    must(same(&loud, &silent));
    arena_free(a);
    return 0;
}
