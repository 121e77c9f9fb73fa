#include "cli/cmd_init.h"

#include <ctype.h>
#include <string.h>
#include <sys/stat.h>

#include "aws/aws.h"
#include "aws/endpoint.h"
#include "base/file.h"
#include "cli/command.h"
#include "cloud/gather.h"
#include "cloud/observe.h"

/* ---- a starter spec ------------------------------------------------------------- */

/* Compiles as it stands, so that `bgc plan --sandbox` works at once. */
static const char starter[] =
    "## What this stack is, in a sentence.\n"
    "stack NAME {\n"
    "  region = \"eu-west-1\"\n"
    "  # account = \"123456789012\"          # a wrong account is refused\n"
    "  # store   = \"s3://my-bucket/NAME\"   # of a team; without it: the folder .bgc\n"
    "}\n"
    "\n"
    "use std.network\n"
    "\n"
    "input size:  ec2.instance_type = \"t3.small\"\n"
    "input fleet: 1..20 = 2\n"
    "\n"
    "let host = \"NAME.example.com\"\n"
    "\n"
    "# What exists already and is not touched: looked up by these queries.\n"
    "shared {\n"
    "  existing zone:  route53.zone { name = \"example.com\", private = false }\n"
    "  existing net:   std.network { tag = \"prod\" }\n"
    "  existing cert:  acm.certificate { covers = host }\n"
    "  existing image: ec2.image { owner = \"self\", name = \"NAME-*\", newest = true }\n"
    "}\n"
    "\n"
    "# What is built anew for every version, beside the one that serves.\n"
    "world web {\n"
    "  resource lb_sg: ec2.security_group {\n"
    "    vpc     = net.vpc\n"
    "    ingress = [{ from = 0.0.0.0/0, port = 443 }]\n"
    "    egress  = [{ to = net.range, port = 8080 }]\n"
    "  }\n"
    "  resource app_sg: ec2.security_group {\n"
    "    vpc     = net.vpc\n"
    "    ingress = [{ from = lb_sg, port = 8080 }]\n"
    "    egress  = [{ to = 0.0.0.0/0, port = 443 }]\n"
    "  }\n"
    "  resource lt: ec2.launch_template {\n"
    "    image   = image\n"
    "    size    = size\n"
    "    groups  = [app_sg]\n"
    "    imds    = \"required\"\n"
    "    monitor = 1m\n"
    "  }\n"
    "  resource tg: elbv2.target_group {\n"
    "    vpc    = net.vpc\n"
    "    port   = 8080\n"
    "    drain  = 30s\n"
    "    health = { path = \"/healthz\", every = 10s, healthy = 2, unhealthy = 2 }\n"
    "  }\n"
    "  resource asg: autoscaling.group {\n"
    "    template = lt\n"
    "    subnets  = net.private\n"
    "    size     = fleet..fleet * 4\n"
    "    targets  = [tg]\n"
    "    health   = \"elb\"\n"
    "  }\n"
    "  resource alb: elbv2.load_balancer {\n"
    "    scheme     = \"internet-facing\"\n"
    "    subnets    = net.public\n"
    "    groups     = [lb_sg]\n"
    "    keep_alive = 60s\n"
    "  }\n"
    "  resource tls: elbv2.listener {\n"
    "    lb      = alb\n"
    "    port    = 443\n"
    "    certs   = [cert]\n"
    "    policy  = \"ELBSecurityPolicy-TLS13-1-2-2021-06\"\n"
    "    forward = tg\n"
    "  }\n"
    "  resource burning: cloudwatch.alarm { metric = alb.http_5xx, stat = \"sum\", above = 50, "
    "over = 1m, missing = \"missing\" }\n"
    "  entry alb\n"
    "}\n"
    "\n"
    "traffic web: route53.weighted { zone = zone, names = [host], kill_switch = web.burning }\n"
    "\n"
    "## Before any user reaches the new world.\n"
    "gate ready {\n"
    "  check healthy: healthy(web.tg) == 100% within 10m\n"
    "  check tls:     http.get(\"https://${web.entry.dns}/healthz\", host = host).status == 200 "
    "every 5s times 3\n"
    "}\n"
    "\n"
    "## While both serve: the new one is held against the old one.\n"
    "gate steady {\n"
    "  every 30s tolerate 1 no_data hold\n"
    "  check errors:  ratio(web.alb.http_5xx, web.alb.requests, 5m) < 1%\n"
    "  check latency: p99(web.alb.latency, 5m) < 1.2 * p99(live.web.alb.latency, 5m)\n"
    "}\n"
    "\n"
    "## When the new one serves alone.\n"
    "gate settled {\n"
    "  every 30s tolerate 1 no_data hold\n"
    "  check errors: ratio(web.alb.http_5xx, web.alb.requests, 5m) < 1%\n"
    "}\n"
    "\n"
    "rollout web {\n"
    "  test   ready\n"
    "  shift  10% for 15m while steady\n"
    "  shift  50% for 15m while steady\n"
    "  shift  100% for 15m while settled\n"
    "  bake   24h while settled\n"
    "  retire when requests < 0.1/s for 1h at latest 72h\n"
    "  on failure rollback within 60s keep 2h\n"
    "}\n"
    "\n"
    "scenario \"errors at half traffic roll back\" {\n"
    "  live   { size = \"t3.micro\" }\n"
    "  load   200/s\n"
    "  at 50% { web.alb.http_5xx = 8% }\n"
    "  expect outcome == \"rolled_back\"\n"
    "}\n";

