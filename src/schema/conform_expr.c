#include <string.h>

#include "schema/conform.h"

const struct value conform_object = {.kind = V_NONE};

struct diag *conform_wrong(struct conform *c, const char *code, struct span at, const char *fmt,
                           ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    c->broken = true;
    return diag_error(c->ds, code, at, "%s", text);
}

static void near(struct conform *c, struct diag *d, const struct value *shape, const char *word)
{
    size_t n = 0;
    const char **names = shape_names(c->a, shape, &n);
    const char *best = suggest(word, names, n);
    if (best)
        diag_help(c->ds, d, "did you mean `%s`?", best);
}

static const struct value *no_member(struct conform *c, const struct value *shape, const char *name,
                                     struct span at)
{
    struct diag *d =
        conform_wrong(c, "BG5702", at, "%s has no member `%s` here", c->m->service, name);
    near(c, d, shape, name);
    return NULL;
}

const struct value *conform_member(struct conform *c, const struct value *shape, const char *name,
                                   struct span at)
{
    if (!shape)
        return NULL;
    if (shape == &conform_object) {
        if (map_has(&c->joins, name) || !c->object)
            return map_find(&c->joins, name);
        if (!strcmp(name, PARENT_MEMBER) && map_find(&c->s->settings, "parent"))
            return NULL; /* bgc's own: no reply has it */
        const struct value *own = shape_member(c->m, c->object, name);
        return own ? own : no_member(c, c->object, name, at);
    }
    if (shape_is(shape, "map"))
        return shape_value(c->m, shape);
    if (!shape_is(shape, "structure")) {
        conform_wrong(c, "BG5702", at, "`%s` is looked for in a %s", name, shape_kind(shape));
        return NULL;
    }
    const struct value *m = shape_member(c->m, shape, name);
    return m ? m : no_member(c, shape, name, at);
}

static const struct value *element(struct conform *c, const struct value *shape, struct span at)
{
    if (!shape)
        return NULL;
    if (!shape_is(shape, "list")) {
        conform_wrong(c, "BG5703", at, "an element is taken of a %s", shape_kind(shape));
        return NULL;
    }
    return shape_element(c->m, shape);
}

const struct value *conform_path(struct conform *c, const struct value *shape,
                                 const struct wire_path *p)
{
    for (const struct wire_step *s = p->steps; s && shape; s = s->next) {
        shape = conform_member(c, shape, s->member, p->span);
        if (shape && (s->indexed || s->each || s->key_member))
            shape = element(c, shape, p->span);
        if (shape && s->key_member) {
            const struct value *key = conform_member(c, shape, s->key_member, p->span);
            if (key && !s->key_bound)
                conform_word(c, key, s->key_value, p->span);
        }
    }
    return shape;
}

void conform_word(struct conform *c, const struct value *shape, const char *word, struct span at)
{
    if (!shape || shape_allows(shape, word))
        return;
    struct diag *d =
        conform_wrong(c, "BG5704", at, "%s does not know the value \"%s\"", c->m->service, word);
    near(c, d, shape, word);
}

/* ---- expressions that read --------------------------------------------------------- */

static bool names_field(const struct conform *c, const char *name)
{
    return schema_field(c->s, name) != NULL;
}

static const struct value *read_lambda(struct conform *c, const struct expr *e,
                                       const struct value *of, const struct shaped *names)
{
    const struct value *elem = of && shape_is(of, "list") ? shape_element(c->m, of) : NULL;
    struct shaped var = {e->var.text, elem, names};
    conform_read(c, e->a, &var);
    conform_read(c, e->b, &var);
    return NULL;
}

static const struct value *read_call(struct conform *c, const struct expr *e,
                                     const struct shaped *names)
{
    const struct value *first = NULL;
    for (const struct arg *x = e->args; x; x = x->next) {
        if (x->value->kind == EXPR_LAMBDA) {
            read_lambda(c, x->value, first, names);
            continue;
        }
        const struct value *shape = conform_read(c, x->value, names);
        if (x == e->args)
            first = shape;
    }
    return NULL;
}

