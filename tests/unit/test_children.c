/* What stands below a parent: records of a zone that the program only names. They
 * are made, found again, changed, replaced and removed; others stay as they are. */
#include <string.h>

#include "cloud/execute.h"
#include "cloud/observe.h"
#include "plan/plan.h"
#include "sandbox.h"

/* One account, and the programs that are applied to it one after the other. */
struct yard {
    struct rig r;
    bool elsewhere; /* the zone is in another account */
    const char *zone;
    struct live *live;
    struct plan *plan;
    struct graph *graph;
};

static const char *said(struct rig *r)
{
    struct buf b;
    buf_init(&b, r->a);
    render_text(&b, &r->ds, false);
    return buf_text(&b);
}

static void nothing_wrong(struct rig *r)
{
    if (r->ds.errors)
        fail_msg("%s", said(r));
}

static struct plan *look(struct yard *y, const char *shared, struct facts *facts)
{
    struct rig *r = &y->r;
    struct schemas *ss = arena_make(r->a, struct schemas);
    struct program *p =
        program_load(r->a, &r->names, &r->ds, "yard.bg",
                     arena_printf(r->a,
                                  "stack shop { region = \"eu-west-1\" }\n"
                                  "account dns { role = \"arn:aws:iam::210987654321:role/dns\" }\n"
                                  "shared {\nexisting zone: route53.zone %s "
                                  "{ name = \"example.com\", private = false }\n%s}\n",
                                  y->elsewhere ? "in dns" : "", shared));
    nothing_wrong(r);
    schemas_init(ss, p);
    facts_init(facts, r->a);
    y->graph = eval_program(p, r->a, &(struct eval_args){.facts = facts});
    nothing_wrong(r);
    struct observe_args o = {ss, r->cloud, &r->ds, y->graph, NULL};
    if (!observe_facts(&o, r->a, facts))
        fail_msg("%s", said(r));
    y->live = observe_live(&o, r->a, facts, true);
    if (!y->live)
        fail_msg("%s", said(r));
    y->plan =
        plan_make(ss, r->a, &r->ds, y->graph, y->live, &(struct plan_args){.now = rig_now(r)});
    nothing_wrong(r);
    assert_non_null(y->plan);
    return y->plan;
}

static enum exec_result apply(struct yard *y, const char *shared)
{
    struct rig *r = &y->r;
    struct facts facts;
    struct plan *p = look(y, shared, &facts);
    struct schemas *ss = arena_make(r->a, struct schemas);
    schemas_init(ss, y->graph->program);
    struct executor x = {.schemas = ss,
                         .cloud = r->cloud,
                         .ds = &r->ds,
                         .graph = y->graph,
                         .live = y->live,
                         .facts = &facts};
    return execute(&x, r->a, p->actions.at, p->actions.n);
}

static void applied(struct yard *y, const char *shared)
{
    if (apply(y, shared) != EXEC_DONE)
        fail_msg("%s", said(&y->r));
    struct facts facts;
    struct plan *again = look(y, shared, &facts);
    assert_int_equal(again->creates + again->updates + again->replaces + again->deletes, 0);
}

/* The set of a name; NULL. */
static struct value *set_of(struct yard *y, const char *name)
{
    struct value *sets = value_get(
        rig_call(&y->r, "route53", "ListResourceRecordSets", "{\"HostedZoneId\":\"%s\"}", y->zone),
        "ResourceRecordSets");
    for (size_t i = 0; i < sets->list.n; i++)
        if (!strcmp(rig_text(sets->list.at[i], "Name"), name))
            return sets->list.at[i];
    return NULL;
}

static void yard_open(struct yard *y)
{
    memset(y, 0, sizeof *y);
    rig_open(&y->r);
    struct facts facts;
    look(y, "", &facts);
    const struct value *zone = facts_find(&facts, "shared.zone");
    assert_non_null(zone);
    y->zone = value_get_string(zone, "id");
}

