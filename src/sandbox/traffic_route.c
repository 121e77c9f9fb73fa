/* From a load balancer and a host to the instances that answer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/live.h"
#include "sandbox/traffic.h"
#include "schema/path.h"

const char *dns_bare(struct arena *a, const char *name)
{
    char *out = arena_strdup(a, name);
    for (char *c = out; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    size_t n = strlen(out);
    if (n && out[n - 1] == '.')
        out[n - 1] = '\0';
    return strncmp(out, "dualstack.", 10) ? out : out + 10;
}

static const char *attribute(struct arena *a, const struct object *o, const char *key)
{
    const struct value *list = value_get(o->body, "Attributes");
    for (size_t i = 0; list && list->kind == V_LIST && i < list->list.n; i++) {
        const char *k = value_get_string(list->list.at[i], "Key");
        if (k && !strcmp(k, key))
            return wire_text(a, value_get(list->list.at[i], "Value"));
    }
    return NULL;
}

/* ---- groups ------------------------------------------------------------------- */

static struct crowd *crowd_find(const struct traffic_model *m, const struct object *group)
{
    for (size_t i = 0; group && i < m->crowds.n; i++)
        if (m->crowds.at[i]->view.group == group)
            return m->crowds.at[i];
    return NULL;
}

static void rebuild_crowds(struct sandbox *s, struct traffic_model *m)
{
    struct fleet_view *views;
    size_t n = fleet_views(s, m->arena, &views);
    for (size_t i = 0; i < m->crowds.n; i++)
        m->crowds.at[i]->view.in_service = 0;
    for (size_t i = 0; i < n; i++) {
        struct crowd *c = crowd_find(m, views[i].group);
        if (!c) {
            c = arena_make(s->arena, struct crowd);
            object_address(s, views[i].group, &c->world);
            vec_push(s->arena, &m->crowds, c);
        }
        c->view = views[i];
    }
    size_t kept = 0;
    for (size_t i = 0; i < m->crowds.n; i++)
        if (!m->crowds.at[i]->view.group->gone)
            m->crowds.at[kept++] = m->crowds.at[i];
    m->crowds.n = kept;
}

/* ---- entries ------------------------------------------------------------------ */

struct entry *entry_find(const struct traffic_model *m, const char *dns)
{
    for (size_t i = 0; dns && i < m->entries.n; i++)
        if (!strcmp(m->entries.at[i]->dns, dns))
            return m->entries.at[i];
    return NULL;
}

static void rebuild_entries(struct sandbox *s, struct traffic_model *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->entries.n; i++)
        if (!m->entries.at[i]->lb->gone)
            m->entries.at[kept++] = m->entries.at[i];
    m->entries.n = kept;
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *o = s->objects.at[i];
        const char *dns = o->gone || !object_is(o, "elbv2.load_balancer")
                              ? NULL
                              : value_get_string(o->body, "DNSName");
        if (!dns)
            continue;
        struct entry *e = entry_find(m, dns_bare(m->arena, dns));
        if (!e) {
            const char *suffix = strstr(o->id, "loadbalancer/");
            e = arena_make(s->arena, struct entry);
            e->lb = o;
            e->dns = dns_bare(s->arena, dns);
            e->suffix = suffix ? suffix + 13 : o->id;
            vec_push(s->arena, &m->entries, e);
        }
        struct value *shown = value_map_copy(m->arena, o->body);
        present(s, m->arena, o, shown);
        const char *state = value_get_string(value_get(shown, "State"), "Code");
        e->active = state && !strcmp(state, "active");
        const char *keep = attribute(m->arena, o, "client_keep_alive.seconds");
        e->keep_alive = keep ? strtod(keep, NULL) : 3600;
        e->errors = fault_of(s, o, "http_5xx");
        e->latency = fault_of(s, o, "latency");
        memset(&e->routes, 0, sizeof e->routes);
    }
}

/* ---- routes ------------------------------------------------------------------- */

static bool name_covers(const char *pattern, const char *host)
{
    if (strncmp(pattern, "*.", 2))
        return !strcmp(pattern, host);
    const char *dot = strchr(host, '.');
    return dot && !strcmp(dot, pattern + 1);
}

static bool cert_covers(const struct sandbox *s, const char *arn, const char *host)
{
    const struct object *o = object_by_text(s, "*", arn);
    if (!o)
        return false;
    const char *own = value_get_string(o->body, "DomainName");
    const struct value *more = value_get(o->body, "SubjectAlternativeNames");
    if (own && name_covers(own, host))
        return true;
    for (size_t i = 0; more && more->kind == V_LIST && i < more->list.n; i++)
        if (more->list.at[i]->kind == V_STRING && name_covers(more->list.at[i]->s, host))
            return true;
    return false;
}

static bool certs_cover(const struct sandbox *s, const struct object *listener, const char *host)
{
    const struct value *certs = value_get(listener->body, "Certificates");
    for (size_t i = 0; certs && certs->kind == V_LIST && i < certs->list.n; i++) {
        const char *arn = value_get_string(certs->list.at[i], "CertificateArn");
        if (arn && cert_covers(s, arn, host))
            return true;
    }
    return false;
}

/* Whether a rule's conditions let every path of the host through. */
static bool rule_fits(struct arena *a, const struct object *rule, const char *host)
{
    const struct value *conditions = value_get(rule->body, "Conditions");
    bool fits = false;
    for (size_t i = 0; conditions && conditions->kind == V_LIST && i < conditions->list.n; i++) {
        const struct value *c = conditions->list.at[i];
        const char *field = value_get_string(c, "Field");
        const struct value *hosts = value_at(c, "HostHeaderConfig.Values");
        if (!field || strcmp(field, "host-header"))
            return false;
        for (size_t k = 0; hosts && hosts->kind == V_LIST && k < hosts->list.n; k++) {
            const char *p = wire_text(a, hosts->list.at[k]);
            fits |= p && glob_match(p, host);
        }
    }
    return fits;
}

