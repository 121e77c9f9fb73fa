#include "rollout/split.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cloud/gather.h"
#include "cloud/task.h"
#include "lang/identity.h"
#include "plan/worlds.h"

enum { PIECE = 200, TRIES = 4, LOOKS = 6, LOOK_EVERY = 1000 };

/* ---- the record in tags --------------------------------------------------------- */

/* Values of tags take no commas: lists are joined by "+". Each piece says of which
 * serial it is, so that pieces of two records are never joined. */
struct value *split_tags(struct arena *a, const struct record *r)
{
    struct value *tags = value_map(a);
    char *text = arena_strdup(a, record_print(a, r));
    for (char *c = text; *c; c++)
        *c = *c == ',' ? '+' : *c;
    VEC(const char *) pieces = {0};
    for (const char *at = text; *at;) { /* none begins or ends with a blank: who keeps tags may drop it */
        size_t n = strlen(at) < PIECE ? strlen(at) : PIECE;
        while (n > 1 && at[n] && (at[n] == ' ' || at[n - 1] == ' '))
            n--;
        vec_push(a, &pieces, arena_strndup(a, at, n));
        at += n;
    }
    for (size_t i = 0; i < pieces.n; i++)
        value_put(tags, i ? arena_printf(a, TAG_RECORD ".%zu", i) : TAG_RECORD,
                  value_stringf(a, "%" PRId64 "/%zu/%zu %s", r->serial, i, pieces.n, pieces.at[i]));
    return tags;
}

/* NULL: there is none; *why when its pieces do not fit together. */
static const char *record_text(struct arena *a, const struct value *tags, const char **why)
{
    struct buf b;
    buf_init(&b, a);
    const char *first = value_get_string(tags, TAG_RECORD);
    long long serial = 0, at, n = 1;
    int skip = 0;
    for (long long i = 0; first && i < n; i++) {
        const char *piece = i ? value_get_string(tags, arena_printf(a, TAG_RECORD ".%lld", i)) : first;
        long long s, of;
        if (!piece || sscanf(piece, "%lld/%lld/%lld %n", &s, &at, &of, &skip) < 3 || at != i || of > 64 || (i && s != serial)) {
            *why = arena_printf(a, "piece %lld of its record is not of the same change as the first", i);
            return NULL;
        }
        serial = s;
        n = of;
        buf_puts(&b, piece + skip);
    }
    char *text = first ? arena_strdup(a, buf_text(&b)) : NULL;
    for (char *c = text; c && *c; c++)
        *c = *c == '+' ? ',' : *c;
    return text;
}

/* ---- understanding ---------------------------------------------------------------- */

static void foreign(struct traffic_state *t, const char *why)
{
    t->kind = TRAFFIC_FOREIGN;
    t->why = why;
}

static const char *world_of(const struct value *tags, const char *target)
{
    for (size_t i = 0; tags && i < tags->map->n; i++) {
        const struct value *v = tags->map->entries[i].value;
        if (!strncmp(tags->map->entries[i].key, TAG_TO, strlen(TAG_TO)) && v->kind == V_STRING && !strcmp(v->s, target))
            return tags->map->entries[i].key + strlen(TAG_TO);
    }
    return NULL;
}

static int64_t meant(const struct record *r, const char *world)
{
    if (r->live && !strcmp(world, r->live))
        return r->weight_live;
    if (r->candidate && !strcmp(world, r->candidate))
        return r->weight_candidate;
    return 0;
}

/* "byhand:100 7f3a2c91d0:0": the shares as TAG_BEFORE keeps them. */
static const char *shares_text(struct arena *a, const struct traffic_state *t)
{
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < t->shares.n; i++)
        buf_printf(&b, "%s%s:%" PRId64, b.len ? " " : "", t->shares.at[i].world, t->shares.at[i].weight);
    return b.len ? buf_text(&b) : "-";
}

/* Whether the weights are those that the record means: all of a positive weight, and
 * nobody else's. */
