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

/* What CloudWatch remembers of the live world over the last `window`. What is asked for
 * the first time is only noted, so that all of it comes in one call. */
struct history {
    struct judge judge;
    struct measures measures;
    struct measurer ask;
    struct arena *arena;
    int64_t window; /* 0: it serves for too short a time; nothing is known */
};

static void history_init(struct history *h, const struct survey_args *args, struct arena *a,
                         const struct survey *s, const struct plan_world *w)
{
    *h = (struct history){.arena = a, .window = serving_for(args, s, w->view.name)};
    h->judge = (struct judge){.schemas = args->schemas, .cloud = args->cloud, .ds = args->ds,
                              .graph = s->graph, .live = s->live, .facts = s->facts,
                              .world = w->view.live};
    measures_init(&h->measures, a, &h->judge);
    h->ask = measures_measurer(&h->measures);
}

/* NULL: there is no data, or none yet. */
static const struct value *recall(struct history *h, const char *fn, struct sample_figure part,
                                  const struct sample_figure *whole)
{
    if (!h->window)
        return NULL;
    struct value **of = arena_array(h->arena, struct value *, 3);
    size_t n = 0;
    for (const struct sample_figure *f = &part; f; f = f == &part ? whole : NULL) {
        of[n] = arena_make(h->arena, struct value);
        *of[n++] = (struct value){.kind = V_METRIC, .metric = {.address = f->address, .name = f->metric}};
    }
    of[n++] = value_duration(h->arena, h->window);
    return h->ask.measure(h->ask.self, h->arena, fn, of, n, value_map(h->arena), NO_SPAN);
}

static bool ratio(void *self, struct sample_figure part, struct sample_figure whole, double *share, double *of)
{
    struct history *h = self;
    const struct value *r = recall(h, "ratio", part, &whole), *n = recall(h, "sum", whole, NULL);
    *share = r && r->kind == V_PERCENT ? dec_double(r->dec) / 100 : 0;
    *of = n && n->kind == V_NUMBER ? dec_double(n->dec) : 0;
    return r && r->kind == V_PERCENT;
}

/* Requests a second; 0: there is no data. */
static double rate(struct history *h, const struct survey_args *args, const struct survey *s,
                   const struct plan_world *w)
{
    const struct world *world = graph_world(s->graph, w->view.name);
    const struct node *entry = world && world->entry ? graph_find(s->graph, world->entry) : NULL;
    const struct schema *schema = entry ? schema_find(args->schemas, entry->type) : NULL;
    return schema && schema_metric(schema, "requests")
               ? sample_rate(recall(h, "rate", (struct sample_figure){world->entry, "requests"}, NULL))
               : 0;
}

/* Whether any gate of the rollout depends on how many requests come; notes what there is
 * to know of the live world for it. */
static bool matters(const struct survey_args *args, struct history *h, const struct plan_world *w,
                    const struct sample_live *live)
{
    struct diags quiet;
    struct sample_load hardly_any = {1e-9, NO_SPAN, "", live};
    diags_init(&quiet, h->arena, args->ds->sources);
    return !sample_check(args->program, &quiet, w->view.name, w->rollout->as, &hardly_any) ||
           h->measures.wanted;
}

static bool check_world(const struct survey_args *args, struct arena *a, const struct survey *s,
                        const struct plan_world *w, const struct traffic *t)
{
    bool declared = sample_declared(args->program, w->view.name) != NULL;
    struct history h;
    history_init(&h, args, a, s, w);
    struct sample_live live = {&h, ratio};
    if (!matters(args, &h, w, &live))
        return true;
    if (!declared)
        rate(&h, args, s, w);
    if (h.measures.wanted && !measures_fetch(&h.measures))
        return true;
    if (declared)
        return sample_check_declared(args->program, args->ds, w->view.name, value_get(t->props, "load"), &live);
    struct sample_load load = {rate(&h, args, s, w), NO_SPAN, NULL, &live};
    if (load.per_second <= 0)
        return true;
    load.said = arena_printf(args->ds->arena,
                             "%s/%s got %.3g requests a second in the last %s; `load` in its `traffic` "
                             "says what else is to be reckoned with",
                             w->view.name, w->view.live, load.per_second, clock_span(a, h.window));
    return sample_check(args->program, args->ds, w->view.name, w->rollout->as, &load);
}

bool load_check(const struct survey_args *args, struct arena *a, const struct survey *s)
{
    bool ok = true;
    for (size_t i = 0; i < s->plan->worlds.n; i++) {
        const struct plan_world *w = s->plan->worlds.at[i];
        const struct traffic *t = graph_traffic(s->graph, w->view.name);
        if (t && begins(w))
            ok = check_world(args, a, s, w, t) && ok;
    }
    return ok;
}
