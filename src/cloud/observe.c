#include "cloud/observe.h"

#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "cloud/observer.h"
#include "lang/identity.h"
#include "lang/moved.h"
#include "plan/plan.h"

static struct listing *find_listing(struct observer *ob, const char *type, const char *account)
{
    for (size_t i = 0; i < ob->listings.n; i++) {
        struct listing *l = ob->listings.at[i];
        if (!strcmp(l->schema->name, type) && texts_equal(l->account, account))
            return l;
    }
    return NULL;
}

static struct listing *add_listing(struct observer *ob, const char *type, const char *account,
                                   struct span span)
{
    struct listing *l = find_listing(ob, type, account);
    const struct schema *s = schema_find(ob->o->schemas, type);
    if (l || !s || !schema_call(s, VERB_FIND))
        return l;
    l = arena_make(ob->arena, struct listing);
    *l = (struct listing){.schema = s, .account = account, .span = span};
    vec_push(ob->arena, &ob->listings, l);
    return l;
}

struct call_env observer_env(const struct observer *ob)
{
    const char *stack = ob->o->graph->stack;
    return (struct call_env){.stack = stack, .name_prefix = identity_name_prefix(ob->arena, stack)};
}

/* The type that the `parent` field of a type refers to. */
static const char *parent_type(const struct schema *s, const char **field)
{
    const struct value *p = map_find(&s->settings, "parent");
    const struct schema_field *f = p && p->kind == V_STRING ? schema_field(s, p->s) : NULL;
    const struct type *t = f ? f->type : NULL;
    while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET))
        t = t->elem;
    *field = p ? p->s : NULL;
    return t && t->kind == TYPE_K_REF ? t->name : NULL;
}

bool observer_absent(const struct schema_call *c, const char *code)
{
    for (size_t i = 0; code && i < c->item->absent.n; i++)
        if (!strcmp(c->item->absent.at[i], code))
            return true;
    return false;
}

bool observer_send(struct observer *ob, struct gather *g, struct listing *l, const struct schema_call *c,
                 const struct call_env *env, struct pending *out)
{
    struct value *input = schema_request(ob->o->schemas, ob->arena, ob->o->ds, l->schema, c, env);
    if (!input)
        return ob->ok = false;
    struct cloud_request req = {.service = c->service, .operation = c->operation,
                                .account = l->account, .input = input};
    *out = (struct pending){l, c, *env, gather_add(g, &req, l->span)};
    return true;
}

/* An id that an object carries, or the text itself where `find` lists ids. */
const char *observer_object_id(struct observer *ob, const struct listing *l, struct value *object)
{
    if (object->kind == V_STRING)
        return object->s;
    struct reading *r = schema_read(ob->o->schemas, ob->arena, ob->o->ds, l->schema, object);
    return r ? r->id : NULL;
}

static void found(struct observer *ob, struct gather *g, const struct pending *p)
{
    const struct cloud_reply *r = &g->calls.at[p->index].reply;
    if (!r->ok && observer_absent(p->call, r->error.code))
        return; /* the parent went away meanwhile */
    if (!r->ok && p->listing->extra && cloud_forbids(r->error.code)) {
        struct diag *d = diag_warn(ob->o->ds, "BG5041", NO_SPAN, "it cannot be seen whether a %s has left the spec: %s %s was refused",
                                   p->listing->schema->name, p->call->service, p->call->operation);
        diag_help(ob->o->ds, d, "give this identity the permission %s:%s", p->call->service, p->call->operation);
        return;
    }
    struct value *reply = gather_get(g, ob->o->ds, p->index);
    size_t n = 0;
    struct value **objects = reply ? schema_result(ob->o->schemas, ob->arena, ob->o->ds, p->listing->schema,
                                                   p->call, &p->env, reply, &n) : NULL;
    if (!reply || (!objects && n)) {
        ob->ok = false;
        return;
    }
    const char *field;
    const char *parent = parent_type(p->listing->schema, &field) ? value_get_string(p->env.props, field) : NULL;
    for (size_t i = 0; i < n; i++) {
        const char *id = observer_object_id(ob, p->listing, objects[i]);
        if (!id) {
            ob->ok = false;
            return;
        }
        vec_push(ob->arena, &p->listing->objects, objects[i]);
        vec_push(ob->arena, &p->listing->ids, id);
        vec_push(ob->arena, &p->listing->parents, parent);
    }
}

