#include "lang/type.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/pattern.h"

enum { KEY_MAX = 128, PLACE_KEY_MAX = 18 /* of what is remembered */, ALIASES_MAX = 1000 };

/* What is remembered of a declaration goes by its place: `what` and 16 digits. */
static const char *place_key(char key[PLACE_KEY_MAX], char what, struct span at)
{
    uint64_t place = (uint64_t)at.file << 32 | at.start;
    key[0] = what;
    for (int i = 1; i < PLACE_KEY_MAX - 1; i++, place >>= 4)
        key[i] = "0123456789abcdef"[place & 15];
    key[PLACE_KEY_MAX - 1] = '\0';
    return key;
}

const struct type *type_simple(enum type_kind k)
{
    static const struct type plain[] = {
        [TYPE_K_POISON] = {.kind = TYPE_K_POISON},   [TYPE_K_BOOL] = {.kind = TYPE_K_BOOL},
        [TYPE_K_INT] = {.kind = TYPE_K_INT},         [TYPE_K_NUMBER] = {.kind = TYPE_K_NUMBER},
        [TYPE_K_STRING] = {.kind = TYPE_K_STRING},   [TYPE_K_DURATION] = {.kind = TYPE_K_DURATION},
        [TYPE_K_PERCENT] = {.kind = TYPE_K_PERCENT}, [TYPE_K_SIZE] = {.kind = TYPE_K_SIZE},
        [TYPE_K_RATE] = {.kind = TYPE_K_RATE},       [TYPE_K_CIDR] = {.kind = TYPE_K_CIDR},
        [TYPE_K_REGEX] = {.kind = TYPE_K_REGEX},     [TYPE_K_NONE] = {.kind = TYPE_K_NONE},
        [TYPE_K_UNION] = {.kind = TYPE_K_UNION}, /* of nothing: what [] holds */
        [TYPE_K_REF] = {.kind = TYPE_K_REF},     /* any resource */
        [TYPE_K_WORLD] = {.kind = TYPE_K_WORLD},     [TYPE_K_ANY] = {.kind = TYPE_K_ANY},
    };
    return (size_t)k < sizeof plain / sizeof *plain ? &plain[k] : &plain[TYPE_K_POISON];
}

const struct type *type_of(struct arena *a, enum type_kind k, const struct type *elem)
{
    struct type *t = arena_make(a, struct type);
    t->kind = k;
    t->elem = elem;
    t->parts = elem ? elem->parts : 0;
    return t;
}

const struct type *type_ref(struct program *p, const char *name)
{
    char key[KEY_MAX];
    int n = snprintf(key, sizeof key, "ref %s", name);
    bool fits = n > 0 && (size_t)n < sizeof key; /* else it is made anew each time */
    struct type *t = fits ? map_find(&p->type_memo, key) : NULL;
    if (!t) {
        t = arena_make(p->arena, struct type);
        t->kind = TYPE_K_REF;
        t->name = name;
        if (fits)
            map_put(&p->type_memo, arena_strdup(p->arena, key), t);
    }
    return t;
}

const struct type_member *type_member(const struct type *t, const char *name)
{
    for (size_t i = 0; i < t->fields.n; i++)
        if (names_equal(t->fields.at[i].name, name))
            return &t->fields.at[i];
    return NULL;
}

const struct type *type_of_literal(struct arena *a, const struct value *v)
{
    static const uint8_t kinds[] = {
        [V_NONE] = TYPE_K_NONE,       [V_BOOL] = TYPE_K_BOOL,     [V_INT] = TYPE_K_INT,
        [V_NUMBER] = TYPE_K_NUMBER,   [V_STRING] = TYPE_K_STRING, [V_DURATION] = TYPE_K_DURATION,
        [V_PERCENT] = TYPE_K_PERCENT, [V_SIZE] = TYPE_K_SIZE,     [V_RATE] = TYPE_K_RATE,
        [V_CIDR] = TYPE_K_CIDR,       [V_REGEX] = TYPE_K_REGEX,
    };
    if (v->kind >= sizeof kinds)
        return type_simple(TYPE_K_POISON);
    enum type_kind k = kinds[v->kind];
    if (k != TYPE_K_STRING && k != TYPE_K_INT)
        return type_simple(k);
    struct type *t = arena_make(a, struct type);
    t->kind = k;
    t->literal = v;
    if (k == TYPE_K_INT) {
        t->sized = true;
        t->low = t->high = v->i;
    }
    return t;
}

