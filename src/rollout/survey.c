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

static bool same_names(const struct value *a, const struct value *b)
{
    size_t n = a && a->kind == V_LIST ? a->list.n : 0, met = 0;
    if (!b || (b->kind != V_LIST && b->kind != V_SET) || b->list.n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            met += value_equal(a->list.at[i], b->list.at[k]);
    return met >= n;
}

/* The traffic of a world as the account shows it in this survey. NULL: reported. */
static struct traffic_state *read_traffic(const struct survey_args *args, struct arena *a,
                                          const struct survey *s, const char *world)
{
    struct traffic_switch *sw = survey_switch(args, a, s, world);
    sw->seen = s->seen;
    return switch_read(sw, a);
}

/* A world may serve by other names, or in another zone, than the program says by now.
 * Where its record stands counts; what the program says instead is refused later.
 * false: reported. */
static bool served_elsewhere(const struct survey_args *args, struct arena *a, struct survey *out, size_t i)
{
    struct traffic *said = out->graph->traffics.at[i];
    struct value *props = eval_force(out->graph, a, out->facts, said->props);
    const struct value *names = value_get(props, "names");
    struct value *zone = value_get(props, "zone") ? schema_ids(a, out->facts, value_get(props, "zone")) : NULL;
    for (size_t k = 0; k < out->live->worlds.n && names && zone && zone->kind == V_STRING; k++) {
        const struct live_world *w = out->live->worlds.at[k];
        struct graph tagged = {.program = out->graph->program, .stack = out->graph->stack};
        struct facts f;
        const struct account *needs;
        map_init(&tagged.by_address, a);
        facts_init(&f, a);
        if (strcmp(w->name, said->world) || w->doomed || !placed_restore(a, args->schemas, &tagged, &f, w, &needs) ||
            strcmp(tagged.traffics.at[0]->kind, said->kind))
            continue;
        const struct value *was = tagged.traffics.at[0]->props, *ref = value_get(was, "zone");
        const char *in = ref && ref->kind == V_REF ? value_get_string(facts_find(&f, ref->ref.address), "id") : NULL;
        if (!in || (!strcmp(in, zone->s) && same_names(value_get(was, "names"), names)))
            continue;
        out->graph->traffics.at[i] = out->graph->traffics.at[out->graph->traffics.n - 1];
        out->graph->traffics.n--;
        if (!placed_restore(a, args->schemas, out->graph, out->facts, w, &needs))
            return true;
        struct traffic *stands = out->graph->traffics.at[out->graph->traffics.n - 1];
        if (needs)
            cloud_declare(args->cloud, needs->alias, needs->role);
        struct traffic_state *t = read_traffic(args, a, out, said->world);
        if (!t)
            return false;
        bool ours = t->has_record && live_world(out->live, w->name, t->record.live);
        stands->instead = arena_printf(a, "world %s/%s had traffic by %s in zone %s, and the program says %s in zone %s", w->name,
                                       ours ? t->record.live : w->id, names_of(a, value_get(was, "names")), in,
                                       names_of(a, names), zone->s);
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
        struct traffic_state *t = read_traffic(args, a, out, out->graph->traffics.at[i]->world);
        if (!t)
            return false;
        t->kill_switch_fired = fired(a, out->graph->traffics.at[i], out->live, t);
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
