#include <string.h>

#include "schema/internal.h"

static enum wait_state holds(struct schemas *ss, struct arena *a, const struct schema *s,
                             const struct type_item *it, const struct reading *r)
{
    struct lens_ctx ctx = lens_context(ss, a, ss->program->ds, s);
    struct call_env env = {
        .id = r ? r->id : NULL, .props = r ? r->fields : NULL, .live = r ? r->object : NULL};
    struct call_names n = {.ctx = &ctx, .s = s, .env = &env};
    struct names names = call_names(&n);
    struct value *v = names_eval(ss->program, a, ss->program->ds, it->cond, &names);
    if (!v || v->kind != V_BOOL)
        return WAIT_BAD;
    return v->b ? WAIT_DONE : WAIT_PENDING;
}

enum wait_state schema_wait(struct schemas *ss, struct arena *a, const struct schema *s,
                            const char *moment, const struct reading *r, int64_t *budget,
                            int64_t *every)
{
    for (size_t i = 0; i < s->waits.n; i++) {
        const struct type_item *it = s->waits.at[i];
        const char *m = it->subject.text ? it->subject.text : "create";
        if (strcmp(m, moment))
            continue;
        enum wait_state state = holds(ss, a, s, it, r);
        if (state == WAIT_DONE)
            continue;
        *budget = it->within;
        *every = it->every ? it->every : 5000;
        return state;
    }
    return WAIT_DONE;
}
