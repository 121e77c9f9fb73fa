#include "review/report.h"

#include <string.h>

#include "base/version.h"
#include "review/words.h"

enum { DAY_MS = 86400000 };

/* ---- for machines ----------------------------------------------------------------- */

static void member(struct value *v, struct arena *a, const char *key, const char *text)
{
    if (text)
        value_put(v, key, value_string(a, text));
}

static void put_json(struct report *r, const struct event *e, const char *format)
{
    struct arena *a = r->arena;
    struct value *v = value_map(a);
    struct buf b;
    value_put(v, "seq", value_int(a, r->seq));
    member(v, a, "time", clock_iso(a, clock_now(r->clock)));
    member(v, a, "run", r->run);
    value_put(v, "epoch", value_int(a, r->epoch ? *r->epoch : 0));
    member(v, a, "type", e->type);
    member(v, a, "format", format);
    member(v, a, "bgc", format ? bgc_version() : NULL);
    member(v, a, "address", e->address);
    member(v, a, "world", e->world);
    if (e->share >= 0)
        value_put(v, "share", value_number(a, dec_from_double(e->share)));
    member(v, a, "op", e->op);
    member(v, a, "request_id", e->request_id);
    if (e->duration_ms >= 0)
        value_put(v, "duration_ms", value_int(a, e->duration_ms));
    member(v, a, "verdict", e->verdict);
    member(v, a, "outcome", e->outcome);
    if (e->exit_code >= 0)
        value_put(v, "exit", value_int(a, e->exit_code));
    member(v, a, "message", e->message ? e->message : "");
    buf_init(&b, a);
    value_json(&b, v, 0);
    buf_putc(&b, '\n');
    if (fputs(buf_text(&b), r->events) < 0 || fflush(r->events))
        r->broken = true;
}

/* ---- for people ------------------------------------------------------------------- */

static const struct look {
    const char *type, *symbol, *colour;
} looks[] = {
    {"create", "+", "32"},    {"update", "~", "33"},  {"tune", "~", "33"},   {"tag", "~", "33"},
    {"replace", "+/-", "33"}, {"delete", "-", "31"},  {"retire", "-", "31"}, {"shift", "=>", "36"},
    {"rollback", "=>", "31"}, {"abort", "=>", "31"},  {"test", "?", "35"},   {"check", "?", "35"},
    {"gate", "?", "35"},      {"approve", "?", "35"}, {"hold", ".", "2"},    {"bake", ".", "2"},
    {"size", "~", "33"},      {"wait", ".", "2"},     {"lock", ".", "2"},    {"error", "!", "31"},
    {"warning", "!", "33"},
};

static const struct look *look_of(const char *type)
{
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (!strcmp(looks[i].type, type))
            return &looks[i];
    return NULL;
}

static void put_ink(struct report *r, struct buf *b, const char *code, const char *text)
{
    if (r->colour && code)
        buf_printf(b, "\033[%sm%s\033[0m", code, text);
    else
        buf_puts(b, text);
}

/* The lock is an inside matter; so is what a check measured while it passes. */
static bool minor(const struct event *e)
{
    return !strcmp(e->type, "lock") || !strcmp(e->type, "tag");
}

static const char *verdict_colour(const char *verdict)
{
    return !strcmp(verdict, "pass") ? "32" : !strcmp(verdict, "fail") ? "31" : "33";
}

static void put_text(struct report *r, const struct event *e)
{
    int64_t now = clock_now(r->clock);
    const char *iso = clock_iso(r->arena, now);
    const struct look *look = look_of(e->type);
    struct buf b;
    buf_init(&b, r->arena);
    if (now / DAY_MS != r->day) {
        put_ink(r, &b, "2", arena_printf(r->arena, "%.10s", iso));
        buf_putc(&b, '\n');
        r->day = now / DAY_MS;
    }
    put_ink(r, &b, "2", arena_printf(r->arena, "%.8s", iso + 11));
    buf_puts(&b, "  ");
    const char *symbol = look ? look->symbol : " ";
    put_ink(r, &b, look ? look->colour : NULL, symbol);
    buf_fill(&b, ' ', 4 - strlen(symbol));
    if (e->address) {
        buf_put_visible(&b, e->address);
        buf_puts(&b, "  ");
    }
    if (e->verdict) {
        put_ink(r, &b, verdict_colour(e->verdict),
                !strcmp(e->verdict, "no_data") ? "no data" : e->verdict);
        buf_puts(&b, e->message ? ": " : "");
    }
    if (e->message)
        buf_put_visible(&b, e->message);
    if (e->world && !strcmp(e->type, "delete"))
        put_ink(r, &b, "2", arena_printf(r->arena, " from %s", e->world));
    buf_putc(&b, '\n');
    fputs(buf_text(&b), r->text);
    fflush(r->text);
}

/* A gate is asked every few seconds, and mostly answers the same. */
static bool again(struct report *r, const struct event *e)
{
    if (strcmp(e->type, "check") != 0 || !e->address)
        return false;
    struct arena *a = r->said.arena;
    const char *now = arena_printf(r->arena, "%s %s %s", e->world ? e->world : "",
                                   e->verdict ? e->verdict : "", e->message ? e->message : "");
    const char *before = map_find(&r->said, e->address);
    if (before && !strcmp(before, now))
        return true;
    map_put(&r->said, before ? e->address : arena_strdup(a, e->address), arena_strdup(a, now));
    return false;
}

static void emit(void *self, const struct event *event)
{
    struct report *r = self;
    struct event clean = *event, *e = &clean;
    clean.message = redact_text(r->secrets, r->arena, event->message);
    r->seq++;
    if (r->events)
        put_json(r, e, NULL);
    if (r->text && (r->verbose || (!minor(e) && !again(r, e))))
        put_text(r, e);
    arena_reset(r->arena);
}

void report_init(struct report *r, struct arena *session, struct arena *a,
                 const struct clock *clock, const char *run)
{
    *r = (struct report){.arena = a, .clock = clock, .run = run, .sink = {emit, r}, .day = -1};
    map_init(&r->said, session);
}

void report_start(struct report *r, const char *command, const char *stack)
{
    r->seq++;
    if (r->events)
        put_json(r,
                 EVENT(.type = "start", .message = arena_printf(r->arena, "bgc %s of stack %s",
                                                                command, stack ? stack : "")),
                 EVENTS_FORMAT);
    arena_reset(r->arena);
}

void report_end(struct report *r, const char *outcome, int exit_code)
{
    r->seq++;
    if (r->events)
        put_json(r, EVENT_END(exit_code, .outcome = outcome, .message = outcome), NULL);
    arena_reset(r->arena);
}
