#include "lang/lint.h"

#include <string.h>

#include "base/embed.h"
#include "lang/eval.h"
#include "lang/walk.h"

struct diag *lint_warn(struct program *p, const char *code, struct span span, const char *message,
                       const char *help)
{
    struct diag *d = diag_warn(p->ds, code, span, "%s", message);
    if (help && *help)
        diag_help(p->ds, d, "%s", help);
    diag_help(p->ds, d, "if it is meant, say so behind the declaration: `allow %s because \"...\"`",
              code);
    return d;
}

/* ---- declarations with `allow` ----------------------------------------- */

static void gather(struct program *p, const struct decl *body)
{
    for (const struct decl *d = body; d; d = d->next) {
        for (const struct allow_ast *w = d->allows; w; w = w->next)
            vec_push(p->arena, &p->allows, ((struct allow_at){d, w}));
        gather(p, d->body);
    }
}

/* Once: each walk over all declarations of a large program misses the cache at every one. */
static void gather_allows(struct program *p)
{
    p->allows.n = 0;
    for (size_t i = 0; i < p->file_scopes.n; i++) {
        const struct scope *s = p->file_scopes.at[i];
        if (s && s->file && s->file->allows && !program_is_std(p, (struct span){s->file->file, 0, 0}))
            gather(p, s->file->decls);
    }
}

static void all_allows(struct program *p,
                       void (*see)(struct program *p, const struct decl *d,
                                   const struct allow_ast *w, void *self),
                       void *self)
{
    for (size_t i = 0; i < p->allows.n; i++)
        see(p, p->allows.at[i].of, p->allows.at[i].allow, self);
}

/* The rule of a type that has this code; NULL. */
static const struct type_item *type_rule(const struct program *p, const char *code)
{
    for (size_t i = 0; i < p->types.n; i++) {
        const struct decl *d = p->types.entries[i].value;
        for (const struct type_item *it = d->items; it; it = it->next)
            if (it->kind == ITEM_LINT && it->name.text && !strcmp(it->name.text, code))
                return it;
    }
    return NULL;
}

static void check_allow(struct program *p, const struct decl *d, const struct allow_ast *w,
                        void *self)
{
    (void)d;
    (void)self;
    VEC(const char *) codes = {0};
    bool known = false;
    static const char dir[] = "docs/errors/";
    for (size_t i = 0; i < embedded_files_n; i++) {
        const char *path = embedded_files[i].path;
        if (strncmp(path, dir, sizeof dir - 1) != 0 || strlen(path) != sizeof dir - 1 + 9)
            continue;
        const char *code = arena_strndup(p->arena, path + sizeof dir - 1, 6);
        known |= !strcmp(code, w->code.text);
        if (!strncmp(code, "BG7", 3))
            vec_push(p->arena, &codes, code);
    }
    if (!strncmp(w->code.text, "BG7", 3) && (known || type_rule(p, w->code.text)))
        return;
    struct diag *e =
        known ? diag_error(p->ds, "BG1031", w->code.span, "`%s` cannot be allowed", w->code.text)
              : diag_error(p->ds, "BG1031", w->code.span, "there is no finding `%s`", w->code.text);
    if (known)
        diag_note(p->ds, e, "only findings of lint can be, and their codes begin with BG7; an error "
                            "is mended");
    else if (!diag_did_you_mean(p->ds, e, w->code.span, w->code.text, codes.at, codes.n))
        diag_help(p->ds, e, "findings of lint have codes that begin with BG7; `bgc explain` lists them");
}

void lint_check_allows(struct program *p)
{
    gather_allows(p);
    all_allows(p, check_allow, NULL);
}

static bool within(struct span outer, struct span s)
{
    return s.file == outer.file && s.start >= outer.start && s.end <= outer.end;
}

static void take_back(struct program *p, const struct decl *d, const struct allow_ast *w, void *self)
{
    struct diags *ds = p->ds;
    size_t n = *(const size_t *)self;
    for (size_t i = n; i < ds->all.n; i++) {
        const struct diag *f = ds->all.at[i];
        if (f->severity == SEV_WARNING && !strcmp(f->code, w->code.text) && within(d->span, f->span)) {
            vec_push(p->arena, &p->allowed, w);
            ds->warnings--;
        } else {
            ds->all.at[n++] = ds->all.at[i];
        }
    }
    ds->all.n = n;
}

void lint_allow(struct program *p, size_t from)
{
    all_allows(p, take_back, &from);
}

/* ---- rules of types ----------------------------------------------------- */

/* A rule of a type, read once. */
struct rule {
    const struct type_item *item;
    bool said, used; /* which of the two it asks for */
};

struct rules {
    VEC(struct rule) all;
};

struct open_rule {
    const struct decl *decl;
    const char *code;
};

struct asking {
    struct program *p;
    const struct graph *g;
    const struct facts *facts; /* may be NULL */
    struct map by_type;    /* type -> struct rules * */
    struct map *needed;    /* made when the first rule wants it */
    struct arena *scratch; /* of one resource: only findings are kept */
    VEC(struct open_rule) open; /* what nobody can say yet */
};