struct parents {
    VEC(const char *) ids;
};

static void add_parent(struct observer *ob, struct parents *out, const char *id)
{
    for (size_t i = 0; i < out->ids.n; i++)
        if (!strcmp(out->ids.at[i], id))
            return;
    vec_push(ob->arena, &out->ids, id);
}

/* All parents of a type in an account: ours and others that were found, and the
 * `existing`s of the program. */
static struct parents parents_of(struct observer *ob, const char *ptype, const char *account)
{
    struct parents out = {0};
    const struct listing *parent = find_listing(ob, ptype, account);
    for (size_t i = 0; parent && i < parent->ids.n; i++)
        add_parent(ob, &out, parent->ids.at[i]);
    for (size_t i = 0; i < ob->o->graph->nodes.n; i++) {
        const struct node *n = ob->o->graph->nodes.at[i];
        if (!n->existing || strcmp(n->type, ptype) || !texts_equal(n->account, account))
            continue;
        const struct value *f = facts_find(ob->facts, n->address);
        if (f && value_get_string(f, "id"))
            add_parent(ob, &out, value_get_string(f, "id"));
        for (size_t k = 0; f && f->kind == V_LIST && k < f->list.n; k++)
            if (value_get_string(f->list.at[k], "id"))
                add_parent(ob, &out, value_get_string(f->list.at[k], "id"));
    }
    return out;
}

/* What was adopted keeps the name that a hand gave it, so that a `find` by names does
 * not list it: its tags say whose it is. */
static void add_adopted(struct observer *ob, struct listing *l)
{
    for (size_t i = 0; i < ob->sweep.hits.n; i++) {
        const struct sweep_hit *h = &ob->sweep.hits.at[i];
        const char *adopted = value_get_string(h->tags, TAG_ADOPTED);
        bool mine = adopted && !strcmp(h->type, l->schema->name) &&
                    texts_equal(h->account, l->account) &&
                    !strcmp(adopted, live_mark(ob->arena, h->id));
        for (size_t k = 0; mine && k < l->ids.n; k++)
            mine = strcmp(l->ids.at[k], h->id) != 0;
        if (!mine)
            continue;
        vec_push(ob->arena, &l->objects, value_string(ob->arena, h->id));
        vec_push(ob->arena, &l->ids, h->id);
        vec_push(ob->arena, &l->parents, NULL);
    }
}

/* One `find` for each listing; where the type has a parent, one for each of the
 * parent's objects. Parents come first, so this runs until nothing is left. */
static void find_all(struct observer *ob)
{
    VEC(struct pending) calls;
    bool more = true;
    while (more && ob->ok) {
        struct gather g;
        gather_init(&g, ob->arena, ob->o->cloud);
        g.seen = ob->o->seen;
        memset(&calls, 0, sizeof calls);
        more = false;
        for (size_t i = 0; i < ob->listings.n; i++) {
            struct listing *l = ob->listings.at[i];
            const char *field, *ptype = parent_type(l->schema, &field);
            const struct listing *parent = ptype ? find_listing(ob, ptype, l->account) : NULL;
            if (l->asked || (parent && !parent->done))
                continue;
            l->asked = more = true;
            struct parents parents = {0};
            if (ptype)
                parents = parents_of(ob, ptype, l->account);
            for (const struct schema_call *c = schema_call(l->schema, VERB_FIND); c; c = schema_next(l->schema, c)) {
                struct call_env env = observer_env(ob);
                struct pending p;
                if (!ptype) {
                    if (observer_send(ob, &g, l, c, &env, &p))
                        vec_push(ob->arena, &calls, p);
                    continue;
                }
                for (size_t k = 0; k < parents.ids.n; k++) {
                    env.props = value_map(ob->arena);
                    value_put(env.props, field, value_string(ob->arena, parents.ids.at[k]));
                    if (observer_send(ob, &g, l, c, &env, &p))
                        vec_push(ob->arena, &calls, p);
                }
            }
        }
        gather_wait(&g);
        for (size_t i = 0; i < calls.n; i++)
            found(ob, &g, &calls.at[i]);
        for (size_t i = 0; i < ob->listings.n; i++) {
            struct listing *l = ob->listings.at[i];
            if (l->asked && !l->done)
                add_adopted(ob, l);
            l->done = l->asked;
        }
    }
}

