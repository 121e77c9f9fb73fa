/* An AWS that contradicts itself: each lie is found out, said with its code, and ends the
 * action without harm. The account is the sandbox; between it and bgc stands a liar. */
#include <string.h>

#include "cloud/execute.h"
#include "cloud/observe.h"
#include "plan/plan.h"
#include "plan/verify.h"
#include "sandbox.h"

struct liar {
    struct rig r;
    struct cloud *honest;
    struct cloud cloud;
    /* What becomes of a reply to `operation`. */
    void (*lie)(struct liar *l, const char *operation, struct cloud_reply *reply);
    VEC(const char *) asked; /* the operation of each ticket of the sandbox, from 1 */
    uint64_t first;
    struct value *kept; /* for a lie that is told twice */
    /* What happens between the plan and its execution. */
    void (*meanwhile)(struct liar *l, struct executor *x, struct plan *plan);
};

static uint64_t liar_submit(void *self, const struct cloud_request *req)
{
    struct liar *l = self;
    uint64_t ticket = cloud_submit(l->honest, req);
    if (!l->asked.n)
        l->first = ticket;
    while (l->asked.n <= ticket - l->first)
        vec_push(l->r.a, &l->asked, NULL);
    l->asked.at[ticket - l->first] = arena_strdup(l->r.a, req->operation);
    return ticket;
}

static bool liar_wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    struct liar *l = self;
    if (!cloud_wait(l->honest, a, deadline, out))
        return false;
    if (l->lie)
        l->lie(l, l->asked.at[out->ticket - l->first], out);
    return true;
}

static void liar_open(struct liar *l)
{
    static const struct cloud_ops ops = {.submit = liar_submit, .wait = liar_wait};
    memset(l, 0, sizeof *l);
    rig_open(&l->r);
    l->honest = l->r.cloud;
    l->cloud = (struct cloud){.ops = &ops, .self = l, .clock = l->honest->clock};
}

static const char *said(struct liar *l)
{
    struct buf b;
    buf_init(&b, l->r.a);
    render_text(&b, &l->r.ds, false);
    return buf_text(&b);
}

/* What is wanted of the account. The liar tells the truth about lookups of networks. */
static bool apply(struct liar *l, const char *shared)
{
    struct rig *r = &l->r;
    struct schemas *ss = arena_make(r->a, struct schemas);
    struct program *p = program_load(
        r->a, &r->names, &r->ds, "lies.bg",
        arena_printf(r->a,
                     "stack shop { region = \"eu-west-1\" }\nshared {\n"
                     "existing vpc: ec2.vpc { tagged = { \"env\" => \"prod\" } }\n%s}\n", shared));
    if (r->ds.errors)
        fail_msg("%s", said(l));
    schemas_init(ss, p);
    struct facts facts;
    facts_init(&facts, r->a);
    struct graph *g;
    struct observe_args o;
    do { /* queries may depend on the answers of others */
        g = eval_program(p, r->a, &(struct eval_args){.facts = &facts});
        o = (struct observe_args){ss, &l->cloud, &r->ds, g, NULL};
        if (!observe_facts(&o, r->a, &facts))
            return false;
    } while (g->wanted.n);
    struct live *live = observe_live(&o, r->a, &facts, true);
    if (!live)
        return false;
    struct plan *plan = plan_make(ss, r->a, &r->ds, g, live, &(struct plan_args){.now = rig_now(r)});
    if (!plan)
        return false;
    struct executor x = {.schemas = ss, .cloud = &l->cloud, .ds = &r->ds, .graph = g,
                         .live = live, .facts = &facts};
    if (l->meanwhile)
        l->meanwhile(l, &x, plan);
    return execute(&x, r->a, plan->actions.at, plan->actions.n) == EXEC_DONE;
}

static void found_out(struct liar *l, const char *code, const char *what)
{
    const char *text = said(l);
    if (!strstr(text, code) || !strstr(text, what))
        fail_msg("not %s, \"%s\":\n%s", code, what, text);
    if (!strstr(text, "lies.bg:"))
        fail_msg("it says no line:\n%s", text);
    rig_close(&l->r);
}

static void is_error(struct cloud_reply *r, const char *code)
{
    *r = (struct cloud_reply){.ticket = r->ticket,
                              .error = {.code = code, .message = "said the test"}};
}

#define GROUP "resource g: ec2.security_group { vpc = vpc }\n"

/* ---- lies -------------------------------------------------------------------- */

static void no_id(struct liar *l, const char *operation, struct cloud_reply *r)
{
    if (!strcmp(operation, "CreateSecurityGroup"))
        r->output = value_map(l->r.a);
}

static void made_without_an_id(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = no_id;
    assert_false(apply(&l, GROUP));
    found_out(&l, "BG5026", "without the id of");
}

static void nothing_there(struct liar *l, const char *operation, struct cloud_reply *r)
{
    if (!strcmp(operation, "DescribeSecurityGroups")) {
        r->output = value_map(l->r.a);
        value_put(r->output, "SecurityGroups", value_list(l->r.a, NULL, 0));
    }
}

