#include "schema/conform.h"

#include <string.h>

/* ---- errors that a service may answer with ------------------------------------------- */

/* Common to the services of a protocol, and in no model. */
static const char *const common_codes[] = {
    "AccessDenied",          "AccessDeniedException",
    "InternalFailure",       "InvalidParameterCombination",
    "InvalidParameterValue", "OptInRequired",
    "ServiceUnavailable",    "Throttling",
    "ThrottlingException",   "ValidationError",
    "ValidationException",
};

static void check_code(struct conform *c, const char *code, struct span at)
{
    if (!c->m->codes.n || map_has(&c->m->codes, code))
        return;
    size_t n = sizeof common_codes / sizeof *common_codes;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(common_codes[i], code))
            return;
    struct diag *d =
        conform_wrong(c, "BG5705", at, "%s answers with no error `%s`", c->m->service, code);
    const char **names = arena_array(c->a, const char *, c->m->codes.n);
    for (size_t i = 0; i < c->m->codes.n; i++)
        names[i] = c->m->codes.entries[i].key;
    const char *near = suggest(code, names, c->m->codes.n);
    if (near)
        diag_help(c->ds, d, "did you mean `%s`?", near);
}

static void check_codes(struct conform *c, const struct type_item *it)
{
    for (size_t i = 0; i < it->absent.n; i++)
        check_code(c, it->absent.at[i], it->span);
    for (size_t i = 0; i < it->adopt.n; i++)
        check_code(c, it->adopt.at[i], it->span);
    for (const struct retry_ast *r = it->retries; r; r = r->next)
        check_code(c, r->code, it->span);
}

/* ---- what a request holds ------------------------------------------------------------- */

struct given {
    struct map names; /* top-level members that some value may stand at */
};

static void give(struct given *g, const char *member, struct arena *a)
{
    if (!g->names.arena)
        map_init(&g->names, a);
    map_put(&g->names, member, (void *)member);
}

static void check_put(struct conform *c, const struct lens *l, const struct value *input,
                      struct given *g)
{
    const struct type_item *it = l->item;
    if (l->inlined) {
        for (size_t i = 0; i < l->inlined->lenses.n; i++)
            if (lens_writes(l->inlined->lenses.at[i]))
                check_put(c, l->inlined->lenses.at[i], input, g);
        return;
    }
    if (it->put_expr) {
        struct shaped scope = {"it", NULL, NULL};
        conform_made(c, it->put_expr, input, &scope);
        if (it->put_expr->kind == EXPR_RECORD)
            for (const struct arg *x = it->put_expr->args; x; x = x->next)
                give(g, x->name.text, c->a);
        return;
    }
    if (!it->put)
        return;
    give(g, it->put->steps->member, c->a);
    const struct value *shape = conform_path(c, input, it->put);
    if (shape)
        conform_at(c, l, it->put, shape, true);
}

static bool spoken_of(const struct schema_call *call, const char *field)
{
    for (const struct arg *x = call->item->bindings; x; x = x->next)
        if (names_mentions(x->value, "value") || names_mentions(x->value, field))
            return true;
    return false;
}

static void check_puts(struct conform *c, const struct schema_call *call, const struct value *input,
                       struct given *g)
{
    if (call->verb == VERB_CREATE)
        for (size_t i = 0; i < c->s->fields.n; i++) {
            const struct schema_field *f = &c->s->fields.at[i];
            if (!f->later && !(f->mods & FIELD_ID) && lens_writes(f->lens))
                check_put(c, f->lens, input, g);
        }
    for (size_t i = 0; i < call->subjects.n && !call->aspect; i++) {
        const struct schema_field *f = schema_field(c->s, call->subjects.at[i]);
        if (lens_writes(f->lens) && !spoken_of(call, f->name))
            check_put(c, f->lens, input, g);
    }
}

static void check_required(struct conform *c, const struct schema_call *call,
                           const struct value *input, const struct given *g)
{
    const struct value *required = value_get(input, "required");
    for (size_t i = 0; required && i < required->list.n; i++) {
        const char *name = wire_text(c->a, required->list.at[i]);
        if (name && !(g->names.arena && map_has(&g->names, name)))
            conform_wrong(c, "BG5706", call->item->operation.span, "`%s` needs the member `%s`",
                          call->operation, name);
    }
}

