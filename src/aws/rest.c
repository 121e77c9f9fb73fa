/* rest.c - rest-xml and rest-json: parts of the input go into the path, the
 * query and the headers, the rest into a document. */
#include <string.h>
#include <strings.h>

#include "aws/uri.h"
#include "aws/wire.h"
#include "aws/xml.h"

struct rest {
    struct arena *arena;
    const struct service_model *model;
    const char *operation;
    const struct value *spec, *input;
    struct map used; /* members that have found their place */
    const char *error;
};

static bool fail(struct rest *r, const char *what, const char *member)
{
    r->error = arena_printf(r->arena, "%s: %s %s", r->operation, member, what);
    return false;
}

static const char *stripped(const struct service_model *m, const char *text)
{
    const struct value *list = value_get(m->record, "strip");
    for (size_t i = 0; list && list->kind == V_LIST && i < list->list.n; i++) {
        const struct value *p = list->list.at[i];
        if (p->kind == V_STRING && !strncmp(text, p->s, strlen(p->s)))
            return text + strlen(p->s);
    }
    return text;
}

static const char *scalar(struct rest *r, const char *member)
{
    const struct value *v = value_get(r->input, member);
    return v && v->kind != V_NONE ? wire_scalar(r->arena, v) : NULL;
}

static bool put_path(struct rest *r, const char *pattern, struct buf *out)
{
    for (const char *p = pattern; *p;) {
        if (*p != '{') {
            buf_putc(out, *p++);
            continue;
        }
        size_t n = strcspn(p, "}");
        bool greedy = n > 1 && p[n - 1] == '+';
        const char *member = arena_strndup(r->arena, p + 1, n - 1 - (greedy ? 1 : 0));
        const char *text = scalar(r, member);
        if (text)
            text = stripped(r->model, text);
        if (!text || !*text)
            return fail(r, "is needed for the path and must be a text that is not empty", member);
        uri_put(out, text, greedy ? "/" : "");
        map_put(&r->used, member, out);
        p += n + (p[n] == '}');
    }
    return true;
}

static void put_parameter(struct buf *q, const char *name, const char *value)
{
    if (q->len)
        buf_putc(q, '&');
    uri_put(q, name, "");
    if (value) {
        buf_putc(q, '=');
        uri_put(q, value, "");
    }
}

static bool put_query(struct rest *r, struct buf *q)
{
    const struct value *t = value_get(r->spec, "query");
    for (size_t i = 0; t && t->kind == V_MAP && i < t->map->n; i++) {
        const char *name = t->map->entries[i].key;
        const struct value *how = t->map->entries[i].value;
        if (how->kind != V_STRING)
            continue;
        if (!*how->s || *how->s == '=') {
            put_parameter(q, name, *how->s ? how->s + 1 : "");
            continue;
        }
        map_put(&r->used, how->s, q);
        const struct value *v = value_get(r->input, how->s);
        if (v && (v->kind == V_LIST || v->kind == V_SET)) {
            for (size_t k = 0; k < v->list.n; k++) {
                const char *text = wire_scalar(r->arena, v->list.at[k]);
                if (!text)
                    return fail(r, "must hold plain values", how->s);
                put_parameter(q, name, text);
            }
        } else if (v && v->kind != V_NONE) {
            const char *text = wire_scalar(r->arena, v);
            if (!text)
                return fail(r, "must be a plain value", how->s);
            put_parameter(q, name, text);
        }
    }
    return true;
}

static void add_header(struct rest *r, struct wire_request *out, const char *name,
                       const char *value)
{
    struct http_header h = {name, value};
    vec_push(r->arena, &out->headers, h);
}

static bool put_headers(struct rest *r, struct wire_request *out)
{
    const struct value *t = value_get(r->spec, "headers");
    for (size_t i = 0; t && t->kind == V_MAP && i < t->map->n; i++) {
        const struct value *how = t->map->entries[i].value;
        if (how->kind != V_STRING)
            continue;
        map_put(&r->used, how->s, out);
        const struct value *v = value_get(r->input, how->s);
        if (!v || v->kind == V_NONE)
            continue;
        const char *text = wire_scalar(r->arena, v);
        if (!text || strpbrk(text, "\r\n"))
            return fail(r, "must be a plain value on one line", how->s);
        add_header(r, out, t->map->entries[i].key, text);
    }
    return true;
}

