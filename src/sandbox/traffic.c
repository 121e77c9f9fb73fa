#include "sandbox/traffic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/path.h"

enum { LATE_MS = 1800000, ALIAS_TTL = 60 };

/* How many users are of each class. */
static const double class_part[USER_CLASSES] = {0.87, 0.10, 0.03};
static const double FAILS = 0.0002; /* of requests to a well world */
static const double IDLE_CPU = 4;   /* percent */
static const double SPREAD = 0.6;   /* deviation of the logarithm of latency */

void traffic_init(struct sandbox *s)
{
    s->traffic = arena_make(s->arena, struct traffic_model);
    s->traffic->arena = arena_new("traffic");
}

void traffic_free(struct sandbox *s)
{
    arena_free(s->traffic->arena);
}

void sandbox_users(const struct sandbox *s, struct sandbox_users *out)
{
    *out = s->traffic->users;
}

/* ---- what name servers answer ------------------------------------------------- */

struct answer {
    const char *target;
    double weight;
    bool healthy;
    int64_t ttl;
    bool nested; /* the target is a name of a record */
};

struct asking {
    struct sandbox *s;
    struct traffic_model *m;
    const char *name, *type;
    VEC(struct answer) answers;
    VEC(const char *) names; /* of all records that may be sites */
};

static const char *target_of(struct arena *a, const struct value *set)
{
    const char *dns = value_get_string(value_get(set, "AliasTarget"), "DNSName");
    const char *type = value_get_string(set, "Type");
    if (!dns && type && !strcmp(type, "CNAME"))
        dns = value_get_string(value_at(set, "ResourceRecords[0]"), "Value");
    return dns ? dns_bare(a, dns) : NULL;
}

static void see_answer(void *self, const struct value *set)
{
    struct asking *q = self;
    struct arena *a = q->m->arena;
    const char *name = value_get_string(set, "Name"), *type = value_get_string(set, "Type");
    if (!name || !type || strcmp(type, q->type) || strcmp(dns_bare(a, name), q->name))
        return;
    struct answer x = {.target = target_of(a, set), .healthy = true};
    if (!x.target)
        return;
    x.weight = value_get(set, "Weight") ? sandbox_number(value_get(set, "Weight"), 0) : 1;
    x.ttl = 1000 * (int64_t)sandbox_number(value_get(set, "TTL"), ALIAS_TTL);
    const struct entry *e = entry_find(q->m, x.target);
    x.nested = !e;
    const struct value *evaluate = value_at(set, "AliasTarget.EvaluateTargetHealth");
    const char *check = value_get_string(set, "HealthCheckId");
    if (e && evaluate && evaluate->kind == V_BOOL && evaluate->b)
        x.healthy = entry_healthy(q->s, e->lb);
    if (check && !metrics_check_healthy(q->s, check))
        x.healthy = false;
    vec_push(a, &q->answers, x);
}

static void see_name(void *self, const struct value *set)
{
    struct asking *q = self;
    const char *name = value_get_string(set, "Name"), *type = value_get_string(set, "Type");
    if (!name || !type || (strcmp(type, "A") && strcmp(type, "AAAA") && strcmp(type, "CNAME")))
        return;
    name = dns_bare(q->m->arena, name);
    for (size_t i = 0; i < q->names.n; i++)
        if (!strcmp(q->names.at[i], name))
            return;
    vec_push(q->m->arena, &q->names, name);
}

/* Which answers are given at all. Unhealthy ones are left out; when every one
 * with a weight is unhealthy those of weight 0 are looked at; when all are, all
 * count as healthy. (Route 53 Developer Guide, "How Amazon Route 53 chooses
 * records when health checking is configured".) */
static double usable(const struct asking *q, size_t i, int round)
{
    const struct answer *x = &q->answers.at[i];
    switch (round) {
    case 0: return x->healthy ? x->weight : 0;
    case 1: return x->healthy && x->weight <= 0 ? 1 : 0;
    case 2: return x->weight;
    default: return 1;
    }
}

struct shares {
    VEC(struct answer) at; /* weight: share */
    int64_t ttl;
};

