/* The rollout's machine, driven through thousands of seeded lives of an account
 * that is a record and a few flags: failures, crashes, reverts, --retry, another
 * rollout, a lost journal, late creations. The promises hold after every step,
 * and what is left to itself comes to rest. */
#include <string.h>

#include "plan/timeline.h"
#include "rollout/machine.h"
#include "test.h"

#include "shop.h"

enum { RUNS = 3000, WORLDS = 64, TRACE = 400, MINUTE = 60000, HOUR = 60 * MINUTE, TAIL = 3 * MINUTE };

struct a_world {
    const char *id, *spec;
    size_t made;          /* how many of its resources exist */
    bool tested;          /* the truth: its tests passed since it was complete */
    bool verdict;         /* the journal knows that */
    bool sealed, held;
    bool answers;         /* it has records */
    int64_t weight, gone; /* when its records went; 0: it never had any */
};

struct cosmos {
    struct shop *shop;
    struct arena *a;
    uint64_t seed;
    int64_t now, chaos; /* chaos: out of 1000 */
    size_t full;        /* resources of a complete world */
    bool shared_done;
    struct a_world worlds[WORLDS];
    size_t nworlds;
    enum traffic_kind kind;
    bool has_record;
    struct record record;
    int64_t passed_since, passed_step, approved_since; /* journal */
    int *todos, *actions; /* how often each was met */
    const char *trace[TRACE];
    size_t ntrace;
};

struct process {
    struct cosmos *x;
    const char *spec, *as; /* --rollout */
    bool retry, failed;
    double sized_for;
    struct world_view view;
    struct traffic_state traffic;
    struct live live;
};

static const char *const specs[] = {"aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"};

static bool happens(struct cosmos *x, int64_t times)
{
    return x->chaos && throw_dice(&x->seed, 1000) < x->chaos * times;
}

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

static void note(struct cosmos *x, const char *text)
{
    if (x->ntrace < TRACE)
        x->trace[x->ntrace++] = text;
}

static void broken(struct cosmos *x, const char *what)
{
    size_t from = x->ntrace > 60 ? x->ntrace - 60 : 0;
    for (size_t i = from; i < x->ntrace; i++)
        print_message("# %s\n", x->trace[i]);
    print_message("# %s\n", record_print(x->a, &x->record));
    fail_msg("%s", what);
}

static struct a_world *world(struct cosmos *x, const char *id)
{
    for (size_t i = 0; id && i < x->nworlds; i++)
        if (!strcmp(x->worlds[i].id, id))
            return &x->worlds[i];
    return NULL;
}

static struct a_world *make(struct cosmos *x, const char *id, const char *spec)
{
    struct a_world *w = world(x, id);
    if (!w) {
        assert_true(x->nworlds < WORLDS);
        w = &x->worlds[x->nworlds++];
        *w = (struct a_world){.id = id, .spec = spec};
    }
    return w;
}

/* ---- the promises --------------------------------------------------------------- */

static void promises(struct cosmos *x)
{
    int64_t sum = 0;
    const struct record *r = &x->record;
    if (x->kind != TRAFFIC_OURS)
        return;
    for (size_t i = 0; i < x->nworlds; i++) {
        struct a_world *w = &x->worlds[i];
        sum += w->answers ? w->weight : 0;
        if (!w->answers)
            continue;
        bool hand = !strcmp(w->id, WORLD_BY_HAND);
        if (!hand && (!w->tested || w->made < x->full))
            broken(x, "P3: an untested or incomplete world has records");
        if (record_doomed(r, w->id))
            broken(x, "DOOM: a doomed world has records");
        if (w->weight > 0 && !same(w->id, r->live) && !same(w->id, r->candidate))
            broken(x, "P5: somebody has a share who is not in the record");
        if (w->weight > 0 && same(w->id, r->candidate) && record_aborted(r, w->id))
            broken(x, "ABORT: an aborted world has a share");
    }
    if (r->live && !sum)
        broken(x, "P2: nobody has any traffic");
}

/* Deleting what somebody may still be answered with. */
static void may_remove(struct cosmos *x, const struct a_world *w)
{
    if (!record_doomed(&x->record, w->id))
        broken(x, "P1: removal before the doom");
    if (w->answers)
        broken(x, "P1: removal of a world with records");
    if (w->gone && x->now < w->gone + TAIL)
        broken(x, "P1: removal of a world with traffic in its tail");
}

