#include "rollout/survey.h"

#include <string.h>

#include "cloud/adopt.h"
#include "cloud/gather.h"
#include "plan/placed.h"
#include "plan/preflight.h"
#include "rollout/implied.h"
#include "rollout/load.h"

enum { MAX_ROUNDS = 32 }; /* queries that depend on queries; deeper than anybody writes */

static struct observe_args observing(const struct survey_args *args, const struct survey *s)
{
    return (struct observe_args){args->schemas, args->cloud, args->ds, s->graph, s->seen};
}

/* From here on no text shows what was looked up; false: something could not be hidden. */
static bool hide_secrets(const struct survey_args *args, struct arena *a, const struct survey *s)
{
    bool ok = true;
    for (size_t i = 0; i < s->facts->by_address.n; i++) {
        const struct map_entry *e = &s->facts->by_address.entries[i];
        const struct node *n = graph_find(s->graph, e->key);
        redact_value(args->ds->secrets, e->value);
        if (!redact_too_short(e->value))
            continue;
        redact_refuse(args->ds, n ? n->span : NO_SPAN, arena_printf(a, "the secret that `%s` found", e->key));
        ok = false;
    }
    return ok;
}

bool survey_graph(const struct survey_args *args, struct arena *a, struct survey *out)
{
    out->facts = arena_make(a, struct facts);
    facts_init(out->facts, a);
    out->seen = arena_make(a, struct seen);
    seen_init(out->seen, a);
    struct eval_args eval = args->eval ? *args->eval : (struct eval_args){0};
    eval.facts = out->facts;
    for (int round = 0; round < MAX_ROUNDS; round++) {
        out->graph = eval_program(args->program, a, &eval);
        if (!out->graph)
            return false;
        if (!out->graph->wanted.n)
            return implied_add(a, args->ds, out->graph);
        struct observe_args o = observing(args, out);
        if (!observe_facts(&o, a, out->facts))
            return false;
        if (!hide_secrets(args, a, out))
            return false;
    }
    diag_error(args->ds, "BG2090", NO_SPAN, "queries still wait for queries after %d rounds", MAX_ROUNDS);
    return false;
}

bool survey_identity(const struct survey_args *args, struct arena *a, struct survey *out, bool *refused)
{
    const char *account, *arn;
    struct observe_args o = observing(args, out);
    *refused = false;
    if (!observe_identity(&o, a, NULL, &account, &arn))
        return false;
    if (out->graph->account_id && strcmp(out->graph->account_id, account)) {
        struct diag *d = diag_error(args->ds, "BG5103", args->program->stack ? args->program->stack->name.span : NO_SPAN,
                                    "these credentials are of account %s, and the stack is of account %s", account,
                                    out->graph->account_id);
        diag_note(args->ds, d, "they are those of %s; nothing was read or changed beyond that", arn ? arn : "an unknown identity");
        diag_help(args->ds, d, "choose other credentials (AWS_PROFILE, --profile); `bgc whoami` shows where they come from");
        *refused = true;
        return false;
    }
    out->account_id = account;
    out->identity = arn;
    return true;
}

struct traffic_switch *survey_switch(const struct survey_args *args, struct arena *a, const struct survey *s,
                                     const char *world)
{
    const struct traffic *t = graph_traffic(s->graph, world);
    if (!t)
        return NULL;
    struct traffic_switch *sw = arena_make(a, struct traffic_switch);
    *sw = (struct traffic_switch){.schemas = args->schemas, .cloud = args->cloud, .ds = args->ds,
                                  .graph = s->graph, .traffic = t, .facts = s->facts};
    return sw;
}

/* Whether the alarm of a kill switch is firing: it stands on the records of the world
 * that came last, until the version before it is gone. */
static bool fired(struct arena *a, const struct traffic *t, const struct live *l, const struct traffic_state *state)
{
    const struct value *alarm = value_get(t->props, "kill_switch");
    const struct record *r = &state->record;
    const char *id = r->candidate ? r->candidate : r->previous ? r->live : NULL;
    if (!alarm || alarm->kind != V_REF || !state->has_record || !id || traffic_share_of(state, id) <= 0)
        return false;
    const struct live_resource *res = live_find(l, arena_printf(a, "%s/%s", t->world, id), alarm->ref.address);
    const char *now = res && res->reading ? value_get_string(res->reading->fields, "state") : NULL;
    return now && !strcmp(now, "ALARM");
}

/* What the tags of a world say of its traffic, as a graph and facts of its own. NULL: nothing. */
static struct traffic *tagged_traffic(const struct survey_args *args, struct arena *a, const struct survey *s,
                                      const struct live_world *w, const char **zone)
{
    struct graph g = {.program = s->graph->program, .stack = s->graph->stack};
    struct facts f;
    const struct account *needs;
    map_init(&g.by_address, a);
    facts_init(&f, a);
    if (!placed_restore(a, args->schemas, &g, &f, w, &needs))
        return NULL;
    const struct value *ref = value_get(g.traffics.at[0]->props, "zone");
    *zone = ref && ref->kind == V_REF ? value_get_string(facts_find(&f, ref->ref.address), "id") : NULL;
    return g.traffics.at[0];
}