/* IPv4 answers stand for both: bgc and people keep them alike. */
static void resolve(struct sandbox *s, struct traffic_model *m, const char *name, double part,
                    int depth, struct shares *out)
{
    static const char *const types[] = {"A", "AAAA", "CNAME"};
    struct asking q = {.s = s, .m = m, .name = name};
    for (size_t t = 0; t < 3 && !q.answers.n; t++) {
        q.type = types[t];
        zones_each(s, see_answer, &q);
    }
    double total = 0;
    int round = 0;
    for (; q.answers.n && round < 4; round++) {
        for (size_t i = 0; i < q.answers.n; i++)
            total += usable(&q, i, round);
        if (total > 0)
            break;
    }
    for (size_t i = 0; i < q.answers.n && total > 0; i++) {
        struct answer x = q.answers.at[i];
        double share = part * usable(&q, i, round) / total;
        if (share <= 0)
            continue;
        out->ttl = x.ttl > out->ttl ? x.ttl : out->ttl;
        if (x.nested && depth < 3) {
            size_t had = out->at.n;
            resolve(s, m, x.target, share, depth + 1, out);
            if (out->at.n > had)
                continue;
        }
        x.weight = share;
        vec_push(m->arena, &out->at, x);
    }
}

/* ---- sites -------------------------------------------------------------------- */

static double class_left(const struct site *site, int class, int64_t t)
{
    double span = (double)site->span[class];
    double gone = (double)(t - site->changed);
    return span <= 0 || gone >= span ? 0 : 1 - gone / span;
}

/* The share of a site's users that a flow has at `t`. */
static double share_at(const struct site *site, const struct flow *f, int64_t t)
{
    double sum = 0;
    for (int c = 0; c < USER_CLASSES; c++)
        sum += class_part[c] * (f->to + (f->from[c] - f->to) * class_left(site, c, t));
    return sum;
}

static struct flow *flow_get(struct sandbox *s, struct site *site, const char *target)
{
    for (size_t i = 0; i < site->flows.n; i++)
        if (!strcmp(site->flows.at[i].target, target))
            return &site->flows.at[i];
    vec_push(s->arena, &site->flows, (struct flow){.target = arena_strdup(s->arena, target)});
    return &site->flows.at[site->flows.n - 1];
}

static double wanted(const struct shares *w, const char *target)
{
    double sum = 0;
    for (size_t i = 0; i < w->at.n; i++)
        if (!strcmp(w->at.at[i].target, target))
            sum += w->at.at[i].weight;
    return sum;
}

/* From now on users move towards these shares. */
static void turn(struct sandbox *s, struct traffic_model *m, struct site *site,
                 const struct shares *w, bool fresh)
{
    for (size_t i = 0; i < w->at.n; i++)
        flow_get(s, site, w->at.at[i].target);
    bool changed = false;
    for (size_t i = 0; i < site->flows.n; i++)
        changed |= fabs(site->flows.at[i].to - wanted(w, site->flows.at[i].target)) > 1e-9;
    if (!changed)
        return;
    double keep = 0;
    size_t n = 0;
    for (size_t i = 0; i < site->flows.n; i++) {
        struct flow f = site->flows.at[i];
        double to = wanted(w, f.target), stay = 0;
        for (int c = 0; c < USER_CLASSES; c++) {
            f.from[c] = fresh ? to : f.to + (f.from[c] - f.to) * class_left(site, c, s->now);
            stay += f.from[c];
        }
        const struct entry *e = entry_find(m, f.target);
        if (to < f.to && e && e->keep_alive > keep)
            keep = e->keep_alive;
        f.to = to;
        if (stay > 1e-9 || to > 0)
            site->flows.at[n++] = f;
    }
    site->flows.n = n;
    site->changed = s->now;
    int64_t ttl = w->ttl ? w->ttl : ALIAS_TTL * 1000;
    site->span[USERS_PLAIN] = ttl;
    site->span[USERS_CONNECTED] = ttl + (int64_t)(keep * 1000);
    site->span[USERS_LATE] = ttl > LATE_MS ? ttl : LATE_MS;
}

static struct site *site_find(const struct traffic_model *m, const char *name)
{
    for (size_t i = 0; i < m->sites.n; i++)
        if (!strcmp(m->sites.at[i]->name, name))
            return m->sites.at[i];
    return NULL;
}

/* A name becomes a site when it first leads to a load balancer by itself, and
 * then stays one: its users do not go away with its records. */