static void check_tags_at(struct conform *c, const struct value *input, struct given *g)
{
    const struct wire_path *at = tags_place(c->a, c->s, "at");
    const struct value *tags = map_find(&c->s->settings, "tags");
    if (!at)
        return;
    struct wire_path p = *at;
    p.span = schema_span(c->s);
    for (const struct type_item *it = c->s->decl->items; it; it = it->next)
        if (it->kind == ITEM_SETTING && !strcmp(it->name.text, "tags"))
            p.span = it->span;
    give(g, p.steps->member, c->a);
    const struct value *shape = conform_path(c, input, &p);
    const char *name = value_get_string(tags, "shape");
    if (!shape || !name)
        return;
    if (strcmp(shape_kind(shape), !strcmp(name, "map") ? "map" : "list")) {
        conform_wrong(c, "BG5703", p.span, "%s has a %s at `%s`, not tags of shape \"%s\"",
                      c->m->service, shape_kind(shape), path_text(c->a, &p), name);
        return;
    }
    if (!strcmp(name, "map"))
        return;
    const struct value *e = shape_element(c->m, shape);
    bool lower = !strcmp(name, "lower"), spec = !strcmp(name, "specification");
    conform_member(c, e, spec ? "Tags" : lower ? "key" : "Key", p.span);
    if (spec) {
        const struct value *kind = conform_member(c, e, "ResourceType", p.span);
        const char *resource = value_get_string(tags, "resource");
        if (kind && resource)
            conform_word(c, kind, resource, p.span);
    }
}

/* ---- calls ----------------------------------------------------------------------------- */

static const struct value *answer(struct conform *c, const struct schema_call *call)
{
    const struct value *op = model_operation(c->m, call->operation);
    const struct value *out = op ? model_output(c->m, op) : NULL;
    if (!out || !call->item->result)
        return out;
    return conform_path(c, out, call->item->result);
}

static void check_result(struct conform *c, const struct schema_call *call, const struct value *op)
{
    const struct type_item *it = call->item;
    const struct value *out = model_output(c->m, op);
    if (it->result && !out) {
        conform_wrong(c, "BG5702", it->result->span, "`%s` answers with nothing", call->operation);
        return;
    }
    const struct value *shape = it->result ? conform_path(c, out, it->result) : out;
    if (!shape)
        return;
    bool many = call->verb == VERB_FIND ||
                (call->verb == VERB_READ && call->batched && call == schema_call(c->s, VERB_READ));
    if (call->verb == VERB_CREATE && it->result && !shape_is(shape, "string"))
        conform_wrong(c, "BG5703", it->result->span, "an id is a text, and this is a %s",
                      shape_kind(shape));
    if (many && !shape_is(shape, "list"))
        conform_wrong(c, "BG5703", it->result->span, "a list of objects stands here, not a %s",
                      shape_kind(shape));
    const struct value *elem = shape_is(shape, "list") ? shape_element(c->m, shape) : shape;
    if (it->where) {
        struct shaped live = {"live", &conform_object, NULL}, self = {"it", elem, &live};
        conform_read(c, it->where, &self);
    }
    const struct value *newest = map_find(&c->s->settings, "newest");
    if (call->verb == VERB_LOOKUP && newest && newest->kind == V_STRING)
        conform_member(c, elem, newest->s, it->operation.span);
}

static void no_operation(struct conform *c, const struct schema_call *call)
{
    struct diag *d = conform_wrong(c, "BG5701", call->item->operation.span,
                                   "%s has no operation `%s`", c->m->service, call->operation);
    const struct value *ops = value_get(c->m->root, "operations");
    const char **names = arena_array(c->a, const char *, ops->map->n + 1);
    for (size_t i = 0; i < ops->map->n; i++)
        names[i] = ops->map->entries[i].key;
    const char *near = suggest(call->operation, names, ops->map->n);
    if (near)
        diag_help(c->ds, d, "did you mean `%s`?", near);
}