static const struct value *actions_for(struct sandbox *s, struct arena *a,
                                       const struct object *listener, const char *host)
{
    const struct value *actions = value_get(listener->body, "DefaultActions");
    double best = 1e9;
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *r = s->objects.at[i];
        const char *of = value_get_string(r->body, "ListenerArn");
        double priority = sandbox_number(value_get(r->body, "Priority"), 1e9);
        if (!r->gone && object_is(r, "elbv2.rule") && of && !strcmp(of, listener->id) &&
            priority < best && rule_fits(a, r, host)) {
            best = priority;
            actions = value_get(r->body, "Actions");
        }
    }
    return actions;
}

static struct tally *tally_get(struct sandbox *s, struct traffic_model *m, const struct object *tg, const struct entry *e)
{
    struct tally *t = NULL;
    for (size_t i = 0; i < m->tallies.n && !t; i++)
        if (!strcmp(m->tallies.at[i]->pool, tg->id) && !strcmp(m->tallies.at[i]->lb, e->suffix))
            t = m->tallies.at[i];
    if (!t) {
        const char *suffix = strstr(tg->id, "targetgroup/");
        t = arena_make(s->arena, struct tally);
        *t = (struct tally){.pool = tg->id, .suffix = suffix ? suffix : tg->id, .lb = e->suffix, .account = tg->account};
        vec_push(s->arena, &m->tallies, t);
    }
    t->errors = fault_of(s, tg, "http_5xx");
    t->latency = fault_of(s, tg, "latency");
    return t;
}

static void add_branch(struct sandbox *s, struct traffic_model *m, const struct entry *e, struct route *r,
                       const char *pool, double weight)
{
    struct branch b = {.share = weight, .pool = pool, .view = fleet_pool(s, pool)};
    const struct object *tg = object_by_text(s, "*", pool);
    b.crowd = crowd_find(m, b.view.group);
    if (tg) {
        b.tally = tally_get(s, m, tg, e);
        struct value *tags = object_tags(m->arena, tg);
        b.worldly = value_get(tags, TAG_WORLD) != NULL;
        b.sealed = value_get(tags, TAG_SEALED) != NULL;
    }
    vec_push(m->arena, &r->branches, b);
}

static void add_branches(struct sandbox *s, struct traffic_model *m, const struct entry *e, struct route *r,
                         const struct value *actions)
{
    for (size_t i = 0; actions && actions->kind == V_LIST && i < actions->list.n; i++) {
        const struct value *action = actions->list.at[i],
                           *many = value_at(action, "ForwardConfig.TargetGroups");
        const char *one = value_get_string(action, "TargetGroupArn");
        double total = 0;
        if (many && many->kind == V_LIST && many->list.n) {
            for (size_t k = 0; k < many->list.n; k++) {
                const char *id = value_get_string(many->list.at[k], "TargetGroupArn");
                double w = sandbox_number(value_get(many->list.at[k], "Weight"), 1);
                total += w;
                if (id && w > 0)
                    add_branch(s, m, e, r, id, w);
            }
            for (size_t k = 0; k < r->branches.n; k++)
                r->branches.at[k].share /= total;
        } else if (one) {
            add_branch(s, m, e, r, one, 1);
        }
    }
}

struct route *route_find(struct sandbox *s, struct traffic_model *m, struct entry *e,
                         const char *host)
{
    for (size_t i = 0; i < e->routes.n; i++)
        if (!strcmp(e->routes.at[i]->host, host))
            return e->routes.at[i];
    struct route *r = arena_make(m->arena, struct route);
    r->host = arena_strdup(m->arena, host);
    const struct object *best = NULL;
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *l = s->objects.at[i];
        const char *lb = value_get_string(l->body, "LoadBalancerArn");
        if (l->gone || !object_is(l, "elbv2.listener") || !lb || strcmp(lb, e->lb->id))
            continue;
        const char *protocol = value_get_string(l->body, "Protocol");
        bool tls = protocol && !strcmp(protocol, "HTTPS");
        if (!best || tls)
            best = l;
        r->tls |= tls;
    }
    if (best) {
        r->listening = true;
        r->covered = !r->tls || certs_cover(s, best, host);
        add_branches(s, m, e, r, actions_for(s, m->arena, best, host));
    }
    vec_push(m->arena, &e->routes, r);
    return r;
}

bool entry_healthy(struct sandbox *s, const struct object *lb)
{
    bool any = false;
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *tg = s->objects.at[i];
        if (tg->gone || !object_is(tg, "elbv2.target_group"))
            continue;
        bool ours = false;
        for (size_t k = 0; k < s->objects.n && !ours; k++) {
            const struct object *l = s->objects.at[k];
            const char *of = value_get_string(l->body, "LoadBalancerArn");
            ours = !l->gone && object_is(l, "elbv2.listener") && of && !strcmp(of, lb->id) &&
                   value_mentions(l->body, tg->id);
        }
        if (!ours)
            continue;
        any = true;
        if (!fleet_pool(s, tg->id).healthy) /* empty groups count as sick too */
            return false;
    }
    return any;
}

void route_rebuild(struct sandbox *s, struct traffic_model *m)
{
    rebuild_crowds(s, m);
    rebuild_entries(s, m);
}