/* `x == "word"`: the word must be one that x can be. */
static void compared(struct conform *c, const struct value *shape, const struct expr *other)
{
    if (shape && other->kind == EXPR_LITERAL && other->literal->kind == V_STRING)
        conform_word(c, shape, other->literal->s, other->span);
}

static const struct value *read_for(struct conform *c, const struct expr *e,
                                    const struct shaped *names)
{
    const struct value *list = conform_read(c, e->a, names);
    const struct value *elem = list && shape_is(list, "list") ? shape_element(c->m, list) : NULL;
    struct shaped var = {e->var.text, elem, names};
    struct shaped var2 = {e->var2 ? e->var2->text : "", NULL, &var};
    conform_read(c, e->b, &var2);
    conform_read(c, e->c, &var2);
    conform_read(c, e->key, &var2);
    return NULL;
}

static const struct value *read_quietly(struct conform *c, const struct expr *e,
                                        const struct shaped *names)
{
    struct diags quiet, *loud = c->ds;
    bool broken = c->broken;
    diags_init(&quiet, c->a, loud->sources);
    c->ds = &quiet;
    const struct value *shape = conform_read(c, e, names);
    c->ds = loud;
    c->broken = broken;
    return shape;
}

const struct value *conform_read(struct conform *c, const struct expr *e,
                                 const struct shaped *names)
{
    if (!e)
        return NULL;
    switch (e->kind) {
    case EXPR_NAME:
        for (const struct shaped *n = names; n; n = n->up)
            if (!strcmp(n->name, e->name.text))
                return n->shape;
        /* In `<-` the object's members are names: a scope without a name. */
        for (const struct shaped *n = names; n; n = n->up)
            if (!*n->name && n->shape == &conform_object)
                return conform_member(c, &conform_object, e->name.text, e->span);
        return NULL;
    case EXPR_FIELD: {
        const struct value *base = conform_read(c, e->a, names);
        return base ? conform_member(c, base, e->name.text, e->name.span) : NULL;
    }
    case EXPR_INDEX: {
        const struct value *base = conform_read(c, e->a, names);
        conform_read(c, e->b, names);
        if (base && base != &conform_object && shape_is(base, "list"))
            return shape_element(c->m, base);
        return NULL;
    }
    case EXPR_CALL: return read_call(c, e, names);
    case EXPR_FOR_LIST:
    case EXPR_FOR_MAP: return read_for(c, e, names);
    case EXPR_BINARY: {
        const struct value *a = conform_read(c, e->a, names);
        /* A second choice is for what answers otherwise than the model says. */
        const struct value *b =
            e->op == OP_COALESCE && a ? read_quietly(c, e->b, names) : conform_read(c, e->b, names);
        if (e->op == OP_EQ || e->op == OP_NE) {
            compared(c, a, e->b);
            compared(c, b, e->a);
        }
        return e->op == OP_COALESCE ? a : NULL;
    }
    case EXPR_TEMPLATE:
        for (const struct part *p = e->parts; p; p = p->next)
            conform_read(c, p->expr, names);
        return NULL;
    case EXPR_LAMBDA: return read_lambda(c, e, NULL, names);
    default:
        conform_read(c, e->a, names);
        conform_read(c, e->b, names);
        conform_read(c, e->c, names);
        for (const struct arg *x = e->args; x; x = x->next) {
            conform_read(c, x->key, names);
            conform_read(c, x->value, names);
        }
        return NULL;
    }
}

/* ---- expressions that make ----------------------------------------------------------- */

static void want_kind(struct conform *c, const struct value *want, const char *kind,
                      const char *found, struct span at)
{
    if (want && !shape_is(want, kind))
        conform_wrong(c, "BG5703", at, "%s wants a %s here, and this is %s", c->m->service,
                      shape_kind(want), found);
}

static bool scalar(const struct value *shape)
{
    const char *k = shape_kind(shape);
    return strcmp(k, "structure") && strcmp(k, "list") && strcmp(k, "map");
}

