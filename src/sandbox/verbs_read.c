/* Reading: what a request is about, as far as reads see it already. */
#include <string.h>

#include "sandbox/verbs.h"
#include "schema/path.h"

/* What requests say and replies do not show. */
static bool is_unseen(const struct schema *schema, const char *member)
{
    for (size_t i = 0; i < schema->fields.n; i++) {
        const struct schema_field *f = &schema->fields.at[i];
        const struct wire_path *put = f->item->put;
        bool said = (f->mods & FIELD_WRITE_ONLY) ||
                    (f->item->get && !strcmp(f->item->get->steps->member, PARENT_MEMBER));
        if (said && put && !strcmp(put->steps->member, member))
            return true;
    }
    return false;
}

/* Members that further reads add are not in the first. */
static struct value *first_view(const struct doing *d, const struct object *o,
                                const struct value *seen)
{
    struct value *v = value_map_copy(d->a, seen);
    present(d->s, d->a, o, v);
    struct value *out = value_map(d->a);
    const struct schema_call *first = schema_call(o->schema, VERB_READ);
    for (size_t i = 0; i < v->map->n; i++) {
        const char *k = v->map->entries[i].key;
        bool other = !strncmp(k, "bgc:", 4) || is_unseen(o->schema, k) ||
                     (!strcmp(k, PARENT_MEMBER) && map_find(&o->schema->settings, "parent"));
        for (const struct schema_call *c = first ? schema_next(o->schema, first) : NULL;
             c && !other; c = schema_next(o->schema, c))
            other = c->item->result && !strcmp(path_last(c->item->result), k);
        /* A further read may only complete what the first one shows already. */
        if (!other || !strcmp(k, "Certificates"))
            value_put(out, k, v->map->entries[i].value);
    }
    return out;
}

static bool is_single(const struct schema_call *c)
{
    const char *last = c->item->result ? path_last(c->item->result) : "";
    size_t n = strlen(last);
    return !strncmp(c->operation, "Get", 3) ||
           (n && last[n - 1] != 's' && !c->batched && !c->item->where);
}

static bool indexed(const struct wire_path *p)
{
    const struct wire_step *s = p->steps;
    while (s->next)
        s = s->next;
    return s->indexed;
}

static void reply_objects(const struct doing *d, const struct schema_call *c, struct value **at,
                          size_t n)
{
    struct value *out = value_map(d->a);
    if (!c->item->result) {
        if (n)
            out = at[0];
    } else if (is_single(c) || indexed(c->item->result)) {
        if (n)
            path_put(d->a, out, c->item->result, NULL, at[0]);
    } else {
        path_put(d->a, out, c->item->result, NULL, value_list(d->a, at, n));
    }
    call_ok(d->c, out);
}

static const char *selector(void *self, const char *name)
{
    return !strcmp(name, "id") ? self : NULL;
}

/* A read that adds members to what the first one showed. */
static void read_more(const struct doing *d)
{
    struct value *out = value_map(d->a);
    size_t met = 0;
    const struct use *some = NULL;
    for (size_t i = 0; i < d->s->objects.n; i++) {
        struct object *o = d->s->objects.at[i];
        struct value *seen = strcmp(o->account, d->account) ? NULL : object_seen(d->s, o);
        const char *arn = seen ? object_arn(o) : NULL;
        const struct use *u = NULL;
        for (size_t k = 0; seen && k < d->uses.n && !u; k++)
            if (d->uses.at[k].schema == o->schema &&
                d->uses.at[k].call != schema_call(o->schema, VERB_READ))
                u = &d->uses.at[k];
        if (!u || !(value_mentions(d->input, o->id) || (arn && value_mentions(d->input, arn))))
            continue;
        met++;
        some = u;
        struct value *shown = value_map_copy(d->a, seen);
        present(d->s, d->a, o, shown);
        const struct wire_path *at = u->call->item->result;
        struct value *part = at ? value_get(shown, path_last(at)) : shown;
        struct path_names names = {selector, (void *)(uintptr_t)o->id};
        if (!at)
            path_merge(d->a, out, shown);
        else
            path_put(d->a, out, at, &names, part ? part : value_list(d->a, NULL, 0));
    }
    if (met) {
        call_ok(d->c, out);
        return;
    }
    some = &d->uses.at[0];
    for (size_t i = 0; i < d->uses.n; i++)
        if (d->uses.at[i].call->item->absent.n) {
            some = &d->uses.at[i];
            break;
        }
    verb_absent(d->c, some->schema,
                some->call->item->absent.n ? some->call->item->absent.at[0] : NULL,
                verb_said(d, some));
}

static bool wants(const struct value *ids, const char *id)
{
    if (!ids)
        return true;
    if (ids->kind == V_STRING)
        return !strcmp(verb_bare(ids->s), id);
    for (size_t i = 0; ids->kind == V_LIST && i < ids->list.n; i++)
        if (ids->list.at[i]->kind == V_STRING && !strcmp(verb_bare(ids->list.at[i]->s), id))
            return true;
    return false;
}

static size_t collect(const struct doing *d, const struct use *u, const struct value *ids,
                      struct value ***out)
{
    VEC(struct value *) at = {0};
    for (size_t i = 0; i < d->s->objects.n; i++) {
        struct object *o = d->s->objects.at[i];
        struct value *seen =
            o->schema == u->schema && !strcmp(o->account, d->account) ? object_seen(d->s, o) : NULL;
        if (!seen || (ids && !wants(ids, o->id)))
            continue;
        if (!ids && !match_object(d->s, d->a, o, seen, d->input, NULL))
            continue;
        vec_push(d->a, &at, first_view(d, o, seen));
    }
    *out = at.at;
    return at.n;
}