static void rebuild_sites(struct sandbox *s, struct traffic_model *m)
{
    struct asking q = {.s = s, .m = m};
    zones_each(s, see_name, &q);
    for (size_t i = 0; i < q.names.n; i++) {
        const char *name = q.names.at[i];
        struct shares w = {0};
        resolve(s, m, name, 1, 0, &w);
        bool leads = false, inner = *name == '_';
        for (size_t k = 0; k < w.at.n; k++)
            leads |= entry_find(m, w.at.at[k].target) != NULL;
        for (size_t k = 0; k < q.names.n && leads && !inner; k++) {
            struct asking other = {.s = s, .m = m, .name = q.names.at[k], .type = "A"};
            zones_each(s, see_answer, &other);
            for (size_t j = 0; k != i && j < other.answers.n; j++)
                inner |= !strcmp(other.answers.at[j].target, name);
        }
        if (!leads || inner || site_find(m, name))
            continue;
        struct site *site = arena_make(s->arena, struct site);
        site->name = arena_strdup(s->arena, name);
        site->changed = s->now;
        vec_push(s->arena, &m->sites, site);
        turn(s, m, site, &w, true);
    }
    for (size_t i = 0; i < m->sites.n; i++) {
        struct site *site = m->sites.at[i];
        struct shares w = {0};
        resolve(s, m, site->name, 1, 0, &w);
        if (!w.at.n) /* no such name */
            vec_push(m->arena, &w.at, (struct answer){.target = "", .weight = 1});
        turn(s, m, site, &w, false);
        for (size_t k = 0; k < site->flows.n; k++)
            site->flows.at[k].entry = entry_find(m, site->flows.at[k].target);
    }
}

void traffic_rebuild(struct sandbox *s)
{
    struct traffic_model *m = s->traffic;
    arena_reset(m->arena);
    route_rebuild(s, m);
    rebuild_sites(s, m);
}

bool traffic_lb_healthy(struct sandbox *s, const struct object *lb)
{
    return entry_healthy(s, lb);
}

/* ---- a span of time ----------------------------------------------------------- */

static double site_rate(const struct sandbox *s, const struct site *site)
{
    uint64_t bits = sandbox_noise(s, site->name, s->now / MINUTE);
    double load = dec_double(s->load);
    /* Some more or less from minute to minute, less so where there are many. */
    double wobble = noise_normal(bits) * (0.02 + 1 / sqrt(load * 60 + 1));
    return fmax(load * (1 + wobble), 0);
}

static double cpu_of(const struct crowd *c)
{
    double busy = c->view.capacity > 0 ? 100 * c->rate / c->view.capacity : 0;
    return fmin(IDLE_CPU + busy, 100);
}

/* Median seconds: queues grow as the processors fill. */
static double median_of(const struct crowd *c, const struct fault *f)
{
    double base = c ? c->view.latency : 0.03, busy = c ? cpu_of(c) / 100 : 0;
    double median = base * (1 + 2 * pow(busy, 4));
    if (busy > 0.95)
        median *= 8;
    if (f && f->value->kind == V_DURATION)
        return (double)f->value->i / 1000;
    return f ? median * fault_amount(f->value, 1) : median;
}

static double error_part(const struct fault *errors, const struct crowd *c, double rate)
{
    double own = FAILS;
    if (c && cpu_of(c) >= 99)
        own += 0.05;
    if (!errors)
        return own;
    const struct value *v = errors->value;
    if (v->kind == V_PERCENT)
        return fault_amount(v, 1);
    return rate > 0 ? fmin(fault_amount(v, 1) / (rate * 60), 1) : 0;
}

static void add_rates(struct sandbox *s, struct traffic_model *m, int64_t t)
{
    for (size_t i = 0; i < m->crowds.n; i++)
        m->crowds.at[i]->rate = 0;
    for (size_t i = 0; i < m->sites.n; i++) {
        struct site *site = m->sites.at[i];
        double rate = site_rate(s, site);
        for (size_t k = 0; k < site->flows.n; k++) {
            struct entry *e = site->flows.at[k].entry;
            struct route *r = e && e->active ? route_find(s, m, e, site->name) : NULL;
            double mine = rate * share_at(site, &site->flows.at[k], t);
            for (size_t b = 0; r && r->covered && b < r->branches.n; b++)
                if (r->branches.at[b].crowd && r->branches.at[b].view.registered)
                    r->branches.at[b].crowd->rate += mine * r->branches.at[b].share;
        }
    }
}

