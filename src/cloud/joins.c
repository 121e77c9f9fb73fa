/* Further reads: what `find` does not show of an object, for all objects at once. */
#include "cloud/observer.h"

#include <string.h>

enum { MAX_BATCH = 1000 };

static size_t batch_size(const struct schema_call *c)
{
    if (!c->batched)
        return 1;
    return c->item->batch > 0 && c->item->batch < MAX_BATCH ? (size_t)c->item->batch : MAX_BATCH;
}

/* An object that a read is for. */
struct slot {
    struct listing *listing;
    const struct schema_call *call;
    size_t i; /* in the listing */
};

/* One request, and what its reply is joined to: objects of several types, where
 * these ask the same of the service (tags, mostly). */
struct join {
    const struct slot *slots;
    size_t n;
    struct pending p; /* of the first slot */
};

static bool ask_join(struct observer *ob, struct gather *g, const struct slot *slots, size_t n,
                     struct join *out)
{
    struct listing *l = slots->listing;
    const char **ids = arena_array(ob->arena, const char *, n);
    for (size_t i = 0; i < n; i++)
        ids[i] = slots[i].listing->ids.at[slots[i].i];
    struct call_env env = observer_env(ob);
    *out = (struct join){.slots = slots, .n = n};
    env.id = ids[0];
    env.ids = ids;
    env.nids = n;
    env.live = l->objects.at[slots->i]->kind == V_MAP ? l->objects.at[slots->i] : NULL;
    return observer_send(ob, g, l, slots->call, &env, &out->p);
}

static void joined(struct observer *ob, struct gather *g, const struct join *j);

/* One of many is gone, and AWS refused them all: ask for each by itself. */
static void one_by_one(struct observer *ob, const struct join *j)
{
    struct gather g;
    gather_init(&g, ob->arena, ob->o->cloud);
    VEC(struct join) singles = {0};
    for (size_t i = 0; i < j->n && ob->ok; i++) {
        struct join one;
        if (ask_join(ob, &g, &j->slots[i], 1, &one))
            vec_push(ob->arena, &singles, one);
    }
    gather_wait(&g);
    for (size_t i = 0; i < singles.n; i++)
        joined(ob, &g, &singles.at[i]);
}

static void joined(struct observer *ob, struct gather *g, const struct join *j)
{
    const struct pending *p = &j->p;
    struct listing *l = p->listing;
    const struct cloud_reply *r = &g->calls.at[p->index].reply;
    if (!r->ok && observer_absent(p->call, r->error.code)) {
        if (j->n > 1)
            one_by_one(ob, j);
        else
            l->ids.at[j->slots->i] = NULL; /* it went away between two calls */
        return;
    }
    struct value *reply = gather_get(g, ob->o->ds, p->index);
    if (!reply) {
        ob->ok = false;
        return;
    }
    if (p->call == schema_call(l->schema, VERB_READ)) {
        size_t n;
        struct value **objects = schema_result(ob->o->schemas, ob->arena, ob->o->ds, l->schema,
                                               p->call, &p->env, reply, &n);
        for (size_t i = 0; objects && i < n; i++) {
            const char *id = observer_object_id(ob, l, objects[i]);
            for (size_t k = 0; id && k < j->n; k++)
                if (l->ids.at[j->slots[k].i] && !strcmp(l->ids.at[j->slots[k].i], id))
                    l->objects.at[j->slots[k].i] = schema_child(ob->arena, l->schema, objects[i],
                                                                l->parents.at[j->slots[k].i]);
        }
        return;
    }
    for (size_t i = 0; i < j->n; i++) {
        const struct slot *to = &j->slots[i];
        struct call_env env = p->env;
        env.id = to->listing->ids.at[to->i];
        if (!env.id)
            continue;
        struct value *object = schema_join(ob->o->schemas, ob->arena, ob->o->ds,
                                           to->listing->schema, to->call, &env,
                                           to->listing->objects.at[to->i], reply);
        if (object)
            to->listing->objects.at[to->i] = object;
    }
}

