/* wire_probe.c - the wire, driven line by line: JSON objects on stdin, one
 * answer each on stdout. Built by conftest.py; only tests use it.
 *
 * argv[1]: a JSON file of service records, NAME -> record.
 *   {"do":"sign", ...}    the headers that sigv4_sign adds
 *   {"do":"encode", service, operation, input}
 *   {"do":"decode", service, operation, status, headers, body}
 *   {"do":"open", env, region?, profile?, accounts?, connect_to?, retry?, call_ms?, trace?}
 *   {"do":"call", service, operation, input?, account?, mutating?}
 *   {"do":"many", calls: [...]}   all under way at once; answers in the order of calls
 *   {"do":"check"|"origin", account?}  {"do":"counts"}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws.h"
#include "aws/wire.h"
#include "base/digest.h"
#include "cloud/retry.h"
#include "cloud/trace.h"

struct probe {
    struct arena *session, *scratch;
    const struct value *services, *env;
    struct cloud *cloud, *aws;
    struct cloud_trace *trace;
    FILE *trace_file;
    struct sources sources;
    struct diags ds;
    size_t told; /* diagnostics that were already printed */
};

static const char *env_of(void *self, const char *name)
{
    const struct probe *p = self;
    return value_get_string(p->env, name);
}

static struct value *text(struct arena *a, const char *s)
{
    return s ? value_string(a, s) : value_none(a);
}

static struct value *headers_value(struct arena *a, const struct http_header *h, size_t n)
{
    struct value **at = arena_array(a, struct value *, n);
    for (size_t i = 0; i < n; i++) {
        struct value **pair = arena_array(a, struct value *, 2);
        pair[0] = text(a, h[i].name);
        pair[1] = text(a, h[i].value);
        at[i] = value_list(a, pair, 2);
    }
    return value_list(a, at, n);
}

static struct http_header *headers_of(struct arena *a, const struct value *v, size_t *n)
{
    *n = v && v->kind == V_LIST ? v->list.n : 0;
    struct http_header *h = arena_array(a, struct http_header, *n + 1);
    for (size_t i = 0; i < *n; i++)
        h[i] = (struct http_header){v->list.at[i]->list.at[0]->s, v->list.at[i]->list.at[1]->s};
    return h;
}

static struct value *do_sign(struct arena *a, const struct value *in)
{
    const char *body = value_get_string(in, "body");
    struct sigv4_request r = {
        .method = value_get_string(in, "method"), .host = value_get_string(in, "host"),
        .path = value_get_string(in, "path"), .query = value_get_string(in, "query"),
        .payload_hash = digest_sha256_hex(a, body, strlen(body)),
        .single_encoding = value_get_bool(in, "single"), .hash_header = value_get_bool(in, "single"),
        .access_key = value_get_string(in, "access"), .secret_key = value_get_string(in, "secret"),
        .session_token = value_get_string(in, "token"), .region = value_get_string(in, "region"),
        .service = value_get_string(in, "service"), .time = clock_parse_iso(value_get_string(in, "time")),
    };
    r.headers = headers_of(a, value_get(in, "headers"), &r.nheaders);
    struct sigv4_result s;
    sigv4_sign(a, &r, &s);
    struct value *out = value_map(a);
    value_put(out, "headers", headers_value(a, s.headers, s.nheaders));
    value_put(out, "canonical", text(a, s.canonical));
    return out;
}

static struct value *failure(struct arena *a, const char *why)
{
    struct value *out = value_map(a);
    value_put(out, "error", text(a, why));
    return out;
}