/* ---- whose is it -------------------------------------------------------------- */

/* The node of the spec whose name it is in a world with this id (NULL: shared).
 * Names lose what AWS does not allow in them, so they are compared, not parsed. */
static const struct node *node_named(struct observer *ob, const struct schema *s, const char *id, const char *name)
{
    const struct graph *g = ob->o->graph;
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        const char *dot = strchr(n->address, '.');
        if (n->existing || strcmp(n->type, s->name) || !dot || (n->world != NULL) != (id != NULL))
            continue;
        const char *was = strchr(moved_from(ob->arena, g->program, n->address), '.');
        if (!strcmp(identity_physical_name(ob->arena, g->stack, n->world, id, dot + 1, s->name_limit), name) ||
            (was && !strcmp(identity_physical_name(ob->arena, g->stack, n->world, id, was + 1, s->name_limit), name)))
            return n;
    }
    return NULL;
}

/* "shop-web-7f3a2c91d0-alb" -> world "web/7f3a2c91d0", address "web.alb": for
 * what cannot be tagged. Only names that bgc makes are understood. */
static bool owner_by_name(struct observer *ob, const struct schema *s, const char *name, const char **world,
                          const char **address)
{
    const char *prefix = identity_name_prefix(ob->arena, ob->o->graph->stack);
    const struct node *n;
    if (!name || strncmp(name, prefix, strlen(prefix)))
        return false;
    const char *rest = name + strlen(prefix);
    if (!strncmp(rest, "shared-", 7)) {
        n = node_named(ob, s, NULL, name);
        *world = NULL;
        *address = n ? n->address : arena_printf(ob->arena, "shared.%s", rest + 7);
        return true;
    }
    for (const char *dash = strchr(rest, '-'); dash; dash = strchr(dash + 1, '-')) {
        if (strspn(dash + 1, "0123456789abcdef") != 10 || dash[11] != '-')
            continue;
        const char *id = arena_strndup(ob->arena, dash + 1, 10);
        n = node_named(ob, s, id, name);
        const char *w = n ? n->world : arena_strndup(ob->arena, rest, (size_t)(dash - rest));
        *world = arena_printf(ob->arena, "%s/%s", w, id);
        *address = n ? n->address : arena_printf(ob->arena, "%s.%s", w, dash + 12);
        return true;
    }
    return false;
}

/* The name that bgc would have given, for the check that tag and name agree. */
static const char *expected_name(struct observer *ob, const struct schema *s, const char *world, const char *address)
{
    const char *slash = world ? strchr(world, '/') : NULL, *dot = strchr(address, '.');
    const char *w = world ? arena_strndup(ob->arena, world, (size_t)(slash - world)) : "shared";
    return identity_physical_name(ob->arena, ob->o->graph->stack, w, slash ? slash + 1 : NULL,
                                  dot ? dot + 1 : address, s->name_limit);
}

/* What the spec calls it now, if that is of the same type. */
static const char *name_now(struct observer *ob, const struct schema *s, const char *address)
{
    const char *now = moved_to(ob->arena, ob->o->graph->program, address);
    const struct node *n = strcmp(now, address) ? graph_find(ob->o->graph, now) : NULL;
    return n && !n->existing && !strcmp(n->type, s->name) ? n->address : address;
}

/* Tag and name must both match; of what was adopted, tag and id. */
static const char *mismatch(struct observer *ob, const struct listing *l, const struct reading *r, const char *world,
                            const char *address)
{
    const char *name = value_get_string(r->fields, "name"), *adopted = value_get_string(r->tags, TAG_ADOPTED);
    const char *was = value_get_string(r->tags, TAG_WAS);
    if (adopted)
        return strcmp(adopted, live_mark(ob->arena, r->id))
                   ? arena_printf(ob->arena, "its tags are those of what was adopted as %s", adopted) : NULL;
    const char *said = value_get_string(r->tags, TAG_GENERATION);
    const char *want = said && !world ? plan_generation_name(ob->arena, ob->o->graph->stack, was ? was : address,
                                                             strtoll(said, NULL, 10), l->schema->name_limit)
                                      : expected_name(ob, l->schema, world, was ? was : address);
    return name && strcmp(name, want) ? arena_printf(ob->arena, "its name is %s and not %s", name, want) : NULL;
}

