#include "aws/service.h"

#include <stdio.h>
#include <string.h>

bool service_model_build(struct arena *a, const char *name, const struct value *record,
                         struct service_model *m, const char **error)
{
    static const char *const protocols[] = {"ec2", "query", "rest-xml", "json", "rest-json"};
    *m = (struct service_model){.name = arena_strdup(a, name), .record = record};
    const char *p = value_get_string(record, "protocol");
    size_t i = 0, n = sizeof protocols / sizeof *protocols;
    while (i < n && (!p || strcmp(p, protocols[i])))
        i++;
    if (i == n) {
        *error = arena_printf(
            a, "service %s: protocol must be ec2, query, rest-xml, json or rest-json", name);
        return false;
    }
    m->protocol = (enum wire_protocol)i;
    m->version = value_get_string(record, "version");
    m->id = value_get_string(record, "id");
    m->endpoint = value_get_string(record, "endpoint");
    m->signing = value_get_string(record, "signing");
    m->target = value_get_string(record, "target");
    m->json_version = value_get_string(record, "json");
    m->xmlns = value_get_string(record, "xmlns");
    m->host_label = value_get_string(record, "host_label");
    m->single_encoding = value_get_bool(record, "single_encoding");
    const char *item = value_get_string(record, "item");
    m->singular = item && !strcmp(item, "singular");
    if (!m->id)
        m->id = m->name;
    if (!m->endpoint)
        m->endpoint = m->name;
    if (!m->signing)
        m->signing = m->endpoint;
    if (!m->json_version)
        m->json_version = "1.1";
    if (m->protocol <= WIRE_QUERY && !m->version) {
        *error = arena_printf(a, "service %s: a query protocol needs a version", name);
        return false;
    }
    if (m->protocol == WIRE_JSON && !m->target) {
        *error = arena_printf(a, "service %s: protocol json needs a target", name);
        return false;
    }
    return true;
}

const struct value *service_operation(const struct service_model *m, const char *operation)
{
    return value_get(value_get(m->record, "operations"), operation);
}

/* A name in a table, the qualified form first. NULL: it is not there. */
static const char *lookup(const struct service_model *m, const char *table, const char *parent,
                          const char *name)
{
    const struct value *t = value_get(m->record, table);
    if (!t)
        return NULL;
    char key[256];
    if (parent && snprintf(key, sizeof key, "%s.%s", parent, name) < (int)sizeof key) {
        const char *found = value_get_string(t, key);
        if (found)
            return found;
    }
    return value_get_string(t, name);
}

static bool ends(const char *s, const char *tail)
{
    size_t n = strlen(s), k = strlen(tail);
    return n > k && !strcmp(s + n - k, tail);
}

static bool plural(const char *s)
{
    return ends(s, "s") && !ends(s, "ss") && !ends(s, "us");
}

const char *service_singular(struct arena *a, const char *s)
{
    size_t n = strlen(s);
    if (ends(s, "ies"))
        return arena_printf(a, "%.*sy", (int)(n - 3), s);
    if (ends(s, "sses"))
        return arena_strndup(a, s, n - 2);
    if (ends(s, "s") && !ends(s, "ss"))
        return arena_strndup(a, s, n - 1);
    return s;
}

const char *service_request_name(struct arena *a, const struct service_model *m, const char *parent,
                                 const char *member, bool list)
{
    const char *found = lookup(m, "request", parent, member);
    if (found)
        return found;
    return m->protocol == WIRE_EC2 && list ? service_singular(a, member) : member;
}

const char *service_reply_name(struct arena *a, const struct service_model *m, const char *parent,
                               const char *wire)
{
    const char *found = lookup(m, "reply", parent, wire);
    if (found)
        return found;
    if (m->protocol != WIRE_EC2)
        return wire;
    size_t n = strlen(wire);
    char *s = arena_alloc(a, n + 2);
    memcpy(s, wire, n);
    if (ends(wire, "Set")) {
        s[n - 3] = '\0';
        if (!ends(s, "s"))
            s[n - 3] = 's', s[n - 2] = '\0';
    }
    if (*s >= 'a' && *s <= 'z')
        *s = (char)(*s - 'a' + 'A');
    return s;
}

const char *service_item_name(struct arena *a, const struct service_model *m, const char *parent,
                              const char *member, bool *flat)
{
    const char *found = lookup(m, "flat", parent, member);
    *flat = found || m->protocol == WIRE_EC2;
    if (found)
        return found;
    found = lookup(m, "items", parent, member);
    if (found)
        return found;
    if (m->protocol == WIRE_EC2)
        return "item";
    return m->singular ? service_singular(a, member) : "member";
}

bool service_is_list(const struct service_model *m, const char *parent, const char *member)
{
    return plural(member) || ends(member, "List") || ends(member, "Set") ||
           lookup(m, "items", parent, member) || lookup(m, "flat", parent, member);
}

const char *service_flat_reply(const struct service_model *m, const char *parent, const char *wire)
{
    const struct value *t = value_get(m->record, "flat");
    if (!t || t->kind != V_MAP)
        return NULL;
    const char *plain = NULL;
    size_t np = strlen(parent);
    for (size_t i = 0; i < t->map->n; i++) {
        const struct value *v = t->map->entries[i].value;
        const char *key = t->map->entries[i].key;
        if (v->kind != V_STRING || strcmp(v->s, wire))
            continue;
        if (!strncmp(key, parent, np) && key[np] == '.')
            return key + np + 1;
        if (!strchr(key, '.') && !plain)
            plain = key;
    }
    return plain;
}

bool service_glob(const char *p, const char *s)
{
    const char *star = NULL, *from = NULL;
    while (*s) {
        if (*p == '*') {
            star = ++p;
            from = s;
        } else if (*p == *s) {
            p++, s++;
        } else if (star) {
            p = star;
            s = ++from;
        } else {
            return false;
        }
    }
    while (*p == '*')
        p++;
    return !*p;
}

bool service_missing(const struct service_model *m, const char *code)
{
    const struct value *list = value_get(m->record, "missing");
    if (!list || list->kind != V_LIST || !code)
        return false;
    for (size_t i = 0; i < list->list.n; i++)
        if (list->list.at[i]->kind == V_STRING && service_glob(list->list.at[i]->s, code))
            return true;
    return false;
}

static bool given(const struct value *input, const struct value *names)
{
    if (!names)
        return false;
    if (names->kind == V_STRING)
        return value_get(input, names->s) != NULL;
    if (names->kind == V_LIST)
        for (size_t i = 0; i < names->list.n; i++)
            if (given(input, names->list.at[i]))
                return true;
    return false;
}

bool service_paging(const struct service_model *m, const char *operation, const struct value *input,
                    struct service_paging *out)
{
    const struct value *all = value_get(m->record, "paging");
    const struct value *p = value_get(service_operation(m, operation), "page");
    if (!p)
        p = all;
    *out = (struct service_paging){value_get(p, "token"), value_get(p, "next"),
                                   value_get_string(p, "more")};
    if (!out->token)
        return false;
    if (!out->next)
        out->next = out->token;
    const struct value *limit = value_get(p, "limit");
    /* Who names a limit wants that many, and who names a token reads pages himself.
     * A list of tokens is also a place to start from, so it does not count. */
    if (given(input, limit ? limit : value_get(all, "limit")))
        return false;
    return out->token->kind == V_LIST || !given(input, out->token);
}
