/* An AWS that contradicts itself: each lie is found out, said with its code, and ends the
 * action without harm. The account is the sandbox; between it and bgc stands a liar. */
#include <string.h>

#include "cloud/execute.h"
#include "cloud/observe.h"
#include "plan/plan.h"
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
    };
    return cmocka_run_group_tests_name("lies", tests, NULL, NULL);
}