static const char *zone_of(struct arena *a, const struct survey *s, const struct traffic *t)
{
    struct value *zone = value_get(eval_force(s->graph, a, s->facts, t->props), "zone");
    struct value *id = zone ? schema_ids(a, s->facts, zone) : NULL;
    return id && id->kind == V_STRING ? id->s : NULL;
}

/* Before a name comes or goes the tags of all worlds say it, and after that those of some
 * may still do: so the record stands at none but those that some of them say. */
static const struct value *tagged_names(const struct survey_args *args, struct arena *a, const struct survey *s,
                                        const struct traffic *of)
{
    const char *zone = zone_of(a, s, of), *in;
    VEC(struct value *) all = {0};
    for (size_t i = 0; zone && i < s->live->worlds.n; i++) {
        const struct live_world *w = s->live->worlds.at[i];
        const struct traffic *t = strcmp(w->name, of->world) ? NULL : tagged_traffic(args, a, s, w, &in);
        const struct value *names = t && !strcmp(t->kind, of->kind) && in && !strcmp(in, zone) ? value_get(t->props, "names") : NULL;
        for (size_t k = 0; names && names->kind == V_LIST && k < names->list.n; k++)
            vec_push(a, &all, names->list.at[k]);
    }
    return value_list(a, all.at, all.n);
}

/* A world whose traffic the program does not name says itself where that is. */
static void restore_traffic(const struct survey_args *args, struct arena *a, struct survey *out)
{
    for (size_t i = 0; i < out->live->worlds.n; i++) {
        const struct live_world *w = out->live->worlds.at[i];
        const struct account *needs;
        if (graph_traffic(out->graph, w->name))
            continue;
        if (placed_restore(a, args->schemas, out->graph, out->facts, w, &needs) && needs)
            cloud_declare(args->cloud, needs->alias, needs->role);
    }
}

static const char *names_of(struct arena *a, const struct value *names)
{
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; names && (names->kind == V_LIST || names->kind == V_SET) && i < names->list.n; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", names->list.at[i]->kind == V_STRING ? names->list.at[i]->s : "?");
    return buf_text(&b);
}

/* The traffic of a world as the account shows it in this survey. NULL: reported. */
static struct traffic_state *read_traffic(const struct survey_args *args, struct arena *a,
                                          const struct survey *s, const char *world)
{
    struct traffic_switch *sw = survey_switch(args, a, s, world);
    sw->seen = s->seen;
    return switch_read(sw, a);
}

/* Names at which the record of a world stands, where the program says others. */
static const struct value *other_names(struct arena *a, const struct traffic_state *t)
{
    struct value **at = arena_array(a, struct value *, t->names.n + 1);
    if (!t->has_record || !(t->come.n || t->go.n))
        return NULL;
    for (size_t i = 0; i < t->names.n; i++)
        at[i] = value_string(a, t->names.at[i]);
    return value_list(a, at, t->names.n);
}

/* NULL: reported. */
static struct traffic_state *look_at_traffic(const struct survey_args *args, struct arena *a, const struct survey *s,
                                             struct traffic *said)
{
    said->tagged = tagged_names(args, a, s, said);
    struct traffic_state *t = read_traffic(args, a, s, said->world);
    said->stands = t ? other_names(a, t) : NULL;
    return t;
}

/* Whether what the worlds say of where their traffic is may be older than what stands:
 * the list that tags come from lags (cloud/sweep). */
static bool outdated(struct arena *a, const struct survey *s, const struct traffic *said, const struct traffic_state *t,
                     const struct live_resource *r)
{
    if (!r->reading || !value_get_string(r->reading->tags, TAG_TRAFFIC))
        return false;
    struct value *tags = said->restored ? NULL : placed_tags(a, s->graph, s->facts, said->world);
    return t->kind == TRAFFIC_FOREIGN || t->torn || !t->has_record || (tags && !placed_said(tags, r));
}

/* Asks for the tags themselves, and looks again where they say. Costs calls only where
 * something does not fit. NULL: reported. */
static struct traffic_state *look_again(const struct survey_args *args, struct arena *a, const struct survey *s,
                                        struct traffic *said, struct traffic_state *t)
{
    struct observe_args o = observing(args, s);
    bool asked = false;
    o.seen = NULL;
    for (size_t i = 0; i < s->live->worlds.n; i++) {
        const struct live_world *w = s->live->worlds.at[i];
        for (size_t k = 0; !strcmp(w->name, said->world) && k < w->resources.n; k++) {
            struct live_resource *r = w->resources.at[k];
            const struct schema *schema = schema_find(args->schemas, r->type);
            bool absent = false;
            if (!schema || !outdated(a, s, said, t, r))
                continue;
            struct live_resource *now = observe_one(&o, a, schema, r, &absent);
            if (!now && !absent)
                return NULL;
            if (now)
                r->reading->tags = now->reading->tags;
            asked = true;
        }
    }
    return asked ? look_at_traffic(args, a, s, said) : t;
}

