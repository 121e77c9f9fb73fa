#include "cloud/execute.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cloud/gather.h"
#include "cloud/task.h"
#include "lang/identity.h"
#include "lang/pattern.h"

/* The queue: tasks, ordered by the longest remaining path. */
struct queue {
    struct executor *x;
    struct arena *arena;
    struct task *tasks;
    size_t n, left, flying;
    bool failed, stopped, lost, hold;
    int64_t tick_at;
};

static bool is_resource_op(const struct action *act)
{
    enum plan_op op = act->op;
    return op == PLAN_CREATE || op == PLAN_UPDATE || op == PLAN_REPLACE || op == PLAN_DELETE || op == PLAN_TUNE ||
           (op == PLAN_TAG && act->tags);
}

static struct task *of_seq(struct queue *q, int seq)
{
    for (size_t i = 0; i < q->n; i++)
        if (q->tasks[i].act->seq == seq)
            return &q->tasks[i];
    return NULL;
}

/* Length of the longest chain of tasks that wait for this one. Actions only
 * need earlier ones, so one pass from the end settles all. */
static void rank(struct queue *q)
{
    for (size_t i = q->n; i-- > 0;) {
        struct task *t = &q->tasks[i];
        for (size_t k = 0; k < t->act->needs.n; k++) {
            struct task *need = of_seq(q, t->act->needs.at[k]);
            if (!need)
                continue;
            t->needs_left++;
            if (need->depth < t->depth + 1)
                need->depth = t->depth + 1;
        }
    }
}

static void said(struct queue *q, const struct task *t, const char *what)
{
    event_emit(q->x->sink, EVENT(.type = plan_op_name(t->act->op), .address = t->act->address,
                                 .world = t->act->world, .message = what));
}

static void finished(struct queue *q, struct task *t)
{
    q->left--;
    t->act->done = true;
    said(q, t, t->act->op == PLAN_DELETE ? "removed"
               : t->act->op == PLAN_TAG ? "tagged"
               : t->act->op == PLAN_CREATE ? arena_printf(q->arena, "created %s", t->id) : "changed");
    for (size_t i = 0; i < q->n; i++)
        for (size_t k = 0; k < q->tasks[i].act->needs.n; k++)
            if (q->tasks[i].act->needs.at[k] == t->act->seq)
                q->tasks[i].needs_left--;
}

/* Promise P1, a second time: what was proved of the plan is asked again of what
 * is true now. */
static bool allowed(struct queue *q, const struct task *t)
{
    const char *why;
    if (!q->x->verifier || verify_step(q->arena, q->x->verifier, t->act, &why))
        return true;
    struct diag *d = diag_error(q->x->ds, "BG6005", t->act->span, "refused before it was sent: %s", why);
    diag_note(q->x->ds, d, "the account changed since the plan was made; nothing was done to %s", t->act->address);
    return false;
}

/* Sends what the task wants now. */
static void advance(struct queue *q, struct task *t)
{
    struct cloud_request req;
    switch (task_next(t, &req)) {
    case TASK_WANTS_CALL:
        if (req.mutating && (!allowed(q, t) || (q->x->lock && !lock_keep(q->x->lock, q->x->ds)))) {
            q->lost = q->x->lock && !q->x->lock->held;
            q->failed = true;
            return;
        }
        t->ticket = cloud_submit(q->x->cloud, &req);
        q->flying++;
        return;
    case TASK_WANTS_TIME:
        return;
    case TASK_IS_DONE:
        finished(q, t);
        return;
    case TASK_IS_FAILED:
        q->failed = true;
        said(q, t, "failed");
        return;
    }
}

static bool over(const struct task *t)
{
    return t->state == TASK_DONE || t->state == TASK_FAILED;
}

/* Ready tasks with the longest path first; ties keep the plan's order. */
static struct task *next_ready(struct queue *q)
{
    struct task *best = NULL;
    int64_t now = clock_now(q->x->cloud->clock);
    for (size_t i = 0; i < q->n; i++) {
        struct task *t = &q->tasks[i];
        if (over(t) || t->ticket || t->needs_left || t->wake_at > now || (!t->started && q->hold))
            continue;
        if (!best || t->depth > best->depth)
            best = t;
    }
    return best;
}

/* Once something failed or was stopped nothing is begun or gone on with: what is in
 * flight is awaited, and that is all. */
static bool starts(const struct queue *q)
{
    return !q->failed && !q->stopped;
}

/* Afterwards, while `starts`, each task is over, in flight, waits for another, for the
 * gate (`hold`), or for a moment: none is ready. A task that is advanced leaves this
 * set each time, so it ends. */
