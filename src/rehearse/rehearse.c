#include "rehearse/rehearse.h"

#include <string.h>

#include "cloud/ports.h"
#include "cloud/retry.h"
#include "cloud/trace.h"
#include "lang/print.h"
#include "rehearse/story.h"
#include "rollout/run.h"

enum { WARM_UP = 30 * 60000, TTL = 60000, KEEP_MARGIN = 5 * 60000 };

struct stage {
    const struct rehearse_args *args;
    struct arena *arena;
    const struct decl *scenario;
    struct sandbox *box;
    struct cloud *cloud;
    struct ports *ports;
    struct store *store;
    struct story story;
    int runs;
};

static bool yes(void *self, const char *role)
{
    (void)self, (void)role;
    return true;
}

/* The inputs of one version: the command line's, with those of a scene over them. */
static bool inputs_of(struct stage *s, const struct arg *given, struct map *out)
{
    map_init(out, s->arena);
    const struct map *base = s->args->eval ? s->args->eval->inputs : NULL;
    for (size_t i = 0; base && i < base->n; i++)
        map_put(out, base->entries[i].key, base->entries[i].value);
    for (; given; given = given->next) {
        struct value *v = eval_expr(s->args->program, s->arena, s->args->ds, given->value, NULL);
        if (!v)
            return false;
        map_put(out, given->name.text, v);
    }
    return true;
}

/* One `bgc apply` (or `retire`) in the simulated account. */
static const char *run_once(struct stage *s, const struct arg *given, enum run_mode mode, bool wait, const struct sink *sink)
{
    struct map inputs;
    if (!inputs_of(s, given, &inputs))
        return NULL;
    struct eval_args eval = s->args->eval ? *s->args->eval : (struct eval_args){0};
    eval.inputs = &inputs;
    eval.facts = NULL;
    struct arena *plan = arena_new("rehearsal"), *scratch = arena_new("round");
    struct graph *bare = eval_program(s->args->program, plan, &eval);
    if (bare)
        sandbox_program(s->box, bare);
    struct run_args ra = {.mode = mode, .eval = &eval, .wait = wait, .who = "rehearsal", .approve = yes,
                          .plan = {.tolerant = mode != RUN_APPLY}, .nonce = arena_printf(s->arena, "rehearsal%d", ++s->runs)};
    struct run r = {.session = plan, .plan_arena = plan, .scratch = scratch, .program = s->args->program,
                    .schemas = s->args->schemas, .ds = s->args->ds, .cloud = ports_open(s->ports),
                    .exec_cloud = ports_open(s->ports), .store = s->store, .sink = sink, .args = &ra};
    if (bare && run_begin(&r))
        run_to_end(&r);
    else
        run_finish(&r);
    const char *outcome = r.outcome ? arena_strdup(s->arena, r.outcome) : "failed";
    sandbox_program(s->box, NULL);
    arena_free(scratch);
    arena_free(plan);
    return outcome;
}

static const struct arg *scene_inputs(const struct decl *d, enum scene_kind kind, const struct scene_ast **at)
{
    for (const struct scene_ast *c = *at ? (*at)->next : d->scenes; c; c = c->next)
        if (c->kind == kind) {
            *at = c;
            return c->inputs;
        }
    *at = NULL;
    return NULL;
}

static struct dec load_of(struct stage *s)
{
    for (const struct scene_ast *c = s->scenario->scenes; c; c = c->next)
        if (c->kind == SCENE_LOAD) {
            struct value *v = eval_expr(s->args->program, s->arena, s->args->ds, c->load, NULL);
            struct dec per = {1000, 0}, out, ms;
            if (v && v->kind == V_RATE && dec_mul(v->rate.count, per, &out) &&
                dec_div(out, (struct dec){v->rate.per, 0}, &ms))
                return ms;
        }
    return (struct dec){200, 0};
}

static const struct env *bind(struct arena *a, const struct env *up, const char *name, struct value *v)
{
    struct env *e = arena_make(a, struct env);
    *e = (struct env){up, name, v};
    return e;
}

/* Judges the expectations; false: *why says which one did not hold. */
static bool judge(struct stage *s, struct rehearsal *out)
{
    struct arena *a = s->arena;
    const struct env *env = bind(a, NULL, "outcome", value_string(a, out->outcome));
    env = bind(a, env, "lost", value_percent(a, dec_from_double(out->lost)));
    env = bind(a, env, "restored", out->restored < 0 ? value_none(a) : value_duration(a, out->restored));
    env = bind(a, env, "took", value_duration(a, out->took));
    env = bind(a, env, "share", value_percent(a, dec_from_double(s->story.share)));
    env = bind(a, env, "failed", value_string(a, s->story.failed ? s->story.failed : ""));
    for (const struct scene_ast *c = s->scenario->scenes; c; c = c->next) {
        if (c->kind != SCENE_EXPECT)
            continue;
        struct value *v = eval_expr(s->args->program, a, s->args->ds, c->cond, env);
        bool ok = v && (c->within ? v->kind == V_DURATION && v->i <= c->within : v->kind == V_BOOL && v->b);
        struct buf b;
        buf_init(&b, a);
        print_expr(&b, c->cond);
        if (c->within)
            buf_printf(&b, " within %s", clock_span(a, c->within));
        story_say(&s->story, "%s expected %s", ok ? "ok" : "x ", buf_text(&b));
        if (!ok && !out->why)
            out->why = arena_printf(a, "expected %s%s%s", buf_text(&b), c->within && v ? "; it is " : "",
                                    c->within && v ? value_text(a, v) : "");
    }
    return !out->why && !s->story.broken;
}

