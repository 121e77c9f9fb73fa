#include "cloud/sweep.h"

#include <string.h>

#include "base/intern.h"
#include "cloud/gather.h"

/* What is asked: declared in the standard library. */
static const char SWEEP[] = "tagging.resource";

bool sweep_knows(const struct schema *s)
{
    return map_has(&s->settings, "arn");
}

static void add_hit(const struct observe_args *o, struct arena *a, const char *account,
                    const struct reading *r, const char *const *types, size_t n, struct sweep *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct schema *s = schema_find(o->schemas, types[i]);
        const char *id = s ? schema_arn_id(a, s, r->id) : NULL;
        if (!id)
            continue;
        vec_push(a, &out->hits, (struct sweep_hit){s->name, id, account, r->tags});
        return;
    }
}

bool sweep_account(const struct observe_args *o, struct arena *a, const char *account, struct sweep *out)
{
    const struct schema *s = schema_find(o->schemas, SWEEP);
    const struct schema_call *c = s ? schema_call(s, VERB_LOOKUP) : NULL;
    struct call_env env = {.stack = o->graph->stack};
    struct value *input = c ? schema_request(o->schemas, a, o->ds, s, c, &env) : NULL;
    if (!input)
        return false;
    struct gather g;
    gather_init(&g, a, o->cloud);
    struct cloud_request req = {.service = c->service, .operation = c->operation, .account = account, .input = input};
    size_t call = gather_add(&g, &req, NO_SPAN);
    gather_wait(&g);
    struct value *reply = gather_get(&g, o->ds, call);
    size_t n = 0, ntypes;
    struct value **at = reply ? schema_result(o->schemas, a, o->ds, s, c, &env, reply, &n) : NULL;
    if (!reply || (!at && n))
        return false;
    const char *const *types = schemas_names(o->schemas, a, &ntypes);
    for (size_t i = 0; i < n; i++) {
        struct reading *r = schema_read(o->schemas, a, o->ds, s, at[i]);
        if (!r)
            return false;
        add_hit(o, a, account, r, types, ntypes, out);
    }
    return true;
}

const struct sweep_hit *sweep_find(const struct sweep *s, const char *type, const char *account, const char *id)
{
    for (size_t i = 0; i < s->hits.n; i++) {
        const struct sweep_hit *h = &s->hits.at[i];
        if (!strcmp(h->type, type) && texts_equal(h->account, account) && !strcmp(h->id, id))
            return h;
    }
    return NULL;
}