static bool as_meant(const struct traffic_state *t)
{
    const struct record *r = &t->record;
    bool live = !r->live || !r->weight_live, candidate = !r->candidate || !r->weight_candidate;
    for (size_t i = 0; i < t->shares.n; i++) {
        const struct traffic_share *s = &t->shares.at[i];
        if (s->weight != meant(r, s->world) || record_doomed(r, s->world))
            return false;
        live = live || (r->live && !strcmp(s->world, r->live));
        candidate = candidate || (r->candidate && !strcmp(s->world, r->candidate));
    }
    return live && candidate;
}

bool split_reaches(const struct traffic_state *state, const char *world)
{
    for (size_t i = 0; i < state->shares.n; i++)
        if (!strcmp(state->shares.at[i].world, world))
            return true;
    return false;
}

/* What the record means, where the weights are still those before it. */
static void as_it_will_be(struct arena *a, struct traffic_state *t, const struct value *tags)
{
    const char *const ids[] = {t->record.live, t->record.previous, t->record.candidate};
    t->shares.n = 0;
    for (size_t i = 0; i < 3; i++) {
        const char *to = ids[i] ? value_get_string(tags, arena_printf(a, TAG_TO "%s", ids[i])) : NULL;
        bool part = i < 2 || meant(&t->record, ids[i] ? ids[i] : "") > 0; /* a candidate without a share is not among them */
        if (to && part && !record_doomed(&t->record, ids[i]) && !split_reaches(t, ids[i]))
            vec_push(a, &t->shares, (struct traffic_share){.world = ids[i], .weight = meant(&t->record, ids[i]), .target = to});
    }
}

void split_understand(struct arena *a, const struct value *tags, const struct split_share *at, size_t n,
                      const char *simple, struct traffic_state *t)
{
    const char *why = NULL, *text = record_text(a, tags, &why);
    t->exact = t->txt = value_list(a, NULL, 0);
    if (text && record_parse(a, text, &t->record, &why))
        t->has_record = true;
    else if (why) {
        foreign(t, why);
        t->torn = true;
        return;
    }
    /* Until the first set what was made by hand stays as it was. */
    bool untouched = !t->has_record || (!t->record.set && t->record.live && !strcmp(t->record.live, WORLD_BY_HAND));
    t->kind = t->has_record ? TRAFFIC_OURS : n || simple ? TRAFFIC_SIMPLE : TRAFFIC_EMPTY;
    if (!n && simple && untouched) {
        vec_push(a, &t->shares, (struct traffic_share){.world = WORLD_BY_HAND, .weight = 100, .target = simple});
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const char *world = world_of(tags, at[i].target);
        if (!world && n == 1 && untouched)
            world = WORLD_BY_HAND;
        if (!world && at[i].weight > 0) {
            foreign(t, arena_printf(a, "weight %lld goes to %s, which bgc did not make", (long long)at[i].weight, at[i].target));
            return;
        }
        if (world)
            vec_push(a, &t->shares, (struct traffic_share){.world = world, .weight = untouched && n == 1 ? 100 : at[i].weight, .target = at[i].target});
    }
    if (!t->has_record || untouched || as_meant(t) || (!t->record.set && !n))
        return;
    const char *was = value_get_string(tags, TAG_BEFORE);
    t->half = was && t->record.set == t->record.serial && !strcmp(was, shares_text(a, t));
    if (t->half)
        as_it_will_be(a, t, tags);
    else {
        t->torn = true; /* perhaps read between two of our own writes */
        foreign(t, arena_printf(a, "its weights are %s; bgc set others", shares_text(a, t)));
    }
}

/* ---- reading ------------------------------------------------------------------------ */

bool split_open(struct traffic_switch *sw, struct arena *a)
{
    (void)a;
    const struct value *at = value_get(sw->traffic->props, "at");
    const struct node *n = at && at->kind == V_REF ? graph_find(sw->graph, at->ref.address) : NULL;
    const struct schema *s = n ? schema_find(sw->schemas, n->type) : NULL;
    sw->at_node = n;
    sw->account = n ? n->account : NULL;
    sw->weights = value_get_string(sw->how, "field");
    if (s && sw->weights && schema_field(s, sw->weights))
        return true;
    diag_error(sw->ds, "BG5031", sw->traffic->decl->name.span,
               "where the traffic of %s is split must be known before anything is done", sw->traffic->world);
    return false;
}

