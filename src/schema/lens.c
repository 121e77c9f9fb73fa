#include "schema/lens.h"

#include <string.h>

#include "schema/codec.h"
#include "schema/internal.h"

struct lens_ctx lens_context(struct schemas *ss, struct arena *a, struct diags *ds,
                             const struct schema *s)
{
    return (struct lens_ctx){.ss = ss,
                             .a = a,
                             .ds = ds,
                             .type = s ? s->name : NULL,
                             .span = s ? schema_span(s) : NO_SPAN,
                             .code = "BG1802"};
}

struct lens_ctx lens_quiet(struct schemas *ss, struct arena *a, const struct schema *s)
{
    struct diags *ds = arena_make(a, struct diags);
    diags_init(ds, a, ss->program->ds->sources);
    return lens_context(ss, a, ds, s);
}

void *lens_fail(const struct lens_ctx *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *what = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    diag_error(c->ds, c->code, c->span, "`%s%s%s`: %s", c->type ? c->type : "",
               c->type && c->field ? "." : "", c->field ? c->field : "", what);
    return NULL;
}

/* ---- shapes ------------------------------------------------------------------ */

static const struct type *record_under(const struct type *t)
{
    while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET || t->kind == TYPE_K_LIST ||
                 t->kind == TYPE_K_SET || t->kind == TYPE_K_MAP))
        t = t->elem;
    return t && t->kind == TYPE_K_RECORD ? t : NULL;
}

const struct shape *shape_of(struct schemas *ss, const struct type *t)
{
    t = record_under(t);
    if (!t || !t->decl || !t->decl->items)
        return NULL;
    const char *name = t->decl->path ? t->decl->path : t->decl->name.text;
    struct shape *s = map_find(&ss->shapes, name);
    if (s)
        return s->compiling ? NULL : s;
    struct arena *session = ss->program->arena;
    s = arena_make(session, struct shape);
    s->decl = t->decl;
    s->compiling = true;
    map_put(&ss->shapes, name, s);
    for (const struct type_item *it = t->decl->items; it; it = it->next) {
        if (it->kind != ITEM_FIELD)
            continue;
        struct lens *l = arena_make(session, struct lens);
        lens_compile(ss, l, it); /* on failure reported; the others stay usable */
        s->placed |= lens_writes(l) || lens_reads(l);
        vec_push(session, &s->lenses, l);
    }
    s->compiling = false;
    return s;
}

/* ---- compiling ----------------------------------------------------------------- */

/* A kind that has a spelling of its own on the wire. */
static bool plain(const struct type *t)
{
    t = type_bare(t);
    switch (t->kind) {
    case TYPE_K_DURATION:
    case TYPE_K_PERCENT:
    case TYPE_K_SIZE:
    case TYPE_K_RATE:
    case TYPE_K_RANGE:
    case TYPE_K_METRIC:
    case TYPE_K_FUNCTION:
    case TYPE_K_INSTANCE:
    case TYPE_K_WORLD: return false;
    case TYPE_K_LIST:
    case TYPE_K_SET:
    case TYPE_K_MAP: return plain(t->elem);
    default: return true;
    }
}

static bool compile_codec(struct schemas *ss, struct lens *l)
{
    const struct type_item *item = l->item;
    struct program *p = ss->program;
    const struct codec *codec = codec_find(item->codec.text);
    if (!codec) {
        struct diag *d = diag_error(p->ds, "BG1703", item->codec.span, "there is no codec `%s`",
                                    item->codec.text);
        size_t n = 0;
        const struct codec *all = codec_all(&n);
        const char **names = arena_array(p->arena, const char *, n);
        for (size_t i = 0; i < n; i++)
            names[i] = all[i].name;
        const char *near = suggest(item->codec.text, names, n);
        if (near)
            diag_help(p->ds, d, "did you mean `%s`?", near);
        return false;
    }
    size_t nargs = 0;
    for (const struct arg *x = item->codec_args; x; x = x->next)
        nargs++;
    if (nargs < codec->least || nargs > codec->most) {
        diag_error(p->ds, "BG1704", item->codec.span, "`%s` takes %zu argument%s, found %zu",
                   codec->name, codec->most, codec->most == 1 ? "" : "s", nargs);
        return false;
    }
    l->args = arena_array(p->arena, const struct value *, nargs ? nargs : 1);
    for (const struct arg *x = item->codec_args; x; x = x->next)
        if (!(l->args[l->nargs++] = eval_expr(p, p->arena, p->ds, x->value, NULL)))
            return false;
    const char *wrong = codec->check ? codec->check(p->arena, l) : NULL;
    if (wrong) {
        diag_error(p->ds, "BG1704", item->codec.span, "`%s` does not fit `%s`: %s", codec->name,
                   item->name.text, wrong);
        return false;
    }
    l->codec = codec;
    return true;
}