static bool numeric(const struct value *shape)
{
    static const char *const kinds[] = {"integer", "long", "double", "float"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (shape_is(shape, kinds[i]))
            return true;
    return false;
}

static void made_literal(struct conform *c, const struct value *v, const struct value *want,
                         struct span at)
{
    if (!want || v->kind == V_NONE)
        return;
    if (v->kind != V_LIST && v->kind != V_SET && v->kind != V_MAP && !scalar(want)) {
        conform_wrong(c, "BG5703", at, "%s wants a %s here, and this is a %s", c->m->service,
                      shape_kind(want), value_kind_name(v->kind));
        return;
    }
    if (v->kind == V_STRING) {
        if (numeric(want) || shape_is(want, "boolean"))
            conform_wrong(c, "BG5703", at, "%s wants a %s here, and this is a text", c->m->service,
                          shape_kind(want));
        else
            conform_word(c, want, v->s, at);
    } else if ((v->kind == V_INT || v->kind == V_NUMBER) && !numeric(want)) {
        conform_wrong(c, "BG5703", at, "%s wants a %s here, and this is a number", c->m->service,
                      shape_kind(want));
    } else if (v->kind == V_BOOL && !shape_is(want, "boolean")) {
        conform_wrong(c, "BG5703", at, "%s wants a %s here, and this is a bool", c->m->service,
                      shape_kind(want));
    }
}

static void made_tags(struct conform *c, const struct value *want, struct span at)
{
    const char *shape = value_get_string(map_find(&c->s->settings, "tags"), "shape");
    if (!want || !shape)
        return;
    if (!strcmp(shape, "map")) {
        want_kind(c, want, "map", "a map of tags", at);
        return;
    }
    const struct value *e = element(c, want, at);
    bool lower = !strcmp(shape, "lower");
    conform_member(c, e, lower ? "key" : "Key", at);
    conform_member(c, e, lower ? "value" : "Value", at);
}

/* A name on its own, standing where `want` is wanted. */
static void made_name(struct conform *c, const struct expr *e, const struct value *want)
{
    const char *name = e->name.text;
    if (!want)
        return;
    const struct schema_field *f = schema_field(c->s, name);
    if (f && strcmp(name, "id")) {
        conform_lens(c, f->lens, want, true);
        return;
    }
    if (!strcmp(name, "tags")) {
        made_tags(c, want, e->span);
    } else if (!strcmp(name, "ids") || !strcmp(name, "keys")) {
        const struct value *elem = element(c, want, e->span);
        if (elem && !scalar(elem))
            want_kind(c, elem, "string", "a text", e->span);
    } else if (!strcmp(name, "owned")) {
        const struct value *elem = element(c, want, e->span);
        conform_member(c, elem, "Name", e->span);
        conform_member(c, elem, "Values", e->span);
    } else if (!strcmp(name, "added") || !strcmp(name, "removed") || !strcmp(name, "value")) {
        if (c->call && c->call->subjects.n == 1)
            conform_lens(c, schema_field(c->s, c->call->subjects.at[0])->lens, want, true);
    } else if (strcmp(name, "it") && strcmp(name, "live") && !scalar(want)) {
        want_kind(c, want, "string", "a text", e->span);
    }
}

static void made_record(struct conform *c, const struct expr *e, const struct value *want,
                        const struct shaped *names)
{
    if (want && scalar(want))
        want_kind(c, want, "structure", "a record", e->span);
    for (const struct arg *x = e->args; x; x = x->next) {
        const struct value *m =
            want && !scalar(want) ? conform_member(c, want, x->name.text, x->name.span) : NULL;
        conform_made(c, x->value, m, names);
    }
}

void conform_made(struct conform *c, const struct expr *e, const struct value *want,
                  const struct shaped *names)
{
    if (!e)
        return;
    switch (e->kind) {
    case EXPR_LITERAL: made_literal(c, e->literal, want, e->span); return;
    case EXPR_RECORD: made_record(c, e, want, names); return;
    case EXPR_LIST: {
        if (want && !shape_is(want, "list"))
            want_kind(c, want, "list", "a list", e->span);
        const struct value *elem =
            want && shape_is(want, "list") ? shape_element(c->m, want) : NULL;
        for (const struct arg *x = e->args; x; x = x->next)
            conform_made(c, x->value, elem, names);
        return;
    }
    case EXPR_FOR_LIST: {
        const struct value *from = conform_read(c, e->a, names);
        const struct value *var_shape =
            from && shape_is(from, "list") ? shape_element(c->m, from) : NULL;
        struct shaped var = {e->var.text, var_shape, names};
        if (want && !shape_is(want, "list"))
            want_kind(c, want, "list", "a list", e->span);
        conform_read(c, e->c, &var);
        conform_made(c, e->b, want && shape_is(want, "list") ? shape_element(c->m, want) : NULL,
                     &var);
        return;
    }
    case EXPR_IF:
        conform_read(c, e->a, names);
        conform_made(c, e->b, want, names);
        conform_made(c, e->c, want, names);
        return;
    case EXPR_BINARY:
        if (e->op == OP_COALESCE) {
            conform_made(c, e->a, want, names);
            conform_made(c, e->b, want, names);
            return;
        }
        conform_read(c, e, names);
        return;
    case EXPR_TEMPLATE:
        if (want && !scalar(want))
            want_kind(c, want, "string", "a text", e->span);
        conform_read(c, e, names);
        return;
    case EXPR_NAME:
        for (const struct shaped *n = names; n; n = n->up)
            if (!strcmp(n->name, e->name.text))
                return;
        if (names_field(c, e->name.text) || schema_name_known(c->s, e->name.text))
            made_name(c, e, want);
        return;
    default: conform_read(c, e, names); return;
    }
}

/* ---- fields ---------------------------------------------------------------------------- */

static void words_of(struct conform *c, const struct type *t, const struct value *shape,
                     struct span at)
{
    t = type_bare(t);
    if (t->kind == TYPE_K_UNION)
        for (size_t i = 0; i < t->items.n; i++)
            words_of(c, t->items.at[i], shape, at);
    if (t->literal && t->literal->kind == V_STRING)
        conform_word(c, shape, t->literal->s, at);
}

static void wrong_kind(struct conform *c, const struct lens *l, const struct value *shape)
{
    const struct type_item *it = l->item;
    conform_wrong(c, "BG5703", it->name.span, "`%s` is %s%s%s, and %s has a %s here", l->name,
                  type_text(c->a, l->type), l->codec ? " via " : "", l->codec ? l->codec->name : "",
                  c->m->service, shape_kind(shape));
}

/* What a codec's wire words or members must be at a shape; false: it says nothing. */
static bool codec_fits(struct conform *c, const struct lens *l, const struct value *shape)
{
    const char *name = l->codec->name;
    struct span at = l->item->codec.span;
    if (!strcmp(name, "enum")) {
        for (size_t i = 0; i < l->args[0]->map->n; i++) {
            const char *word = wire_text(c->a, l->args[0]->map->entries[i].value);
            if (word)
                conform_word(c, shape, word, at);
        }
        return true;
    }
    if (!strcmp(name, "choice")) {
        for (size_t i = 0; i < l->nargs; i++)
            made_literal(c, l->args[i]->list.at[1], shape, at);
        return true;
    }
    if (!strcmp(name, "onoff")) {
        conform_word(c, shape, l->args[0]->s, at);
        conform_word(c, shape, l->args[1]->s, at);
        return true;
    }
    if (!strcmp(name, "wrap") || !strcmp(name, "member")) {
        const struct value *of = !strcmp(name, "wrap") ? element(c, shape, at) : shape;
        conform_member(c, of, l->args[0]->s, at);
        return true;
    }
    if (!strcmp(name, "ip_permissions")) {
        static const char *const lists[][2] = {{"IpRanges", "CidrIp"},
                                               {"Ipv6Ranges", "CidrIpv6"},
                                               {"UserIdGroupPairs", "GroupId"},
                                               {"PrefixListIds", "PrefixListId"}};
        const struct value *e = element(c, shape, at);
        for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
            const struct value *peers = conform_member(c, e, lists[i][0], at);
            conform_member(c, element(c, peers, at), lists[i][1], at);
        }
        conform_member(c, e, "IpProtocol", at);
        return true;
    }
    if (!strcmp(name, "csv") || !strcmp(name, "json"))
        return scalar(shape) ? true : (wrong_kind(c, l, shape), true);
    return false;
}

