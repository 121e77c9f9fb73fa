/* Groups over time (scaling policies), and how instances and targets show in
 * replies and in the account's file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/fleet.h"
#include "schema/path.h"

enum { OUT_MINUTES = 3, IN_MINUTES = 15 }; /* as target tracking's own alarms do */

static bool is_true(struct arena *a, const struct value *v)
{
    const char *t = v ? wire_text(a, v) : NULL;
    return t && !strcmp(t, "true");
}

static void track(struct sandbox *s, struct arena *a, const struct object *policy)
{
    const struct value *conf = value_get(policy->body, "TargetTrackingConfiguration");
    const char *name = value_get_string(policy->body, "AutoScalingGroupName");
    const char *metric =
        value_get_string(value_get(conf, "PredefinedMetricSpecification"), "PredefinedMetricType");
    struct object *g = name ? object_find(s, "autoscaling.group", policy->account, name) : NULL;
    double target = sandbox_number(value_get(conf, "TargetValue"), 0);
    bool by_cpu = metric && !strcmp(metric, "ASGAverageCPUUtilization");
    bool by_requests = metric && !strcmp(metric, "ALBRequestCountPerTarget");
    if (!g || g->leaving || !(by_cpu || by_requests) || target <= 0)
        return; /* bytes are not modelled */
    struct fleet *f = fleet_get(s, g);
    double now_at = by_cpu ? f->cpu : f->requests;
    size_t serving = 0, coming = 0;
    for (size_t i = 0; i < f->instances.n; i++) {
        serving += instance_serves(s, f->instances.at[i]);
        coming += !f->instances.at[i]->leaving && f->instances.at[i]->serving > s->now;
    }
    f->high = now_at > target && serving ? f->high + 1 : 0;
    f->low = now_at < 0.9 * target && serving ? f->low + 1 : 0;
    int64_t min = (int64_t)sandbox_number(value_get(g->body, "MinSize"), 0);
    int64_t max = (int64_t)sandbox_number(value_get(g->body, "MaxSize"), 0);
    int64_t now = (int64_t)sandbox_number(value_get(g->body, "DesiredCapacity"), 0), want = now;
    int64_t fits = (int64_t)ceil((double)serving * now_at / target);
    if (f->high >= OUT_MINUTES && !coming)
        want = fits;
    else if (f->low >= IN_MINUTES && !is_true(a, value_get(conf, "DisableScaleIn")))
        want = now - 1 > fits ? now - 1 : fits; /* one at a time */
    want = want < min ? min : want > max ? max : want;
    if (want == now || (f->low >= IN_MINUTES && want > now))
        return;
    f->high = f->low = 0;
    object_put(s, g, "DesiredCapacity", value_int(a, want));
}

struct sick {
    struct sandbox *s;
    const struct pool *pool;
    int64_t grace;
    struct instance *found;
};

static void see_sick(void *self, const struct instance *i, const struct target *t, size_t index)
{
    struct sick *x = self;
    int64_t until;
    if (!x->found && instance_serves(x->s, i) && x->s->now > i->serving + x->grace &&
        target_state(x->s, x->pool, t, index, &until) == TARGET_UNHEALTHY)
        x->found = (struct instance *)(uintptr_t)i;
}

/* A group that listens to its load balancer replaces what fails there, one a minute. */
static void replace_sick(struct sandbox *s, const struct object *g)
{
    const char *type = value_get_string(g->body, "HealthCheckType");
    const struct value *pools = value_get(g->body, "TargetGroupARNs");
    struct sick x = {
        .s = s,
        .grace = (int64_t)(1000 * sandbox_number(value_get(g->body, "HealthCheckGracePeriod"), 0))};
    if (!type || strcmp(type, "ELB") || g->leaving)
        return;
    for (size_t i = 0; !x.found && pools && pools->kind == V_LIST && i < pools->list.n; i++) {
        x.pool = pool_get(s, pools->list.at[i]->s);
        pool_each(s, x.pool->id, &x, see_sick);
    }
    if (!x.found)
        return;
    instance_leave(s, x.found);
    s->dirty = true;
}

void fleet_minute(struct sandbox *s)
{
    struct arena *a = arena_new("scaling");
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *o = s->objects.at[i];
        if (!o->gone && object_is(o, "autoscaling.policy"))
            track(s, a, o);
        else if (!o->gone && object_is(o, "autoscaling.group"))
            replace_sick(s, o);
    }
    arena_free(a);
}

void fleet_loaded(struct sandbox *s, const struct object *group, double cpu, double requests)
{
    struct fleet *f = fleet_get(s, group);
    f->cpu = cpu;
    f->requests = requests;
}

