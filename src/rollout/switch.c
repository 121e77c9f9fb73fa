#include "rollout/switch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cloud/gather.h"
#include "plan/medium.h"
#include "rollout/batch.h"
#include "rollout/names.h"
#include "rollout/split.h"

enum {
    INSYNC_EVERY = 5000, INSYNC_BUDGET = 600000,
    SPREAD = 120000, /* when no change id is known to ask for: twice what Route 53 states */
    SEND_TRIES = 4, PAGE = 100,
    READS = 3, READ_AGAIN = 2000, /* of what does not fit together */
};

/* Which operations a kind of traffic is read and changed by: the `switch`
 * setting of its type, which switch_open has seen to be whole. */
static const char *operation(const struct traffic_switch *sw, const char *what)
{
    return value_get_string(sw->how, what);
}

static bool is_whole(const struct traffic_switch *sw)
{
    static const char *const needed[] = {"service", "list", "change", "settled"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!operation(sw, needed[i])) {
            struct diag *d = diag_error(sw->ds, "BG5030", sw->traffic->decl->path_span,
                                        "%s does not say how its shares are changed", sw->traffic->kind);
            diag_note(sw->ds, d, "the setting `switch` of its type has no text `%s`", needed[i]);
            return false;
        }
    return true;
}

/* Where the record may stand: at the names that the program says, and at those that the
 * worlds' tags say. false: one of them is not known. */
static bool look_at(struct traffic_switch *sw, struct arena *a, const struct value *names)
{
    const struct value *tags = sw->traffic->tagged;
    size_t said = names && (names->kind == V_LIST || names->kind == V_SET) ? names->list.n : 0;
    size_t more = tags ? tags->list.n : 0;
    sw->names = arena_array(a, const char *, said + more + 1);
    sw->tagged = arena_array(a, bool, said + more + 1);
    sw->nnames = 0;
    for (size_t i = 0; i < said + more; i++) {
        const struct value *v = i < said ? names->list.at[i] : tags->list.at[i - said];
        if (v->kind != V_STRING)
            return false;
        size_t at = names_find(sw->names, sw->nnames, v->s);
        if (at == sw->nnames)
            sw->names[sw->nnames++] = v->s;
        sw->tagged[at] = sw->tagged[at] || i >= said || sw->traffic->restored;
        sw->wanted = i < said && !sw->traffic->restored ? sw->nnames : sw->wanted;
    }
    return said > 0;
}

bool switch_open(struct traffic_switch *sw, struct arena *a)
{
    sw->how = medium_how(a, sw->graph, sw->traffic->kind);
    if (!sw->how) {
        diag_error(sw->ds, "BG5030", sw->traffic->decl->path_span, "%s is not a kind of traffic that can be moved",
                   sw->traffic->kind);
        return false;
    }
    sw->split = value_get_string(sw->how, "field") != NULL;
    if (sw->split)
        return split_open(sw, a);
    if (!is_whole(sw))
        return false;
    struct value *props = eval_force(sw->graph, a, sw->facts, sw->traffic->props);
    struct value *zone = value_get(props, "zone"), *names = value_get(props, "names");
    const struct node *zn = zone && zone->kind == V_REF ? graph_find(sw->graph, zone->ref.address) : NULL;
    struct value *id = zone ? schema_ids(a, sw->facts, zone) : NULL;
    sw->account = zn ? zn->account : NULL;
    sw->zone = id && id->kind == V_STRING ? id->s : NULL;
    bool known = sw->zone && look_at(sw, a, names);
    if (!known)
        diag_error(sw->ds, "BG5031", sw->traffic->decl->name.span,
                   "the zone and names of traffic %s must be known before anything is done", sw->traffic->world);
    return known;
}

/* ---- reading --------------------------------------------------------------- */

static struct cloud_request base(struct traffic_switch *sw, const char *op, struct value *input)
{
    return (struct cloud_request){.service = value_get_string(sw->how, "service"), .operation = op,
                                  .account = sw->account, .input = input,
                                  .address = arena_printf(sw->ds->arena, "traffic %s", sw->traffic->world)};
}

/* All of the zone, when the survey that reads this has just listed it (for records
 * that are resources). Only once: every later reading is to see what is there then. */
static struct value *whole_zone(struct traffic_switch *sw, struct arena *a)
{
    const char *op = sw->seen ? operation(sw, "list") : NULL;
    struct value *in = value_map(a);
    value_put(in, "HostedZoneId", value_string(a, sw->zone));
    struct cloud_request req = base(sw, op, in);
    struct value *reply = op ? seen_output(sw->seen, &req) : NULL;
    sw->seen = NULL;
    return reply;
}