static void serve(struct sandbox *s, struct entry *e, const struct branch *b, double n, double rate)
{
    struct sandbox_users *u = &s->traffic->users;
    if (b->worldly && !b->sealed)
        u->untested_world += n;
    size_t takes = b->view.healthy ? b->view.healthy : b->view.registered - b->view.draining;
    if (!b->view.healthy)
        u->no_healthy_world += n;
    if (!takes) { /* nobody to choose */
        e->elb_503 += n;
        u->failed += n;
        return;
    }
    /* With only unhealthy targets all get requests: few of them are answered. */
    struct tally *t = b->tally;
    double fails = b->view.healthy ? error_part(t && t->errors ? t->errors : e->errors, b->crowd, rate) : 0.95;
    double median = median_of(b->crowd, t && t->latency ? t->latency : e->latency);
    if (t) {
        t->requests += n;
        t->target_5xx += n * fails;
        t->timed += n;
        t->log_sum += n * log(median);
    }
    e->requests += n;
    e->target_5xx += n * fails;
    e->timed += n;
    e->log_sum += n * log(median);
    u->failed += n * fails;
    if (b->crowd)
        b->crowd->served += n;
}

void traffic_flow(struct sandbox *s, int64_t to)
{
    struct traffic_model *m = s->traffic;
    double seconds = (double)(to - s->now) / 1000;
    if (seconds <= 0)
        return;
    int64_t middle = s->now + (to - s->now) / 2;
    add_rates(s, m, middle);
    for (size_t i = 0; i < m->sites.n; i++) {
        struct site *site = m->sites.at[i];
        double rate = site_rate(s, site);
        m->users.requests += rate * seconds;
        for (size_t k = 0; k < site->flows.n; k++) {
            struct entry *e = site->flows.at[k].entry;
            double share = share_at(site, &site->flows.at[k], middle), n = rate * seconds * share;
            struct route *r = e && e->active ? route_find(s, m, e, site->name) : NULL;
            if (n <= 0)
                continue;
            if (!r || !r->listening || !r->covered) { /* nobody answers, or not to this name */
                m->users.failed += n;
                m->users.no_healthy_world += n;
                continue;
            }
            if (!r->branches.n) {
                e->elb_503 += n;
                m->users.failed += n;
                m->users.no_healthy_world += n;
            }
            for (size_t b = 0; b < r->branches.n; b++)
                serve(s, e, &r->branches.at[b], n * r->branches.at[b].share,
                      rate * share * r->branches.at[b].share);
        }
    }
    for (size_t i = 0; i < m->crowds.n; i++) {
        struct crowd *c = m->crowds.at[i];
        c->busy += cpu_of(c) * (double)(to - s->now);
        c->measured += to - s->now;
    }
}

/* ---- a minute's points -------------------------------------------------------- */

/* A count around what is to be expected. */
static double drawn(const struct sandbox *s, const char *of, int64_t minute, double expected)
{
    double n = round(expected + noise_normal(sandbox_noise(s, of, minute)) * sqrt(expected));
    return n < 0 ? 0 : n;
}

static void put_count(struct sandbox *s, struct arena *a, const struct entry *e, const char *name,
                      int64_t minute, double n)
{
    const char *key =
        metrics_key_of(a, "AWS/ApplicationELB", name, "LoadBalancer", e->suffix, (char *)NULL);
    if (n > 0)
        metrics_put(s, e->lb->account, key, minute, (struct point){.n = n, .sum = n, .min = 1, .max = 1});
}

