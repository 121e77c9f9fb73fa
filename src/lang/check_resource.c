#include <inttypes.h>
#include <string.h>

#include "lang/check_state.h"

/* Resources, existings, instances of modules, and traffic: declarations with fields. */

/* ---- fields against a record ----------------------------------------- */

static bool written(const struct decl *d, const char *name)
{
    for (const struct arg *g = d->fields; g; g = g->next)
        if (g->name.text && names_equal(g->name.text, name))
            return true;
    return false;
}

static bool lacks(const struct at *at, const struct decl *d, const struct type *record,
                  const struct type_member *m)
{
    return !m->dflt && m->type->kind != TYPE_K_OPTION && !written(d, m->name) &&
           !field_meant(at, d->fields, record, m->name);
}

static void report_missing(const struct at *at, const struct decl *d, const struct type *record,
                           const char *of)
{
    struct checker *c = at->c;
    struct buf names = {0};
    size_t n = 0;
    for (size_t i = 0; i < record->fields.n; i++) {
        const struct type_member *m = &record->fields.at[i];
        if (!lacks(at, d, record, m))
            continue;
        if (!n)
            buf_init(&names, c->a);
        buf_printf(&names, "%s`%s`", n++ ? ", " : "", m->name);
    }
    if (!n)
        return;
    struct span span = d->name.span.file ? d->name.span : d->span;
    struct diag *e = diag_error(c->ds, "BG1012", span, "field%s %s of %s %s missing",
                                n == 1 ? "" : "s", buf_text(&names), of, n == 1 ? "is" : "are");
    for (size_t i = 0; i < record->fields.n; i++) {
        const struct type_member *m = &record->fields.at[i];
        if (lacks(at, d, record, m))
            diag_note(c->ds, e, "%s: %s", m->name, type_text(c->a, m->type));
    }
}

void check_deprecated(const struct at *at, const struct arg *g, const struct type_member *m,
                      const struct arg *fields)
{
    const struct type_item *it = m->item;
    struct checker *c = at->c;
    if (!it || !it->deprecated || program_is_std(c->p, g->name.span))
        return;
    const char *instead = it->instead.text;
    struct diag *d = diag_warn(c->ds, "BG7003", g->name.span, "field `%s` is deprecated", m->name);
    if (*it->deprecated)
        diag_note(c->ds, d, "%s", it->deprecated);
    if (!instead)
        return;
    diag_help(c->ds, d, "use `%s`", instead);
    bool there = false;
    for (const struct arg *f = fields; f; f = f->next)
        there = there || (f->name.text && !strcmp(f->name.text, instead));
    if (!there)
        diag_edit(c->ds, diag_fix(c->ds, d, true, "change to `%s`", instead), g->name.span, "%s",
                  instead);
}

void check_fields(const struct at *at, const struct decl *d, const struct type *record,
                  const char *of,
                  void (*each)(const struct at *at, const struct decl *d, const struct arg *g,
                               struct typed v))
{
    struct checker *c = at->c;
    struct given seen = {0};
    for (const struct arg *g = d->fields; g; g = g->next) {
        if (!g->name.text)
            continue;
        const struct arg *first = given_add(&seen, c->a, g);
        if (first) {
            struct diag *e = diag_error(c->ds, "BG1020", g->name.span, "field `%s` is given twice",
                                        g->name.text);
            diag_label(c->ds, e, first->name.span, "first here");
            continue;
        }
        const struct type_member *m = type_member(record, g->name.text);
        if (!m) {
            bool named = at->scope->kind == SCOPE_WORLD && !strcmp(g->name.text, "name");
            VEC(const char *) names = {0};
            for (size_t i = 0; i < record->fields.n; i++)
                vec_push(c->a, &names, record->fields.at[i].name);
            if (!named) /* rules_world.c says what is wrong with it */
                report_no_field(at, g->name.span, g->name.text, of, names.at, names.n);
            check_at(at, g->value, NULL, NULL);
            continue;
        }
        check_deprecated(at, g, m, d->fields);
        const struct type *want = m->given ? m->given : m->type;
        const char *what = m->label ? m->label : arena_printf(c->a, "field `%s`", m->name);
        struct at in = *at;
        in.unit_of = m->item;
        in.unit_at = g->value;
        struct typed v = check_at(&in, g->value, want, what);
        if (v.phase == PHASE_RUN && !is_poison(v))
            diag_error(c->ds, "BG2002", g->value->span, "a field cannot be measured");
        else if (each && !is_poison(v))
            each(at, d, g, v);
    }
    report_missing(at, d, record, of);
}

