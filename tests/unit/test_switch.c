/* The switch against a zone that loses answers, repeats requests, and is changed
 * by others at the worst moment. */
#include <stdlib.h>
#include <string.h>

#include "plan/worlds.h"
#include "rollout/switch.h"
#include "test.h"

#include "fake.h"
#include "shop.h"

enum fault {
    NO_FAULT,
    LOST_BEFORE,  /* ambiguous, and it never arrived */
    LOST_AFTER,   /* ambiguous, and it took effect */
    LOST_LATE,    /* ambiguous, and it arrives with the next call */
    REPEATED,     /* it took effect, was repeated below, and the repetition was refused */
    OVERTAKEN,    /* somebody else's fence commits just before */
    REFUSED,      /* AccessDenied */
    INVALID,      /* InvalidChangeBatch, for what it holds */
};

struct zone {
    struct shop *shop;
    struct arena *a;
    struct fake fake;
    struct diags ds;
    struct facts facts;
    VEC(struct value *) sets;
    VEC(enum fault) faults; /* one for each change, in order */
    size_t changes, polls, reads, committed;
    int pending;            /* GetChange answers PENDING so often */
    struct value *late;     /* a batch under way */
    bool tear;              /* the next listing is of before the TXT was replaced */
    size_t page;            /* of a listing; 0: as many as AWS gives */
    struct traffic_switch sw;
};

static bool exists(struct zone *z, const struct value *set, size_t *at)
{
    for (*at = 0; *at < z->sets.n; ++*at)
        if (value_equal(z->sets.at[*at], set))
            return true;
    return false;
}

/* All or nothing; an exact delete of what is not there refuses. */
static bool commit(struct zone *z, const struct value *batch)
{
    const struct value *changes = value_get(batch, "Changes");
    size_t at, n = z->sets.n;
    struct value **before = arena_array(z->a, struct value *, n + 1);
    if (n)
        memcpy(before, z->sets.at, n * sizeof *before);
    for (size_t i = 0; i < changes->list.n; i++) {
        struct value *set = value_get(changes->list.at[i], "ResourceRecordSet");
        bool create = !strcmp(value_get_string(changes->list.at[i], "Action"), "CREATE"), there = exists(z, set, &at);
        if (create == there) {
            z->sets.n = 0;
            for (size_t k = 0; k < n; k++)
                vec_push(z->a, &z->sets, before[k]);
            return false;
        }
        if (create)
            vec_push(z->a, &z->sets, set);
        else
            z->sets.at[at] = z->sets.at[--z->sets.n];
    }
    z->committed++;
    return true;
}

/* Another run's fence: it replaces the TXT records. */
static void overtake(struct zone *z)
{
    for (size_t i = 0; i < z->sets.n; i++) {
        struct value *set = z->sets.at[i];
        if (strcmp(value_get_string(set, "Type"), "TXT"))
            continue;
        const char *old = value_get_string(value_at(set, "ResourceRecords[0]"), "Value"), *by = strstr(old, " by=");
        const char *rest = strchr(by + 1, ' ');
        struct value *copy = value_map(z->a), *rr = value_map(z->a), **one = arena_array(z->a, struct value *, 1);
        for (size_t k = 0; k < set->map->n; k++)
            value_put(copy, set->map->entries[k].key, set->map->entries[k].value);
        value_put(rr, "Value", value_string(z->a, arena_printf(z->a, "%.*s by=other%s", (int)(by - old), old, rest)));
        one[0] = rr;
        value_put(copy, "ResourceRecords", value_list(z->a, one, 1));
        z->sets.at[i] = copy;
    }
}

