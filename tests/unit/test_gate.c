/* Gates of the shop, judged by a measurer that answers from a table. */
#include <stdlib.h>
#include <string.h>

#include "test.h"

#include "base/render.h"
#include "lang/eval.h"
#include "lang/program.h"

struct answer {
    const char *key;
    struct value *value;
};

struct table {
    struct arena *a;
    VEC(struct answer) answers;
    VEC(const char *) asked;
};

/* "p99(live.web.alb.latency, 5m)": answers by what is asked, NULL when it is not in the table. */
static struct value *measure(void *self, struct arena *a, const char *fn, struct value **args,
                             size_t n, const struct value *named, struct span at)
{
    (void)at;
    struct table *t = self;
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "%s(", fn);
    for (size_t i = 0; i < n; i++) {
        buf_puts(&b, i ? ", " : "");
        value_print(&b, args[i]);
    }
    for (size_t i = 0; i < named->map->n; i++) {
        buf_printf(&b, ", %s = ", named->map->entries[i].key);
        value_print(&b, named->map->entries[i].value);
    }
    buf_putc(&b, ')');
    for (size_t i = 0; i < t->answers.n; i++)
        if (!strcmp(t->answers.at[i].key, buf_text(&b)))
            return t->answers.at[i].value;
    vec_push(t->a, &t->asked, arena_strdup(t->a, buf_text(&b)));
    return NULL;
}

struct shop {
    struct arena *a;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct graph *g;
    struct facts facts;
    struct table table;
    struct measurer measurer;
};

static int open_shop(void **state)
{
    struct arena *a = arena_new("test");
    struct shop *s = arena_make(a, struct shop);
    s->a = s->table.a = a;
    sources_init(&s->sources, a);
    diags_init(&s->ds, a, &s->sources);
    intern_init(&s->names, a);
    const char *src = getenv("SRCDIR");
    struct program *p = program_load(a, &s->names, &s->ds,
                                     arena_printf(a, "%s/examples/shop/shop.bg", src ? src : "."),
                                     NULL);
    s->g = s->ds.errors ? NULL
                        : eval_program(p, a, &(struct eval_args){.pins = program_pins(p)});
    if (!s->g) {
        struct buf b;
        buf_init(&b, a);
        render_text(&b, &s->ds, false);
        print_message("%s", buf_text(&b));
        return -1;
    }
    facts_init(&s->facts, a);
    s->measurer = (struct measurer){measure, &s->table, false};
    *state = s;
    return 0;
}

static int close_shop(void **state)
{
    arena_free(((struct shop *)*state)->a);
    return 0;
}

static void say(struct shop *s, const char *key, struct value *v)
{
    vec_push(s->a, &s->table.answers, (struct answer){key, v});
}

static const struct closure *check_of(struct shop *s, const char *gate, const char *name)
{
    const struct gate *g = graph_gate(s->g, gate);
    assert_non_null(g);
    for (size_t i = 0; i < g->checks.n; i++)
        if (!strcmp(g->checks.at[i].name, name))
            return g->checks.at[i].cond;
    fail_msg("gate %s has no check %s", gate, name);
    return NULL;
}

static void judged(struct shop *s, const char *gate, const char *name, enum verdict want,
                   const char *want_why)
{
    const char *why = NULL;
    enum verdict v = eval_condition(s->g, s->a, &s->facts, check_of(s, gate, name), &s->measurer, &why);
    if (v != want || (want_why && strcmp(why, want_why)))
        fail_msg("%s.%s: verdict %d (%s), not %d (%s)", gate, name, v, why, want, want_why);
}

static struct value *percent(struct shop *s, const char *text)
{
    struct dec d;
    assert_true(dec_parse(text, &d));
    return value_percent(s->a, d);
}

static void measured_once_asked(void **state)
{
    struct shop *s = *state;
    judged(s, "steady", "errors", VERDICT_WANTED, NULL);
    assert_int_equal(s->table.asked.n, 1);
    assert_string_equal(s->table.asked.at[0],
                        "ratio(web.alb.http_5xx, web.alb.requests, 5m)");
    const char *key = s->table.asked.at[0];
    say(s, key, percent(s, "0.2"));
    judged(s, "steady", "errors", VERDICT_PASS, "ratio 0.2% < 0.5%");
    s->table.answers.at[0].value = percent(s, "0.5");
    judged(s, "steady", "errors", VERDICT_FAIL, "ratio 0.5% is not < 0.5%");
    s->table.answers.at[0].value = value_none(s->a);
    judged(s, "steady", "errors", VERDICT_NO_DATA,
           "no data for ratio(web.alb.http_5xx, web.alb.requests, 5m)");
}

static void both_sides_are_asked_for(void **state)
{
    struct shop *s = *state;
    judged(s, "steady", "latency", VERDICT_WANTED, NULL);
    assert_int_equal(s->table.asked.n, 2);
    assert_string_equal(s->table.asked.at[0], "p99(web.alb.latency, 5m)");
    assert_string_equal(s->table.asked.at[1], "p99(live.web.alb.latency, 5m)");
    say(s, "p99(web.alb.latency, 5m)", value_duration(s->a, 912));
    say(s, "p99(live.web.alb.latency, 5m)", value_duration(s->a, 650));
    judged(s, "steady", "latency", VERDICT_FAIL,
           "p99 912ms is not < 780ms (1.2 * p99(live.web.alb.latency, 5m))");
    s->table.answers.at[1].value = value_none(s->a);
    judged(s, "steady", "latency", VERDICT_NO_DATA, "no data for p99(live.web.alb.latency, 5m)");
}

