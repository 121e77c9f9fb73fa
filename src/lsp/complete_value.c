/* Completion of values: what is in scope, and of it first what fits. */
#include <string.h>

#include "lang/print.h"
#include "lsp/offers.h"

/* How well a value of a type fits where one is wanted. */
static int rank_of(const struct spot *s, const struct type *have)
{
    if (!s->want || !have)
        return RANK_MAY;
    if (have->kind == TYPE_K_POISON || have->kind == TYPE_K_ANY)
        return RANK_OTHER;
    if (type_accepts(s->want, have))
        return RANK_FITS;
    const struct type *in = spot_bare(have);
    return in != have && type_accepts(s->want, in) ? RANK_MAY : RANK_OTHER;
}

/* ---- literals -------------------------------------------------------- */

static void offer_literals(struct offers *o, const struct type *want)
{
    struct request *r = o->s->r;
    want = spot_bare(want);
    if (!want)
        return;
    if (want->kind == TYPE_K_UNION)
        for (size_t i = 0; i < want->items.n; i++)
            offer_literals(o, want->items.at[i]);
    if (want->literal && want->kind == TYPE_K_STRING) {
        const char *quoted = o->s->in_text ? want->literal->s
                                           : arena_printf(r->a, "\"%s\"", want->literal->s);
        offer(o, &(struct offer){.label = quoted, .kind = ITEM_KIND_VALUE, .rank = RANK_WANTED});
    }
    if (want->kind == TYPE_K_BOOL && !o->s->in_text)
        for (int i = 0; i < 2; i++)
            offer(o, &(struct offer){.label = i ? "false" : "true",
                                     .kind = ITEM_KIND_VALUE,
                                     .rank = RANK_WANTED});
}

/* ---- symbols --------------------------------------------------------- */

static const struct type *type_of_name(struct spot *s, const char *name)
{
    struct analysis *an = s->r->an;
    struct expr *e = arena_make(an->arena, struct expr);
    e->kind = EXPR_NAME;
    e->name = (struct word){name, NO_SPAN};
    e->depth = 1;
    return check_expr_at(an->program, s->scope, s->locals, s->site, e, NULL);
}

/* net.vpc, where what an instance of a module gives out fits. */
static void offer_outs(struct offers *o, const char *name, const struct type *t)
{
    struct spot *s = o->s;
    if (!s->want || t->kind != TYPE_K_INSTANCE)
        return;
    for (const struct decl *d = t->module->decl->body; d; d = d->next) {
        if (d->kind != DECL_OUT || !d->name.text)
            continue;
        struct analysis *an = s->r->an;
        struct expr *of = arena_make(an->arena, struct expr), *e = arena_make(an->arena, struct expr);
        *of = (struct expr){.kind = EXPR_NAME, .name = {name, NO_SPAN}, .depth = 1};
        *e = (struct expr){.kind = EXPR_FIELD, .name = d->name, .a = of, .depth = 2};
        const struct type *is = check_expr_at(an->program, s->scope, s->locals, s->site, e, NULL);
        if (rank_of(s, is) == RANK_FITS)
            offer(o, &(struct offer){.label = arena_printf(s->r->a, "%s.%s", name, d->name.text),
                                     .kind = ITEM_KIND_REFERENCE,
                                     .detail = type_text(s->r->a, is),
                                     .doc = d->doc,
                                     .rank = RANK_FITS});
    }
}

/* A list of one, where a list is wanted. */
static const char *in_brackets(struct spot *s, const char *name, const struct type *have)
{
    const struct type *want = spot_bare(s->want);
    bool list = want && (want->kind == TYPE_K_LIST || want->kind == TYPE_K_SET);
    return list && have && type_accepts(want->elem, have) && have->kind != TYPE_K_POISON
               ? arena_printf(s->r->a, "[%s]", name)
               : NULL;
}