static void start_ready(struct queue *q)
{
    struct task *t;
    while (starts(q) && (t = next_ready(q))) {
        t->started = true;
        advance(q, t);
    }
}

/* When there is something to do again; *due: that a task, and not only the gate
 * or the lease, waits for a moment. The moment of a task that nobody will go on with
 * is none to wake at: it stays in the past, and waiting for it is no waiting. */
static int64_t next_wake(const struct queue *q, bool *due)
{
    int64_t at = INT64_MAX;
    for (size_t i = 0; starts(q) && i < q->n; i++) {
        const struct task *t = &q->tasks[i];
        if (!over(t) && !t->ticket && !t->needs_left && t->wake_at && t->wake_at < at)
            at = t->wake_at;
    }
    *due = at != INT64_MAX;
    if (q->x->tick && q->tick_at < at)
        at = q->tick_at;
    /* The lease is renewed even when a resource takes long. */
    int64_t now = clock_now(q->x->cloud->clock);
    int64_t keep = now + (int64_t)((double)LOCK_LEASE_MS / 3 * clock_speed(q->x->cloud->clock));
    return q->x->lock && keep < at ? keep : at;
}

static void take(struct queue *q, const struct cloud_reply *r)
{
    for (size_t i = 0; i < q->n; i++)
        if (q->tasks[i].ticket == r->ticket) {
            q->flying--;
            task_reply(&q->tasks[i], r);
            if (q->tasks[i].state == TASK_FAILED) {
                q->failed = true;
                said(q, &q->tasks[i], "failed");
            } else if (q->tasks[i].state == TASK_DONE) { /* a removal ends with its reply */
                finished(q, &q->tasks[i]);
            }
            return;
        }
}

/* Each turn takes a reply, or waits for a moment that is not over, or finds that one
 * came meanwhile and acts on it at the next turn: what a moment is for puts it off when
 * it is acted on (a task gets another one, `tick` answers a later one, the lease is
 * renewed). Nothing may be waited for that no turn acts on. */
static void run(struct queue *q)
{
    while (q->left) {
        if (q->x->stop && q->x->stop(q->x->self))
            q->stopped = true;
        if (!q->failed && q->x->lock && !lock_keep(q->x->lock, q->x->ds))
            q->lost = q->failed = true;
        if (q->x->tick && clock_now(q->x->cloud->clock) >= q->tick_at) {
            q->tick_at = q->x->tick(q->x->self, clock_now(q->x->cloud->clock), &q->hold);
            if (q->tick_at < 0) {
                q->stopped = true;
                q->tick_at = INT64_MAX;
            }
        }
        start_ready(q);
        if (!q->flying && (!starts(q) || !q->left))
            return;
        bool due;
        int64_t until = next_wake(q, &due);
        if (!q->flying && !due && !q->hold) { /* cannot happen: needs form no cycle */
            diag_error(q->x->ds, "BG6006", NO_SPAN, "nothing can go on although %zu actions are left", q->left);
            q->failed = true;
            return;
        }
        struct cloud_reply r;
        if (cloud_wait(q->x->cloud, q->arena, until, &r))
            take(q, &r);
    }
}

enum exec_result execute(struct executor *x, struct arena *a, struct action *const *acts, size_t n)
{
    struct queue q = {.x = x, .arena = a, .tick_at = clock_now(x->cloud->clock)};
    q.tasks = arena_array(a, struct task, n + 1);
    for (size_t i = 0; i < n; i++)
        if (is_resource_op(acts[i]) && !acts[i]->done)
            task_init(&q.tasks[q.n++], x, a, acts[i]);
    q.left = q.n;
    rank(&q);
    run(&q);
    if (q.lost)
        return EXEC_LOST;
    if (q.failed)
        return EXEC_FAILED;
    return q.left ? EXEC_STOPPED : EXEC_DONE;
}

/* ---- tags and single fields ---------------------------------------------------- */