static void entry_points(struct sandbox *s, struct arena *a, struct entry *e, int64_t minute)
{
    double requests = round(e->requests), refused = round(e->elb_503);
    double errors = fmin(drawn(s, e->suffix, minute, e->target_5xx), requests);
    put_count(s, a, e, "RequestCount", minute, requests);
    put_count(s, a, e, "HTTPCode_Target_5XX_Count", minute, errors);
    put_count(s, a, e, "HTTPCode_Target_2XX_Count", minute, requests - errors);
    put_count(s, a, e, "HTTPCode_ELB_5XX_Count", minute, refused);
    put_count(s, a, e, "HTTPCode_ELB_503_Count", minute, refused);
    if (requests > 0 && e->timed > 0) {
        double sigma = e->latency && e->latency->value->kind == V_DURATION ? 0.05 : SPREAD;
        double jitter =
            noise_normal(sandbox_noise(s, e->dns, minute)) * (0.01 + 0.5 / sqrt(requests));
        double mu = e->log_sum / e->timed + jitter, mean = exp(mu + sigma * sigma / 2);
        struct point p = {.n = requests,
                          .sum = requests * mean,
                          .min = exp(mu - 3 * sigma),
                          .max = exp(mu + 3.5 * sigma),
                          .mu = mu,
                          .sigma = sigma};
        metrics_put(s, e->lb->account, metrics_key_of(a, "AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer",
                                   e->suffix, (char *)NULL),
                    minute, p);
    }
    e->requests = e->target_5xx = e->elb_503 = e->timed = e->log_sum = 0;
}

/* The same figures for each target group by itself. */
static void tally_points(struct sandbox *s, struct arena *a, struct tally *t, int64_t minute)
{
    double requests = round(t->requests), errors = fmin(drawn(s, t->suffix, minute, t->target_5xx), requests);
    const struct {
        const char *name;
        double n;
    } counts[] = {{"RequestCount", requests}, {"HTTPCode_Target_5XX_Count", errors}, {"HTTPCode_Target_2XX_Count", requests - errors}};
    for (size_t i = 0; i < 3; i++)
        if (counts[i].n > 0)
            metrics_put(s, t->account, metrics_key_of(a, "AWS/ApplicationELB", counts[i].name, "LoadBalancer", t->lb, "TargetGroup", t->suffix, (char *)NULL),
                        minute, (struct point){.n = counts[i].n, .sum = counts[i].n, .min = 1, .max = 1});
    if (requests > 0) {
        double mu = t->log_sum / t->timed + noise_normal(sandbox_noise(s, t->suffix, -minute)) * (0.01 + 0.5 / sqrt(requests));
        double mean = exp(mu + SPREAD * SPREAD / 2);
        metrics_put(s, t->account, metrics_key_of(a, "AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", t->lb, "TargetGroup", t->suffix, (char *)NULL),
                    minute, (struct point){.n = requests, .sum = requests * mean, .min = exp(mu - 3 * SPREAD), .max = exp(mu + 3.5 * SPREAD), .mu = mu, .sigma = SPREAD});
    }
    t->requests = t->target_5xx = t->timed = t->log_sum = 0;
}

static struct point level(double value, double n, double spread)
{
    return (struct point){
        .n = n, .sum = value * n, .min = fmax(value - spread, 0), .max = value + spread};
}

static void crowd_points(struct sandbox *s, struct arena *a, struct crowd *c, int64_t minute)
{
    const char *id = c->view.group->id;
    double n = (double)c->view.in_service;
    double cpu = c->measured ? c->busy / (double)c->measured : IDLE_CPU;
    cpu = fmin(fmax(cpu + noise_normal(sandbox_noise(s, id, minute)) * 0.8, 0.1), 100);
    double memory = 38 + cpu * 0.2 + noise_normal(sandbox_noise(s, id, -minute)) * 0.3;
    const struct fault *f = fault_of(s, c->view.group, "cpu");
    fleet_loaded(s, c->view.group, f ? fault_amount(f->value, 100) : cpu,
                 n > 0 ? c->served / n : 0);
    if (n > 0) {
        /* Basic monitoring: a point each five minutes. */
        const char *key = metrics_key_of(a, "AWS/EC2", "CPUUtilization", "AutoScalingGroupName", id,
                                         (char *)NULL);
        if (c->view.detailed)
            metrics_put(s, c->view.group->account, key, minute, level(cpu, n, 3));
        else if (minute % 5 == 4)
            metrics_put(s, c->view.group->account, key, minute - 4, level(cpu, n, 3));
        if (c->view.agent)
            metrics_put(s, c->view.group->account, metrics_key_of(a, "CWAgent", "mem_used_percent", "AutoScalingGroupName", id,
                                       (char *)NULL),
                        minute, level(memory, n, 1));
    }
    metrics_put(s, c->view.group->account, metrics_key_of(a, "AWS/AutoScaling", "GroupInServiceInstances",
                               "AutoScalingGroupName", id, (char *)NULL),
                minute, level(n, 1, 0));
    c->busy = 0;
    c->measured = 0;
}

