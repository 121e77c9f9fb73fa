#include "cloud/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "cloud/gather.h"
#include "lang/identity.h"
#include "lang/pattern.h"
#include "plan/placed.h"
#include "plan/active.h"
#include "plan/medium.h"

enum {
    RETRY_EVERY = 5000,      /* ms between tries of a call within its declared budget */
    SETTLE_WINDOW = 60000,   /* ms in which what was just made may not be visible yet */
    SETTLE_EVERY = 2000,
    MAX_ROUNDS = 4,          /* reads after updates, before bgc says that somebody fights it */
};

/* Same inputs, same token: a retried creation is the same creation (H of stack,
 * address, world; the incarnation is part of the world's id). */
static const char *token_of(struct arena *a, const struct graph *g, const struct action *act)
{
    const char *text = arena_printf(a, "%s\n%s\n%s", g->stack, act->address, act->world ? act->world : "");
    if (act->generation)
        text = arena_printf(a, "%s\n%lld", text, (long long)act->generation);
    unsigned char md[DIGEST_SIZE];
    digest_sha256(text, strlen(text), md);
    struct buf b;
    buf_init(&b, a);
    for (unsigned i = 0; i < 16; i++)
        buf_printf(&b, "%02x", md[i]);
    return buf_text(&b);
}

struct value *task_tags(struct executor *x, struct arena *a, const struct action *act)
{
    struct value *tags = value_map(a);
    if (x->graph->tags && x->graph->tags->kind == V_MAP)
        for (size_t i = 0; i < x->graph->tags->map->n; i++)
            value_put(tags, x->graph->tags->map->entries[i].key, x->graph->tags->map->entries[i].value);
    if (!value_get(tags, "Name") && act->physical_name)
        value_put(tags, "Name", value_string(a, act->physical_name));
    value_put(tags, TAG_STACK, value_string(a, x->graph->stack));
    value_put(tags, TAG_ADDRESS, value_string(a, act->address));
    if (act->world) {
        value_put(tags, TAG_WORLD, value_string(a, act->world));
        if (x->colour)
            value_put(tags, TAG_COLOUR, value_string(a, x->colour));
    }
    if (active_waits(act->node, schema_find(x->schemas, act->type)))
        value_put(tags, TAG_ACTIVE, value_stringf(a, "%g", dec_double(act->node->active_from)));
    value_put(tags, TAG_OP, value_string(a, token_of(a, x->graph, act)));
    if (act->generation)
        value_put(tags, TAG_GENERATION, value_stringf(a, "%lld", (long long)act->generation));
    if (act->node && act->node->keep)
        value_put(tags, TAG_KEEP, act->node->keep_for ? value_stringf(a, "%lld", (long long)(act->node->keep_for / 1000))
                                                      : value_string(a, "forever"));
    /* The entry says where its world's traffic is: from it everything is found again. */
    const struct world *w = act->node && act->node->world ? graph_world(x->graph, act->node->world) : NULL;
    struct value *placed = w && w->entry && !strcmp(w->entry, act->address) ? placed_tags(a, x->graph, x->facts, w->name) : NULL;
    for (size_t i = 0; placed && i < placed->map->n; i++)
        value_put(tags, placed->map->entries[i].key, placed->map->entries[i].value);
    return tags;
}

static void enter(struct task *t, enum task_state s)
{
    t->state = s;
    t->since = clock_now(t->x->cloud->clock);
    t->first_try = 0;
    t->wake_at = 0;
}

static enum task_want failed(struct task *t)
{
    t->state = TASK_FAILED;
    return TASK_IS_FAILED;
}

static void sleep_for(struct task *t, int64_t ms)
{
    t->wake_at = clock_now(t->x->cloud->clock) + ms;
}

void task_init(struct task *t, struct executor *x, struct arena *a, struct action *act)
{
    *t = (struct task){.x = x, .arena = a, .act = act};
    t->schema = schema_find(x->schemas, act->type);
    t->account = act->node ? act->node->account : NULL;
    t->token = token_of(a, x->graph, act);
    const struct live_resource *r = live_find(x->live, act->world, act->address);
    if (!r || act->superseded)
        r = act->live;
    if (!act->node && r)
        t->account = r->account; /* it left the program, and is where it was */
    if (act->generation)
        return; /* it is made beside the old one */
    if (r && (act->op != PLAN_REPLACE)) {
        t->id = r->id;
        t->reading = r->reading;
        t->object = r->reading ? r->reading->object : NULL;
    }
    if (act->op == PLAN_REPLACE && act->live) {
        t->replacing = true;
        t->id = act->live->id;
        t->reading = act->live->reading;
        t->object = t->reading ? t->reading->object : NULL;
    }
}

