/* A request from outside, as the gate's `http.get` makes it; and the users'
 * part of the account's file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/traffic.h"
#include "schema/path.h"

/* "https://name:443/path" in parts; false: it is no such thing. */
static bool url_parts(struct arena *a, const char *url, bool *https, const char **host, int *port)
{
    *https = !strncmp(url, "https://", 8);
    if (!*https && strncmp(url, "http://", 7))
        return false;
    const char *at = url + (*https ? 8 : 7);
    size_t n = strcspn(at, ":/?#");
    *host = dns_bare(a, arena_strndup(a, at, n));
    *port = at[n] == ':' ? atoi(at + n + 1) : *https ? 443 : 80;
    return n > 0;
}

static bool listens(const struct sandbox *s, struct arena *a, const struct object *lb, int port,
                    bool https)
{
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *l = s->objects.at[i];
        const char *of = value_get_string(l->body, "LoadBalancerArn");
        const char *p = wire_text(a, value_get(l->body, "Port")),
                   *protocol = value_get_string(l->body, "Protocol");
        if (!l->gone && object_is(l, "elbv2.listener") && of && !strcmp(of, lb->id) && p &&
            atoi(p) == port && protocol && !strcmp(protocol, https ? "HTTPS" : "HTTP"))
            return true;
    }
    return false;
}

struct lb_view traffic_look(struct sandbox *s, struct arena *a, const char *dns, const char *host,
                            int port, bool https)
{
    struct traffic_model *m = s->traffic;
    struct lb_view v = {0};
    struct entry *e = entry_find(m, dns);
    if (!e || !e->active)
        return v;
    struct route *r = route_find(s, m, e, host);
    v.lb = e->lb;
    v.found = true;
    v.listening = listens(s, a, e->lb, port, https);
    v.tls = https;
    v.covered = !https || r->covered;
    v.latency_ms = 30;
    for (size_t i = 0; i < r->branches.n; i++) {
        v.healthy += r->branches.at[i].view.healthy;
        v.registered += r->branches.at[i].view.registered - r->branches.at[i].view.draining;
        if (r->branches.at[i].crowd)
            v.latency_ms = r->branches.at[i].crowd->view.latency * 1000;
    }
    if (e->latency && e->latency->value->kind == V_DURATION)
        v.latency_ms = (double)e->latency->value->i;
    else if (e->latency)
        v.latency_ms *= fault_amount(e->latency->value, 1);
    v.error_rate =
        e->errors && e->errors->value->kind == V_PERCENT ? fault_amount(e->errors->value, 1) : 0;
    return v;
}

/* Where a resolver sends this request: by the shares of the site. */
static const char *resolved(struct sandbox *s, const char *name, uint64_t ordinal)
{
    struct traffic_model *m = s->traffic;
    for (size_t i = 0; i < m->sites.n; i++) {
        struct site *site = m->sites.at[i];
        if (strcmp(site->name, name))
            continue;
        double at = noise_unit(sandbox_noise(s, name, (int64_t)ordinal)), sum = 0;
        for (size_t k = 0; k < site->flows.n; k++) {
            sum += site->flows.at[k].to;
            if (at < sum)
                return site->flows.at[k].target;
        }
    }
    return name;
}

static bool answer(struct call *c, int status, double ms, const char *error)
{
    struct arena *a = c->arena;
    struct value *out = value_map(a);
    value_put(out, "Status", value_int(a, status));
    value_put(out, "LatencyMs", value_int(a, (int64_t)ceil(ms)));
    value_put(out, "Body", value_string(a, status == 200 ? "ok\n" : ""));
    if (error)
        value_put(out, "Error", value_string(a, error));
    call_ok(c, out);
    return true;
}