bool lens_compile(struct schemas *ss, struct lens *l, const struct type_item *item)
{
    struct program *p = ss->program;
    l->name = item->name.text;
    l->item = item;
    l->type = type_resolve(p, p->root, item->type);
    if (!l->type || l->type->kind == TYPE_K_POISON)
        return false;
    const struct shape *shape = shape_of(ss, l->type);
    bool placed = item->put || item->get || item->put_expr || item->get_expr;
    const struct type *bare = type_bare(l->type);
    if (!placed && shape && shape->placed && bare->kind == TYPE_K_RECORD)
        l->inlined = shape;
    if (item->put_expr && !item->get && !item->get_expr && !(item->mods & FIELD_WRITE_ONLY)) {
        struct diag *d = diag_error(p->ds, "BG1705", item->span,
                                    "`%s` says how it is sent, not how it is read back", l->name);
        diag_help(p->ds, d, "add `<- ...`, or declare it `write_only`");
        return false;
    }
    if (item->codec.text && !compile_codec(ss, l))
        return false;
    bool path = item->put || item->get;
    if (path && !item->codec.text && !item->put_expr && !item->get_expr && !plain(l->type)) {
        struct diag *d =
            diag_error(p->ds, "BG1706", item->type->span, "`%s`: a %s has no spelling on the wire",
                       l->name, type_text(p->arena, bare));
        diag_help(p->ds, d, "say which with `via`, as in `via seconds` or `via unit(1GiB)`");
        return false;
    }
    return true;
}

bool lens_writes(const struct lens *l)
{
    if (!l->item || (l->item->mods & (FIELD_LIVE | FIELD_QUERY)))
        return false;
    return l->item->put || l->item->put_expr || l->inlined;
}

bool lens_reads(const struct lens *l)
{
    if (!l->item || (l->item->mods & FIELD_WRITE_ONLY))
        return false;
    return l->item->get || l->item->get_expr || l->item->put || l->inlined;
}

/* ---- spelling -------------------------------------------------------------------- */

static struct lens_ctx inside(const struct lens_ctx *c, const struct lens *l)
{
    struct lens_ctx in = *c;
    in.field = c->field ? arena_printf(c->a, "%s.%s", c->field, l->name) : l->name;
    return in;
}

struct value *lens_encode(const struct lens_ctx *outer, const struct lens *l, struct value *v)
{
    struct lens_ctx c = inside(outer, l);
    if (v->span.file)
        c.span = v->span;
    if (v->kind == V_NONE)
        return v;
    if (v->kind == V_REF || v->kind == V_DEFERRED || v->kind == V_METRIC)
        return lens_fail(&c, "its value is not known yet");
    struct value *w = NULL;
    if (!l->codec) {
        w = wire_out(&c, l->type, v);
    } else if (l->codec->each && (v->kind == V_LIST || v->kind == V_SET)) {
        struct value **at = arena_array(c.a, struct value *, v->list.n ? v->list.n : 1);
        for (size_t i = 0; i < v->list.n; i++)
            if (!(at[i] = l->codec->put(&c, l, v->list.at[i])))
                return NULL;
        w = value_list(c.a, at, v->list.n);
    } else {
        w = l->codec->put(&c, l, v);
    }
    if (!w)
        return NULL;
    if (w != v && (v->span.file || v->secret)) {
        w = v->secret ? value_hide(c.a, w) : value_copy(c.a, w);
        w->span = v->span;
    }
    if ((l->item->mods & FIELD_SECRET) && !w->secret)
        w = value_hide(c.a, w);
    return w;
}