/* ---- effects ---------------------------------------------------------------------- */

static void answer(struct cosmos *x, const char *id, int64_t weight)
{
    struct a_world *w = world(x, id);
    w->answers = true;
    w->weight = weight;
}

/* One batch: everybody else loses the records. */
static void batch(struct cosmos *x, const struct record *next, const char *const *ids, const int64_t *weights, size_t n)
{
    x->kind = TRAFFIC_OURS;
    x->has_record = true;
    x->record = record_copy(x->a, next);
    x->record.serial++;
    for (size_t i = 0; i < x->nworlds; i++) {
        bool stays = false;
        for (size_t k = 0; k < n; k++)
            stays = stays || !strcmp(ids[k], x->worlds[i].id);
        if (x->worlds[i].answers && !stays) {
            x->worlds[i].answers = false;
            x->worlds[i].gone = x->now;
        }
    }
    for (size_t k = 0; k < n; k++)
        answer(x, ids[k], weights[k]);
}

static void claim(struct process *p, const struct todo *t)
{
    struct cosmos *x = p->x;
    struct record *r = &x->record;
    if (record_doomed(r, t->world))
        broken(x, "a doomed instance is claimed");
    if (!x->has_record)
        *r = (struct record){.version = 1, .live = p->view.live};
    x->has_record = true;
    x->kind = TRAFFIC_OURS;
    if (record_aborted(r, p->view.spec) && !p->retry)
        broken(x, "ABORT: an aborted world is claimed without --retry");
    r->candidate = t->world;
    r->incarnation = p->view.incarnation;
    r->step = -1;
    r->weight_candidate = 0;
    r->since = x->now;
    record_forgive(r, p->retry ? p->view.spec : NULL);
    record_forgive(r, p->retry ? t->world : NULL);
}

static void shift(struct process *p, const struct todo *t)
{
    struct cosmos *x = p->x;
    struct a_world *w = world(x, t->world);
    struct record next = record_copy(x->a, &x->record);
    if (!w || !w->sealed || !same(x->record.candidate, t->world))
        broken(x, "P3: a share for what is not claimed and sealed");
    next.since = x->now;
    next.step = p->view.live ? t->step : -1;
    if (!p->view.live) {
        next.live = t->world;
        next.candidate = NULL;
        next.weight_live = 100;
        return batch(x, &next, &t->world, &(int64_t){100}, 1);
    }
    const char *ids[3] = {t->world, p->view.live, p->view.previous};
    int64_t weights[3] = {(int64_t)t->share, 100 - (int64_t)t->share, 0};
    next.weight_candidate = weights[0];
    next.weight_live = weights[1];
    batch(x, &next, ids, weights, p->view.previous ? 3 : 2);
}

static void promote(struct process *p, const struct todo *t)
{
    struct record *r = &p->x->record;
    if (world(p->x, r->live)->weight > 0)
        broken(p->x, "P2: promoted before it had everything");
    if (r->previous)
        broken(p->x, "promoted over a world that is still kept");
    r->previous = r->live;
    r->live = t->world;
    r->candidate = NULL;
    r->step = -1;
    r->weight_live = 100;
    r->weight_candidate = 0;
    r->since = p->x->now;
}

static void back(struct process *p, const struct todo *t)
{
    struct cosmos *x = p->x;
    struct record next = record_copy(x->a, &x->record);
    const struct record *r = &x->record;
    const char *failed = r->candidate ? r->candidate : r->live;
    if (t->latch) {
        record_abort(x->a, &next, failed);
        record_abort(x->a, &next, world(x, failed) ? world(x, failed)->spec : failed);
        p->failed = false;
    }
    next.since = x->now;
    if (t->latch && r->candidate && p->view.candidate_share <= 0) {
        x->record = next;
        return;
    }
    if (!same(t->world, r->live) && !same(t->world, r->previous))
        broken(x, "back to a world that is neither live nor kept");
    if (!world(x, t->world)->answers)
        broken(x, "back to a world that has no records");
    next.candidate = !same(r->live, t->world) ? r->live : r->candidate;
    next.live = t->world;
    next.previous = NULL;
    next.step = -1;
    next.weight_live = 100;
    next.weight_candidate = 0;
    batch(x, &next, &t->world, &(int64_t){100}, 1);
}