const char *task_region(const struct graph *g, const char *account)
{
    for (size_t i = 0; account && i < g->accounts.n; i++) {
        const struct account *c = &g->accounts.at[i];
        if (c->alias && !strcmp(c->alias, account) && c->region)
            return c->region;
    }
    return g->region;
}

static struct call_env env_of(struct task *t)
{
    return (struct call_env){
        .stack = t->x->graph->stack,
        .region = task_region(t->x->graph, t->account),
        /* placed by create, or where a binding says */
        .tags = t->act->tags ? t->act->tags : task_tags(t->x, t->arena, t->act),
        .world = t->act->world,
        .physical_name = t->act->physical_name,
        .name_prefix = identity_name_prefix(t->arena, t->x->graph->stack),
        .id = t->id,
        .ids = &t->id,
        .nids = t->id ? 1 : 0,
        .token = t->token,
        .props = t->props ? t->props : t->reading ? t->reading->fields : NULL,
        .live = t->object,
    };
}

static bool request(struct task *t, const struct schema_call *c, struct call_env *env, bool mutating,
                    struct cloud_request *req)
{
    struct value *input = schema_request(t->x->schemas, t->arena, t->x->ds, t->schema, c, env);
    if (!input)
        return false;
    t->call = c;
    *req = (struct cloud_request){
        .service = c->service, .operation = c->operation, .account = t->account, .input = input,
        .mutating = mutating, .address = t->act->address,
        .not_after = mutating && t->x->lock ? lock_deadline(t->x->lock) : 0,
    };
    if (!t->first_try)
        t->first_try = clock_now(t->x->cloud->clock);
    return true;
}

/* Desired fields with everything known: what it needs was made before it. */
static bool resolve(struct task *t)
{
    const struct node *n = t->act->node;
    if (t->props || !n)
        return true;
    struct value *v = schema_desired(t->x->schemas, t->arena, t->schema, n->props);
    v = v ? schema_ids(t->arena, t->x->facts, eval_force(t->x->graph, t->arena, t->x->facts, v)) : NULL;
    if (!v)
        return false;
    v = schema_metrics(t->x->schemas, t->arena, t->x->graph, t->x->facts, v);
    if (t->act->asleep)
        v = active_asleep(t->arena, t->schema, v);
    if (t->id && t->act->leaves)
        v = medium_without(t->arena, v, t->act->leaves);
    for (size_t i = 0; i < v->map->n; i++)
        if (!value_known(v->map->entries[i].value)) {
            struct value *leaf = v->map->entries[i].value;
            struct diag *d = diag_error(t->x->ds, "BG5020", leaf->span.file ? leaf->span : n->span,
                                        "%s of %s is still not known", v->map->entries[i].key, n->address);
            diag_note(t->x->ds, d, "it waits %s", eval_why_unknown(t->arena, leaf));
            return false;
        }
    t->props = v;
    return true;
}

/* ---- what to do now --------------------------------------------------------- */

static bool must_delete(const struct task *t)
{
    return t->act->op == PLAN_DELETE || t->replacing;
}

static enum task_want next_update(struct task *t, struct cloud_request *req)
{
    const struct schema_call *c = t->updates[t->update];
    struct call_env env = env_of(t);
    const struct change *mine = NULL;
    for (size_t i = 0; i < t->nchanges; i++)
        for (size_t k = 0; k < c->subjects.n; k++)
            if (!strcmp(t->changes[i].field->name, c->subjects.at[k]))
                mine = &t->changes[i];
    if (mine) {
        env.added = mine->added;
        env.removed = mine->removed;
        env.value = mine->after;
    }
    return request(t, c, &env, true, req) ? TASK_WANTS_CALL : failed(t);
}

static enum task_want finish(struct task *t)
{
    struct executor *x = t->x;
    t->state = TASK_DONE;
    struct live_resource *r = live_find(x->live, t->act->world, t->act->address);
    if (!r) {
        r = arena_make(t->arena, struct live_resource);
        *r = (struct live_resource){.address = t->act->address, .type = t->act->type,
                                    .world = t->act->world, .name = t->act->physical_name,
                                    .account = t->account};
        live_add(t->arena, x->live, r);
    }
    r->id = t->id;
    r->reading = t->reading;
    value_put(t->reading->fields, "id", value_string(t->arena, t->id));
    facts_put(x->facts, t->act->address, t->reading->fields);
    return TASK_IS_DONE;
}