/* ---- which operations there are -------------------------------------- */

static void query_known(const struct at *at, const struct decl *d, const struct arg *g,
                        struct typed v)
{
    (void)d;
    if (v.deep > v.phase) { /* a reference: its id is what is asked for */
        v.phase = v.deep;
        v.why = NULL;
    }
    want_plan(at, g->value, v, false, "a query");
}

static void name_known(const struct at *at, const struct decl *d, const struct arg *g,
                       struct typed v)
{
    (void)d;
    if (!strcmp(g->name.text, "name"))
        want_plan(at, g->value, v, false, "a physical name");
}

static void can_be_made(const struct at *at, const struct decl *d, const struct decl *type)
{
    bool existing = d->kind == DECL_EXISTING;
    if (type_has_call(type, existing ? "lookup" : "create") || (existing && written(d, "id")))
        return;
    struct diag *e = diag_error(at->c->ds, "BG1026", d->path_span, existing
                                    ? "a `%s` cannot be looked up"
                                    : "a `%s` cannot be made", d->path);
    if (!existing)
        diag_help(at->c->ds, e, "declare the one that is there: `existing %s: %s { ... }`",
                  d->name.text, d->path);
}

/* ---- instances of modules -------------------------------------------- */

static bool only_existings(struct checker *c, const struct symbol *module)
{
    static const bool known[] = {false, true};
    const char *key = arena_printf(c->a, "%u:%u", module->decl->span.file,
                                   module->decl->span.start);
    const bool *is = c->only_finds.arena ? map_find(&c->only_finds, key) : NULL;
    if (is)
        return *is;
    if (!c->only_finds.arena)
        map_init(&c->only_finds, c->a);
    map_put(&c->only_finds, key, (void *)(uintptr_t)&known[true]); /* of itself it asks nothing */
    bool only = true;
    for (const struct decl *d = module->decl->body; d && only; d = d->next) {
        const struct symbol *inner = d->kind == DECL_EXISTING && d->path
                                         ? program_module(c->p, module->body, d->path)
                                         : NULL;
        if (!check_enter(c, d->span))
            break;
        only = d->kind != DECL_RESOURCE && (!inner || only_existings(c, inner));
        c->depth--;
    }
    map_put(&c->only_finds, key, (void *)(uintptr_t)&known[only]);
    return only;
}

static const struct type *module_record(struct checker *c, const struct symbol *module)
{
    const char *key = arena_printf(c->a, "module %u:%u", module->decl->span.file,
                                   module->decl->span.start);
    struct type *t = map_find(&c->p->type_memo, key);
    if (t)
        return t;
    t = arena_make(c->a, struct type);
    t->kind = TYPE_K_RECORD;
    t->name = module->name;
    for (const struct field_ast *f = module->decl->params; f; f = f->next)
        vec_push(c->a, &t->fields, (struct type_member){
            .name = f->name.text, .type = type_resolve(c->p, module->scope, f->type),
            .dflt = f->value, .doc = f->doc});
    map_put(&c->p->type_memo, key, t);
    return t;
}

/* The parameters that decide which resources a module makes must be known. */
static void argument_known(const struct at *at, const struct decl *d, const struct arg *g,
                           struct typed v)
{
    const struct symbol *module = program_module(at->c->p, at->scope, d->path);
    const struct module_memo *m = check_module(at->c, module);
    uint64_t bit = 1;
    for (const struct field_ast *f = module->decl->params; f; f = f->next, bit <<= 1)
        if (!strcmp(f->name.text, g->name.text) && (m->needs_plan & bit)) {
            if (v.deep > v.phase) {
                v.phase = v.deep;
                v.why = NULL;
            }
            want_plan(at, g->value, v, false,
                      arena_printf(at->c->a, "`%s`, which decides what module `%s` makes,",
                                   g->name.text, module->name));
        }
}

