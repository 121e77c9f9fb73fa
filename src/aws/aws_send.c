/* aws_send.c - the life of one call: encode, sign, send, understand, follow pages. */
#include <ctype.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws_call.h"
#include "base/digest.h"
#include "cloud/retry.h"
#include "cloud/trace.h"

enum { SKEW_MS = 4 * 60 * 1000, PAGES_MAX = 10000 };

bool aws_fail(struct aws_call *c, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    c->reply.ok = false;
    c->reply.error.code = code;
    c->reply.error.message = arena_vprintf(c->arena, fmt, ap);
    va_end(ap);
    return false;
}

/* ---- sending ----------------------------------------------------------- */

/* NULL: call->reply says why. */
static const struct service_model *model_of(struct aws *w, struct aws_call *c)
{
    struct service_model *m = map_find(&w->models, c->req.service);
    if (m)
        return m;
    const struct value *record = service_find(&w->cfg.services, c->req.service);
    const char *why = NULL;
    m = arena_make(w->arena, struct service_model);
    if (!record || !service_model_build(w->arena, c->req.service, record, m, &why)) {
        aws_fail(c, CLOUD_ERR_UNKNOWN_OPERATION, "%s",
                 why ? why : arena_printf(c->arena, "no service %s is declared", c->req.service));
        return NULL;
    }
    map_put(&w->models, m->name, m);
    return m;
}

static const struct creds *creds_of(struct aws *w, struct aws_call *c)
{
    struct creds_error e = {0};
    const struct creds *creds;
    const struct aws_account *acc = c->req.account ? aws_account(w, c->req.account) : NULL;
    if (c->req.account && !acc) {
        aws_fail(c, CLOUD_ERR_CREDENTIALS, "no account %s is declared", c->req.account);
        return NULL;
    }
    creds = acc && acc->role ? creds_assume(w->creds, acc->role, acc->external_id, &e)
                             : creds_get(w->creds, &e);
    if (creds)
        return creds;
    struct buf b;
    buf_init(&b, c->arena);
    buf_puts(&b, e.message);
    for (size_t i = 0; i < e.nnotes; i++)
        buf_printf(&b, "; %s", e.notes[i]);
    aws_fail(c, CLOUD_ERR_CREDENTIALS, "%s", buf_text(&b));
    return NULL;
}

/* What DNS and a wildcard certificate can carry in front of a host name. */
static bool dns_label(const char *s)
{
    size_t n = strlen(s);
    if (n < 3 || n > 63 || s[0] == '-' || s[n - 1] == '-')
        return false;
    for (; *s; s++)
        if (!islower((unsigned char)*s) && !isdigit((unsigned char)*s) && *s != '-')
            return false;
    return true;
}

struct target {
    const char *host; /* as the Host header has it */
    const char *path; /* encoded */
    const char *url;
};

static struct target target_of(struct arena *a, const struct endpoint *e,
                               const struct wire_request *r)
{
    const char *host = e->uri.host, *path = r->path, *label = r->host_label;
    if (label && !e->custom && dns_label(label)) {
        host = arena_printf(a, "%s.%s", label, host);
    } else if (label) {
        struct buf b;
        buf_init(&b, a);
        buf_putc(&b, '/');
        uri_put(&b, label, "");
        if (strcmp(path, "/") != 0)
            buf_puts(&b, path);
        path = buf_text(&b);
    }
    if (strchr(host, ':'))
        host = arena_printf(a, "[%s]", host);
    if (!e->uri.default_port)
        host = arena_printf(a, "%s:%d", host, e->uri.port);
    if (*e->uri.path)
        path = arena_printf(a, "%s%s", e->uri.path, path);
    return (struct target){host, path,
                           arena_printf(a, "%s://%s%s%s%s", e->uri.https ? "https" : "http", host,
                                        path, *r->query ? "?" : "", r->query)};
}

static void sign_into(struct aws *w, struct aws_call *c, const struct creds *creds,
                      const struct endpoint *e, const struct target *t, struct wire_request *r)
{
    struct arena *a = c->arena;
    struct sigv4_request s = {
        .method = r->method,
        .host = t->host,
        .path = t->path,
        .query = r->query,
        .headers = r->headers.at,
        .nheaders = r->headers.n,
        .payload_hash = digest_sha256_hex(a, r->body, r->nbody),
        .single_encoding = c->model->single_encoding,
        .hash_header = c->model->single_encoding,
        .access_key = creds->access_key,
        .secret_key = creds->secret_key,
        .session_token = creds->session_token,
        .region = e->signing_region,
        .service = c->model->signing,
        .time = clock_wall() + w->skew,
    };
    struct sigv4_result out;
    sigv4_sign(a, &s, &out);
    for (size_t i = 0; i < out.nheaders; i++)
        vec_push(a, &r->headers, out.headers[i]);
}