static void offer_symbol(struct offers *o, const struct symbol *y)
{
    struct spot *s = o->s;
    struct request *r = s->r;
    const struct decl *d = y->decl;
    switch (d->kind) {
    case DECL_INPUT:
    case DECL_LET:
    case DECL_EXISTING:
    case DECL_RESOURCE: {
        const struct type *t = type_of_name(s, y->name);
        bool resource = d->kind == DECL_EXISTING || d->kind == DECL_RESOURCE;
        int rank = rank_of(s, t);
        const char *list = rank == RANK_FITS ? NULL : in_brackets(s, y->name, t);
        offer(o, &(struct offer){.label = y->name,
                                 .kind = resource ? ITEM_KIND_REFERENCE : ITEM_KIND_VARIABLE,
                                 .detail = resource && d->path ? d->path : type_text(r->a, t),
                                 .doc = d->doc,
                                 .insert = list,
                                 .rank = list ? RANK_FITS : rank});
        offer_outs(o, y->name, t);
        break;
    }
    case DECL_WORLD:
        if (s->scope->kind == SCOPE_ROOT)
            offer(o, &(struct offer){.label = y->name,
                                     .kind = ITEM_KIND_MODULE,
                                     .detail = "world",
                                     .doc = d->doc,
                                     .rank = RANK_MAY});
        break;
    case DECL_FN: {
        struct buf b;
        buf_init(&b, r->a);
        if (d->type)
            print_type(&b, d->type);
        const struct type *t = d->type ? type_resolve(r->an->program, y->scope, d->type) : NULL;
        offer(o, &(struct offer){.label = y->name,
                                 .kind = ITEM_KIND_FUNCTION,
                                 .detail = arena_printf(r->a, "fn: %s", buf_text(&b)),
                                 .doc = describe_decl(r, d),
                                 .snippet = arena_printf(r->a, "%s($0)", y->name),
                                 .rank = rank_of(s, t)});
        break;
    }
    case DECL_USE:
        if (d->name.text)
            offer(o, &(struct offer){.label = y->name,
                                     .kind = ITEM_KIND_MODULE,
                                     .detail = d->path2,
                                     .rank = RANK_OTHER});
        break;
    default: break;
    }
}

static void offer_scope(struct offers *o, const struct scope *s)
{
    const struct program *p = o->s->r->an->program;
    for (size_t i = 0; i < s->symbols.n; i++) {
        const struct symbol *y = s->symbols.entries[i].value;
        if (s != p->prelude && scope_find(o->s->scope, y->name) == y)
            offer_symbol(o, y);
    }
}

static void offer_natives(struct offers *o)
{
    size_t n;
    const struct native *all = native_all(&n);
    bool measuring = o->s->site == SITE_GATE || o->s->site == SITE_RETIRE || o->s->site == SITE_EXPECT;
    for (size_t i = 0; i < n; i++) {
        if (i && !strcmp(all[i - 1].name, all[i].name))
            continue; /* an overload */
        bool measures = true; /* each of its overloads */
        for (const struct native *k = &all[i]; k; k = native_overload(k))
            measures = measures && k->phase == PHASE_RUN;
        if (measures && !measuring)
            continue;
        offer(o, &(struct offer){
                     .label = all[i].name,
                     .kind = ITEM_KIND_FUNCTION,
                     .detail = native_words(o->s->r, &all[i]),
                     .doc = describe_native(o->s->r, &all[i]),
                     .snippet = arena_printf(o->s->r->a, "%s($0)", all[i].name),
                     .rank = measures && measuring ? RANK_MAY : RANK_OTHER});
    }
}

static void offer_words_of_site(struct offers *o)
{
    static const struct {
        enum site site;
        const char *name;
    } words[] = {
        {SITE_GATE, "live"},        {SITE_RETIRE, "requests"},   {SITE_EXPECT, "outcome"},
        {SITE_EXPECT, "lost"},      {SITE_EXPECT, "restored"},   {SITE_EXPECT, "took"},
        {SITE_EXPECT, "share"},     {SITE_EXPECT, "failed"},     {SITE_FAULT, "latency"},
        {SITE_FAULT, "errors"},     {SITE_FAULT, "load"},        {SITE_FAULT, "throttle"},
        {SITE_FAULT, "unavailable"}, {SITE_FAULT, "reply_lost"}, {SITE_FAULT, "stale"},
        {SITE_FAULT, "die"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].site == o->s->site)
            offer(o, &(struct offer){.label = words[i].name,
                                     .kind = ITEM_KIND_PROPERTY,
                                     .rank = RANK_FITS});
}