/* ---- replies ------------------------------------------------------------------ */

static void put_text(struct arena *a, struct value *m, const char *key, const char *text)
{
    if (text)
        value_put(m, key, value_string(a, text));
}

static const char *lifecycle(const struct sandbox *s, const struct instance *i)
{
    return i->leaving ? "Terminating" : i->serving > s->now ? "Pending" : "InService";
}

static struct value *instance_of_group(struct sandbox *s, struct arena *a, const struct instance *i)
{
    struct value *m = value_map(a);
    put_text(a, m, "InstanceId", i->id);
    put_text(a, m, "InstanceType", i->type);
    put_text(a, m, "AvailabilityZone", i->zone);
    put_text(a, m, "LifecycleState", lifecycle(s, i));
    put_text(a, m, "HealthStatus", "Healthy");
    value_put(m, "ProtectedFromScaleIn", value_bool(a, false));
    return m;
}

struct listing {
    struct sandbox *s;
    struct arena *a;
    const struct pool *pool;
    const struct object *tg;
    VEC(struct value *) out;
};

static void list_target(void *self, const struct instance *i, const struct target *t, size_t index)
{
    static const char *const states[] = {"unused",    "initial",  "healthy",
                                         "unhealthy", "draining", "unused"};
    static const char *const reasons[] = {
        "Target.NotInUse",           "Elb.InitialHealthChecking",       NULL,
        "Target.FailedHealthChecks", "Target.DeregistrationInProgress", NULL};
    struct listing *l = self;
    int64_t until;
    enum target_state st = target_state(l->s, l->pool, t, index, &until);
    struct value *m = value_map(l->a), *who = value_map(l->a), *health = value_map(l->a);
    put_text(l->a, who, "Id", i->id);
    if (value_get(l->tg->body, "Port"))
        value_put(who, "Port", value_get(l->tg->body, "Port"));
    put_text(l->a, health, "State", states[st]);
    put_text(l->a, health, "Reason", reasons[st]);
    value_put(m, "Target", who);
    value_put(m, "TargetHealth", health);
    vec_push(l->a, &l->out, m);
}

void fleet_present(struct sandbox *s, struct arena *a, const struct object *o, struct value *body)
{
    if (object_is(o, "autoscaling.group")) {
        const struct fleet *f = fleet_get(s, o);
        struct value **at = arena_array(a, struct value *, f->instances.n + 1);
        for (size_t i = 0; i < f->instances.n; i++)
            at[i] = instance_of_group(s, a, f->instances.at[i]);
        value_put(body, "Instances", value_list(a, at, f->instances.n));
        return;
    }
    struct listing l = {.s = s, .a = a, .pool = pool_get(s, o->id), .tg = o};
    pool_each(s, o->id, &l, list_target);
    value_put(body, "TargetHealthDescriptions", value_list(a, l.out.at, l.out.n));
    VEC(struct value *) lbs = {0};
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *x = s->objects.at[i];
        const char *lb = value_get_string(x->body, "LoadBalancerArn");
        if (!x->gone && object_is(x, "elbv2.listener") && lb && value_mentions(x->body, o->id))
            vec_push(a, &lbs, value_string(a, lb));
    }
    value_put(body, "LoadBalancerArns", value_list(a, lbs.at, lbs.n));
}

/* ---- calls -------------------------------------------------------------------- */

static struct value *ec2_instance(struct sandbox *s, struct arena *a, const struct object *g,
                                  const struct instance *i)
{
    struct value *m = value_map(a), *state = value_map(a);
    bool ending = i->leaving && s->now >= i->leaving;
    put_text(a, m, "InstanceId", i->id);
    put_text(a, m, "InstanceType", i->type);
    put_text(a, m, "ImageId", i->image);
    put_text(a, m, "SubnetId", i->subnet);
    put_text(a, m, "PrivateIpAddress", i->address);
    put_text(a, m, "LaunchTime", clock_iso(a, i->launched));
    put_text(a, state, "Name",
             ending                        ? "shutting-down"
             : i->serving - 30000 > s->now ? "pending"
                                           : "running");
    value_put(m, "State", state);
    struct value *cpus = value_map(a);
    int n = i->type ? limits_vcpus(i->type) : 0;
    value_put(cpus, "CoreCount", value_int(a, n > 1 ? n / 2 : 1));
    value_put(cpus, "ThreadsPerCore", value_int(a, n > 1 ? 2 : 1));
    value_put(m, "CpuOptions", cpus);
    value_put(m, "Tags",
              value_get(g->body, "Tags") ? value_get(g->body, "Tags") : value_list(a, NULL, 0));
    return m;
}