static bool list_at(struct traffic_switch *sw, struct arena *a, struct gather *g, const char *name)
{
    const char *op = operation(sw, "list");
    if (!op)
        return false;
    struct value *in = value_map(a);
    value_put(in, "HostedZoneId", value_string(a, sw->zone));
    value_put(in, "StartRecordName", value_string(a, name));
    value_put(in, "MaxItems", value_stringf(a, "%d", PAGE));
    struct cloud_request req = base(sw, op, in);
    gather_add(g, &req, sw->traffic->decl->name.span);
    return true;
}

static bool truncated(const struct value *reply)
{
    const struct value *more = value_get(reply, "IsTruncated");
    return more && ((more->kind == V_BOOL && more->b) || (more->kind == V_STRING && !strcmp(more->s, "true")));
}

static void keep(struct arena *a, const struct value *reply, const char *name, struct zone_records *z)
{
    struct value *sets = value_get(reply, "ResourceRecordSets");
    for (size_t k = 0; sets && sets->kind == V_LIST && k < sets->list.n; k++)
        batch_collect(a, z, sets->list.at[k], name);
}

/* Keeps what a reply lists of `name`; *more when its TXT may stand further on. */
static bool collect(struct traffic_switch *sw, struct arena *a, struct gather *g, size_t i, const char *name,
                    struct zone_records *z, bool *more)
{
    struct value *reply = gather_get(g, sw->ds, i);
    size_t before = z->txts.n;
    keep(a, reply, name, z);
    *more = truncated(reply) && z->txts.n == before;
    return reply != NULL;
}

/* Names come in DNS order, so the records of a name stand first in a listing that
 * starts at it, and its TXT soon after: a second call is for those few zones that
 * have a page of names in between. */
static struct traffic_state *read_once(struct traffic_switch *sw, struct arena *a)
{
    struct zone_records z = {0};
    size_t *further = arena_array(a, size_t, sw->nnames + 1), nfurther = 0;
    struct gather g;
    gather_init(&g, a, sw->cloud);
    bool ok = true, more;
    const struct value *whole = whole_zone(sw, a);
    for (size_t i = 0; i < sw->nnames && whole; i++)
        keep(a, whole, sw->names[i], &z);
    for (size_t i = 0; i < sw->nnames && ok && !whole; i++)
        ok = list_at(sw, a, &g, sw->names[i]);
    gather_wait(&g);
    for (size_t i = 0; i < sw->nnames && ok && !whole; i++) {
        ok = collect(sw, a, &g, i, sw->names[i], &z, &more);
        if (ok && more)
            further[nfurther++] = i;
    }
    gather_init(&g, a, sw->cloud);
    for (size_t i = 0; i < nfurther && ok; i++)
        ok = list_at(sw, a, &g, name_of_txt(a, sw->names[further[i]]));
    gather_wait(&g);
    for (size_t i = 0; i < nfurther && ok; i++)
        ok = collect(sw, a, &g, i, sw->names[further[i]], &z, &more);
    if (!ok)
        return NULL;
    struct traffic_state *t = arena_make(a, struct traffic_state);
    t->world = sw->traffic->world;
    struct names look = {(const char *const *)sw->names, sw->nnames, sw->wanted, sw->tagged};
    batch_understand(a, &z, &look, t);
    const struct value *ttl = value_get(sw->how, "alias_ttl");
    t->ttl = ttl && ttl->kind == V_DURATION ? ttl->i / 1000 : 60;
    return t;
}

/* What does not fit together may have changed between two of the calls: only
 * what stays so is somebody else's doing. */
struct traffic_state *switch_read(struct traffic_switch *sw, struct arena *a)
{
    if (!sw->how && !switch_open(sw, a))
        return NULL;
    struct traffic_state *t = sw->split ? split_read(sw, a) : read_once(sw, a);
    for (int n = 1; t && t->torn && n < READS; n++) {
        cloud_sleep(sw->cloud, clock_now(sw->cloud->clock) + READ_AGAIN);
        t = sw->split ? split_read(sw, a) : read_once(sw, a);
    }
    const struct value *spread = value_get(sw->how, "spread");
    if (t)
        t->spread = spread && spread->kind == V_DURATION ? spread->i : SPREAD;
    return t;
}

bool switch_mine(const struct traffic_switch *sw, const struct traffic_state *state)
{
    return state->has_record && state->record.by && sw->nonce && !strcmp(state->record.by, sw->nonce);
}

/* ---- changing --------------------------------------------------------------- */