static void definite_false_needs_no_more(void **state)
{
    struct shop *s = *state;
    say(s, "avg(shared.db.cpu, 5m)", percent(s, "95"));
    /* the other side was never measured: the verdict stands all the same */
    judged(s, "steady", "db", VERDICT_FAIL, "avg 95% is not < 70%");
    s->table.answers.at[0].value = value_none(s->a);
    say(s, "max(shared.db.connections, 5m)", value_int(s->a, 900));
    judged(s, "steady", "db", VERDICT_FAIL, "max 900 is not < 400");
    s->table.answers.at[1].value = value_int(s->a, 10);
    judged(s, "steady", "db", VERDICT_NO_DATA, "no data for avg(shared.db.cpu, 5m)");
    s->table.answers.at[0].value = percent(s, "5");
    judged(s, "steady", "db", VERDICT_PASS, "avg 5% < 70%; max 10 < 400");
}

static void probes_need_an_address(void **state)
{
    struct shop *s = *state;
    /* the field is asked for, then the probe with what it said */
    judged(s, "ready", "tls", VERDICT_WANTED, NULL);
    assert_string_equal(s->table.asked.at[0], "field(web.alb, \"dns\")");
    say(s, "field(web.alb, \"dns\")", value_none(s->a));
    judged(s, "ready", "tls", VERDICT_NO_DATA, NULL);
    struct value *alb = value_map(s->a);
    value_put(alb, "id", value_string(s->a, "arn:alb"));
    value_put(alb, "dns", value_string(s->a, "green.elb.amazonaws.com"));
    facts_put(&s->facts, "web.alb", alb);
    const char *probe = "http.get(\"https://green.elb.amazonaws.com/healthz\", "
                        "host = \"shop.example.com\")";
    s->table.asked.n = 0;
    judged(s, "ready", "tls", VERDICT_WANTED, NULL);
    assert_string_equal(s->table.asked.at[0], probe);
    struct value *reply = value_map(s->a);
    value_put(reply, "status", value_int(s->a, 503));
    say(s, probe, reply);
    judged(s, "ready", "tls", VERDICT_FAIL, "http.get status 503 is not 200");
}

static void yes_or_no_measurements(void **state)
{
    struct shop *s = *state;
    say(s, "scales(web.asg, by = 1)", value_bool(s->a, false));
    judged(s, "ready", "scaling", VERDICT_FAIL, "scales(web.asg, by = 1) is false");
    say(s, "healthy(web.tg)", percent(s, "100"));
    judged(s, "ready", "healthy", VERDICT_PASS, "healthy 100% is 100%");
}

static void retirement_knows_requests(void **state)
{
    struct shop *s = *state;
    const struct rollout *r = graph_rollout(s->g, "web", NULL);
    const char *why;
    assert_non_null(r->retire_when);
    assert_int_equal(eval_condition(s->g, s->a, &s->facts, r->retire_when, &s->measurer, &why),
                     VERDICT_WANTED);
    assert_string_equal(s->table.asked.at[0], "requests()");
    say(s, "requests()", value_rate(s->a, (struct dec){3, 0}, 60000));
    assert_int_equal(eval_condition(s->g, s->a, &s->facts, r->retire_when, &s->measurer, &why),
                     VERDICT_PASS);
    assert_null(graph_rollout(s->g, "web", "hotfix")->retire_when);
}

static void without_a_measurer_it_waits(void **state)
{
    struct shop *s = *state;
    struct value *v = eval_closure(s->g, s->a, &s->facts, check_of(s, "steady", "cpu"), NULL);
    assert_int_equal(v->kind, V_DEFERRED);
    assert_int_equal(v->phase, PHASE_RUN);
    assert_string_equal(eval_why_unknown(s->a, v), "when it is measured");
}

static void outputs_fill_what_waited(void **state)
{
    struct shop *s = *state;
    const struct node *lt = graph_find(s->g, "web.lt");
    struct value *boot = value_get(lt->props, "boot");
    assert_string_equal(eval_why_unknown(s->a, boot), "after create of web.log");
    struct value *log = value_map(s->a);
    value_put(log, "id", value_string(s->a, "/shop/web"));
    value_put(log, "name", value_string(s->a, "/shop/web"));
    facts_put(&s->facts, "web.log", log);
    struct value *props = eval_node_props(s->g, s->a, &s->facts, lt);
    assert_non_null(props);
    assert_non_null(strstr(value_get_string(props, "boot"), "log=%s port=%s host=%s"));
    assert_non_null(strstr(value_get_string(props, "boot"), "\"/shop/web\" \"8080\" \"${HOSTNAME}\""));
    /* the pin is an answer to `image.id` before anything is read */
    assert_string_equal(graph_find(s->g, "shared.image")->pinned, "ami-0bbbbbbbbbbbbbbbb");
}

#define SHOP(test) cmocka_unit_test_setup_teardown(test, open_shop, close_shop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHOP(measured_once_asked),
        SHOP(both_sides_are_asked_for),
        SHOP(definite_false_needs_no_more),
        SHOP(probes_need_an_address),
        SHOP(yes_or_no_measurements),
        SHOP(retirement_knows_requests),
        SHOP(without_a_measurer_it_waits),
        SHOP(outputs_fill_what_waited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