static bool named(const struct value *list, const char *id)
{
    if (!list || list->kind != V_LIST || !list->list.n)
        return true;
    for (size_t i = 0; i < list->list.n; i++)
        if (list->list.at[i]->kind == V_STRING && !strcmp(list->list.at[i]->s, id))
            return true;
    return false;
}

static void describe(struct sandbox *s, struct call *c, bool ec2)
{
    struct arena *a = c->arena;
    VEC(struct value *) out = {0};
    const struct value *ids = value_get(c->req.input, "InstanceIds");
    struct value *filters = value_map(a);
    if (value_get(c->req.input, "Filters"))
        value_put(filters, "Filters", value_get(c->req.input, "Filters"));
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *g = s->objects.at[i];
        if (g->gone || !object_is(g, "autoscaling.group") ||
            strcmp(g->account, c->req.account ? c->req.account : ""))
            continue;
        const struct fleet *f = fleet_get(s, g);
        for (size_t k = 0; k < f->instances.n; k++) {
            struct value *m = ec2 ? ec2_instance(s, a, g, f->instances.at[k])
                                  : instance_of_group(s, a, f->instances.at[k]);
            if (!ec2)
                put_text(a, m, "AutoScalingGroupName", g->id);
            if (!named(ids, f->instances.at[k]->id) || !match_object(s, a, g, m, filters, NULL))
                continue;
            vec_push(a, &out, m);
        }
    }
    struct value *reply = value_map(a), *list = value_list(a, out.at, out.n);
    if (ec2) {
        struct value *one = value_map(a), **at = arena_array(a, struct value *, 1);
        value_put(one, "Instances", list);
        at[0] = one;
        list = value_list(a, at, out.n ? 1 : 0);
    }
    value_put(reply, ec2 ? "Reservations" : "AutoScalingInstances", list);
    call_ok(c, reply);
}

bool fleet_call(struct sandbox *s, struct call *c)
{
    const char *op = c->req.operation;
    if (!strcmp(op, "DescribeInstances") || !strcmp(op, "DescribeAutoScalingInstances")) {
        describe(s, c, *c->req.service == 'e');
        return true;
    }
    if (!strcmp(op, "SetDesiredCapacity")) {
        const char *name = value_get_string(c->req.input, "AutoScalingGroupName");
        struct object *g = name ? object_find(s, "autoscaling.group", c->req.account, name) : NULL;
        double want = sandbox_number(value_get(c->req.input, "DesiredCapacity"), -1);
        double min = g ? sandbox_number(value_get(g->body, "MinSize"), 0) : 0;
        double max = g ? sandbox_number(value_get(g->body, "MaxSize"), 0) : 0;
        if (g && want >= min && want <= max && !g->leaving)
            return false;
        if (!g)
            call_fail(c, "ValidationError", "AutoScalingGroup name not found - no such group: %s",
                      name ? name : "");
        else if (g->leaving)
            call_fail(c, "ScalingActivityInProgress", "The group %s is pending delete", name);
        else
            call_fail(c, "ValidationError",
                      "New SetDesiredCapacity value %g is %s value %g for the AutoScalingGroup.",
                      want, want < min ? "below min" : "above max", want < min ? min : max);
        return true;
    }
    call_fail(c, CLOUD_ERR_UNKNOWN_OPERATION, "the sandbox knows no %s", op);
    return true;
}

/* ---- the file ----------------------------------------------------------------- */

static struct value *save_instance(struct arena *a, const struct instance *i)
{
    struct value *m = value_map(a), **at = arena_array(a, struct value *, i->targets.n + 1);
    put_text(a, m, "id", i->id);
    put_text(a, m, "zone", i->zone);
    put_text(a, m, "subnet", i->subnet);
    put_text(a, m, "type", i->type);
    put_text(a, m, "address", i->address);
    put_text(a, m, "image", i->image);
    if (i->groups)
        value_put(m, "groups", value_copy(a, i->groups));
    value_put(m, "detailed", value_bool(a, i->detailed));
    value_put(m, "agent", value_bool(a, i->agent));
    value_put(m, "launched", value_int(a, i->launched));
    value_put(m, "serving", value_int(a, i->serving));
    value_put(m, "leaving", value_int(a, i->leaving));
    value_put(m, "ended", value_int(a, i->ended));
    for (size_t k = 0; k < i->targets.n; k++) {
        at[k] = value_map(a);
        put_text(a, at[k], "group", i->targets.at[k].group);
        value_put(at[k], "registered", value_int(a, i->targets.at[k].registered));
        value_put(at[k], "left", value_int(a, i->targets.at[k].left));
        value_put(at[k], "drained", value_int(a, i->targets.at[k].drained));
    }
    value_put(m, "targets", value_list(a, at, i->targets.n));
    return m;
}