static void records_live_and_die(void **state)
{
    (void)state;
    struct yard y;
    yard_open(&y);
    applied(&y,
            "resource a: route53.record { zone = zone, domain = \"a.example.com\", kind = \"A\","
            " values = [\"192.0.2.1\", \"192.0.2.2\"] }\n"
            "resource w: route53.record { zone = zone, domain = \"*.example.com\", kind = \"A\","
            " alias = { dns = \"Lb.example.net\", zone = \"Z1\" } }\n");
    struct value *a = set_of(&y, "a.example.com.");
    assert_non_null(a);
    assert_string_equal(rig_text(a, "SetIdentifier"), "shop-shared-a");
    assert_string_equal(rig_text(a, "GeoLocation.CountryCode"), "*");
    assert_int_equal(value_get_int(a, "TTL", 0), 300);
    assert_int_equal(value_get(a, "ResourceRecords")->list.n, 2);
    assert_non_null(set_of(&y, "*.example.com."));

    /* Changed in place: the values, and where an alias leads. */
    applied(&y,
            "resource a: route53.record { zone = zone, domain = \"a.example.com\", kind = \"A\","
            " values = [\"192.0.2.3\"], ttl = 1m }\n"
            "resource w: route53.record { zone = zone, domain = \"*.example.com\", kind = \"A\","
            " alias = { dns = \"other.example.net\", zone = \"Z1\" } }\n");
    a = set_of(&y, "a.example.com.");
    assert_int_equal(value_get_int(a, "TTL", 0), 60);
    assert_string_equal(rig_text(a, "ResourceRecords[0].Value"), "192.0.2.3");
    assert_string_equal(rig_text(set_of(&y, "*.example.com."), "AliasTarget.DNSName"),
                        "other.example.net.");

    /* Replaced under another name; the other one left the program and goes. */
    applied(&y,
            "resource a: route53.record { zone = zone, domain = \"b.example.com\", kind = \"TXT\","
            " values = [\"\\\"hello\\\"\"] }\n");
    assert_null(set_of(&y, "a.example.com."));
    assert_null(set_of(&y, "*.example.com."));
    assert_string_equal(rig_text(set_of(&y, "b.example.com."), "ResourceRecords[0].Value"),
                        "\"hello\"");
    applied(&y, "");
    assert_null(set_of(&y, "b.example.com."));
    rig_close(&y.r);
}

static void others_are_left_alone(void **state)
{
    (void)state;
    struct yard y;
    yard_open(&y);
    rig_call(&y.r, "route53", "ChangeResourceRecordSets",
             "{\"HostedZoneId\":\"%s\",\"ChangeBatch\":{\"Changes\":["
             "{\"Action\":\"CREATE\",\"ResourceRecordSet\":{\"Name\":\"a.example.com\","
             "\"Type\":\"A\",\"TTL\":60,\"ResourceRecords\":[{\"Value\":\"192.0.2.9\"}]}},"
             "{\"Action\":\"CREATE\",\"ResourceRecordSet\":{\"Name\":\"w.example.com\","
             "\"Type\":\"A\",\"TTL\":60,\"SetIdentifier\":\"shop-web\",\"Weight\":1,"
             "\"ResourceRecords\":[{\"Value\":\"192.0.2.9\"}]}}]}}",
             y.zone);
    applied(&y, ""); /* neither is ours */
    static const char *const names[] = {"a", "w"};
    for (size_t i = 0; i < 2; i++) {
        const char *spec =
            arena_printf(y.r.a,
                         "resource a: route53.record { zone = zone, domain = "
                         "\"%s.example.com\", kind = \"A\", values = [\"192.0.2.1\"] }\n",
                         names[i]);
        assert_int_equal(apply(&y, spec), EXEC_FAILED);
        assert_true(y.r.ds.errors > 0);
        assert_string_equal(rig_text(set_of(&y, arena_printf(y.r.a, "%s.example.com.", names[i])),
                                     "ResourceRecords[0].Value"),
                            "192.0.2.9");
        y.r.ds.errors = 0;
    }
    rig_close(&y.r);
}

/* In the account of the zone, also when the program names none of its records. */
static void other_accounts_are_looked_into(void **state)
{
    (void)state;
    struct yard y;
    memset(&y, 0, sizeof y);
    rig_open(&y.r);
    y.elsewhere = true;
    applied(
        &y,
        "resource a: route53.record in dns { zone = zone, domain = \"a.example.com\", kind = \"A\","
        " values = [\"192.0.2.1\"] }\n");
    assert_non_null(live_find(y.live, NULL, "shared.a"));
    struct facts facts;
    assert_int_equal(look(&y, "", &facts)->deletes, 1);
    applied(&y, "");
    assert_null(live_find(y.live, NULL, "shared.a"));
    rig_close(&y.r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(records_live_and_die),
                                       cmocka_unit_test(others_are_left_alone),
                                       cmocka_unit_test(other_accounts_are_looked_into)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
