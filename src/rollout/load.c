#include "rollout/load.h"

#include <string.h>

#include "base/clock.h"
#include "lang/sample.h"
#include "rollout/measure.h"

enum { HOUR = 60 * 60000, MEASURED_MOST = 6 * HOUR };

/* A new version is to be built and shifted to, and nobody has been sent to it yet. */
static bool begins(const struct plan_world *w)
{
    const struct world_view *v = &w->view;
    switch (v->action) {
    case WORLD_UPGRADE:
    case WORLD_RESUME:
    case WORLD_SUPERSEDE:
    case WORLD_REMOVE_OTHER:
        return w->want && w->rollout && v->live && v->desired && strcmp(v->live, v->desired) != 0 &&
               v->candidate_share <= 0;
    default: return false;
    }
}

/* For how many whole hours the live world has had all of the traffic, in ms (the
 * periods of metrics are multiples of a minute); 0: not known, or less. */
static int64_t serving_for(const struct survey_args *args, const struct survey *s, const char *world)
{
    const struct traffic_state *t = live_traffic(s->live, world);
    int64_t since = t && t->has_record ? t->record.since : 0;
    int64_t span = since ? clock_now(args->cloud->clock) - since : 0;
    return span > MEASURED_MOST ? MEASURED_MOST : span > 0 ? span / HOUR * HOUR : 0;
}

/* Requests a second over the last `window`; 0: there is no data. */
static double measured(const struct survey_args *args, struct arena *a, const struct survey *s,
                       const struct plan_world *w, int64_t window)
{
    const struct world *world = graph_world(s->graph, w->view.name);
    const struct node *entry = world && world->entry ? graph_find(s->graph, world->entry) : NULL;
    const struct schema *schema = entry ? schema_find(args->schemas, entry->type) : NULL;
    if (!schema || !schema_metric(schema, "requests"))
        return 0;
    struct judge j = {.schemas = args->schemas, .cloud = args->cloud, .ds = args->ds,
                      .graph = s->graph, .live = s->live, .facts = s->facts,
                      .world = w->view.live};
    struct measures m;
    measures_init(&m, a, &j);
    struct measurer ask = measures_measurer(&m);
    struct value **of = arena_array(a, struct value *, 2);
    of[0] = arena_make(a, struct value);
    *of[0] = (struct value){.kind = V_METRIC,
                            .metric = {.address = world->entry, .name = "requests"}};
    of[1] = value_duration(a, window);
    ask.measure(ask.self, a, "rate", of, 2, value_map(a), NO_SPAN);
    if (!measures_fetch(&m))
        return 0;
    return sample_rate(ask.measure(ask.self, a, "rate", of, 2, value_map(a), NO_SPAN));
}

/* Whether any gate of the rollout depends on how many requests come. */
static bool matters(const struct survey_args *args, struct arena *a, const struct plan_world *w)
{
    struct diags quiet;
    struct sample_load hardly_any = {1e-9, NO_SPAN, ""};
    diags_init(&quiet, a, args->ds->sources);
    return !sample_check(args->program, &quiet, w->view.name, w->rollout->as, &hardly_any);
}

static bool check_measured(const struct survey_args *args, struct arena *a, const struct survey *s,
                           const struct plan_world *w)
{
    int64_t window = serving_for(args, s, w->view.name);
    if (!window || !matters(args, a, w))
        return true;
    double rate = measured(args, a, s, w, window);
    if (rate <= 0)
        return true;
    struct sample_load load = {rate, NO_SPAN, NULL};
    load.said = arena_printf(args->ds->arena,
                             "%s/%s got %.3g requests a second in the last %s; `load` in its `traffic` "
                             "says what else is to be reckoned with",
                             w->view.name, w->view.live, rate, clock_span(a, window));
    return sample_check(args->program, args->ds, w->view.name, w->rollout->as, &load);
}

bool load_check(const struct survey_args *args, struct arena *a, const struct survey *s)
{
    bool ok = true;
    for (size_t i = 0; i < s->plan->worlds.n; i++) {
        const struct plan_world *w = s->plan->worlds.at[i];
        const struct traffic *t = graph_traffic(s->graph, w->view.name);
        if (!t || !begins(w))
            continue;
        if (sample_declared(args->program, w->view.name))
            ok = sample_check_declared(args->program, args->ds, w->view.name,
                                       value_get(t->props, "load")) && ok;
        else
            ok = check_measured(args, a, s, w) && ok;
    }
    return ok;
}
