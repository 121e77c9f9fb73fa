#include <stdio.h>
#include <string.h>

#include "lang/check_state.h"
#include "lang/parse.h"

/* ---- signatures of natives ------------------------------------------- */

struct parameter {
    const char *name;
    const struct type *type;
    bool optional;
    const struct expr *dflt; /* of a native; NULL */
};

struct signature {
    const char *name;
    const char *text;
    VEC(struct parameter) params;
    const struct type *result;
    const struct native *native; /* NULL: a function of the program */
};

static struct signature *signature_of(struct checker *c, const struct native *n)
{
    struct signature *s = map_find(&c->p->native_memo, n->signature);
    if (s)
        return s;
    s = arena_make(c->a, struct signature);
    s->name = n->name;
    s->text = n->signature;
    s->native = n;
    s->result = type_simple(TYPE_K_POISON);
    map_put(&c->p->native_memo, n->signature, s);
    /* `fn` of the language has a body and a plain name; a native has neither. */
    const char *open = strchr(n->signature, '(');
    const char *text = arena_printf(c->a, "fn native%s = none\n", open ? open : "(): bool");
    uint32_t file = sources_add(c->p->ds->sources, arena_printf(c->a, "native:%s", n->name), text,
                                strlen(text));
    const struct file_ast *ast = parse_file(c->a, c->p->names, c->p->ds, file);
    if (!ast->decls || ast->decls->kind != DECL_FN)
        return s;
    for (const struct field_ast *f = ast->decls->params; f; f = f->next)
        vec_push(c->a, &s->params, (struct parameter){
            f->name.text, type_resolve_native(c->p, f->type),
            f->value || (f->type && f->type->kind == TYPE_OPTION), f->value});
    s->result = type_resolve_native(c->p, ast->decls->type);
    return s;
}

/* ---- type variables -------------------------------------------------- */

struct binding {
    const char *name;
    const struct type *type;
};

struct bindings {
    VEC(struct binding) all;
};

static struct binding *bound(struct bindings *b, const char *name)
{
    for (size_t i = 0; i < b->all.n; i++)
        if (!strcmp(b->all.at[i].name, name))
            return &b->all.at[i];
    return NULL;
}

static bool unify(struct checker *c, struct bindings *b, const struct type *want,
                  const struct type *have);

static bool unify_var(struct checker *c, struct bindings *b, const char *name,
                      const struct type *have)
{
    struct binding *old = bound(b, name);
    if (!old) {
        vec_push(c->a, &b->all, (struct binding){name, have});
        return true;
    }
    const struct type *both = type_join(c->a, old->type, have);
    old->type = both ? both : old->type;
    return both != NULL;
}

static bool unify(struct checker *c, struct bindings *b, const struct type *want,
                  const struct type *have)
{
    if (have->kind == TYPE_K_POISON || have->kind == TYPE_K_ANY)
        return true;
    if (want->kind == TYPE_K_VAR)
        return unify_var(c, b, want->name, have);
    if (have->kind == TYPE_K_SECRET && want->kind != TYPE_K_SECRET)
        return unify(c, b, want, have->elem);
    if (want->kind == TYPE_K_OPTION)
        return have->kind == TYPE_K_NONE ||
               unify(c, b, want->elem, have->kind == TYPE_K_OPTION ? have->elem : have);
    if (want->kind == TYPE_K_LIST || want->kind == TYPE_K_SET)
        return (have->kind == TYPE_K_LIST || have->kind == TYPE_K_SET) &&
               unify(c, b, want->elem, have->elem);
    if (want->kind == TYPE_K_MAP && have->kind == TYPE_K_RECORD) {
        for (size_t i = 0; i < have->fields.n; i++)
            if (!unify(c, b, want->elem, have->fields.at[i].type))
                return false;
        return true;
    }
    if (want->elem && have->elem && want->kind == have->kind && want->kind != TYPE_K_FUNCTION)
        return unify(c, b, want->elem, have->elem);
    return type_accepts(want, have);
}

static const struct type *substitute(struct checker *c, struct bindings *b, const struct type *t)
{
    if (t->kind == TYPE_K_VAR) {
        const struct binding *is = bound(b, t->name);
        if (!is)
            return type_simple(TYPE_K_ANY);
        /* The sum of 1..3 is no longer 1..3. */
        return is->type->kind == TYPE_K_INT ? type_simple(TYPE_K_INT) : is->type;
    }
    if (!t->elem)
        return t;
    const struct type *e = substitute(c, b, t->elem);
    return e == t->elem ? t : type_of(c->a, t->kind, e);
}

/* ---- arguments to parameters ----------------------------------------- */