static const char *id_now(const struct traffic_switch *sw)
{
    const struct value *known = facts_find(sw->facts, sw->at_node->address);
    if (!known && sw->live) { /* made since the facts were taken */
        const struct live_resource *r = live_find(sw->live, NULL, sw->at_node->address);
        return r ? r->id : NULL;
    }
    return value_get_string(known, "id");
}

/* NULL with *absent: it is not there yet; else reported. */
static struct live_resource *look_at(struct traffic_switch *sw, struct arena *a, bool *absent)
{
    struct observe_args o = {sw->schemas, sw->cloud, sw->ds, sw->graph, NULL};
    const char *id = id_now(sw);
    *absent = !id;
    if (!id)
        return NULL;
    struct live_resource *r = arena_make(a, struct live_resource);
    *r = (struct live_resource){.address = sw->at_node->address, .type = sw->at_node->type, .id = id, .account = sw->account};
    return observe_one(&o, a, schema_find(sw->schemas, r->type), r, absent);
}

static struct traffic_state *understood(struct traffic_switch *sw, struct arena *a, const struct live_resource *r)
{
    struct traffic_state *t = arena_make(a, struct traffic_state);
    t->world = sw->traffic->world;
    const struct value *list = value_get(r->reading->fields, sw->weights);
    size_t n = list && (list->kind == V_LIST || list->kind == V_SET) ? list->list.n : 0;
    struct split_share *at = arena_array(a, struct split_share, n + 1);
    for (size_t i = 0; i < n; i++) {
        at[i].target = value_get_string(list->list.at[i], "group");
        at[i].weight = value_get_int(list->list.at[i], "weight", 1);
    }
    const char *simple = value_get_string(sw->how, "simple");
    split_understand(a, r->reading->tags, at, n, simple ? value_get_string(r->reading->fields, simple) : NULL, t);
    return t;
}

struct traffic_state *split_read(struct traffic_switch *sw, struct arena *a)
{
    bool absent;
    struct live_resource *r = look_at(sw, a, &absent);
    if (r)
        return understood(sw, a, r);
    if (!absent)
        return NULL;
    struct traffic_state *t = arena_make(a, struct traffic_state);
    *t = (struct traffic_state){.world = sw->traffic->world, .kind = TRAFFIC_EMPTY,
                                .exact = value_list(a, NULL, 0), .txt = value_list(a, NULL, 0)};
    return t;
}

/* ---- writing -------------------------------------------------------------------------- */

static const struct schema_call *update_of(const struct schema *s, const char *field)
{
    for (const struct schema_call *c = schema_call(s, VERB_UPDATE); c; c = schema_next(s, c))
        for (size_t i = 0; i < c->subjects.n && !c->aspect; i++)
            if (!strcmp(c->subjects.at[i], field))
                return c;
    return NULL;
}

/* Saying it twice says the same, so what is ambiguous is said again. */
static bool say(struct traffic_switch *sw, struct arena *a, const struct live_resource *r, const struct schema_call *c,
                struct call_env *env)
{
    const struct schema *s = schema_find(sw->schemas, r->type);
    if (!c) {
        diag_error(sw->ds, "BG5025", sw->traffic->decl->name.span, "%s declares no way to change its %s or tags", s->name, sw->weights);
        return false;
    }
    env->stack = sw->graph->stack;
    env->region = task_region(sw->graph, sw->account);
    env->name_prefix = identity_name_prefix(a, sw->graph->stack);
    env->id = r->id;
    env->ids = &r->id;
    env->nids = 1;
    env->live = r->reading->object;
    env->props = env->props ? env->props : r->reading->fields;
    struct value *input = schema_request(sw->schemas, a, sw->ds, s, c, env);
    for (int tries = 0; input && tries < TRIES; tries++) {
        if (sw->lock && !lock_keep(sw->lock, sw->ds))
            return false;
        struct cloud_request req = {.service = c->service, .operation = c->operation, .account = sw->account, .input = input,
                                    .mutating = true, .address = arena_printf(sw->ds->arena, "traffic %s", sw->traffic->world),
                                    .not_after = sw->lock ? lock_deadline(sw->lock) : 0};
        struct cloud_reply reply;
        cloud_call(sw->cloud, a, &req, &reply);
        if (reply.ok)
            return true;
        if (!reply.error.ambiguous) {
            cloud_report(sw->ds, sw->traffic->decl->name.span, req.service, req.operation, req.address, &reply.error);
            return false;
        }
    }
    diag_error(sw->ds, "BG5033", sw->traffic->decl->name.span, "the change of traffic %s was sent %d times without an answer",
               sw->traffic->world, TRIES);
    return false;
}

