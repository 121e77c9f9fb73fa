/* Expressions: units, templates, collections, natives, what waits, what is secret. */
#include <string.h>

#include "test.h"

#include "base/render.h"
#include "lang/eval.h"
#include "lang/parse.h"
#include "lang/program.h"

struct world_of_test {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
};

static void begin(struct world_of_test *t)
{
    t->a = arena_new("test");
    sources_init(&t->sources, t->a);
    diags_init(&t->ds, t->a, &t->sources);
    intern_init(&t->names, t->a);
}

static void end(struct world_of_test *t)
{
    arena_free(t->a);
}

static void complain(struct world_of_test *t)
{
    struct buf b;
    buf_init(&b, t->a);
    render_text(&b, &t->ds, false);
    print_message("%s", buf_text(&b));
}

/* The program `let it = EXPR`, evaluated; NULL when it has errors. */
static struct graph *evaluated(struct world_of_test *t, const char *text, const struct facts *facts)
{
    text = arena_printf(t->a, "stack s { region = \"eu-west-1\" }\n%s", text);
    struct program *p = program_load(t->a, &t->names, &t->ds, "test.bg", text);
    struct eval_args args = {.facts = facts};
    return t->ds.errors ? NULL : eval_program(p, t->a, &args);
}

static const char *value_of(struct world_of_test *t, const char *expr)
{
    struct graph *g = evaluated(t, arena_printf(t->a, "output it = %s\n", expr), NULL);
    struct value *v = g ? map_find(&g->outputs, "it") : NULL;
    return v ? value_text(t->a, v) : t->ds.all.n ? t->ds.all.at[0]->code : "nothing";
}

struct pair {
    const char *expr, *want;
};

static void check_all(const struct pair *pairs, size_t n)
{
    size_t wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct world_of_test t;
        begin(&t);
        const char *got = value_of(&t, pairs[i].expr);
        if (strcmp(got, pairs[i].want)) {
            complain(&t);
            print_message("%s is %s, not %s\n", pairs[i].expr, got, pairs[i].want);
            wrong++;
        }
        end(&t);
    }
    assert_int_equal(wrong, 0);
}
#define CHECK_ALL(pairs) check_all(pairs, sizeof(pairs) / sizeof *(pairs))

static void units(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"1 + 2", "3"}, {"7 - 9", "-2"}, {"3 * 4", "12"}, {"3 / 2", "1.5"}, {"6 / 2", "3"},
        {"0.1 + 0.2", "0.3"}, {"1 + 0.5", "1.5"}, {"1.2 * 1.5", "1.8"}, {"-3 + 1", "-2"},
        {"30s + 1m", "90s"}, {"5m - 30s", "270s"}, {"2 * 30s", "1m"}, {"1.5 * 1m", "90s"},
        {"1m / 2", "30s"}, {"1h / 1m", "60"}, {"1.2 * 800ms", "960ms"}, {"1s / 3", "333ms"},
        {"20GiB + 512MiB", "20992MiB"}, {"20GiB / 2", "10GiB"}, {"1GiB / 1MiB", "1024"},
        {"10% + 0.5%", "10.5%"}, {"50% * 2", "100%"}, {"50% / 4", "12.5%"}, {"50% / 25%", "2"},
        {"200/s + 60/m", "201/s"}, {"200/s * 2", "400/s"}, {"200/s / 100/s", "2"},
        {"200/s * 1m", "12000"}, {"1..3", "1..3"},
        {"1 + 1s", "BG1510"}, {"1s + 1GiB", "BG1510"}, {"\"a\" + \"b\"", "BG1510"},
        {"[1] + [2]", "BG1510"}, {"1s * 1s", "BG1510"}, {"10 / 1s", "BG1510"}, {"true + 1", "BG1510"},
        {"1 / 0", "BG1512"}, {"1m / 0", "BG1512"}, {"1 / (2 - 2)", "BG1512"},
        {"9223372036854775807 + 1", "BG1511"}, {"9223372036854775807 * 2", "BG1511"},
        {"1s - 1m", "BG1513"}, {"1MiB - 1GiB", "BG1513"}, {"3..1", "BG1524"}, {"-1s", "BG1510"},
    };
    CHECK_ALL(pairs);
}