static const struct type *elem_or_self(const struct type *t)
{
    t = type_bare(t);
    return t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET ? t->elem : t;
}

struct value *lens_decode(const struct lens_ctx *outer, const struct lens *l, struct value *w)
{
    struct lens_ctx c = inside(outer, l);
    struct value *v;
    if (w->kind == V_NONE || !l->codec) {
        v = wire_in(&c, l->type, w);
    } else if (l->codec->each && (w->kind == V_LIST || w->kind == V_SET)) {
        struct lens one = *l;
        one.type = elem_or_self(l->type);
        struct value **at = arena_array(c.a, struct value *, w->list.n ? w->list.n : 1);
        for (size_t i = 0; i < w->list.n; i++) {
            if (!(at[i] = l->codec->get(&c, &one, w->list.at[i])))
                return NULL;
        }
        v = wire_in(&c, l->type, value_list(c.a, at, w->list.n));
    } else {
        v = l->codec->get(&c, l, w);
        if (v)
            v = wire_in(&c, l->type, v);
    }
    if (v && (l->item->mods & FIELD_SECRET))
        v = value_hide(c.a, v);
    return v;
}

/* ---- places ---------------------------------------------------------------------- */

static struct value *eval_in(const struct lens_ctx *c, const struct expr *e, struct value *names)
{
    struct names n = names_of_map(names);
    return names_eval(c->ss->program, c->a, c->ds, e, &n);
}

/* What a put expression makes of a value: a MAP of members. */
static struct value *put_members(const struct lens_ctx *c, const struct lens *l, struct value *v)
{
    struct lens_ctx in = inside(c, l);
    if (v->kind == V_METRIC || v->kind == V_DEFERRED || v->kind == V_REF)
        return lens_fail(&in, "its value is not known yet");
    struct value *it = l->codec ? lens_encode(c, l, v) : record_canonical(&in, l->type, v);
    if (!it)
        return NULL;
    struct value *names = value_map(c->a);
    value_put(names, "it", it);
    struct value *m = eval_in(&in, l->item->put_expr, names);
    if (m)
        m = wire_clean(&in, m);
    if (m && m->kind != V_MAP)
        return lens_fail(&in, "`->` must make a record of members");
    if (m && ((l->item->mods & FIELD_SECRET) || v->secret))
        m = value_hide(c->a, m);
    return m;
}

static bool put_inlined(const struct lens_ctx *c, const struct lens *l, struct value *v,
                        struct value *into)
{
    struct lens_ctx in = inside(c, l);
    for (size_t i = 0; i < l->inlined->lenses.n; i++) {
        struct value *x = value_get(v, l->inlined->lenses.at[i]->name);
        if (x && !lens_put(&in, l->inlined->lenses.at[i], x, into))
            return false;
    }
    return true;
}

bool lens_put(const struct lens_ctx *c, const struct lens *l, struct value *v,
              struct value *request)
{
    if (v->kind == V_NONE || !lens_writes(l))
        return true;
    if (l->item->put_expr) {
        struct value *m = put_members(c, l, v);
        if (m)
            path_merge(c->a, request, m);
        return m != NULL;
    }
    if (l->inlined)
        return put_inlined(c, l, v, request);
    struct value *w = lens_encode(c, l, v);
    if (!w)
        return false;
    if (w->kind != V_NONE)
        path_put(c->a, request, l->item->put, NULL, w);
    return true;
}

/* What a type reads as when nothing is there; NULL: absent. */
static struct value *nothing(const struct lens_ctx *c, const struct type *t)
{
    while (t->kind == TYPE_K_SECRET)
        t = t->elem;
    switch (t->kind) {
    case TYPE_K_OPTION: return value_none(c->a);
    case TYPE_K_LIST: return value_list(c->a, NULL, 0);
    case TYPE_K_SET: return value_set(c->a, NULL, 0);
    case TYPE_K_MAP: return value_map(c->a);
    default: return NULL;
    }
}

static struct value *absent_value(const struct lens_ctx *c, const struct lens *l, bool *absent)
{
    struct value *v = nothing(c, l->type);
    if (!v)
        *absent = true;
    return v;
}