static void doom(struct process *p, const struct todo *t)
{
    struct cosmos *x = p->x;
    struct record next = record_copy(x->a, &x->record);
    struct a_world *w = world(x, t->world);
    const char *ids[WORLDS];
    int64_t weights[WORLDS];
    size_t n = 0;
    if (w && w->answers && w->weight > 0 && x->kind == TRAFFIC_OURS)
        broken(x, "P1: a world with traffic is doomed");
    if (same(t->world, x->record.live))
        broken(x, "P1: the live world is doomed");
    record_doom(x->a, &next, t->world);
    if (same(next.candidate, t->world)) {
        next.candidate = NULL;
        next.step = -1;
    }
    if (same(next.previous, t->world))
        next.previous = NULL;
    if (w && w->answers)
        next.doomed_at = x->now;
    for (size_t i = 0; i < x->nworlds; i++)
        if (x->worlds[i].answers && strcmp(x->worlds[i].id, t->world)) {
            ids[n] = x->worlds[i].id;
            weights[n++] = x->worlds[i].weight;
        }
    batch(x, &next, ids, weights, n);
}

/* Time passes for the users of a partial share only while a gate watches. */
static void until(struct process *p, const struct todo *t, bool watched)
{
    if (!watched && p->view.candidate_share > 0 && p->view.candidate_share < 100)
        broken(p->x, "a partial share that nobody watches");
    if (t->until > p->x->now + 100 * HOUR)
        broken(p->x, "a wait without an end");
    if (t->until > p->x->now)
        p->x->now = t->until;
}

static void create(struct process *p, const struct todo *t)
{
    struct cosmos *x = p->x;
    struct a_world *w = make(x, t->world, p->spec);
    if (!same(x->record.candidate, t->world))
        broken(x, "a resource is created before the claim");
    if (w->answers || record_doomed(&x->record, t->world))
        broken(x, "P1: a world with records, or a doomed one, is added to");
    w->tested = false;
    w->made = happens(x, 40) ? (size_t)throw_dice(&x->seed, (int64_t)x->full + 1) : x->full;
}

static void test(struct process *p, const struct todo *t)
{
    struct a_world *w = world(p->x, t->world);
    if (!w || w->made < p->x->full)
        broken(p->x, "what is tested is not complete");
    p->x->now += 10 * MINUTE;
    p->failed = happens(p->x, 60);
    w->tested = w->verdict = !p->failed;
}

static void carry_out(struct process *p, const struct todo *t)
{
    struct cosmos *x = p->x;
    struct a_world *w = world(x, t->world);
    switch (t->kind) {
    case TODO_CLAIM: claim(p, t); break;
    case TODO_CREATE: create(p, t); break;
    case TODO_TEST: test(p, t); break;
    case TODO_SEAL: w->sealed = true; break;
    case TODO_HOLD_LIVE: w->held = true; break;
    case TODO_RELEASE: w->held = false; break;
    case TODO_SIZE: p->sized_for = t->share; break;
    case TODO_SHIFT: shift(p, t); break;
    case TODO_WATCH:
        if (!t->gate)
            broken(x, "a hold without its gate");
        if ((p->failed = happens(x, 40)))
            break;
        until(p, t, true);
        x->passed_step = t->step;
        x->passed_since = x->record.since;
        break;
    case TODO_APPROVE:
        if (happens(x, 40)) {
            until(p, t, true);
            p->failed = true;
        } else {
            x->approved_since = x->record.since;
        }
        break;
    case TODO_BAKE:
        if (!(p->failed = happens(x, 40)))
            until(p, t, false);
        break;
    case TODO_WATCH_IDLE:
    case TODO_DRAIN: until(p, t, false); break;
    case TODO_PROMOTE: promote(p, t); break;
    case TODO_ROLLBACK: back(p, t); break;
    case TODO_DOOM: doom(p, t); break;
    case TODO_RETIRE:
        may_remove(x, w);
        *w = (struct a_world){.id = w->id, .spec = w->spec, .gone = w->gone};
        break;
    case TODO_RECONCILE_SHARED: x->shared_done = true; break;
    case TODO_RENAME: fail_msg("nobody said other names"); break;
    default: broken(x, "a todo that nobody carries out");
    }
}

/* ---- looking ------------------------------------------------------------------------ */