enum { ARGS_MAX = 32 };

struct fit {
    const struct signature *sig;
    const struct arg *args[ARGS_MAX]; /* by parameter; NULL: left out */
};

static void put_signature(const struct at *at, struct diag *d, const struct signature *s)
{
    diag_note(at->c->ds, d, "%s", s->text);
}

/* Positional first, then named. Says what is wrong when `loud`. */
static bool place_args(const struct at *at, const struct expr *e, const struct signature *s,
                       struct fit *fit, bool loud)
{
    struct checker *c = at->c;
    struct diag *d = NULL;
    size_t next = 0;
    memset(fit, 0, sizeof *fit);
    fit->sig = s;
    for (const struct arg *g = e->args; g && !d; g = g->next) {
        size_t i = next++;
        if (g->name.text) {
            for (i = 0; i < s->params.n && strcmp(s->params.at[i].name, g->name.text) != 0;)
                i++;
            if (i == s->params.n) {
                if (!loud)
                    return false;
                d = diag_error(c->ds, "BG1016", g->name.span, "`%s` has no parameter `%s`", s->name,
                               g->name.text);
                const char *names[ARGS_MAX];
                size_t n = 0;
                for (size_t k = 0; k < s->params.n && n < ARGS_MAX; k++)
                    names[n++] = s->params.at[k].name;
                diag_did_you_mean(c->ds, d, g->name.span, g->name.text, names, n);
                break;
            }
        }
        if (i >= s->params.n || i >= ARGS_MAX) {
            if (!loud)
                return false;
            d = diag_error(c->ds, "BG1016", g->value->span, "`%s` takes %zu argument%s", s->name,
                           s->params.n, s->params.n == 1 ? "" : "s");
            diag_at(c->ds, d, "one too many");
        } else if (fit->args[i]) {
            if (!loud)
                return false;
            d = diag_error(c->ds, "BG1016", g->value->span, "`%s` is given twice",
                           s->params.at[i].name);
            diag_label(c->ds, d, fit->args[i]->value->span, "first here");
        } else {
            fit->args[i] = g;
        }
    }
    for (size_t i = 0; i < s->params.n && i < ARGS_MAX && !d; i++)
        if (!fit->args[i] && !s->params.at[i].optional) {
            if (!loud)
                return false;
            d = diag_error(c->ds, "BG1016", e->span, "`%s` is missing its argument `%s`", s->name,
                           s->params.at[i].name);
        }
    if (d)
        put_signature(at, d, s);
    return !d;
}

/* ---- natives --------------------------------------------------------- */

/* A duration that stands in the file: literally, or through a `let`. */
static bool written_duration(const struct at *at, const struct expr *e, int64_t *ms)
{
    for (int hops = 0; hops < 16 && e; hops++) {
        if (e->kind == EXPR_LITERAL && e->literal->kind == V_DURATION) {
            *ms = e->literal->i;
            return true;
        }
        const struct symbol *y = e->kind == EXPR_NAME ? scope_find(at->scope, e->name.text) : NULL;
        e = y && y->decl->kind == DECL_LET ? y->decl->value : NULL;
    }
    return false;
}

/* What a measurement asks of a resource, its type must be able to tell. */
static bool can_tell(const struct at *at, const struct expr *e, const struct native *n,
                     const struct typed *of)
{
    static const struct {
        const char *native, *member;
    } asks[] = {{"healthy", "healthy"}, {"scales", "desired"}, {"count", "lines"}};
    const struct decl *type = of->type->kind == TYPE_K_REF && of->type->name
                                  ? program_type(at->c->p, of->type->name)
                                  : NULL;
    for (size_t i = 0; type && i < sizeof asks / sizeof *asks; i++) {
        if (strcmp(asks[i].native, n->name) != 0 || type_field(type, asks[i].member) ||
            type_metric(type, asks[i].member))
            continue;
        struct diag *d = diag_error(at->c->ds, "BG1010", e->args->value->span,
                                    "`%s` cannot ask this", n->name);
        diag_at(at->c->ds, d, "this is ref %s", of->type->name);
        diag_note(at->c->ds, d, "the type must declare `%s`", asks[i].member);
        return false;
    }
    return true;
}