/* What is left of the input, or the one member that is the document. */
static bool put_document(struct rest *r, struct wire_request *out)
{
    struct arena *a = r->arena;
    const char *blob = value_get_string(r->spec, "blob"), *body = value_get_string(r->spec, "body");
    const char *root = value_get_string(r->spec, "root");
    bool json = r->model->protocol == WIRE_REST_JSON;
    if (blob) {
        const char *text = scalar(r, blob);
        out->body = text ? text : "";
        out->nbody = strlen(out->body);
        return true;
    }
    struct value *doc = NULL;
    if (body) {
        doc = value_get(r->input, body);
        if (doc && doc->kind == V_STRING) { /* a document as text: a policy */
            out->body = doc->s;
            out->nbody = strlen(doc->s);
            return true;
        }
        if (doc && doc->kind != V_MAP)
            return fail(r, "must be a record", body);
    } else {
        for (size_t i = 0; r->input && i < r->input->map->n; i++) {
            const struct map_entry *e = &r->input->map->entries[i];
            const struct value *x = e->value;
            if (map_has(&r->used, e->key) || x->kind == V_NONE)
                continue;
            if (!doc)
                doc = value_map(a);
            value_put(doc, e->key, e->value);
        }
    }
    if (!doc)
        return true;
    struct buf b;
    buf_init(&b, a);
    if (json) {
        if (!json_put(&b, a, doc, &r->error))
            return false;
    } else {
        if (!root)
            root = body ? body : arena_printf(a, "%sRequest", r->operation);
        buf_printf(&b, "<%s", root);
        if (r->model->xmlns)
            buf_printf(&b, " xmlns=\"%s\"", r->model->xmlns);
        buf_putc(&b, '>');
        if (!xml_put(&b, a, r->model, body ? body : r->operation, doc, &r->error))
            return false;
        buf_printf(&b, "</%s>", root);
    }
    out->body = buf_text(&b);
    out->nbody = b.len;
    add_header(r, out, "Content-Type", json ? "application/json" : "application/xml");
    return true;
}

bool rest_encode(struct arena *a, const struct service_model *m, const char *operation,
                 const struct value *input, struct wire_request *out, const char **error)
{
    struct rest r = {.arena = a, .model = m, .operation = operation, .input = input};
    r.spec = service_operation(m, operation);
    const char *path = value_get_string(r.spec, "path");
    if (!path) {
        *error = arena_printf(a, "service %s does not say how %s is called", m->name, operation);
        return false;
    }
    map_init(&r.used, a);
    out->method = value_get_string(r.spec, "method");
    if (!out->method)
        out->method = "GET";
    out->body = "";
    struct buf p, q;
    buf_init(&p, a);
    buf_init(&q, a);
    if (m->host_label && (out->host_label = scalar(&r, m->host_label)))
        map_put(&r.used, m->host_label, out);
    bool ok = put_path(&r, path, &p) && put_query(&r, &q) && put_headers(&r, out) &&
              put_document(&r, out);
    if (ok && value_get_bool(r.spec, "checksum"))
        add_header(&r, out, "x-amz-checksum-sha256", sha256_base64(a, out->body, out->nbody));
    out->path = buf_text(&p);
    out->query = buf_text(&q);
    *error = r.error;
    return ok;
}

/* ---- replies ----------------------------------------------------------- */

static void read_headers(struct arena *a, const struct value *table,
                         const struct wire_response *reply, struct value *out)
{
    for (size_t i = 0; table && table->kind == V_MAP && i < table->map->n; i++) {
        const struct value *member = table->map->entries[i].value;
        const char *text = wire_header(reply->headers, reply->nheaders, table->map->entries[i].key);
        if (text && member->kind == V_STRING)
            value_put(out, member->s, value_string(a, arena_strdup(a, text)));
    }
}

struct value *rest_decode(struct arena *a, const struct service_model *m, const char *operation,
                          const struct wire_response *reply, const char **error)
{
    const struct value *spec = service_operation(m, operation);
    const char *blob = value_get_string(spec, "reply_blob");
    const char *body = value_get_string(spec, "reply_body");
    struct value *out = value_map(a);
    if (value_get_bool(spec, "reply_none")) {
        /* whatever stands there means nothing */
    } else if (blob) {
        if (memchr(reply->body, '\0', reply->nbody)) {
            *error = "the object is no text";
            return NULL;
        }
        value_put(out, blob, value_string(a, arena_strndup(a, reply->body, reply->nbody)));
    } else if (reply->nbody && m->protocol == WIRE_REST_JSON) {
        if (!(out = value_from_json(a, reply->body, reply->nbody, error)))
            return NULL;
        if (out->kind != V_MAP) {
            *error = "the reply is no JSON object";
            return NULL;
        }
    } else if (reply->nbody) {
        const struct xml *root = xml_parse(a, reply->body, reply->nbody, error);
        if (!root)
            return NULL;
        const char *text = value_get_string(spec, "reply_text");
        if (text) {
            value_put(out, text, value_string(a, root->text));
            return out;
        }
        struct value *v = xml_value(a, m, body ? body : operation, root);
        if (body)
            value_put(out, body, v);
        else
            out = v;
    }
    read_headers(a, value_get(m->record, "reads"), reply, out);
    read_headers(a, value_get(spec, "reads"), reply, out);
    return out;
}