bool aws_send(struct aws *w, struct aws_call *c)
{
    struct arena *a = c->arena;
    if (c->req.not_after && clock_now(w->cfg.clock) > c->req.not_after)
        return aws_fail(c, CLOUD_ERR_LATE, "%s was not sent: its time had passed",
                        c->req.operation);
    if (!(c->model = model_of(w, c)))
        return false;
    const char *region = aws_region(&w->cloud, c->req.account), *why = NULL;
    if (!region)
        return aws_fail(c, CLOUD_ERR_CREDENTIALS,
                        "no region is known: give the stack one, or set AWS_REGION");
    struct endpoint end;
    struct wire_request r;
    if (!endpoint_find(a, &w->endpoint, c->model, region, &end, &why))
        return aws_fail(c, CLOUD_ERR_CONNECT, "%s", why);
    if (!wire_encode(a, c->model, c->req.operation, c->req.input, &r, &why))
        return aws_fail(c, CLOUD_ERR_INPUT, "%s", why);
    const struct creds *creds = creds_of(w, c);
    if (!creds)
        return false;
    struct target t = target_of(a, &end, &r);
    sign_into(w, c, creds, &end, &t, &r);
    struct http_request h = {
        .method = r.method,
        .url = t.url,
        .headers = r.headers.at,
        .nheaders = r.headers.n,
        .body = r.body,
        .nbody = r.nbody,
        .connect_ms = w->cfg.connect_ms,
        .total_ms = w->cfg.call_ms,
        .plain = !end.uri.https,
        .once = c->req.mutating,
    };
    c->transfer = http_start(w->http, &h);
    return true;
}

/* ---- receiving --------------------------------------------------------- */

static bool one_of(const char *s, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(s, list[i]))
            return true;
    return false;
}

/* AWS refuses a signature whose time is far off; its Date header knows better. */
static bool correct_clock(struct aws *w, struct aws_call *c, const struct wire_response *reply,
                          const char *code)
{
    static const char *const codes[] = {"RequestTimeTooSkewed",  "RequestExpired",
                                        "SignatureDoesNotMatch", "InvalidSignatureException",
                                        "RequestInTheFuture",    "AuthFailure"};
    if (c->skewed || !one_of(code, codes, sizeof codes / sizeof *codes))
        return false;
    const char *date = wire_header(reply->headers, reply->nheaders, "Date");
    int64_t t = date ? http_date(w->http, date) : -1;
    if (t < 0)
        return false;
    int64_t skew = t * 1000 - clock_wall();
    if (llabs(skew - w->skew) < SKEW_MS)
        return false;
    w->skew = skew;
    c->skewed = true;
    return true;
}

static bool renew_credentials(struct aws *w, struct aws_call *c, const char *code)
{
    static const char *const codes[] = {"ExpiredToken", "ExpiredTokenException", "RequestExpired",
                                        "TokenRefreshRequired"};
    if (c->renewed || !one_of(code, codes, sizeof codes / sizeof *codes))
        return false;
    creds_forget(w->creds);
    c->renewed = true;
    return true;
}

static void fill_error(struct aws_call *c, const struct wire_response *reply,
                       const struct wire_result *r)
{
    struct cloud_error *e = &c->reply.error;
    const char *after = wire_header(reply->headers, reply->nheaders, "x-amz-retry-after");
    int s = reply->status;
    e->code = r->malformed ? CLOUD_ERR_MALFORMED : r->code;
    e->message = r->message;
    e->request_id = r->request_id;
    e->http_status = s;
    e->throttled = s == 429 || retry_code_throttles(e->code);
    e->retry_after_ms = after ? strtoll(after, NULL, 10) : 0;
    if (e->retry_after_ms < 0)
        e->retry_after_ms = 0;
    /* A server that broke while it worked may have worked. */
    e->ambiguous = c->req.mutating && !e->throttled &&
                   (r->malformed || s == 500 || s == 502 || s == 504 || (s >= 200 && s < 300));
}

/* ---- pages ------------------------------------------------------------- */

static bool is_token(const struct value *names, const char *key)
{
    if (names->kind == V_STRING)
        return !strcmp(names->s, key);
    for (size_t i = 0; names->kind == V_LIST && i < names->list.n; i++)
        if (is_token(names->list.at[i], key))
            return true;
    return false;
}

/* Appends a page: lists grow, other members are those of the last page. */
static struct value *join(struct arena *a, const struct value *before, const struct value *page,
                          const struct value *tokens)
{
    struct value *out = value_map(a);
    for (size_t i = 0; before && i < before->map->n; i++)
        value_put(out, before->map->entries[i].key, before->map->entries[i].value);
    for (size_t i = 0; i < page->map->n; i++) {
        const char *key = page->map->entries[i].key;
        struct value *v = page->map->entries[i].value, *old = value_get(out, key);
        if (is_token(tokens, key))
            continue;
        if (v->kind == V_LIST && old && old->kind == V_LIST) {
            struct value **at = arena_array(a, struct value *, old->list.n + v->list.n);
            if (old->list.n)
                memcpy(at, old->list.at, old->list.n * sizeof *at);
            if (v->list.n)
                memcpy(at + old->list.n, v->list.at, v->list.n * sizeof *at);
            v = value_list(a, at, old->list.n + v->list.n);
        }
        value_put(out, key, v);
    }
    return out;
}

