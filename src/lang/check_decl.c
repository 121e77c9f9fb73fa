#include <inttypes.h>
#include <string.h>

#include "lang/check_state.h"
#include "lang/moved.h"

/* ---- what lint asks -------------------------------------------------- */

/* Where `d` is or would be. Only membership is asked, never the order. */
static size_t used_slot(const struct checker *c, const struct decl *d)
{
    size_t i = ((uintptr_t)d >> 4) * 0x9e3779b1u & (c->used.cap - 1);
    while (c->used.slots[i] && c->used.slots[i] != d)
        i = (i + 1) & (c->used.cap - 1);
    return i;
}

void mark_used(struct checker *c, const struct decl *d)
{
    if (c->used.n * 2 >= c->used.cap) {
        const struct decl **old = c->used.slots;
        size_t n = c->used.cap;
        c->used.cap = n ? n * 2 : 64;
        c->used.slots = arena_array(c->a, const struct decl *, c->used.cap);
        for (size_t i = 0; i < n; i++)
            if (old[i])
                c->used.slots[used_slot(c, old[i])] = old[i];
    }
    size_t i = used_slot(c, d);
    c->used.n += !c->used.slots[i];
    c->used.slots[i] = d;
}

bool is_used(const struct checker *c, const struct decl *d)
{
    return c->used.cap && c->used.slots[used_slot(c, d)];
}

/* ---- inputs, values, functions --------------------------------------- */

static void check_default(const struct at *at, const struct type *t, const struct expr *value,
                          const char *name)
{
    if (!value)
        return;
    check_secret_default(at, t, value, name);
    struct typed v = check_at(at, value, t, arena_printf(at->c->a, "the default of `%s`", name));
    if (!is_poison(v) && v.phase != PHASE_CONST)
        diag_error(at->c->ds, "BG2003", value->span,
                   "a default must be known before anything is read from the account");
}

static void check_input(struct checker *c, const struct scope *s, const struct decl *d)
{
    struct at at = {.c = c, .scope = s};
    const struct symbol *y = map_find(&s->symbols, d->name.text);
    if (!y || y->decl != d)
        return;
    struct typed t = value_at_symbol(&at, y, d->name.span);
    check_default(&at, t.type, d->value, d->name.text);
}

static void check_let(struct checker *c, const struct scope *s, const struct decl *d)
{
    struct at at = {.c = c, .scope = s};
    const struct symbol *y = map_find(&s->symbols, d->name.text);
    if (!y || y->decl != d) { /* declared twice: the second is still read */
        check_at(&at, d->value, NULL, NULL);
        return;
    }
    value_at_symbol(&at, y, d->name.span);
}

static void declared_twice(struct checker *c, struct word again, struct word first)
{
    struct diag *e = diag_error(c->ds, "BG1002", again.span, "`%s` is declared twice", again.text);
    diag_at(c->ds, e, "declared again");
    diag_label(c->ds, e, first.span, "first declared here");
    diag_help(c->ds, e, "give one of them another name");
}

struct fn_memo {
    bool busy;
};

bool check_fn(struct checker *c, const struct symbol *fn)
{
    struct symbol *keeper = (struct symbol *)(uintptr_t)fn;
    struct fn_memo *m = fn->checked;
    if (m)
        return !m->busy;
    m = arena_make(c->a, struct fn_memo);
    keeper->checked = m;
    m->busy = true;
    const struct decl *d = fn->decl;
    struct diags *ds = c->ds;
    struct at at = {.c = c, .scope = fn->scope};
    c->ds = c->p->ds; /* whoever calls it first may be muted */
    const struct type *const *types = type_of_fn(c->p, fn);
    for (const struct field_ast *f = d->params; f; f = f->next) {
        const struct type *t = *types++;
        check_default(&at, t, f->value, f->name.text);
        for (const struct field_ast *g = d->params; g != f; g = g->next)
            if (f->name.text && g->name.text == f->name.text) {
                declared_twice(c, f->name, g->name);
                break;
            }
        struct local *l = arena_make(c->a, struct local);
        *l = (struct local){at.locals, f->name.text, typed_of(t)};
        at.locals = l;
    }
    const struct type *result = *types;
    struct typed v = check_at(&at, d->value, result,
                              arena_printf(c->a, "the result of `%s`", fn->name));
    if (!is_poison(v) && (v.phase > PHASE_CONST || v.world)) {
        struct diag *e = diag_error(c->ds, "BG2003", d->value->span,
                                    "a function knows only its arguments, inputs and other values "
                                    "of the file");
        if (v.world)
            diag_label(c->ds, e, v.world->span, "this exists once per colour");
        diag_help(c->ds, e, "give it what it needs as an argument");
    }
    c->ds = ds;
    m->busy = false;
    return true;
}

/* ---- modules --------------------------------------------------------- */

