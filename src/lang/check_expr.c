#include <inttypes.h>
#include <string.h>

#include "base/render.h"
#include "lang/check_state.h"
#include "lang/print.h"
#include "lang/parse.h"

struct typed typed_of(const struct type *t)
{
    return (struct typed){.type = t};
}

struct typed typed_poison(void)
{
    return typed_of(type_simple(TYPE_K_POISON));
}

bool is_poison(struct typed t)
{
    return t.type->kind == TYPE_K_POISON;
}

void typed_join(struct typed *t, struct typed part)
{
    if (part.phase > t->phase) {
        t->phase = part.phase;
        t->why = part.why;
    }
    if (part.deep > t->deep)
        t->deep = part.deep;
    t->params |= part.params;
    t->world = t->world ? t->world : part.world;
    t->live = t->live || part.live;
}

const struct leaf *leaf_find(const struct leaf *leaves, const char *name)
{
    while (leaves && strcmp(leaves->name, name) != 0)
        leaves = leaves->next;
    return leaves;
}

void leaf_add(const struct at *at, struct typed *t, const char *name, struct typed v)
{
    if (v.phase <= PHASE_PLAN && v.deep <= PHASE_PLAN)
        return;
    struct leaf *l = arena_make(at->c->a, struct leaf);
    *l = (struct leaf){t->leaves, name, v};
    t->leaves = l;
}

bool typed_leaf(const struct at *at, struct typed of, const char *name, struct span span,
                const char *shown, struct typed *out)
{
    if (!of.leaves)
        return false;
    const struct leaf *l = leaf_find(of.leaves, name);
    *out = l ? l->is : typed_of(of.type);
    out->params |= of.params;
    out->world = of.world;
    out->live = of.live;
    if (out->phase > PHASE_PLAN && out->why) {
        struct cause *w = arena_make(at->c->a, struct cause);
        *w = (struct cause){out->why, span, arena_printf(at->c->a, "through `%s`", shown), shown,
                            out->why->span};
        out->why = w;
    }
    return true;
}

/* "via arns (18:7) <- tg.arn, created by this plan" */
static void note_chain(const struct at *at, struct diag *d, const struct cause *w)
{
    struct buf b;
    if (!w || !w->next)
        return; /* its label says it all */
    buf_init(&b, at->c->a);
    for (; w; w = w->next) {
        struct render_place place;
        if (!w->name)
            continue;
        buf_printf(&b, "%s%s", b.len ? " <- " : "via ", w->name);
        if (w->at.file && render_place(at->c->ds->sources, w->at, &place))
            buf_printf(&b, " (%u:%u)", place.start.line, place.start.column);
        if (!w->next)
            buf_puts(&b, ", created by this plan");
    }
    if (b.len)
        diag_note(at->c->ds, d, "%s", buf_text(&b));
}

bool want_plan(const struct at *at, const struct expr *e, struct typed t, bool of_shape,
               const char *what)
{
    note_needs(at, t.params);
    enum phase phase = of_shape ? t.shape : t.phase;
    if (is_poison(t) || phase <= PHASE_PLAN)
        return true;
    struct diag *d = diag_error(at->c->ds, "BG2001", e->span, "%s must be known before anything is "
                                "created", what);
    diag_at(at->c->ds, d, "known only after apply has begun");
    for (const struct cause *w = t.why; w; w = w->next)
        if (w->span.start != e->span.start || w->span.end != e->span.end || !w->next)
            diag_label(at->c->ds, d, w->span, "%s", w->text);
    note_chain(at, d, t.why);
    diag_note(at->c->ds, d, "which operations a plan holds never depends on what is still unknown");
    diag_help(at->c->ds, d, "decide it from inputs, literals or `existing`s");
    return false;
}

/* ---- mismatches ------------------------------------------------------ */

static const char *text_of(const struct at *at, const struct type *t)
{
    return type_text(at->c->a, t);
}

void help_literal(const struct at *at, struct diag *d, const struct expr *e,
                  const struct type *have, const struct type *want)
{
    const char *all[64];
    size_t n = 0;
    const struct type *t = want;
    if (have->kind != TYPE_K_STRING || !have->literal)
        return;
    while (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET)
        t = t->elem;
    for (size_t i = 0; i < t->items.n && n < 64; i++)
        if (t->items.at[i]->kind == TYPE_K_STRING && t->items.at[i]->literal)
            all[n++] = t->items.at[i]->literal->s;
    diag_did_you_mean_text(at->c->ds, d, e->span, have->literal->s, all, n);
}