static void log_points(struct sandbox *s, struct arena *a, const struct object *log, int64_t minute)
{
    const struct traffic_model *m = s->traffic;
    const char *world;
    object_address(s, log, &world);
    double lines = 0;
    for (size_t i = 0; i < m->crowds.n; i++) {
        const struct crowd *c = m->crowds.at[i];
        if (world && c->world && !strcmp(world, c->world))
            lines += (double)c->view.in_service + round(c->served);
    }
    const struct fault *f = fault_of(s, log, "");
    double matches = f ? round(fault_amount(f->value, 1)) : 0;
    lines += matches;
    if (lines <= 0)
        return;
    metrics_put(s, log->account, metrics_key_of(a, "AWS/Logs", "IncomingLogEvents", "LogGroupName", log->id, (char *)NULL),
        minute, (struct point){.n = lines, .sum = lines, .min = 1, .max = 1});
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *x = s->objects.at[i];
        const char *of = value_get_string(x->body, "logGroupName");
        if (x->gone || !object_is(x, "logs.metric_filter") || !of || strcmp(of, log->id))
            continue;
        const struct value *list = value_get(x->body, "metricTransformations");
        const struct value *to =
            list && list->kind == V_LIST && list->list.n ? list->list.at[0] : NULL;
        const char *ns = value_get_string(to, "metricNamespace"),
                   *name = value_get_string(to, "metricName");
        const char *pattern = value_get_string(x->body, "filterPattern");
        if (!ns || !name)
            continue;
        double met = pattern && !*pattern ? lines : matches;
        if (met <= 0 && !value_get(to, "defaultValue"))
            continue;
        metrics_put(s, log->account, metrics_key(a, ns, name, NULL), minute,
            (struct point){.n = fmax(lines, 1), .sum = met, .min = 0, .max = met > 0 ? 1 : 0});
    }
}

static void database_points(struct sandbox *s, struct arena *a, const struct object *db,
                            int64_t minute, double rate, double instances)
{
    static const struct {
        const char *name;
        double base, per_rate, per_instance, noise;
    } figures[] = {
        {"CPUUtilization", 12, 0.05, 0.3, 0.8}, {"DatabaseConnections", 10, 0, 8, 1},
        {"ReadLatency", 0.0008, 0, 0, 0.00005}, {"WriteLatency", 0.0015, 0, 0, 0.0001},
        {"FreeableMemory", 4e9, 0, -1e6, 1e6},  {"DiskQueueDepth", 0.2, 0.001, 0, 0.02},
    };
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        const char *key = metrics_key_of(a, "AWS/RDS", figures[i].name, "DBInstanceIdentifier",
                                         db->id, (char *)NULL);
        double v = figures[i].base + figures[i].per_rate * rate +
                   figures[i].per_instance * instances +
                   figures[i].noise * noise_normal(sandbox_noise(s, key, minute));
        v = fmax(v, 0);
        metrics_put(s, db->account, key, minute,
                    level(!strcmp(figures[i].name, "DatabaseConnections") ? round(v) : v, 1, 0));
    }
}

void traffic_minute(struct sandbox *s, int64_t minute)
{
    struct traffic_model *m = s->traffic;
    struct arena *a = arena_new("minute");
    double served = 0, instances = 0;
    for (size_t i = 0; i < m->entries.n; i++) {
        served += m->entries.at[i]->requests;
        entry_points(s, a, m->entries.at[i], minute);
    }
    for (size_t i = 0; i < m->tallies.n; i++)
        tally_points(s, a, m->tallies.at[i], minute);
    for (size_t i = 0; i < m->crowds.n; i++) {
        instances += (double)m->crowds.at[i]->view.in_service;
        crowd_points(s, a, m->crowds.at[i], minute);
    }
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *o = s->objects.at[i];
        if (!o->gone && object_is(o, "logs.group"))
            log_points(s, a, o, minute);
        else if (!o->gone && object_is(o, "rds.instance"))
            database_points(s, a, o, minute, served / 60, instances);
    }
    for (size_t i = 0; i < m->crowds.n; i++)
        m->crowds.at[i]->served = 0;
    arena_free(a);
}
