#include "lang/eval_state.h"

/* Comprehensions: [for x in xs if c: e] and {for k, v in m if c: k => e}. */

struct round {
    struct value *first, *second; /* of a map: key and value; else the element */
};

static struct value *bad_source(struct eval *ev, const struct expr *x, const struct value *over)
{
    struct diag *d = eval_error(ev, "BG1525", x->a->span, "%s cannot be gone through",
                                kind_named(over->kind));
    diag_help(ev->ds, d, "`for` takes a list, a set, a map, or a range of whole numbers");
    return poison(ev);
}

/* The rounds of the loop; false: reported. */
static bool rounds(struct eval *ev, const struct expr *x, const struct value *over,
                   struct round **out, size_t *n)
{
    bool two = x->var2 != NULL;
    if (over->kind == V_NONE && !ev->m) { /* bare: what a reply lacks is empty */
        *n = 0;
        return true;
    }
    if (over->kind == V_RANGE && over->range.low->kind == V_INT &&
        over->range.high->kind == V_INT) {
        int64_t low = over->range.low->i, high = over->range.high->i;
        uint64_t count = (uint64_t)high - (uint64_t)low + 1;
        if (high < low)
            count = 0;
        else if (!count || count > EVAL_LIST) {
            eval_error(ev, "BG1543", x->a->span, "this range has more than %d elements", EVAL_LIST);
            return false;
        }
        *n = (size_t)count;
        *out = arena_array(ev->a, struct round, *n ? *n : 1);
        for (size_t i = 0; i < *n; i++)
            (*out)[i].first = value_int(ev->a, low + (int64_t)i);
    } else if (over->kind == V_LIST || over->kind == V_SET) {
        *n = over->list.n;
        *out = arena_array(ev->a, struct round, *n ? *n : 1);
        for (size_t i = 0; i < *n; i++)
            (*out)[i].first = over->list.at[i];
    } else if (over->kind == V_MAP) {
        if (!two) {
            struct diag *d = eval_error(ev, "BG1525", x->a->span, "a map has keys and values");
            diag_help(ev->ds, d, "name both: `for k, v in m`, or go through `keys(m)`");
            return false;
        }
        *n = over->map->n;
        *out = arena_array(ev->a, struct round, *n ? *n : 1);
        for (size_t i = 0; i < *n; i++) {
            (*out)[i].first = value_string(ev->a, over->map->entries[i].key);
            (*out)[i].second = over->map->entries[i].value;
        }
        return true;
    } else {
        bad_source(ev, x, over);
        return false;
    }
    /* two variables over a list: the place, counted from 0, and the element */
    for (size_t i = 0; two && i < *n; i++) {
        (*out)[i].second = (*out)[i].first;
        (*out)[i].first = value_int(ev->a, (int64_t)i);
    }
    return true;
}

static struct here enter(struct eval *ev, const struct expr *x, struct here here,
                         const struct round *r, const struct value *over)
{
    struct env *env = arena_make(ev->a, struct env);
    struct value shape = *over;
    shape.kind = V_NONE;
    *env = (struct env){here.env, x->var.text, value_join(ev, r->first, &shape)};
    if (x->var2) {
        struct env *second = arena_make(ev->a, struct env);
        *second = (struct env){env, x->var2->text, value_join(ev, r->second, &shape)};
        env = second;
    }
    here.env = env;
    return here;
}

static bool put(struct eval *ev, const struct expr *x, struct value *map, const struct value *key,
                struct value *v)
{
    if (key->kind != V_STRING) {
        eval_error(ev, "BG1533", x->key->span, "a key of a map is a string, not %s",
                   kind_named(key->kind));
        return false;
    }
    if (map_has(map->map, key->s)) {
        struct diag *d = eval_error(ev, "BG1526", x->key->span, "the key \"%s\" comes twice",
                                    key->secret ? "(secret)" : key->s);
        diag_help(ev->ds, d, "every round must give another key");
        return false;
    }
    value_put(map, key->s, v);
    return true;
}

struct value *eval_for(struct eval *ev, const struct expr *x, struct here here)
{
    bool to_map = x->kind == EXPR_FOR_MAP;
    struct value *over = eval_at(ev, x->a, here);
    if (poisoned(over) || value_no_data(over))
        return over;
    if (value_unknown(over) ||
        (over->kind == V_RANGE && !value_known(over)))
        return eval_defer(ev, x, here, &over, 1);
    struct round *rs = NULL;
    size_t n = 0;
    if (!rounds(ev, x, over, &rs, &n))
        return poison(ev);
    VEC(struct value *) items = {0};
    struct value *map = to_map ? value_map(ev->a) : NULL;
    struct value *shape = value_none(ev->a); /* what decides which elements there are */
    shape->phase = over->phase;
    shape->secret = over->secret;
    bool bad = false;
    ev->looping++;
    for (size_t i = 0; i < n && !ev->dead; i++) {
        struct here inside = enter(ev, x, here, &rs[i], over);
        struct value *c = x->c ? eval_at(ev, x->c, inside) : NULL;
        if (c && (poisoned(c) || value_no_data(c) || value_unknown(c) || c->kind != V_BOOL)) {
            ev->looping--;
            if (value_unknown(c))
                return eval_defer(ev, x, here, (struct value *[]){over, c}, 2);
            if (c->kind != V_BOOL && !poisoned(c) && !value_no_data(c)) {
                struct diag *d = eval_error(ev, "BG1515", x->c->span,
                                            "a condition is true or false");
                diag_at(ev->ds, d, "this is %s", kind_named(c->kind));
            }
            return value_no_data(c) ? c : poison(ev);
        }
        if (c) {
            shape = value_join(ev, shape, c);
            if (!c->b)
                continue;
        }
        struct value *v = eval_at(ev, x->b, inside);
        struct value *k = to_map && x->key ? eval_at(ev, x->key, inside) : NULL;
        if (poisoned(v) || (to_map && !k) || (k && poisoned(k))) {
            bad = true; /* go on: other rounds may be wrong in other ways */
            continue;
        }
        if (k && value_unknown(k)) {
            ev->looping--;
            return eval_defer(ev, x, here, (struct value *[]){over, k}, 2);
        }
        if (k)
            shape = value_join(ev, shape, k);
        if (to_map)
            bad = !put(ev, x, map, k, v) || bad;
        else
            vec_push(ev->a, &items, v);
    }
    ev->looping--;
    if (bad || ev->dead)
        return poison(ev);
    struct value *v = to_map ? map : value_list(ev->a, items.at, items.n);
    v->phase = shape->phase;
    v->secret = shape->secret;
    return v;
}