/* "true" or "443" where no text is wanted: the quotes are too much. */
static void help_quotes(const struct at *at, struct diag *d, const struct expr *e,
                        const struct type *want)
{
    struct diags *ds = at->c->ds;
    const struct source *src = sources_find(ds->sources, e->span);
    if (!src || e->kind != EXPR_LITERAL || e->literal->kind != V_STRING)
        return;
    const char *text = e->literal->s;
    uint32_t file = 0;
    size_t n = strlen(text);
    if (!n || n > 40 || e->span.end - e->span.start != n + 2 ||
        memcmp(src->text + e->span.start + 1, text, n) != 0)
        return;
    /* Is it a literal of what is wanted? Asked of the parser, on a text aside. */
    struct sources aside;
    struct diags quiet;
    sources_init(&aside, at->c->a);
    diags_init(&quiet, at->c->a, &aside);
    file = sources_add(&aside, "", text, n);
    const struct expr *bare = parse_expr(at->c->a, at->c->p->names, &quiet, file);
    if (!bare || bare->kind != EXPR_LITERAL || bare->literal->kind == V_STRING ||
        !type_accepts(want, type_of_literal(at->c->a, bare->literal)))
        return;
    diag_help(ds, d, "leave out the quotes: `%s`", text);
    diag_edit(ds, diag_fix(ds, d, true, "leave out the quotes"), e->span, "%s", text);
}

static void help_mismatch(const struct at *at, struct diag *d, const struct expr *e,
                          const struct type *have, const struct type *want)
{
    struct diags *ds = at->c->ds;
    help_literal(at, d, e, have, want);
    help_quotes(at, d, e, want);
    if (have->kind == TYPE_K_REF && want->kind == TYPE_K_STRING)
        diag_help(ds, d, "a reference is not a string: write which of its fields is meant, for "
                         "example `.id` or `.name`");
    if (want->kind == TYPE_K_REF && have->kind == TYPE_K_STRING)
        diag_help(ds, d, "name the resource or `existing` itself");
    if ((want->kind == TYPE_K_LIST || want->kind == TYPE_K_SET) && e->kind != EXPR_LIST &&
        type_accepts(want->elem, have)) {
        struct diag_fix *f = diag_fix(ds, d, true, "put it into brackets");
        diag_help(ds, d, "put it into brackets: [ ... ]");
        diag_edit(ds, f, (struct span){e->span.file, e->span.start, e->span.start}, "[");
        diag_edit(ds, f, (struct span){e->span.file, e->span.end, e->span.end}, "]");
    }
    if (have->kind == TYPE_K_METRIC)
        diag_help(ds, d, "say what of the metric, for example avg(..., 5m)");
}

struct typed check_fits(const struct at *at, const struct expr *e, struct typed have,
                        const struct type *want, const char *what)
{
    if (!want || is_poison(have) || type_accepts(want, have.type))
        return have;
    what = what ? what : "this";
    /* That it may also be left out helps nobody who did not. */
    if (want->kind == TYPE_K_OPTION && have.type->kind != TYPE_K_NONE &&
        have.type->kind != TYPE_K_OPTION)
        want = want->elem;
    if (report_unit(at, e, have.type, want, what))
        return typed_poison();
    struct diags *ds = at->c->ds;
    struct diag *d;
    if (have.type->kind == TYPE_K_OPTION && type_accepts(want, have.type->elem)) {
        d = diag_error(ds, "BG1018", e->span, "%s may be none", what);
        diag_at(ds, d, "this is a %s", text_of(at, have.type));
        diag_help(ds, d, "say what is meant then, with `??`");
    } else if (have.type->kind == TYPE_K_NONE) {
        d = diag_error(ds, "BG1018", e->span, "%s cannot be none", what);
        diag_note(ds, d, "wanted: %s", text_of(at, want));
    } else if (type_same_kind(want, have.type)) {
        d = diag_error(ds, "BG1011", e->span, "%s cannot be %s", what, text_of(at, have.type));
        diag_note(ds, d, "wanted: %s", text_of(at, want));
        help_mismatch(at, d, e, have.type, want);
    } else {
        d = diag_error(ds, "BG1010", e->span, "%s must be %s", what, text_of(at, want));
        diag_at(ds, d, "this is %s", text_of(at, type_widen(have.type)));
        help_mismatch(at, d, e, have.type, want);
    }
    return typed_poison();
}