static bool put_token(struct aws_call *c, struct value *in, const struct value *token,
                      const struct value *next, const struct value *page)
{
    const struct value *v = next->kind == V_STRING ? value_at(page, next->s) : NULL;
    if (!v || v->kind == V_NONE || (v->kind == V_STRING && !*v->s) || token->kind != V_STRING)
        return false;
    value_put(in, token->s, cloud_value_copy(c->arena, v));
    return true;
}

/* Whether there is a further page; if so the input asks for it. */
static bool next_page(struct aws_call *c, const struct service_paging *p, const struct value *page)
{
    if (p->more) {
        const struct value *more = value_get(page, p->more);
        bool yes =
            more &&
            (more->kind == V_BOOL ? more->b : more->kind == V_STRING && !strcmp(more->s, "true"));
        if (!yes)
            return false;
    }
    struct value *in = value_map(c->arena);
    const struct value *old = c->req.input;
    for (size_t i = 0; old && i < old->map->n; i++)
        if (!is_token(p->token, old->map->entries[i].key))
            value_put(in, old->map->entries[i].key, old->map->entries[i].value);
    bool any = false;
    if (p->token->kind == V_LIST && p->next->kind == V_LIST)
        for (size_t i = 0; i < p->token->list.n && i < p->next->list.n; i++)
            any |= put_token(c, in, p->token->list.at[i], p->next->list.at[i], page);
    else
        any = put_token(c, in, p->token, p->next, page);
    if (!any)
        return false;
    c->req.input = in;
    return true;
}

/* true: it went on to a further page. */
static bool follow(struct aws *w, struct aws_call *c, struct value *page)
{
    struct service_paging p;
    const struct value *before = c->req.input;
    if (!c->pages)
        c->paged = service_paging(c->model, c->req.operation, before, &p);
    else /* the input has our own token by now, so ask as if it had none */
        service_paging(c->model, c->req.operation, NULL, &p);
    bool more = c->paged && next_page(c, &p, page);
    if (!more && !c->pages) {
        c->reply.output = page;
        return false;
    }
    c->joined = join(c->arena, c->joined, page, p.next);
    c->reply.output = c->joined;
    if (!more)
        return false;
    c->reply.ok = false;
    if (before && value_equal(before, c->req.input)) {
        aws_fail(c, CLOUD_ERR_MALFORMED, "%s answered twice with the same page token",
                 c->req.operation);
        return false;
    }
    if (++c->pages >= PAGES_MAX) {
        aws_fail(c, CLOUD_ERR_MALFORMED, "%s has more than %d pages", c->req.operation, PAGES_MAX);
        return false;
    }
    if (w->cloud.trace)
        trace_page(w->cloud.trace, c->ticket, c->took);
    return aws_send(w, c);
}

static bool receive(struct aws *w, struct aws_call *c, const struct http_result *r)
{
    struct wire_result out;
    wire_decode(c->arena, c->model, c->req.operation, &r->reply, &out);
    c->reply.request_id = out.request_id;
    if (!out.ok) {
        const char *code = out.code ? out.code : "";
        bool again = !out.malformed &&
                     (correct_clock(w, c, &r->reply, code) || renew_credentials(w, c, code));
        if (again)
            return !aws_send(w, c);
        fill_error(c, &r->reply, &out);
        return true;
    }
    c->reply.ok = true;
    return !follow(w, c, out.output);
}

bool aws_receive(struct aws *w, struct aws_call *c, struct http_result *r)
{
    c->reply = (struct cloud_reply){.ticket = c->ticket};
    c->took = r->duration_ms;
    bool complete = true;
    if (!c->model) {
        probe_receive(c, r);
    } else if (r->outcome == HTTP_OK) {
        complete = receive(w, c, r);
    } else {
        const char *code = r->outcome == HTTP_UNSENT ? CLOUD_ERR_CONNECT
                           : r->outcome == HTTP_LOST ? CLOUD_ERR_LOST
                                                     : CLOUD_ERR_MALFORMED;
        aws_fail(c, code, "%s %s: %s", c->req.service, c->req.operation, r->why);
        c->reply.error.ambiguous = c->req.mutating && r->outcome != HTTP_UNSENT;
        c->reply.error.http_status = r->reply.status;
    }
    if (complete)
        c->reply.duration_ms = clock_mono() - c->began;
    return complete;
}