static void note_measure(const struct at *at, const struct expr *e, const struct fit *fit,
                         const struct typed *args)
{
    struct checker *c = at->c;
    struct measure m = {.native = fit->sig->native, .span = e->span};
    for (size_t i = 0; i < fit->sig->params.n && i < ARGS_MAX; i++) {
        if (!fit->args[i]) {
            const struct expr *dflt = fit->sig->params.at[i].dflt;
            if (!strcmp(fit->sig->params.at[i].name, "window") && dflt)
                written_duration(at, dflt, &m.window);
            continue;
        }
        m.live = m.live || args[i].live;
        if (args[i].subject)
            vec_push(c->a, &m.subjects, args[i].subject);
        if (strcmp(fit->sig->params.at[i].name, "window") != 0 || is_poison(args[i]))
            continue;
        const struct expr *w = fit->args[i]->value;
        if (!written_duration(at, w, &m.window)) {
            struct diag *d = diag_error(c->ds, "BG4017", w->span,
                                        "the window of a measurement must stand in the file");
            diag_help(c->ds, d, "write a duration, for example `5m`: holds are checked against it");
            m.window_unknown = true;
        } else if (m.window <= 0) {
            diag_error(c->ds, "BG4017", w->span, "a window of no length measures nothing");
            m.window_unknown = true;
        }
    }
    if (at->measures)
        vec_push(c->a, &at->measures->all, m);
}

static bool may_measure(const struct at *at)
{
    return at->site == SITE_GATE || at->site == SITE_RETIRE || at->site == SITE_EXPECT;
}

/* The body of a lambda; its variable has the type that its parameter says. */
static struct typed check_lambda(const struct at *at, struct bindings *b, const struct type *want,
                                 const struct expr *e, struct typed over)
{
    struct local var = {at->locals, e->var.text, over};
    var.is.type = substitute(at->c, b, want->items.at[0]);
    var.is.subject = NULL;
    var.is.leaves = NULL;
    struct at in = *at;
    in.locals = &var;
    const struct type *to = want->elem->kind == TYPE_K_VAR ? NULL : want->elem;
    struct typed t = check_at(&in, e->b, to, "the result");
    if (!is_poison(t) && want->elem->kind == TYPE_K_VAR)
        unify(at->c, b, want->elem, t.type);
    return t;
}

/* Arguments are typed once, before it is known which overload they are for. */
struct typed_arg {
    const struct arg *arg;
    struct typed is;
};

static bool fits(struct checker *c, const struct fit *fit, const struct typed *args,
                 struct bindings *b, size_t *wrong)
{
    for (size_t i = 0; i < fit->sig->params.n && i < ARGS_MAX; i++) {
        const struct type *want = fit->sig->params.at[i].type;
        if (!fit->args[i])
            continue;
        bool lambda = fit->args[i]->value->kind == EXPR_LAMBDA;
        *wrong = i;
        if (want->kind == TYPE_K_FUNCTION ? !lambda : lambda || !unify(c, b, want, args[i].type))
            return false;
    }
    return true;
}

static void arrange(const struct fit *fit, const struct typed_arg *all, size_t n,
                    struct typed *args)
{
    for (size_t i = 0; i < fit->sig->params.n && i < ARGS_MAX; i++)
        for (size_t k = 0; k < n && fit->args[i]; k++)
            if (all[k].arg == fit->args[i])
                args[i] = all[k].is;
}

static struct typed report_args(const struct at *at, const struct expr *e, const struct fit *fit,
                                const struct typed *args, size_t wrong, size_t overloads)
{
    struct checker *c = at->c;
    const struct parameter *want = &fit->sig->params.at[wrong];
    const struct expr *g = fit->args[wrong]->value;
    const char *what = arena_printf(c->a, "argument `%s` of `%s`", want->name, fit->sig->name);
    if (overloads > 1) {
        struct diag *d = diag_error(c->ds, "BG1016", e->span, "`%s` does not take these arguments",
                                    fit->sig->name);
        for (const struct native *n = native_find(fit->sig->name); n; n = native_overload(n))
            diag_note(c->ds, d, "%s", n->signature);
        return typed_poison();
    }
    if (want->type->kind == TYPE_K_FUNCTION) {
        struct diag *d = diag_error(c->ds, "BG1010", g->span, "%s must be a function", what);
        diag_help(c->ds, d, "for example `x => x`");
        return typed_poison();
    }
    if (g->kind == EXPR_LAMBDA) {
        diag_error(c->ds, "BG1010", g->span, "%s is no function", what);
        return typed_poison();
    }
    struct bindings none = {0};
    size_t before = c->ds->errors;
    check_fits(at, g, args[wrong], substitute(c, &none, want->type), what);
    if (c->ds->errors == before) {
        struct diag *d = diag_error(c->ds, "BG1010", g->span, "%s does not fit the others", what);
        put_signature(at, d, fit->sig);
    }
    return typed_poison();
}

static bool of_variable(const struct type *t)
{
    for (; t; t = t->elem)
        if (t->kind == TYPE_K_VAR)
            return true;
    return false;
}