/* The fields that the author wrote, "health.path" too: what was filled in from
 * a default points into the standard library, or nowhere. */
static void put_said(struct program *p, struct arena *a, const struct value *v, const char *under,
                     int depth, struct value **out, size_t *n, size_t cap)
{
    if (v->kind != V_MAP || depth > 8)
        return;
    for (size_t i = 0; i < v->map->n && *n < cap; i++) {
        const struct value *f = v->map->entries[i].value;
        const char *path = *under ? arena_join(a, under, ".", v->map->entries[i].key)
                                  : v->map->entries[i].key;
        if (!f->span.file || program_is_std(p, f->span))
            continue;
        out[(*n)++] = value_string(a, path);
        put_said(p, a, f, path, depth + 1, out, n, cap);
    }
}

/* Of an address of a family, also the family: "web.nat" for web.nat["a"]. */
static void need(struct program *p, struct map *needed, const char *address)
{
    const char *bracket = strchr(address, '[');
    map_put(needed, address, needed);
    if (bracket)
        map_put(needed, arena_strndup(p->arena, address, (size_t)(bracket - address)), needed);
}

struct needs {
    struct program *p;
    struct map *needed;
};

static void need_ref(void *self, const struct value *ref)
{
    struct needs *s = self;
    const char *address = ref->kind == V_REF      ? ref->ref.address
                          : ref->kind == V_METRIC ? ref->metric.address
                                                  : NULL;
    if (address)
        need(s->p, s->needed, address);
}

/* What is needed by something else than a resource: as an entry, by traffic, an output. */
static struct map *needed_of(struct program *p, const struct graph *g)
{
    struct map *needed = arena_make(p->arena, struct map);
    struct needs s = {p, needed};
    map_init(needed, p->arena);
    for (size_t i = 0; i < g->worlds.n; i++)
        if (g->worlds.at[i]->entry)
            need(p, needed, g->worlds.at[i]->entry);
    for (size_t i = 0; i < g->traffics.n; i++)
        eval_each_ref(g->traffics.at[i]->props, need_ref, &s);
    for (size_t i = 0; i < g->outputs.n; i++)
        eval_each_ref(g->outputs.entries[i].value, need_ref, &s);
    return needed;
}

static struct span place_of(const struct node *n, const char *field)
{
    for (const struct arg *f = field ? n->decl->fields : NULL; f; f = f->next)
        if (f->name.text && f->value && !strcmp(f->name.text, field))
            return f->value->span;
    return n->decl->name.span;
}

/* A value as rules see it. What is unknown inside of a collection, and what refers
 * to a resource there, is none, so that its siblings are still judged; a field
 * that refers to a resource is a text (it is there), one that is unknown stays so. */
static struct value *as_seen(struct arena *a, const struct value *v, bool inside, int depth)
{
    struct value *made = (struct value *)(uintptr_t)v;
    if (inside && (v->kind == V_REF || v->kind == V_DEFERRED || v->kind == V_METRIC))
        made = value_none(a);
    else if (v->kind == V_REF && !v->ref.field && v->ref.address)
        made = value_string(a, v->ref.address);
    else if ((v->kind == V_LIST || v->kind == V_SET) && depth < 50) {
        struct value **at = arena_array(a, struct value *, v->list.n + 1);
        for (size_t i = 0; i < v->list.n; i++)
            at[i] = as_seen(a, v->list.at[i], true, depth + 1);
        made = value_list(a, at, v->list.n);
    } else if (v->kind == V_MAP && depth < 50) {
        made = value_map(a);
        for (size_t i = 0; i < v->map->n; i++)
            value_put(made, v->map->entries[i].key,
                      as_seen(a, v->map->entries[i].value, depth > 0, depth + 1));
    }
    return made;
}

/* An element of a list of references: the fields of the resource. Those that only the
 * account can tell stay open, and with them what a rule makes of them. */
static struct value *referred(const struct asking *q, const struct value *ref)
{
    struct arena *a = q->scratch;
    const struct node *n = graph_find(q->g, ref->ref.address);
    const struct value *fact = q->facts ? facts_find(q->facts, ref->ref.address) : NULL;
    const struct value *fields = fact && fact->kind == V_MAP ? fact : n ? n->props : NULL;
    bool open = fields != fact && (!n || n->existing);
    struct value *made = value_map(a);
    for (size_t i = 0; fields && fields->kind == V_MAP && i < fields->map->n; i++)
        value_put(made, fields->map->entries[i].key, as_seen(a, fields->map->entries[i].value, false, 1));
    const struct decl *type = open && ref->ref.type ? program_type(q->p, ref->ref.type) : NULL;
    for (const struct type_item *it = type ? type->items : NULL; it; it = it->next)
        if (it->kind == ITEM_FIELD && it->name.text && !value_get(made, it->name.text))
            value_put(made, it->name.text, value_ref(a, ref->ref.address, ref->ref.type, it->name.text));
    return made;
}

