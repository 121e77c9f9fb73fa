#include "cloud/adopt.h"

#include <string.h>

#include "base/intern.h"

struct adoption {
    const struct observe_args *o;
    struct arena *arena;
    const struct decl *decl;
    const struct node *node;
    const struct schema *schema;
    const char *world; /* "web/7f3a2c91d0"; NULL: shared */
};

static bool refused(const struct adoption *x, const char *help, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static bool refused(const struct adoption *x, const char *help, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    struct diag *d = diag_error(x->o->ds, "BG6031", x->decl->path2_span, "%s cannot be adopted: %s", x->decl->path2,
                                arena_vprintf(x->arena, fmt, ap));
    va_end(ap);
    if (help)
        diag_help(x->o->ds, d, "%s", help);
    return false;
}

/* Whether it is ours already, in this world or in one before it. */
static bool was_adopted(const struct adoption *x, const struct reading *r, bool *theirs)
{
    const char *stack = value_get_string(r->tags, TAG_STACK), *address = value_get_string(r->tags, TAG_ADDRESS);
    *theirs = stack && strcmp(stack, x->o->graph->stack);
    return stack && !*theirs && address && !strcmp(address, x->node->address);
}

static bool adopt_one(const struct adoption *x, struct live *l, struct facts *facts)
{
    const struct live_resource *have = live_find(l, x->world, x->node->address);
    const char *id = x->decl->path2;
    if (have && !strcmp(have->id, id))
        return true;
    if (have)
        return refused(x, "remove the `adopt` line, or rename the resource", "%s is %s already", x->node->address, have->id);
    if (!x->schema->taggable || !schema_call(x->schema, VERB_TAG))
        return refused(x, "write it as an `existing`, or let bgc make one of its own", "a %s cannot be tagged, and is owned by the name that bgc gives it",
                       x->schema->name);
    struct live_resource *r = arena_make(x->arena, struct live_resource);
    *r = (struct live_resource){.address = x->node->address, .type = x->node->type, .world = x->world, .id = id,
                                .account = x->node->account, .adopt = true};
    bool absent, theirs;
    size_t errors = x->o->ds->errors;
    struct live_resource *now = observe_one(x->o, x->arena, x->schema, r, &absent);
    if (!now && absent)
        return refused(x, "look for its id in the console; it must be in this account and region", "there is no such %s", x->schema->name);
    if (!now)
        return x->o->ds->errors > errors ? false : refused(x, NULL, "it cannot be read");
    /* In this world AWS's list of tags, which lags, may not show it yet; in one before it
     * the line is history. */
    now->adopt = !was_adopted(x, now->reading, &theirs);
    if (!now->adopt && !texts_equal(value_get_string(now->reading->tags, TAG_WORLD), x->world))
        return true;
    const char *address = value_get_string(now->reading->tags, TAG_ADDRESS);
    if (theirs)
        return refused(x, "let that stack give it up first", "it is %s of stack %s", address ? address : "something",
                       value_get_string(now->reading->tags, TAG_STACK));
    if (now->adopt && value_get_string(now->reading->tags, TAG_STACK))
        return refused(x, "to rename it, write `moved`", "it is %s of this stack", address ? address : "something");
    const char *name = value_get_string(now->reading->fields, "name");
    now->name = name ? name : now->id;
    live_add(x->arena, l, now);
    value_put(now->reading->fields, "id", value_string(x->arena, now->id));
    if (!now->world)
        facts_put(facts, now->address, now->reading->fields);
    return true;
}

bool adopt_all(const struct observe_args *o, struct arena *a, struct live *l, struct facts *facts)
{
    const struct program *p = o->graph->program;
    bool ok = true;
    for (size_t i = 0; i < p->adopts.n; i++) {
        struct adoption x = {.o = o, .arena = a, .decl = p->adopts.at[i]};
        const char *address = x.decl->path ? x.decl->path : x.decl->name.text;
        x.node = graph_find(o->graph, address);
        x.schema = x.node ? schema_find(o->schemas, x.node->type) : NULL;
        if (!x.schema || x.node->existing)
            continue;
        const struct world *w = x.node->world ? graph_world(o->graph, x.node->world) : NULL;
        x.world = w ? arena_printf(a, "%s/%s", w->name, w->id) : NULL;
        ok = adopt_one(&x, l, facts) && ok;
    }
    return ok;
}