static struct typed native_result(const struct at *at, const struct expr *e, const struct fit *fit,
                                  struct typed *args, struct bindings *b)
{
    struct checker *c = at->c;
    const struct native *n = fit->sig->native;
    struct typed t = typed_of(NULL);
    bool bad = false;
    bool carries = of_variable(fit->sig->result); /* elements of what it was given */
    enum phase shape = PHASE_CONST;
    for (size_t i = 0; i < fit->sig->params.n && i < ARGS_MAX; i++) {
        if (!fit->args[i])
            continue;
        const struct expr *g = fit->args[i]->value;
        if (g->kind == EXPR_LAMBDA)
            args[i] = check_lambda(at, b, fit->sig->params.at[i].type, g, t);
        bad = bad || is_poison(args[i]);
        struct typed part = args[i];
        if (n->shape && !carries) {
            part.phase = part.shape;
            part.why = part.phase ? part.why : NULL;
        }
        shape = part.shape > shape ? part.shape : shape;
        typed_join(&t, part);
    }
    if (n->phase == PHASE_RUN && !may_measure(at)) {
        struct diag *d = diag_error(c->ds, "BG2002", e->span, "`%s` measures, and nothing can be "
                                    "measured here", n->name);
        diag_help(c->ds, d, "measurements stand in the `check` of a gate, in `retire when` and in "
                            "`expect`");
        return typed_poison();
    }
    if (n->phase == PHASE_RUN && !bad && !can_tell(at, e, n, &args[0]))
        return typed_poison();
    if (n->phase == PHASE_RUN)
        note_measure(at, e, fit, args);
    if (n->phase > t.phase) {
        t.phase = (enum phase)n->phase;
        t.why = NULL;
    }
    t.shape = n->shape && carries ? shape : t.phase;
    t.live = false;
    t.type = bad ? type_simple(TYPE_K_POISON) : substitute(c, b, fit->sig->result);
    return t;
}

static struct typed call_native(const struct at *at, const struct expr *e,
                                const struct native *first)
{
    struct checker *c = at->c;
    struct typed_arg all[ARGS_MAX];
    size_t n = 0, overloads = 0, wrong = 0;
    bool bad = false;
    for (const struct arg *g = e->args; g && n < ARGS_MAX; g = g->next, n++) {
        all[n].arg = g;
        all[n].is = g->value && g->value->kind == EXPR_LAMBDA ? typed_of(type_simple(TYPE_K_ANY))
                                                              : check_at(at, g->value, NULL, NULL);
        bad = bad || is_poison(all[n].is);
    }
    struct fit fit, nearest = {0};
    for (const struct native *k = first; k; k = native_overload(k)) {
        struct bindings b = {0};
        struct typed args[ARGS_MAX] = {0};
        size_t at_arg = 0;
        overloads++;
        if (!place_args(at, e, signature_of(c, k), &fit, false))
            continue;
        arrange(&fit, all, n, args);
        if (fits(c, &fit, args, &b, &at_arg))
            return native_result(at, e, &fit, args, &b);
        if (!nearest.sig) {
            nearest = fit;
            wrong = at_arg;
        }
    }
    if (bad)
        return typed_poison();
    if (!nearest.sig) {
        if (overloads == 1) {
            place_args(at, e, signature_of(c, first), &fit, true);
        } else {
            struct diag *d = diag_error(c->ds, "BG1016", e->span, "`%s` does not take these "
                                        "arguments", first->name);
            for (const struct native *k = first; k; k = native_overload(k))
                diag_note(c->ds, d, "%s", k->signature);
        }
        return typed_poison();
    }
    struct typed args[ARGS_MAX] = {0};
    arrange(&nearest, all, n, args);
    return report_args(at, e, &nearest, args, wrong, overloads);
}

/* ---- functions of the program ---------------------------------------- */

static struct signature *signature_of_fn(struct checker *c, const struct symbol *y)
{
    const struct decl *d = y->decl;
    const char *key = arena_printf(c->a, "fn %u:%u", d->span.file, d->span.start);
    struct signature *s = map_find(&c->p->native_memo, key);
    if (s)
        return s;
    struct buf text;
    buf_init(&text, c->a);
    buf_printf(&text, "fn %s(", y->name);
    s = arena_make(c->a, struct signature);
    s->name = y->name;
    const struct type *const *types = type_of_fn(c->p, y);
    for (const struct field_ast *f = d->params; f; f = f->next) {
        const struct type *t = *types++;
        vec_push(c->a, &s->params, (struct parameter){f->name.text, t, f->value != NULL, NULL});
        buf_printf(&text, "%s%s: %s", f == d->params ? "" : ", ", f->name.text,
                   type_text(c->a, t));
    }
    s->result = *types;
    buf_printf(&text, "): %s", type_text(c->a, s->result));
    s->text = buf_text(&text);
    map_put(&c->p->native_memo, key, s);
    return s;
}

