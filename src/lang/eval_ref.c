#include <string.h>

#include "lang/eval_run.h"
#include "lang/eval_state.h"

/* Fields of resources: what the facts say, a metric, or a reference that waits. */

static const char *without_live(const char *address, bool *live)
{
    *live = !strncmp(address, "live.", 5);
    return *live ? address + 5 : address;
}

static struct value *waiting(struct eval *ev, const struct value *ref, const char *field,
                             bool secret, struct span at)
{
    struct value *v = value_ref(ev->a, ref->ref.address, NULL, field);
    v->phase = ref->phase;
    v->secret = secret;
    v->span = at;
    return v;
}

static bool option(const struct type_item *item)
{
    return item->type && item->type->kind == TYPE_OPTION;
}

static bool speaks_of_refs(const struct type_ast *t)
{
    if (!t)
        return false;
    if (t->kind == TYPE_REF || speaks_of_refs(t->a))
        return true;
    for (const struct type_ast *i = t->kind == TYPE_UNION ? t->items : NULL; i; i = i->next)
        if (speaks_of_refs(i))
            return true;
    return false;
}

/* What a fact says, with the phase that the resource has. */
static struct value *as_fact(struct eval *ev, struct value *v, const struct value *ref)
{
    if (v->phase >= ref->phase && (v->secret || !ref->secret))
        return v;
    v = value_copy(ev->a, v);
    v->phase = ref->phase > v->phase ? ref->phase : v->phase;
    v->secret = v->secret || ref->secret;
    if (v->kind == V_MAP && v->map) /* members that a record lacks are none */
        v->phase = v->phase < PHASE_PLAN ? PHASE_PLAN : v->phase;
    return v;
}

struct value *eval_elements(struct eval *ev, const struct value *ref, const char *type,
                            const struct value *list)
{
    struct value **at = arena_array(ev->a, struct value *, list->list.n ? list->list.n : 1);
    size_t k = 0;
    for (size_t i = 0; i < list->list.n; i++) {
        const char *id = value_get_string(list->list.at[i], "id");
        if (!id)
            continue;
        const char *address = arena_printf(ev->a, "%s[\"%s\"]", ref->ref.address, id);
        at[k] = value_ref(ev->a, address, type, NULL);
        at[k]->phase = PHASE_PLAN;
        k++;
    }
    struct value *v = value_list(ev->a, at, k);
    v->phase = PHASE_PLAN;
    return v;
}

struct value *eval_fact(struct eval *ev, const struct value *ref)
{
    struct value *f = ev->facts ? facts_find(ev->facts, ref->ref.address) : NULL;
    if (f && f->kind == V_LIST && !strcmp(ref->ref.field, "*")) {
        bool live;
        const struct node *n =
            ev->m ? graph_find(ev->m->g, without_live(ref->ref.address, &live)) : NULL;
        return eval_elements(ev, ref, n ? n->type : NULL, f);
    }
    struct value *v = f && f->kind == V_MAP ? value_get(f, ref->ref.field) : NULL;
    if (v)
        return value_unknown(v) ? NULL : as_fact(ev, v, ref);
    if (ev->m && ev->m->pins && !strcmp(ref->ref.field, "id")) {
        const char *pin = map_find(ev->m->pins, ref->ref.address);
        const struct node *n = pin ? graph_find(ev->m->g, ref->ref.address) : NULL;
        if (n && n->pin)
            return value_string(ev->a, pin);
    }
    return NULL;
}

static struct value *unknown_field(struct eval *ev, const struct decl *type, const struct expr *x,
                                   const char *name)
{
    struct diag *d = eval_error(ev, "BG1520", x->name.span, "%s has no field `%s`", name,
                                x->name.text);
    VEC(const char *) names = {0};
    for (const struct type_item *i = type->items; i; i = i->next)
        if ((i->kind == ITEM_FIELD || i->kind == ITEM_METRIC) && i->name.text)
            vec_push(ev->a, &names, i->name.text);
    diag_did_you_mean(ev->ds, d, x->name.span, x->name.text, names.at, names.n);
    diag_help(ev->ds, d, "`bgc doc %s` lists its fields and metrics", name);
    return poison(ev);
}

static struct value *metric(struct eval *ev, const struct value *ref, const char *name)
{
    struct value *v = arena_make(ev->a, struct value);
    v->kind = V_METRIC;
    v->phase = PHASE_RUN;
    v->metric.address = without_live(ref->ref.address, &v->metric.live);
    v->metric.name = name;
    return v;
}

/* Whether references stand in it, and not the ids that AWS shows. */
static bool holds_refs(const struct value *v)
{
    if (v->kind == V_LIST || v->kind == V_SET) {
        for (size_t i = 0; i < v->list.n; i++)
            if (holds_refs(v->list.at[i]))
                return true;
        return false;
    }
    return v->kind == V_REF && !v->ref.field;
}

struct value *eval_ref_field(struct eval *ev, const struct value *ref, const struct expr *x,
                             struct here here)
{
    const char *field = x->name.text;
    const struct decl *type =
        ev->p && ref->ref.type ? program_type(ev->p, ref->ref.type) : NULL;
    if (!type || !ev->m)
        return waiting(ev, ref, field, false, x->span);
    const struct type_item *item = type_field(type, field);
    if (!item && type_metric(type, field))
        return metric(ev, ref, field);
    if (!item && strcmp(field, "id"))
        return unknown_field(ev, type, x, ref->ref.type);
    bool secret = item && ((item->mods & FIELD_SECRET) ||
                           (item->type && item->type->kind == TYPE_SECRET));
    struct value *v = waiting(ev, ref, field, secret, x->span);
    if (item && (item->mods & FIELD_LIVE) && ev->measurer) {
        /* fresh when the measurer reads fields, else as it was last seen */
        struct value *args[2] = {value_copy(ev->a, ref), value_string(ev->a, field)};
        struct value *seen = eval_fact(ev, v);
        size_t whys = ev->whys.n;
        struct value *fresh = eval_measure(ev, "field", args, 2, value_map(ev->a), x, here);
        if (!value_no_data(fresh) || !seen || ev->wanted || ev->measurer->strict)
            return fresh;
        ev->whys.n = whys;
        return seen;
    }
    /* a reference stays one: its id alone would not say what it is; but what the
     * author wrote there may be known */
    if (item && speaks_of_refs(item->type)) {
        struct value *written = ev->sealed ? eval_fact(ev, v) : NULL;
        return written && holds_refs(written) ? written : v;
    }
    /* what this plan makes or replaces stays open in the graph: whoever forces it
     * says which facts hold then, and the dependency stays visible */
    if (!ev->sealed && ref->phase >= PHASE_APPLY)
        return v;
    struct value *known = eval_fact(ev, v);
    if (known)
        return known;
    if (item && option(item) && ref->phase == PHASE_PLAN && ev->facts &&
        facts_find(ev->facts, ref->ref.address)) {
        struct value *none = value_none(ev->a);
        none->phase = PHASE_PLAN;
        return none;
    }
    return v;
}
