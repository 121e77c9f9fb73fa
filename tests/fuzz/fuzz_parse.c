/* fuzz_parse.c - any bytes: parse, print, parse again.
 *
 * What must hold of every input: nothing crashes, a broken file has an error, a
 * sound one is printed to text that is sound, that prints as itself, and that
 * has the same tokens. Whatever does not hold aborts.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined -Isrc -I. \
 *         tests/fuzz/fuzz_parse.c and the sources of base and lang
 *
 * tests/fuzz/run.sh tries all of tests/fuzz/corpus/parse.
 */
#include <stdlib.h>
#include <string.h>

#include "base/render.h"
#include "lang/parse.h"
#include "lang/print.h"
#include "lang/syntax.h"
#include "grammar/parse.tab.h"
#include "fuzz_must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    struct arena *arena;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct file_ast *ast;
    uint32_t file;
};

static void read_text(struct reading *r, struct arena *a, const char *text, size_t len)
{
    r->arena = a;
    sources_init(&r->sources, a);
    diags_init(&r->ds, a, &r->sources);
    intern_init(&r->names, a);
    r->file = sources_add(&r->sources, "input.bg", text, len);
    r->ast = parse_file(a, &r->names, &r->ds, r->file);
}

/* The next token that is no separator of items and no comment. */
static int next_token(struct lexer *lx, struct token *t)
{
    int kind;
    do
        kind = lex_next(lx, t);
    while (kind == T_NEWLINE || kind == ',' || kind == T_COMMENT);
    return kind;
}

static bool same_text(const struct lexer *x, const struct token *t, const struct lexer *y,
                      const struct token *u)
{
    if (t->text && u->text)
        return !strcmp(t->text, u->text);
    size_t n = t->span.end - t->span.start;
    return n == u->span.end - u->span.start &&
           !memcmp(x->src->text + t->span.start, y->src->text + u->span.start, n);
}

static bool same_tokens(struct reading *one, struct reading *two)
{
    struct lexer x, y;
    lex_open(&x, one->arena, &one->names, NULL, one->file, one->sources.files.at[one->file]);
    lex_open(&y, two->arena, &two->names, NULL, two->file, two->sources.files.at[two->file]);
    bool same = true;
    for (int kind = -1; same && kind != T_YYEOF;) {
        struct token t, u;
        kind = next_token(&x, &t);
        same = kind == next_token(&y, &u) && same_text(&x, &t, &y, &u);
    }
    lex_close(&x);
    lex_close(&y);
    return same;
}

static size_t comments(struct reading *r)
{
    struct lexer lx;
    struct token t;
    size_t n = 0;
    lex_open(&lx, r->arena, &r->names, NULL, r->file, r->sources.files.at[r->file]);
    for (int kind; (kind = lex_next(&lx, &t)) != T_YYEOF;)
        n += kind == T_COMMENT;
    lex_close(&lx);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new("fuzz");
    char *text = arena_alloc(a, size + 1);
    memcpy(text, data, size);
    struct reading first, second;
    read_text(&first, a, text, size);
    must(first.ast->broken == (first.ds.errors > 0));
    struct buf shown;
    buf_init(&shown, a);
    render_text(&shown, &first.ds, true);
    if (!first.ast->broken) {
        struct buf once, twice;
        buf_init(&once, a);
        print_file(&once, first.sources.files.at[first.file], first.ast);
        read_text(&second, a, buf_text(&once), once.len);
        must(!second.ast->broken);
        must(same_tokens(&first, &second));
        must(comments(&first) == comments(&second));
        buf_init(&twice, a);
        print_file(&twice, second.sources.files.at[second.file], second.ast);
        must(once.len == twice.len && !memcmp(buf_text(&once), buf_text(&twice), once.len));
    }
    uint32_t again = sources_add(&first.sources, "more.bg", text, size);
    struct arg *bindings;
    parse_bindings(a, &first.names, &first.ds, again, &bindings);
    const struct expr *e = parse_expr(a, &first.names, &first.ds, again);
    if (e)
        must(expr_text(a, e)[0] != '\0');
    arena_free(a);
    return 0;
}
