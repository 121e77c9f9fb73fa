#include "cloud/ports.h"

#include <string.h>

struct port {
    struct ports *all;
    struct cloud cloud;
    VEC(uint64_t) open;
    VEC(struct cloud_reply) arrived; /* taken from the front */
    size_t taken;
};

struct ports {
    struct arena *arena;
    struct cloud *inner;
    VEC(struct port *) ports;
};

static uint64_t port_submit(void *self, const struct cloud_request *req)
{
    struct port *p = self;
    uint64_t ticket = cloud_submit(p->all->inner, req);
    vec_push(p->all->arena, &p->open, ticket);
    return ticket;
}

static bool owns(struct port *p, uint64_t ticket)
{
    for (size_t i = 0; i < p->open.n; i++)
        if (p->open.at[i] == ticket) {
            p->open.at[i] = p->open.at[--p->open.n];
            return true;
        }
    return false;
}

/* Then a reply may be another port's, and must outlive this caller's arena. */
static bool others_wait(const struct port *p)
{
    for (size_t i = 0; i < p->all->ports.n; i++)
        if (p->all->ports.at[i] != p && p->all->ports.at[i]->open.n)
            return true;
    return false;
}

static bool port_wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    struct port *p = self;
    for (;;) {
        if (p->taken < p->arrived.n) {
            *out = p->arrived.at[p->taken++];
            if (p->taken == p->arrived.n)
                p->taken = p->arrived.n = 0;
            return true;
        }
        struct arena *keep = others_wait(p) ? p->all->arena : a;
        if (!cloud_wait(p->all->inner, keep, deadline, out))
            return false;
        if (owns(p, out->ticket))
            return true;
        for (size_t i = 0; i < p->all->ports.n; i++)
            if (owns(p->all->ports.at[i], out->ticket))
                vec_push(p->all->arena, &p->all->ports.at[i]->arrived, *out);
    }
}

static void port_free(void *self)
{
    (void)self; /* in the session's arena */
}

static void port_declare(void *self, const char *alias, const char *role)
{
    const struct port *p = self;
    cloud_declare(p->all->inner, alias, role);
}

static const struct cloud_ops port_ops = {port_submit, port_wait, port_free, port_declare};

struct ports *ports_new(struct arena *session, struct cloud *inner)
{
    struct ports *p = arena_make(session, struct ports);
    p->arena = session;
    p->inner = inner;
    return p;
}

struct cloud *ports_open(struct ports *p)
{
    struct port *port = arena_make(p->arena, struct port);
    port->all = p;
    port->cloud = (struct cloud){.ops = &port_ops, .self = port, .clock = p->inner->clock};
    vec_push(p->arena, &p->ports, port);
    return &port->cloud;
}
