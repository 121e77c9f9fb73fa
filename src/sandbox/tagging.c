/* The list of what is tagged, whatever its type. It notices late: what was made or
 * tagged anew shows after a while, and what is gone is shown for longer, as AWS's own does. */
#include <string.h>

#include "sandbox/account.h"

static bool listed(const struct value *list, const char *text)
{
    for (size_t i = 0; list && list->kind == V_LIST && i < list->list.n; i++)
        if (list->list.at[i]->kind == V_STRING && !strcmp(list->list.at[i]->s, text))
            return true;
    return false;
}

static bool wanted(const struct value *filters, const struct value *tags)
{
    for (size_t i = 0; filters && filters->kind == V_LIST && i < filters->list.n; i++) {
        const char *key = value_get_string(filters->list.at[i], "Key");
        const char *have = key ? value_get_string(tags, key) : NULL;
        if (!have || !listed(value_get(filters->list.at[i], "Values"), have))
            return false;
    }
    return true;
}

bool tagging_call(struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    const struct value *filters = value_get(c->req.input, "TagFilters");
    VEC(struct value *) found = {0};
    for (size_t i = 0; i < s->objects.n; i++) {
        const struct object *o = s->objects.at[i];
        bool noticed = o->gone ? s->now < o->changed + TAGS_FORGOTTEN : s->now >= o->born + TAGS_NOTICED;
        const char *arn = schema_arn(a, o->schema, "aws", s->region, sandbox_account_id(s, c->req.account), o->id);
        struct value *tags = o->listed && s->now < o->retagged + TAGS_NOTICED ? o->listed : object_tags(a, o);
        if (!noticed || !arn || strcmp(o->account, c->req.account ? c->req.account : "") || !wanted(filters, tags))
            continue;
        struct value *m = value_map(a), **list = arena_array(a, struct value *, tags->map->n + 1);
        for (size_t k = 0; k < tags->map->n; k++) {
            list[k] = value_map(a);
            value_put(list[k], "Key", value_string(a, tags->map->entries[k].key));
            value_put(list[k], "Value", tags->map->entries[k].value);
        }
        value_put(m, "ResourceARN", value_string(a, arn));
        value_put(m, "Tags", value_list(a, list, tags->map->n));
        vec_push(a, &found, m);
    }
    struct value *out = value_map(a);
    value_put(out, "PaginationToken", value_string(a, ""));
    value_put(out, "ResourceTagMappingList", value_list(a, found.at, found.n));
    call_ok(c, out);
    return true;
}