static void rest(struct traffic_switch *sw, int64_t ms)
{
    int64_t until = clock_now(sw->cloud->clock) + ms;
    if (sw->rest)
        sw->rest(sw->self, until);
    else
        cloud_sleep(sw->cloud, until);
}

static const char *settled_key(struct arena *a, const struct record *r)
{
    return arena_printf(a, "set %" PRId64, r->set);
}

int64_t switch_settled(const struct journal *j, struct arena *a, const struct traffic_state *state)
{
    if (!state || !state->has_record)
        return 0;
    const struct record *r = &state->record;
    const struct journal_entry *e = journal_find(j, "insync", state->world, settled_key(a, r));
    int64_t last = r->since > r->doomed_at ? r->since : r->doomed_at;
    return e ? e->at : r->set ? last + state->spread : last;
}

struct journal_entry switch_settling(struct arena *a, const struct traffic_state *state, int64_t now)
{
    return (struct journal_entry){"insync", state->world, settled_key(a, &state->record), NULL, now};
}

static bool wait_insync(struct traffic_switch *sw, struct arena *a, const char *id)
{
    const char *op = operation(sw, "settled");
    int64_t begun = clock_now(sw->cloud->clock);
    while (op) {
        struct value *in = value_map(a);
        value_put(in, "Id", value_string(a, id));
        struct cloud_request req = base(sw, op, in);
        struct cloud_reply r;
        cloud_call(sw->cloud, a, &req, &r);
        const struct value *info = r.ok ? value_get(r.output, "ChangeInfo") : NULL;
        const char *status = value_get_string(info, "Status");
        if (status && !strcmp(status, "INSYNC"))
            return true;
        if (clock_now(sw->cloud->clock) - begun > INSYNC_BUDGET) {
            struct diag *d = diag_error(sw->ds, "BG5032", sw->traffic->decl->name.span,
                                        "the change of %s is not in sync after %s", sw->traffic->world,
                                        clock_span(a, INSYNC_BUDGET));
            diag_note(sw->ds, d, "it was accepted (%s) and takes effect when DNS has spread it; run the same command again to go on", id);
            return false;
        }
        if (sw->lock && !lock_keep(sw->lock, sw->ds))
            return false;
        rest(sw, INSYNC_EVERY);
    }
    return false;
}

/* Whether the batch with this serial and our nonce is what stands now. */
static enum switch_result look(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                               const struct record *next)
{
    struct traffic_state *now = switch_read(sw, a);
    if (!now)
        return SWITCH_FAILED;
    *state = now;
    return now->has_record && now->record.serial == next->serial && switch_mine(sw, now) ? SWITCH_DONE
                                                                                         : SWITCH_CONFLICT;
}

/* The same, when the answer to the batch was lost, and with it the id by which
 * one could ask whether it is in sync: wait for longer than that takes. */
static enum switch_result settle(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                                 const struct record *next)
{
    enum switch_result r = look(sw, a, state, next);
    int64_t until = clock_now(sw->cloud->clock) + SPREAD;
    while (r == SWITCH_DONE && next->set == next->serial && clock_now(sw->cloud->clock) < until) {
        if (sw->lock && !lock_keep(sw->lock, sw->ds))
            return SWITCH_FAILED;
        rest(sw, INSYNC_EVERY);
    }
    return r;
}

static enum switch_result send(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                               struct value *changes, const struct record *next)
{
    const char *op = operation(sw, "change");
    if (!op)
        return SWITCH_FAILED;
    struct value *in = value_map(a), *batch = value_map(a);
    value_put(in, "HostedZoneId", value_string(a, sw->zone));
    value_put(batch, "Comment", value_stringf(a, "bgc %s serial %" PRId64, sw->graph->stack, next->serial));
    value_put(batch, "Changes", changes);
    value_put(in, "ChangeBatch", batch);
    sw->refusal = NULL;
    for (int tries = 0; tries < SEND_TRIES; tries++) {
        if (sw->lock && !lock_keep(sw->lock, sw->ds))
            return SWITCH_FAILED;
        struct cloud_request req = base(sw, op, in);
        req.mutating = true;
        req.not_after = sw->lock ? lock_deadline(sw->lock) : 0;
        struct cloud_reply r;
        cloud_call(sw->cloud, a, &req, &r);
        if (r.ok) {
            const char *id = value_get_string(value_get(r.output, "ChangeInfo"), "Id");
            if (!id)
                return settle(sw, a, state, next);
            /* Only what resolvers ask for has to spread: a note has not. */
            if (next->set == next->serial && !wait_insync(sw, a, id))
                return SWITCH_FAILED;
            return look(sw, a, state, next);
        }
        if (r.error.ambiguous) {
            enum switch_result now = settle(sw, a, state, next);
            if (now != SWITCH_CONFLICT || !switch_mine(sw, *state) || (*state)->record.serial >= next->serial)
                return now; /* done, failed, or somebody else's by now */
            continue;       /* not arrived yet, and nothing has changed: the same batch again */
        }
        if (r.error.code && !strcmp(r.error.code, "InvalidChangeBatch")) {
            sw->refusal = arena_strdup(sw->ds->arena, r.error.message ? r.error.message : "");
            return settle(sw, a, state, next); /* a repeated request may have committed before */
        }
        cloud_report(sw->ds, sw->traffic->decl->name.span, req.service, op, req.address, &r.error);
        return SWITCH_FAILED;
    }
    diag_error(sw->ds, "BG5033", sw->traffic->decl->name.span, "the change of traffic %s was sent %d times without an answer",
               sw->traffic->world, SEND_TRIES);
    return SWITCH_FAILED;
}

