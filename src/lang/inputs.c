#include "lang/inputs.h"

#include <string.h>

#include "lang/eval.h"
#include "lang/parse.h"

struct reading {
    struct program *p;
    struct arena *a;
    struct map *out;
    bool bad;
};

static const struct decl *input_find(const struct program *p, const char *name)
{
    const struct symbol *s = map_find(&p->root->symbols, name);
    return s && s->decl->kind == DECL_INPUT ? s->decl : NULL;
}

static void unknown_input(struct reading *r, struct span at, const char *name)
{
    struct diag *d = diag_error(r->p->ds, "BG1502", at, "there is no input `%s`", name);
    VEC(const char *) names = {0};
    bool in_time = diags_may_suggest(r->p->ds, r->p->inputs.n);
    for (size_t i = 0; i < r->p->inputs.n && in_time; i++)
        vec_push(r->a, &names, r->p->inputs.at[i]->name.text);
    if (!diag_did_you_mean(r->p->ds, d, at, name, names.at, names.n) && !r->p->inputs.n)
        diag_note(r->p->ds, d, "this program has no inputs");
    r->bad = true;
}

static const struct type *input_type(struct reading *r, const struct decl *d)
{
    return d->type ? type_resolve(r->p, r->p->root, d->type) : NULL;
}

static void put(struct reading *r, const struct decl *d, struct value *v)
{
    const struct type *t = v ? input_type(r, d) : NULL;
    if (v && t)
        v = type_coerce(r->p, r->a, t, v, d->name.text);
    if (v)
        map_put(r->out, d->name.text, v);
    r->bad = r->bad || !v;
}

/* Whether text of this type needs no quotes. */
static bool only_text(const struct type *t)
{
    while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET))
        t = t->elem;
    if (!t)
        return false;
    if (t->kind == TYPE_K_STRING)
        return true;
    for (size_t i = 0; t->kind == TYPE_K_UNION && i < t->items.n; i++)
        if (!only_text(t->items.at[i]))
            return false;
    return t->kind == TYPE_K_UNION;
}

static bool takes_none(const struct type *t)
{
    return t && t->kind == TYPE_K_OPTION;
}

static bool is_secret(const struct type *t)
{
    while (t && t->kind == TYPE_K_OPTION)
        t = t->elem;
    return t && t->kind == TYPE_K_SECRET;
}

/* Where others can read it, a secret is refused. */
static bool misplaced(struct reading *r, const struct decl *d, struct span at, const char *why)
{
    if (!is_secret(input_type(r, d)))
        return false;
    struct diag *e = diag_error(r->p->ds, "BG1505", at, "the secret input `%s` is not given here",
                                d->name.text);
    diag_note(r->p->ds, e, "%s", why);
    diag_help(r->p->ds, e, "put it into the environment as BGC_INPUT_%s, or look it up: "
                           "`existing %s: ssm.parameter { name = \"...\" }`",
              d->name.text, d->name.text);
    r->bad = true;
    return true;
}

/* Its text is kept apart from all other sources: nothing that shows a line of a
 * source, or hashes them all, comes by it. */
static void secret_from_text(struct reading *r, const struct decl *d, const struct type *t,
                             const char *origin, const char *text)
{
    static const char mask[] = "(secret)";
    struct sources own;
    struct diags quiet;
    struct value *v;
    uint32_t shown = sources_add(r->p->ds->sources, arena_strdup(r->p->arena, origin), mask,
                                 sizeof mask - 1);
    if (only_text(t)) {
        v = takes_none(t) && !strcmp(text, "none") ? value_none(r->a)
                                                   : value_string(r->a, arena_strdup(r->a, text));
    } else {
        sources_init(&own, r->a);
        diags_init(&quiet, r->a, &own);
        uint32_t file = sources_add(&own, origin, arena_strdup(r->a, text), strlen(text));
        const struct expr *x = parse_expr(r->a, r->p->names, &quiet, file);
        v = x ? eval_expr(NULL, r->a, &quiet, x, NULL) : NULL;
        if (!v) {
            struct diag *e = diag_error(r->p->ds, "BG1505", (struct span){shown, 0, sizeof mask - 1},
                                        "the value of the secret input `%s` cannot be read",
                                        d->name.text);
            diag_note(r->p->ds, e, "wanted: %s, as the language writes it", type_text(r->a, t));
            r->bad = true;
            return;
        }
        v = value_copy(r->a, v);
    }
    v->span = (struct span){shown, 0, sizeof mask - 1};
    v->secret = v->kind != V_NONE;
    if (redact_too_short(v)) {
        redact_refuse(r->p->ds, v->span, arena_printf(r->p->arena, "the secret input `%s`", d->name.text));
        r->bad = true;
        return;
    }
    put(r, d, v);
}