static struct value *one_share(struct arena *a, const char *target, int64_t weight)
{
    struct value *v = value_map(a);
    value_put(v, "group", value_string(a, target));
    value_put(v, "weight", value_int(a, weight));
    return v;
}

static const char *target_of(const struct traffic_state *t, const struct switch_target *to)
{
    for (size_t i = 0; i < t->shares.n; i++)
        if (!strcmp(t->shares.at[i].world, to->world))
            return t->shares.at[i].target;
    return to->id;
}

/* What was read is still what stands: nobody else has written since. */
static bool unchanged(const struct traffic_state *was, const struct traffic_state *now)
{
    if (was->has_record != now->has_record)
        return false;
    return !was->has_record || (was->record.serial == now->record.serial && was->record.epoch == now->record.epoch &&
                                (was->record.by == now->record.by || (was->record.by && now->record.by && !strcmp(was->record.by, now->record.by))));
}

static bool ours(const struct traffic_switch *sw, const struct traffic_state *t, const struct record *next)
{
    return t->has_record && t->record.serial == next->serial && switch_mine(sw, t);
}

/* Reads until the weights are what the record means. A read may be behind a write. */
static enum switch_result settled(struct traffic_switch *sw, struct arena *a, struct traffic_state **state, const struct record *next)
{
    for (int i = 0; i < LOOKS; i++) {
        struct traffic_state *now = split_read(sw, a);
        if (!now)
            return SWITCH_FAILED;
        *state = now;
        if (now->has_record && now->record.serial > next->serial)
            return SWITCH_CONFLICT;
        if (ours(sw, now, next) && now->kind == TRAFFIC_OURS && !now->half)
            return SWITCH_DONE;
        if (sw->lock && !lock_keep(sw->lock, sw->ds))
            return SWITCH_FAILED;
        cloud_sleep(sw->cloud, clock_now(sw->cloud->clock) + LOOK_EVERY);
    }
    return SWITCH_CONFLICT;
}

/* Worlds that have no share any more leave no trace. */
static bool forget(struct traffic_switch *sw, struct arena *a, const struct live_resource *r, const struct traffic_state *t)
{
    VEC(struct value *) keys = {0};
    for (size_t i = 0; i < r->reading->tags->map->n; i++) {
        const char *key = r->reading->tags->map->entries[i].key;
        if (!strncmp(key, TAG_TO, strlen(TAG_TO)) && !split_reaches(t, key + strlen(TAG_TO)))
            vec_push(a, &keys, value_string(a, key));
    }
    struct call_env env = {.keys = value_list(a, keys.at, keys.n)};
    return !keys.n || say(sw, a, r, schema_call(schema_find(sw->schemas, r->type), VERB_UNTAG), &env);
}

static bool weigh(struct traffic_switch *sw, struct arena *a, const struct live_resource *r, struct value **shares, size_t n)
{
    struct call_env set = {.value = value_list(a, shares, n), .props = value_map(a)};
    for (size_t i = 0; i < r->reading->fields->map->n; i++)
        value_put(set.props, r->reading->fields->map->entries[i].key, r->reading->fields->map->entries[i].value);
    value_put(set.props, sw->weights, set.value);
    return say(sw, a, r, update_of(schema_find(sw->schemas, r->type), sw->weights), &set);
}