/* Serials rise with every batch that this switch ever built, also with those whose
 * fate is not known: an answer that comes late is never taken for another's. */
static void stamp(struct traffic_switch *sw, const struct traffic_state *t, struct record *next, bool records)
{
    int64_t before = t->has_record ? t->record.serial : 0;
    sw->last_serial = (before > sw->last_serial ? before : sw->last_serial) + 1;
    next->version = 1;
    next->serial = sw->last_serial;
    next->set = records ? next->serial : t->has_record ? t->record.set : 0;
    next->epoch = sw->epoch;
    next->by = sw->nonce;
}

enum switch_result switch_note(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                               struct record next)
{
    stamp(sw, *state, &next, false);
    if (sw->split)
        return split_write(sw, a, state, NULL, 0, &next);
    struct value *changes = batch_note(a, *state, &next);
    return send(sw, a, state, changes, &next);
}

enum switch_result switch_set(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                              const struct switch_target *targets, size_t n, struct record next)
{
    stamp(sw, *state, &next, true);
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += targets[i].weight;
        if ((sw->split ? split_reaches(*state, targets[i].world) : batch_reaches(a, *state, targets[i].world)) ||
            switch_can(sw, &targets[i]))
            continue;
        diag_error(sw->ds, "BG5034", sw->traffic->decl->name.span,
                   "refused: world %s has no records, and it is not known what they would point to", targets[i].world);
        return SWITCH_FAILED;
    }
    if (sum <= 0) { /* never 0/0: no caller may ask for it */
        diag_error(sw->ds, "BG6007", sw->traffic->decl->name.span, "refused: the batch would give nobody any traffic");
        return SWITCH_FAILED;
    }
    if (sw->split)
        return split_write(sw, a, state, targets, n, &next);
    struct value *changes = batch_set(a, *state, targets, n, &next);
    return send(sw, a, state, changes, &next);
}

enum switch_result switch_rename(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                                 struct record next)
{
    struct traffic_state *was = *state;
    struct diag *d = NULL;
    if (was->unfit) {
        d = diag_error(sw->ds, "BG5035", sw->traffic->decl->name.span, "the names of traffic %s are not changed: %s",
                       sw->traffic->world, was->unfit);
        diag_help(sw->ds, d, "%s", was->unfit_help);
        return SWITCH_FAILED;
    }
    stamp(sw, was, &next, was->record.set > 0);
    struct value *changes = batch_rename(a, was, (const char *const *)sw->names, sw->wanted, &next);
    enum switch_result r = send(sw, a, state, changes, &next);
    bool stays = r == SWITCH_CONFLICT && switch_mine(sw, *state) && (*state)->record.serial == was->record.serial;
    if (!stays || !sw->refusal || (*state)->unfit)
        return r; /* what came in between is said when it is tried again */
    d = diag_error(sw->ds, "BG5035", sw->traffic->decl->name.span, "the names of traffic %s are not changed: the batch was refused",
                   sw->traffic->world);
    diag_note(sw->ds, d, "%s", sw->refusal);
    diag_help(sw->ds, d, "each name must be in the zone %s; then run this again", sw->zone);
    return SWITCH_FAILED;
}

enum switch_result switch_end(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                              struct record next)
{
    stamp(sw, *state, &next, true);
    if (sw->split)
        return split_end(sw, a, state, &next);
    struct value *changes = batch_set(a, *state, NULL, 0, &next);
    return send(sw, a, state, changes, &next);
}