static void check_instance(const struct at *at, const struct decl *d, const struct symbol *module)
{
    struct checker *c = at->c;
    mark_used(c, module->decl);
    if (check_module(c, module)->busy) {
        struct diag *e = diag_error(c->ds, "BG1024", d->path_span, "module `%s` contains itself",
                                    module->name);
        diag_label(c->ds, e, module->decl->name.span, "declared here");
        return;
    }
    if (d->kind == DECL_EXISTING && !only_existings(c, module)) {
        struct diag *e = diag_error(c->ds, "BG1028", d->path_span,
                                    "module `%s` makes resources; `existing` only finds some",
                                    module->name);
        diag_help(c->ds, e, "write `resource %s: %s { ... }`", d->name.text, d->path);
    }
    check_fields(at, d, module_record(c, module), arena_printf(c->a, "module `%s`", module->name),
                 argument_known);
}

/* ---- resources ------------------------------------------------------- */

static void check_account(const struct at *at, const struct decl *d)
{
    struct checker *c = at->c;
    if (!d->in.text)
        return;
    VEC(const char *) names = {0};
    for (size_t i = 0; i < c->p->accounts.n; i++) {
        const struct decl *a = c->p->accounts.at[i];
        if (a->name.text && !strcmp(a->name.text, d->in.text)) {
            mark_used(c, a);
            return;
        }
        vec_push(c->a, &names, a->name.text);
    }
    struct diag *e =
        diag_error(c->ds, "BG1021", d->in.span, "there is no account `%s`", d->in.text);
    diag_missing(c->ds, e, "account", d->in.text);
    if (!diag_did_you_mean(c->ds, e, d->in.span, d->in.text, names.at, names.n))
        diag_help(c->ds, e, "declare it: account %s { role = \"arn:aws:iam::...\" }", d->in.text);
}

static void check_keys(const struct at *at, const struct decl *d, struct local *key)
{
    struct checker *c = at->c;
    struct typed keys = check_at(at, d->key_set, NULL, NULL);
    key->is = typed_poison();
    key->name = d->key_var.text;
    if (is_poison(keys))
        return;
    const struct type *t = keys.type;
    bool sound = (t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET) &&
                 (type_accepts(type_simple(TYPE_K_STRING), t->elem) ||
                  type_accepts(type_simple(TYPE_K_INT), t->elem));
    if (!sound) {
        struct diag *e = diag_error(c->ds, "BG1010", d->key_set->span,
                                    "keys of resources must be a list or set of strings or whole "
                                    "numbers");
        diag_at(c->ds, e, "this is %s", type_text(c->a, type_widen(t)));
        return;
    }
    key->is.type = t->elem;
    key->is.params = keys.params;
    want_plan(at, d->key_set, keys, false, "the keys of a resource");
}

static void check_active(const struct at *at, const struct decl *d)
{
    struct dec zero = {0, 0}, full = {100, 0};
    if (!d->active)
        return;
    if (dec_cmp(d->active_from, zero) <= 0 || dec_cmp(d->active_from, full) > 0)
        diag_error(at->c->ds, "BG1011", d->span, "`active from` wants a share above 0%% and up to "
                   "100%%");
    if (at->scope->kind == SCOPE_SHARED) {
        struct diag *e = diag_error(at->c->ds, "BG1003", d->name.span,
                                    "`active from` cannot stand in `shared`");
        diag_help(at->c->ds, e, "what is shared has no share of the traffic; move it into a world");
        return;
    }
    const struct decl *type = program_type(at->c->p, d->path);
    if (type && type_is_resource(type) && !type_setting(type, "dormant")) {
        struct diag *e = diag_error(at->c->ds, "BG3008", d->name.span, "%s cannot wait for its share", d->path);
        diag_note(at->c->ds, e, "its type says nothing of how it is put to rest (`dormant`)");
        diag_help(at->c->ds, e, "`active from` is for what does work by itself: a group of instances that consume a queue");
    }
}