static void change(struct zone *z, const struct cloud_request *req, struct cloud_reply *out)
{
    enum fault f = z->changes < z->faults.n ? z->faults.at[z->changes] : NO_FAULT;
    const struct value *batch = value_get(req->input, "ChangeBatch");
    assert_true(req->mutating);
    assert_string_equal(value_get_string(req->input, "HostedZoneId"), "Z1");
    z->changes++;
    if (f == OVERTAKEN)
        overtake(z);
    if (f == LOST_BEFORE)
        return fake_fails(out, CLOUD_ERR_LOST, true);
    if (f == REFUSED)
        return fake_fails(out, "AccessDenied", false);
    if (f == INVALID) {
        fake_fails(out, "InvalidChangeBatch", false);
        out->error.message = "RRSet with DNS name www.example.org. is not permitted in zone example.com.";
        return;
    }
    if (f == LOST_LATE) {
        z->late = cloud_value_copy(z->a, batch);
        return fake_fails(out, CLOUD_ERR_LOST, true);
    }
    if (z->late) {
        commit(z, z->late);
        z->late = NULL;
    }
    bool done = commit(z, batch);
    if (f == LOST_AFTER)
        return fake_fails(out, CLOUD_ERR_LOST, true);
    if (!done || f == REPEATED)
        return fake_fails(out, "InvalidChangeBatch", false);
    struct value *info = value_map(z->a);
    value_put(info, "Id", value_string(z->a, "/change/C1"));
    value_put(info, "Status", value_string(z->a, "PENDING"));
    out->output = value_map(z->a);
    value_put(out->output, "ChangeInfo", info);
}

/* "_bgc.shop.example.com" as "com.example.shop._bgc.": the order of a listing. */
static const char *dns_order(struct arena *a, const char *name)
{
    struct buf b;
    buf_init(&b, a);
    for (const char *end = name + strlen(name); end > name;) {
        const char *start = end;
        while (start > name && start[-1] != '.')
            start--;
        buf_put(&b, start, (size_t)(end - start));
        buf_putc(&b, '.');
        end = start > name ? start - 1 : start;
    }
    return buf_text(&b);
}

static int in_order(const void *a, const void *b)
{
    struct arena *t = arena_new("order");
    int c = strcmp(dns_order(t, value_get_string(*(struct value *const *)a, "Name")),
                   dns_order(t, value_get_string(*(struct value *const *)b, "Name")));
    arena_free(t);
    return c;
}

static void list(struct zone *z, const struct cloud_request *req, struct cloud_reply *out)
{
    const char *from = dns_order(z->a, value_get_string(req->input, "StartRecordName"));
    size_t page = z->page ? z->page : 100;
    VEC(struct value *) found = {0};
    if (z->sets.n)
        qsort(z->sets.at, z->sets.n, sizeof *z->sets.at, in_order);
    for (size_t i = 0; i < z->sets.n; i++)
        if (strcmp(dns_order(z->a, value_get_string(z->sets.at[i], "Name")), from) >= 0 &&
            !(z->tear && !strcmp(value_get_string(z->sets.at[i], "Type"), "TXT")))
            vec_push(z->a, &found, z->sets.at[i]);
    z->tear = false;
    z->reads++;
    out->output = value_map(z->a);
    value_put(out->output, "ResourceRecordSets", value_list(z->a, found.at, found.n < page ? found.n : page));
    value_put(out->output, "IsTruncated", value_bool(z->a, found.n > page));
}

static void answer(void *self, const struct cloud_request *req, struct cloud_reply *out)
{
    struct zone *z = self;
    assert_string_equal(req->service, "route53");
    if (!strcmp(req->operation, "ListResourceRecordSets"))
        return list(z, req, out);
    if (!strcmp(req->operation, "ChangeResourceRecordSets"))
        return change(z, req, out);
    assert_string_equal(req->operation, "GetChange");
    assert_string_equal(value_get_string(req->input, "Id"), "/change/C1");
    struct value *info = value_map(z->a);
    value_put(info, "Status", value_string(z->a, z->polls++ < (size_t)z->pending ? "PENDING" : "INSYNC"));
    out->output = value_map(z->a);
    value_put(out->output, "ChangeInfo", info);
}