static void check_call(struct conform *c, const struct schema_call *call)
{
    const struct type_item *it = call->item;
    const struct value *op = model_operation(c->m, call->operation);
    if (!op) {
        no_operation(c, call);
        return;
    }
    c->call = call;
    const struct value *input = model_input(c->m, op);
    struct given g = {0};
    struct shaped live = {"live", &conform_object, NULL};
    for (const struct arg *x = it->bindings; x; x = x->next) {
        give(&g, x->name.text, c->a);
        if (!input)
            conform_wrong(c, "BG5702", x->name.span, "`%s` takes no members", call->operation);
        else
            conform_made(c, x->value, conform_member(c, input, x->name.text, x->name.span), &live);
    }
    if (input)
        check_puts(c, call, input, &g);
    if (call->verb == VERB_CREATE && input)
        check_tags_at(c, input, &g);
    if (it->token && input) {
        give(&g, it->token, c->a);
        conform_member(c, input, it->token, it->span);
    }
    if (input)
        check_required(c, call, input, &g);
    check_result(c, call, op);
    check_codes(c, it);
    c->call = NULL;
}

/* ---- the object ------------------------------------------------------------------------ */

/* Says nothing about calls: they are looked at on their own. */
static void find_object(struct conform *c)
{
    struct diags quiet;
    diags_init(&quiet, c->a, c->ds->sources);
    struct diags *loud = c->ds;
    c->ds = &quiet;
    map_init(&c->joins, c->a);
    const struct schema_call *first = schema_call(c->s, VERB_READ);
    if (!first)
        first = schema_call(c->s, VERB_LOOKUP);
    const struct value *shape = first ? answer(c, first) : NULL;
    c->object = shape && shape_is(shape, "list") ? shape_element(c->m, shape) : shape;
    while (first && first->verb == VERB_READ && (first = schema_next(c->s, first)))
        if (first->item->result)
            map_put(&c->joins, path_last(first->item->result), (void *)answer(c, first));
    c->ds = loud;
    c->broken = false;
}

static void check_get(struct conform *c, const struct lens *l)
{
    const struct type_item *it = l->item;
    if (l->inlined) {
        for (size_t i = 0; i < l->inlined->lenses.n; i++)
            if (lens_reads(l->inlined->lenses.at[i]))
                check_get(c, l->inlined->lenses.at[i]);
        return;
    }
    if (it->get_expr) {
        struct shaped scope = {"", &conform_object, NULL};
        conform_read(c, it->get_expr, &scope);
        return;
    }
    const struct wire_path *p = it->get ? it->get : it->put;
    const struct value *shape = p ? conform_path(c, &conform_object, p) : NULL;
    if (shape)
        conform_at(c, l, p, shape, false);
}

static void check_tags_get(struct conform *c)
{
    const struct wire_path *p = tags_place(c->a, c->s, "get");
    const char *name = p ? p->steps->member : "Tags";
    if (!c->s->taggable || !c->object || map_has(&c->joins, name) ||
        shape_member(c->m, c->object, name))
        return;
    struct diag *d =
        conform_wrong(c, "BG5707", schema_span(c->s),
                      "the tags of `%s` are never read: nothing has `%s`", c->s->name, name);
    diag_help(c->ds, d, "add a `read` that joins them, or say `get` in `tags`");
}

bool model_check(struct schemas *ss, struct arena *a, struct diags *ds, const struct schema *s,
                 const struct model *m)
{
    struct conform c = {.ss = ss, .a = a, .ds = ds, .s = s, .m = m};
    find_object(&c);
    for (size_t i = 0; i < s->calls.n; i++)
        check_call(&c, &s->calls.at[i]);
    for (size_t i = 0; i < s->fields.n; i++)
        if (lens_reads(s->fields.at[i].lens))
            check_get(&c, s->fields.at[i].lens);
    struct shaped live = {"live", &conform_object, NULL};
    for (size_t i = 0; i < s->waits.n; i++)
        conform_read(&c, s->waits.at[i]->cond, &live);
    check_tags_get(&c);
    return !c.broken;
}