static void comparisons(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"1 < 2", "true"}, {"1 < 1.5", "true"}, {"2 == 2.0", "true"}, {"1m == 60s", "true"},
        {"90s > 1m", "true"}, {"1GiB == 1024MiB", "true"}, {"60/m == 1/s", "true"},
        {"61/m > 1/s", "true"}, {"0.5% < 1%", "true"}, {"50% >= 50%", "true"},
        {"\"a\" == \"a\"", "true"}, {"\"a\" != \"b\"", "true"}, {"[1, 2] == [1, 2.0]", "true"},
        {"{ a = 1 } == { a = 1 }", "true"}, {"none == none", "true"}, {"1 == none", "false"},
        {"10.0.0.0/8 == 10.0.0.0/8", "true"}, {"1 < 1s", "BG1514"}, {"\"a\" < \"b\"", "BG1514"},
        {"1 == \"1\"", "BG1514"}, {"50% == 50", "BG1514"}, {"true and false", "false"},
        {"true or 1 / 0 == 1", "true"}, {"false and 1 / 0 == 1", "false"}, {"not true", "false"},
        {"not 1", "BG1515"}, {"1 and true", "BG1515"}, {"if 1 then 2 else 3", "BG1515"},
        {"if 1 < 2 then \"x\" else \"y\"", "\"x\""}, {"none ?? 3", "3"}, {"2 ?? 3", "2"},
    };
    CHECK_ALL(pairs);
}

static void texts(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"\"a${1 + 1}b${true}\"", "\"a2btrue\""}, {"\"${30s} ${50%} ${20GiB} ${1.50}\"", "\"30s 50% 20GiB 1.5\""},
        {"\"${10.0.0.0/8}\"", "\"10.0.0.0/8\""}, {"\"${[1]}\"", "BG1516"}, {"\"${none}\"", "BG1516"},
        {"join([\"a\", \"b\"], \"-\")", "\"a-b\""}, {"join([], \"-\")", "\"\""},
        {"split(\"a,b,,c\", \",\")", "[\"a\", \"b\", \"\", \"c\"]"}, {"split(\"a\", \"\")", "BG1533"},
        {"lower(\"ABc\")", "\"abc\""}, {"upper(\"abC\")", "\"ABC\""}, {"trim(\"  a b \")", "\"a b\""},
        {"replace(\"a-b-c\", \"-\", \"+\")", "\"a+b+c\""}, {"starts_with(\"shop-x\", \"shop-\")", "true"},
        {"ends_with(\"a.bg\", \".bg\")", "true"}, {"contains(\"abc\", \"bc\")", "true"},
        {"matches(\"ami-123\", r\"^ami-[0-9]+$\")", "true"}, {"matches(\"x\", r\"[\")", "BG1533"},
        {"base64(\"hello\")", "\"aGVsbG8=\""}, {"base64(\"\")", "\"\""},
        {"sha256(\"abc\")", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""},
        {"json({ b = 1, a = [true, none], c = \"x\\\"\" })", "\"{\\\"b\\\":1,\\\"a\\\":[true,null],\\\"c\\\":\\\"x\\\\\\\"\\\"}\""},
        {"length(\"h\xc3\xa9llo\")", "5"}, {"int(\"42\")", "42"}, {"int(\"4.5\")", "BG1533"},
        {"number(\"4.50\")", "4.5"}, {"lower(1)", "BG1533"}, {"lower()", "BG1532"},
        {"lower(\"a\", \"b\")", "BG1532"}, {"lower(what = \"a\")", "BG1532"}, {"lower(text = \"A\")", "\"a\""},
        {"lowr(\"a\")", "BG1531"}, {"[x => x]", "BG0001"},
    };
    CHECK_ALL(pairs);
}