static enum task_want gone(struct task *t)
{
    if (!t->act->superseded)
        live_remove(t->x->live, t->act->world, t->act->address);
    if (!t->replacing) {
        t->state = TASK_DONE;
        return TASK_IS_DONE;
    }
    t->replacing = false;
    t->id = NULL;
    t->reading = NULL;
    t->object = NULL;
    enter(t, TASK_START); /* what is wished is not known yet */
    return TASK_WANTS_TIME;
}

static enum task_want start(struct task *t)
{
    if (t->act->op == PLAN_TAG)
        enter(t, TASK_TAG);
    else if (must_delete(t))
        enter(t, schema_call(t->schema, VERB_BEFORE_DELETE) ? TASK_BEFORE_DELETE : TASK_DELETE);
    else if (!resolve(t))
        return failed(t);
    else
        enter(t, t->id ? TASK_READ : TASK_CREATE);
    return TASK_WANTS_TIME;
}

static enum task_want begin_call(struct task *t, enum schema_verb verb, bool mutating, struct cloud_request *req)
{
    const struct schema_call *c = t->call && t->call->verb == verb ? t->call : schema_call(t->schema, verb);
    if (!c) {
        struct diag *d = diag_error(t->x->ds, "BG5025", t->act->span, "%s declares no way to do this", t->schema->name);
        diag_note(t->x->ds, d, "the step is `%s` of %s", plan_op_name(t->act->op), t->act->address);
        return failed(t);
    }
    struct call_env env = env_of(t);
    return request(t, c, &env, mutating, req) ? TASK_WANTS_CALL : failed(t);
}

static enum task_want settle(struct task *t)
{
    int64_t budget, every;
    const char *moment = t->act->op == PLAN_CREATE || t->act->op == PLAN_REPLACE ? "create" : "update";
    switch (schema_wait(t->x->schemas, t->arena, t->schema, moment, t->reading, &budget, &every)) {
    case WAIT_DONE:
        return finish(t);
    case WAIT_PENDING:
        if (clock_now(t->x->cloud->clock) - t->since < budget) {
            sleep_for(t, every > 0 ? every : RETRY_EVERY);
            t->call = NULL;
            t->state = TASK_READ; /* `since` stays: the budget is of the whole wait */
            return TASK_WANTS_TIME;
        }
        break;
    case WAIT_BAD:
        break;
    }
    struct diag *d = diag_error(t->x->ds, "BG5024", t->act->span, "%s did not become ready within %s",
                                t->act->address, clock_span(t->arena, budget));
    diag_note(t->x->ds, d, "its id is %s; what was made stays and is gone on with by the next run", t->id);
    return failed(t);
}

enum task_want task_next(struct task *t, struct cloud_request *req)
{
    for (;;) {
        if (t->wake_at > clock_now(t->x->cloud->clock))
            return TASK_WANTS_TIME;
        enum task_want w;
        switch (t->state) {
        case TASK_START: w = start(t); break;
        case TASK_CREATE: return begin_call(t, VERB_CREATE, true, req);
        case TASK_FIND: return begin_call(t, VERB_FIND, false, req);
        case TASK_AFTER: return begin_call(t, VERB_AFTER_CREATE, true, req);
        case TASK_READ:
        case TASK_GONE: return begin_call(t, VERB_READ, false, req);
        case TASK_UPDATE: return next_update(t, req);
        case TASK_SETTLE: w = settle(t); break;
        case TASK_BEFORE_DELETE: return begin_call(t, VERB_BEFORE_DELETE, true, req);
        case TASK_DELETE: return begin_call(t, VERB_DELETE, true, req);
        case TASK_TAG: return begin_call(t, VERB_TAG, true, req);
        case TASK_DONE: return TASK_IS_DONE;
        case TASK_FAILED: return TASK_IS_FAILED;
        default: return failed(t);
        }
        if (w != TASK_WANTS_TIME)
            return w;
    }
}

/* ---- answers ------------------------------------------------------------------- */