void offer_values(struct offers *o)
{
    static const char *const words[] = {"true", "false", "none", "if", "not"};
    struct spot *s = o->s;
    const struct type *want = spot_bare(s->want);
    offer_literals(o, s->want);
    if (s->in_text)
        return;
    /* In braces of a record that is wanted in a list, and the like. */
    for (const struct check_local *l = s->locals; l; l = l->up)
        offer(o, &(struct offer){.label = l->name,
                                 .kind = ITEM_KIND_VARIABLE,
                                 .detail = type_text(s->r->a, l->type),
                                 .rank = rank_of(s, l->type) == RANK_OTHER ? RANK_MAY : RANK_FITS});
    offer_words_of_site(o);
    for (const struct scope *k = s->scope; k; k = k->parent) {
        offer_scope(o, k);
        if (k->kind == SCOPE_ROOT && k->shared && s->scope->kind != SCOPE_MODULE &&
            k->shared != s->scope && s->scope->kind == SCOPE_ROOT)
            offer_scope(o, k->shared);
    }
    offer_natives(o);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!(want && want->kind == TYPE_K_BOOL && i < 2))
            offer(o, &(struct offer){.label = words[i], .kind = ITEM_KIND_KEYWORD, .rank = RANK_LAST});
    if (spot_frame(s)->body == BODY_LIST && !spot_leads(s))
        offer(o, &(struct offer){.label = "for",
                                 .kind = ITEM_KIND_KEYWORD,
                                 .snippet = "for ${1:x} in ${2:xs}: $0",
                                 .rank = RANK_LAST});
}

/* ---- members --------------------------------------------------------- */

static void offer_items(struct offers *o, const struct decl *type)
{
    struct spot *s = o->s;
    struct request *r = s->r;
    bool measuring = s->site == SITE_GATE || s->site == SITE_FAULT;
    for (const struct type_item *i = type->items; i; i = i->next) {
        bool metric = i->kind == ITEM_METRIC;
        if (!i->name.text || !(metric || (i->kind == ITEM_FIELD && !(i->mods & FIELD_QUERY))))
            continue;
        const struct type *t = type_of_field(r->an->program, type, i);
        int rank = metric == measuring ? RANK_FITS : RANK_MAY;
        if (s->want && !metric && t && rank_of(s, t) == RANK_FITS)
            rank = RANK_WANTED;
        offer(o, &(struct offer){.label = i->name.text,
                                 .kind = metric ? ITEM_KIND_EVENT : ITEM_KIND_FIELD,
                                 .detail = arena_printf(r->a, "%s%s", metric ? "metric of " : "",
                                                        t ? type_text(r->a, t) : ""),
                                 .doc = describe_item(r, type, i),
                                 .rank = rank});
    }
}

static void offer_body(struct offers *o, const struct scope *body)
{
    for (size_t i = 0; body && i < body->symbols.n; i++) {
        const struct symbol *y = body->symbols.entries[i].value;
        bool resource = y->decl->kind == DECL_RESOURCE || y->decl->kind == DECL_EXISTING;
        if (y->decl->kind == DECL_USE || strchr(y->name, '.'))
            continue;
        offer(o, &(struct offer){.label = y->name,
                                 .kind = resource                    ? ITEM_KIND_REFERENCE
                                         : y->decl->kind == DECL_FN ? ITEM_KIND_FUNCTION
                                                                     : ITEM_KIND_VARIABLE,
                                 .detail = y->decl->path,
                                 .doc = y->decl->doc,
                                 .rank = RANK_FITS});
    }
}