static struct zone *open_zone(struct shop *shop)
{
    struct arena *a = arena_new("zone");
    struct zone *z = arena_make(a, struct zone);
    z->shop = shop;
    z->a = a;
    fake_init(&z->fake, a, answer, z);
    diags_init(&z->ds, a, &shop->sources);
    facts_init(&z->facts, a);
    struct value *zone = value_map(a);
    value_put(zone, "id", value_string(a, "Z1"));
    facts_put(&z->facts, "shared.zone", zone);
    z->sw = (struct traffic_switch){.schemas = &shop->schemas, .cloud = &z->fake.cloud, .ds = &z->ds, .graph = shop->graph,
                                    .traffic = graph_traffic(shop->graph, "web"), .facts = &z->facts, .epoch = 3, .nonce = "me"};
    return z;
}

static const struct switch_target first = {.world = "aaaa", .weight = 100, .dns = "blue.elb", .zone = "Z9"};

/* A zone in which world aaaa has everything. */
static struct traffic_state *settled(struct zone *z)
{
    struct traffic_state *t = switch_read(&z->sw, z->a);
    assert_non_null(t);
    assert_int_equal(t->kind, TRAFFIC_EMPTY);
    assert_int_equal(switch_note(&z->sw, z->a, &t, (struct record){.step = -1}), SWITCH_DONE);
    assert_int_equal(switch_set(&z->sw, z->a, &t, &first, 1, (struct record){.live = "aaaa", .weight_live = 100, .step = -1}), SWITCH_DONE);
    assert_int_equal(t->kind, TRAFFIC_OURS);
    assert_true(switch_mine(&z->sw, t));
    z->changes = z->polls = z->reads = z->committed = 0;
    return t;
}

static enum switch_result shift(struct zone *z, struct traffic_state **t)
{
    struct switch_target pair[] = {{.world = "aaaa", .weight = 90},
                                   {.world = "bbbb", .weight = 10, .dns = "green.elb", .zone = "Z9", .candidate = true}};
    struct record next = record_copy(z->a, &(*t)->record);
    next.candidate = "bbbb";
    next.step = 0;
    next.weight_live = 90;
    next.weight_candidate = 10;
    return switch_set(&z->sw, z->a, t, pair, 2, next);
}

static void close_zone(struct zone *z)
{
    arena_free(z->a);
}

static void waits_until_in_sync(void **state)
{
    struct zone *z = open_zone(*state);
    struct traffic_state *t = settled(z);
    int64_t serial = t->record.serial, begun = z->fake.now;
    z->pending = 6;
    assert_int_equal(shift(z, &t), SWITCH_DONE);
    assert_int_equal(z->polls, 7);
    assert_true(z->fake.now - begun >= 30000);
    assert_int_equal(t->record.serial, serial + 1);
    assert_int_equal(t->record.set, serial + 1);
    assert_int_equal(t->record.epoch, 3);
    assert_true(traffic_share_of(t, "bbbb") == 10);
    z->polls = 0;
    z->pending = 1000; /* a note touches nothing that resolvers ask for */
    assert_int_equal(switch_note(&z->sw, z->a, &t, t->record), SWITCH_DONE);
    assert_int_equal(z->polls, 0);
    assert_int_equal(t->record.set, serial + 1);
    z->ds.errors = 0;
    assert_int_equal(shift(z, &t), SWITCH_FAILED); /* never in sync: said, not waited for for ever */
    assert_string_equal(z->ds.all.at[0]->code, "BG5032");
    close_zone(z);
}

/* Whatever is lost: the batch takes effect once, and the switch knows. */
static void lost_answers_are_settled_by_reading(void **state)
{
    static const enum fault cases[] = {LOST_BEFORE, LOST_AFTER, LOST_LATE, REPEATED};
    for (size_t i = 0; i < 4; i++) {
        struct zone *z = open_zone(*state);
        struct traffic_state *t = settled(z);
        int64_t begun = z->fake.now;
        vec_push(z->a, &z->faults, cases[i]);
        assert_int_equal(shift(z, &t), SWITCH_DONE);
        assert_int_equal(z->committed, 1);
        assert_true(traffic_share_of(t, "bbbb") == 10);
        assert_int_equal(z->ds.errors, 0);
        if (!z->polls) /* no id to ask with: longer than DNS takes to spread */
            assert_true(z->fake.now - begun >= 120000);
        close_zone(z);
    }
    struct zone *z = open_zone(*state);
    struct traffic_state *t = settled(z);
    for (int i = 0; i < 9; i++)
        vec_push(z->a, &z->faults, LOST_BEFORE);
    assert_int_equal(shift(z, &t), SWITCH_FAILED);
    assert_int_equal(z->changes, 4);
    assert_string_equal(z->ds.all.at[0]->code, "BG5033");
    close_zone(z);
}

