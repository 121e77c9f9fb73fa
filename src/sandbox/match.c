/* Which objects a request is about, by what its members are called: Filters,
 * Names, Ids, prefixes, and members that the object has too. */
#include <ctype.h>
#include <string.h>

#include "sandbox/account.h"
#include "schema/path.h"

bool glob_match(const char *pattern, const char *text)
{
    const char *star = NULL, *back = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = pattern++;
            back = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star + 1;
            text = ++back;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

const char *pascal(struct arena *a, const char *kebab)
{
    char *out = arena_strdup(a, kebab), *to = out;
    bool up = true;
    for (const char *c = kebab; *c; c++) {
        if (*c == '-' || *c == '.') {
            up = true;
            continue;
        }
        *to++ = (char)(up ? toupper((unsigned char)*c) : *c);
        up = false;
    }
    *to = '\0';
    return out;
}

static bool any_glob(struct arena *a, const struct value *patterns, const char *text)
{
    if (!patterns || patterns->kind != V_LIST || !text)
        return false;
    for (size_t i = 0; i < patterns->list.n; i++) {
        const char *p = wire_text(a, patterns->list.at[i]);
        if (p && glob_match(p, text))
            return true;
    }
    return false;
}

static const char *tag_of(struct arena *a, const struct object *o, const struct value *body,
                          const char *key)
{
    const struct value *setting = map_find(&o->schema->settings, "tags");
    const char *at = setting ? value_get_string(setting, "get") : NULL;
    const struct value *tags = value_get(body, at ? at : "Tags");
    return tags ? value_get_string(schema_untags(a, tags), key) : NULL;
}

/* A member by the name that filters know it by; NULL: unknown. */
static const char *filtered(struct arena *a, const struct object *o, const struct value *body,
                            const char *name)
{
    if (!strncmp(name, "tag:", 4))
        return tag_of(a, o, body, name + 4);
    const char *member = pascal(a, name);
    const char *text = wire_text(a, value_get(body, member));
    if (text)
        return text;
    if (!strcmp(name, "owner-id"))
        return value_get_string(body, "OwnerId");
    if (!strcmp(name, "instance-state-name"))
        return wire_text(a, value_at(body, "State.Name"));
    if (!strcmp(name, "availability-zone"))
        return value_get_string(body, "AvailabilityZone");
    if (!strcmp(name, "attachment.vpc-id"))
        return wire_text(a, value_at(body, "Attachments[0].VpcId"));
    return NULL;
}

static bool match_filters(struct arena *a, const struct object *o, const struct value *body,
                          const struct value *filters)
{
    for (size_t i = 0; i < filters->list.n; i++) {
        const char *name = value_get_string(filters->list.at[i], "Name");
        const struct value *values = value_get(filters->list.at[i], "Values");
        if (!name)
            continue;
        if (!strcmp(name, "tag-key")) {
            bool found = false;
            for (size_t k = 0; values && values->kind == V_LIST && k < values->list.n; k++)
                found |= values->list.at[k]->kind == V_STRING &&
                         tag_of(a, o, body, values->list.at[k]->s);
            if (!found)
                return false;
            continue;
        }
        if (!any_glob(a, values, filtered(a, o, body, name)))
            return false;
    }
    return true;
}

static bool in_list(struct arena *a, const struct value *list, const char *text)
{
    for (size_t i = 0; i < list->list.n; i++) {
        const char *t = wire_text(a, list->list.at[i]);
        if (t && !strcmp(t, text))
            return true;
    }
    return false;
}

/* "/hostedzone/Z1" and "Z1" are one. */
static bool same_text(const char *x, const char *y)
{
    if (!strcmp(x, y))
        return true;
    const char *sx = strrchr(x, '/'), *sy = strrchr(y, '/');
    return (*x == '/' && sx && !strcmp(sx + 1, y)) || (*y == '/' && sy && !strcmp(sy + 1, x));
}

static bool skipped(const char *const *skip, const char *member)
{
    for (; skip && *skip; skip++)
        if (!strcmp(*skip, member))
            return true;
    return false;
}

/* A member that says how to answer and not what about. */
static bool is_manner(const char *member)
{
    static const char *const manners[] = {
        "MaxResults",
        "MaxItems",
        "MaxRecords",
        "NextToken",
        "Marker",
        "PageSize",
        "Limit",
        "limit",
        "nextToken",
        "Includes",
        "CertificateStatuses",
        "AlarmTypes",
        "Versions",
        "DryRun",
        "ResourceType",
        "DNSName",
        "WithDecryption",
        "include",
        "Include",
    };
    for (size_t i = 0; i < sizeof manners / sizeof *manners; i++)
        if (!strcmp(member, manners[i]))
            return true;
    return false;
}

static bool match_owners(const struct sandbox *s, struct arena *a, const struct object *o,
                         const struct value *body, const struct value *owners)
{
    const char *id = value_get_string(body, "OwnerId"),
               *as = value_get_string(body, "ImageOwnerAlias");
    for (size_t i = 0; i < owners->list.n; i++) {
        const char *want = wire_text(a, owners->list.at[i]);
        if (!want)
            continue;
        if (!strcmp(want, "self") && id && !strcmp(id, sandbox_account_id(s, o->account)))
            return true;
        if ((id && !strcmp(want, id)) || (as && !strcmp(want, as)))
            return true;
    }
    return owners->list.n == 0;
}

static bool match_list(struct arena *a, const struct value *body, const char *member,
                       const struct value *list)
{
    size_t n = strlen(member);
    if (n < 2 || member[n - 1] != 's' || !list->list.n)
        return true;
    const char *one = arena_strndup(a, member, n - 1);
    const char *have = wire_text(a, value_get(body, one));
    const char *version = wire_text(a, value_get(body, "Version")); /* NAME:VERSION means it, too */
    return !have || in_list(a, list, have) ||
           (version && in_list(a, list, arena_printf(a, "%s:%s", have, version)));
}

bool match_object(const struct sandbox *s, struct arena *a, const struct object *o,
                  const struct value *body, const struct value *input, const char *const *skip)
{
    if (!input || input->kind != V_MAP)
        return true;
    for (size_t i = 0; i < input->map->n; i++) {
        const char *member = input->map->entries[i].key;
        const struct value *v = input->map->entries[i].value;
        size_t n = strlen(member);
        if (skipped(skip, member) || is_manner(member))
            continue;
        if (v->kind == V_LIST) {
            if (!strcmp(member, "Filters")  ? !match_filters(a, o, body, v)
                : !strcmp(member, "Owners") ? !match_owners(s, a, o, body, v)
                                            : !match_list(a, body, member, v))
                return false;
            continue;
        }
        const char *want = wire_text(a, v);
        if (!want)
            continue;
        if (n > 6 && !strcmp(member + n - 6, "Prefix")) {
            const char *stem = arena_strndup(a, member, n - 6);
            const char *have = wire_text(a, value_get(body, stem));
            if (!have)
                have = wire_text(a, value_get(body, arena_printf(a, "%sName", stem)));
            if (have && strncmp(have, want, strlen(want)))
                return false;
            continue;
        }
        const char *have = wire_text(a, value_get(body, member));
        if (have && !same_text(have, want))
            return false;
    }
    return true;
}