/* `web.tier`, where the file that `web` stands for could not be read. */
static bool lost_import(const struct scope *s, const char *path)
{
    const struct map *names = &scope_root(s)->symbols;
    for (size_t i = 0; i < names->n; i++) {
        const struct symbol *y = names->entries[i].value;
        size_t n = strlen(y->name);
        if (y->decl->kind == DECL_USE && !y->body && !strncmp(path, y->name, n) &&
            (path[n] == '.' || !path[n]))
            return true;
    }
    return false;
}

void check_resource(struct checker *c, const struct scope *s, const struct decl *d)
{
    struct at at = {.c = c, .scope = s};
    struct local key = {0};
    if (d->key_set) {
        check_keys(&at, d, &key);
        at.locals = &key;
    }
    if (d->when) {
        struct typed v = check_at(&at, d->when, type_simple(TYPE_K_BOOL), "`when`");
        want_plan(&at, d->when, v, false, "`when`");
    }
    check_account(&at, d);
    check_active(&at, d);
    if (d->pin && (d->set || d->key_set)) {
        struct diag *e = diag_error(c->ds, "BG1003", d->name.span, "`pin` holds one answer, and "
                                                                   "this has many");
        diag_help(c->ds, e, "look up one by one what is to be pinned");
    }
    if (!d->path)
        return;
    const struct symbol *module = program_module(c->p, s, d->path);
    if (module) {
        check_instance(&at, d, module);
        return;
    }
    if (s->kind == SCOPE_WORLD && d->kind == DECL_RESOURCE)
        rule_name(c, s->name, d);
    const struct decl *type = type_decl_find(c->p, s, d->path);
    if (!type && lost_import(s, d->path)) {
        return; /* what is wrong with its file was reported */
    }
    if (!type) {
        type_report_unknown(c->p, d->path_span, d->path);
        for (const struct arg *g = d->fields; g; g = g->next)
            check_at(&at, g->value, NULL, NULL);
        return;
    }
    if (!type_is_resource(type)) {
        struct diag *e = diag_error(c->ds, "BG1009", d->path_span,
                                    "`%s` is no type of resources", d->path);
        diag_label(c->ds, e, type->path_span, "declared here");
        return;
    }
    bool query = d->kind == DECL_EXISTING;
    can_be_made(&at, d, type);
    check_fields(&at, d, type_of_resource(c->p, type, query), d->path,
                 query ? query_known : name_known);
}

/* ---- traffic --------------------------------------------------------- */

static void traffic_known(const struct at *at, const struct decl *d, const struct arg *g,
                          struct typed v)
{
    (void)d;
    if (v.type->kind != TYPE_K_REF)
        want_plan(at, g->value, v, false, "where traffic is decided");
}

void check_traffic(struct checker *c, const struct decl *d)
{
    struct at at = {.c = c, .scope = c->p->root};
    const struct decl *type = d->path ? program_type(c->p, d->path) : NULL;
    if (!d->path)
        return;
    if (!type || type_is_resource(type) || !type_setting(type, "switch")) {
        struct diag *e = diag_error(c->ds, "BG1006", d->path_span,
                                    "there is no kind of traffic `%s`", d->path);
        VEC(const char *) names = {0};
        program_load_all_types(c->p);
        for (size_t i = 0; i < c->p->types.n; i++) {
            const struct decl *t = c->p->types.entries[i].value;
            if (!type_is_resource(t) && type_setting(t, "switch"))
                vec_push(c->a, &names, c->p->types.entries[i].key);
        }
        if (!diag_did_you_mean(c->ds, e, d->path_span, d->path, names.at, names.n))
            for (size_t i = 0; i < names.n; i++)
                diag_note(c->ds, e, "there is `%s`", names.at[i]);
        return;
    }
    check_fields(&at, d, type_of_resource(c->p, type, false), d->path, traffic_known);
}