/* ---- collections ----------------------------------------------------- */

/* Of a union, the member that a literal of this shape can only mean. */
static const struct type *literal_want(const struct type *want, enum type_kind k, enum type_kind k2)
{
    while (want && (want->kind == TYPE_K_OPTION || want->kind == TYPE_K_SECRET))
        want = want->elem;
    if (!want || want->kind == k || want->kind == k2)
        return want;
    const struct type *only = NULL;
    for (size_t i = 0; want->kind == TYPE_K_UNION && i < want->items.n; i++) {
        const struct type *item = literal_want(want->items.at[i], k, k2);
        if (item && only)
            return NULL;
        only = item ? item : only;
    }
    return only;
}

static struct typed check_list(const struct at *at, const struct expr *e, const struct type *want,
                               const char *what)
{
    const struct type *as = literal_want(want, TYPE_K_LIST, TYPE_K_SET);
    const struct type *elem = type_simple(TYPE_K_UNION);
    struct typed t = typed_of(NULL);
    bool bad = false;
    size_t n = 0;
    const struct arg *first = e->args;
    for (const struct arg *g = e->args; g; g = g->next) {
        struct typed v = check_at(at, g->value, as ? as->elem : NULL, what);
        typed_join(&t, v);
        if (v.phase > PHASE_PLAN || v.deep > PHASE_PLAN)
            leaf_add(at, &t, arena_printf(at->c->a, "%zu", n), v);
        n++;
        bad = bad || is_poison(v);
        const struct type *both = as ? as->elem : type_join(at->c->a, elem, v.type);
        if (!both) {
            struct diag *d = diag_error(at->c->ds, "BG1023", g->value->span,
                                        "the elements of a list must be of one type");
            diag_at(at->c->ds, d, "this is %s", text_of(at, type_widen(v.type)));
            diag_label(at->c->ds, d, first->value->span, "this is %s",
                       text_of(at, type_widen(elem)));
            return typed_poison();
        }
        elem = both;
    }
    t.type = bad ? type_simple(TYPE_K_POISON) : as ? as : type_of(at->c->a, TYPE_K_LIST, elem);
    return t;
}

enum { FIELDS_MAX = 4096, PARTS_MAX = 1 << 18 };

/* Two records are compared field by field, and those in them: there is an end to it. */
static void too_many_fields(const struct at *at, const struct expr *e)
{
    struct diag *d = diag_error(at->c->ds, "BG1543", e->span, "this record is too large");
    diag_note(at->c->ds, d, "a record has at most %d fields, and %d with those of the records in "
                            "it, each time they stand there", FIELDS_MAX, PARTS_MAX);
    diag_help(at->c->ds, d, "many values of one type are a map: { \"key\" => value }");
}

/* The fields that `want` asks for are checked where they stand, so that a
 * mistake is marked at the one word that is wrong. */
