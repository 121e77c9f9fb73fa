/* runs.h - whole runs in a sandbox account, whose calls a test may refuse. */
#ifndef BGC_TESTS_RUNS_H
#define BGC_TESTS_RUNS_H

#include <unistd.h>

#include "sandbox.h"

#include "cloud/ports.h"
#include "cloud/retry.h"
#include "lang/check.h"
#include "rollout/run.h"

enum { MINUTE = 60000, SECONDS = 60 };

/* Below everything that tries again: what `refuse` gives an error for never reaches
 * the account. */
struct refuser {
    struct cloud *box;
    struct arena *a;
    const struct cloud_error *(*refuse)(void *self, const struct cloud_request *req);
    void *self;
    VEC(struct cloud_reply) refused;
    size_t taken;
    struct cloud cloud;
};

static inline uint64_t refuser_submit(void *self, const struct cloud_request *req)
{
    struct refuser *f = self;
    const struct cloud_error *e = f->refuse ? f->refuse(f->self, req) : NULL;
    if (!e)
        return cloud_submit(f->box, req);
    struct cloud_reply r = {.ticket = UINT64_MAX / 2 + f->refused.n, .error = *e};
    vec_push(f->a, &f->refused, r);
    return r.ticket;
}

static inline bool refuser_wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    struct refuser *f = self;
    if (f->taken == f->refused.n)
        return cloud_wait(f->box, a, deadline, out);
    *out = f->refused.at[f->taken++];
    return true;
}

static inline struct cloud *refuser_init(struct refuser *f, struct rig *r)
{
    static const struct cloud_ops ops = {.submit = refuser_submit, .wait = refuser_wait};
    *f = (struct refuser){.box = sandbox_cloud(r->box, r->a), .a = r->a};
    f->cloud = (struct cloud){.ops = &ops, .self = f, .clock = f->box->clock};
    struct retry_config retry = {.services = service_source_of_program(r->a, r->program), .seed = 1};
    return retry_new(r->a, &f->cloud, &retry);
}

/* `args` NULL: an apply until the bake begins. */
static inline struct run run_of(struct rig *r, struct store *store, struct cloud *cloud, const struct run_args *args,
                                const char *size)
{
    struct eval_args *eval = arena_make(r->a, struct eval_args);
    struct map *inputs = arena_make(r->a, struct map);
    struct run_args *own = arena_make(r->a, struct run_args);
    struct ports *ports = ports_new(r->a, cloud);
    map_init(inputs, r->a);
    map_put(inputs, "size", value_string(r->a, size));
    *eval = (struct eval_args){.inputs = inputs, .pins = program_pins(r->program)};
    *own = args ? *args : (struct run_args){.mode = RUN_APPLY};
    own->eval = eval;
    own->who = "test";
    own->nonce = arena_printf(r->a, "run%lld", (long long)clock_now(cloud->clock));
    struct run run = {.session = r->a, .plan_arena = r->a, .scratch = arena_new("round"), .program = r->program,
                      .schemas = &r->schemas, .ds = &r->ds, .cloud = ports_open(ports), .exec_cloud = ports_open(ports),
                      .store = store, .args = own};
    sandbox_program(r->box, eval_program(r->program, r->a, eval));
    alarm(SECONDS); /* a run that spins while the virtual clock stands still */
    if (run_begin(&run))
        run_to_end(&run);
    else
        run_finish(&run);
    alarm(0);
    arena_free(run.scratch);
    return run;
}

static inline const char *said(struct rig *r)
{
    struct buf b;
    buf_init(&b, r->a);
    render_text(&b, &r->ds, false);
    return buf_text(&b);
}

#endif
