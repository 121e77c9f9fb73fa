#include "plan/observes.h"

#include <ctype.h>
#include <string.h>

/* ---- who names whom -------------------------------------------------- */

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* Also inside texts: a boot script names a log group. */
static bool names_word(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (const char *s = n ? strstr(text, word) : NULL; s; s = strstr(s + 1, word))
        if ((s == text || !word_char(s[-1])) && !word_char(s[n]))
            return true;
    return false;
}

static bool names(const struct value *v, const char *word)
{
    if (!v || !word)
        return false;
    switch ((enum value_kind)v->kind) {
    case V_STRING: return names_word(v->s, word);
    case V_LIST:
    case V_SET:
        for (size_t i = 0; i < v->list.n; i++)
            if (names(v->list.at[i], word))
                return true;
        return false;
    case V_MAP:
        for (size_t i = 0; i < v->map->n; i++)
            if (names(v->map->entries[i].value, word))
                return true;
        return false;
    default: return false;
    }
}

static bool refers(const struct live_resource *from, const struct live_resource *to)
{
    return from != to && from->reading &&
           (names(from->reading->fields, to->id) || names(from->reading->object, to->id) ||
            names(from->reading->fields, to->name));
}

const struct live_resource *observer_find(struct arena *a, const struct live *l,
                                          const struct live_resource *shared,
                                          bool (*serves)(const void *self, const char *world),
                                          const void *self)
{
    VEC(const struct live_resource *) seen = {0};
    vec_push(a, &seen, shared);
    for (size_t k = 0; k < seen.n; k++)
        for (size_t i = 0; i < l->all.n; i++) {
            const struct live_resource *r = l->all.at[i];
            if (!refers(r, seen.at[k]))
                continue;
            if (r->world) {
                if (serves(self, r->world))
                    return r;
                continue;
            }
            size_t j = 0;
            while (j < seen.n && seen.at[j] != r)
                j++;
            if (j == seen.n)
                vec_push(a, &seen, r);
        }
    return NULL;
}

/* ---- what is additive ------------------------------------------------ */

static bool empty(const struct value *v)
{
    return !v || v->kind == V_NONE || (v->kind == V_STRING && !*v->s) ||
           ((v->kind == V_LIST || v->kind == V_SET) && !v->list.n) ||
           (v->kind == V_MAP && !v->map->n);
}

static bool is_collection(const struct value *v)
{
    return v->kind == V_LIST || v->kind == V_SET || v->kind == V_MAP;
}

/* Every element of `before` comes in `after`, in this order. */
static bool list_grows(const struct value *before, const struct value *after)
{
    size_t k = 0;
    for (size_t i = 0; i < after->list.n && k < before->list.n; i++)
        k += value_equal(before->list.at[k], after->list.at[i]);
    return k == before->list.n;
}

static bool map_grows(const struct value *before, const struct value *after)
{
    for (size_t i = 0; i < before->map->n; i++) {
        const struct value *now = value_get(after, before->map->entries[i].key);
        if (!now || !value_equal(now, before->map->entries[i].value))
            return false;
    }
    return true;
}

bool change_additive(const struct change *c)
{
    if (c->field->mods & FIELD_TUNE)
        return true;
    if (c->field->mods & FIELD_FIXED || !c->after)
        return false;
    if (c->added || c->removed) /* a set: compared by its elements */
        return empty(c->removed);
    if (empty(c->before))
        return is_collection(c->after);
    if (c->before->kind != c->after->kind)
        return false;
    if (c->before->kind == V_LIST)
        return list_grows(c->before, c->after);
    return c->before->kind == V_MAP && c->field->type->kind == TYPE_K_MAP &&
           map_grows(c->before, c->after);
}

const struct change *action_takes_away(const struct action *act)
{
    for (size_t i = 0; i < act->nchanges; i++)
        if (!change_additive(&act->changes[i]))
            return &act->changes[i];
    return NULL;
}