static size_t count_of(const struct value *ids)
{
    return !ids ? 0 : ids->kind == V_LIST ? ids->list.n : 1;
}

static const char *missing_id(const struct doing *d, const struct use *u, const struct value *ids)
{
    for (size_t i = 0; i < count_of(ids); i++) {
        const struct value *one = ids->kind == V_LIST ? ids->list.at[i] : ids;
        const char *id = one->kind == V_STRING ? verb_bare(one->s) : "";
        struct object *o = object_find(d->s, u->schema->name, d->account, id);
        if (!o || !object_seen(d->s, o))
            return id;
    }
    return NULL;
}

static const struct value *known_address(struct sandbox *s, const char *address,
                                         const struct value *object, const struct schema *schema)
{
    struct arena *a = arena_new("known");
    struct diags quiet;
    diags_init(&quiet, a, s->ss->program->ds->sources);
    struct reading *r = schema_read(s->ss, a, &quiet, schema, (struct value *)(uintptr_t)object);
    if (r)
        map_put(&s->known, arena_strdup(s->arena, address), arena_strdup(s->arena, r->id));
    arena_free(a);
    return object;
}

/* What the asking query and those that may share its call look for. */
static bool make_up(const struct doing *d, const struct use *u, struct value **at, size_t n)
{
    const struct cloud_request *req = &d->c->req;
    bool made = invent_wanted(d->s, d->a, u->schema, u->call, req, at, n) &&
                invent(d->s, d->a, u->schema, u->call, req, NULL);
    const struct graph *g = d->s->graph;
    const struct node *asks = g && req->address ? graph_find(g, req->address) : NULL;
    for (size_t i = 0; asks && asks->set && i < g->nodes.n; i++) {
        const struct node *o = g->nodes.at[i];
        if (o == asks || !o->existing || !o->set || strcmp(o->type, asks->type))
            continue;
        struct cloud_request other = *req;
        other.address = o->address;
        made = (invent_wanted(d->s, d->a, u->schema, u->call, &other, at, n) &&
                invent(d->s, d->a, u->schema, u->call, &other, NULL)) ||
               made;
    }
    return made;
}

static void read(const struct doing *d, const struct use *u)
{
    struct value *names = schema_unbind(d->s->ss, d->a, u->schema, u->call, d->input);
    const struct value *ids =
        value_get(names, "ids") ? value_get(names, "ids") : value_get(names, "id");
    if (u->call->verb != VERB_READ || u->call->item->where ||
        (ids && ids->kind != V_LIST && ids->kind != V_STRING))
        ids = NULL;
    const char *missing = missing_id(d, u, ids);
    if (missing && invent(d->s, d->a, u->schema, u->call, &d->c->req, missing))
        missing = missing_id(d, u, ids);
    const char *code = u->call->item->absent.n ? u->call->item->absent.at[0] : NULL;
    if (missing && code) {
        verb_absent(d->c, u->schema, code, missing);
        return;
    }
    struct value **at;
    size_t n = collect(d, u, ids, &at);
    if (u->call->verb == VERB_LOOKUP && make_up(d, u, at, n))
        n = collect(d, u, ids, &at);
    if (!n && code && u->call->verb != VERB_FIND) {
        verb_absent(d->c, u->schema, code, verb_said(d, u));
        return;
    }
    if (d->c->req.address && n == 1 && schema_call(u->schema, VERB_LOOKUP))
        known_address(d->s, d->c->req.address, at[0], u->schema);
    reply_objects(d, u->call, at, n);
}

static bool parent_missing(const struct doing *d, const struct use *u)
{
    const struct value *p = map_find(&u->schema->settings, "parent");
    struct value *fields = p && u->call->verb == VERB_FIND
                               ? schema_unrequest(d->s->ss, d->a, u->schema, u->call, d->input)
                               : NULL;
    const char *id = fields && p->kind == V_STRING ? value_get_string(fields, p->s) : NULL;
    if (!id || object_by_text(d->s, d->account, id) || !u->call->item->absent.n)
        return false;
    call_fail(d->c, u->call->item->absent.at[0], "'%s' does not exist", id);
    return true;
}

static bool names_ids(const struct doing *d, const struct use *u)
{
    struct value *names = schema_unbind(d->s->ss, d->a, u->schema, u->call, d->input);
    return !u->call->item->where && (value_get(names, "ids") || value_get(names, "id"));
}

/* One operation may be find, first read and lookup; members say which. NULL: it
 * is a read that adds members. */
static const struct use *reading_use(const struct doing *d)
{
    const struct use *best = NULL;
    for (size_t i = 0; i < d->uses.n; i++) {
        const struct use *u = &d->uses.at[i];
        bool first = u->call->verb == VERB_READ && u->call == schema_call(u->schema, VERB_READ);
        if (first && names_ids(d, u))
            return u;
        if (u->call->verb == VERB_READ && !first)
            continue;
        /* Only lookups are made for an address. */
        if (!best || (u->call->verb == VERB_LOOKUP && d->c->req.address))
            best = u;
    }
    return best;
}

void verb_read(const struct doing *d)
{
    const struct use *u = reading_use(d);
    if (!u)
        read_more(d);
    else if (!parent_missing(d, u))
        read(d, u);
}