const struct type *type_widen(const struct type *t)
{
    if (t->kind == TYPE_K_INT || t->kind == TYPE_K_STRING)
        return t->name ? t : type_simple(t->kind);
    return t;
}

/* ---- from syntax ----------------------------------------------------- */

struct resolver {
    struct program *p;
    const struct scope *from;
    bool native;
};

static const struct type *resolve(struct resolver *r, const struct type_ast *t);

static const struct type *poison(void)
{
    return type_simple(TYPE_K_POISON);
}

static enum type_kind plain_kind(const char *path)
{
    static const struct {
        const char *name;
        enum type_kind kind;
    } names[] = {
        {"bool", TYPE_K_BOOL},         {"int", TYPE_K_INT},         {"number", TYPE_K_NUMBER},
        {"string", TYPE_K_STRING},     {"duration", TYPE_K_DURATION}, {"percent", TYPE_K_PERCENT},
        {"size", TYPE_K_SIZE},         {"rate", TYPE_K_RATE},       {"cidr", TYPE_K_CIDR},
        {"regex", TYPE_K_REGEX},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i].name, path))
            return names[i].kind;
    return TYPE_K_POISON;
}

/* "did you mean", of the names of types. */
static bool mean_type(struct program *p, struct diag *d, struct span at, const char *path)
{
    const struct scope *from = program_file_scope(p, at);
    if (!diags_may_suggest(p->ds, p->types.n + (from ? from->symbols.n : 0)))
        return false;
    VEC(const char *) all = {0};
    static const char *const plain[] = {"bool", "int",  "number", "string", "duration",
                                        "percent", "size", "rate", "cidr", "regex"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        vec_push(p->arena, &all, plain[i]);
    if (strchr(path, '.'))
        program_load_all_types(p);
    for (size_t i = 0; i < p->types.n; i++)
        vec_push(p->arena, &all, p->types.entries[i].key);
    for (size_t i = 0; from && i < from->symbols.n; i++) {
        const struct symbol *y = from->symbols.entries[i].value;
        if (y->decl->kind == DECL_TYPE || y->decl->kind == DECL_MODULE)
            vec_push(p->arena, &all, y->name);
        for (size_t k = 0; y->decl->kind == DECL_USE && y->body && k < y->body->symbols.n; k++)
            if (y->decl->as.text)
                vec_push(p->arena, &all,
                         arena_printf(p->arena, "%s.%s", y->name, y->body->symbols.entries[k].key));
    }
    return diag_did_you_mean(p->ds, d, at, path, all.at, all.n);
}

/* A `use` of the library failed and was reported: it may have been meant to bring the type. */
static bool library_lost(const struct program *p, const char *path)
{
    for (size_t i = 0; i < p->ds->all.n && !strncmp(path, "std.", 4); i++)
        if (!strcmp(p->ds->all.at[i]->code, "BG0107"))
            return true;
    return false;
}

void type_report_unknown(struct program *p, struct span at, const char *path)
{
    if (library_lost(p, path))
        return;
    struct diag *d = diag_error(p->ds, "BG1006", at, "there is no type `%s`", path);
    diag_missing(p->ds, d, "type", path);
    if (!mean_type(p, d, at, path) && !strncmp(path, "std.", 4))
        diag_help(p->ds, d, "write `use %s` at the top of the file", path);
}

const struct decl *type_decl_find(struct program *p, const struct scope *from, const char *path)
{
    if (strchr(path, '.')) {
        const struct decl *d = program_type(p, path);
        if (d)
            return d;
        /* ALIAS.name of an imported file */
        const char *dot = strchr(path, '.');
        struct symbol *use =
            from ? scope_find(from, arena_strndup(p->arena, path, (size_t)(dot - path))) : NULL;
        if (!use || use->decl->kind != DECL_USE || !use->body)
            return NULL;
        use->reached = true;
        const struct symbol *y = map_find(&use->body->symbols, dot + 1);
        return y && y->decl->kind == DECL_TYPE ? y->decl : NULL;
    }
    const struct symbol *y = from ? scope_find(from, path) : NULL;
    return y && y->decl->kind == DECL_TYPE ? y->decl : NULL;
}

static const char *decl_path(const struct decl *d)
{
    return d->path ? d->path : d->name.text;
}

static struct span decl_name_span(const struct decl *d)
{
    return d->path_span.file ? d->path_span : d->name.span.file ? d->name.span : d->span;
}

static void add_member(struct program *p, struct type *t, const char *name, const struct type *type,
                       const struct expr *dflt, const struct type_item *item, const char *doc)
{
    const struct type *given = type;
    if (dflt && type->kind != TYPE_K_OPTION && type->kind != TYPE_K_POISON)
        given = type_of(p->arena, TYPE_K_OPTION, type);
    vec_push(p->arena, &t->fields,
             (struct type_member){name, type, dflt, item, doc,
                                  arena_printf(p->arena, "field `%s`", name), given});
}

static const struct type *of_record(struct program *p, const struct decl *d)
{
    struct type *t = arena_make(p->arena, struct type);
    struct resolver r = {p, program_file_scope(p, d->span), false};
    t->kind = TYPE_K_RECORD;
    t->name = decl_path(d);
    t->decl = d;
    for (const struct type_item *i = d->items; i; i = i->next)
        if (i->kind == ITEM_FIELD && i->name.text && i->type)
            add_member(p, t, i->name.text, resolve(&r, i->type), i->dflt, i, i->doc);
    return t;
}

/* The meaning of a declared alias or record, once. */
static const struct type *of_decl(struct program *p, const struct decl *d)
{
    char key[PLACE_KEY_MAX];
    if (map_has(&p->type_memo, place_key(key, 'd', d->span))) {
        const struct type *t = map_find(&p->type_memo, key);
        if (t)
            return t;
        struct diag *e = diag_error(p->ds, "BG1007", decl_name_span(d), "type `%s` contains itself",
                                    decl_path(d));
        diag_help(p->ds, e, "types of values are finite: name another type inside");
        return poison();
    }
    if (p->type_depth >= ALIASES_MAX) {
        diag_error(p->ds, "BG1544", decl_name_span(d), "type `%s` stands at the end of more than %d "
                   "types that name each other", decl_path(d), ALIASES_MAX);
        return poison();
    }
    map_put(&p->type_memo, arena_strdup(p->arena, key), NULL); /* being made */
    p->type_depth++;
    const struct type *t;
    if (d->type) {
        struct resolver r = {p, program_file_scope(p, d->span), false};
        const struct type *is = resolve(&r, d->type);
        struct type *named = arena_make(p->arena, struct type);
        *named = *is;
        if (is->kind != TYPE_K_POISON && is->kind != TYPE_K_REF)
            named->name = decl_path(d);
        named->decl = d;
        t = named;
    } else {
        t = of_record(p, d);
    }
    p->type_depth--;
    map_put(&p->type_memo, key, (void *)(uintptr_t)t);
    return t;
}

static const struct type *refine(struct resolver *r, const struct type *base,
                                 const struct type_ast *ast)
{
    if (!ast->pattern && !ast->sized)
        return base;
    if (base->kind == TYPE_K_POISON)
        return base;
    if (base->kind != TYPE_K_STRING || base->literal) {
        struct diag *d = diag_error(r->p->ds, "BG1008", ast->span,
                                    "only `string` can be refined like this");
        diag_help(r->p->ds, d, "a whole number is refined as a range of values, for example 1..50");
        return base;
    }
    struct type *t = arena_make(r->p->arena, struct type);
    *t = *base;
    t->name = NULL;
    if (ast->pattern) {
        const char *error = pattern_error(r->p->arena, ast->pattern);
        if (error)
            diag_error(r->p->ds, "BG1008", ast->span, "this regular expression is broken: %s",
                       error);
        else
            t->pattern = ast->pattern;
    }
    if (ast->sized) {
        t->sized = true;
        t->low = ast->low;
        t->high = ast->high;
        if (ast->low < 0 || ast->high < ast->low)
            diag_error(r->p->ds, "BG1008", ast->span, "no text is %" PRId64 " to %" PRId64
                       " characters long", ast->low, ast->high);
    }
    return t;
}

/* T, metric.T, lambda.T.U, world: only in signatures of natives. */
static const struct type *native_named(struct resolver *r, const char *path)
{
    struct arena *a = r->p->arena;
    if (path[0] >= 'A' && path[0] <= 'Z' && !path[1]) {
        struct type *t = arena_make(a, struct type);
        t->kind = TYPE_K_VAR;
        t->name = path;
        return t;
    }
    if (!strcmp(path, "world"))
        return type_simple(TYPE_K_WORLD);
    if (!strncmp(path, "metric.", 7)) {
        struct type_ast points = {.kind = TYPE_NAMED, .path = path + 7};
        return type_of(a, TYPE_K_METRIC, resolve(r, &points));
    }
    if (!strncmp(path, "lambda.", 7) && strchr(path + 7, '.')) {
        const char *dot = strchr(path + 7, '.');
        struct type_ast from = {.kind = TYPE_NAMED,
                                .path = arena_strndup(a, path + 7, (size_t)(dot - path - 7))};
        struct type_ast to = {.kind = TYPE_NAMED, .path = dot + 1};
        struct type *t = arena_make(a, struct type);
        t->kind = TYPE_K_FUNCTION;
        vec_push(a, &t->items, resolve(r, &from));
        t->elem = resolve(r, &to);
        return t;
    }
    return NULL;
}

static const struct type *resolve_named(struct resolver *r, const struct type_ast *t)
{
    struct program *p = r->p;
    enum type_kind k = plain_kind(t->path);
    if (k != TYPE_K_POISON)
        return refine(r, type_simple(k), t);
    if (!strcmp(t->path, "metric")) /* of any points: what an alarm watches */
        return type_of(p->arena, TYPE_K_METRIC, type_simple(TYPE_K_ANY));
    if (!strcmp(t->path, "metric") && !t->pattern && !t->sized)
        return type_of(p->arena, TYPE_K_METRIC, type_simple(TYPE_K_ANY));
    const struct type *special = r->native ? native_named(r, t->path) : NULL;
    if (special)
        return special;
    const struct decl *d = type_decl_find(p, r->from, t->path);
    if (!d) {
        type_report_unknown(p, t->span, t->path);
        return poison();
    }
    if (type_is_resource(d)) {
        struct diag *e = diag_error(p->ds, "BG1009", t->span, "`%s` is a type of resources, not of "
                                    "values", t->path);
        diag_help(p->ds, e, "write `ref %s` for a reference to one", t->path);
        return poison();
    }
    return refine(r, of_decl(p, d), t);
}

static const struct type *resolve_ref(struct resolver *r, const struct type_ast *t)
{
    struct program *p = r->p;
    if (r->native && t->path[0] >= 'A' && t->path[0] <= 'Z' && !t->path[1])
        return type_simple(TYPE_K_REF);
    /* A service's types name those of other services: they are looked up when
     * they are needed, or one type would load the whole library. */
    if (program_is_std(p, t->span))
        return type_ref(p, t->path);
    const struct decl *d = type_decl_find(p, r->from, t->path);
    if (!d) {
        type_report_unknown(p, t->span, t->path);
        return poison();
    }
    if (!type_is_resource(d)) {
        struct diag *e = diag_error(p->ds, "BG1009", t->span, "`%s` is a type of values, not of "
                                    "resources", t->path);
        diag_help(p->ds, e, "write it without `ref`");
        return poison();
    }
    return type_ref(p, t->path);
}

static const struct type *resolve_fields(struct resolver *r, const struct type_ast *ast)
{
    struct type *t = arena_make(r->p->arena, struct type);
    t->kind = TYPE_K_RECORD;
    for (const struct field_ast *f = ast->fields; f; f = f->next) {
        const struct type_member *first = type_member(t, f->name.text);
        if (first)
            diag_error(r->p->ds, "BG1002", f->name.span, "field `%s` is declared twice",
                       f->name.text);
        else
            add_member(r->p, t, f->name.text, resolve(r, f->type), f->value, NULL, f->doc);
    }
    return t;
}

static const struct type *resolve(struct resolver *r, const struct type_ast *t)
{
    struct arena *a = r->p->arena;
    struct type *made;
    if (!t)
        return poison();
    switch (t->kind) {
    case TYPE_NAMED: return t->path ? resolve_named(r, t) : poison();
    case TYPE_LITERAL: return type_of_literal(a, t->literal);
    case TYPE_INTS:
        made = arena_make(a, struct type);
        *made = (struct type){.kind = TYPE_K_INT, .sized = true, .low = t->low, .high = t->high};
        if (t->high < t->low)
            diag_error(r->p->ds, "BG1008", t->span, "no number is in %" PRId64 "..%" PRId64, t->low,
                       t->high);
        return made;
    case TYPE_UNION:
        made = arena_make(a, struct type);
        made->kind = TYPE_K_UNION;
        for (const struct type_ast *i = t->items; i; i = i->next) {
            const struct type *item = resolve(r, i);
            if (item->kind == TYPE_K_POISON)
                return item;
            vec_push(a, &made->items, item);
        }
        return made;
    case TYPE_LIST: return type_of(a, TYPE_K_LIST, resolve(r, t->a));
    case TYPE_SET: return type_of(a, TYPE_K_SET, resolve(r, t->a));
    case TYPE_MAP: return type_of(a, TYPE_K_MAP, resolve(r, t->a));
    case TYPE_RANGE: return type_of(a, TYPE_K_RANGE, resolve(r, t->a));
    case TYPE_SECRET: return type_of(a, TYPE_K_SECRET, resolve(r, t->a));
    case TYPE_OPTION: return type_of(a, TYPE_K_OPTION, resolve(r, t->a));
    case TYPE_REF: return t->path ? resolve_ref(r, t) : poison();
    case TYPE_RECORD: return resolve_fields(r, t);
    case TYPE_ERROR: break;
    }
    return poison();
}

const struct type *type_resolve(struct program *p, const struct scope *from,
                                const struct type_ast *t)
{
    struct resolver r = {p, from, false};
    return resolve(&r, t);
}

const struct type *type_resolve_native(struct program *p, const struct type_ast *t)
{
    struct resolver r = {p, NULL, true};
    return resolve(&r, t);
}

const struct type *const *type_of_fn(struct program *p, const struct symbol *fn)
{
    if (fn->types)
        return fn->types;
    size_t n = 0, i = 0;
    for (const struct field_ast *f = fn->decl->params; f; f = f->next)
        n++;
    const struct type **types = arena_array(p->arena, const struct type *, n + 1);
    for (const struct field_ast *f = fn->decl->params; f; f = f->next, i++)
        types[i] = f->type ? type_resolve(p, fn->scope, f->type) : NULL;
    types[n] = fn->decl->type ? type_resolve(p, fn->scope, fn->decl->type) : NULL;
    ((struct symbol *)(uintptr_t)fn)->types = types; /* a memo */
    return types;
}

/* ---- the fields of resources ----------------------------------------- */

static bool settable(const struct type_item *i, bool query)
{
    if (i->mods & FIELD_LIVE)
        return false;
    return query ? !(i->mods & FIELD_WRITE_ONLY) : !(i->mods & (FIELD_QUERY | FIELD_ID));
}

static const struct type *fields_of(struct program *p, const struct decl *type, bool query)
{
    char key[PLACE_KEY_MAX];
    struct type *t = map_find(&p->type_memo, place_key(key, query ? 'q' : 'r', type->span));
    if (t)
        return t;
    t = arena_make(p->arena, struct type);
    t->kind = TYPE_K_RECORD;
    t->name = decl_path(type);
    t->decl = type;
    map_put(&p->type_memo, arena_strdup(p->arena, key), t);
    struct resolver r = {p, program_file_scope(p, type->span), false};
    for (const struct type_item *i = type->items; i; i = i->next) {
        if (i->kind != ITEM_FIELD || !i->name.text || !i->type || !settable(i, query))
            continue;
        const struct type *is = resolve(&r, i->type);
        bool ask = query && !(i->mods & FIELD_QUERY);
        if (ask && is->kind != TYPE_K_OPTION)
            is = type_of(p->arena, TYPE_K_OPTION, is);
        add_member(p, t, i->name.text, is, ask ? NULL : i->dflt, i, i->doc);
    }
    return t;
}

const struct type *type_of_resource(struct program *p, const struct decl *type, bool query)
{
    struct recent_fields *r = &p->recent_fields[(uintptr_t)type / ARENA_ALIGN % RECENT_TYPES];
    if (r->decl != type)
        *r = (struct recent_fields){.decl = type};
    if (!r->of[query])
        r->of[query] = fields_of(p, type, query);
    return r->of[query];
}

const struct type *type_of_field(struct program *p, const struct decl *type,
                                 const struct type_item *item)
{
    char key[PLACE_KEY_MAX];
    const struct type *t = map_find(&p->type_memo, place_key(key, 'f', item->span));
    if (!t) {
        t = type_resolve(p, program_file_scope(p, type->span), item->type);
        map_put(&p->type_memo, arena_strdup(p->arena, key), (void *)(uintptr_t)t);
    }
    return t;
}

/* ---- text ------------------------------------------------------------ */

static void put_text(struct buf *b, const struct type *t, int depth);

static void put_items(struct buf *b, const struct type *t, int depth)
{
    if (!t->items.n)
        buf_puts(b, "nothing");
    for (size_t i = 0; i < t->items.n; i++) {
        if (i)
            buf_puts(b, " | ");
        put_text(b, t->items.at[i], depth);
    }
}

static void put_record(struct buf *b, const struct type *t, int depth)
{
    buf_puts(b, t->fields.n ? "{ " : "{");
    for (size_t i = 0; i < t->fields.n; i++) {
        if (i)
            buf_puts(b, ", ");
        buf_puts(b, t->fields.at[i].name);
        if (depth < 2) {
            buf_puts(b, ": ");
            put_text(b, t->fields.at[i].type, depth + 1);
        }
    }
    buf_puts(b, t->fields.n ? " }" : "}");
}

static void put_text(struct buf *b, const struct type *t, int depth)
{
    static const char *const words[] = {
        [TYPE_K_POISON] = "error",
        [TYPE_K_BOOL] = "bool",
        [TYPE_K_INT] = "int",
        [TYPE_K_NUMBER] = "number",
        [TYPE_K_STRING] = "string",
        [TYPE_K_DURATION] = "duration",
        [TYPE_K_PERCENT] = "percent",
        [TYPE_K_SIZE] = "size",
        [TYPE_K_RATE] = "rate",
        [TYPE_K_CIDR] = "cidr",
        [TYPE_K_REGEX] = "regex",
        [TYPE_K_NONE] = "none",
        [TYPE_K_SET] = "set ",
        [TYPE_K_MAP] = "map ",
        [TYPE_K_RANGE] = "range ",
        [TYPE_K_SECRET] = "secret ",
        [TYPE_K_METRIC] = "metric of ",
        [TYPE_K_WORLD] = "a world",
        [TYPE_K_INSTANCE] = "module instance",
        [TYPE_K_FUNCTION] = "function",
        [TYPE_K_VAR] = "anything",
        [TYPE_K_ANY] = "anything",
    };
    if (t->kind == TYPE_K_REF) {
        buf_printf(b, "%s%s", t->name ? "ref " : "a resource", t->name ? t->name : "");
        return;
    }
    if (t->name && t->kind != TYPE_K_VAR) {
        buf_puts(b, t->name);
        return;
    }
    switch (t->kind) {
    case TYPE_K_STRING:
        if (t->literal) {
            value_print(b, t->literal);
            break;
        }
        buf_puts(b, "string");
        if (t->sized)
            buf_printf(b, "(%" PRId64 "..%" PRId64 ")", t->low, t->high);
        if (t->pattern)
            buf_printf(b, " r\"%s\"", t->pattern);
        break;
    case TYPE_K_INT:
        if (t->sized && t->low == t->high)
            buf_printf(b, "%" PRId64, t->low);
        else if (t->sized)
            buf_printf(b, "%" PRId64 "..%" PRId64, t->low, t->high);
        else
            buf_puts(b, "int");
        break;
    case TYPE_K_LIST:
        buf_putc(b, '[');
        put_text(b, t->elem, depth);
        buf_putc(b, ']');
        break;
    case TYPE_K_OPTION:
        put_text(b, t->elem, depth);
        buf_putc(b, '?');
        break;
    case TYPE_K_UNION: put_items(b, t, depth); break;
    case TYPE_K_RECORD: put_record(b, t, depth); break;
    default:
        buf_puts(b, words[t->kind]);
        if (t->elem && t->kind != TYPE_K_FUNCTION)
            put_text(b, t->elem, depth);
    }
}

const char *type_text(struct arena *a, const struct type *t)
{
    struct buf b;
    buf_init(&b, a);
    put_text(&b, t, 0);
    return buf_text(&b);
}