static void check_out(struct checker *c, const struct scope *s, const struct decl *d,
                      struct module_memo *m)
{
    struct at at = {.c = c, .scope = s};
    struct typed v = check_at(&at, d->value, NULL, NULL);
    if (!m || !d->name.text)
        return;
    if (map_has(&m->outs, d->name.text)) {
        diag_error(c->ds, "BG1002", d->name.span, "`%s` is given out twice", d->name.text);
        return;
    }
    struct typed *keep = arena_make(c->a, struct typed);
    *keep = v;
    map_put(&m->outs, d->name.text, keep);
}

struct module_memo *check_module(struct checker *c, const struct symbol *module)
{
    struct symbol *keeper = (struct symbol *)(uintptr_t)module;
    struct module_memo *m = module->checked;
    if (m)
        return m;
    m = arena_make(c->a, struct module_memo);
    map_init(&m->outs, c->a);
    keeper->checked = m;
    if (!check_enter(c, module->decl->name.span))
        return m;
    m->busy = true;
    struct diags *ds = c->ds;
    c->ds = c->p->ds;
    const struct scope *s = module->body;
    for (const struct field_ast *f = module->decl->params; f; f = f->next) {
        const struct symbol *y = map_find(&s->symbols, f->name.text);
        if (y)
            check_input(c, s, y->decl);
    }
    check_body(c, s, module->decl->body);
    for (const struct decl *d = module->decl->body; d; d = d->next)
        if (d->kind == DECL_OUT)
            check_out(c, s, d, m);
    c->ds = ds;
    c->depth--;
    m->busy = false;
    m->done = true;
    return m;
}

/* ---- bodies ---------------------------------------------------------- */

static void check_assert(struct checker *c, const struct scope *s, const struct decl *d)
{
    struct at at = {.c = c, .scope = s};
    struct typed v = check_at(&at, d->value, type_simple(TYPE_K_BOOL), "what is asserted");
    want_plan(&at, d->value, v, false, "what is asserted");
}

void check_body(struct checker *c, const struct scope *s, const struct decl *body)
{
    for (const struct decl *d = body; d; d = d->next)
        if (d->kind == DECL_LET)
            check_let(c, s, d);
    for (const struct decl *d = body; d; d = d->next)
        switch (d->kind) {
        case DECL_EXISTING:
        case DECL_RESOURCE: check_resource(c, s, d); break;
        case DECL_ASSERT: check_assert(c, s, d); break;
        case DECL_ENTRY: {
            struct at at = {.c = c, .scope = s};
            check_at(&at, d->value, type_simple(TYPE_K_REF), "`entry`");
            break;
        }
        default: break;
        }
}

/* ---- stack and accounts ---------------------------------------------- */

struct setting {
    const char *name, *pattern, *example;
};

static const struct setting stack_settings[] = {
    {"region", "^[a-z]{2}(-[a-z]+)+-[0-9]+$", "eu-west-1"},
    {"account", "^[0-9]{12}$", "123456789012"},
    {"store", "^s3://[a-z0-9][a-z0-9.-]+(/.*)?$|^(\\./|/|\\.[a-z])", "s3://bucket/prefix"},
    {"tags", NULL, NULL},
};
static const struct setting account_settings[] = {
    {"role", "^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", "arn:aws:iam::123456789012:role/name"},
    {"region", "^[a-z]{2}(-[a-z]+)+-[0-9]+$", "eu-west-1"},
};

static void check_settings(struct checker *c, const struct decl *d, const char *of,
                           const struct setting *known, size_t n)
{
    struct at at = {.c = c, .scope = c->p->root};
    struct type *record = arena_make(c->a, struct type);
    record->kind = TYPE_K_RECORD;
    for (size_t i = 0; i < n; i++) {
        struct type *t = arena_make(c->a, struct type);
        t->kind = TYPE_K_STRING;
        t->pattern = known[i].pattern;
        const struct type *is =
            known[i].pattern ? t : type_of(c->a, TYPE_K_MAP, type_simple(TYPE_K_STRING));
        vec_push(
            c->a, &record->fields,
            (struct type_member){.name = known[i].name, .type = type_of(c->a, TYPE_K_OPTION, is)});
    }
    for (const struct arg *g = d->fields; g; g = g->next)
        for (size_t i = 0; i < n && g->value; i++)
            if (g->name.text && known[i].pattern && !strcmp(known[i].name, g->name.text) &&
                g->value->kind == EXPR_LITERAL && g->value->literal->kind == V_STRING) {
                size_t errors = c->ds->errors;
                check_at(&at, g->value, record->fields.at[i].type,
                         arena_printf(c->a, "field `%s`", known[i].name));
                if (c->ds->errors > errors) {
                    struct diag *e = diags_last(c->ds);
                    e->notes.n = 0;
                    diag_help(c->ds, e, "written for example \"%s\"", known[i].example);
                    record->fields.at[i].type = type_simple(TYPE_K_POISON);
                }
            }
    check_fields(&at, d, record, of, NULL);
    for (const struct arg *g = d->fields; g; g = g->next) {
        struct typed v = typed_poison();
        struct diags *loud = c->ds, quiet;
        diags_init(&quiet, c->a, loud->sources);
        c->ds = &quiet;
        v = check_at(&at, g->value, NULL, NULL);
        c->ds = loud;
        if (!is_poison(v) && v.phase != PHASE_CONST)
            diag_error(c->ds, "BG2003", g->value->span,
                       "%s must be known before anything is read from the account", of);
    }
}