static struct typed check_record(const struct at *at, const struct expr *e, const struct type *want)
{
    struct arena *a = at->c->a;
    const struct type *as = literal_want(want, TYPE_K_RECORD, TYPE_K_MAP);
    const struct type *rec = as && as->kind == TYPE_K_RECORD ? as : NULL;
    struct type *made = as ? NULL : arena_make(a, struct type); /* one that nobody named */
    struct typed t = typed_of(as ? as : made);
    bool bad = false;
    struct given seen = {0};
    if (made)
        made->kind = TYPE_K_RECORD;
    for (const struct arg *g = e->args; g; g = g->next) {
        if (!g->name.text)
            continue;
        const struct type_member *m = rec ? type_member(rec, g->name.text) : NULL;
        bool twice = given_add(&seen, a, g) != NULL;
        const char *what = m && m->label ? m->label : arena_printf(a, "field `%s`", g->name.text);
        if (twice) {
            diag_error(at->c->ds, "BG1020", g->name.span, "%s is given twice", what);
            bad = true;
            continue;
        }
        if (rec && !m) {
            VEC(const char *) names = {0};
            for (size_t i = 0; i < rec->fields.n; i++)
                vec_push(a, &names, rec->fields.at[i].name);
            report_no_field(at, g->name.span, g->name.text, rec->name ? rec->name : "this record",
                            names.at, names.n);
            bad = true;
        }
        const struct type *field = m            ? (m->given ? m->given : m->type)
                                   : as && !rec ? as->elem
                                                : NULL;
        if (m)
            check_deprecated(at, g, m, e->args);
        struct at in = *at;
        in.unit_of = m ? m->item : NULL;
        in.unit_at = g->value;
        struct typed v = check_at(&in, g->value, field, what);
        typed_join(&t, v);
        leaf_add(at, &t, g->name.text, v);
        bad = bad || is_poison(v);
        if (!made)
            continue;
        made->parts += 1 + v.type->parts;
        if (made->fields.n >= FIELDS_MAX || made->parts > PARTS_MAX) {
            too_many_fields(at, e);
            return typed_poison();
        }
        vec_push(a, &made->fields, (struct type_member){.name = g->name.text, .type = v.type});
    }
    for (size_t i = 0; rec && i < rec->fields.n; i++) {
        const struct type_member *m = &rec->fields.at[i];
        if (m->dflt || m->type->kind == TYPE_K_OPTION || given_find(&seen, m->name))
            continue;
        bad = true;
        if (field_meant(at, e->args, rec, m->name))
            continue;
        struct diag *d = diag_error(at->c->ds, "BG1012", e->span, "field `%s` is missing", m->name);
        diag_note(at->c->ds, d, "%s is a record with `%s: %s`", rec->name ? rec->name : "this",
                  m->name, text_of(at, m->type));
    }
    if (bad)
        t.type = type_simple(TYPE_K_POISON);
    return t;
}

static struct typed check_map(const struct at *at, const struct expr *e, const struct type *want)
{
    const struct type *as = literal_want(want, TYPE_K_MAP, TYPE_K_MAP);
    const struct type *elem = type_simple(TYPE_K_UNION);
    struct typed t = typed_of(NULL);
    bool bad = false, apart = true;
    for (const struct arg *g = e->args; g; g = g->next) {
        struct typed k = check_at(at, g->key, type_simple(TYPE_K_STRING), "a key");
        struct typed v = check_at(at, g->value, as ? as->elem : NULL, NULL);
        typed_join(&t, k);
        typed_join(&t, v);
        if (k.phase > t.shape)
            t.shape = k.phase;
        if (g->key->kind == EXPR_LITERAL && g->key->literal->kind == V_STRING)
            leaf_add(at, &t, g->key->literal->s, v);
        else
            apart = false;
        bad = bad || is_poison(k) || is_poison(v);
        const struct type *both = as ? as->elem : type_join(at->c->a, elem, v.type);
        if (!both) {
            diag_error(at->c->ds, "BG1023", g->value->span,
                       "the values of a map must be of one type");
            return typed_poison();
        }
        elem = both;
    }
    if (!apart)
        t.leaves = NULL;
    t.type = bad ? type_simple(TYPE_K_POISON) : type_of(at->c->a, TYPE_K_MAP, elem);
    return t;
}

/* ---- loops ----------------------------------------------------------- */

/* What a loop over `t` binds: the element, and for maps the key before it. */
static bool elements(const struct at *at, const struct expr *e, struct typed over,
                     const struct type **key, const struct type **elem)
{
    const struct type *t = over.type;
    *key = type_simple(TYPE_K_INT);
    *elem = type_simple(TYPE_K_POISON);
    switch (t->kind) {
    case TYPE_K_POISON: return true;
    case TYPE_K_LIST:
    case TYPE_K_SET: *elem = t->elem; return true;
    case TYPE_K_MAP:
        *key = type_simple(TYPE_K_STRING);
        *elem = t->elem;
        if (e->var2)
            return true;
        diag_help(at->c->ds, diag_error(at->c->ds, "BG1019", e->a->span,
                                        "a map has keys and values"),
                  "name both, `for k, v in ...`, or loop over `keys(...)`");
        return false;
    case TYPE_K_RANGE:
        if (t->elem->kind == TYPE_K_INT) {
            *elem = type_simple(TYPE_K_INT);
            return true;
        }
        break;
    default: break;
    }
    struct diag *d = diag_error(at->c->ds, "BG1019", e->a->span, "there is nothing to loop over");
    diag_at(at->c->ds, d, "this is %s", text_of(at, type_widen(t)));
    diag_help(at->c->ds, d, "loops go over lists, sets, maps and ranges of whole numbers");
    return false;
}