static void look(struct process *p, struct arena *a)
{
    struct cosmos *x = p->x;
    const struct world *want = graph_world(x->shop->graph, "web");
    struct reading *r = arena_make(a, struct reading);
    r->fields = r->tags = value_map(a);
    p->live = (struct live){.at = x->now};
    p->traffic = (struct traffic_state){.world = "web", .kind = x->kind, .record = x->record, .has_record = x->has_record};
    for (size_t i = 0; i < x->nworlds; i++) {
        const struct a_world *w = &x->worlds[i];
        if (w->answers)
            vec_push(a, &p->traffic.shares, (struct traffic_share){.world = w->id, .weight = w->weight});
        for (size_t k = 0, n = 0; k < want->nodes.n && n < w->made; k++) {
            if (want->nodes.at[k]->existing)
                continue;
            struct live_resource *lr = arena_make(a, struct live_resource);
            *lr = (struct live_resource){.address = want->nodes.at[k]->address, .type = want->nodes.at[k]->type,
                                         .world = arena_printf(a, "web/%s", w->id), .id = "i", .reading = r};
            live_add(a, &p->live, lr);
            n++;
        }
    }
    vec_push(a, &p->live.traffics, &p->traffic);
    world_observe(a, x->shop->graph, &p->live, "web", &p->view);
    p->view.retry = p->retry;
    world_decide(a, &p->view);
}

static struct machine_in input(struct process *p)
{
    struct cosmos *x = p->x;
    const struct a_world *w = world(x, p->view.desired), *live = world(x, p->view.live);
    const struct record *r = &x->record;
    const char *as = p->as ? p->as : x->has_record ? r->rollout : NULL;
    return (struct machine_in){
        .view = &p->view, .rollout = graph_rollout(x->shop->graph, "web", as), .traffic = &p->traffic, .now = x->now,
        .shared_done = x->shared_done, .candidate_complete = w && w->made == x->full,
        .tested = w && (w->verdict || w->sealed), .sealed = w && w->sealed, .held = !live || live->held,
        .released = !live || !live->held, .sized_for = p->sized_for,
        .step_passed = x->passed_step == r->step && x->passed_since == r->since,
        .approved = x->approved_since == r->since, .failed = p->failed, .failure = "a gate failed", .tail = TAIL,
        .idle = false};
}

/* One process, from its start to its end. */
static enum todo_kind life(struct cosmos *x, const char *spec, bool retry, bool rebuild, const char *as)
{
    struct process p = {.x = x, .spec = spec, .retry = retry, .as = as, .sized_for = -1};
    struct world *want = graph_world(x->shop->graph, "web");
    want->id = want->spec = spec;
    p.traffic = (struct traffic_state){.has_record = x->has_record, .record = x->record};
    p.traffic.world = "web";
    struct live l = {0};
    vec_push(x->a, &l.traffics, &p.traffic);
    world_choose(x->a, want, &l, rebuild);
    note(x, arena_printf(x->a, "-- %s wants %s (%s)%s%s", as ? as : "default", spec, want->id, retry ? " --retry" : "",
                         rebuild ? " --rebuild" : ""));
    for (int step = 0; step < 150; step++) {
        struct arena *a = arena_new("step");
        look(&p, a);
        struct machine_in in = input(&p);
        struct todo t = machine_next(a, &in);
        assert_non_null(phase_name(machine_phase(&in)));
        x->todos[t.kind]++;
        x->actions[p.view.action]++;
        t.world = t.world ? arena_strdup(x->a, t.world) : NULL;
        note(x, arena_printf(x->a, "%lld action %d todo %d world %s share %g step %lld", (long long)x->now / 1000,
                             (int)p.view.action, (int)t.kind, t.world ? t.world : "-", t.share, (long long)t.step));
        if (t.kind != TODO_NOTHING && t.kind != TODO_REFUSE) {
            carry_out(&p, &t);
            if (x->has_record && as)
                x->record.rollout = as;
            promises(x);
        }
        arena_free(a);
        if (t.kind == TODO_NOTHING || t.kind == TODO_REFUSE || happens(x, 20))
            return t.kind;
    }
    broken(x, "it comes to no end");
    return TODO_NOTHING;
}

