#include "cloud/gather.h"

#include <stdint.h>
#include <string.h>

void seen_init(struct seen *s, struct arena *a)
{
    *s = (struct seen){.arena = a};
    map_init(&s->asked, a);
}

/* NULL: what is secret prints alike, and is asked each time. */
static const char *key_of(struct arena *a, const struct cloud_request *req)
{
    if (req->input && value_secret(req->input))
        return NULL;
    return arena_printf(a, "%s %s %s %s", req->account ? req->account : "", req->service,
                        req->operation, req->input ? value_text(a, req->input) : "");
}

/* What was asked: of `by` while it is under way, at `index` there. */
struct seen_reply {
    const struct gather *by; /* NULL: it is over */
    size_t index;
    struct value *output;    /* NULL: not yet, or it was refused */
};

struct value *seen_output(const struct seen *s, const struct cloud_request *req)
{
    const char *key = s ? key_of(s->arena, req) : NULL;
    const struct seen_reply *known = key ? map_find(&s->asked, key) : NULL;
    return known ? known->output : NULL;
}

void gather_init(struct gather *g, struct arena *a, struct cloud *c)
{
    *g = (struct gather){.cloud = c, .arena = a};
}

size_t gather_add(struct gather *g, const struct cloud_request *req, struct span span)
{
    struct gathered call = {.service = req->service, .operation = req->operation,
                            .address = req->address, .span = span};
    const char *key = g->seen ? key_of(g->seen->arena, req) : NULL;
    if (key) {
        call.shared = map_find(&g->seen->asked, key);
        if (call.shared && call.shared->by == g)
            return call.shared->index;
        if (!call.shared) {
            call.shared = arena_make(g->seen->arena, struct seen_reply);
            *call.shared = (struct seen_reply){0};
            map_put(&g->seen->asked, key, call.shared);
        }
        call.shared->by = g;
        call.shared->index = g->calls.n;
    }
    if (call.shared && call.shared->output) {
        call.reply = (struct cloud_reply){.ok = true, .output = call.shared->output};
        call.arrived = true;
    } else {
        call.ticket = cloud_submit(g->cloud, req);
        g->open++;
    }
    vec_push(g->arena, &g->calls, call);
    return g->calls.n - 1;
}

static void arrived(struct gather *g, struct gathered *c, const struct cloud_reply *r)
{
    c->reply = *r;
    c->arrived = true;
    g->open--;
    if (c->shared && r->ok)
        c->shared->output = r->output;
}

/* Another gather may stand in the same place: nothing is under way here any more. */
static void over(struct gather *g)
{
    for (size_t i = 0; i < g->calls.n; i++)
        if (g->calls.at[i].shared)
            g->calls.at[i].shared->by = NULL;
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
                arrived(g, &g->calls.at[i], &r);
                break;
            }
    }
    over(g);
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

bool cloud_forbids(const char *code)
{
    return code && (strstr(code, "AccessDenied") || strstr(code, "UnauthorizedOperation") || strstr(code, "NotAuthorized"));
}

bool cloud_shuts_out(const char *code)
{
    static const char *const codes[] = {CLOUD_ERR_CREDENTIALS, "ExpiredToken", "ExpiredTokenException", "RequestExpired",
                                        "TokenRefreshRequired", "InvalidClientTokenId", "InvalidToken", "InvalidAccessKeyId",
                                        "UnrecognizedClientException", "MissingAuthenticationToken", "AuthFailure",
                                        "SignatureDoesNotMatch", "InvalidSignatureException"};
    for (size_t i = 0; code && i < sizeof codes / sizeof *codes; i++)
        if (!strcmp(code, codes[i]))
            return true;
    return cloud_forbids(code);
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
    if (cloud_forbids(code))
        diag_help(ds, d, "give this identity the permission %s:%s; `bgc whoami` shows who it is", service, operation);
    return d;
}