static struct value *do_encode(const struct probe *p, struct arena *a, const struct value *in, bool decode)
{
    struct service_model m;
    const char *why = "no such service", *name = value_get_string(in, "service");
    const char *operation = value_get_string(in, "operation");
    const struct value *record = value_get(p->services, name);
    if (!record || !service_model_build(a, name, record, &m, &why))
        return failure(a, why);
    struct value *out = value_map(a);
    if (!decode) {
        struct wire_request w;
        if (!wire_encode(a, &m, operation, value_get(in, "input"), &w, &why))
            return failure(a, why);
        value_put(out, "method", text(a, w.method));
        value_put(out, "path", text(a, w.path));
        value_put(out, "query", text(a, w.query));
        value_put(out, "label", text(a, w.host_label));
        value_put(out, "body", text(a, w.body));
        value_put(out, "headers", headers_value(a, w.headers.at, w.headers.n));
        return out;
    }
    struct wire_response r = {.status = (int)value_get_int(in, "status", 200)};
    r.headers = headers_of(a, value_get(in, "headers"), &r.nheaders);
    r.body = value_get_string(in, "body");
    r.nbody = strlen(r.body);
    struct wire_result d;
    wire_decode(a, &m, operation, &r, &d);
    value_put(out, "ok", value_bool(a, d.ok));
    value_put(out, "malformed", value_bool(a, d.malformed));
    value_put(out, "output", d.output ? d.output : value_none(a));
    value_put(out, "code", text(a, d.code));
    value_put(out, "message", text(a, d.message));
    value_put(out, "request_id", text(a, d.request_id));
    value_put(out, "missing", value_bool(a, d.code && service_missing(&m, d.code)));
    return out;
}

static struct value *do_open(struct probe *p, const struct value *in)
{
    struct arena *a = p->session;
    cloud_free(p->cloud);
    if (p->trace_file)
        fclose(p->trace_file);
    p->env = cloud_value_copy(a, value_get(in, "env"));
    const char *trace = value_get_string(in, "trace");
    p->trace_file = trace ? fopen(trace, "we") : NULL;
    p->trace = trace_new(a, p->trace_file);
    const struct value *accounts = value_get(in, "accounts");
    size_t n = accounts ? accounts->list.n : 0;
    struct aws_account *acc = arena_array(a, struct aws_account, n + 1);
    for (size_t i = 0; i < n; i++) {
        const struct value *v = cloud_value_copy(a, accounts->list.at[i]);
        acc[i] = (struct aws_account){value_get_string(v, "alias"), value_get_string(v, "role"),
                                      value_get_string(v, "region"), value_get_string(v, "external_id")};
    }
    const struct value *keep = cloud_value_copy(a, in);
    struct aws_config cfg = {
        .services = service_source_of_map(p->services), .env = {env_of, p},
        .region = value_get_string(keep, "region"), .profile = value_get_string(keep, "profile"),
        .accounts = acc, .naccounts = n, .clock = clock_real(a, 1), .trace = p->trace,
        .connect_to = value_get_string(keep, "connect_to"),
        .call_ms = value_get_int(keep, "call_ms", 0),
    };
    p->aws = p->cloud = aws_cloud_new(a, &cfg, &p->ds);
    if (p->cloud && value_get_bool(in, "retry")) {
        struct retry_config rc = {.services = cfg.services, .seed = 1, .no_buckets = true};
        p->cloud = retry_new(a, p->cloud, &rc);
    }
    return value_map(p->scratch);
}

static struct value *reply_value(struct arena *a, const struct cloud_reply *r)
{
    struct value *out = value_map(a);
    value_put(out, "ok", value_bool(a, r->ok));
    value_put(out, "output", r->output ? r->output : value_none(a));
    value_put(out, "code", text(a, r->error.code));
    value_put(out, "message", text(a, r->error.message));
    value_put(out, "status", value_int(a, r->error.http_status));
    value_put(out, "ambiguous", value_bool(a, r->error.ambiguous));
    value_put(out, "throttled", value_bool(a, r->error.throttled));
    value_put(out, "ms", value_int(a, r->duration_ms));
    return out;
}

static struct cloud_request request_of(const struct value *in)
{
    return (struct cloud_request){
        .service = value_get_string(in, "service"), .operation = value_get_string(in, "operation"),
        .account = value_get_string(in, "account"), .input = value_get(in, "input"),
        .mutating = value_get_bool(in, "mutating"), .address = value_get_string(in, "address"),
        .not_after = value_get_int(in, "not_after", 0),
    };
}