static struct typed check_for(const struct at *at, const struct expr *e, const struct type *want)
{
    bool map = e->kind == EXPR_FOR_MAP;
    struct typed over = check_at(at, e->a, NULL, NULL);
    const struct type *key, *elem;
    if (!elements(at, e, over, &key, &elem))
        return typed_poison();
    struct local first = {at->locals, e->var.text, over};
    struct local second = {&first, e->var2 ? e->var2->text : NULL, over};
    first.is.shape = second.is.shape = over.phase;
    first.is.subject = second.is.subject = NULL;
    first.is.leaves = second.is.leaves = NULL;
    if (e->var2) { /* keys and places are known with the shape alone */
        first.is.phase = first.is.shape = over.shape;
        first.is.deep = PHASE_CONST;
        first.is.why = over.shape > PHASE_PLAN ? over.why : NULL;
    }
    /* `for k, v in m`; over a list the first of two is the place, from 0. */
    first.is.type = e->var2 ? key : elem;
    second.is.type = elem;
    struct at in = *at;
    in.locals = e->var2 ? &second : &first;
    struct typed t = over;
    t.subject = NULL;
    t.leaves = NULL;
    t.phase = t.shape = over.shape;
    t.why = over.shape > PHASE_PLAN ? over.why : NULL;
    if (e->c) {
        struct typed cond = check_at(&in, e->c, type_simple(TYPE_K_BOOL), "the condition");
        typed_join(&t, cond);
        if (cond.phase > t.shape)
            t.shape = cond.phase;
    }
    if (map && e->key) {
        struct typed k = check_at(&in, e->key, type_simple(TYPE_K_STRING), "a key");
        typed_join(&t, k);
        if (k.phase > t.shape)
            t.shape = k.phase;
    }
    const struct type *as = map ? literal_want(want, TYPE_K_MAP, TYPE_K_MAP)
                                : literal_want(want, TYPE_K_LIST, TYPE_K_SET);
    struct typed body = check_at(&in, e->b, as ? as->elem : NULL, NULL);
    typed_join(&t, body);
    t.deep = body.deep > over.deep ? body.deep : over.deep;
    t.type = is_poison(body) || is_poison(over) ? type_simple(TYPE_K_POISON)
             : as                               ? as
                  : type_of(at->c->a, map ? TYPE_K_MAP : TYPE_K_LIST, body.type);
    return t;
}

/* ---- the rest -------------------------------------------------------- */

static struct typed check_template(const struct at *at, const struct expr *e)
{
    struct typed t = typed_of(type_simple(TYPE_K_STRING));
    for (const struct part *part = e->parts; part; part = part->next) {
        if (!part->expr)
            continue;
        struct typed v = check_at(at, part->expr, NULL, NULL);
        typed_join(&t, v);
        const struct type *is = v.type;
        while (is->kind == TYPE_K_SECRET)
            is = is->elem;
        if (is->kind == TYPE_K_UNION && is->items.n)
            is = is->items.at[0];
        switch (is->kind) {
        case TYPE_K_POISON: t.type = is; break;
        case TYPE_K_ANY:
        case TYPE_K_BOOL:
        case TYPE_K_INT:
        case TYPE_K_NUMBER:
        case TYPE_K_STRING:
        case TYPE_K_DURATION:
        case TYPE_K_PERCENT:
        case TYPE_K_SIZE:
        case TYPE_K_RATE:
        case TYPE_K_CIDR: break;
        case TYPE_K_OPTION:
        case TYPE_K_NONE: {
            struct diag *d = diag_error(at->c->ds, "BG1018", part->expr->span,
                                        "what stands in a text cannot be none");
            diag_help(at->c->ds, d, "say what is meant then, with `??`");
            t.type = type_simple(TYPE_K_POISON);
            break;
        }
        default: {
            struct diag *d = diag_error(at->c->ds, "BG1017", part->expr->span,
                                        "this cannot stand in a text");
            diag_at(at->c->ds, d, "this is %s", text_of(at, is));
            help_mismatch(at, d, part->expr, is, type_simple(TYPE_K_STRING));
            t.type = type_simple(TYPE_K_POISON);
        }
        }
    }
    t.shape = t.phase;
    return t;
}