static void plain_fits(struct conform *c, const struct lens *l, const struct type *t,
                       const struct value *shape, bool written)
{
    t = type_bare(t);
    if (t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET) {
        if (!shape_is(shape, "list"))
            wrong_kind(c, l, shape);
        else if (shape_element(c->m, shape))
            plain_fits(c, l, t->elem, shape_element(c->m, shape), written);
        return;
    }
    if (t->kind == TYPE_K_RECORD || t->kind == TYPE_K_MAP || t->kind == TYPE_K_METRIC) {
        const struct shape *s = shape_of(c->ss, t);
        if (scalar(shape))
            wrong_kind(c, l, shape);
        for (size_t i = 0; s && i < s->lenses.n; i++) {
            const struct type_item *it = s->lenses.at[i]->item;
            const struct wire_path *p = written ? it->put : it->get ? it->get : it->put;
            const struct value *at = p ? conform_path(c, shape, p) : NULL;
            if (at)
                conform_at(c, s->lenses.at[i], p, at, written);
        }
        return;
    }
    if (!scalar(shape)) {
        wrong_kind(c, l, shape);
        return;
    }
    const char *codec = l->codec ? l->codec->name : "";
    bool timed = !strcmp(codec, "seconds") || !strcmp(codec, "minutes") || !strcmp(codec, "days") ||
                 !strcmp(codec, "milliseconds");
    bool text = (timed && l->nargs) || !strcmp(codec, "text") || !strcmp(codec, "base64") ||
                !strcmp(codec, "dns_name") || !strcmp(codec, "after") || !strcmp(codec, "yes_no");
    bool number = (timed && !l->nargs) || !strcmp(codec, "unit") || !strcmp(codec, "percent") ||
                  !strcmp(codec, "fraction") || !strcmp(codec, "measure") ||
                  (!l->codec && t->kind == TYPE_K_INT);
    bool truth = !l->codec && t->kind == TYPE_K_BOOL;
    text |=
        !l->codec && (t->kind == TYPE_K_STRING || t->kind == TYPE_K_REF || t->kind == TYPE_K_CIDR);
    if (written && text && (numeric(shape) || shape_is(shape, "boolean")))
        wrong_kind(c, l, shape);
    if (written && (number ? !numeric(shape) : truth && !shape_is(shape, "boolean")))
        wrong_kind(c, l, shape);
    if (!l->codec)
        words_of(c, t, shape, l->item->type->span);
}

void conform_lens(struct conform *c, const struct lens *l, const struct value *shape, bool written)
{
    if (!shape || shape == &conform_object || !l->type)
        return;
    if (l->codec) {
        /* The codecs of one value work through lists. */
        const struct type *t = type_bare(l->type);
        const struct value *at = shape;
        if (l->codec->each && (t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET) &&
            shape_is(shape, "list"))
            at = shape_element(c->m, shape);
        if (!at || codec_fits(c, l, at))
            return;
        plain_fits(c, l, t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET ? t->elem : t, at,
                   written);
        return;
    }
    plain_fits(c, l, l->type, shape, written);
}

void conform_at(struct conform *c, const struct lens *l, const struct wire_path *p,
                const struct value *shape, bool written)
{
    bool each = false;
    for (const struct wire_step *w = p->steps; w; w = w->next)
        each |= w->each;
    const struct type *t = type_bare(l->type);
    struct lens one = *l;
    if (each && (t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET))
        one.type = t->elem;
    conform_lens(c, &one, shape, written);
}