static bool listed(const char *const *codes, size_t n, const char *code)
{
    for (size_t i = 0; code && i < n; i++)
        if (!strcmp(codes[i], code))
            return true;
    return false;
}

static bool is_absent(const struct schema_call *c, const struct cloud_error *e)
{
    return listed((const char *const *)c->item->absent.at, c->item->absent.n, e->code);
}

/* The leaf of the spec whose value AWS speaks of: the longest one that its
 * message quotes. */
static void blamed(const struct value *v, const char *message, size_t *best, struct span *at)
{
    if (!v)
        return;
    if (v->kind == V_STRING && v->span.file && strlen(v->s) >= 3 && strlen(v->s) > *best && strstr(message, v->s)) {
        *best = strlen(v->s);
        *at = v->span;
    } else if (v->kind == V_LIST || v->kind == V_SET) {
        for (size_t i = 0; i < v->list.n; i++)
            blamed(v->list.at[i], message, best, at);
    } else if (v->kind == V_MAP) {
        for (size_t i = 0; i < v->map->n; i++)
            blamed(v->map->entries[i].value, message, best, at);
    }
}

static void report(struct task *t, const struct cloud_error *e)
{
    struct span at = t->act->span;
    size_t best = 0;
    if (t->act->node && e->message)
        blamed(t->act->node->props, e->message, &best, &at);
    cloud_report(t->x->ds, at, t->call->service, t->call->operation, t->act->address, e);
    t->state = TASK_FAILED;
}

/* Declared races and hesitations: again, within the budget. */
static bool again(struct task *t, const struct cloud_error *e)
{
    int64_t now = clock_now(t->x->cloud->clock);
    for (const struct retry_ast *r = t->call->item->retries; r; r = r->next)
        if (e->code && !strcmp(r->code, e->code) && (!r->pattern || pattern_match(r->pattern, e->message ? e->message : "")) &&
            now - t->first_try < r->budget) {
            t->wake_at = now + RETRY_EVERY;
            return true;
        }
    return false;
}

static void created(struct task *t, const struct value *output)
{
    struct call_env env = env_of(t);
    t->id = t->act->physical_name;
    if (t->call->item->result) {
        size_t n;
        struct value **r = schema_result(t->x->schemas, t->arena, t->x->ds, t->schema, t->call, &env, output, &n);
        if (!r || !n || r[0]->kind != V_STRING) {
            diag_error(t->x->ds, "BG5026", t->act->span, "AWS answered %s without the id of %s",
                       t->call->operation, t->act->address);
            t->state = TASK_FAILED;
            return;
        }
        t->id = r[0]->s;
    }
    t->call = NULL;
    enter(t, schema_call(t->schema, VERB_AFTER_CREATE) ? TASK_AFTER : TASK_READ);
}

/* Whether an object that `find` listed is the one that was meant: by our tags, by
 * our name, or, where it has neither, because nothing that creation sets differs. */
static bool is_mine(struct task *t, const struct reading *r)
{
    const char *address = value_get_string(r->tags, TAG_ADDRESS), *world = value_get_string(r->tags, TAG_WORLD);
    const char *stack = value_get_string(r->tags, TAG_STACK);
    const char *said = value_get_string(r->tags, TAG_GENERATION);
    if ((said ? strtoll(said, NULL, 10) : 0) != t->act->generation)
        return false;
    if (stack || address)
        return stack && !strcmp(stack, t->x->graph->stack) && address && !strcmp(address, t->act->address) &&
               (world == t->act->world || (world && t->act->world && !strcmp(world, t->act->world)));
    const char *name = value_get_string(r->fields, "name");
    if (name || !strcmp(r->id, t->act->physical_name))
        return !strcmp(name ? name : r->id, t->act->physical_name);
    size_t n;
    struct change *c = schema_diff(t->x->schemas, t->arena, t->schema, t->props, r->fields, &n);
    for (size_t i = 0; i < n; i++)
        if (!c[i].field->later)
            return false;
    return true;
}

