/* probe.c - the pseudo-service "probe": a request to the user's own service. */
#include <string.h>

#include "aws/aws_call.h"

enum { PROBE_MS = 10000, PROBE_BODY_MAX = 64 * 1024 };

bool probe_send(struct aws *w, struct aws_call *c)
{
    struct arena *a = c->arena;
    const struct value *in = c->req.input;
    if (strcmp(c->req.operation, "HttpGet") != 0)
        return aws_fail(c, CLOUD_ERR_UNKNOWN_OPERATION, "probe knows no %s", c->req.operation);
    const char *url = value_get_string(in, "Url"), *host = value_get_string(in, "Host");
    const char *to = value_get_string(in, "ConnectTo");
    struct uri u;
    size_t n = url ? strcspn(url, "?#") : 0;
    if (!url || !uri_parse(a, arena_strndup(a, url, n), &u))
        return aws_fail(c, CLOUD_ERR_INPUT, "the probe's address is no http or https URL: %s",
                        url ? url : "(none)");
    if (strpbrk(url, " \t\r\n\"") || (host && (!*host || strpbrk(host, "/:@?# \t\r\n,"))) ||
        (to && strpbrk(to, "/@?# \t\r\n,")))
        return aws_fail(c, CLOUD_ERR_INPUT, "the probe's address or host is no plain one");
    if (!host)
        host = u.host;
    else if (!to) /* the name moves into the URL, so the old host is where to go */
        to = strchr(u.host, ':') ? arena_printf(a, "[%s]", u.host) : u.host;
    const char *authority = strchr(host, ':') ? arena_printf(a, "[%s]", host) : host;
    if (!u.default_port)
        authority = arena_printf(a, "%s:%d", authority, u.port);
    /* The path as written, trailing slash and query included; no fragment. */
    const char *rest = strstr(url, "://") + 3;
    rest += strcspn(rest, "/?#");
    rest = arena_strndup(a, rest, strcspn(rest, "#"));
    const char *ca = value_get_string(in, "CaFile");
    struct http_request h = {
        .method = "GET",
        .url = arena_printf(a, "%s://%s%s%s", u.https ? "https" : "http", authority,
                            *rest == '/' ? "" : "/", rest),
        .total_ms = value_get_int(in, "TimeoutMs", PROBE_MS),
        .connect_ms = value_get_int(in, "TimeoutMs", PROBE_MS),
        .body_max = PROBE_BODY_MAX,
        .cut_body = true,
        .plain = !u.https,
        .connect_to = to,
        .ca_file = ca ? ca : w->cfg.probe_ca_file,
        .certificate = u.https,
        .once = true,
        .close = true,
    };
    c->transfer = http_start(w->http, &h);
    return true;
}

void probe_receive(struct aws_call *c, const struct http_result *r)
{
    struct arena *a = c->arena;
    struct value *out = value_map(a);
    bool ok = r->outcome == HTTP_OK;
    value_put(out, "Status", value_int(a, ok ? r->reply.status : 0));
    value_put(out, "LatencyMs", value_int(a, r->duration_ms));
    /* A body with a NUL ends there: it is for matching text. */
    value_put(out, "Body",
              value_string(a, ok ? arena_strndup(a, r->reply.body, r->reply.nbody) : ""));
    if (!ok)
        value_put(out, "Error", value_string(a, arena_strdup(a, r->why)));
    if (r->cert_subject || r->cert_expires) {
        struct value *cert = value_map(a);
        if (r->cert_subject)
            value_put(cert, "Subject", value_string(a, arena_strdup(a, r->cert_subject)));
        if (r->cert_expires)
            value_put(cert, "NotAfter", value_string(a, arena_strdup(a, r->cert_expires)));
        value_put(out, "Certificate", cert);
    }
    c->reply.ok = true;
    c->reply.output = out;
}