/* A batch whose fate was not known arrives after another decision was made: it is
 * not taken for that. */
static void a_late_batch_is_not_mistaken(void **state)
{
    struct zone *z = open_zone(*state);
    struct traffic_state *t = settled(z);
    for (int i = 0; i < 4; i++)
        vec_push(z->a, &z->faults, i == 3 ? LOST_LATE : LOST_BEFORE);
    assert_int_equal(shift(z, &t), SWITCH_FAILED);
    assert_true(traffic_share_of(t, "aaaa") == 100);
    /* Decided anew: an abort is noted. The shift commits first. */
    struct record next = record_copy(z->a, &t->record);
    record_abort(z->a, &next, "bbbb");
    assert_int_equal(switch_note(&z->sw, z->a, &t, next), SWITCH_CONFLICT);
    assert_true(switch_mine(&z->sw, t)); /* ours, so it is decided anew on what was read */
    assert_true(traffic_share_of(t, "bbbb") == 10);
    assert_false(record_aborted(&t->record, "bbbb"));
    assert_int_equal(switch_back(&z->sw, z->a, &t, "aaaa", "bbbb", "bbbb"), SWITCH_DONE);
    assert_true(traffic_share_of(t, "aaaa") == 100);
    close_zone(z);
}

static void an_overtaken_run_stops(void **state)
{
    struct zone *z = open_zone(*state);
    struct traffic_state *t = settled(z);
    vec_push(z->a, &z->faults, OVERTAKEN);
    assert_int_equal(shift(z, &t), SWITCH_CONFLICT);
    assert_false(switch_mine(&z->sw, t));
    assert_string_equal(t->record.by, "other");
    assert_int_equal(z->committed, 0);
    assert_true(traffic_share_of(t, "aaaa") == 100);
    vec_push(z->a, &z->faults, REFUSED);
    assert_int_equal(shift(z, &t), SWITCH_FAILED);
    assert_int_equal(z->ds.errors, 1);
    close_zone(z);
}

static void torn_reads_are_read_again(void **state)
{
    struct zone *z = open_zone(*state);
    struct traffic_state *t = settled(z);
    z->tear = true;
    t = switch_read(&z->sw, z->a);
    assert_int_equal(t->kind, TRAFFIC_OURS);
    assert_int_equal(z->reads, 2);
    for (size_t i = 0; i < z->sets.n; i++) /* by hand, and it stays so */
        if (!strcmp(value_get_string(z->sets.at[i], "Type"), "A"))
            value_put(z->sets.at[i], "Weight", value_int(z->a, 55));
    z->reads = 0;
    t = switch_read(&z->sw, z->a);
    assert_int_equal(t->kind, TRAFFIC_FOREIGN);
    assert_non_null(strstr(t->why, "gives weight 55 to world aaaa; bgc set 100"));
    assert_int_equal(z->reads, 3);
    assert_int_equal(z->ds.errors, 0);
    close_zone(z);
}

/* A page of other names may lie between a name and its TXT. */
static void the_txt_may_stand_further_on(void **state)
{
    struct zone *z = open_zone(*state);
    struct traffic_state *t = settled(z);
    for (int i = 0; i < 5; i++) {
        struct value *other = value_map(z->a);
        value_put(other, "Name", value_stringf(z->a, "*%d.shop.example.com", i));
        value_put(other, "Type", value_string(z->a, "A"));
        vec_push(z->a, &z->sets, other);
    }
    z->page = 3;
    t = switch_read(&z->sw, z->a);
    assert_int_equal(t->kind, TRAFFIC_OURS);
    assert_int_equal(z->reads, 2);
    close_zone(z);
}