static void found(struct task *t, const struct value *output)
{
    struct call_env env = env_of(t);
    size_t n;
    struct value **all = schema_result(t->x->schemas, t->arena, t->x->ds, t->schema, t->call, &env, output, &n);
    for (size_t i = 0; all && i < n; i++) {
        struct reading *r = schema_read(t->x->schemas, t->arena, t->x->ds, t->schema, all[i]);
        if (r && is_mine(t, r)) {
            t->id = r->id;
            t->call = NULL;
            enter(t, TASK_READ);
            return;
        }
    }
    t->call = NULL;
    if (++t->rounds <= MAX_ROUNDS) { /* not visible, or it never happened: try again */
        enter(t, TASK_CREATE);
        sleep_for(t, RETRY_EVERY);
        return;
    }
    struct diag *d = diag_error(t->x->ds, "BG5021", t->act->span, "the name %s is taken by something that is not ours",
                                t->act->physical_name);
    diag_help(t->x->ds, d, "remove it, or take it with `adopt %s = \"ID\"`", t->act->address);
    t->state = TASK_FAILED;
}

/* A lost answer to a creation: look before it is sent again. With a token, or
 * where the same settings mean the same thing, sending again is looking. */
static void create_refused(struct task *t, const struct cloud_error *e)
{
    bool adopt = listed((const char *const *)t->call->item->adopt.at, t->call->item->adopt.n, e->code);
    if (e->ambiguous && t->call->item->token && ++t->rounds <= MAX_ROUNDS)
        return sleep_for(t, SETTLE_EVERY);
    if (adopt || e->ambiguous) {
        t->call = NULL;
        enter(t, TASK_FIND);
        return;
    }
    if (!again(t, e))
        report(t, e);
}

static void compare(struct task *t)
{
    t->reading = schema_read(t->x->schemas, t->arena, t->x->ds, t->schema, t->object);
    if (!t->reading) {
        t->state = TASK_FAILED;
        return;
    }
    t->changes = schema_diff(t->x->schemas, t->arena, t->schema, t->props, t->reading->fields, &t->nchanges);
    if (!t->nchanges) {
        t->state = TASK_SETTLE;
        return;
    }
    for (size_t i = 0; i < t->nchanges; i++)
        if (t->changes[i].field->mods & FIELD_FIXED) {
            struct diag *d = diag_error(t->x->ds, "BG5022", t->act->span, "%s exists with another %s, which cannot be changed",
                                        t->act->address, t->changes[i].path);
            diag_note(t->x->ds, d, "its id is %s", t->id);
            t->state = TASK_FAILED;
            return;
        }
    if (++t->rounds > MAX_ROUNDS) {
        struct diag *d = diag_error(t->x->ds, "BG5023", t->act->span, "%s of %s does not stay as it is set",
                                    t->changes[0].path, t->act->address);
        diag_note(t->x->ds, d, "it is %s and should be %s", value_text(t->arena, t->changes[0].before),
                  value_text(t->arena, t->changes[0].after));
        t->state = TASK_FAILED;
        return;
    }
    t->updates = schema_updates(t->arena, t->schema, t->changes, t->nchanges, &t->nupdates);
    if (!t->nupdates) {
        struct diag *d = diag_error(t->x->ds, "BG5022", t->act->span, "%s of %s cannot be changed in place",
                                    t->changes[0].path, t->act->address);
        diag_note(t->x->ds, d, "its type declares no `update %s`", t->changes[0].field->name);
        t->state = TASK_FAILED;
        return;
    }
    t->update = 0;
    t->call = NULL;
    int64_t since = t->since;
    enter(t, TASK_UPDATE);
    t->since = since;
}

static void not_there(struct task *t, bool ours_to_make)
{
    int64_t now = clock_now(t->x->cloud->clock);
    t->call = NULL;
    if (ours_to_make && now - t->since < SETTLE_WINDOW)
        return sleep_for(t, SETTLE_EVERY);
    struct diag *d = diag_error(t->x->ds, "BG5027", t->act->span, "%s is not there any more", t->act->address);
    diag_note(t->x->ds, d, "its id is %s; somebody else removed it", t->id);
    t->state = TASK_FAILED;
}

static void read_more(struct task *t, const struct value *output)
{
    struct call_env env = env_of(t);
    if (t->call == schema_call(t->schema, VERB_READ)) {
        size_t n;
        struct value **all = schema_result(t->x->schemas, t->arena, t->x->ds, t->schema, t->call, &env, output, &n);
        if (!all || !n)
            return not_there(t, true);
        t->object = all[0];
    } else {
        struct value *o = schema_join(t->x->schemas, t->arena, t->x->ds, t->schema, t->call, &env, t->object, output);
        if (!o) {
            t->state = TASK_FAILED;
            return;
        }
        t->object = o;
    }
    t->call = schema_next(t->schema, t->call);
    t->first_try = 0;
    if (!t->call)
        compare(t);
}

