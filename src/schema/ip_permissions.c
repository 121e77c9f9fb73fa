/* Firewall rules: a set of records, one peer each, as the lists of lists that
 * EC2 speaks. EC2 groups peers by protocol and ports as it likes; the language
 * has one rule per peer, so that a set difference means what it says.
 *
 * A record has the peer (`from` or `to`: a network, or the id of a group or a
 * prefix list), `port` (one or a range; absent means all), `protocol` ("tcp",
 * "udp", "icmp", "icmpv6", "all" or a number) and `about`. */
#include <stdlib.h>
#include <string.h>

#include "schema/codec.h"

static const struct type *rule_type(const struct lens *l)
{
    const struct type *t = type_bare(l->type);
    if (t->kind == TYPE_K_SET || t->kind == TYPE_K_LIST)
        t = type_bare(t->elem);
    return t->kind == TYPE_K_RECORD ? t : NULL;
}

static bool has_member(const struct type *t, const char *name)
{
    for (size_t i = 0; i < t->fields.n; i++)
        if (!strcmp(t->fields.at[i].name, name))
            return true;
    return false;
}

/* The member that names the peer. */
static const char *peer_member(const struct lens *l)
{
    if (l->nargs)
        return l->args[0]->s;
    const struct type *t = rule_type(l);
    return t && has_member(t, "to") && !has_member(t, "from") ? "to" : "from";
}

const char *ip_permissions_check(struct arena *a, const struct lens *l)
{
    (void)a;
    const struct type *t = rule_type(l);
    if (!t)
        return "it converts sets of rules";
    if (l->nargs && (l->args[0]->kind != V_STRING || !has_member(t, l->args[0]->s)))
        return "its argument is \"from\" or \"to\", a field of the rule";
    if (!l->nargs && has_member(t, "from") == has_member(t, "to"))
        return has_member(t, "from")
                   ? "rules have both `from` and `to`: say which, as in `ip_permissions(\"to\")`"
                   : "rules have neither `from` nor `to`";
    return NULL;
}

/* ---- out ----------------------------------------------------------------------- */

struct ports {
    const char *protocol; /* as on the wire */
    bool limited;
    int64_t from, to;
};

static bool ports_of(const struct lens_ctx *c, const struct value *rule, struct ports *out)
{
    const struct value *protocol = value_get(rule, "protocol"), *port = value_get(rule, "port");
    const char *name = protocol && protocol->kind != V_NONE ? wire_text(c->a, protocol) : "tcp";
    if (!name)
        return lens_fail(c, "a protocol must be a text"), false;
    *out = (struct ports){.protocol = !strcmp(name, "all") ? "-1" : name};
    if (!strcmp(out->protocol, "-1"))
        return true;
    out->limited = true;
    bool icmp = !strncmp(name, "icmp", 4);
    if (!port || port->kind == V_NONE) {
        out->from = icmp ? -1 : 0;
        out->to = icmp ? -1 : 65535;
    } else if (port->kind == V_INT) {
        out->from = out->to = port->i;
    } else if (port->kind == V_RANGE && port->range.low->kind == V_INT &&
               port->range.high->kind == V_INT) {
        out->from = port->range.low->i;
        out->to = port->range.high->i;
    } else {
        return lens_fail(c, "a port must be a number or a range"), false;
    }
    return true;
}

/* The list of the permission and the member of its elements that a peer goes to. */
static const char *peer_place(const char *peer, const char **member)
{
    if (strchr(peer, '/')) {
        *member = strchr(peer, ':') ? "CidrIpv6" : "CidrIp";
        return strchr(peer, ':') ? "Ipv6Ranges" : "IpRanges";
    }
    bool list = !strncmp(peer, "pl-", 3);
    *member = list ? "PrefixListId" : "GroupId";
    return list ? "PrefixListIds" : "UserIdGroupPairs";
}

static void add_peer(struct arena *a, struct value *permission, const char *peer,
                     const struct value *about)
{
    const char *member, *place = peer_place(peer, &member);
    struct value *e = value_map(a);
    value_put(e, member, value_string(a, peer));
    if (about && about->kind == V_STRING && *about->s)
        value_put(e, "Description", value_string(a, about->s));
    const struct value *old = value_get(permission, place);
    size_t n = old ? old->list.n : 0;
    struct value **at = arena_array(a, struct value *, n + 1);
    for (size_t i = 0; i < n; i++)
        at[i] = old->list.at[i];
    at[n] = e;
    value_put(permission, place, value_list(a, at, n + 1));
}