bool probe_call(struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    const char *url = value_get_string(c->req.input, "Url"),
               *name = value_get_string(c->req.input, "Host");
    const char *to = value_get_string(c->req.input, "ConnectTo"), *host;
    bool https;
    int port;
    if (!url || !url_parts(a, url, &https, &host, &port)) {
        call_fail(c, CLOUD_ERR_INPUT, "the probe's address is no http or https URL: %s",
                  url ? url : "(none)");
        return true;
    }
    const char *dns = to ? dns_bare(a, arena_strndup(a, to, strcspn(to, ":"))) : host;
    struct lb_view v = traffic_look(s, a, dns, name ? name : host, port, https);
    if (!v.found) {
        dns = resolved(s, dns, c->ordinal);
        v = traffic_look(s, a, dns, name ? name : host, port, https);
    }
    if (!v.found)
        return answer(c, 0, 5, arena_printf(a, "could not resolve host: %s", dns));
    if (!v.listening)
        return answer(c, 0, 1000, arena_printf(a, "connection refused by %s port %d", dns, port));
    if (!v.covered)
        return answer(c, 0, 20,
                      arena_printf(a, "no certificate for %s: subject name does not match",
                                   name ? name : host));
    if (!v.registered)
        return answer(c, 503, 5, NULL);
    if (!v.healthy)
        return answer(c, 502, v.latency_ms, NULL);
    bool fails = noise_unit(sandbox_noise(s, "probe", (int64_t)c->ordinal)) < v.error_rate;
    return answer(c, fails ? 500 : 200, v.latency_ms, NULL);
}

/* ---- the file ----------------------------------------------------------------- */

static struct value *number(struct arena *a, double d)
{
    return value_number(a, dec_from_double(d));
}

static double number_of(const struct value *m, const char *key)
{
    const struct value *v = value_get(m, key);
    return !v ? 0 : v->kind == V_NUMBER ? dec_double(v->dec) : v->kind == V_INT ? (double)v->i : 0;
}

struct value *traffic_save(struct sandbox *s, struct arena *a)
{
    const struct traffic_model *m = s->traffic;
    struct value *out = value_map(a), *users = value_map(a),
                 **sites = arena_array(a, struct value *, m->sites.n + 1);
    value_put(users, "requests", number(a, m->users.requests));
    value_put(users, "failed", number(a, m->users.failed));
    value_put(users, "no_healthy_world", number(a, m->users.no_healthy_world));
    value_put(users, "untested_world", number(a, m->users.untested_world));
    value_put(out, "users", users);
    for (size_t i = 0; i < m->sites.n; i++) {
        const struct site *site = m->sites.at[i];
        struct value **flows = arena_array(a, struct value *, site->flows.n + 1);
        for (size_t k = 0; k < site->flows.n; k++) {
            const struct flow *f = &site->flows.at[k];
            flows[k] = value_map(a);
            value_put(flows[k], "target", value_string(a, f->target));
            value_put(flows[k], "to", number(a, f->to));
            for (int c = 0; c < USER_CLASSES; c++)
                value_put(flows[k], arena_printf(a, "from%d", c), number(a, f->from[c]));
        }
        sites[i] = value_map(a);
        value_put(sites[i], "name", value_string(a, site->name));
        value_put(sites[i], "changed", value_int(a, site->changed));
        for (int c = 0; c < USER_CLASSES; c++)
            value_put(sites[i], arena_printf(a, "span%d", c), value_int(a, site->span[c]));
        value_put(sites[i], "flows", value_list(a, flows, site->flows.n));
    }
    value_put(out, "sites", value_list(a, sites, m->sites.n));
    return out;
}

void traffic_load(struct sandbox *s, const struct value *v)
{
    struct traffic_model *m = s->traffic;
    const struct value *users = value_get(v, "users"), *sites = value_get(v, "sites");
    m->users = (struct sandbox_users){number_of(users, "requests"), number_of(users, "failed"),
                                      number_of(users, "no_healthy_world"),
                                      number_of(users, "untested_world")};
    for (size_t i = 0; sites && sites->kind == V_LIST && i < sites->list.n; i++) {
        const struct value *one = sites->list.at[i], *flows = value_get(one, "flows");
        const char *name = value_get_string(one, "name");
        if (!name)
            continue;
        struct site *site = arena_make(s->arena, struct site);
        site->name = arena_strdup(s->arena, name);
        site->changed = value_get_int(one, "changed", 0);
        for (int c = 0; c < USER_CLASSES; c++)
            site->span[c] = value_get_int(one, arena_printf(s->arena, "span%d", c), 0);
        for (size_t k = 0; flows && flows->kind == V_LIST && k < flows->list.n; k++) {
            const char *target = value_get_string(flows->list.at[k], "target");
            struct flow f = {.target = arena_strdup(s->arena, target ? target : ""),
                             .to = number_of(flows->list.at[k], "to")};
            for (int c = 0; c < USER_CLASSES; c++)
                f.from[c] = number_of(flows->list.at[k], arena_printf(s->arena, "from%d", c));
            vec_push(s->arena, &site->flows, f);
        }
        vec_push(s->arena, &m->sites, site);
    }
}