static void made_and_gone(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = nothing_there;
    assert_false(apply(&l, GROUP));
    found_out(&l, "BG5027", "is not there any more");
}

static void refuses(struct liar *l, const char *operation, struct cloud_reply *r)
{
    (void)l;
    if (!strcmp(operation, "CreateSecurityGroup"))
        is_error(r, "UnauthorizedOperation");
}

static void a_call_that_is_refused(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = refuses;
    assert_false(apply(&l, GROUP));
    found_out(&l, "BG5001", "UnauthorizedOperation");
}

static void taken(struct liar *l, const char *operation, struct cloud_reply *r)
{
    if (!strcmp(operation, "CreateSecurityGroup"))
        is_error(r, "InvalidGroup.Duplicate");
    nothing_there(l, operation, r);
}

static void a_name_that_is_taken(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = taken;
    assert_false(apply(&l, GROUP));
    found_out(&l, "BG5021", "is taken by something that is not ours");
}

static void never_removed(struct liar *l, const char *operation, struct cloud_reply *r)
{
    if (strcmp(operation, "DescribeLoadBalancers"))
        return;
    struct value *all = r->ok ? value_get(r->output, "LoadBalancers") : NULL;
    if (all && all->list.n)
        l->kept = cloud_value_copy(l->r.a, r->output);
    else if (l->kept)
        *r = (struct cloud_reply){.ticket = r->ticket, .ok = true, .output = l->kept};
}

#define NETWORK                                                                                    \
    "resource net: ec2.vpc { range = 10.0.0.0/16 }\n"                                              \
    "resource a: ec2.subnet { vpc = net, range = 10.0.0.0/24, zone = \"eu-west-1a\" }\n"           \
    "resource b: ec2.subnet { vpc = net, range = 10.0.1.0/24, zone = \"eu-west-1b\" }\n"           \
    "resource g: ec2.security_group { vpc = net }\n"
#define BALANCER                                                                                   \
    NETWORK "resource lb: elbv2.load_balancer { scheme = \"internal\", subnets = [a, b], "          \
            "groups = [g] }\n"

static void what_does_not_go_away(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    if (!apply(&l, BALANCER))
        fail_msg("%s", said(&l));
    l.lie = never_removed;
    assert_false(apply(&l, NETWORK));
    const char *text = said(&l);
    if (!strstr(text, "BG5028") || !strstr(text, "is still there"))
        fail_msg("%s", text);
    rig_close(&l.r);
}

static void never_ready(struct liar *l, const char *operation, struct cloud_reply *r)
{
    struct value *all = !strcmp(operation, "DescribeLoadBalancers") && r->ok
                            ? value_get(r->output, "LoadBalancers") : NULL;
    for (size_t i = 0; all && i < all->list.n; i++)
        value_put(all->list.at[i], "State",
                  value_map_one(l->r.a, "Code", value_string(l->r.a, "provisioning")));
}

static void what_is_never_ready(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = never_ready;
    assert_false(apply(&l, BALANCER));
    found_out(&l, "BG5024", "did not become ready within");
}

static void forgets(struct liar *l, const char *operation, struct cloud_reply *r)
{
    struct value *all = !strcmp(operation, "DescribeLogGroups") && r->ok
                            ? value_get(r->output, "logGroups") : NULL;
    for (size_t i = 0; all && i < all->list.n; i++)
        value_put(all->list.at[i], "retentionInDays", value_int(l->r.a, 1));
}

static void what_does_not_stay(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = forgets;
    assert_false(apply(&l, "resource log: logs.group { retain = 30d }\n"));
    found_out(&l, "BG5023", "does not stay as it is set");
}

static void another(struct liar *l, const char *operation, struct cloud_reply *r)
{
    struct value *all = !strcmp(operation, "DescribeSecurityGroups") && r->ok
                            ? value_get(r->output, "SecurityGroups") : NULL;
    for (size_t i = 0; all && i < all->list.n; i++)
        value_put(all->list.at[i], "Description", value_string(l->r.a, "of somebody else"));
}

static void made_with_another_fixed_value(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = another;
    assert_false(apply(&l, GROUP));
    found_out(&l, "BG5022", "which cannot be changed");
}

static void twice(struct liar *l, const char *operation, struct cloud_reply *r)
{
    struct value *all = !strcmp(operation, "DescribeVpcs") && r->ok ? value_get(r->output, "Vpcs")
                                                                    : NULL;
    if (!all || all->list.n != 1)
        return;
    struct value **at = arena_array(l->r.a, struct value *, 2);
    at[0] = at[1] = all->list.at[0];
    value_put(r->output, "Vpcs", value_list(l->r.a, at, 2));
}

static void two_that_match(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = twice;
    assert_false(apply(&l, GROUP));
    found_out(&l, "BG5012", "2 of ec2.vpc match");
}

static void late(struct liar *l, const char *operation, struct cloud_reply *r)
{
    (void)l;
    if (!strcmp(operation, "CreateSecurityGroup"))
        is_error(r, CLOUD_ERR_LATE);
}

