#include "rehearse/story.h"

#include <stdarg.h>
#include <string.h>

#include "lang/print.h"

static void line(struct story *s, const char *text)
{
    if (!s->out)
        return;
    int64_t at = clock_now(sandbox_clock(s->sandbox)) - s->zero;
    buf_printf(s->out, "  %3lld:%02lld:%02lld  %s\n", (long long)(at / 3600000), (long long)(at / 60000 % 60),
               (long long)(at / 1000 % 60), text);
}

void story_say(struct story *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    line(s, arena_vprintf(s->arena, fmt, ap));
    va_end(ap);
}

/* "web.alb.http_5xx" of a path as written. */
static const char *target_text(struct story *s, const struct expr *e)
{
    struct buf b;
    buf_init(&b, s->arena);
    print_expr(&b, e);
    return buf_text(&b);
}

/* `web.alb.latency` is the candidate's; `db.cpu` is everybody's. */
static bool of_world(const struct story *s, const struct expr *e)
{
    while (e->kind == EXPR_FIELD)
        e = e->a;
    for (size_t i = 0; e->kind == EXPR_NAME && i < s->program->worlds.n; i++)
        if (!strcmp(s->program->worlds.at[i]->name.text, e->name.text))
            return true;
    return false;
}

static void begin_faults(struct story *s, const struct scene_ast *scene)
{
    for (const struct fault_ast *f = scene->faults; f; f = f->next) {
        const char *target = target_text(s, f->target);
        struct value *v = eval_expr(s->program, s->arena, s->ds, f->value, NULL);
        if (!v || !sandbox_fault(s->sandbox, of_world(s, f->target) ? s->candidate : NULL, target, v)) {
            if (v)
                diag_error(s->ds, "BG4040", f->span, "the simulated account has no way to change `%s` like this", target);
            s->broken = true;
            continue;
        }
        story_say(s, "!  fault: %s becomes %s", target, value_text(s->arena, v));
    }
}

static void moment(struct story *s, const char *name, double share)
{
    for (const struct scene_ast *c = s->scenario->scenes; c; c = c->next) {
        if (c->kind != SCENE_AT)
            continue;
        bool named = c->moment.text && *c->moment.text;
        double at = dec_double(c->share), off = at - share;
        if (named ? name && !strcmp(c->moment.text, name) : share > 0 && off < 0.001 && off > -0.001)
            begin_faults(s, c);
    }
}

static void told(void *self, const struct event *e)
{
    struct story *s = self;
    const char *m = e->message ? e->message : "";
    if (e->world && (!strcmp(e->type, "plan") || !strcmp(e->type, "test")) && !s->candidate)
        s->candidate = arena_strdup(s->arena, e->world);
    if (!strcmp(e->type, "check")) {
        if (!strcmp(e->verdict, "fail")) {
            s->failed = arena_strdup(s->arena, e->address);
            story_say(s, "x  %s fails: %s", e->address, m);
        } else if (!strcmp(e->verdict, "pass")) {
            story_say(s, "ok %s: %s", e->address, m);
        }
        return;
    }
    if (!strcmp(e->type, "shift") && e->share >= 0) {
        bool back = s->rolling_since >= 0;
        story_say(s, "=> %s", m);
        if (back && s->restored < 0)
            s->restored = clock_now(sandbox_clock(s->sandbox)) - s->rolling_since;
        s->share = back ? 0 : e->share;
        if (!back)
            moment(s, NULL, e->share);
        return;
    }
    if (!strcmp(e->type, "rollback"))
        s->rolling_since = clock_now(sandbox_clock(s->sandbox));
    static const char *const shown[] = {"plan", "test", "gate", "hold", "approve", "bake", "retire",
                                        "rollback", "abort", "wait", "warning", "activate", "quiesce"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (!strcmp(e->type, shown[i]))
            story_say(s, "   %s", m);
    if (!strcmp(e->type, "plan") && strstr(m, "building"))
        moment(s, "build", -1);
    else if (!strcmp(e->type, "test") || !strcmp(e->type, "approve") || !strcmp(e->type, "bake") ||
             !strcmp(e->type, "retire") || !strcmp(e->type, "rollback"))
        moment(s, e->type, -1);
}

void story_begin(struct story *s, struct arena *a, struct program *p, struct diags *ds, struct sandbox *box,
                 const struct decl *scenario, struct buf *out)
{
    *s = (struct story){.arena = a, .program = p, .ds = ds, .sandbox = box, .scenario = scenario, .out = out,
                        .rolling_since = -1, .restored = -1};
    s->sink = (struct sink){told, s};
    s->zero = clock_now(sandbox_clock(box));
}
