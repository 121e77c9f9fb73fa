#include "aws/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "aws/xml.h"

const char *wire_scalar(struct arena *a, const struct value *v)
{
    struct buf b;
    switch (v->kind) {
    case V_BOOL: return v->b ? "true" : "false";
    case V_INT: return arena_printf(a, "%" PRId64, v->i);
    case V_NUMBER:
        buf_init(&b, a);
        dec_print(&b, v->dec);
        return buf_text(&b);
    case V_STRING:
    case V_CIDR: return v->s;
    default: return NULL;
    }
}

const char *wire_header(const struct http_header *h, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcasecmp(h[i].name, name))
            return h[i].value;
    return NULL;
}

static void add(struct arena *a, struct wire_request *out, const char *name, const char *value)
{
    struct http_header h = {name, value};
    vec_push(a, &out->headers, h);
}

bool wire_encode(struct arena *a, const struct service_model *m, const char *operation,
                 const struct value *input, struct wire_request *out, const char **error)
{
    *out = (struct wire_request){.method = "POST", .path = "/", .query = "", .body = ""};
    *error = NULL;
    if (input && input->kind != V_MAP) {
        *error = arena_printf(a, "the input of %s is no record", operation);
        return false;
    }
    struct buf b;
    buf_init(&b, a);
    switch (m->protocol) {
    case WIRE_EC2:
    case WIRE_QUERY:
        if (!query_encode(a, m, operation, input, &b, error))
            return false;
        add(a, out, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        break;
    case WIRE_JSON:
        if (input) {
            if (!json_put(&b, a, input, error))
                return false;
        } else {
            buf_puts(&b, "{}");
        }
        add(a, out, "Content-Type", arena_printf(a, "application/x-amz-json-%s", m->json_version));
        add(a, out, "X-Amz-Target", arena_printf(a, "%s.%s", m->target, operation));
        break;
    case WIRE_REST_XML:
    case WIRE_REST_JSON: return rest_encode(a, m, operation, input, out, error);
    }
    out->body = buf_text(&b);
    out->nbody = b.len;
    return true;
}

/* ---- replies ----------------------------------------------------------- */

static void malformed(struct arena *a, struct wire_result *r, const char *why)
{
    r->malformed = true;
    r->message =
        arena_printf(a, "the reply cannot be understood: %s", why ? why : "it is no record");
}

static const char *child_text(const struct xml *e, const char *name)
{
    const struct xml *c = xml_find(e, name);
    return c && *c->text ? c->text : NULL;
}

static void decode_ok(struct arena *a, const struct service_model *m, const char *operation,
                      const struct wire_response *reply, struct wire_result *r)
{
    const char *why = NULL;
    struct value *out = NULL;
    if (m->protocol == WIRE_JSON) {
        out = reply->nbody ? value_from_json(a, reply->body, reply->nbody, &why) : value_map(a);
    } else if (m->protocol == WIRE_REST_JSON || m->protocol == WIRE_REST_XML) {
        out = rest_decode(a, m, operation, reply, &why);
    } else {
        const struct xml *root = xml_parse(a, reply->body, reply->nbody, &why);
        if (root) {
            const struct xml *id =
                xml_search(root, m->protocol == WIRE_EC2 ? "requestId" : "RequestId");
            if (id && !r->request_id && *id->text)
                r->request_id = id->text;
            char wrapper[160];
            snprintf(wrapper, sizeof wrapper, "%sResult", operation);
            const struct xml *inner = m->protocol == WIRE_QUERY ? xml_find(root, wrapper) : root;
            char expected[160];
            snprintf(expected, sizeof expected, "%sResponse", operation);
            if (strcmp(root->name, expected))
                why = arena_printf(a, "it begins with <%s> instead of <%s>", root->name, expected);
            else
                out = inner ? xml_value(a, m, operation, inner) : value_map(a);
        }
    }
    if (!out || out->kind != V_MAP) {
        malformed(a, r, why);
        return;
    }
    r->ok = true;
    r->output = out;
}

static void error_from_xml(struct arena *a, const struct wire_response *reply,
                           struct wire_result *r)
{
    const char *why;
    const struct xml *root = reply->nbody ? xml_parse(a, reply->body, reply->nbody, &why) : NULL;
    if (!root)
        return;
    const struct xml *e = xml_search(root, "Error");
    if (!e || !xml_find(e, "Code")) {
        /* Some name the error by the document itself, with a list of messages. */
        e = xml_search(root, "Messages");
        r->code = root->name;
        struct buf b;
        buf_init(&b, a);
        for (const struct xml *c = e ? e->child : NULL; c; c = c->next)
            buf_printf(&b, "%s%s", b.len ? "; " : "", c->text);
        const char *plain = child_text(root, "Message");
        r->message = plain ? plain : buf_text(&b);
    } else {
        r->code = child_text(e, "Code");
        r->message = child_text(e, "Message");
        if (!r->message)
            r->message = child_text(e, "message");
    }
    const struct xml *id = xml_search(root, "RequestId");
    if (!id)
        id = xml_search(root, "RequestID");
    if (id && *id->text)
        r->request_id = id->text;
}

/* "com.amazonaws.x#Code:http://..." to "Code". */
static const char *bare_code(struct arena *a, const char *s)
{
    const char *hash = strrchr(s, '#');
    if (hash)
        s = hash + 1;
    return arena_strndup(a, s, strcspn(s, ":"));
}

static void error_from_json(struct arena *a, const struct wire_response *reply,
                            struct wire_result *r)
{
    const char *why;
    const struct value *v =
        reply->nbody ? value_from_json(a, reply->body, reply->nbody, &why) : NULL;
    const char *code = wire_header(reply->headers, reply->nheaders, "x-amzn-errortype");
    static const char *const codes[] = {"__type", "code", "Code"};
    static const char *const messages[] = {"message", "Message", "errorMessage"};
    for (size_t i = 0; !code && i < 3; i++)
        code = value_get_string(v, codes[i]);
    for (size_t i = 0; !r->message && i < 3; i++)
        r->message = value_get_string(v, messages[i]);
    /* Services that once spoke the query protocol keep its codes here. */
    const char *old = wire_header(reply->headers, reply->nheaders, "x-amzn-query-error");
    if (old)
        code = arena_strndup(a, old, strcspn(old, ";"));
    if (code && *code)
        r->code = bare_code(a, code);
}

static const char *status_words(int status)
{
    switch (status) {
    case 301: return "Moved Permanently";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "the server said no more than this number";
    }
}

static bool xml_protocol(const struct service_model *m)
{
    return m->protocol != WIRE_JSON && m->protocol != WIRE_REST_JSON;
}

/* Some errors come with status 200, because the work outlived the header. */
static bool error_in_disguise(struct arena *a, const struct service_model *m,
                              const struct wire_response *reply)
{
    return m->protocol == WIRE_REST_XML && reply->nbody < 65536 &&
           strstr(arena_strndup(a, reply->body, reply->nbody < 256 ? reply->nbody : 256),
                  "<Error>");
}

void wire_decode(struct arena *a, const struct service_model *m, const char *operation,
                 const struct wire_response *reply, struct wire_result *r)
{
    *r = (struct wire_result){0};
    static const char *const ids[] = {"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"};
    for (size_t i = 0; !r->request_id && i < 3; i++) {
        const char *id = wire_header(reply->headers, reply->nheaders, ids[i]);
        if (id)
            r->request_id = arena_strdup(a, id);
    }
    bool fine = reply->status >= 200 && reply->status < 300;
    if (fine && error_in_disguise(a, m, reply)) {
        const char *why;
        const struct xml *root = xml_parse(a, reply->body, reply->nbody, &why);
        fine = !root || strcmp(root->name, "Error") != 0;
    }
    if (fine) {
        decode_ok(a, m, operation, reply, r);
        return;
    }
    if (xml_protocol(m))
        error_from_xml(a, reply, r);
    else
        error_from_json(a, reply, r);
    if (!r->code || !*r->code)
        r->code = arena_printf(a, "%d", reply->status);
    if (!r->message)
        r->message = status_words(reply->status);
}