struct value *fleet_save(struct sandbox *s, struct arena *a)
{
    VEC(struct value *) fleets = {0}, pools = {0};
    for (size_t i = 0; i < s->fleets->fleets.n; i++) {
        const struct fleet *f = s->fleets->fleets.at[i];
        struct value *m = value_map(a), **at = arena_array(a, struct value *, f->instances.n + 1);
        if (!f->instances.n)
            continue;
        for (size_t k = 0; k < f->instances.n; k++)
            at[k] = save_instance(a, f->instances.at[k]);
        put_text(a, m, "id", f->id);
        put_text(a, m, "account", f->account);
        value_put(m, "high", value_int(a, f->high));
        value_put(m, "low", value_int(a, f->low));
        value_put(m, "cpu", value_number(a, dec_from_double(f->cpu)));
        value_put(m, "instances", value_list(a, at, f->instances.n));
        vec_push(a, &fleets, m);
    }
    for (size_t i = 0; i < s->fleets->pools.n; i++) {
        struct value *m = value_map(a);
        put_text(a, m, "id", s->fleets->pools.at[i]->id);
        value_put(m, "used", value_int(a, s->fleets->pools.at[i]->used));
        vec_push(a, &pools, m);
    }
    struct value *out = value_map(a);
    value_put(out, "groups", value_list(a, fleets.at, fleets.n));
    value_put(out, "pools", value_list(a, pools.at, pools.n));
    return out;
}

static const char *kept(struct sandbox *s, const struct value *m, const char *key)
{
    const char *t = value_get_string(m, key);
    return t ? arena_strdup(s->arena, t) : NULL;
}

static struct instance *load_instance(struct sandbox *s, const struct value *m)
{
    struct instance *i = arena_make(s->arena, struct instance);
    i->id = kept(s, m, "id");
    i->zone = kept(s, m, "zone");
    i->subnet = kept(s, m, "subnet");
    i->type = kept(s, m, "type");
    i->address = kept(s, m, "address");
    i->image = kept(s, m, "image");
    i->groups = cloud_value_copy(s->arena, value_get(m, "groups"));
    i->detailed = value_get_bool(m, "detailed");
    i->agent = value_get_bool(m, "agent");
    i->launched = value_get_int(m, "launched", 0);
    i->serving = value_get_int(m, "serving", 0);
    i->leaving = value_get_int(m, "leaving", 0);
    i->ended = value_get_int(m, "ended", 0);
    const struct value *targets = value_get(m, "targets");
    for (size_t k = 0; targets && targets->kind == V_LIST && k < targets->list.n; k++) {
        const struct value *t = targets->list.at[k];
        const char *group = kept(s, t, "group");
        if (group)
            vec_push(s->arena, &i->targets,
                     (struct target){.group = group,
                                     .registered = value_get_int(t, "registered", 0),
                                     .left = value_get_int(t, "left", 0),
                                     .drained = value_get_int(t, "drained", 0)});
    }
    return i->id ? i : NULL;
}

void fleet_load(struct sandbox *s, const struct value *v)
{
    const struct value *groups = value_get(v, "groups"), *pools = value_get(v, "pools");
    for (size_t i = 0; groups && groups->kind == V_LIST && i < groups->list.n; i++) {
        const struct value *m = groups->list.at[i], *list = value_get(m, "instances");
        const struct object *g = object_find(s, "autoscaling.group", value_get_string(m, "account"),
                                             value_get_string(m, "id"));
        if (!g)
            continue;
        struct fleet *f = fleet_get(s, g);
        const struct value *cpu = value_get(m, "cpu");
        f->high = value_get_int(m, "high", 0);
        f->low = value_get_int(m, "low", 0);
        f->cpu = cpu && cpu->kind == V_NUMBER ? dec_double(cpu->dec)
                 : cpu && cpu->kind == V_INT  ? (double)cpu->i
                                              : 0;
        for (size_t k = 0; list && list->kind == V_LIST && k < list->list.n; k++) {
            struct instance *x = load_instance(s, list->list.at[k]);
            if (x)
                vec_push(s->arena, &f->instances, x);
        }
    }
    for (size_t i = 0; pools && pools->kind == V_LIST && i < pools->list.n; i++) {
        const char *id = value_get_string(pools->list.at[i], "id");
        if (id)
            pool_get(s, id)->used = value_get_int(pools->list.at[i], "used", 0);
    }
}