static void back_and_away(void **state)
{
    struct zone *z = open_zone(*state);
    struct traffic_state *t = settled(z);
    assert_int_equal(shift(z, &t), SWITCH_DONE);
    const char *cli = switch_cli(&z->sw, z->a, t, "aaaa");
    assert_true(!strncmp(cli, "aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch '", 75));
    /* What is printed is the very batch, and the run reads it like its own. */
    const char *json = strchr(cli, '{'), *error;
    struct value *batch = value_from_json(z->a, json, strlen(json) - 1, &error);
    assert_non_null(batch);
    assert_true(commit(z, batch));
    t = switch_read(&z->sw, z->a);
    assert_int_equal(t->kind, TRAFFIC_OURS);
    assert_true(switch_mine(&z->sw, t));
    assert_true(traffic_share_of(t, "aaaa") == 100);
    assert_false(commit(z, batch)); /* exact for what it was printed for, and for nothing else */

    assert_int_equal(shift(z, &t), SWITCH_DONE);
    assert_int_equal(switch_back(&z->sw, z->a, &t, "aaaa", "spec", "bbbb"), SWITCH_DONE);
    assert_string_equal(t->record.live, "aaaa");
    assert_string_equal(t->record.candidate, "bbbb");
    assert_true(record_aborted(&t->record, "spec") && record_aborted(&t->record, "bbbb"));
    assert_int_equal(t->shares.n, 1);
    assert_int_equal(t->record.since, z->fake.now);
    assert_int_equal(switch_back(&z->sw, z->a, &t, "cccc", NULL, NULL), SWITCH_FAILED); /* it leads nowhere */
    assert_string_equal(z->ds.all.at[0]->code, "BG5034");
    struct switch_target nobody = {.world = "aaaa", .weight = 0};
    assert_int_equal(switch_set(&z->sw, z->a, &t, &nobody, 1, t->record), SWITCH_FAILED);
    assert_string_equal(z->ds.all.at[1]->code, "BG6007");
    assert_int_equal(switch_clear(&z->sw, z->a, &t), SWITCH_DONE);
    assert_int_equal(z->sets.n, 0);
    assert_int_equal(switch_clear(&z->sw, z->a, &t), SWITCH_DONE);
    close_zone(z);
}

/* The program says these names by now; the tags speak of the first `tagged`. */
static struct traffic_state *looking(struct zone *z, const char *const *names, size_t n, size_t wanted, size_t tagged)
{
    z->sw.names = arena_array(z->a, const char *, n);
    z->sw.tagged = arena_array(z->a, bool, n);
    for (size_t i = 0; i < n; i++) {
        z->sw.names[i] = names[i];
        z->sw.tagged[i] = i < tagged;
    }
    z->sw.nnames = n;
    z->sw.wanted = wanted;
    return switch_read(&z->sw, z->a);
}

static const char *const shop_www[] = {"shop.example.com", "www.example.com"};

static void names_come_and_go(void **state)
{
    static const enum fault faults[] = {NO_FAULT, LOST_BEFORE, LOST_AFTER, LOST_LATE, REPEATED};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct zone *z = open_zone(*state);
        settled(z);
        struct traffic_state *t = looking(z, shop_www, 2, 2, 1);
        assert_int_equal(t->come.n, 1);
        int64_t set = t->record.set;
        vec_push(z->a, &z->faults, faults[i]);
        z->pending = 2;
        assert_int_equal(switch_rename(&z->sw, z->a, &t, record_copy(z->a, &t->record)), SWITCH_DONE);
        assert_int_equal(z->committed, 1);
        assert_int_equal(t->kind, TRAFFIC_OURS);
        assert_int_equal(t->names.n, 2);
        assert_int_equal(t->come.n, 0);
        assert_int_equal(t->exact->list.n, 4);
        assert_true(t->record.set > set && t->record.weight_live == 100);
        assert_true(faults[i] != NO_FAULT || z->polls == 3); /* resolvers ask for it: it is waited for */
        /* Every later batch is of both names. */
        assert_int_equal(shift(z, &t), SWITCH_DONE);
        assert_int_equal(t->exact->list.n, 8);
        t = looking(z, shop_www, 2, 1, 2);
        assert_int_equal(t->go.n, 1);
        assert_int_equal(switch_rename(&z->sw, z->a, &t, record_copy(z->a, &t->record)), SWITCH_DONE);
        assert_int_equal(z->sets.n, 5);
        assert_true(traffic_share_of(t, "bbbb") == 10);
        close_zone(z);
    }
}