static void collections(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"length([1, 2, 3])", "3"}, {"length({ \"a\" => 1 })", "1"}, {"contains([1, 2], 2)", "true"},
        {"index([\"a\", \"b\"], \"b\")", "1"}, {"index([1], 2)", "BG1533"}, {"[10, 20][1]", "20"},
        {"[1][1]", "BG1521"}, {"[1][-1]", "BG1521"}, {"{ \"a\" => 1 }[\"a\"]", "1"},
        {"{ \"a\" => 1 }[\"b\"]", "BG1522"}, {"{ a = 1 }.a", "1"}, {"{ abc = 1 }.abd", "BG1520"},
        {"1[0]", "BG1523"}, {"1.a", "BG1520"}, {"(1..5).high", "5"},
        {"[for x in [1, 2, 3] if x > 1: x * 2]", "[4, 6]"}, {"[for i in 1..3: i]", "[1, 2, 3]"},
        {"[for i, x in [\"a\", \"b\"]: \"${i}${x}\"]", "[\"0a\", \"1b\"]"},
        {"{for k, v in { \"a\" => 1 }: \"${k}x\" => v + 1}", "{ ax = 2 }"},
        {"{for i, x in [1, 1]: \"k\" => i}", "BG1526"}, {"{ \"a\" => 1, \"a\" => 2 }", "BG1526"},
        {"[for x in 1: x]", "BG1525"}, {"[for x in { \"a\" => 1 }: x]", "BG1525"},
        {"[for x in [1]: y]", "BG1530"}, {"[for x in 1..2000000: x]", "BG1543"},
        {"flatten([[1], [2, 3], []])", "[1, 2, 3]"}, {"concat([1], [2])", "[1, 2]"},
        {"sort([3, 1, 2])", "[1, 2, 3]"}, {"sort([\"b\", \"a\"])", "[\"a\", \"b\"]"},
        {"unique([1, 2, 1])", "[1, 2]"}, {"keys({ \"b\" => 1, \"a\" => 2 })", "[\"b\", \"a\"]"},
        {"values({ \"b\" => 1, \"a\" => 2 })", "[1, 2]"}, {"reverse([1, 2])", "[2, 1]"},
        {"slice([1, 2, 3], 1)", "[2, 3]"}, {"slice([1, 2, 3], 0, 2)", "[1, 2]"}, {"first([1, 2])", "1"},
        {"last([1, 2])", "2"}, {"first([])", "BG1533"}, {"min([3s, 1s])", "1s"}, {"max([1, 2.5])", "2.5"},
        {"max([])", "BG1533"}, {"sum([1, 2, 3])", "6"}, {"sum([30s, 30s])", "1m"}, {"sum([])", "0"},
        {"floor(2.7)", "2"}, {"ceil(2.1)", "3"}, {"round(2.5)", "2"}, {"round(3.5)", "4"},
        {"floor(0 - 2.5)", "-3"}, {"ceil(0 - 2.5)", "-2"}, {"abs(0 - 3)", "3"},
        {"any([1, 2], x => x > 1)", "true"}, {"all([1, 2], x => x > 1)", "false"},
        {"count([1, 2, 3], x => x > 1)", "2"}, {"any([], x => x)", "false"}, {"any([1], 2)", "BG1533"},
        {"count([1], x => x)", "BG1533"},
    };
    CHECK_ALL(pairs);
}

static void networks(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"subnet(10.0.0.0/16, 8, 0)", "10.0.0.0/24"}, {"subnet(10.0.0.0/16, 8, 255)", "10.0.255.0/24"},
        {"subnet(10.0.0.0/16, 8, 256)", "BG1533"}, {"subnet(10.0.0.0/16, 17, 0)", "BG1533"},
        {"subnet(10.1.0.0/16, 0, 0)", "10.1.0.0/16"}, {"subnet(2001:db8::/32, 16, 5)", "2001:db8:5::/48"},
        {"subnet(2001:db8::/56, 8, 255)", "2001:db8:0:ff::/64"}, {"cidr_host(10.0.1.0/24, 5)", "\"10.0.1.5\""},
        {"cidr_host(10.0.1.0/24, -1)", "\"10.0.1.255\""}, {"cidr_host(10.0.1.0/24, -2)", "\"10.0.1.254\""},
        {"cidr_host(10.0.1.0/24, 256)", "BG1533"}, {"cidr_host(2001:db8::/64, 1)", "\"2001:db8::1\""},
        {"contains(10.0.0.0/8, 10.1.0.0/16)", "true"}, {"contains(10.1.0.0/16, 10.0.0.0/8)", "false"},
        {"contains(10.0.0.0/8, ::/0)", "false"}, {"cidr(\"10.0.0.0/16\")", "10.0.0.0/16"},
        {"cidr(\"10.0.0.1/16\")", "BG1533"}, {"cidr(\"x\")", "BG1533"}, {"cidr_prefix(10.0.0.0/16)", "16"},
        {"subnet(10.0.0.0/8, -1, 0)", "BG1533"}, {"subnet(0.0.0.0/0, 32, 4294967295)", "255.255.255.255/32"},
        {"subnet(::/0, 64, 9223372036854775807)", "7fff:ffff:ffff:ffff::/64"},
    };
    CHECK_ALL(pairs);
}