/* ---- moved, adopt ---------------------------------------------------- */

static void check_addresses(struct checker *c)
{
    struct program *p = c->p;
    for (size_t i = 0; i < p->moved.n; i++) {
        const struct decl *d = p->moved.at[i];
        if (d->path2 && !moved_declared(p, d->path2)) {
            struct diag *e = diag_error(c->ds, "BG1025", d->span, "`%s` is not declared", d->path2);
            diag_help(c->ds, e, "`moved OLD -> NEW` names what it is called now on the right");
        }
        size_t scope = d->path ? strcspn(d->path, ".") : 0;
        if (d->path && d->path2 && (strncmp(d->path, d->path2, scope + 1) != 0)) {
            struct diag *e = diag_error(c->ds, "BG1099", d->span, "`%s` and `%s` are of different scopes",
                                        d->path, d->path2);
            diag_help(c->ds, e, "what exists once for each colour cannot become what is shared, nor the "
                                "reverse: make it anew, then let the old one go");
        }
        if (d->path && moved_declared(p, d->path)) {
            struct diag *e =
                diag_error(c->ds, "BG1025", d->span, "`%s` is still declared", d->path);
            diag_help(c->ds, e, "what has moved is no longer under its old name");
        }
    }
    for (size_t i = 0; i < p->adopts.n; i++) {
        const struct decl *d = p->adopts.at[i];
        const char *address = d->path ? d->path : d->name.text;
        if (address && !moved_declared(p, address))
            diag_error(c->ds, "BG1025", d->span, "`%s` is not declared", address);
    }
}

/* ---- types of the user's --------------------------------------------- */

static void check_type(struct checker *c, const struct scope *s, const struct decl *d)
{
    if (d->type)
        type_resolve(c->p, s, d->type);
    struct at at = {.c = c, .scope = s};
    bool resource = type_is_resource(d);
    for (const struct type_item *i = d->items; i; i = i->next)
        if (i->kind == ITEM_FIELD && i->type) {
            const struct type *t = type_of_field(c->p, d, i);
            if (resource) /* its default may speak of its other fields; it is compiled (schema) */
                continue;
            check_default(&at, t, i->dflt, i->name.text);
            const struct type_item *first = type_field(d, i->name.text);
            if (first && first != i)
                declared_twice(c, i->name, first->name);
        }
}

/* ---- the root -------------------------------------------------------- */

static void check_file(struct checker *c, const struct scope *s)
{
    for (const struct decl *d = s->file ? s->file->decls : NULL; d; d = d->next) {
        const struct symbol *y = d->name.text ? map_find(&s->symbols, d->name.text) : NULL;
        y = y && y->decl == d ? y : NULL;
        switch (d->kind) {
        case DECL_LET: check_let(c, s, d); break;
        case DECL_INPUT: check_input(c, s, d); break;
        case DECL_TYPE: check_type(c, s, d); break;
        case DECL_FN:
            if (y)
                check_fn(c, y);
            break;
        case DECL_MODULE:
            if (y)
                check_module(c, y);
            break;
        default: break;
        }
    }
}

static void check_output(struct checker *c, const struct decl *d)
{
    struct at at = {.c = c, .scope = c->p->root};
    struct typed v = check_at(&at, d->value, NULL, NULL);
    if (v.type->kind == TYPE_K_METRIC || v.type->kind == TYPE_K_WORLD) {
        struct diag *e = diag_error(c->ds, "BG1010", d->value->span, "an output must be a value");
        diag_at(c->ds, e, "this is %s", type_text(c->a, v.type));
    }
}

void check_root(struct checker *c)
{
    struct program *p = c->p;
    const struct scope *root = p->root;
    if (p->stack)
        check_settings(c, p->stack, "the stack", stack_settings,
                       sizeof stack_settings / sizeof *stack_settings);
    for (size_t i = 0; i < p->accounts.n; i++)
        check_settings(c, p->accounts.at[i], "an account", account_settings,
                       sizeof account_settings / sizeof *account_settings);
    for (size_t i = 0; i < p->file_scopes.n; i++) {
        const struct scope *s = p->file_scopes.at[i];
        if (s && s->file && !program_is_std(p, (struct span){s->file->file, 0, 0}))
            check_file(c, s);
    }
    for (const struct decl *d = root->file ? root->file->decls : NULL; d; d = d->next)
        switch (d->kind) {
        case DECL_SHARED: check_body(c, root->shared, d->body); break;
        case DECL_WORLD: {
            const struct symbol *y = d->name.text ? map_find(&root->symbols, d->name.text) : NULL;
            if (y && y->decl == d)
                check_body(c, y->body, d->body);
            break;
        }
        case DECL_ASSERT: check_assert(c, root, d); break;
        case DECL_OUTPUT: check_output(c, d); break;
        case DECL_TRAFFIC: check_traffic(c, d); break;
        default: break;
        }
    check_addresses(c);
}