enum switch_result switch_clear(struct traffic_switch *sw, struct arena *a, struct traffic_state **state)
{
    if (sw->split)
        return split_clear(sw, a, state);
    struct record none = {.version = 1, .serial = -1, .set = -1};
    struct value *changes = batch_clear(a, *state);
    if (!changes->list.n)
        return SWITCH_DONE;
    enum switch_result r = send(sw, a, state, changes, &none);
    /* Success leaves no record to compare with: what counts is that none is there. */
    return r == SWITCH_CONFLICT && !(*state)->has_record && !(*state)->exact->list.n ? SWITCH_DONE : r;
}

bool switch_can(const struct traffic_switch *sw, const struct switch_target *t)
{
    return sw->split ? t->id != NULL : t->dns && t->zone;
}

/* The pair of weights up to 255 whose ratio is nearest; the smallest of equals.
 * What is neither 0 nor 100 % never becomes it. */
void switch_weights(struct dec share, int64_t *candidate, int64_t *live)
{
    double p = dec_double(share) / 100, best = 2;
    if (share.scale == 0 && share.m >= 0 && share.m <= 100) {
        *candidate = share.m;
        *live = 100 - share.m;
        return;
    }
    *candidate = p < 0.5 ? 1 : 255;
    *live = p < 0.5 ? 255 : 1;
    for (int64_t sum = 2; sum <= 510; sum++) {
        int64_t c = (int64_t)(p * (double)sum + 0.5);
        if (c < 1 || c > 255 || sum - c < 1 || sum - c > 255)
            continue;
        double off = (double)c / (double)sum - p;
        off = off < 0 ? -off : off;
        if (off < best - 1e-12) {
            best = off;
            *candidate = c;
            *live = sum - c;
        }
    }
}

/* The record in which `world` has everything. Who had or was about to have
 * traffic is the candidate without a share then: it is looked at, doomed and
 * removed. */
static struct record gone_back(struct traffic_switch *sw, struct arena *a, const struct record *r, const char *world)
{
    struct record next = record_copy(a, r);
    next.candidate = r->live && strcmp(r->live, world) ? r->live : r->candidate;
    next.live = world;
    next.previous = NULL;
    next.step = -1;
    next.weight_live = 100;
    next.weight_candidate = 0;
    next.since = clock_now(sw->cloud->clock);
    return next;
}

enum switch_result switch_back(struct traffic_switch *sw, struct arena *a, struct traffic_state **state,
                               const char *world, const char *abort_spec, const char *abort_world)
{
    struct record next = gone_back(sw, a, &(*state)->record, world);
    record_abort(a, &next, abort_spec);
    record_abort(a, &next, abort_world);
    struct switch_target only = {.world = world, .weight = 100};
    return switch_set(sw, a, state, &only, 1, next);
}

/* What was read is text; whoever reads JSON wants numbers and truths where the API
 * has them. */
static struct value *typed(struct arena *a, struct value *v)
{
    if (v->kind == V_LIST) {
        struct value **at = arena_array(a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = typed(a, v->list.at[i]);
        return value_list(a, at, v->list.n);
    }
    if (v->kind != V_MAP)
        return v;
    struct value *m = value_map(a);
    for (size_t i = 0; i < v->map->n; i++) {
        const char *key = v->map->entries[i].key;
        struct value *x = v->map->entries[i].value;
        if (x->kind == V_STRING && (!strcmp(key, "TTL") || !strcmp(key, "Weight")))
            x = value_int(a, strtoll(x->s, NULL, 10));
        else if (x->kind == V_STRING && !strcmp(key, "EvaluateTargetHealth"))
            x = value_bool(a, !strcmp(x->s, "true"));
        value_put(m, key, typed(a, x));
    }
    return m;
}

const char *switch_cli(struct traffic_switch *sw, struct arena *a, const struct traffic_state *state, const char *world)
{
    /* It stays the owner's: the run that is under way reads it like its own. */
    struct record next = gone_back(sw, a, &state->record, world);
    record_abort(a, &next, next.candidate);
    record_abort(a, &next, next.spec);
    next.set = ++next.serial;
    if (sw->split)
        return split_cli(sw, a, state, world, &next);
    struct switch_target only = {.world = world, .weight = 100};
    struct value *batch = value_map(a);
    value_put(batch, "Changes", typed(a, batch_set(a, state, &only, 1, &next)));
    struct buf b;
    buf_init(&b, a);
    const char *cli = value_get_string(sw->how, "cli");
    buf_printf(&b, "%s --hosted-zone-id %s --change-batch '", cli ? cli : "", sw->zone);
    value_json(&b, batch, 0);
    buf_puts(&b, "'");
    return buf_text(&b);
}