static struct live_resource *own(struct observer *ob, const struct listing *l, struct reading *r)
{
    const char *world = NULL, *address = NULL;
    const char *name = value_get_string(r->fields, "name");
    if (l->schema->taggable) {
        const char *stack = value_get_string(r->tags, TAG_STACK);
        if (!stack || strcmp(stack, ob->o->graph->stack))
            return NULL;
        world = value_get_string(r->tags, TAG_WORLD);
        address = value_get_string(r->tags, TAG_ADDRESS);
        if (!address || (world && !strchr(world, '/')))
            return NULL;
    } else if (!owner_by_name(ob, l->schema, name ? name : r->id, &world, &address)) {
        return NULL;
    }
    struct live_resource *lr = arena_make(ob->arena, struct live_resource);
    const char *now = name_now(ob, l->schema, address);
    *lr = (struct live_resource){.address = now, .was = strcmp(now, address) ? address : NULL, .type = l->schema->name, .world = world,
                                 .id = r->id, .account = l->account, .name = name ? name : r->id, .reading = r};
    lr->foreign_why = l->schema->taggable ? mismatch(ob, l, r, world, address) : NULL;
    lr->foreign = lr->foreign_why != NULL;
    return lr;
}

/* ---- which types are looked for ------------------------------------------------ */

static void add_extra(struct observer *ob, const char *type, const char *account)
{
    size_t before = ob->listings.n;
    struct listing *l = add_listing(ob, type, account, NO_SPAN);
    if (l && ob->listings.n > before)
        l->extra = true;
}

/* What stands below an `existing` is in the account of that; and a type whose parent
 * is not listed cannot be: the parents are listed too. */
static void add_parents(struct observer *ob)
{
    const struct graph *g = ob->o->graph;
    for (size_t i = 0; i < ob->listings.n; i++) {
        const struct listing *l = ob->listings.at[i];
        const char *field, *ptype = parent_type(l->schema, &field);
        for (size_t k = 0; ptype && l->extra && k < g->nodes.n; k++)
            if (g->nodes.at[k]->existing && !strcmp(g->nodes.at[k]->type, ptype))
                add_extra(ob, l->schema->name, g->nodes.at[k]->account);
        if (ptype)
            add_extra(ob, ptype, l->account);
    }
}

/* Types that can be made; all, or those that no sweep shows. */
static void add_types(struct observer *ob, bool all)
{
    size_t n;
    const char *const *types = schemas_names(ob->o->schemas, ob->arena, &n);
    for (size_t i = 0; i < n; i++) {
        const struct schema *s = schema_find(ob->o->schemas, types[i]);
        if (s && schema_call(s, VERB_CREATE) && (all || !sweep_knows(s)))
            add_extra(ob, types[i], NULL);
    }
    add_parents(ob);
}

/* In every account in which the program has a resource. */
static bool sweep_accounts(struct observer *ob)
{
    VEC(const char *) asked = {0};
    vec_push(ob->arena, &asked, NULL);
    for (size_t i = 0; i < ob->o->graph->nodes.n; i++) {
        const struct node *n = ob->o->graph->nodes.at[i];
        bool known = n->existing;
        for (size_t k = 0; k < asked.n; k++)
            known = known || texts_equal(asked.at[k], n->account);
        if (!known)
            vec_push(ob->arena, &asked, n->account);
    }
    for (size_t i = 0; i < asked.n; i++)
        if (!sweep_account(ob->o, ob->arena, asked.at[i], &ob->sweep))
            return false;
    for (size_t i = 0; i < ob->sweep.hits.n; i++)
        add_extra(ob, ob->sweep.hits.at[i].type, ob->sweep.hits.at[i].account);
    return true;
}

/* Finds and reads what is listed and was not yet, and keeps what is ours. */
static void look(struct observer *ob)
{
    size_t from = 0;
    while (from < ob->listings.n && ob->listings.at[from]->read)
        from++;
    find_all(ob);
    if (ob->ok)
        observer_read_more(ob);
    for (size_t i = from; i < ob->listings.n && ob->ok; i++) {
        struct listing *l = ob->listings.at[i];
        for (size_t k = 0; k < l->objects.n; k++) {
            if (!l->ids.at[k] || l->objects.at[k]->kind != V_MAP)
                continue;
            struct reading *r = schema_read(ob->o->schemas, ob->arena, ob->o->ds, l->schema, l->objects.at[k]);
            struct live_resource *lr = r ? own(ob, l, r) : NULL;
            if (!r)
                ob->ok = false;
            else if (lr)
                live_add(ob->arena, ob->live, lr);
        }
    }
}