/* `origin` is what errors call the text: "-i fleet". */
static void from_text(struct reading *r, const struct decl *d, const char *origin, const char *text)
{
    const struct type *t = input_type(r, d);
    if (!t) {
        r->bad = true;
        return;
    }
    if (is_secret(t)) {
        secret_from_text(r, d, t, origin, text);
        return;
    }
    const char *own = arena_strdup(r->p->arena, text);
    size_t len = strlen(own);
    uint32_t file = sources_add(r->p->ds->sources, arena_strdup(r->p->arena, origin), own, len);
    if (only_text(t) && !(takes_none(t) && !strcmp(text, "none"))) {
        struct value *v = value_string(r->a, own);
        v->span = (struct span){file, 0, (uint32_t)len};
        put(r, d, v);
        return;
    }
    const struct expr *x = parse_expr(r->p->arena, r->p->names, r->p->ds, file);
    struct value *v = x ? eval_expr(r->p, r->a, r->p->ds, x, NULL) : NULL;
    if (x && !v) {
        struct diag *note = diags_last(r->p->ds);
        diag_note(r->p->ds, note, "the value of input `%s` is a %s", d->name.text,
                  type_text(r->a, t));
    }
    put(r, d, v);
}

static void from_flags(struct reading *r, const struct inputs_args *args)
{
    for (size_t i = 0; i < args->nflags; i++) {
        const char *flag = args->flags[i], *equals = strchr(flag, '=');
        if (!equals || equals == flag) {
            struct diag *d = diag_error(r->p->ds, "BG1503", NO_SPAN,
                                        "`-i %s` gives no input a value", flag);
            diag_help(r->p->ds, d, "write `-i name=value`");
            r->bad = true;
            continue;
        }
        const char *name = arena_strndup(r->a, flag, (size_t)(equals - flag));
        const struct decl *d = input_find(r->p, name);
        if (d && misplaced(r, d, NO_SPAN, "whoever sees the machine's list of processes sees what "
                                          "stands behind -i"))
            continue;
        if (d)
            from_text(r, d, arena_printf(r->a, "-i %s", name), equals + 1);
        else
            unknown_input(r, NO_SPAN, name);
    }
}

static void from_environment(struct reading *r, const struct inputs_args *args)
{
    for (size_t i = 0; args->lookup && i < r->p->inputs.n; i++) {
        const struct decl *d = r->p->inputs.at[i];
        if (map_has(r->out, d->name.text))
            continue;
        const char *name = arena_printf(r->a, "BGC_INPUT_%s", d->name.text);
        const char *text = args->lookup(args->self, name);
        if (text)
            from_text(r, d, name, text);
    }
}

static void from_bindings(struct reading *r, const struct arg *args, bool replace)
{
    struct map seen;
    map_init(&seen, r->a);
    for (const struct arg *g = args; g; g = g->next) {
        const struct decl *d = g->name.text ? input_find(r->p, g->name.text) : NULL;
        if (!d) {
            if (g->name.text)
                unknown_input(r, g->name.span, g->name.text);
            continue;
        }
        if (map_put(&seen, d->name.text, &seen)) {
            diag_error(r->p->ds, "BG1526", g->name.span, "the input `%s` stands here twice",
                       d->name.text);
            r->bad = true;
            continue;
        }
        if (!replace && map_has(r->out, d->name.text))
            continue; /* something stronger has said it */
        if (!replace && misplaced(r, d, g->name.span, "what stands in a file of the repository is "
                                                      "no secret"))
            continue;
        put(r, d, eval_expr(r->p, r->a, r->p->ds, g->value, NULL));
    }
}

static bool plain_name(const char *name)
{
    for (const char *s = name; *s; s++)
        if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') && !(*s >= '0' && *s <= '9') &&
            !strchr("-_", *s))
            return false;
    return *name != '\0';
}

static void from_file(struct reading *r, const char *env)
{
    if (!plain_name(env)) {
        struct diag *d = diag_error(r->p->ds, "BG1504", NO_SPAN, "`%s` names no environment", env);
        diag_help(r->p->ds, d, "`--env stage` reads env/stage.bg beside the program");
        r->bad = true;
        return;
    }
    size_t len;
    uint32_t file;
    struct arg *lines = NULL;
    if (!program_read(r->p, NO_SPAN, arena_printf(r->p->arena, "env/%s.bg", env), &len, &file) ||
        !parse_bindings(r->p->arena, r->p->names, r->p->ds, file, &lines))
        r->bad = true;
    else
        from_bindings(r, lines, false);
}

/* Flags before files, but in the order of the program: what is printed or saved
 * does not depend on how it was said. */
static struct map *in_order(struct reading *r)
{
    struct map *out = arena_make(r->a, struct map);
    map_init(out, r->a);
    for (size_t i = 0; i < r->p->inputs.n; i++) {
        const char *name = r->p->inputs.at[i]->name.text;
        struct value *v = map_find(r->out, name);
        if (v)
            map_put(out, name, v);
    }
    return out;
}

struct map *inputs_read(struct program *p, struct arena *a, const struct inputs_args *args)
{
    struct map found;
    struct reading r = {p, a, &found, false};
    map_init(&found, a);
    from_flags(&r, args);
    from_environment(&r, args);
    if (args->env)
        from_file(&r, args->env);
    return r.bad ? NULL : in_order(&r);
}

bool inputs_add(struct program *p, struct arena *a, const struct arg *args, struct map *into)
{
    struct reading r = {p, a, into, false};
    from_bindings(&r, args, true);
    return !r.bad;
}