static bool weigh_again(struct traffic_switch *sw, struct arena *a, const struct live_resource *r, const struct traffic_state *t)
{
    struct value **shares = arena_array(a, struct value *, t->shares.n + 1);
    for (size_t i = 0; i < t->shares.n; i++)
        shares[i] = one_share(a, t->shares.at[i].target, t->shares.at[i].weight);
    return weigh(sw, a, r, shares, t->shares.n);
}

enum switch_result split_write(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                               const struct switch_target *targets, size_t n, const struct record *next)
{
    bool absent;
    struct live_resource *r = look_at(sw, a, &absent);
    if (!r) {
        if (absent)
            diag_error(sw->ds, "BG5034", sw->traffic->decl->name.span, "refused: %s is not there", sw->at_node->address);
        return SWITCH_FAILED;
    }
    const struct schema *s = schema_find(sw->schemas, r->type);
    struct traffic_state *before = understood(sw, a, r);
    if (!unchanged(*state, before) || before->kind == TRAFFIC_FOREIGN) {
        *state = before;
        return SWITCH_CONFLICT;
    }
    struct value *shares[8];
    size_t count = 0;
    struct call_env env = {.tags = split_tags(a, next)};
    if (n)
        value_put(env.tags, TAG_BEFORE, value_string(a, shares_text(a, before)));
    for (size_t i = 0; i < n && count < 8; i++) {
        const char *to = target_of(before, &targets[i]);
        value_put(env.tags, arena_printf(a, TAG_TO "%s", targets[i].world), value_string(a, to));
        shares[count++] = one_share(a, to, targets[i].weight);
    }
    /* Who comes after a run that died between the two writes completes the second,
     * before the record says that anything came after it. */
    if (before->half && !weigh_again(sw, a, r, before))
        return SWITCH_FAILED;
    if (!say(sw, a, r, schema_call(s, VERB_TAG), &env))
        return SWITCH_FAILED;
    if (count) {
        struct traffic_state *mine = split_read(sw, a);
        for (int i = 0; mine && i < LOOKS && !ours(sw, mine, next); i++) {
            if (mine->has_record && mine->record.serial > next->serial)
                break;
            cloud_sleep(sw->cloud, clock_now(sw->cloud->clock) + LOOK_EVERY);
            mine = split_read(sw, a);
        }
        if (!mine)
            return SWITCH_FAILED;
        if (!ours(sw, mine, next)) {
            *state = mine;
            return SWITCH_CONFLICT;
        }
        if (!weigh(sw, a, r, shares, count))
            return SWITCH_FAILED;
    }
    enum switch_result e = settled(sw, a, state, next);
    return e == SWITCH_DONE && (n || before->half) && !forget(sw, a, r, *state) ? SWITCH_FAILED : e;
}

/* What it does without bgc's weights: what its spec says, or the target that it had. */
static bool give_back(struct traffic_switch *sw, struct arena *a, const struct live_resource *r, bool sends)
{
    const struct schema *s = schema_find(sw->schemas, r->type);
    struct value *desired = sw->at_node->existing ? NULL : schema_desired(sw->schemas, a, s, sw->at_node->props);
    const struct value *instead = value_get(sw->how, "instead_of");
    const char *hand = value_get_string(r->reading->tags, TAG_TO WORLD_BY_HAND), *simple = value_get_string(sw->how, "simple");
    for (size_t i = 0; sends && instead && i < instead->list.n; i++) {
        const char *field = instead->list.at[i]->s;
        struct value *v = desired ? value_get(desired, field) : NULL;
        if ((!v || v->kind == V_NONE) && hand && simple && !strcmp(field, simple))
            v = value_string(a, hand);
        if (!v || v->kind == V_NONE || v->kind == V_REF)
            continue;
        struct call_env env = {.value = v, .props = value_map(a)};
        value_put(env.props, field, v);
        return say(sw, a, r, update_of(s, field), &env);
    }
    if (!sends)
        return true;
    struct diag *d = diag_error(sw->ds, "BG5034", sw->traffic->decl->name.span,
                                "%s still sends requests to what is to be removed, and had nothing else before", sw->at_node->address);
    diag_help(sw->ds, d, "give it another action by hand, or remove it, and run this again");
    return false;
}

