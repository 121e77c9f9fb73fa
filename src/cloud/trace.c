#include "cloud/trace.h"

#include <inttypes.h>
#include <string.h>

struct open_call {
    uint64_t ticket;
    int64_t began;
    size_t count; /* index into counts */
    size_t pages;
    const char *account, *address;
    bool mutating, secret;
    struct open_call *next;
};

struct cloud_trace {
    struct arena *arena;
    FILE *file;
    VEC(struct trace_count) counts;
    struct map index; /* "service operation" -> index + 1 into counts */
    struct map words; /* texts that were seen: accounts and addresses repeat */
    struct open_call *open, *spare;
    size_t total;
    const struct redact *secrets;
};

void trace_secrets(struct cloud_trace *t, const struct redact *secrets)
{
    t->secrets = secrets;
}

struct cloud_trace *trace_new(struct arena *a, FILE *file)
{
    struct cloud_trace *t = arena_make(a, struct cloud_trace);
    t->arena = a;
    t->file = file;
    map_init(&t->index, a);
    map_init(&t->words, a);
    return t;
}

static const char *keep(struct cloud_trace *t, const char *s)
{
    if (!s)
        return NULL;
    char *found = map_find(&t->words, s);
    if (!found) {
        found = arena_strdup(t->arena, s);
        map_put(&t->words, found, found);
    }
    return found;
}

static size_t count_of(struct cloud_trace *t, const char *service, const char *operation)
{
    char key[256];
    snprintf(key, sizeof key, "%s %s", service, operation);
    uintptr_t i = (uintptr_t)map_find(&t->index, key);
    if (i)
        return i - 1;
    struct trace_count c = {.service = keep(t, service), .operation = keep(t, operation)};
    vec_push(t->arena, &t->counts, c);
    map_put(&t->index, arena_strdup(t->arena, key), (void *)(uintptr_t)t->counts.n);
    return t->counts.n - 1;
}

void trace_begin(struct cloud_trace *t, uint64_t ticket, const struct cloud_request *req,
                 int64_t now)
{
    struct open_call *o = t->spare;
    if (o)
        t->spare = o->next;
    else
        o = arena_make(t->arena, struct open_call);
    *o = (struct open_call){
        .ticket = ticket,
        .began = now,
        .count = count_of(t, req->service, req->operation),
        .account = keep(t, req->account),
        .address = keep(t, req->address),
        .mutating = req->mutating,
        .secret = req->input && value_secret(req->input),
        .next = t->open,
    };
    t->open = o;
}

static void put_text(struct buf *b, const char *name, const char *text)
{
    if (!text)
        return;
    buf_printf(b, ",\"%s\":", name);
    buf_put_json(b, text);
}

static void write_line(struct cloud_trace *t, const struct open_call *o,
                       const struct cloud_reply *r, int64_t duration)
{
    struct arena *a = arena_new("trace");
    const struct trace_count *c = &t->counts.at[o->count];
    struct buf b;
    buf_init(&b, a);
    buf_printf(&b, "{\"time\":\"%s\",\"duration_ms\":%" PRId64, clock_iso(a, o->began), duration);
    put_text(&b, "service", c->service);
    put_text(&b, "operation", c->operation);
    put_text(&b, "account", o->account);
    put_text(&b, "address", o->address);
    buf_printf(&b, ",\"mutating\":%s,\"ok\":%s", o->mutating ? "true" : "false",
               !r || r->ok ? "true" : "false");
    if (o->pages)
        buf_printf(&b, ",\"page\":%zu", r ? o->pages + 1 : o->pages);
    if (r && !r->ok) {
        put_text(&b, "code", r->error.code);
        if (r->error.http_status)
            buf_printf(&b, ",\"http_status\":%d", r->error.http_status);
        if (!o->secret)
            put_text(&b, "message", redact_text(t->secrets, a, r->error.message));
    }
    if (r)
        put_text(&b, "request_id", r->request_id ? r->request_id : r->error.request_id);
    buf_puts(&b, "}\n");
    fputs(buf_text(&b), t->file);
    fflush(t->file);
    arena_free(a);
}

static void add(struct cloud_trace *t, struct open_call *o, const struct cloud_reply *r,
                int64_t duration)
{
    struct trace_count *c = &t->counts.at[o->count];
    t->total++;
    c->calls++;
    c->total_ms += duration;
    if (r && !r->ok) {
        c->errors++;
        c->throttled += r->error.throttled;
    }
    if (t->file)
        write_line(t, o, r, duration);
}

void trace_end(struct cloud_trace *t, const struct cloud_reply *reply)
{
    for (struct open_call **at = &t->open; *at; at = &(*at)->next) {
        struct open_call *o = *at;
        if (o->ticket != reply->ticket)
            continue;
        add(t, o, reply, reply->duration_ms);
        *at = o->next;
        o->next = t->spare;
        t->spare = o;
        return;
    }
}

void trace_page(struct cloud_trace *t, uint64_t ticket, int64_t duration_ms)
{
    for (struct open_call *o = t->open; o; o = o->next)
        if (o->ticket == ticket) {
            o->pages++;
            add(t, o, NULL, duration_ms);
            return;
        }
}

size_t trace_total(const struct cloud_trace *t)
{
    return t->total;
}

size_t trace_calls(const struct cloud_trace *t, const char *service, const char *operation)
{
    size_t n = 0;
    for (size_t i = 0; i < t->counts.n; i++) {
        const struct trace_count *c = &t->counts.at[i];
        if (!strcmp(c->service, service) && (!operation || !strcmp(c->operation, operation)))
            n += c->calls;
    }
    return n;
}

const struct trace_count *trace_counts(const struct cloud_trace *t, size_t *n)
{
    *n = t->counts.n;
    return t->counts.at;
}