/* Left to itself: nothing fails, the spec stays. */
static void comes_to_rest(struct cosmos *x, const char *spec)
{
    enum todo_kind end = TODO_NOTHING;
    x->chaos = 0;
    for (int i = 0; i < 4; i++) {
        end = life(x, spec, false, false, NULL);
        x->now += 3 * HOUR; /* what is kept after a failure goes */
    }
    const struct record *r = &x->record;
    const struct a_world *live = world(x, r->live);
    bool aborted = record_aborted(r, spec);
    if (end == TODO_REFUSE && !aborted)
        broken(x, "refused for no reason");
    if (!aborted && (!live || strcmp(live->spec, spec)))
        broken(x, "it rests at another version than the spec's");
    if (live && (!live->answers || live->weight != 100 || live->held))
        broken(x, "the live world has not everything, or is still held");
    if (r->previous || r->candidate)
        broken(x, "the record still speaks of another world");
    for (size_t i = 0; i < x->nworlds; i++)
        if (&x->worlds[i] != live && (x->worlds[i].made || x->worlds[i].answers))
            broken(x, "something is left of another world");
}

static void between_lives(struct cosmos *x)
{
    if (happens(x, 30)) /* the store is lost */
        for (size_t i = 0; i < x->nworlds; i++)
            x->worlds[i].verdict = false;
    if (happens(x, 30))
        x->passed_since = x->approved_since = 0;
    if (happens(x, 30))
        x->shared_done = false;
    if (happens(x, 30)) /* a creation of an earlier run arrives late */
        for (size_t i = 0; i < x->nworlds; i++)
            if (!x->worlds[i].made && strcmp(x->worlds[i].id, WORLD_BY_HAND) && record_doomed(&x->record, x->worlds[i].id))
                x->worlds[i].made = 1;
    x->now += throw_dice(&x->seed, 4) * HOUR;
}

static size_t resources_of(const struct shop *s)
{
    const struct world *w = graph_world(s->graph, "web");
    size_t n = 0;
    for (size_t i = 0; i < w->nodes.n; i++)
        n += !w->nodes.at[i]->existing;
    return n;
}

static void any_life_keeps_the_promises(void **state)
{
    struct shop *shop = *state;
    int todos[TODO_RECONCILE_SHARED + 1] = {0}, actions[WORLD_REFUSED + 1] = {0};
    for (int run = 0; run < RUNS; run++) {
        struct cosmos *x = calloc(1, sizeof *x);
        x->shop = shop;
        x->todos = todos;
        x->actions = actions;
        x->a = arena_new("cosmos");
        x->seed = (uint64_t)run * 7919 + 1;
        x->now = 1763287200000;
        x->chaos = 1 + throw_dice(&x->seed, 6);
        x->full = resources_of(shop);
        x->shared_done = throw_dice(&x->seed, 2);
        x->record.step = x->passed_step = -1;
        if (throw_dice(&x->seed, 4) == 0) {
            x->kind = TRAFFIC_SIMPLE;
            make(x, WORLD_BY_HAND, WORLD_BY_HAND);
            answer(x, WORLD_BY_HAND, 100);
        }
        const char *spec = specs[0], *as = NULL;
        for (int64_t lives = 2 + throw_dice(&x->seed, 8); lives > 0; lives--) {
            life(x, spec, throw_dice(&x->seed, 6) == 0, throw_dice(&x->seed, 8) == 0, as);
            between_lives(x);
            if (throw_dice(&x->seed, 2))
                spec = specs[throw_dice(&x->seed, 3)];
            as = throw_dice(&x->seed, 4) ? NULL : "hotfix";
        }
        comes_to_rest(x, spec);
        arena_free(x->a);
        free(x);
    }
    for (int k = 0; k <= TODO_RECONCILE_SHARED; k++)
        if (!todos[k] && k != TODO_REMOVE && k != TODO_QUIESCE && k != TODO_ACTIVATE)
            fail_msg("no life met todo %d", k);
    for (int k = 0; k <= WORLD_REFUSED; k++)
        if (!actions[k])
            fail_msg("no life met action %d", k);
}

/* ---- single moments ------------------------------------------------------------------- */

static struct todo ask(const struct world_view *v, const struct traffic_state *t, struct machine_in in)
{
    in.view = v;
    in.traffic = t;
    in.shared_done = true;
    return machine_next(NULL, &in);
}

/* Nothing is built on what somebody else changed, whatever else is the case. */
static void foreign_traffic_is_left_alone(void **state)
{
    (void)state;
    struct world_view v = {.name = "web", .desired = "b", .live = "a", .candidate = "b", .candidate_share = 10,
                           .action = WORLD_REFUSED, .aborted = true, .why = "somebody changed it"};
    struct traffic_state t = {.world = "web", .kind = TRAFFIC_FOREIGN, .has_record = true,
                              .record = {.live = "a", .candidate = "b"}};
    assert_int_equal(ask(&v, &t, (struct machine_in){.failed = true, .failure = "x"}).kind, TODO_REFUSE);
    assert_int_equal(ask(&v, &t, (struct machine_in){.released = false}).kind, TODO_REFUSE);
}