static void functions(void **state)
{
    (void)state;
    static const struct pair programs[] = {
        {"fn double(n: int): int = n * 2\noutput it = double(double(3))\n", "12"},
        {"fn f(a: string, n: int = 3): string = \"${a}-${n}\"\noutput it = f(n = 4, a = \"x\")\n", "\"x-4\""},
        {"fn f(a: string, n: int = 3): string = \"${a}-${n}\"\noutput it = f(\"x\")\n", "\"x-3\""},
        {"fn f(a: int): int = f(a)\noutput it = f(1)\n", "BG1540"},
        {"fn f(a: int): int = g(a)\nfn g(a: int): int = f(a)\noutput it = f(1)\n", "BG1540"},
        {"let a = b\nlet b = a\noutput it = a\n", "BG1540"},
        {"fn f(a: int): int = a\noutput it = f()\n", "BG1532"},
        {"fn f(a: int): int = a\noutput it = f(1, 2)\n", "BG1532"},
        {"fn f(a: int): int = a\noutput it = f(b = 2)\n", "BG1532"},
        {"fn f(a: int): int = a\noutput it = f(\"x\")\n", "BG1010"},
        {"fn f(xs: set int): int = length(xs)\noutput it = f([1, 1, 2])\n", "2"},
        {"let xs = [for a in 1..4000: a]\noutput it = length([for a in xs if contains(xs, -a): a])\n", "BG1542"},
        {"input n: int = 2\nassert n > 2: \"n must be more\"\noutput it = n\n", "BG1550"},
        {"input n: int\ninput m: int\noutput it = n\n", "BG1501"},
        {"input n: 1..3 = 7\noutput it = n\n", "BG1011"},
        {"input t: secret string = \"hunter2\"\noutput secret it = \"pass ${t}!\"\n", "(secret)"},
        {"input t: secret string = \"hunter2\"\noutput secret it = length(t)\n", "(secret)"},
        {"input t: secret string = \"hunter2\"\noutput secret it = if t == \"x\" then 1 else 2\n", "(secret)"},
        {"input t: secret string = \"hunter2\"\noutput secret it = [for c in split(t, \"\"): c]\n", "BG1533"},
        {"input t: secret string = \"hunter2\"\noutput secret it = sha256(json({ p = t }))\n", "(secret)"},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        struct world_of_test t;
        begin(&t);
        struct graph *g = evaluated(&t, programs[i].expr, NULL);
        struct value *v = g ? map_find(&g->outputs, "it") : NULL;
        const char *got = v ? value_text(t.a, v) : t.ds.all.n ? t.ds.all.at[0]->code : "nothing";
        if (strcmp(got, programs[i].want)) {
            complain(&t);
            print_message("%s is %s, not %s\n", programs[i].expr, got, programs[i].want);
            wrong++;
        }
        end(&t);
    }
    assert_int_equal(wrong, 0);
}

/* A secret's bytes survive where they are sent, whatever is printed. */
static void secrets_keep_their_bytes(void **state)
{
    (void)state;
    struct world_of_test t;
    begin(&t);
    struct graph *g = evaluated(&t, "input p: secret string = \"hunter2\"\n"
                                    "output secret it = json({ p = p })\n", NULL);
    struct value *v = map_find(&g->outputs, "it");
    assert_true(v->secret);
    assert_string_equal(v->s, "{\"p\":\"hunter2\"}");
    end(&t);
}

/* ---- facts -------------------------------------------------------------------------- */

static struct value *record(struct arena *a, const char *id, const char *key, const char *text)
{
    struct value *m = value_map(a);
    value_put(m, "id", value_string(a, id));
    if (key)
        value_put(m, key, value_string(a, text));
    return m;
}

static void answers_arrive_in_order(void **state)
{
    (void)state;
    struct world_of_test t;
    begin(&t);
    const char *text = "shared {\n"
                       "  existing vpc: ec2.vpc { name = \"main\" }\n"
                       "  existing nets: set ec2.subnet { vpc = vpc }\n"
                       "}\n"
                       "output zones = [for n in nets: n.zone]\n"
                       "output vpc = \"vpc is ${vpc.id}\"\n";
    struct facts facts;
    facts_init(&facts, t.a);
    struct graph *g = evaluated(&t, text, &facts);
    if (!g)
        complain(&t);
    assert_non_null(g);
    assert_int_equal(g->wanted.n, 1); /* nets waits for vpc */
    assert_string_equal(g->wanted.at[0]->address, "shared.vpc");
    struct value *v = map_find(&g->outputs, "vpc");
    assert_int_equal(v->kind, V_DEFERRED);
    assert_string_equal(eval_why_unknown(t.a, v), "after reading shared.vpc");
    assert_int_equal(v->phase, PHASE_PLAN);

    facts_put(&facts, "shared.vpc", record(t.a, "vpc-1", NULL, NULL));
    v = eval_force(g, t.a, &facts, v);
    assert_string_equal(value_text(t.a, v), "\"vpc is vpc-1\"");
    g = eval_program(g->program, t.a, &(struct eval_args){.facts = &facts});
    assert_int_equal(g->wanted.n, 1);
    assert_string_equal(g->wanted.at[0]->address, "shared.nets");
    assert_string_equal(value_text(t.a, map_find(&g->outputs, "vpc")), "\"vpc is vpc-1\"");

    struct value **at = arena_array(t.a, struct value *, 2);
    at[0] = record(t.a, "subnet-1", "zone", "eu-west-1a");
    at[1] = record(t.a, "subnet-2", "zone", "eu-west-1b");
    facts_put(&facts, "shared.nets", value_list(t.a, at, 2));
    struct graph *before = g;
    g = eval_program(g->program, t.a, &(struct eval_args){.facts = &facts});
    assert_int_equal(g->wanted.n, 0);
    assert_string_equal(value_text(t.a, map_find(&g->outputs, "zones")),
                        "[\"eu-west-1a\", \"eu-west-1b\"]");
    /* what was deferred earlier becomes the same by force */
    v = eval_force(before, t.a, &facts, map_find(&before->outputs, "zones"));
    assert_string_equal(value_text(t.a, v), "[\"eu-west-1a\", \"eu-west-1b\"]");
    assert_string_equal(value_get_string(facts_find(&facts, "shared.nets[\"subnet-2\"]"), "zone"),
                        "eu-west-1b");
    assert_null(facts_find(&facts, "shared.nets[\"subnet-3\"]"));
    assert_string_equal(graph_find(g, "shared.nets[\"subnet-2\"]")->address, "shared.nets");
    end(&t);
}