/* Only while nothing refers to places in the listing. */
static void without_gone(struct listing *l)
{
    size_t k = 0;
    for (size_t i = 0; i < l->ids.n; i++)
        if (l->ids.at[i]) {
            l->ids.at[k] = l->ids.at[i];
            l->parents.at[k] = l->parents.at[i];
            l->objects.at[k++] = l->objects.at[i];
        }
    l->ids.n = l->objects.n = l->parents.n = k;
}

/* ---- which further reads, and in how few calls ------------------------------- */

static bool speaks_of(const struct expr *e, const char *name)
{
    if (!e)
        return false;
    if (e->kind == EXPR_NAME && !strcmp(e->name.text, name))
        return true;
    for (const struct arg *x = e->args; x; x = x->next)
        if (speaks_of(x->value, name) || speaks_of(x->key, name))
            return true;
    for (const struct part *x = e->parts; x; x = x->next)
        if (speaks_of(x->expr, name))
            return true;
    return speaks_of(e->a, name) || speaks_of(e->b, name) || speaks_of(e->c, name) ||
           speaks_of(e->key, name);
}

static bool begins_with(const struct wire_path *w, const char *member)
{
    return w && w->steps && w->steps->member && !strcmp(w->steps->member, member);
}

/* The member of the object that a further read adds. */
static const char *member_of(const struct schema_call *c)
{
    const char *member = NULL;
    const struct wire_path *result = c->item->result;
    for (const struct wire_step *w = result ? result->steps : NULL; w; w = w->next)
        member = w->member ? w->member : member;
    return member;
}

static bool feeds_tags(const struct schema *s, const struct schema_call *c)
{
    const struct value *tags = map_find(&s->settings, "tags");
    const char *place = tags ? value_get_string(tags, value_get(tags, "get") ? "get" : "at") : NULL;
    const char *member = member_of(c);
    return member && (!strcmp(member, "Tags") || (place && !strcmp(place, member)));
}

/* Whether the sweep's tags, which lag, may decide whose it is. In a world nothing is
 * renamed or replaced, so what was said at creation holds; what is shared may go by
 * another address since (`moved`), and is believed only where the program still says
 * that address and AWS would show the tags of one id a call. Of what is resized while
 * traffic moves the later tags matter: what it was before is written there. */
static bool sweep_settles(const struct observer *ob, const struct schema *s, const struct schema_call *c,
                          const struct sweep_hit *h)
{
    const char *address = value_get_string(h->tags, TAG_ADDRESS);
    if (!address || map_has(&s->settings, "dormant"))
        return false;
    const struct node *n = graph_find(ob->o->graph, address);
    return value_get_string(h->tags, TAG_WORLD) || (!c->batched && n && !n->existing && !strcmp(n->type, s->name));
}

/* Tags that need no call of their own: a later one that the sweep lacks is set again.
 * false: ask. */
static bool tags_from_sweep(struct observer *ob, struct listing *l, const struct schema_call *c,
                            size_t i)
{
    if (!feeds_tags(l->schema, c) || l->objects.at[i]->kind != V_MAP)
        return false;
    const struct sweep_hit *h = sweep_find(&ob->sweep, l->schema->name, l->account, l->ids.at[i]);
    if (!h || !sweep_settles(ob, l->schema, c, h))
        return false;
    schema_store_tags(ob->arena, l->schema, h->tags, l->objects.at[i]);
    return true;
}

/* A read that feeds nothing but `live` fields tells nothing of what differs: it
 * is made when somebody asks for that one resource (observe_one). */
static bool feeds_live_only(const struct schema *s, const struct schema_call *c)
{
    const char *member = member_of(c);
    if (!member || feeds_tags(s, c))
        return false;
    bool live = false;
    for (size_t i = 0; i < s->fields.n; i++) {
        const struct type_item *f = s->fields.at[i].item;
        if (!begins_with(f->put, member) && !begins_with(f->get, member) &&
            !speaks_of(f->put_expr, member) && !speaks_of(f->get_expr, member))
            continue;
        if (!(s->fields.at[i].mods & FIELD_LIVE))
            return false;
        live = true;
    }
    return live;
}

