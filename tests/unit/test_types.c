#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "lang/check.h"
#include "lang/parse.h"

/* A program from text, and the diagnostics of whatever is done with it. */
struct session {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *p;
};

static struct session *session(struct arena *a, const char *path, const char *text)
{
    struct session *s = arena_make(a, struct session);
    s->a = a;
    sources_init(&s->sources, a);
    diags_init(&s->ds, a, &s->sources);
    intern_init(&s->names, a);
    s->p = path ? program_load(a, &s->names, &s->ds, path, text)
                : program_stdlib(a, &s->names, &s->ds);
    return s;
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

static bool reported(const struct session *s, const char *code)
{
    for (size_t i = 0; i < s->ds.all.n; i++)
        if (!strcmp(s->ds.all.at[i]->code, code))
            return true;
    return false;
}

/* The type of `input t: TEXT`. */
static const struct type *type_in(struct session *s, const char *text)
{
    const char *whole = arena_printf(s->a, "input t: %s\n", text);
    uint32_t file = sources_add(&s->sources, "type.bg", whole, strlen(whole));
    struct file_ast *f = parse_file(s->a, &s->names, &s->ds, file);
    assert_non_null(f->decls);
    return type_resolve(s->p, s->p->root, f->decls->type);
}

/* ---- assignability --------------------------------------------------- */

static void what_accepts_what(void **state)
{
    static const struct {
        const char *want, *have;
        bool yes;
    } rows[] = {
        {"int", "1..50", true},
        {"1..50", "int", true}, /* checked when it is known */
        {"1..50", "60..70", false},
        {"number", "int", true},
        {"int", "number", false},
        {"string", "\"dev\"", true},
        {"\"dev\" | \"prod\"", "\"dev\"", true},
        {"\"dev\" | \"prod\"", "\"test\"", false},
        {"\"dev\" | \"prod\"", "string", false},
        {"string", "\"dev\" | \"prod\"", true},
        {"string r\"^ami-\"", "\"ami-1\"", true},
        {"string r\"^ami-\"", "\"xami-1\"", false},
        {"string(1..3)", "\"\"", false},
        {"string(1..3)", "\"äöü\"", true}, /* characters, not bytes */
        {"string r\"^ami-\"", "string", true},
        {"duration", "int", false},
        {"int", "duration", false},
        {"percent", "number", false},
        {"string?", "string", true},
        {"string", "string?", false},
        {"set string", "[string]", true},
        {"[string]", "set string", false},
        {"[number]", "[int]", true},
        {"map int", "{ a: int, b: int }", true},
        {"map int", "{ a: int, b: string }", false},
        {"{ a: int, b: int = 1 }", "{ a: int }", true},
        {"{ a: int, b: int? }", "{ a: int }", true},
        {"{ a: int, b: int }", "{ a: int }", false},
        {"{ a: int }", "{ a: int, b: int }", false},
        {"ref ec2.vpc", "ref ec2.vpc", true},
        {"ref ec2.vpc", "ref ec2.subnet", false},
        {"string", "ref ec2.vpc", false},
        {"ref ec2.vpc", "string", false},
        {"cidr | ref ec2.security_group", "ref ec2.security_group", true},
        {"port_number | range port_number", "range int", true},
        {"string", "cidr", false},
        {"secret string", "string", true},
        {"string", "secret string", true}, /* values know that they are secret */
        {"range int", "int", false},
    };
    struct session *s = session(*state, NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct type *want = type_in(s, rows[i].want), *have = type_in(s, rows[i].have);
        if (s->ds.errors)
            fail_msg("%s, %s: %s", rows[i].want, rows[i].have, s->ds.all.at[0]->message);
        if (type_accepts(want, have) != rows[i].yes)
            fail_msg("%s <- %s should be %d", rows[i].want, rows[i].have, rows[i].yes);
        /* what is said of a type can be read back, and is the same type */
        const struct type *again = type_in(s, type_text(s->a, want));
        if (!type_equal(want, again))
            fail_msg("%s reads back as %s", rows[i].want, type_text(s->a, again));
    }
}

static void types_have_a_join(void **state)
{
    static const struct {
        const char *x, *y, *both; /* NULL: they have none */
    } rows[] = {
        {"int", "number", "number"},
        {"1..5", "3..9", "1..9"},
        {"\"a\"", "\"b\"", "\"a\" | \"b\""},
        {"\"a\"", "string", "string"},
        {"[int]", "[number]", "[number]"},
        {"int", "int?", "int?"},
        {"int", "string", NULL},
        {"duration", "int", NULL},
        {"ref ec2.vpc", "ref ec2.subnet", NULL},
        {"{ a: 1..1 }", "{ a: 2..2 }", "{ a: 1..2 }"},
    };
    struct session *s = session(*state, NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct type *x = type_in(s, rows[i].x), *y = type_in(s, rows[i].y);
        const struct type *xy = type_join(s->a, x, y), *yx = type_join(s->a, y, x);
        if (!rows[i].both) {
            assert_null(xy);
            assert_null(yx);
            continue;
        }
        assert_string_equal(type_text(s->a, xy), rows[i].both);
        assert_true(type_equal(xy, yx));
        assert_true(type_accepts(xy, x) && type_accepts(xy, y));
    }
}

static void wrong_types_are_reported(void **state)
{
    static const char *const rows[][2] = {
        {"strnig", "BG1006"},
        {"ec2.vcp", "BG1006"},
        {"ec2.vpc", "BG1009"},
        {"ref ec2.sg_rule", "BG1009"},
        {"ref ec2.vcp", "BG1006"},
        {"string r\"(\"", "BG1008"},
        {"{ a: int, a: int }", "BG1002"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct session *s = session(*state, NULL, NULL);
        type_in(s, rows[i][0]);
        if (!reported(s, rows[i][1]) || s->ds.errors != 1)
            fail_msg("%s: wanted one %s, found %zu: %s", rows[i][0], rows[i][1], s->ds.errors,
                     s->ds.errors ? s->ds.all.at[0]->message : "");
    }
}

/* ---- values ---------------------------------------------------------- */

static struct value *coerced(struct session *s, const char *type, struct value *v)
{
    return type_coerce(s->p, s->a, type_in(s, type), v, "field");
}

static void values_take_their_type(void **state)
{
    struct session *s = session(*state, NULL, NULL);
    struct arena *a = s->a;
    struct value *list[] = {value_int(a, 3), value_int(a, 1), value_int(a, 3)};
    struct value *v = coerced(s, "set int", value_list(a, list, 3));
    assert_int_equal(v->kind, V_SET);
    assert_int_equal(v->list.n, 2);
    assert_int_equal(coerced(s, "number", value_int(a, 3))->kind, V_NUMBER);
    struct value *record = value_map(a);
    value_put(record, "a", value_int(a, 1));
    v = coerced(s, "{ a: int, b: string = \"x\", c: int? }", record);
    assert_string_equal(value_get_string(v, "b"), "x");
    assert_null(value_get(v, "c"));
    v = coerced(s, "secret string", value_string(a, "hush"));
    assert_true(v->secret);
    /* what is not known yet passes */
    v = value_ref(a, "web.alb", NULL, "dns");
    assert_ptr_equal(coerced(s, "string r\"^x\"", v), v);
    assert_int_equal(s->ds.errors, 0);
}

static void values_are_refused(void **state)
{
    struct arena *a = *state;
    struct value *record = value_map(a), *empty = value_map(a);
    value_put(record, "a", value_int(a, 1));
    value_put(record, "z", value_int(a, 1));
    const struct {
        const char *type;
        struct value *v;
        const char *code;
    } rows[] = {
        {"int", value_string(a, "x"), "BG1010"},
        {"duration", value_int(a, 20), "BG1010"},
        {"1..5", value_int(a, 6), "BG1011"},
        {"string r\"^ami-\"", value_string(a, "ima-1"), "BG1011"},
        {"string(2..3)", value_string(a, "x"), "BG1011"},
        {"\"a\" | \"b\"", value_string(a, "c"), "BG1011"},
        {"string", value_none(a), "BG1010"},
        {"{ a: int }", record, "BG1005"},
        {"{ a: int }", empty, "BG1012"},
        {"range int", value_range(a, value_int(a, 5), value_int(a, 1)), "BG1011"},
        {"ref ec2.vpc", value_ref(a, "web.tg", "elbv2.target_group", NULL), "BG1010"},
        {"int", value_number(a, (struct dec){15, 1}), "BG1010"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct session *s = session(a, NULL, NULL);
        assert_null(coerced(s, rows[i].type, rows[i].v));
        if (!reported(s, rows[i].code) || s->ds.errors != 1)
            fail_msg("%s: wanted one %s", rows[i].type, rows[i].code);
    }
}

static void a_pattern_cannot_run_away(void **state)
{
    struct session *s = session(*state, NULL, NULL);
    char *text = arena_alloc(s->a, 60001);
    memset(text, 'a', 60000);
    struct value *v = value_string(s->a, text);
    assert_null(coerced(s, "string r\"^(a+)+$b\"", v));
    assert_true(reported(s, "BG1011"));
}

static void a_secret_is_not_shown(void **state)
{
    struct session *s = session(*state, NULL, NULL);
    struct value *v = value_string(s->a, "hush");
    v->secret = true;
    assert_null(coerced(s, "int", v));
    assert_null(strstr(s->ds.all.at[0]->message, "hush"));
}

/* ---- scopes and files ------------------------------------------------ */

static void names_are_seen_outward(void **state)
{
    static const char text[] = "stack s { region = \"eu-west-1\" }\n"
                               "let host = \"h\"\n"
                               "module m(a: int) {\n  let b = host\n  out c = b\n}\n"
                               "shared {\n  resource log: logs.group { retain = 30d }\n}\n"
                               "world web {\n  resource own: logs.group { retain = 30d }\n"
                               "  entry own\n}\n";
    struct session *s = session(*state, "s.bg", text);
    const struct scope *root = s->p->root;
    const struct scope *web = scope_find(root, "web")->body;
    const struct scope *m = scope_find(root, "m")->body;
    assert_non_null(scope_find(web, "own"));
    assert_non_null(scope_find(web, "log"));
    assert_non_null(scope_find(web, "host"));
    assert_non_null(scope_find(root, "log"));
    assert_null(scope_find(root, "own"));
    assert_non_null(program_in_world(s->p, "web", "own"));
    assert_null(program_in_world(s->p, "wbe", "own"));
    assert_null(scope_find(root->shared, "own"));
    assert_non_null(scope_find(m, "a"));
    assert_non_null(scope_find(m, "host"));
    assert_null(scope_find(m, "log"));
    assert_null(scope_find(m, "web"));
    assert_null(scope_find(root, "a"));
}

static const char *folder(struct arena *a)
{
    char *dir = arena_strdup(a, "/tmp/bgc-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
    return dir;
}

static void put_file(struct arena *a, const char *path, const char *text)
{
    const char *error;
    assert_true(file_write_atomic(a, path, text, strlen(text), 0, &error));
}

static void nothing_outside_is_read(void **state)
{
    struct arena *a = *state;
    const char *dir = folder(a), *inner = arena_printf(a, "%s/in", dir);
    assert_int_equal(mkdir(inner, 0700), 0);
    put_file(a, arena_printf(a, "%s/secret", dir), "hush");
    put_file(a, arena_printf(a, "%s/plain", inner), "open");
    assert_int_equal(symlink("../secret", arena_printf(a, "%s/link", inner)), 0);
    assert_int_equal(symlink("plain", arena_printf(a, "%s/near", inner)), 0);
    const char *root = arena_printf(a, "%s/s.bg", inner);
    struct session *s = session(a, root, "stack s { region = \"eu-west-1\" }\n");
    size_t len = 0;
    uint32_t file = 0;
    assert_string_equal(program_read(s->p, NO_SPAN, "plain", &len, &file), "open");
    assert_string_equal(program_read(s->p, NO_SPAN, "./x/../near", &len, &file), "open");
    assert_int_equal(s->ds.errors, 0);
    static const char *const outside[] = {"../secret", "link", "/etc/passwd", "x/../../secret",
                                          "."};
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
        assert_null(program_read(s->p, NO_SPAN, outside[i], &len, &file));
        assert_int_equal(s->ds.errors, i + 1);
        assert_string_equal(s->ds.all.at[i]->code, "BG0102");
    }
    assert_null(program_read(s->p, NO_SPAN, "missing", &len, &file));
    assert_true(reported(s, "BG0101"));
    static const char *const made[] = {"in/link", "in/near", "in/plain", "secret"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        unlink(arena_printf(a, "%s/%s", dir, made[i]));
    rmdir(inner);
    rmdir(dir);
}

static void pins_are_read(void **state)
{
    struct arena *a = *state;
    const char *dir = folder(a), *lock = arena_printf(a, "%s/bgc.lock", dir);
    put_file(a, lock, "# pins\n\nshared.image = \"ami-1\"  # why\r\n"
                      "  web.n[\"a b\"]=\"x\"\n");
    struct session *s =
        session(a, arena_printf(a, "%s/s.bg", dir), "stack s { region = \"eu-west-1\" }\n");
    const struct map *pins = program_pins(s->p);
    assert_int_equal(s->ds.errors, 0);
    assert_int_equal(pins->n, 2);
    assert_string_equal(map_find(pins, "shared.image"), "ami-1");
    assert_string_equal(map_find(pins, "web.n[\"a b\"]"), "x");
    struct span at = program_pin_span(s->p, "shared.image");
    const struct source *src = sources_find(&s->sources, at);
    assert_non_null(src);
    assert_memory_equal(src->text + at.start, "ami-1", at.end - at.start);
    assert_int_equal(program_pin_span(s->p, "nothing").file, 0);
    unlink(lock);
    rmdir(dir);
}

/* ---- the standard library -------------------------------------------- */

static void each_ref(struct session *s, const struct type *t, const char *of)
{
    if (!t)
        return;
    if (t->kind == TYPE_K_REF && t->name && !type_is_resource(program_type(s->p, t->name)))
        fail_msg("%s refers to %s, which is no type of resources", of, t->name);
    each_ref(s, t->elem, of);
    for (size_t i = 0; i < t->items.n; i++)
        each_ref(s, t->items.at[i], of);
    for (size_t i = 0; i < t->fields.n; i++)
        each_ref(s, t->fields.at[i].type, of);
}

static void the_standard_library_is_sound(void **state)
{
    struct session *s = session(*state, NULL, NULL);
    program_load_all_types(s->p);
    assert_true(s->p->types.n > 10);
    for (size_t i = 0; i < s->p->types.n; i++) {
        const struct decl *d = s->p->types.entries[i].value;
        const char *name = s->p->types.entries[i].key;
        for (const struct type_item *f = d->items; f; f = f->next)
            if ((f->kind == ITEM_FIELD || f->kind == ITEM_METRIC) && f->type)
                each_ref(s, type_of_field(s->p, d, f), name);
        if (d->type)
            type_resolve(s->p, program_file_scope(s->p, d->span), d->type);
        type_of_resource(s->p, d, false);
        type_of_resource(s->p, d, true);
        if (s->ds.errors)
            fail_msg("%s: %s", name, s->ds.all.at[0]->message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_accepts_what, setup, teardown),
        cmocka_unit_test_setup_teardown(types_have_a_join, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_types_are_reported, setup, teardown),
        cmocka_unit_test_setup_teardown(values_take_their_type, setup, teardown),
        cmocka_unit_test_setup_teardown(values_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_pattern_cannot_run_away, setup, teardown),
        cmocka_unit_test_setup_teardown(a_secret_is_not_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_seen_outward, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_outside_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(pins_are_read, setup, teardown),
        cmocka_unit_test_setup_teardown(the_standard_library_is_sound, setup, teardown),
    };
    return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