static void late_values_decide_nothing(void **state)
{
    (void)state;
    static const char *const programs[] = {
        "shared {\n resource vpc: ec2.vpc { range = 10.0.0.0/16 }\n"
        " resource x: logs.group when vpc.id == \"vpc-1\" { retain = 30d }\n}\n",
        "shared {\n resource vpc: ec2.vpc { range = 10.0.0.0/16 }\n"
        " resource x[k in [vpc.id]]: logs.group { retain = 30d }\n}\n",
    };
    for (size_t i = 0; i < 2; i++) {
        struct world_of_test t;
        begin(&t);
        assert_null(evaluated(&t, programs[i], NULL));
        assert_string_equal(t.ds.all.at[0]->code, "BG2501");
        end(&t);
    }
}

/* ---- bare expressions ------------------------------------------------------------------ */

static void replies(void **state)
{
    (void)state;
    static const struct pair pairs[] = {
        {"Name", "\"x\""}, {"Missing", "none"}, {"Missing.More", "none"}, {"Count >= 2", "true"},
        {"Count == 3", "true"}, {"Missing >= 2", "none"}, {"Missing ?? 4", "4"},
        {"count(List ?? [], i => i.State == \"ok\")", "1"}, {"count(Missing ?? [], i => i.A == 1)", "0"},
        {"List[7]", "none"}, {"On == true", "true"}, {"Missing == none", "true"},
        {"Missing.A == \"x\" and Name == \"y\"", "false"}, {"Missing > 1 and Name == \"x\"", "none"},
        {"Name == \"x\" or Missing > 1", "true"}, {"if Missing > 1 then 1 else 2", "2"},
        {"[for i in Missing: i]", "[]"}, {"net.id", "net.id"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct world_of_test t;
        begin(&t);
        const char *error, *json = "{\"Name\":\"x\",\"Count\":\"3\",\"On\":\"true\","
                                   "\"List\":[{\"State\":\"ok\"},{\"State\":\"no\"},{}]}";
        struct value *reply = value_from_json(t.a, json, strlen(json), &error);
        assert_non_null(reply);
        struct env outer = {NULL, "net", value_ref(t.a, "net", "ec2.vpc", NULL)};
        struct env env = {&outer, NULL, reply};
        uint32_t file = sources_add(&t.sources, "expr", pairs[i].expr, strlen(pairs[i].expr));
        struct expr *x = parse_expr(t.a, &t.names, &t.ds, file);
        struct value *v = x ? eval_expr(NULL, t.a, &t.ds, x, &env) : NULL;
        if (!v) {
            complain(&t);
            fail_msg("%s", pairs[i].expr);
        }
        if (strcmp(value_text(t.a, v), pairs[i].want))
            fail_msg("%s is %s, not %s", pairs[i].expr, value_text(t.a, v), pairs[i].want);
        end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units),
        cmocka_unit_test(comparisons),
        cmocka_unit_test(texts),
        cmocka_unit_test(collections),
        cmocka_unit_test(networks),
        cmocka_unit_test(functions),
        cmocka_unit_test(secrets_keep_their_bytes),
        cmocka_unit_test(answers_arrive_in_order),
        cmocka_unit_test(late_values_decide_nothing),
        cmocka_unit_test(replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