static bool is_name(const char *s)
{
    if (!islower((unsigned char)*s))
        return false;
    for (; *s; s++)
        if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '_')
            return false;
    return true;
}

static const char *fill(struct arena *a, const char *name)
{
    struct buf b;
    const char *s = starter;
    buf_init(&b, a);
    for (const char *at = strstr(s, "NAME"); at; s = at + 4, at = strstr(s, "NAME")) {
        buf_put(&b, s, (size_t)(at - s));
        buf_puts(&b, name);
    }
    buf_puts(&b, s);
    return buf_text(&b);
}

static int init_new(struct context *c, const char *name)
{
    const char *path = arena_printf(c->session, "%s.bg", name), *error = NULL;
    if (!is_name(name)) {
        struct diag *d =
            diag_error(&c->ds, "BG0903", NO_SPAN, "`--new %s`: this is no name of a stack", name);
        diag_help(&c->ds, d, "small letters, digits and _, a letter first: shop, web_2");
        return EXIT_ERROR;
    }
    if (file_exists(path)) {
        diag_error(&c->ds, "BG0906", NO_SPAN, "%s is there already; it is not replaced", path);
        return EXIT_ERROR;
    }
    const char *text = fill(c->session, name);
    if (!file_write_atomic(c->session, path, text, strlen(text), 0644, &error)) {
        diag_error(&c->ds, "BG0906", NO_SPAN, "cannot write \"%s\": %s", path, error);
        return EXIT_ERROR;
    }
    buf_printf(&c->out,
               "wrote %s; next:\n"
               "  bgc check %s              what it means, without an account\n"
               "  bgc test %s               rehearse an upgrade that goes wrong\n"
               "  bgc plan %s --sandbox     what would be built\n"
               "  bgc explain CODE             when something is refused\n",
               path, path, path, path);
    return EXIT_DONE;
}

/* ---- the bucket ------------------------------------------------------------------- */

struct bucket {
    struct context *c;
    const char *name;
    bool made;
};

static const char SERVICE[] = "s3";

static struct value *json(struct context *c, const char *text)
{
    const char *error;
    return value_from_json(c->session, text, strlen(text), &error);
}

static bool call(struct bucket *b, const char *operation, const char *member, struct value *body,
                 bool writes, struct cloud_reply *r)
{
    struct value *in = value_map(b->c->session);
    value_put(in, "Bucket", value_string(b->c->session, b->name));
    if (member)
        value_put(in, member, body);
    struct cloud_request req = {.service = SERVICE,
                                .operation = operation,
                                .input = in,
                                .mutating = writes,
                                .address = "store"};
    return cloud_call(b->c->store_cloud, b->c->session, &req, r);
}