static void deleted(struct task *t)
{
    const struct schema_call *read = schema_call(t->schema, VERB_READ);
    bool waits = false;
    for (size_t i = 0; i < t->schema->waits.n; i++)
        waits = waits || (t->schema->waits.at[i]->subject.text && !strcmp(t->schema->waits.at[i]->subject.text, "delete"));
    t->call = NULL;
    if (waits && read)
        enter(t, TASK_GONE);
    else
        gone(t);
}

static void still_there(struct task *t, const struct value *output)
{
    struct call_env env = env_of(t);
    size_t n;
    struct value **all = schema_result(t->x->schemas, t->arena, t->x->ds, t->schema, t->call, &env, output, &n);
    struct reading *r = all && n ? schema_read(t->x->schemas, t->arena, t->x->ds, t->schema, all[0]) : NULL;
    int64_t budget = 0, every = 0;
    t->call = NULL;
    if (!r || schema_wait(t->x->schemas, t->arena, t->schema, "delete", r, &budget, &every) == WAIT_DONE) {
        gone(t);
        return;
    }
    if (clock_now(t->x->cloud->clock) - t->since < budget)
        return sleep_for(t, every > 0 ? every : RETRY_EVERY);
    struct diag *d = diag_error(t->x->ds, "BG5028", t->act->span, "%s is still there %s after its removal", t->act->address,
                                clock_span(t->arena, budget));
    diag_note(t->x->ds, d, "its id is %s; run the same command again to go on", t->id);
    t->state = TASK_FAILED;
}

static void tagged(struct task *t)
{
    struct live_resource *r = live_find(t->x->live, t->act->world, t->act->address);
    for (size_t i = 0; r && i < t->act->tags->map->n; i++)
        value_put(r->reading->tags, t->act->tags->map->entries[i].key, t->act->tags->map->entries[i].value);
    t->state = TASK_DONE;
}

static void answered(struct task *t, const struct value *output)
{
    switch (t->state) {
    case TASK_TAG:
        tagged(t);
        break;
    case TASK_CREATE:
        created(t, output);
        break;
    case TASK_FIND:
        found(t, output);
        break;
    case TASK_AFTER:
    case TASK_BEFORE_DELETE:
        t->call = schema_next(t->schema, t->call);
        t->first_try = 0;
        if (!t->call)
            enter(t, t->state == TASK_AFTER ? TASK_READ : TASK_DELETE);
        break;
    case TASK_READ:
        read_more(t, output);
        break;
    case TASK_UPDATE:
        t->first_try = 0;
        if (++t->update == t->nupdates) {
            t->call = NULL;
            t->state = TASK_READ;
        }
        break;
    case TASK_DELETE:
        deleted(t);
        break;
    case TASK_GONE:
        still_there(t, output);
        break;
    default:
        break;
    }
}

static void refused(struct task *t, const struct cloud_error *e)
{
    switch (t->state) {
    case TASK_CREATE:
        create_refused(t, e);
        return;
    case TASK_READ:
        if (is_absent(t->call, e))
            return not_there(t, true);
        break;
    case TASK_GONE:
        if (is_absent(t->call, e)) {
            t->call = NULL;
            gone(t);
            return;
        }
        break;
    case TASK_BEFORE_DELETE:
        if (is_absent(t->call, e)) {
            t->call = NULL;
            enter(t, TASK_DELETE);
            return;
        }
        break;
    case TASK_DELETE:
        if (is_absent(t->call, e))
            return deleted(t);
        break;
    default:
        break;
    }
    /* Whether a lost update took effect is read and not guessed: saying a set
     * difference twice is an error to AWS. */
    if (e->ambiguous && t->state == TASK_UPDATE) {
        t->call = NULL;
        t->first_try = 0;
        t->state = TASK_READ;
        return sleep_for(t, SETTLE_EVERY);
    }
    /* Configuration calls and removals say the same when they are said twice. */
    if (e->ambiguous && ++t->rounds <= MAX_ROUNDS)
        return sleep_for(t, SETTLE_EVERY);
    if (!again(t, e))
        report(t, e);
}

void task_reply(struct task *t, const struct cloud_reply *r)
{
    t->ticket = 0;
    if (r->ok)
        answered(t, r->output ? r->output : value_map(t->arena));
    else
        refused(t, &r->error);
}