static struct typed call_fn(const struct at *at, const struct expr *e, const struct symbol *y)
{
    struct checker *c = at->c;
    const struct signature *s = signature_of_fn(c, y);
    struct fit fit;
    if (!check_fn(c, y)) {
        struct diag *d = diag_error(c->ds, "BG1024", e->a->span, "`%s` calls itself", y->name);
        diag_label(c->ds, d, y->decl->name.span, "declared here");
        diag_help(c->ds, d, "a function always comes to an end: use a loop, `[for x in xs: ...]`");
        return typed_poison();
    }
    if (!place_args(at, e, s, &fit, true)) {
        for (const struct arg *g = e->args; g; g = g->next)
            check_at(at, g->value, NULL, NULL);
        return typed_poison();
    }
    struct typed t = typed_of(s->result);
    for (size_t i = 0; i < s->params.n && i < ARGS_MAX; i++) {
        if (!fit.args[i])
            continue;
        const char *what =
            arena_printf(c->a, "argument `%s` of `%s`", s->params.at[i].name, s->name);
        struct typed v = check_at(at, fit.args[i]->value, s->params.at[i].type, what);
        if (v.deep > v.phase) { /* the body may read a field of it */
            v.phase = v.deep;
        }
        typed_join(&t, v);
    }
    t.shape = t.phase;
    t.subject = NULL;
    return t;
}

/* ---- calls ----------------------------------------------------------- */

/* "http.get" of http.get; NULL when it is no path of words. */
static const char *callee_path(const struct at *at, const struct expr *e)
{
    if (e->kind == EXPR_NAME)
        return e->name.text;
    if (e->kind != EXPR_FIELD)
        return NULL;
    const char *of = callee_path(at, e->a);
    return of ? arena_printf(at->c->a, "%s.%s", of, e->name.text) : NULL;
}

/* Whether it is `web.f` of a file that could not be read, which was said where it is imported. */
static bool lost_import(const struct at *at, const struct expr *callee)
{
    const struct symbol *use = callee->kind == EXPR_FIELD && callee->a->kind == EXPR_NAME
                                   ? scope_find(at->scope, callee->a->name.text)
                                   : NULL;
    return use && use->decl->kind == DECL_USE && !use->body;
}

static struct typed unknown_function(const struct at *at, const struct expr *e, const char *path)
{
    struct checker *c = at->c;
    const struct symbol *y =
        e->a->kind == EXPR_NAME ? scope_find(at->scope, e->a->name.text) : NULL;
    struct diag *d;
    for (const struct arg *g = e->args; g; g = g->next)
        if (g->value && g->value->kind != EXPR_LAMBDA)
            check_at(at, g->value, NULL, NULL);
    if (y) {
        d = diag_error(c->ds, "BG1015", e->a->span, "`%s` is not a function", path);
        return typed_poison();
    }
    if (lost_import(at, e->a))
        return typed_poison();
    d = diag_error(c->ds, "BG1015", e->a->span, "there is no function `%s`", path ? path : "?");
    if (path)
        diag_missing(c->ds, d, "function", path);
    VEC(const char *) names = {0};
    bool in_time = diags_may_suggest(c->ds, scope_root(at->scope)->symbols.n);
    for (const struct scope *s = at->scope; s && in_time; s = s->parent)
        for (size_t i = 0; i < s->symbols.n; i++) {
            const struct symbol *f = s->symbols.entries[i].value;
            if (f->decl->kind == DECL_FN)
                vec_push(c->a, &names, f->name);
        }
    size_t n = 0;
    const struct native *all = native_all(&n);
    for (size_t i = 0; i < n; i++)
        vec_push(c->a, &names, all[i].name);
    if (path)
        diag_did_you_mean(c->ds, d, e->a->span, path, names.at, names.n);
    return typed_poison();
}

struct typed check_call(const struct at *at, const struct expr *e)
{
    const struct symbol *fn = find_function(at, e->a);
    if (fn)
        return call_fn(at, e, fn);
    const char *path = callee_path(at, e->a);
    /* A value may be called like a native: values are not called, so it hides nothing. */
    const struct native *n = path ? native_find(path) : NULL;
    if (n)
        return call_native(at, e, n);
    return unknown_function(at, e, path ? path : "this");
}