static bool mutate(struct executor *x, struct arena *a, const struct live_resource *r, const struct schema_call *c,
                   struct call_env *env)
{
    const struct schema *s = schema_find(x->schemas, r->type);
    const struct node *n = graph_find(x->graph, r->address);
    env->stack = x->graph->stack;
    env->world = r->world;
    env->physical_name = r->name;
    env->region = task_region(x->graph, n ? n->account : NULL);
    env->name_prefix = identity_name_prefix(a, x->graph->stack);
    env->id = r->id;
    env->ids = &r->id;
    env->nids = 1;
    if (r->reading) {
        env->live = r->reading->object;
        if (!env->props)
            env->props = r->reading->fields;
    }
    struct value *input = schema_request(x->schemas, a, x->ds, s, c, env);
    int64_t begun = clock_now(x->cloud->clock);
    for (int ambiguous = 0; input;) {
        if (x->lock && !lock_keep(x->lock, x->ds))
            return false;
        struct cloud_request req = {.service = c->service, .operation = c->operation, .mutating = true,
                                    .account = n ? n->account : NULL, .input = input, .address = r->address,
                                    .not_after = x->lock ? lock_deadline(x->lock) : 0};
        struct cloud_reply reply;
        cloud_call(x->cloud, a, &req, &reply);
        if (reply.ok)
            return true;
        bool retry = reply.error.ambiguous && ++ambiguous < 4; /* saying it twice says the same */
        for (const struct retry_ast *t = c->item->retries; t && !retry; t = t->next)
            retry = reply.error.code && !strcmp(t->code, reply.error.code) &&
                    (!t->pattern || pattern_match(t->pattern, reply.error.message ? reply.error.message : "")) &&
                    clock_now(x->cloud->clock) - begun < t->budget;
        if (!retry) {
            cloud_report(x->ds, n ? n->span : NO_SPAN, c->service, c->operation, r->address, &reply.error);
            return false;
        }
        cloud_sleep(x->cloud, clock_now(x->cloud->clock) + 3000);
    }
    return false;
}

static enum exec_result outcome(const struct executor *x, bool ok)
{
    return ok ? EXEC_DONE : x->lock && !x->lock->held ? EXEC_LOST : EXEC_FAILED;
}

enum exec_result execute_tag(struct executor *x, struct arena *a, const struct live_world *w, const char *key,
                             const char *value)
{
    for (size_t i = 0; w && i < w->resources.n; i++) {
        struct live_resource *r = w->resources.at[i];
        const struct schema *s = schema_find(x->schemas, r->type);
        const struct schema_call *c = s && s->taggable ? schema_call(s, value ? VERB_TAG : VERB_UNTAG) : NULL;
        const char *have = r->reading ? value_get_string(r->reading->tags, key) : NULL;
        if (!c || (have != NULL) == (value != NULL)) /* it stays as it was first set: since when */
            continue;
        struct call_env env = {0};
        if (value) {
            env.tags = value_map(a);
            value_put(env.tags, key, value_string(a, value));
        } else {
            struct value **keys = arena_array(a, struct value *, 1);
            keys[0] = value_string(a, key);
            env.keys = value_list(a, keys, 1);
        }
        if (!mutate(x, a, r, c, &env))
            return outcome(x, false);
        if (r->reading)
            value_put(r->reading->tags, key, value ? value_string(a, value) : value_none(a));
    }
    return EXEC_DONE;
}

enum exec_result execute_set(struct executor *x, struct arena *a, struct live_resource *r, const char *field,
                             struct value *value, enum plan_op op)
{
    const struct schema *s = schema_find(x->schemas, r->type);
    const struct schema_field *f = s ? schema_field(s, field) : NULL;
    const struct schema_call *found = NULL;
    for (const struct schema_call *c = s ? schema_call(s, VERB_UPDATE) : NULL; c && !found; c = schema_next(s, c))
        for (size_t i = 0; i < c->subjects.n && !c->aspect; i++)
            if (!strcmp(c->subjects.at[i], field))
                found = c;
    if (!f || !found) {
        diag_error(x->ds, "BG5025", NO_SPAN, "%s declares no `update %s`, which `%s` of %s needs", r->type, field,
                   plan_op_name(op), r->address);
        return EXEC_FAILED;
    }
    struct action act = {.op = op, .address = r->address, .type = r->type, .world = r->world};
    struct change change = {.field = f, .path = field, .after = value};
    act.changes = &change;
    act.nchanges = 1;
    const char *why;
    if (x->verifier && !verify_step(a, x->verifier, &act, &why)) {
        diag_error(x->ds, "BG6005", NO_SPAN, "refused before it was sent: %s", why);
        return EXEC_FAILED;
    }
    struct call_env env = {.value = value, .props = value_map(a)};
    for (size_t i = 0; i < r->reading->fields->map->n; i++)
        value_put(env.props, r->reading->fields->map->entries[i].key, r->reading->fields->map->entries[i].value);
    value_put(env.props, field, value);
    if (!mutate(x, a, r, found, &env))
        return outcome(x, false);
    value_put(r->reading->fields, field, value);
    return EXEC_DONE;
}