static struct value *get_inlined(const struct lens_ctx *c, const struct lens *l,
                                 const struct value *object, bool *absent)
{
    struct lens_ctx in = inside(c, l);
    struct value *m = value_map(c->a);
    for (size_t i = 0; i < l->inlined->lenses.n; i++) {
        const struct lens *x = l->inlined->lenses.at[i];
        bool gone = false;
        if (!lens_reads(x))
            continue;
        struct value *v = lens_get(&in, x, object, &gone);
        if (!v && !gone)
            return NULL;
        if (v && v->kind != V_NONE)
            value_put(m, x->name, v);
    }
    if (m->map->n == 0)
        return absent_value(c, l, absent);
    return record_canonical(&in, l->type, m);
}

static struct value *get_at(const struct lens_ctx *c, const struct lens *l,
                            const struct value *object, const struct wire_path *p, bool *absent)
{
    struct value *w = path_get(c->a, object, p, NULL);
    if (!w || w->kind == V_NONE)
        return absent_value(c, l, absent);
    /* An empty element of XML reads as "": nothing there. */
    const struct type *bare = type_bare(l->type);
    if (w->kind == V_STRING && !*w->s && l->type->kind == TYPE_K_OPTION &&
        bare->kind != TYPE_K_STRING)
        return value_none(c->a);
    return lens_decode(c, l, w);
}

static struct value *get_expr(const struct lens_ctx *c, const struct lens *l, const struct expr *e,
                              struct value *names, bool *absent)
{
    struct lens_ctx in = inside(c, l);
    struct value *w = eval_in(&in, e, names);
    if (!w)
        return NULL;
    if (w->kind == V_NONE)
        return absent_value(c, l, absent);
    if (w->kind == V_MAP) { /* a record whose every member is missing is missing */
        bool some = w->map->n == 0;
        for (size_t i = 0; i < w->map->n; i++)
            some |= ((struct value *)w->map->entries[i].value)->kind != V_NONE;
        if (!some)
            return absent_value(c, l, absent);
    }
    if (l->codec)
        return lens_decode(c, l, w);
    /* The expression has made a value of the language already. */
    const struct shape *shape = shape_of(c->ss, l->type);
    struct value *v =
        shape && shape->placed ? record_canonical(&in, l->type, w) : wire_in(&in, l->type, w);
    return v && (l->item->mods & FIELD_SECRET) ? value_hide(c->a, v) : v;
}

struct value *lens_get(const struct lens_ctx *c, const struct lens *l, const struct value *object,
                       bool *absent)
{
    *absent = false;
    if (!lens_reads(l)) {
        *absent = true;
        return NULL;
    }
    if (l->item->get_expr)
        return get_expr(c, l, l->item->get_expr, (struct value *)object, absent);
    if (l->item->get || l->item->put)
        return get_at(c, l, object, l->item->get ? l->item->get : l->item->put, absent);
    return get_inlined(c, l, object, absent);
}

/* A value as an expression would have written it: a range as { low, high }. */
static struct value *spelled(const struct lens_ctx *c, const struct expr *e, struct value *v)
{
    if (v->kind == V_RANGE && e->kind == EXPR_RECORD) {
        struct value *m = value_map(c->a);
        value_put(m, "low", v->range.low);
        value_put(m, "high", v->range.high);
        return m;
    }
    return v;
}

/* The other way: { low, high } as a range where the type is one. */
static struct value *unspelled(const struct lens_ctx *c, const struct lens *l, struct value *it,
                               bool *absent)
{
    if (!it || it->kind == V_NONE)
        return absent_value(c, l, absent);
    if (l->codec)
        return lens_decode(c, l, it);
    struct lens_ctx in = inside(c, l);
    const struct shape *shape = shape_of(c->ss, l->type);
    if (shape && shape->placed)
        return record_canonical(&in, l->type, it);
    return wire_in(&in, l->type, it);
}