/* The aborted version is wanted while another one has a share: it goes back. */
static void an_aborted_wish_leaves_no_share(void **state)
{
    (void)state;
    struct world_view v = {.name = "web", .spec = "c", .desired = "c", .live = "a", .candidate = "b",
                           .candidate_share = 50, .aborted = true};
    struct traffic_state t = {.world = "web", .kind = TRAFFIC_OURS, .has_record = true,
                              .record = {.live = "a", .candidate = "b"}};
    struct arena *a = arena_new("test");
    world_decide(a, &v);
    struct todo next = ask(&v, &t, (struct machine_in){.released = true});
    assert_int_equal(next.kind, TODO_ROLLBACK);
    assert_string_equal(next.world, "a");
    assert_false(next.latch);
    arena_free(a);
}

/* Shares under way, and another rollout than the one that gave them. */
static void another_rollout_under_way(void **state)
{
    struct shop *shop = *state;
    struct world_view v = {.name = "web", .spec = "b", .desired = "b", .live = "a", .candidate = "b",
                           .candidate_share = 50, .candidate_complete = true, .action = WORLD_RESUME};
    struct traffic_state t = {.world = "web", .kind = TRAFFIC_OURS, .has_record = true,
                              .record = {.live = "a", .candidate = "b", .step = 1, .since = 1000}};
    struct machine_in in = {.rollout = graph_rollout(shop->graph, "web", NULL), .sized_for = 100, .now = 2000,
                            .step_passed = true};
    struct todo next = ask(&v, &t, in);
    assert_int_equal(next.kind, TODO_APPROVE);
    in.approved = true;
    next = ask(&v, &t, in);
    assert_int_equal(next.kind, TODO_SHIFT);
    assert_true(next.share == 100);
    in.rollout = graph_rollout(shop->graph, "web", "hotfix"); /* 25 %, then 100 % */
    next = ask(&v, &t, in);
    assert_int_equal(next.kind, TODO_SHIFT);
    assert_true(next.share == 25 && next.step == 0);
    in.rollout = NULL; /* it left the spec: one step to 100 % */
    next = ask(&v, &t, in);
    assert_int_equal(next.kind, TODO_SHIFT);
    assert_true(next.share == 100);
    t.record.step = 7;
    v.candidate_share = 100;
    assert_int_equal(ask(&v, &t, in).kind, TODO_PROMOTE);
}

/* A failure during a bake goes back to the kept world, also when a stray is there. */
static void a_failed_bake_goes_back(void **state)
{
    (void)state;
    struct world_view v = {.name = "web", .spec = "b", .desired = "b", .live = "b", .previous = "a",
                           .candidate = "stray"};
    struct traffic_state t = {.world = "web", .kind = TRAFFIC_OURS, .has_record = true,
                              .record = {.live = "b", .previous = "a"}};
    struct arena *a = arena_new("test");
    world_decide(a, &v);
    struct todo next = ask(&v, &t, (struct machine_in){.failed = true, .failure = "settled failed"});
    assert_int_equal(next.kind, TODO_ROLLBACK);
    assert_string_equal(next.world, "a");
    assert_true(next.latch);
    t.kill_switch_fired = true; /* users are on the kept world: it stays */
    v.candidate = NULL;
    world_decide(a, &v);
    next = ask(&v, &t, (struct machine_in){.now = 1});
    assert_int_equal(next.kind, TODO_REFUSE);
    arena_free(a);
}

static void phases_have_names(void **state)
{
    (void)state;
    assert_string_equal(phase_name(PH_IDLE), "idle");
    assert_string_equal(phase_name(PH_AWAITING_APPROVAL), "awaiting_approval");
    assert_string_equal(phase_name(PH_RETIRING), "retiring");
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
        cmocka_unit_test(any_life_keeps_the_promises),   cmocka_unit_test(foreign_traffic_is_left_alone),
        cmocka_unit_test(an_aborted_wish_leaves_no_share), cmocka_unit_test(another_rollout_under_way),
        cmocka_unit_test(a_failed_bake_goes_back),       cmocka_unit_test(phases_have_names),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}
