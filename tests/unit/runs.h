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

/* A program of one world, which its `traffic` and rollout end. */
#define ONE_WORLD(resources, traffic, steps) \
    "stack one { region = \"eu-west-1\", account = \"123456789012\" }\n" \
    "use std.network\n" \
    "input size: ec2.instance_type = \"t3.small\"\n" \
    "shared {\n" \
    "  existing zone:  route53.zone { name = \"example.com\", private = false }\n" \
    "  existing net:   std.network { tag = \"prod\" }\n" \
    "  existing image: ec2.image { owner = \"self\", name = \"base-*\", newest = true }\n" \
    "}\n" \
    "world web {\n" \
    "  resource door: ec2.security_group { vpc = net.vpc, ingress = [{ from = 0.0.0.0/0, port = 80 }] }\n" \
    "  resource lt:   ec2.launch_template { image = image, size = size, groups = [door], monitor = 1m }\n" \
    "  resource tg:   elbv2.target_group { vpc = net.vpc, port = 8080, drain = 30s, health = { every = 10s, healthy = 2 } }\n" \
    "  resource asg:  autoscaling.group { template = lt, subnets = net.private, size = 2..6, targets = [tg], health = \"elb\" }\n" \
    "  resource alb:  elbv2.load_balancer { scheme = \"internet-facing\", subnets = net.public, groups = [door] }\n" \
    "  resource on:   elbv2.listener { lb = alb, port = 80, forward = tg }\n" \
    resources \
    "  entry alb\n" \
    "}\n" \
    "traffic web: route53.weighted { zone = zone, names = [\"www.example.com\"]" traffic " }\n" \
    "gate up { check healthy: healthy(web.tg) == 100% within 10m }\n" \
    "gate well {\n" \
    "  every 30s tolerate 3 no_data hold\n" \
    "  check errors: ratio(web.alb.http_5xx, web.alb.requests, 5m) < 1%\n" \
    "}\n" \
    "rollout web {\n" \
    "  test   up\n" \
    steps \
    "  on failure rollback within 60s keep 10m\n" \
    "}\n"

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
