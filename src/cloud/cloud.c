#include "cloud/cloud.h"

#include "cloud/trace.h"

uint64_t cloud_submit(struct cloud *c, const struct cloud_request *req)
{
    uint64_t ticket = c->ops->submit(c->self, req);
    if (c->trace)
        trace_begin(c->trace, ticket, req, clock_now(c->clock));
    return ticket;
}

bool cloud_wait(struct cloud *c, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    *out = (struct cloud_reply){0};
    if (!c->ops->wait(c->self, a, deadline, out))
        return false;
    if (c->trace)
        trace_end(c->trace, out);
    return true;
}

bool cloud_call(struct cloud *c, struct arena *a, const struct cloud_request *req,
                struct cloud_reply *out)
{
    uint64_t ticket = cloud_submit(c, req);
    /* A wait may end early (a signal); the reply is still owed, and every
     * implementation bounds the time of a call. */
    while (!cloud_wait(c, a, INT64_MAX, out) || out->ticket != ticket)
        ;
    return out->ok;
}

void cloud_sleep(struct cloud *c, int64_t until)
{
    struct arena *a = arena_new("sleep");
    struct cloud_reply ignored;
    /* Nothing is under way, so that a reply could only be a stray one. */
    while (clock_now(c->clock) < until && cloud_wait(c, a, until, &ignored))
        ;
    arena_free(a);
}

void cloud_free(struct cloud *c)
{
    if (c && c->ops->free)
        c->ops->free(c->self);
}

void cloud_declare(struct cloud *c, const char *alias, const char *role)
{
    if (c->ops->declare)
        c->ops->declare(c->self, alias, role);
}

static const char *text_copy(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

struct value *cloud_value_copy(struct arena *a, const struct value *v)
{
    if (!v)
        return NULL;
    struct value *c = value_copy(a, v);
    switch (v->kind) {
    case V_STRING:
    case V_CIDR:
    case V_REGEX:
        c->s = arena_strdup(a, v->s);
        break;
    case V_LIST:
    case V_SET:
        c->list.at = arena_array(a, struct value *, v->list.n);
        for (size_t i = 0; i < v->list.n; i++)
            c->list.at[i] = cloud_value_copy(a, v->list.at[i]);
        break;
    case V_MAP: {
        struct value *m = value_map(a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(m, arena_strdup(a, v->map->entries[i].key),
                      cloud_value_copy(a, v->map->entries[i].value));
        c->map = m->map;
        c->map_parts = m->map_parts;
        break;
    }
    default: /* the rest does not occur on the wire, or holds no pointers */
        break;
    }
    return c;
}

struct cloud_request cloud_request_copy(struct arena *a, const struct cloud_request *req)
{
    struct cloud_request c = *req;
    c.service = text_copy(a, req->service);
    c.operation = text_copy(a, req->operation);
    c.account = text_copy(a, req->account);
    c.address = text_copy(a, req->address);
    c.input = cloud_value_copy(a, req->input);
    return c;
}