static void not_sent_in_time(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = late;
    assert_false(apply(&l, GROUP));
    found_out(&l, "BG6106", "the lease had run out");
}

static void no_listing(struct liar *l, const char *operation, struct cloud_reply *r)
{
    (void)l;
    if (!strcmp(operation, "DescribePolicies"))
        is_error(r, "AccessDenied");
}

/* It has no tags, so it is listed by itself; a right that is missing is no reason to stop. */
static void what_left_may_not_be_looked_for(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.lie = no_listing;
    assert_true(apply(&l, GROUP));
    const char *text = said(&l);
    assert_non_null(strstr(text, "warning[BG5041]: it cannot be seen whether a autoscaling.policy has left the spec"));
    assert_non_null(strstr(text, "give this identity the permission autoscaling:DescribePolicies"));
    rig_close(&l.r);
}

/* A world that uses the group gets traffic, after the plan was made that removes it. */
static void it_is_used_now(struct liar *l, struct executor *x, struct plan *plan)
{
    struct arena *a = l->r.a;
    struct live *live = (struct live *)(uintptr_t)x->live;
    struct live_resource *r = arena_make(a, struct live_resource);
    struct traffic_state *t = arena_make(a, struct traffic_state);
    assert_int_equal(plan->actions.n, 1);
    *r = (struct live_resource){.address = "web.lt", .type = "t", .world = "web/aa", .id = "lt-1"};
    r->reading = arena_make(a, struct reading);
    r->reading->fields = value_map(a);
    value_put(r->reading->fields, "groups", value_string(a, plan->actions.at[0]->live->id));
    live_add(a, live, r);
    *t = (struct traffic_state){.world = "web", .kind = TRAFFIC_OURS};
    vec_push(a, &t->shares, (struct traffic_share){.world = "aa", .weight = 255});
    vec_push(a, &live->traffics, t);
    x->verifier = arena_make(a, struct verifier);
    verify_begin(a, x->verifier, live);
}

static void what_was_proved_holds_no_more(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    assert_true(apply(&l, GROUP));
    l.meanwhile = it_is_used_now;
    assert_false(apply(&l, ""));
    const char *text = said(&l);
    assert_non_null(strstr(text, "error[BG6005]: refused before it was sent"));
    assert_non_null(strstr(text, "the account changed since the plan was made; nothing was done to shared.g"));
    for (size_t i = 0; i < l.asked.n; i++)
        assert_true(!l.asked.at[i] || strcmp(l.asked.at[i], "DeleteSecurityGroup") != 0);
    rig_close(&l.r);
}

static void in_a_circle(struct liar *l, struct executor *x, struct plan *plan)
{
    (void)x;
    assert_int_equal(plan->actions.n, 2);
    for (size_t i = 0; i < 2; i++)
        vec_push(l->r.a, &plan->actions.at[i]->needs, plan->actions.at[1 - i]->seq);
}

/* No plan is like this; if one were, it would end, and not wait for ever. */
static void actions_that_wait_for_each_other(void **state)
{
    (void)state;
    struct liar l;
    liar_open(&l);
    l.meanwhile = in_a_circle;
    assert_false(apply(&l, GROUP "resource h: ec2.security_group { vpc = vpc }\n"));
    assert_non_null(strstr(said(&l), "error[BG6006]: nothing can go on although 2 actions are left"));
    rig_close(&l.r);
}

static void nobody(struct liar *l, const char *operation, struct cloud_reply *r)
{
    if (!strcmp(operation, "GetCallerIdentity"))
        r->output = value_map(l->r.a);
}

static void an_identity_without_an_account(void **state)
{
    (void)state;
    struct liar l;
    const char *account = NULL, *arn = NULL;
    liar_open(&l);
    l.lie = nobody;
    struct observe_args o = {&l.r.schemas, &l.cloud, &l.r.ds, NULL, NULL};
    assert_false(observe_identity(&o, l.r.a, NULL, &account, &arn));
    if (!strstr(said(&l), "BG5002"))
        fail_msg("%s", said(&l));
    rig_close(&l.r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(made_without_an_id),
        cmocka_unit_test(made_and_gone),
        cmocka_unit_test(a_call_that_is_refused),
        cmocka_unit_test(a_name_that_is_taken),
        cmocka_unit_test(what_does_not_go_away),
        cmocka_unit_test(what_is_never_ready),
        cmocka_unit_test(what_does_not_stay),
        cmocka_unit_test(made_with_another_fixed_value),
        cmocka_unit_test(two_that_match),
        cmocka_unit_test(not_sent_in_time),
        cmocka_unit_test(an_identity_without_an_account),
        cmocka_unit_test(what_left_may_not_be_looked_for),
        cmocka_unit_test(what_was_proved_holds_no_more),
        cmocka_unit_test(actions_that_wait_for_each_other),
    };
    return cmocka_run_group_tests_name("lies", tests, NULL, NULL);
}