enum switch_result split_end(struct traffic_switch *sw, struct arena *a, struct traffic_state **state, const struct record *next)
{
    bool absent;
    struct live_resource *r = look_at(sw, a, &absent);
    if (!r)
        return absent ? SWITCH_DONE : SWITCH_FAILED;
    struct traffic_state *before = understood(sw, a, r);
    if (!unchanged(*state, before)) {
        *state = before;
        return SWITCH_CONFLICT;
    }
    struct call_env env = {.tags = split_tags(a, next)};
    if (!give_back(sw, a, r, before->shares.n > 0) ||
        !say(sw, a, r, schema_call(schema_find(sw->schemas, r->type), VERB_TAG), &env))
        return SWITCH_FAILED;
    return settled(sw, a, state, next);
}

enum switch_result split_clear(struct traffic_switch *sw, struct arena *a, struct traffic_state **state)
{
    bool absent;
    struct live_resource *r = look_at(sw, a, &absent);
    if (!r)
        return absent ? SWITCH_DONE : SWITCH_FAILED;
    VEC(struct value *) keys = {0};
    static const char *const mine[] = {TAG_RECORD, TAG_TO, TAG_BEFORE};
    for (size_t i = 0; i < r->reading->tags->map->n; i++)
        for (size_t k = 0; k < 3; k++)
            if (!strncmp(r->reading->tags->map->entries[i].key, mine[k], strlen(mine[k])))
                vec_push(a, &keys, value_string(a, r->reading->tags->map->entries[i].key));
    struct call_env env = {.keys = value_list(a, keys.at, keys.n)};
    if (!give_back(sw, a, r, (*state)->shares.n > 0) ||
        (keys.n && !say(sw, a, r, schema_call(schema_find(sw->schemas, r->type), VERB_UNTAG), &env)))
        return SWITCH_FAILED;
    **state = (struct traffic_state){.world = sw->traffic->world, .kind = TRAFFIC_EMPTY, .exact = value_list(a, NULL, 0), .txt = value_list(a, NULL, 0)};
    return SWITCH_DONE;
}

const char *split_cli(struct traffic_switch *sw, struct arena *a, const struct traffic_state *state, const char *world,
                      const struct record *next)
{
    bool absent;
    struct live_resource *r = look_at(sw, a, &absent);
    const char *cli = value_get_string(sw->how, "cli"), *tag = value_get_string(sw->how, "cli_tags");
    struct switch_target to = {.world = world};
    const char *target = r ? target_of(state, &to) : NULL;
    const struct schema *s = r ? schema_find(sw->schemas, r->type) : NULL;
    const struct schema_call *c = s ? update_of(s, sw->weights) : NULL;
    if (!cli || !tag || !target || !c)
        return NULL;
    struct value *one[1] = {one_share(a, target, 100)};
    struct call_env env = {.stack = sw->graph->stack, .id = r->id, .ids = &r->id, .nids = 1, .live = r->reading->object,
                           .value = value_list(a, one, 1), .props = value_map(a), .tags = split_tags(a, next)};
    value_put(env.props, sw->weights, env.value);
    value_put(env.tags, TAG_BEFORE, value_string(a, shares_text(a, state)));
    struct value *tags = schema_request(sw->schemas, a, sw->ds, s, schema_call(s, VERB_TAG), &env);
    struct value *set = schema_request(sw->schemas, a, sw->ds, s, c, &env);
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "%s %s --cli-input-json '", cli, tag);
    value_json(&b, tags, 0);
    buf_printf(&b, "' && %s %s --cli-input-json '", cli, value_get_string(value_get(sw->how, "cli_set"), c->operation));
    value_json(&b, set, 0);
    buf_puts(&b, "'");
    return buf_text(&b);
}