static struct span stack_span(const struct bucket *b)
{
    return b->c->program->stack ? b->c->program->stack->name.span : NO_SPAN;
}

static bool failed(struct bucket *b, const char *operation, const struct cloud_reply *r)
{
    cloud_report(&b->c->ds, stack_span(b), SERVICE, operation, NULL, &r->error);
    return false;
}

/* A store in another region would stand or fall with that one. */
static bool in_our_region(struct bucket *b, const char *is)
{
    const char *want = aws_region(b->c->aws, NULL);
    if (!is || !*is)
        is = "us-east-1"; /* the first region of all has no name there */
    else if (!strcmp(is, "EU"))
        is = "eu-west-1"; /* of very old buckets */
    if (!want || !strcmp(is, want))
        return true;
    struct diag *d = diag_error(&b->c->ds, "BG6209", stack_span(b),
                                "the bucket %s is in %s, and the stack in %s", b->name, is, want);
    diag_note(&b->c->ds, d, "nothing was changed");
    diag_help(&b->c->ds, d, "name another bucket in `store`; it is made in the stack's region");
    b->c->refused = true;
    return false;
}

static bool somebody_elses(struct bucket *b, const struct cloud_reply *r)
{
    struct diag *d =
        diag_error(&b->c->ds, "BG6211", stack_span(b),
                   "the bucket %s is there, and it is not yours, or you may not look at it", b->name);
    diag_note(&b->c->ds, d, "AWS said %s; nothing was changed", r->error.code ? r->error.code : "no");
    diag_help(&b->c->ds, d,
              "names of buckets are shared by everybody: take another one in `store`; if it is "
              "yours, this identity needs s3:GetBucketLocation (`bgc whoami`)");
    b->c->refused = true;
    return false;
}

static bool make(struct bucket *b)
{
    struct cloud_reply r;
    if (call(b, "GetBucketLocation", NULL, NULL, false, &r))
        return in_our_region(b, value_get_string(r.output, "LocationConstraint"));
    if (r.error.http_status == 403)
        return somebody_elses(b, &r);
    if (!r.error.code || (strcmp(r.error.code, "NoSuchBucket") != 0 && r.error.http_status != 404))
        return failed(b, "GetBucketLocation", &r);
    const char *region = aws_region(b->c->aws, NULL);
    /* The first region of all is asked for by asking for none. */
    bool plain = !region || !strcmp(region, "us-east-1");
    struct value *where = value_map(b->c->session);
    value_put(where, "LocationConstraint", value_string(b->c->session, region ? region : ""));
    if (!call(b, "CreateBucket", plain ? NULL : "CreateBucketConfiguration", where, true, &r))
        return failed(b, "CreateBucket", &r);
    b->made = true;
    buf_printf(&b->c->out, "made the bucket %s\n", b->name);
    return true;
}

static const char *tls_only(struct bucket *b)
{
    const char *region = aws_region(b->c->aws, NULL);
    const char *arn = arena_printf(b->c->session, "arn:%s:s3:::%s",
                                   region ? endpoint_partition(region) : "aws", b->name);
    return arena_printf(b->c->session,
                        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"TlsOnly\","
                        "\"Effect\":\"Deny\",\"Principal\":\"*\","
                        "\"Action\":\"s3:*\",\"Resource\":[\"%s\",\"%s/"
                        "*\"],\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}",
                        arn, arn);
}

/* What somebody else has set already is left as it is. */
static bool unless_set(struct bucket *b, const char *get, const char *put, const char *member,
                       struct value *body, const char *mark, const char *said)
{
    struct cloud_reply r;
    if (!b->made && call(b, get, NULL, NULL, false, &r)) {
        struct buf text;
        buf_init(&text, b->c->session);
        if (r.output)
            value_json(&text, r.output, 0);
        if (strstr(buf_text(&text), mark))
            buf_printf(&b->c->out, "is so already: %s\n", said);
        else
            diag_warn(&b->c->ds, "BG6212", stack_span(b),
                      "the bucket %s has rules of its own, which are left as they are: without "
                      "\"%s\"",
                      b->name, said);
        return true;
    }
    if (!call(b, put, member, body, true, &r))
        return failed(b, put, &r);
    buf_printf(&b->c->out, "set: %s\n", said);
    return true;
}