/* Whether the object, with `members` added, reads as `v`. */
static bool stored(const struct lens_ctx *c, const struct lens *l, const struct value *v,
                   const struct value *object, const struct value *members)
{
    struct lens_ctx quiet = *c;
    struct diags none;
    diags_init(&none, c->a, c->ds->sources);
    quiet.ds = &none;
    struct value *o = value_map(c->a);
    path_merge(c->a, o, object);
    path_merge(c->a, o, members);
    bool absent = false;
    struct value *got = lens_get(&quiet, l, o, &absent);
    struct value *want = record_canonical(&quiet, l->type, (struct value *)v);
    return got && want && value_equal(got, want);
}

/* What is sent mostly stands in the object likewise; else the expression that
 * reads it is read backwards. What reads back as it should is right. */
static bool store_expr(const struct lens_ctx *c, const struct lens *l, struct value *v,
                       struct value *object)
{
    struct value *it = l->codec ? lens_encode(c, l, v) : v;
    struct value *sent = NULL;
    if (!it)
        return false;
    if (l->item->put_expr) {
        if (!(sent = put_members(c, l, v)))
            return false;
        if (stored(c, l, v, object, sent)) {
            path_merge(c->a, object, sent);
            return true;
        }
    }
    struct value *m = value_map(c->a);
    const struct expr *e = l->item->get_expr;
    if (e && names_match(c->ss->program, c->a, e, spelled(c, e, it), m))
        m = wire_clean(c, m);
    else if (!e && l->item->get)
        path_put(c->a, m, l->item->get, NULL, wire_clean(c, it));
    else if (sent)
        m = sent;
    else
        return lens_fail(c, "`%s` cannot be stored: its `<-` cannot be read backwards", l->name);
    if (m)
        path_merge(c->a, object, m);
    return m != NULL;
}

bool lens_store(const struct lens_ctx *c, const struct lens *l, struct value *v,
                struct value *object)
{
    if (v->kind == V_NONE || !lens_reads(l))
        return true;
    if (l->item->get_expr || l->item->put_expr)
        return store_expr(c, l, v, object);
    if (l->item->get || l->item->put) {
        struct value *w = lens_encode(c, l, v);
        if (w && w->kind != V_NONE)
            path_put(c->a, object, l->item->get ? l->item->get : l->item->put, NULL, w);
        return w != NULL;
    }
    struct lens_ctx in = inside(c, l);
    for (size_t i = 0; i < l->inlined->lenses.n; i++) {
        struct value *x = value_get(v, l->inlined->lenses.at[i]->name);
        if (x && !lens_store(&in, l->inlined->lenses.at[i], x, object))
            return false;
    }
    return true;
}

struct value *lens_unput(const struct lens_ctx *c, const struct lens *l,
                         const struct value *request, bool *absent)
{
    *absent = false;
    if (!lens_writes(l)) {
        *absent = true;
        return NULL;
    }
    if (l->item->put) {
        struct value *w = path_get(c->a, request, l->item->put, NULL);
        if (!w || w->kind == V_NONE) {
            *absent = true;
            return NULL;
        }
        return lens_decode(c, l, w);
    }
    if (l->item->put_expr) {
        /* Only the members that are there: a request names what it sets. */
        struct value *names = value_map(c->a);
        bool some = false;
        for (const struct arg *x = l->item->put_expr->args; x; x = x->next)
            some |= value_get(request, x->name.text) != NULL;
        if (!some) {
            *absent = true;
            return NULL;
        }
        if (names_match(c->ss->program, c->a, l->item->put_expr, (struct value *)request, names) &&
            value_get(names, "it"))
            return unspelled(c, l, value_get(names, "it"), absent);
        /* Another variant of the members, or an expression that has no inverse. */
        if (lens_reads(l))
            return lens_get(c, l, request, absent);
        *absent = true;
        return NULL;
    }
    struct lens_ctx in = inside(c, l);
    struct value *m = value_map(c->a);
    for (size_t i = 0; i < l->inlined->lenses.n; i++) {
        bool gone = false;
        struct value *v = lens_unput(&in, l->inlined->lenses.at[i], request, &gone);
        if (!v && !gone)
            return NULL;
        if (v && v->kind != V_NONE)
            value_put(m, l->inlined->lenses.at[i]->name, v);
    }
    *absent = m->map->n == 0;
    return *absent ? NULL : m;
}