struct value *ip_permissions_put(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    if (v->kind != V_SET && v->kind != V_LIST)
        return lens_fail(c, "a set of rules is wanted");
    struct value **out = arena_array(c->a, struct value *, v->list.n ? v->list.n : 1);
    size_t n = 0;
    for (size_t i = 0; i < v->list.n; i++) {
        const struct value *rule = v->list.at[i];
        const struct value *peer = value_get(rule, peer_member(l));
        const char *text = peer ? wire_text(c->a, peer) : NULL;
        struct lens_ctx at = *c;
        if (rule->span.file)
            at.span = rule->span;
        if (peer && (peer->kind == V_REF || peer->kind == V_DEFERRED))
            return lens_fail(&at, "the peer of a rule is not known yet");
        if (!text)
            return lens_fail(&at, "a rule needs `%s`", peer_member(l));
        struct ports p;
        if (!ports_of(&at, rule, &p))
            return NULL;
        struct value *permission = NULL;
        for (size_t j = 0; j < n && !permission; j++)
            if (!strcmp(value_get_string(out[j], "IpProtocol"), p.protocol) &&
                (!p.limited || (value_get_int(out[j], "FromPort", -2) == p.from &&
                                value_get_int(out[j], "ToPort", -2) == p.to)))
                permission = out[j];
        if (!permission) {
            permission = out[n++] = value_map(c->a);
            value_put(permission, "IpProtocol", value_string(c->a, p.protocol));
            if (p.limited) {
                value_put(permission, "FromPort", value_int(c->a, p.from));
                value_put(permission, "ToPort", value_int(c->a, p.to));
            }
        }
        add_peer(c->a, permission, text, value_get(rule, "about"));
    }
    return value_list(c->a, out, n);
}

/* ---- in ------------------------------------------------------------------------ */

static const char *protocol_name(const char *wire)
{
    static const char *const numbers[][2] = {
        {"-1", "all"}, {"1", "icmp"}, {"6", "tcp"}, {"17", "udp"}, {"58", "icmpv6"}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (!strcmp(wire, numbers[i][0]))
            return numbers[i][1];
    return wire;
}

static int64_t port_number(struct arena *a, const struct value *permission, const char *member,
                           int64_t otherwise)
{
    const char *s = wire_text(a, value_get(permission, member));
    return s ? strtoll(s, NULL, 10) : otherwise;
}

static struct value *port_value(struct arena *a, const struct value *permission,
                                const char *protocol)
{
    if (!strcmp(protocol, "all"))
        return NULL;
    int64_t from = port_number(a, permission, "FromPort", -1);
    int64_t to = port_number(a, permission, "ToPort", -1);
    if (from < 0 || (from == 0 && to == 65535))
        return NULL;
    return from == to ? value_int(a, from) : value_range(a, value_int(a, from), value_int(a, to));
}

struct value *ip_permissions_get(const struct lens_ctx *c, const struct lens *l,
                                 const struct value *w)
{
    static const char *const places[][2] = {{"IpRanges", "CidrIp"},
                                            {"Ipv6Ranges", "CidrIpv6"},
                                            {"UserIdGroupPairs", "GroupId"},
                                            {"PrefixListIds", "PrefixListId"}};
    VEC(struct value *) out = {0};
    if (w->kind != V_LIST && w->kind != V_SET)
        return lens_fail(c, "a list of permissions was expected");
    for (size_t i = 0; i < w->list.n; i++) {
        const struct value *permission = w->list.at[i];
        const char *wire = wire_text(c->a, value_get(permission, "IpProtocol"));
        const char *protocol = protocol_name(wire ? wire : "-1");
        for (size_t k = 0; k < sizeof places / sizeof *places; k++) {
            const struct value *peers = value_get(permission, places[k][0]);
            if (!peers || peers->kind != V_LIST)
                continue;
            for (size_t j = 0; j < peers->list.n; j++) {
                const char *peer = value_get_string(peers->list.at[j], places[k][1]);
                const char *about = value_get_string(peers->list.at[j], "Description");
                const char *network = peer && k < 2 ? cidr_canonical(c->a, peer) : NULL;
                if (!peer)
                    continue;
                struct value *rule = value_map(c->a);
                value_put(rule, peer_member(l),
                          network ? value_cidr(c->a, network) : value_string(c->a, peer));
                struct value *port = port_value(c->a, permission, protocol);
                if (port)
                    value_put(rule, "port", port);
                value_put(rule, "protocol", value_string(c->a, protocol));
                if (about && *about && has_member(rule_type(l), "about"))
                    value_put(rule, "about", value_string(c->a, about));
                vec_push(c->a, &out, rule);
            }
        }
    }
    return value_list(c->a, out.at, out.n);
}
