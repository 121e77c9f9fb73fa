/* creds_http.c - credentials that come over HTTP: roles, containers, IMDS. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "aws/creds_state.h"
#include "aws/wire.h"
#include "base/clock.h"
#include "base/digest.h"

enum {
    METADATA_CONNECT_MS = 1000,
    METADATA_TOTAL_MS = 2000,
    ROLE_TOTAL_MS = 15000,
    REPLY_MAX = 1 << 20
};

static struct http *http_of(struct creds_chain *c, const char **why)
{
    if (!c->http)
        c->http = http_new(c->scratch, c->cfg.http, why);
    return c->http;
}

/* ---- plain documents --------------------------------------------------- */

const char *creds_fetch(struct creds_chain *c, const char *method, const char *url, bool plain,
                        const struct http_header *headers, size_t n, const char *posted,
                        const char **why)
{
    struct http *h = http_of(c, why);
    if (!h)
        return NULL;
    struct http_request req = {.method = method,
                               .url = url,
                               .headers = headers,
                               .nheaders = n,
                               .connect_ms = plain ? METADATA_CONNECT_MS : 5000,
                               .total_ms = plain ? METADATA_TOTAL_MS : ROLE_TOTAL_MS,
                               .body = posted,
                               .nbody = posted ? strlen(posted) : 0,
                               .body_max = REPLY_MAX,
                               .plain = plain};
    struct http_result r;
    http_fetch(h, &req, &r);
    const char *body = NULL;
    if (r.outcome != HTTP_OK)
        *why = arena_strdup(c->scratch, r.why);
    else if (r.reply.status != 200)
        *why = arena_printf(c->scratch, "it answered with status %d", r.reply.status);
    else
        body = arena_strndup(c->scratch, r.reply.body, r.reply.nbody);
    http_release(h, &r);
    return body;
}

static const char *fetch(struct creds_chain *c, const char *method, const char *url, bool plain,
                         const struct http_header *headers, size_t n, const char **why)
{
    return creds_fetch(c, method, url, plain, headers, n, strcmp(method, "PUT") ? NULL : "", why);
}

static enum found from_json(struct creds_chain *c, struct kept *k, const char *body,
                            const char *origin)
{
    const char *why;
    const struct value *v = value_from_json(c->scratch, body, strlen(body), &why);
    if (!v)
        return creds_broken(c, "BG5102", "%s answered with what is no JSON", origin);
    return creds_from_map(c, k, v, origin);
}

/* ---- containers -------------------------------------------------------- */

static bool container_host_allowed(const struct uri *u)
{
    return u->https || uri_loopback(u->host) || !strcmp(u->host, "169.254.170.2") ||
           !strcmp(u->host, "169.254.170.23") || !strcmp(u->host, "fd00:ec2::23");
}