/* False: there was nothing that a change could be rehearsed on. */
static bool play(struct stage *s, struct rehearsal *out)
{
    const struct scene_ast *at = NULL;
    const struct sink quiet = {0};
    size_t mark = diags_mark(s->args->ds);
    const struct arg *live = scene_inputs(s->scenario, SCENE_LIVE, &at);
    const char *first = run_once(s, live, RUN_APPLY, false, &quiet);
    out->outcome = "failed";
    if (!first || strcmp(first, "applied")) {
        out->why = "the live world could not be made";
        return false;
    }
    struct clock *clock = sandbox_clock(s->box);
    cloud_sleep(s->cloud, clock_now(clock) + WARM_UP);
    struct sandbox_users before, after;
    sandbox_users(s->box, &before);
    story_begin(&s->story, s->arena, s->args->program, s->args->ds, s->box, s->scenario, s->story.out);
    story_say(&s->story, "   the live world serves; the upgrade begins");

    at = NULL;
    const struct arg *edit = scene_inputs(s->scenario, SCENE_EDIT, &at);
    bool edited = at != NULL;
    out->outcome = run_once(s, NULL, RUN_APPLY, !edited, &s->story.sink);
    while (at && !strcmp(out->outcome, "applied")) {
        cloud_sleep(s->cloud, clock_now(clock) + WARM_UP);
        story_say(&s->story, "   the spec is edited: `bgc apply` runs again");
        s->story.rolling_since = -1;
        s->story.restored = -1;
        const struct arg *now = edit;
        edit = scene_inputs(s->scenario, SCENE_EDIT, &at);
        out->outcome = run_once(s, now, RUN_APPLY, !at, &s->story.sink);
    }
    int64_t end = clock_now(clock);
    cloud_sleep(s->cloud, end + WARM_UP); /* the tail is the users' too */
    sandbox_users(s->box, &after);
    double requests = after.requests - before.requests;
    out->lost = requests > 0 ? 100 * (after.failed - before.failed) / requests : 0;
    out->took = end - s->story.zero;
    out->restored = s->story.restored < 0 ? -1 : s->story.restored + TTL;
    if (after.untested_world > before.untested_world)
        out->why = "users reached a world that had not passed its tests";
    /* A failure that the scenario expects is told by its timeline and its outcome. */
    if (strcmp(out->outcome, "failed") == 0 || strcmp(out->outcome, "rolled_back") == 0)
        diags_rewind(s->args->ds, mark);
    return true;
}

static void perform(struct arena *a, const struct rehearse_args *args, const struct decl *d, struct rehearsal *out,
                    struct buf *text)
{
    struct stage s = {.args = args, .arena = a, .scenario = d};
    *out = (struct rehearsal){.title = d->path2, .restored = -1};
    struct sandbox_config config = {.seed = args->seed, .start = 1767225600000 /* 2026-01-01 */, .invent = true};
    config.load = load_of(&s);
    s.box = sandbox_new(a, args->schemas, &config);
    struct retry_config retry = {.services = service_source_of_program(a, args->program), .seed = args->seed};
    s.cloud = retry_new(a, sandbox_cloud(s.box, a), &retry);
    s.cloud->trace = trace_new(a, NULL);
    s.ports = ports_new(a, s.cloud);
    s.store = store_memory(a, sandbox_objects(s.box));
    s.story.out = args->quiet ? NULL : text;
    if (!args->quiet)
        buf_printf(text, "%s\n", d->path2);
    bool played = play(&s, out);
    out->calls = trace_total(s.cloud->trace);
    out->passed = played && judge(&s, out);
    buf_printf(text, "%s %s: %s, lost %.2f %%, %s of virtual time, %llu API calls%s%s\n", out->passed ? "passed" : "FAILED",
               d->path2, out->outcome, out->lost, clock_span(a, out->took), (unsigned long long)out->calls,
               out->why ? "; " : "", out->why ? out->why : "");
    if (!args->quiet)
        buf_putc(text, '\n');
    cloud_free(s.cloud);
    sandbox_free(s.box);
}

struct rehearsal *rehearse_all(struct arena *a, const struct rehearse_args *args, struct buf *out, size_t *n)
{
    struct rehearsal *all = arena_array(a, struct rehearsal, args->program->scenarios.n + 1);
    *n = 0;
    for (size_t i = 0; i < args->program->scenarios.n; i++) {
        const struct decl *d = args->program->scenarios.at[i];
        if (!args->only || strstr(d->path2, args->only))
            perform(a, args, d, &all[(*n)++], out);
    }
    return all;
}