static bool harden(struct bucket *b)
{
    static const struct {
        const char *operation, *member, *body, *said;
    } steps[] = {
        {"PutPublicAccessBlock", "PublicAccessBlockConfiguration",
         "{\"BlockPublicAcls\":true,\"IgnorePublicAcls\":true,\"BlockPublicPolicy\":true,"
         "\"RestrictPublicBuckets\":true}",
         "nothing in it can be public"},
        {"PutBucketEncryption", "ServerSideEncryptionConfiguration",
         "{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"AES256\"}}]}",
         "encrypted at rest"},
        {"PutBucketVersioning", "VersioningConfiguration", "{\"Status\":\"Enabled\"}",
         "old versions are kept"},
    };
    struct context *c = b->c;
    struct cloud_reply r;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (!call(b, steps[i].operation, steps[i].member, json(c, steps[i].body), true, &r))
            return failed(b, steps[i].operation, &r);
        buf_printf(&c->out, "set: %s\n", steps[i].said);
    }
    return unless_set(b, "GetBucketLifecycleConfiguration", "PutBucketLifecycleConfiguration",
                      "LifecycleConfiguration",
                      json(c, "{\"Rules\":[{\"ID\":\"old-versions\",\"Status\":\"Enabled\","
                              "\"Filter\":{\"Prefix\":\"\"},"
                              "\"NoncurrentVersionExpiration\":{\"NoncurrentDays\":90}}]}"),
                      "NoncurrentVersionExpiration", "old versions go after 90 days") &&
           unless_set(b, "GetBucketPolicy", "PutBucketPolicy", "Policy",
                      value_string(c->session, tls_only(b)), "aws:SecureTransport",
                      "plain HTTP is refused");
}

static bool confirmed(struct context *c, const char *name)
{
    if (option_given(&c->opt, OPT_YES))
        return true;
    const char *question = arena_printf(
        c->session, "The bucket %s is made if it is not there, and hardened. Type yes: ", name);
    const char *answer = c->terminal ? context_ask(c, question) : NULL;
    if (answer && !strcmp(answer, "yes"))
        return true;
    struct diag *d =
        diag_error(&c->ds, "BG0907", NO_SPAN, "it was not confirmed; nothing was changed");
    if (!c->terminal)
        diag_help(&c->ds, d, "say `--yes`");
    return false;
}

/* With the credentials of another account the bucket would be made over there. */
static bool our_account(struct context *c)
{
    const char *own = c->graph->account_id, *account, *arn;
    struct observe_args o = {&c->schemas, c->cloud, &c->ds, c->graph, NULL};
    if (!own)
        return true;
    if (!observe_identity(&o, c->session, NULL, &account, &arn))
        return false;
    if (!strcmp(own, account))
        return true;
    struct diag *d = diag_error(&c->ds, "BG5103", c->program->stack->name.span,
                                "these credentials are of account %s, and the stack is of account %s",
                                account, own);
    diag_help(&c->ds, d, "`bgc whoami` shows where they come from");
    c->refused = true;
    return false;
}

int cmd_init(struct context *c)
{
    if (option_given(&c->opt, OPT_NEW))
        return init_new(c, c->opt.value[OPT_NEW]);
    if (!context_load(c, 0) || !context_open(c))
        return EXIT_ERROR;
    const char *store = c->graph->store;
    if (c->sandboxed || !store || strncmp(store, "s3://", 5) != 0) {
        buf_printf(&c->out, "the store is %s; there is nothing to make\n", c->store->where);
        return EXIT_DONE;
    }
    if (!our_account(c))
        return EXIT_ERROR;
    struct bucket b = {.c = c,
                       .name = arena_strndup(c->session, store + 5, strcspn(store + 5, "/"))};
    return confirmed(c, b.name) && make(&b) && harden(&b) ? EXIT_DONE : EXIT_ERROR;
}
