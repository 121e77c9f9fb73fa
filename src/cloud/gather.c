#include "cloud/gather.h"

#include <stdint.h>
#include <string.h>

void gather_init(struct gather *g, struct arena *a, struct cloud *c)
{
    *g = (struct gather){.cloud = c, .arena = a};
}

size_t gather_add(struct gather *g, const struct cloud_request *req, struct span span)
{
    struct gathered call = {.service = req->service, .operation = req->operation,
                            .address = req->address, .span = span};
    call.ticket = cloud_submit(g->cloud, req);
    vec_push(g->arena, &g->calls, call);
    g->open++;
    return g->calls.n - 1;
}

void gather_wait(struct gather *g)
{
    struct cloud_reply r;
    while (g->open) {
        /* A wait may end early (a signal); the replies are still owed. */
        if (!cloud_wait(g->cloud, g->arena, INT64_MAX, &r))
            continue;
        for (size_t i = 0; i < g->calls.n; i++)
            if (!g->calls.at[i].arrived && g->calls.at[i].ticket == r.ticket) {
                g->calls.at[i].reply = r;
                g->calls.at[i].arrived = true;
                g->open--;
                break;
            }
    }
}

struct value *gather_get(struct gather *g, struct diags *ds, size_t i)
{
    struct gathered *c = &g->calls.at[i];
    if (c->arrived && c->reply.ok)
        return c->reply.output ? c->reply.output : value_map(g->arena);
    cloud_report(ds, c->span, c->service, c->operation, c->address, &c->reply.error);
    return NULL;
}

/* What AWS says is shown, never trusted: control characters are made visible. */
static const char *shown(struct arena *a, const char *text)
{
    struct buf b;
    buf_init(&b, a);
    buf_put_visible(&b, text ? text : "");
    return buf_text(&b);
}

struct diag *cloud_report(struct diags *ds, struct span span, const char *service,
                          const char *operation, const char *address, const struct cloud_error *e)
{
    const char *code = e->code ? e->code : "no reply";
    struct diag *d;
    if (!strcmp(code, CLOUD_ERR_CREDENTIALS))
        d = diag_error(ds, "BG5101", span, "no usable AWS credentials: %s", shown(ds->arena, e->message));
    else if (!strcmp(code, CLOUD_ERR_CONNECT))
        d = diag_error(ds, "BG5201", span, "AWS cannot be reached: %s", shown(ds->arena, e->message));
    else if (!strcmp(code, CLOUD_ERR_LATE))
        d = diag_error(ds, "BG6106", span, "%s %s was not sent: the lease had run out", service, operation);
    else
        d = diag_error(ds, "BG5001", span, "AWS refused %s %s: %s: %s", service, operation,
                       shown(ds->arena, code), shown(ds->arena, e->message));
    if (address)
        diag_note(ds, d, "it was for %s", address);
    if (e->request_id)
        diag_note(ds, d, "request id %s", shown(ds->arena, e->request_id));
    if (strstr(code, "AccessDenied") || strstr(code, "UnauthorizedOperation") ||
        strstr(code, "NotAuthorized"))
        diag_help(ds, d, "give this identity the permission %s:%s; `bgc whoami` shows who it is", service, operation);
    return d;
}