static void a_name_that_cannot_come(void **state)
{
    struct zone *z = open_zone(*state);
    settled(z);
    struct traffic_state *t = looking(z, shop_www, 2, 2, 1);
    vec_push(z->a, &z->faults, INVALID);
    assert_int_equal(switch_rename(&z->sw, z->a, &t, record_copy(z->a, &t->record)), SWITCH_FAILED);
    assert_string_equal(z->ds.all.at[0]->code, "BG5035");
    assert_string_equal(z->ds.all.at[0]->notes.at[0], "RRSet with DNS name www.example.org. is not permitted in zone example.com.");
    assert_int_equal(z->committed, 0);
    assert_true(switch_mine(&z->sw, t));
    /* Somebody makes a record there. */
    struct value *mine = value_map(z->a), *rr = value_map(z->a), **one = arena_array(z->a, struct value *, 1);
    one[0] = rr;
    value_put(rr, "Value", value_string(z->a, "10.1.2.3"));
    value_put(mine, "Name", value_string(z->a, "www.example.com"));
    value_put(mine, "Type", value_string(z->a, "A"));
    value_put(mine, "ResourceRecords", value_list(z->a, one, 1));
    vec_push(z->a, &z->sets, mine);
    t = looking(z, shop_www, 2, 2, 1);
    z->changes = 0;
    assert_int_equal(switch_rename(&z->sw, z->a, &t, record_copy(z->a, &t->record)), SWITCH_FAILED);
    assert_int_equal(z->changes, 0);
    assert_int_equal(z->ds.errors, 2);
    assert_non_null(strstr(z->ds.all.at[1]->message, "www.example.com has a record of type A already"));
    close_zone(z);
}

/* Who began with the old names: his batch is of a record that is not there any more. */
static void a_run_of_the_old_names_is_fenced(void **state)
{
    struct zone *z = open_zone(*state);
    struct traffic_state *old = settled(z), *t = looking(z, shop_www, 2, 2, 1);
    assert_int_equal(switch_rename(&z->sw, z->a, &t, record_copy(z->a, &t->record)), SWITCH_DONE);
    struct traffic_switch late = z->sw;
    late.nonce = "late";
    late.nnames = late.wanted = 1;
    size_t committed = z->committed;
    assert_int_equal(switch_note(&late, z->a, &old, record_copy(z->a, &old->record)), SWITCH_CONFLICT);
    assert_int_equal(z->committed, committed);
    /* Nor does he take what he reads at one of its names for the whole. */
    assert_int_equal(old->kind, TRAFFIC_FOREIGN);
    assert_false(switch_mine(&late, old));
    close_zone(z);
}

static void an_unknown_zone_is_said(void **state)
{
    struct zone *z = open_zone(*state);
    facts_init(&z->facts, z->a);
    assert_null(switch_read(&z->sw, z->a));
    assert_string_equal(z->ds.all.at[0]->code, "BG5031");
    close_zone(z);
}

static int open_shop(void **state)
{
    return (*state = shop_open()) ? 0 : -1;
}

static int close_shop(void **state)
{
    shop_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_until_in_sync),       cmocka_unit_test(lost_answers_are_settled_by_reading),
        cmocka_unit_test(a_late_batch_is_not_mistaken), cmocka_unit_test(an_overtaken_run_stops),
        cmocka_unit_test(torn_reads_are_read_again), cmocka_unit_test(the_txt_may_stand_further_on),
        cmocka_unit_test(back_and_away),                cmocka_unit_test(names_come_and_go),
        cmocka_unit_test(a_name_that_cannot_come),      cmocka_unit_test(a_run_of_the_old_names_is_fenced),
        cmocka_unit_test(an_unknown_zone_is_said),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