static void offer_natives_below(struct offers *o, const char *path)
{
    size_t n, len = strlen(path);
    const struct native *all = native_all(&n);
    for (size_t i = 0; i < n; i++)
        if (!strncmp(all[i].name, path, len) && all[i].name[len] == '.' &&
            (!i || strcmp(all[i - 1].name, all[i].name) != 0))
            offer(o, &(struct offer){
                         .label = all[i].name + len + 1,
                         .kind = ITEM_KIND_FUNCTION,
                         .detail = native_words(o->s->r, &all[i]),
                         .doc = describe_native(o->s->r, &all[i]),
                         .snippet = arena_printf(o->s->r->a, "%s($0)", all[i].name + len + 1),
                         .rank = RANK_WANTED});
}

void offer_members(struct offers *o)
{
    struct spot *s = o->s;
    struct program *p = s->r->an->program;
    size_t dot = s->at - 1, from = spot_chain(s, dot);
    const char *path = spot_text(s, from, dot);
    const struct symbol *y = strpbrk(path, ".([") ? NULL : scope_find(s->scope, path);
    offer_natives_below(o, path);
    if (y && y->decl->kind == DECL_USE) {
        offer_body(o, y->body);
        return;
    }
    const struct type *t = spot_type(s, from, dot);
    while (t && t->kind == TYPE_K_SECRET)
        t = t->elem;
    if (!t)
        return;
    switch (t->kind) {
    case TYPE_K_WORLD: {
        const struct symbol *w = t->name ? map_find(&p->root->symbols, t->name) : NULL;
        if (!t->name) {
            offer_declared(o, p->worlds.at, p->worlds.n, ITEM_KIND_MODULE, "world");
            break;
        }
        offer_body(o, w ? w->body : NULL);
        if (w && w->body && w->body->entry)
            offer(o, &(struct offer){.label = "entry",
                                     .kind = ITEM_KIND_REFERENCE,
                                     .detail = "what traffic reaches",
                                     .rank = RANK_FITS});
        break;
    }
    case TYPE_K_REF: {
        const struct decl *type = t->name ? program_type(p, t->name) : NULL;
        if (type)
            offer_items(o, type);
        break;
    }
    case TYPE_K_INSTANCE:
        for (const struct decl *d = t->module->decl->body; d; d = d->next)
            if (d->kind == DECL_OUT && d->name.text)
                offer(o, &(struct offer){.label = d->name.text,
                                         .kind = ITEM_KIND_FIELD,
                                         .doc = d->doc,
                                         .rank = RANK_FITS});
        break;
    case TYPE_K_RECORD:
        for (size_t i = 0; i < t->fields.n; i++)
            offer(o, &(struct offer){.label = t->fields.at[i].name,
                                     .kind = ITEM_KIND_FIELD,
                                     .detail = type_text(s->r->a, t->fields.at[i].type),
                                     .doc = t->fields.at[i].doc,
                                     .rank = RANK_FITS});
        break;
    case TYPE_K_RANGE:
        offer(o, &(struct offer){.label = "low", .kind = ITEM_KIND_FIELD, .rank = RANK_FITS});
        offer(o, &(struct offer){.label = "high", .kind = ITEM_KIND_FIELD, .rank = RANK_FITS});
        break;
    default: break;
    }
}

/* ---- types ----------------------------------------------------------- */

static void replace_path(struct offers *o)
{
    size_t path = spot_path(o->s, o->s->at);
    if (path < o->s->at && o->s->t[o->s->at - 1].kind == SCAN_MARK) /* behind a dot */
        o->start = o->s->t[path].span.start;
}