static struct value *field_as_seen(const struct asking *q, const struct value *v)
{
    if (v->kind != V_LIST && v->kind != V_SET)
        return as_seen(q->scratch, v, false, 1);
    struct value **at = arena_array(q->scratch, struct value *, v->list.n + 1);
    for (size_t i = 0; i < v->list.n; i++)
        at[i] = v->list.at[i]->kind == V_REF && !v->list.at[i]->ref.field
                    ? referred(q, v->list.at[i])
                    : as_seen(q->scratch, v->list.at[i], true, 1);
    return value_list(q->scratch, at, v->list.n);
}

static struct value *fields_as_seen(const struct asking *q, const struct value *props)
{
    struct value *made = value_map(q->scratch);
    for (size_t i = 0; i < props->map->n; i++)
        value_put(made, props->map->entries[i].key, field_as_seen(q, props->map->entries[i].value));
    return made;
}

static const struct rules *rules_of(struct asking *q, const char *type)
{
    struct rules *r = map_find(&q->by_type, type);
    if (r)
        return r;
    r = arena_make(q->p->arena, struct rules);
    const struct decl *d = program_type(q->p, type);
    for (const struct type_item *it = d ? d->items : NULL; it; it = it->next)
        if (it->kind == ITEM_LINT && it->cond)
            vec_push(q->p->arena, &r->all,
                     (struct rule){it, expr_says(it->cond, "said"), expr_says(it->cond, "used")});
    map_put(&q->by_type, type, r);
    return r;
}

/* A rule about a field that is not there is none. */
static bool concerns(const struct rule *r, const struct node *n)
{
    return !r->item->subject.text || value_get(n->props, r->item->subject.text);
}

/* false: it depends on what is not known. */
static bool ask(struct asking *q, const struct node *n, const struct rule *r, struct value *fields)
{
    enum { SAID_MAX = 256 };
    struct program *p = q->p;
    const struct type_item *rule = r->item;
    struct arena *a = q->scratch;
    struct env names = {.name = NULL, .value = fields};
    struct env said = {.up = &names, .name = "said"}, used = {.up = &said, .name = "used"};
    struct diags quiet;
    diags_init(&quiet, a, p->ds->sources);
    if (r->said) {
        struct value **paths = arena_array(a, struct value *, SAID_MAX);
        size_t count = 0;
        put_said(p, a, n->props, "", 0, paths, &count, SAID_MAX);
        said.value = value_list(a, paths, count);
    }
    if (r->used) {
        q->needed = q->needed ? q->needed : needed_of(p, q->g);
        used.value = value_bool(a, n->named || map_has(q->needed, n->address));
    }
    const struct env *env = said.value ? &said : &names;
    if (used.value) {
        used.up = env;
        env = &used;
    }
    const struct value *v = eval_expr(p, a, &quiet, rule->cond, env);
    if (!v || v->kind != V_BOOL)
        return false;
    if (v->b)
        lint_warn(p, rule->name.text, place_of(n, rule->subject.text), rule->message, rule->help);
    return true;
}

/* ---- after evaluation ---------------------------------------------------- */

static bool has_node(const struct graph *g, const struct decl *d)
{
    for (size_t i = 0; i < g->nodes.n; i++)
        if (g->nodes.at[i]->decl == d)
            return true;
    return false;
}

static void unneeded(struct program *p, const struct decl *d, const struct allow_ast *w, void *self)
{
    const struct asking *q = self;
    const struct graph *g = q->g;
    for (size_t i = 0; i < p->allowed.n; i++)
        if (p->allowed.at[i] == w)
            return;
    for (size_t i = 0; i < q->open.n; i++)
        if (q->open.at[i].decl == d && !strcmp(q->open.at[i].code, w->code.text))
            return;
    /* With other inputs it may be there, and found. */
    if (d->kind == DECL_RESOURCE && type_rule(p, w->code.text) && (!g || !has_node(g, d)))
        return;
    struct diag *e = diag_warn(p->ds, "BG7004", w->code.span, "this allows nothing: there is no `%s` here",
                               w->code.text);
    diag_help(p->ds, e, "remove the `allow`, so that the finding shows if it comes");
}

void program_lint(struct program *p, const struct graph *g, const struct facts *facts)
{
    size_t from = p->ds->all.n;
    if (p->ds->errors)
        return;
    struct asking q = {.p = p, .g = g, .facts = facts, .scratch = arena_new("lint of a resource")};
    map_init(&q.by_type, p->arena);
    for (size_t i = 0; g && i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        const struct rules *rules = n->existing || n->module ? NULL : rules_of(&q, n->type);
        struct value *fields = NULL;
        for (size_t k = 0; rules && k < rules->all.n; k++)
            if (concerns(&rules->all.at[k], n)) {
                fields = fields ? fields : fields_as_seen(&q, n->props);
                if (!ask(&q, n, &rules->all.at[k], fields))
                    vec_push(p->arena, &q.open, ((struct open_rule){n->decl, rules->all.at[k].item->name.text}));
            }
        if (fields)
            arena_reset(q.scratch);
    }
    arena_free(q.scratch);
    lint_allow(p, from);
    all_allows(p, unneeded, &q);
}