static struct value *do_many(struct probe *p, struct arena *a, const struct value *calls)
{
    size_t n = calls->list.n;
    struct value **at = arena_array(a, struct value *, n);
    uint64_t first = 0;
    for (size_t i = 0; i < n; i++) {
        struct cloud_request r = request_of(calls->list.at[i]);
        uint64_t t = cloud_submit(p->cloud, &r);
        first = first ? first : t;
    }
    for (size_t i = 0; i < n; i++) {
        struct cloud_reply r;
        while (!cloud_wait(p->cloud, a, INT64_MAX, &r))
            ;
        at[r.ticket - first] = reply_value(a, &r);
    }
    struct value *out = value_map(a);
    value_put(out, "replies", value_list(a, at, n));
    return out;
}

static struct value *diagnostics(struct probe *p, struct arena *a)
{
    size_t n = p->ds.all.n - p->told;
    struct value **at = arena_array(a, struct value *, n);
    for (size_t i = 0; i < n; i++) {
        const struct diag *d = p->ds.all.at[p->told + i];
        struct buf b;
        buf_init(&b, a);
        buf_printf(&b, "%s: %s", d->code, d->message);
        for (size_t k = 0; k < d->notes.n; k++)
            buf_printf(&b, "\n%s", d->notes.at[k]);
        at[i] = text(a, buf_text(&b));
    }
    p->told = p->ds.all.n;
    return value_list(a, at, n);
}

static struct value *dispatch(struct probe *p, struct arena *a, const struct value *in)
{
    const char *verb = value_get_string(in, "do"), *account = value_get_string(in, "account");
    if (!strcmp(verb, "sign"))
        return do_sign(a, in);
    if (!strcmp(verb, "encode") || !strcmp(verb, "decode"))
        return do_encode(p, a, in, *verb == 'd');
    if (!strcmp(verb, "open"))
        return do_open(p, in);
    struct value *out = value_map(a);
    if (!strcmp(verb, "call")) {
        struct cloud_request r = request_of(in);
        struct cloud_reply reply;
        cloud_call(p->cloud, a, &r, &reply);
        out = reply_value(a, &reply);
    } else if (!strcmp(verb, "many")) {
        out = do_many(p, a, value_get(in, "calls"));
    } else if (!strcmp(verb, "check")) {
        value_put(out, "ok", value_bool(a, aws_check(p->aws, account, &p->ds, NO_SPAN)));
    } else if (!strcmp(verb, "origin")) {
        value_put(out, "origin", text(a, aws_origin(p->aws, account)));
        value_put(out, "region", text(a, aws_region(p->aws, account)));
    } else if (!strcmp(verb, "counts")) {
        value_put(out, "total", value_int(a, (int64_t)trace_total(p->trace)));
    } else {
        return failure(a, "unknown verb");
    }
    return out;
}

int main(int argc, char **argv)
{
    struct probe p = {.session = arena_new("session"), .scratch = arena_new("scratch")};
    char *file = argc > 1 ? file_text(p.session, argv[1]) : NULL, *line = NULL;
    const char *why = "no file of services";
    p.services = file ? value_from_json(p.session, file, strlen(file), &why) : NULL;
    if (!p.services) {
        fprintf(stderr, "wire_probe: %s\n", why);
        return 1;
    }
    sources_init(&p.sources, p.session);
    diags_init(&p.ds, p.session, &p.sources);
    size_t cap = 0;
    for (ssize_t n; (n = getline(&line, &cap, stdin)) > 0;) {
        struct value *in = value_from_json(p.scratch, line, (size_t)n, &why);
        struct value *out = in ? dispatch(&p, p.scratch, in) : failure(p.scratch, why);
        if (p.ds.all.n > p.told)
            value_put(out, "diagnostics", diagnostics(&p, p.scratch));
        struct buf b;
        buf_init(&b, p.scratch);
        value_json(&b, out, 0);
        puts(buf_text(&b));
        fflush(stdout);
        arena_reset(p.scratch);
    }
    free(line);
    cloud_free(p.cloud);
    if (p.trace_file)
        fclose(p.trace_file);
    arena_free(p.scratch);
    arena_free(p.session);
    return 0;
}
