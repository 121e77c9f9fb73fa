/* What a type wants of the account before anything of it is made. Here it is only
 * read; plan/preflight.c asks and judges. */
#include <string.h>

#include "schema/internal.h"

static struct diag *wrong(struct schemas *ss, struct span at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static struct diag *wrong(struct schemas *ss, struct span at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(ss->program->arena, fmt, ap);
    va_end(ap);
    return diag_error(ss->program->ds, "BG1718", at, "%s", text);
}

static const struct schema_existing *existing(const struct schema *s, const char *name)
{
    for (size_t i = 0; i < s->existings.n; i++)
        if (!strcmp(s->existings.at[i].name, name))
            return &s->existings.at[i];
    return NULL;
}

static bool taken(struct schemas *ss, const struct schema *s, struct word name)
{
    bool preflight = false;
    for (size_t i = 0; i < s->preflights.n; i++)
        preflight = preflight || !strcmp(s->preflights.at[i].name, name.text);
    if (!preflight && !existing(s, name.text) && !schema_name_known(s, name.text))
        return false;
    wrong(ss, name.span, "`%s` means something else here already", name.text);
    return true;
}

static const struct expr *part(const struct type_item *it, const char *name)
{
    for (const struct arg *x = it->bindings; x; x = x->next)
        if (!strcmp(x->name.text, name))
            return x->value;
    return NULL;
}

static bool only(struct schemas *ss, const struct type_item *it, const char *const *names, size_t n)
{
    bool ok = true;
    for (const struct arg *x = it->bindings; x; x = x->next) {
        bool found = false;
        for (size_t i = 0; i < n; i++)
            found = found || !strcmp(names[i], x->name.text);
        if (found)
            continue;
        struct diag *d = wrong(ss, x->name.span, "there is no `%s` here", x->name.text);
        const char *meant = suggest(x->name.text, names, n);
        if (meant)
            diag_help(ss->program->ds, d, "did you mean `%s`?", meant);
        ok = false;
    }
    return ok;
}

static bool compile_quota(struct schemas *ss, struct schema *s, const struct type_item *it,
                          struct schema_preflight *p)
{
    static const char *const parts[] = {"of", "takes", "used", "granted", "help"};
    const struct expr *of = part(it, "of");
    p->takes = part(it, "takes");
    p->used = part(it, "used");
    p->granted = part(it, "granted");
    if (!only(ss, it, parts, sizeof parts / sizeof *parts))
        return false;
    if (!of || !p->takes || !p->used) {
        wrong(ss, it->span, "a quota needs `of` (what says how much there is), `takes` and `used`");
        return false;
    }
    if (of->kind != EXPR_NAME || !existing(s, of->name.text)) {
        wrong(ss, of->span, "`of` names an `existing` that stands before it");
        return false;
    }
    p->of = of->name.text;
    return true;
}

static bool compile_condition(struct schemas *ss, const struct type_item *it,
                              struct schema_preflight *p)
{
    static const char *const parts[] = {"needs", "fail", "warn", "help"};
    p->needs = part(it, "needs");
    p->fail = part(it, "fail");
    p->warn = part(it, "warn");
    if (!only(ss, it, parts, sizeof parts / sizeof *parts))
        return false;
    if (p->needs && !p->fail != !p->warn)
        return true;
    wrong(ss, it->span, "a preflight needs `needs`, and what is said when it does not hold: `fail` "
                        "or `warn`");
    return false;
}

bool preflight_compile(struct schemas *ss, struct schema *s, const struct type_item *it)
{
    if (taken(ss, s, it->name))
        return false;
    if (it->kind == ITEM_EXISTING) {
        if (!program_type(ss->program, it->path)) {
            wrong(ss, it->path_span, "there is no type `%s`", it->path);
            return false;
        }
        struct schema_existing e = {it->name.text, it->path, it->set, it};
        vec_push(ss->program->arena, &s->existings, e);
        return true;
    }
    struct schema_preflight p = {.name = it->name.text, .item = it, .help = part(it, "help")};
    if (it->kind == ITEM_QUOTA ? !compile_quota(ss, s, it, &p) : !compile_condition(ss, it, &p))
        return false;
    vec_push(ss->program->arena, &s->preflights, p);
    return true;
}

struct names_seen {
    struct schemas *ss;
    const struct schema *s;
    bool answers; /* what is looked up may be spoken of */
    bool ok;
};

static void seen(void *self, const char *name, struct span at)
{
    struct names_seen *n = self;
    if (schema_field(n->s, name) || !strcmp(name, "region") ||
        (n->answers && existing(n->s, name)))
        return;
    wrong(n->ss, at, "nothing here is called `%s`", name);
    n->ok = false;
}

bool preflight_check(struct schemas *ss, const struct schema *s)
{
    struct names_seen n = {ss, s, false, true};
    for (size_t i = 0; i < s->existings.n; i++)
        for (const struct arg *x = s->existings.at[i].item->bindings; x; x = x->next)
            names_each(x->value, seen, &n);
    n.answers = true;
    for (size_t i = 0; i < s->preflights.n; i++)
        for (const struct arg *x = s->preflights.at[i].item->bindings; x; x = x->next)
            names_each(x->value, seen, &n);
    return n.ok;
}