static struct typed check_index(const struct at *at, const struct expr *e)
{
    struct typed of = check_at(at, e->a, NULL, NULL);
    const struct type *index = of.type->kind == TYPE_K_MAP    ? type_simple(TYPE_K_STRING)
                               : of.type->kind == TYPE_K_LIST ? type_simple(TYPE_K_INT)
                                                              : NULL;
    /* The key of a resource may be a number: sg[443] is sg["443"]. */
    bool keyed = of.type->kind == TYPE_K_MAP &&
                 (of.type->elem->kind == TYPE_K_REF || of.type->elem->kind == TYPE_K_INSTANCE);
    struct typed i = check_at(at, e->b, keyed ? NULL : index, "the index");
    if (keyed && !is_poison(i) && i.type->kind != TYPE_K_INT)
        i = check_fits(at, e->b, i, index, "the index");
    if (is_poison(of) || is_poison(i))
        return typed_poison();
    if (!index) {
        struct diag *d = diag_error(at->c->ds, "BG1019", e->a->span, "this cannot be indexed");
        diag_at(at->c->ds, d, "this is %s", text_of(at, type_widen(of.type)));
        if (of.type->kind == TYPE_K_SET)
            diag_help(at->c->ds, d, "a set has no order; use a list");
        return typed_poison();
    }
    const struct value *key = e->b->kind == EXPR_LITERAL ? e->b->literal : NULL;
    struct typed t = of;
    if (!key || (key->kind != V_STRING && key->kind != V_INT) ||
        !typed_leaf(at, of,
                    key->kind == V_STRING ? key->s
                                          : arena_printf(at->c->a, "%" PRId64, key->i),
                    e->span, expr_text(at->c->a, e), &t)) {
        t.leaves = of.type->elem->kind == TYPE_K_INSTANCE ? of.leaves : NULL;
    }
    t.type = of.type->elem;
    typed_join(&t, i);
    t.shape = t.phase;
    return t;
}

static struct typed check_if(const struct at *at, const struct expr *e, const struct type *want,
                             const char *what)
{
    struct typed cond = check_at(at, e->a, type_simple(TYPE_K_BOOL), "the condition");
    struct typed x = check_at(at, e->b, want, what), y = check_at(at, e->c, want, what);
    struct typed t = x;
    t.subject = NULL;
    t.leaves = NULL;
    typed_join(&t, y);
    typed_join(&t, cond);
    t.shape = x.shape > y.shape ? x.shape : y.shape;
    if (cond.phase > t.shape)
        t.shape = cond.phase;
    if (is_poison(cond) || is_poison(x) || is_poison(y))
        return typed_poison();
    t.type = want ? want : type_join(at->c->a, x.type, y.type);
    if (t.type)
        return t;
    struct diag *d = diag_error(at->c->ds, "BG1023", e->c->span,
                                "both sides of `if` must be of one type");
    diag_at(at->c->ds, d, "this is %s", text_of(at, type_widen(y.type)));
    diag_label(at->c->ds, d, e->b->span, "this is %s", text_of(at, type_widen(x.type)));
    return typed_poison();
}

/* Most literals stand where just their kind is wanted, or one of a few words: no type
 * is made for them. */
static bool literal_fits(const struct type *want, const struct value *v)
{
    while (want->kind == TYPE_K_OPTION)
        want = want->elem;
    if (want->kind == TYPE_K_UNION) {
        for (size_t i = 0; i < want->items.n; i++)
            if (literal_fits(want->items.at[i], v))
                return true;
        return false;
    }
    switch (v->kind) {
    case V_STRING:
        return want->kind == TYPE_K_STRING && !want->pattern && !want->sized &&
               (!want->literal || value_equal(want->literal, v));
    case V_INT:
        return want->kind == TYPE_K_INT &&
               (!want->sized || (v->i >= want->low && v->i <= want->high));
    case V_BOOL: return want->kind == TYPE_K_BOOL;
    case V_DURATION: return want->kind == TYPE_K_DURATION;
    case V_PERCENT: return want->kind == TYPE_K_PERCENT;
    case V_SIZE: return want->kind == TYPE_K_SIZE;
    case V_CIDR: return want->kind == TYPE_K_CIDR;
    default: return false;
    }
}