/* A world may serve in another zone than the program says by now, where one batch
 * cannot move it to. Where its record stands counts; what the program says instead is
 * refused later. false: reported. */
static bool served_elsewhere(const struct survey_args *args, struct arena *a, struct survey *out, size_t i)
{
    struct traffic *said = out->graph->traffics.at[i];
    const char *zone = zone_of(a, out, said), *in;
    for (size_t k = 0; k < out->live->worlds.n && zone; k++) {
        const struct live_world *w = out->live->worlds.at[k];
        const struct traffic *was = strcmp(w->name, said->world) || w->doomed ? NULL : tagged_traffic(args, a, out, w, &in);
        const struct account *needs;
        if (!was || strcmp(was->kind, said->kind) || !in || !strcmp(in, zone))
            continue;
        out->graph->traffics.at[i] = out->graph->traffics.at[out->graph->traffics.n - 1];
        out->graph->traffics.n--;
        if (!placed_restore(a, args->schemas, out->graph, out->facts, w, &needs))
            return true;
        struct traffic *stands = out->graph->traffics.at[out->graph->traffics.n - 1];
        if (needs)
            cloud_declare(args->cloud, needs->alias, needs->role);
        stands->tagged = tagged_names(args, a, out, stands);
        struct traffic_state *t = read_traffic(args, a, out, said->world);
        if (!t)
            return false;
        bool ours = t->has_record && live_world(out->live, w->name, t->record.live);
        stands->instead = arena_printf(a, "world %s/%s had traffic by %s in zone %s, and the program says %s in zone %s", w->name,
                                       ours ? t->record.live : w->id, names_of(a, value_get(was->props, "names")), in,
                                       names_of(a, value_get(eval_force(out->graph, a, out->facts, said->props), "names")), zone);
        if (!ours) /* it never had any there: the program is right */
            out->graph->traffics.at[out->graph->traffics.n - 1] = said;
        return true;
    }
    return true;
}

bool survey_live(const struct survey_args *args, struct arena *a, struct survey *out)
{
    struct observe_args o = observing(args, out);
    out->live = observe_live(&o, a, out->facts, args->sweep || (args->plan && args->plan->sweep));
    if (!out->live)
        return false;
    out->live->account_id = out->account_id;
    out->live->identity = out->identity;
    restore_traffic(args, a, out);
    for (size_t i = out->graph->traffics.n; i-- > 0;)
        if (!out->graph->traffics.at[i]->restored && !served_elsewhere(args, a, out, i))
            return false;
    for (size_t i = 0; i < out->graph->traffics.n; i++) {
        struct traffic *said = out->graph->traffics.at[i];
        struct traffic_state *t = look_at_traffic(args, a, out, said);
        if (t)
            t = look_again(args, a, out, said, t);
        if (!t)
            return false;
        t->kill_switch_fired = fired(a, said, out->live, t);
        vec_push(a, &out->live->traffics, t);
    }
    for (size_t i = 0; i < out->graph->worlds.n; i++) {
        struct world *w = out->graph->worlds.at[i];
        world_choose(a, w, out->live, args->plan && args->plan->rebuild);
    }
    return (args->plan && args->plan->destroy) || adopt_all(&o, a, out->live, out->facts);
}

/* Only what is to be made is asked for: a plan without creations costs no call. */
static void preflight(const struct survey_args *args, struct arena *a, struct survey *s)
{
    struct preflight *p = preflight_ask(args->schemas, a, s->plan);
    struct observe_args o = observing(args, s);
    observe_answers(&o, a, p->questions.at, p->questions.n);
    preflight_near(p);
    observe_answers(&o, a, p->near.at, p->near.n);
    preflight_judge(p);
}

bool survey_make(const struct survey_args *args, struct arena *a, struct survey *out, bool *refused)
{
    *out = (struct survey){0};
    *refused = false;
    /* Who we are is asked first: with the wrong account nothing else is read. */
    struct eval_args bare = args->eval ? *args->eval : (struct eval_args){0};
    bare.facts = NULL;
    out->graph = eval_program(args->program, a, &bare);
    if (!out->graph || !survey_identity(args, a, out, refused))
        return false;
    if (!survey_graph(args, a, out) || !survey_live(args, a, out))
        return false;
    out->plan = plan_make(args->schemas, a, args->ds, out->graph, out->live, args->plan);
    if (!out->plan || out->plan->refused || !args->plan || args->plan->tolerant || args->plan->destroy)
        return out->plan != NULL;
    if (args->plan->preflight)
        preflight(args, a, out);
    return load_check(args, a, out);
}