/* Objects that one kind of request asks about. */
struct asking {
    struct listing *listing;
    const struct schema_call *call;
    struct value *sample; /* the request for one made-up id; NULL: it is not for many */
    VEC(struct slot) slots;
};

struct askings {
    VEC(struct asking *) at;
};

/* What differs in nothing but ids is asked together. */
static struct asking *asking_of(struct observer *ob, struct askings *all, struct listing *l,
                                const struct schema_call *c)
{
    struct value *sample = NULL;
    if (c->batched) {
        const char *any = "-";
        struct call_env env = observer_env(ob);
        env.id = any;
        env.ids = &any;
        env.nids = 1;
        sample = schema_request(ob->o->schemas, ob->arena, ob->o->ds, l->schema, c, &env);
    }
    for (size_t i = 0; sample && i < all->at.n; i++) {
        struct asking *k = all->at.at[i];
        if (k->sample && !strcmp(k->call->service, c->service) &&
            !strcmp(k->call->operation, c->operation) && batch_size(k->call) == batch_size(c) &&
            texts_equal(k->listing->account, l->account) &&
            value_equal(k->sample, sample))
            return k;
    }
    struct asking *k = arena_make(ob->arena, struct asking);
    *k = (struct asking){.listing = l, .call = c, .sample = sample};
    vec_push(ob->arena, &all->at, k);
    return k;
}

static void ask_and_join(struct observer *ob, const struct askings *all)
{
    struct gather g;
    gather_init(&g, ob->arena, ob->o->cloud);
    VEC(struct join) joins = {0};
    for (size_t i = 0; i < all->at.n && ob->ok; i++) {
        const struct asking *k = all->at.at[i];
        size_t most = batch_size(k->call);
        for (size_t at = 0; at < k->slots.n; at += most) {
            struct join j;
            size_t left = k->slots.n - at;
            if (ask_join(ob, &g, &k->slots.at[at], left < most ? left : most, &j))
                vec_push(ob->arena, &joins, j);
        }
    }
    gather_wait(&g);
    for (size_t i = 0; i < joins.n; i++)
        joined(ob, &g, &joins.at[i]);
}

/* `find` gives objects or ids; the first `read` is needed for ids only. */
static void add_asking(struct observer *ob, struct askings *all, struct listing *l,
                       const struct schema_call *c)
{
    struct asking *k = NULL;
    bool first = c == schema_call(l->schema, VERB_READ);
    for (size_t i = 0; i < l->ids.n; i++) {
        if (first ? l->objects.at[i]->kind != V_STRING : tags_from_sweep(ob, l, c, i))
            continue;
        k = k ? k : asking_of(ob, all, l, c);
        vec_push(ob->arena, &k->slots, (struct slot){l, c, i});
    }
}

void observer_read_more(struct observer *ob)
{
    struct askings first = {0}, further = {0};
    for (size_t i = 0; i < ob->listings.n; i++) {
        struct listing *l = ob->listings.at[i];
        const struct schema_call *c = schema_call(l->schema, VERB_READ);
        if (!l->read && c)
            add_asking(ob, &first, l, c);
    }
    ask_and_join(ob, &first); /* objects must be there before others are joined to them */
    for (size_t i = 0; i < ob->listings.n && ob->ok; i++) {
        struct listing *l = ob->listings.at[i];
        if (l->read)
            continue;
        l->read = true;
        without_gone(l);
        const struct schema_call *c = schema_call(l->schema, VERB_READ);
        while (c && (c = schema_next(l->schema, c)))
            if (!feeds_live_only(l->schema, c))
                add_asking(ob, &further, l, c);
    }
    ask_and_join(ob, &further);
}