/* A sweep that does not show what is known to be there is not believed: it lags, or
 * it does not know everything. */
static bool sweep_is_whole(struct observer *ob)
{
    for (size_t i = 0; i < ob->live->all.n; i++) {
        const struct live_resource *r = ob->live->all.at[i];
        const struct schema *s = schema_find(ob->o->schemas, r->type);
        if (s && sweep_knows(s) && !sweep_find(&ob->sweep, r->type, r->account, r->id))
            return false;
    }
    return true;
}

struct live *observe_live(const struct observe_args *o, struct arena *a, struct facts *facts, bool sweep)
{
    struct observer ob = {.o = o, .facts = facts, .arena = a, .live = arena_make(a, struct live), .ok = true};
    for (size_t i = 0; i < o->graph->nodes.n; i++)
        if (!o->graph->nodes.at[i]->existing)
            add_listing(&ob, o->graph->nodes.at[i]->type, o->graph->nodes.at[i]->account,
                        o->graph->nodes.at[i]->span);
    ob.ok = sweep_accounts(&ob);
    if (ob.ok)
        add_types(&ob, sweep);
    if (ob.ok)
        look(&ob);
    if (ob.ok && !sweep && !sweep_is_whole(&ob)) {
        add_types(&ob, true);
        look(&ob);
    }
    if (!ob.ok)
        return NULL;
    for (size_t i = 0; i < ob.live->all.n; i++) {
        const struct live_resource *r = ob.live->all.at[i];
        if (r->world)
            continue;
        value_put(r->reading->fields, "id", value_string(a, r->id));
        facts_put(facts, r->address, r->reading->fields);
    }
    ob.live->facts = facts;
    ob.live->at = clock_now(o->cloud->clock);
    return ob.live;
}

static struct live_resource *read_one(const struct observe_args *o, struct arena *a, const struct schema *s,
                                      const struct live_resource *r, bool brief, bool *absent)
{
    const struct node *n = graph_find(o->graph, r->address);
    struct value *object = NULL;
    *absent = false;
    for (const struct schema_call *c = schema_call(s, VERB_READ); c && !(brief && object); c = schema_next(s, c)) {
        struct call_env env = {.stack = o->graph->stack, .id = r->id, .ids = &r->id, .nids = 1,
                               .live = object ? object : r->reading ? r->reading->object : NULL,
                               .props = r->reading ? r->reading->fields : NULL};
        struct value *input = schema_request(o->schemas, a, o->ds, s, c, &env);
        if (!input)
            return NULL;
        struct cloud_request req = {.service = c->service, .operation = c->operation, .input = input,
                                    .account = n ? n->account : r->account, .address = r->address};
        struct cloud_reply reply;
        cloud_call(o->cloud, a, &req, &reply);
        if (!reply.ok && observer_absent(c, reply.error.code)) {
            *absent = true;
            return NULL;
        }
        if (!reply.ok) {
            cloud_report(o->ds, NO_SPAN, c->service, c->operation, r->address, &reply.error);
            return NULL;
        }
        if (!object) {
            size_t count;
            struct value **objects = schema_result(o->schemas, a, o->ds, s, c, &env, reply.output, &count);
            if (!objects || !count) {
                *absent = !count;
                return NULL;
            }
            object = objects[0];
        } else {
            object = schema_join(o->schemas, a, o->ds, s, c, &env, object, reply.output);
            if (!object)
                return NULL;
        }
    }
    if (!object)
        return NULL;
    struct live_resource *out = arena_make(a, struct live_resource);
    *out = *r;
    out->reading = schema_read(o->schemas, a, o->ds, s, object);
    return out->reading ? out : NULL;
}

struct live_resource *observe_one(const struct observe_args *o, struct arena *a, const struct schema *s,
                                  const struct live_resource *r, bool *absent)
{
    return read_one(o, a, s, r, false, absent);
}

struct live_resource *observe_brief(const struct observe_args *o, struct arena *a, const struct schema *s,
                                    const struct live_resource *r, bool *absent)
{
    return read_one(o, a, s, r, true, absent);
}