/* The kinds that look at `want` themselves; *fits is set when they are done. */
static struct typed check_kind(const struct at *at, const struct expr *e, const struct type *want,
                               const char *what, bool *fits)
{
    switch (e->kind) {
    case EXPR_LITERAL:
        if (want && (*fits = literal_fits(want, e->literal)))
            return typed_of(want);
        return typed_of(type_of_literal(at->c->a, e->literal));
    case EXPR_TEMPLATE: return check_template(at, e);
    case EXPR_NAME: return check_name(at, e);
    case EXPR_FIELD: return check_field(at, e);
    case EXPR_INDEX: return check_index(at, e);
    case EXPR_CALL: return check_call(at, e);
    case EXPR_LIST: return check_list(at, e, want, what);
    case EXPR_RECORD: return check_record(at, e, want);
    case EXPR_MAP: return check_map(at, e, want);
    case EXPR_FOR_LIST:
    case EXPR_FOR_MAP: return check_for(at, e, want);
    case EXPR_UNARY: return check_unary(at, e);
    case EXPR_BINARY: return check_binary(at, e);
    case EXPR_IF: *fits = true; return check_if(at, e, want, what);
    case EXPR_LAMBDA: {
        struct diag *d = diag_error(at->c->ds, "BG1004", e->span, "a function is not a value");
        diag_help(at->c->ds, d, "`x => ...` stands only as an argument of a library function");
        return typed_poison();
    }
    case EXPR_ERROR: break;
    }
    return typed_poison();
}

/* Nesting within one expression is bounded by the reader; this is for names that
 * mean expressions that name others. */
bool check_enter(struct checker *c, struct span at)
{
    enum { DEPTH_MAX = 2000 }; /* within 8 MiB with sanitizers */
    if (c->depth < DEPTH_MAX) {
        c->depth++;
        return true;
    }
    if (!c->too_deep) {
        struct diag *d = diag_error(c->p->ds, "BG1544", at, "this is nested too deeply");
        diag_help(c->p->ds, d, "values may refer to one another %d levels deep", DEPTH_MAX);
    }
    c->too_deep = true;
    return false;
}

struct typed check_at(const struct at *at, const struct expr *e, const struct type *want,
                      const char *what)
{
    if (!e)
        return typed_poison();
    if (want && want->kind == TYPE_K_POISON)
        want = NULL;
    bool fits = false;
    if (!check_enter(at->c, e->span))
        return typed_poison();
    struct typed t = check_kind(at, e, want, what, &fits);
    if (at->c->p->watch)
        at->c->p->watch->see(at->c->p->watch, &(struct check_found){.e = e,
                                                                    .scope = at->scope,
                                                                    .want = want,
                                                                    .type = t.type,
                                                                    .phase = t.phase,
                                                                    .deep = t.deep,
                                                                    .live = t.live});
    at->c->depth--;
    return fits ? t : check_fits(at, e, t, want, what);
}

static const struct local *locals_of(struct checker *c, const struct check_local *l)
{
    if (!l)
        return NULL;
    struct local *out = arena_make(c->a, struct local);
    *out = (struct local){locals_of(c, l->up), l->name, typed_of(l->type)};
    return out;
}

const struct type *check_expr_at(struct program *p, const struct scope *s,
                                 const struct check_local *locals, enum site site,
                                 const struct expr *e, const struct type *expected)
{
    struct checker c = {.p = p, .a = p->arena, .ds = p->ds};
    struct at at = {.c = &c, .scope = s, .locals = locals_of(&c, locals), .site = site};
    return check_at(&at, e, expected, NULL).type;
}

const struct type *check_expr(struct program *p, const struct scope *s, const struct expr *e,
                              const struct type *expected)
{
    return check_expr_at(p, s, NULL, SITE_PLAIN, e, expected);
}
