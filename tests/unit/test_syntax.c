/* Text to tree and back. Goldens are in tests/syntax: NAME.bg with NAME.err, the
 * diagnostics, or with NAME.fmt, its canonical form. */
#include "test.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/render.h"
#include "lang/parse.h"
#include "lang/print.h"

#include "../fuzz/fuzz_parse.c"

static const char *source_dir(void)
{
    const char *dir = getenv("SRCDIR");
    return dir ? dir : ".";
}

static int setup(void **state)
{
    *state = arena_new("test");
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void read_named(struct reading *r, struct arena *a, const char *name, const char *text,
                       size_t len)
{
    read_text(r, a, text, len);
    r->sources.files.at[r->file]->path = name;
}

static const struct decl *parse_one(struct reading *r, struct arena *a, const char *text)
{
    read_text(r, a, text, strlen(text));
    assert_false(r->ast->broken);
    assert_non_null(r->ast->decls);
    return r->ast->decls;
}

/* ---- files --------------------------------------------------------------- */

static int is_visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

/* Calls `use` with every file below a folder, in order of names. */
static void each_file(struct arena *a, const char *dir, const char *ext,
                      void (*use)(struct arena *a, const char *path))
{
    struct dirent **list;
    int n = scandir(arena_printf(a, "%s/%s", source_dir(), dir), &list, is_visible, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = arena_printf(a, "%s/%s", dir, list[i]->d_name);
        size_t len = strlen(name), m = strlen(ext);
        if (list[i]->d_type == DT_DIR)
            each_file(a, name, ext, use);
        else if (len > m && !strcmp(name + len - m, ext))
            use(a, name);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
}

static const char *read_source(struct arena *a, const char *name, size_t *len)
{
    const char *text, *error;
    if (!file_read(a, arena_printf(a, "%s/%s", source_dir(), name), &text, len, &error))
        return NULL;
    return text;
}

static void compare(struct arena *a, const char *name, const char *ext, const char *text)
{
    const char *path = arena_printf(a, "%.*s.%s", (int)strlen(name) - 3, name, ext), *error;
    size_t len;
    if (getenv("BLESS")) {
        if (!file_write_atomic(a, arena_printf(a, "%s/%s", source_dir(), path), text, strlen(text), 0,
                               &error))
            fail_msg("%s: %s", path, error);
        return;
    }
    const char *want = read_source(a, path, &len);
    if (!want)
        fail_msg("%s is missing (BLESS=1 writes it)", path);
    else if (strcmp(want, text))
        fail_msg("%s differs:\n%s", path, text);
}

static void check_golden(struct arena *a, const char *name)
{
    size_t len;
    const char *text = read_source(a, name, &len);
    assert_non_null(text);
    struct reading r;
    read_named(&r, a, name, text, len);
    struct buf b;
    buf_init(&b, a);
    if (r.ds.all.n) {
        render_text(&b, &r.ds, false);
        compare(a, name, "err", buf_text(&b));
    } else {
        print_file(&b, r.sources.files.at[r.file], r.ast);
        compare(a, name, "fmt", buf_text(&b));
    }
}

static void goldens(void **state)
{
    each_file(*state, "tests/syntax", ".bg", check_golden);
}

/* Everything that the fuzzer asks of an input holds of every file here. */
static void check_laws(struct arena *a, const char *name)
{
    size_t len;
    const char *text = read_source(a, name, &len);
    assert_non_null(text);
    LLVMFuzzerTestOneInput((const uint8_t *)text, len);
}

static void printing_keeps_every_file(void **state)
{
    each_file(*state, "examples", ".bg", check_laws);
    each_file(*state, "stdlib", ".bg", check_laws);
    each_file(*state, "tests", ".bg", check_laws);
    each_file(*state, "tests/fuzz/corpus/parse", "", check_laws);
}

static void check_sound(struct arena *a, const char *name)
{
    size_t len;
    const char *text = read_source(a, name, &len);
    assert_non_null(text);
    struct reading r;
    read_named(&r, a, name, text, len);
    if (r.ast->broken && !strstr(name, "/env/"))
        fail_msg("%s has syntax errors", name);
}

static void what_ships_is_sound(void **state)
{
    each_file(*state, "examples", ".bg", check_sound);
    each_file(*state, "stdlib", ".bg", check_sound);
}

static void the_shop_is_in_canonical_form(void **state)
{
    struct arena *a = *state;
    size_t len;
    const char *text = read_source(a, "examples/shop/shop.bg", &len);
    assert_non_null(text);
    struct reading r;
    read_text(&r, a, text, len);
    struct buf b;
    buf_init(&b, a);
    print_file(&b, r.sources.files.at[r.file], r.ast);
    assert_string_equal(buf_text(&b), text);
}

/* ---- trees --------------------------------------------------------------- */

static void expressions_print_with_the_fewest_parentheses(void **state)
{
    static const char *const same[] = {
        "a + b * c", "(a + b) * c", "a - (b - c)", "a - b - c", "not (a or b) and c", "-a.b", "-(a + b)",
        "a ?? b ?? c", "(a ?? b) ?? c", "if a then b else c", "(if a then b else c) + 1", "1..n * 2",
        "[for x in xs if x > 1: x * 2]", "{for k, v in m: k => v}", "{ a = 1, b = [1, 2] }",
        "{ \"a\" => 1 }", "f(a, by = 1, x => x.y == \"z\")", "a[0].b[\"c\"]", "\"a${b.c}d$${e}\\n\\\"\"",
        "r\"^a\\.b\"", "10.0.0.0/16", "::/0", "200/s", "0.5%", "250ms", "20GiB", "none", "{}", "[]",
        "(a == b) == c", "a.b.c(d)[e]", "\"\"",
    };
    static const char *const changed[][2] = {
        {"((a))", "a"}, {"(a * b) + c", "a * b + c"}, {"f(\n  a,\n  b,\n)", "f(a, b)"},
        {"{ a = 1,\n b = 2 }", "{ a = 1, b = 2 }"}, {"\"\\u{e9}\"", "\"\xc3\xa9\""},
    };
    struct arena *a = *state;
    for (size_t i = 0; i < sizeof same / sizeof *same + sizeof changed / sizeof *changed; i++) {
        size_t k = i - sizeof same / sizeof *same;
        const char *text = i < sizeof same / sizeof *same ? same[i] : changed[k][0];
        const char *want = i < sizeof same / sizeof *same ? same[i] : changed[k][1];
        struct reading r;
        read_text(&r, a, "", 0);
        uint32_t file = sources_add(&r.sources, "e.bg", text, strlen(text));
        const struct expr *e = parse_expr(a, &r.names, &r.ds, file);
        if (!e)
            fail_msg("%s has errors", text);
        assert_string_equal(expr_text(a, e), want);
    }
}

static const struct value *literal_of(struct arena *a, const char *text)
{
    struct reading r;
    const struct decl *d = parse_one(&r, a, arena_printf(a, "let x = %s\n", text));
    assert_int_equal(d->value->kind, EXPR_LITERAL);
    return d->value->literal;
}

static void literals_have_their_values(void **state)
{
    struct arena *a = *state;
    assert_int_equal(literal_of(a, "9223372036854775807")->i, INT64_MAX);
    assert_int_equal(literal_of(a, "7d")->i, 7 * 86400000LL);
    assert_int_equal(literal_of(a, "20GiB")->i, 20LL << 30);
    const struct value *rate = literal_of(a, "0.1/m");
    assert_int_equal(rate->rate.count.m, 1);
    assert_int_equal(rate->rate.count.scale, 1);
    assert_int_equal(rate->rate.per, 60000);
    assert_string_equal(literal_of(a, "2001:0DB8:0:0:0:0:0:0/32")->s, "2001:db8::/32");
    assert_string_equal(literal_of(a, "r\"a\\\"b\\.\"")->s, "a\\\"b\\.");
}

static void a_rate_ends_at_a_word(void **state)
{
    struct reading r;
    const struct decl *d = parse_one(&r, *state, "let x = 200/size\n");
    assert_int_equal(d->value->kind, EXPR_BINARY);
    assert_int_equal(d->value->op, OP_DIV);
    assert_string_equal(d->value->b->name.text, "size");
}

static void blocks_of_text_lose_their_indentation(void **state)
{
    struct arena *a = *state;
    assert_string_equal(literal_of(a, "\"\"\"\n    one\n      two\n\n    three\n    \"\"\"")->s,
                        "one\n  two\n\nthree\n");
    assert_string_equal(literal_of(a, "\"\"\"\r\n  one\r\n  two\"\"\"")->s, "one\ntwo");
    assert_string_equal(literal_of(a, "\"\"\"say \"hi\" \\t\"\"\"")->s, "say \"hi\" \t");
    assert_string_equal(literal_of(a, "\"\"\"\n  \"\"\"")->s, "");
    struct reading r;
    const struct decl *d = parse_one(&r, a, "let x = \"\"\"\n  a=${b}\n    c\n  \"\"\"\n");
    assert_int_equal(d->value->kind, EXPR_TEMPLATE);
    assert_string_equal(d->value->parts->text, "a=");
    assert_string_equal(d->value->parts->next->expr->name.text, "b");
    assert_string_equal(d->value->parts->next->next->text, "\n  c\n");
}

static void interpolations_nest(void **state)
{
    struct reading r;
    const struct decl *d = parse_one(&r, *state, "let x = \"a${f({ b = \"c${d}e\" })}g\"\n");
    assert_string_equal(expr_text(*state, d->value), "\"a${f({ b = \"c${d}e\" })}g\"");
}

static void doc_comments_go_to_what_follows(void **state)
{
    struct reading r;
    const struct decl *d = parse_one(&r, *state,
                                     "## far away\n\n## One.\n##   Two.\n# plain\ninput a: int\n"
                                     "let b = {\n  ## Three.\n  c = 1\n}\n"
                                     "type t.u {\n  ## Four.\n  fixed f: int\n}\n");
    assert_string_equal(d->doc, "One.\n  Two.");
    assert_null(d->next->doc);
    assert_string_equal(d->next->value->args->doc, "Three.");
    assert_string_equal(d->next->next->items->doc, "Four.");
    assert_int_equal(r.ds.warnings, 0);
}

static void keywords_are_names_where_none_can_stand(void **state)
{
    struct reading r;
    const struct decl *d = parse_one(
        &r, *state,
        "let when = world.live + load(set, map = 1)[at].keep\n"
        "shared {\n  resource resource: type.stack when within { in_ = 1, when = every, type = type }\n}\n");
    assert_string_equal(d->name.text, "when");
    const struct decl *res = d->next->body;
    assert_string_equal(res->name.text, "resource");
    assert_string_equal(res->path, "type.stack");
    assert_string_equal(res->when->name.text, "within");
    assert_string_equal(res->fields->next->next->name.text, "type");
}

static void line_ends_and_tabs_of_any_kind(void **state)
{
    struct reading r;
    const struct decl *d = parse_one(
        &r, *state, "\xef\xbb\xbfstack s {\r\n\tregion = \"r\",\r\n\taccount = \"1\"\r\n}\r\nlet a = (1 +\r\n 2)");
    assert_int_equal(d->kind, DECL_STACK);
    assert_string_equal(d->fields->next->name.text, "account");
    assert_int_equal(d->next->value->op, OP_ADD);
}

static void bindings_have_addresses_for_names(void **state)
{
    struct reading r;
    read_text(&r, *state, "", 0);
    const char *text = "env = \"stage\"\nshared.image = \"ami-1\" # x\nweb.a[\"k\"] = 3";
    struct arg *b;
    assert_true(parse_bindings(*state, &r.names, &r.ds, sources_add(&r.sources, "b", text, strlen(text)),
                               &b));
    assert_string_equal(b->name.text, "env");
    assert_string_equal(b->next->name.text, "shared.image");
    assert_string_equal(b->next->next->name.text, "web.a[\"k\"]");
    assert_null(b->next->next->next);
}

static void a_call_of_a_type(void **state)
{
    struct reading r;
    const struct decl *d = parse_one(
        &r, *state,
        "type a.b {\n"
        "  before delete X { A = id, B = [1] } -> L[].M[0].T{Key = \"k\"}.V{Id = id} absent E.F, \"G*\" "
        "retry H r\"x\" for 2m, I for 5s where it.s != \"d\" batch 7 token Tok\n"
        "  update a, b Y {}\n}\n");
    const struct type_item *i = d->items;
    assert_string_equal(i->name.text, "before_delete");
    assert_string_equal(i->operation.text, "X");
    assert_string_equal(i->bindings->next->name.text, "B");
    const struct wire_step *s = i->result->steps;
    assert_true(s->each);
    assert_true(s->next->indexed);
    assert_string_equal(s->next->next->key_value, "k");
    assert_true(s->next->next->next->key_bound);
    assert_int_equal(i->absent.n, 2);
    assert_string_equal(i->absent.at[0], "E.F");
    assert_string_equal(i->retries->pattern, "x");
    assert_int_equal(i->retries->next->budget, 5000);
    assert_int_equal(i->batch, 7);
    assert_string_equal(i->token, "Tok");
}

/* ---- hostile inputs ------------------------------------------------------ */

static void hostile(struct arena *a, const char *head, const char *again, size_t times,
                    const char *tail)
{
    struct buf b;
    buf_init(&b, a);
    buf_puts(&b, head);
    for (size_t i = 0; i < times; i++)
        buf_puts(&b, again);
    buf_puts(&b, tail);
    LLVMFuzzerTestOneInput((const uint8_t *)buf_text(&b), b.len);
}

static void hostile_inputs_end_quickly(void **state)
{
    static const struct {
        const char *head, *again, *tail;
    } inputs[] = {
        {"", "(", ""}, {"let x = ", "(", ""}, {"", "shared {\n", ""}, {"let x = ", "a", "\n"},
        {"let x = ", "a + ", "1\n"}, {"let x = ", "not ", "1\n"}, {"let x = ", "a.", "b\n"},
        {"", ")", ""}, {"let x = \"", "${\"", ""}, {"moved ", "a.", "b -> c\n"},
        {"input x: ", "set ", "int\n"}, {"input x: ", "\"a\" | ", "\"b\"\n"}, {"let x = [", "1, ", "2]\n"},
        {"", "'", ""}, {"", "\"", ""}, {"let x = \"\"\"", "${\"\"\"", ""}, {"let x = f", "(1)", "\n"},
        {"let x = ", "if a then ", ""}, {"type a.b {\n create A {} -> ", "a.", "b\n}\n"},
        {"let x = ", "a ?? ", "b\n"}, {"let x = ", "{a = ", ""}, {"let x = ", "f(x => ", ""},
        {"let x = \"", "${a}", "\"\n"}, {"let x = ", "- ", "1\n"}, {"", "##", "\n"}, {"", "## x\n", ""},
        {"let x = ", "1.", "\n"}, {"let x = ", ":", "\n"}, {"let x = ", "a:", "\n"}, {"", "/*", "\n"},
        {"", "}\n", ""}, {"", "\xe2\x80\xae", ""}, {"", "\xff", ""}, {"let x = \"", "\\q", "\"\n"},
    };
    struct arena *a = *state;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        hostile(a, inputs[i].head, inputs[i].again, 100000, inputs[i].tail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goldens),
        cmocka_unit_test(printing_keeps_every_file),
        cmocka_unit_test(what_ships_is_sound),
        cmocka_unit_test(the_shop_is_in_canonical_form),
        cmocka_unit_test(expressions_print_with_the_fewest_parentheses),
        cmocka_unit_test(literals_have_their_values),
        cmocka_unit_test(a_rate_ends_at_a_word),
        cmocka_unit_test(blocks_of_text_lose_their_indentation),
        cmocka_unit_test(interpolations_nest),
        cmocka_unit_test(doc_comments_go_to_what_follows),
        cmocka_unit_test(keywords_are_names_where_none_can_stand),
        cmocka_unit_test(line_ends_and_tabs_of_any_kind),
        cmocka_unit_test(bindings_have_addresses_for_names),
        cmocka_unit_test(a_call_of_a_type),
        cmocka_unit_test(hostile_inputs_end_quickly),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