/* `ec2.vpc { required = ... }` */
static const char *with_fields(struct offers *o, const char *path, const struct decl *d, bool existing)
{
    struct request *r = o->s->r;
    for (size_t i = o->s->at; i < o->s->n && o->s->t[i].kind != SCAN_NEWLINE; i++)
        if (o->s->t[i].kind == SCAN_MARK && o->s->t[i].mark == '{')
            return NULL;
    const struct type *t = type_of_resource(r->an->program, d, existing);
    struct buf b;
    size_t n = 0;
    buf_init(&b, r->a);
    buf_printf(&b, "%s {\n", path);
    for (size_t i = 0; t && i < t->fields.n; i++)
        if (!t->fields.at[i].dflt && t->fields.at[i].type->kind != TYPE_K_OPTION)
            buf_printf(&b, "  %s = $%zu\n", t->fields.at[i].name, ++n);
    buf_puts(&b, n ? "}" : "  $0\n}");
    return buf_text(&b);
}

static void offer_modules(struct offers *o)
{
    struct program *p = o->s->r->an->program;
    const struct scope *root = scope_root(o->s->scope);
    for (size_t i = 0; i < root->symbols.n; i++) {
        const struct symbol *y = root->symbols.entries[i].value;
        if (y->decl->kind == DECL_MODULE || (y->decl->kind == DECL_USE && program_module(p, root, y->name)))
            offer(o, &(struct offer){.label = y->name,
                                     .kind = ITEM_KIND_MODULE,
                                     .detail = "module",
                                     .doc = y->decl->doc,
                                     .rank = RANK_WANTED});
    }
}

void offer_resource_types(struct offers *o, bool existing)
{
    struct program *p = o->s->r->an->program;
    program_load_all_types(p);
    replace_path(o);
    offer_modules(o);
    for (size_t i = 0; i < p->types.n; i++) {
        const struct decl *d = p->types.entries[i].value;
        const char *path = p->types.entries[i].key;
        if (!type_is_resource(d) || !type_has_call(d, existing ? "lookup" : "create"))
            continue;
        offer(o, &(struct offer){.label = path,
                                 .kind = ITEM_KIND_CLASS,
                                 .doc = d->doc,
                                 .snippet = with_fields(o, path, d, existing),
                                 .rank = RANK_FITS});
    }
}

void offer_types(struct offers *o)
{
    static const char *const plain[] = {"bool",     "int",     "number", "string", "duration",
                                        "percent",  "size",    "rate",   "cidr",   "regex"};
    static const char *const makers[] = {"set", "map", "range", "ref", "secret"};
    struct spot *s = o->s;
    struct program *p = s->r->an->program;
    bool traffic = token_is(spot_lead(s, 0), "traffic");
    bool ref = s->at && (token_is(s->t[s->at - 1], "ref") ||
                         (spot_path(s, s->at) && token_is(s->t[spot_path(s, s->at) - 1], "ref")));
    program_load_all_types(p);
    replace_path(o);
    for (size_t i = 0; i < sizeof plain / sizeof *plain && !traffic && !ref; i++)
        offer(o, &(struct offer){.label = plain[i], .kind = ITEM_KIND_STRUCT, .rank = RANK_WANTED});
    for (size_t i = 0; i < sizeof makers / sizeof *makers && !traffic && !ref; i++)
        offer(o, &(struct offer){.label = makers[i], .kind = ITEM_KIND_KEYWORD, .rank = RANK_MAY});
    for (const struct scope *k = s->scope; k && !traffic && !ref; k = k->parent)
        for (size_t i = 0; i < k->symbols.n; i++) {
            const struct symbol *y = k->symbols.entries[i].value;
            if (y->decl->kind == DECL_TYPE)
                offer(o, &(struct offer){.label = y->name,
                                         .kind = ITEM_KIND_STRUCT,
                                         .doc = y->decl->doc,
                                         .rank = RANK_FITS});
        }
    for (size_t i = 0; i < p->types.n; i++) {
        const struct decl *d = p->types.entries[i].value;
        bool resource = type_is_resource(d);
        if (traffic ? resource || !type_field(d, "kill_switch") : resource != ref)
            continue;
        offer(o, &(struct offer){.label = p->types.entries[i].key,
                                 .kind = resource ? ITEM_KIND_CLASS : ITEM_KIND_STRUCT,
                                 .doc = d->doc,
                                 .rank = RANK_FITS});
    }
}