enum found creds_from_container(struct creds_chain *c, struct kept *k)
{
    const struct aws_env *e = &c->cfg.env;
    const char *relative = aws_env_get(e, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *url = aws_env_get(e, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!relative && !url) {
        creds_note(c,
                   "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set");
        return NOT_HERE;
    }
    if (relative)
        url = arena_printf(c->scratch, "http://169.254.170.2%s%s", *relative == '/' ? "" : "/",
                           relative);
    struct uri u;
    /* The address may carry a query, which uri_parse refuses: judge the rest. */
    if (!uri_parse(c->scratch, arena_strndup(c->scratch, url, strcspn(url, "?")), &u) ||
        !container_host_allowed(&u))
        return creds_broken(c, "BG5102",
                            "the container credentials address %s is neither https nor on "
                            "this machine",
                            url);
    const char *token = aws_env_get(e, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    const char *file = aws_env_get(e, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (file) {
        char *text = file_text(c->scratch, file);
        if (!text)
            return creds_broken(c, "BG5102", "the container token file %s cannot be read", file);
        text[strcspn(text, "\r\n")] = '\0';
        token = text;
    }
    struct http_header h = {"Authorization", token ? token : ""};
    if (token && strpbrk(token, "\r\n"))
        return creds_broken(c, "BG5102", "the container authorization token is more than one line");
    const char *why, *body = fetch(c, "GET", url, !u.https, &h, token ? 1 : 0, &why);
    if (!body)
        return creds_broken(c, "BG5102",
                            "the container's credentials cannot be fetched from %s: %s", url, why);
    return from_json(c, k, body, "container credentials");
}

/* ---- instance metadata, version 2 -------------------------------------- */

static const char *imds_base(struct creds_chain *c)
{
    const char *base = aws_env_get(&c->cfg.env, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = aws_env_get(&c->cfg.env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    if (base)
        return arena_strndup(c->scratch, base, strlen(base) - (base[strlen(base) - 1] == '/'));
    return mode && (*mode == 'i' || *mode == 'I') && strstr(mode, "6") ? "http://[fd00:ec2::254]"
                                                                       : "http://169.254.169.254";
}

static const char *imds_token(struct creds_chain *c, const char *base, const char **why)
{
    struct http_header ttl = {"X-aws-ec2-metadata-token-ttl-seconds", "21600"};
    const char *url = arena_printf(c->scratch, "%s/latest/api/token", base);
    return fetch(c, "PUT", url, true, &ttl, 1, why);
}

static const char *imds_read(struct creds_chain *c, const char *base, const char *token,
                             const char *path, const char **why)
{
    struct http_header h = {"X-aws-ec2-metadata-token", token};
    return fetch(c, "GET", arena_printf(c->scratch, "%s%s", base, path), true, &h, 1, why);
}

static bool imds_allowed(struct creds_chain *c, const char **base, const char **why)
{
    const char *off = aws_env_get(&c->cfg.env, "AWS_EC2_METADATA_DISABLED");
    if (off && !strcmp(off, "true")) {
        *why = "AWS_EC2_METADATA_DISABLED is true";
        return false;
    }
    *base = imds_base(c);
    struct uri u;
    if (!uri_parse(c->scratch, *base, &u) ||
        (!u.https && !uri_loopback(u.host) && strncmp(u.host, "169.254.", 8) != 0 &&
         strcmp(u.host, "fd00:ec2::254") != 0)) {
        *why = arena_printf(c->scratch, "%s is no metadata service's address", *base);
        return false;
    }
    return true;
}

const char *creds_imds_get(struct creds_chain *c, const char *path)
{
    const char *base, *why, *token;
    if (!imds_allowed(c, &base, &why) || !(token = imds_token(c, base, &why)))
        return NULL;
    return imds_read(c, base, token, path, &why);
}

enum found creds_from_imds(struct creds_chain *c, struct kept *k)
{
    const char *base, *why, *token;
    if (!imds_allowed(c, &base, &why) || !(token = imds_token(c, base, &why))) {
        creds_note(c, "instance metadata: %s", why);
        return NOT_HERE;
    }
    const char *roles =
        imds_read(c, base, token, "/latest/meta-data/iam/security-credentials/", &why);
    if (!roles || !*roles) {
        creds_note(c, "instance metadata: the instance has no role");
        return NOT_HERE;
    }
    const char *role = arena_strndup(c->scratch, roles, strcspn(roles, "\r\n"));
    struct buf path;
    buf_init(&path, c->scratch);
    buf_puts(&path, "/latest/meta-data/iam/security-credentials/");
    uri_put(&path, role, "");
    const char *body = imds_read(c, base, token, buf_text(&path), &why);
    if (!body)
        return creds_broken(c, "BG5102",
                            "the instance metadata names role %s but not its credentials: %s", role,
                            why);
    return from_json(c, k, body, arena_printf(c->scratch, "instance metadata, role %s", role));
}

/* ---- roles ------------------------------------------------------------- */

static const char *sts_url(const struct endpoint *e, struct arena *a)
{
    const char *open = strchr(e->uri.host, ':') ? "[" : "", *close = *open ? "]" : "";
    return e->uri.default_port
               ? arena_printf(a, "%s://%s%s%s%s/", e->uri.https ? "https" : "http", open,
                              e->uri.host, close, e->uri.path)
               : arena_printf(a, "%s://%s%s%s:%d%s/", e->uri.https ? "https" : "http", open,
                              e->uri.host, close, e->uri.port, e->uri.path);
}

static struct value *role_input(struct arena *a, const char *role, const char *external_id,
                                const char *session, const char *token, int64_t seconds)
{
    struct value *in = value_map(a);
    value_put(in, "RoleArn", value_string(a, role));
    value_put(in, "RoleSessionName", value_string(a, session));
    value_put(in, "DurationSeconds", value_int(a, seconds));
    if (token)
        value_put(in, "WebIdentityToken", value_string(a, token));
    else if (external_id)
        value_put(in, "ExternalId", value_string(a, external_id));
    return in;
}

/* Signs with `source` when there is one, sends, and decodes. */
static bool call_sts(struct creds_chain *c, const struct service_model *m, const char *operation,
                     const struct value *input, const struct creds *source, struct wire_result *out)
{
    struct arena *a = c->scratch;
    const char *why;
    struct endpoint end;
    struct wire_request w;
    *out = (struct wire_result){0};
    if (!endpoint_find(a, c->cfg.endpoint, m, c->cfg.region ? c->cfg.region : "us-east-1", &end,
                       &why) ||
        !wire_encode(a, m, operation, input, &w, &why)) {
        out->message = why;
        return false;
    }
    const char *host =
        end.uri.default_port ? end.uri.host : arena_printf(a, "%s:%d", end.uri.host, end.uri.port);
    if (source) {
        struct sigv4_request s = {.method = w.method,
                                  .host = host,
                                  .path =
                                      end.uri.path[0] ? arena_printf(a, "%s/", end.uri.path) : "/",
                                  .query = w.query,
                                  .headers = w.headers.at,
                                  .nheaders = w.headers.n,
                                  .payload_hash = digest_sha256_hex(a, w.body, w.nbody),
                                  .access_key = source->access_key,
                                  .secret_key = source->secret_key,
                                  .session_token = source->session_token,
                                  .region = end.signing_region,
                                  .service = m->signing,
                                  .time = clock_wall()};
        struct sigv4_result signed_;
        sigv4_sign(a, &s, &signed_);
        for (size_t i = 0; i < signed_.nheaders; i++)
            vec_push(a, &w.headers, signed_.headers[i]);
    }
    struct http *h = http_of(c, &out->message);
    if (!h)
        return false;
    for (int attempt = 0; attempt < 3;
         attempt++) { /* assuming a role changes nothing: repeat freely */
        struct http_request req = {.method = w.method,
                                   .url = sts_url(&end, a),
                                   .headers = w.headers.at,
                                   .nheaders = w.headers.n,
                                   .body = w.body,
                                   .nbody = w.nbody,
                                   .total_ms = ROLE_TOTAL_MS,
                                   .connect_ms = 5000,
                                   .body_max = REPLY_MAX,
                                   .plain = !end.uri.https};
        struct http_result r;
        http_fetch(h, &req, &r);
        bool again = true;
        if (r.outcome == HTTP_OK) {
            r.reply.body = arena_strndup(a, r.reply.body, r.reply.nbody);
            wire_decode(a, m, operation, &r.reply, out);
            again = r.reply.status >= 500;
        } else {
            out->message = arena_printf(a, "%s: %s", host, r.why);
        }
        http_release(h, &r);
        if (!again)
            break;
    }
    return out->ok;
}

enum found creds_from_role(struct creds_chain *c, struct kept *k, const struct creds *source,
                           const char *role, const char *external_id, const char *session,
                           const char *token, int64_t seconds, const char *origin)
{
    struct arena *a = c->scratch;
    const struct value *record = service_find(&c->cfg.services, "sts");
    struct service_model m;
    const char *why = "there is no declaration of the service sts";
    if (!record || !service_model_build(a, "sts", record, &m, &why))
        return creds_broken(c, "BG5103", "role %s cannot be assumed: %s", role, why);
    const char *operation = token ? "AssumeRoleWithWebIdentity" : "AssumeRole";
    struct wire_result r;
    if (!call_sts(c, &m, operation, role_input(a, role, external_id, session, token, seconds),
                  source, &r)) {
        c->help =
            token
                ? "the role's trust policy must allow this identity provider, audience and subject"
                : "the role's trust policy must allow the caller, and the caller sts:AssumeRole";
        return creds_broken(c, "BG5103", "role %s cannot be assumed (%s): %s%s%s", role,
                            source ? source->origin : "web identity", r.code ? r.code : "",
                            r.code ? ": " : "", r.message ? r.message : "no reason was given");
    }
    const struct value *v = value_get(r.output, "Credentials");
    return creds_from_map(c, k, v, origin);
}

const char *creds_github_token(struct creds_chain *c)
{
    struct arena *a = c->scratch;
    const char *url = aws_env_get(&c->cfg.env, "ACTIONS_ID_TOKEN_REQUEST_URL");
    const char *bearer = aws_env_get(&c->cfg.env, "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    struct uri u;
    if (!bearer || strpbrk(bearer, "\r\n")) {
        creds_broken(c, "BG5102", "ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set");
        c->help = "the job needs `permissions: id-token: write`";
        return NULL;
    }
    if (!uri_parse(a, arena_strndup(a, url, strcspn(url, "?")), &u) ||
        (!u.https && !uri_loopback(u.host))) {
        creds_broken(c, "BG5102", "ACTIONS_ID_TOKEN_REQUEST_URL is no https address");
        return NULL;
    }
    struct http_header h = {"Authorization", arena_printf(a, "bearer %s", bearer)};
    const char *full =
        arena_printf(a, "%s%caudience=sts.amazonaws.com", url, strchr(url, '?') ? '&' : '?');
    const char *why, *body = fetch(c, "GET", full, !u.https, &h, 1, &why);
    const struct value *v = body ? value_from_json(a, body, strlen(body), &why) : NULL;
    const char *token = value_get_string(v, "value");
    if (!token)
        creds_broken(c, "BG5102", "GitHub gave no OIDC token: %s",
                     body ? "the answer has none" : why);
    return token;
}
