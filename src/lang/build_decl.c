#include <string.h>

#include "lang/build.h"

struct decl *decl_new(struct parser *p, enum decl_kind kind, struct span span,
                      struct token keyword)
{
    struct decl *d = arena_make(p->arena, struct decl);
    d->kind = kind;
    d->span = span;
    d->doc = keyword.doc;
    p->binds = p->binds || kind == DECL_FN || kind == DECL_MODULE;
    return d;
}

struct allow_ast *allow_new(struct parser *p, struct token code, const struct token *reason)
{
    struct allow_ast *w = arena_make(p->arena, struct allow_ast);
    p->allows = true;
    w->code = word_of(code);
    w->reason = reason ? reason->text : "";
    w->reason_span = reason ? reason->span : code.span;
    if (w->reason[strspn(w->reason, " \t\n")])
        return w;
    struct diag *d = syntax_error(p, "BG0024", w->reason_span, "`allow` gives no reason");
    syntax_help(p, d, "say why it is meant here: `allow %s because \"...\"`", code.text);
    return w;
}

void decl_path(struct decl *d, struct token path)
{
    d->path = path.text;
    d->path_span = path.span;
}

struct decl *decl_part(struct parser *p, struct span span)
{
    struct decl *d = arena_make(p->arena, struct decl);
    d->span = span;
    return d;
}

struct decl *decl_merge(struct parser *p, struct decl *a, struct decl *b)
{
    if (!a)
        return b;
    once(p,
         (a->in.text && b->in.text) || (a->when && b->when) || (a->pin && b->pin) ||
             (a->keep && b->keep) || (a->active && b->active) || (a->overlap && b->overlap),
         b->span);
    if (b->in.text)
        a->in = b->in;
    if (b->when)
        a->when = b->when;
    a->pin |= b->pin;
    if (b->keep) {
        a->keep = true;
        a->keep_for = b->keep_for;
    }
    if (b->active) {
        a->active = true;
        a->active_from = b->active_from;
    }
    a->overlap |= b->overlap;
    return a;
}

struct decl *decl_resource(struct parser *p, enum decl_kind kind, struct span span,
                           struct token keyword, struct token name, const struct decl *keyed,
                           struct token type, const struct decl *mods, struct arg *fields,
                           const struct decl *flags)
{
    struct decl *d = decl_new(p, kind, span, keyword);
    d->name = word_of(name);
    decl_path(d, type);
    d->fields = fields;
    if (keyed) {
        d->key_var = keyed->key_var;
        d->key_set = keyed->key_set;
        p->binds = true;
    }
    if (mods) {
        d->in = mods->in;
        d->when = mods->when;
    }
    if (flags) {
        d->pin = flags->pin;
        d->keep = flags->keep;
        d->keep_for = flags->keep_for;
        d->active = flags->active;
        d->active_from = flags->active_from;
        d->overlap = flags->overlap;
    }
    return d;
}

struct gate_ast *gate_merge(struct parser *p, struct gate_ast *a, struct gate_ast *b)
{
    if (b->every_span.file) {
        once_span(p, a->every_span, b->every_span);
        a->every = b->every;
        a->every_span = b->every_span;
    }
    if (b->tolerate_span.file) {
        once_span(p, a->tolerate_span, b->tolerate_span);
        a->tolerate = b->tolerate;
        a->tolerate_span = b->tolerate_span;
    }
    if (b->no_data_span.file) {
        once_span(p, a->no_data_span, b->no_data_span);
        a->no_data = b->no_data;
        a->no_data_span = b->no_data_span;
    }
    if (b->checks) { /* one, and the list is backwards */
        b->checks->next = a->checks;
        a->checks = b->checks;
    }
    return a;
}

struct check_ast *check_new(struct parser *p, struct span span, struct token name,
                            struct expr *cond, struct check_ast *opts)
{
    (void)p;
    opts->name = word_of(name);
    opts->cond = cond;
    opts->span = span;
    return opts;
}

struct step_ast *step_kind(struct parser *p, struct step_ast *s, enum step_kind kind,
                           struct span at)
{
    static const char *const takes[] = {
        [STEP_BUILD] = "while a gate",
        [STEP_TEST] = "the name of a gate",
        [STEP_SHIFT] = "for a duration, while a gate, size full, hold nothing",
        [STEP_APPROVE] = "within a duration, while a gate",
        [STEP_BAKE] = "while a gate",
        [STEP_RETIRE] = "when a condition for a duration, at latest a duration",
        [STEP_ON_FAILURE] = "within a duration, keep a duration",
    };
    enum { DURATION = 1, GATE = 2, WITHIN = 4, COND = 8, LATEST = 16, KEEP = 32, FULL = 64 };
    static const unsigned may[] = {
        [STEP_BUILD] = GATE,          [STEP_TEST] = 0,
        [STEP_SHIFT] = DURATION | GATE | FULL, [STEP_APPROVE] = WITHIN | GATE,
        [STEP_BAKE] = GATE,           [STEP_RETIRE] = DURATION | COND | LATEST,
        [STEP_ON_FAILURE] = WITHIN | KEEP,
    };
    unsigned has = (s->duration_span.file ? DURATION : 0) | (s->gate.text ? GATE : 0) |
                   (s->within ? WITHIN : 0) | (s->cond ? COND : 0) | (s->latest ? LATEST : 0) |
                   (s->keep ? KEEP : 0) | (s->size || s->hold_nothing ? FULL : 0);
    if (has & ~may[kind]) {
        struct diag *d = syntax_error(p, "BG0001", at, "this step does not take all of that");
        syntax_help(p, d, "after its first words it takes: %s", takes[kind]);
    }
    s->kind = kind;
    s->span = at;
    return s;
}

struct scene_ast *scene_new(struct parser *p, enum scene_kind kind)
{
    struct scene_ast *s = arena_make(p->arena, struct scene_ast);
    s->kind = kind;
    return s;
}

struct test_item *test_new(struct parser *p, enum test_kind kind)
{
    struct test_item *t = arena_make(p->arena, struct test_item);
    t->kind = kind;
    return t;
}

/* ---- type declarations -------------------------------------------------- */

struct type_item *item_new(struct parser *p, enum type_item_kind kind, struct span span,
                           struct token keyword)
{
    struct type_item *i = arena_make(p->arena, struct type_item);
    i->kind = kind;
    i->span = span;
    i->doc = keyword.doc;
    return i;
}

struct type_item *item_metric(struct parser *p, struct span span, struct token keyword,
                              struct token name, struct type_ast *type, struct token ns,
                              struct token metric, struct arg *dimensions, struct arg *settings)
{
    struct type_item *i = item_new(p, ITEM_METRIC, span, keyword);
    i->name = word_of(name);
    i->type = type;
    i->metric_namespace = ns.text;
    i->metric_name = metric.text;
    i->bindings = dimensions;
    i->settings = settings;
    return i;
}

struct type_item *item_record(struct parser *p, enum type_item_kind kind, struct span span,
                              struct token keyword, struct token name, struct arg *bindings)
{
    struct type_item *i = item_new(p, kind, span, keyword);
    i->name = word_of(name);
    i->bindings = bindings;
    return i;
}

void item_path(struct type_item *item, struct token path, bool set)
{
    item->path = path.text;
    item->path_span = path.span;
    item->set = set;
}

struct type_item *item_lint(struct parser *p, struct span span, struct token keyword,
                            struct token code, const struct token *subject, struct expr *cond,
                            struct token message, struct token help)
{
    struct type_item *i = item_new(p, ITEM_LINT, span, keyword);
    i->name = word_of(code);
    if (subject)
        i->subject = word_of(*subject);
    i->cond = cond;
    i->message = message.text;
    i->help = help.text;
    return i;
}

struct type_item *subject_new(struct parser *p, struct token name, const struct token *aspect)
{
    struct type_item *i = arena_make(p->arena, struct type_item);
    i->subject = word_of(name);
    if (aspect)
        i->aspect = word_of(*aspect);
    vec_push(p->arena, &i->subjects, i->subject);
    return i;
}

struct type_item *subject_merge(struct parser *p, struct type_item *a, struct type_item *b)
{
    vec_push(p->arena, &a->subjects, b->subject);
    if (a->aspect.text || b->aspect.text) {
        struct diag *d = syntax_error(p, "BG0001", b->aspect.text ? b->aspect.span : a->aspect.span,
                                      "an aspect stands with one field alone");
        syntax_help(p, d, "write one `update` for each of `added` and `removed`");
    }
    return a;
}

struct type_item *call_new(struct parser *p, struct token verb, const struct token *when,
                           const struct type_item *subjects, struct token operation,
                           struct arg *bindings)
{
    struct type_item *i = item_new(p, ITEM_CALL, verb.span, when ? *when : verb);
    i->name = word_of(verb);
    if (when) {
        i->name.text = intern(p->names, arena_printf(p->arena, "%s_%s", when->text, verb.text));
        i->name.span = span_join(when->span, verb.span);
    }
    if (subjects) {
        i->subject = subjects->subject;
        i->aspect = subjects->aspect;
        for (size_t k = 0; k < subjects->subjects.n; k++)
            vec_push(p->arena, &i->subjects, subjects->subjects.at[k]);
    }
    i->operation = word_of(operation);
    i->bindings = bindings;
    return i;
}

struct type_item *call_end(struct parser *p, struct type_item *call,
                           const struct type_item *clauses, struct span span)
{
    call->span = span;
    call->result = clauses->result;
    call->where = clauses->where;
    call->token = clauses->token;
    call->batch = clauses->batch;
    call->retries = clauses->retries;
    for (size_t k = 0; k < clauses->absent.n; k++)
        vec_push(p->arena, &call->absent, clauses->absent.at[k]);
    for (size_t k = 0; k < clauses->adopt.n; k++)
        vec_push(p->arena, &call->adopt, clauses->adopt.at[k]);
    return call;
}

struct wire_step *wire_push(struct parser *p, struct wire_path *path)
{
    struct wire_step *s = arena_make(p->arena, struct wire_step);
    s->next = path->steps;
    path->steps = s;
    return s;
}

struct wire_step *wire_select(struct parser *p, struct wire_path *path, struct span span)
{
    struct wire_step *s = path->steps;
    once(p, s->indexed || s->each || s->key_member, span);
    return s;
}

struct wire_path *wire_end(struct wire_path *path, struct span span)
{
    REVERSE(struct wire_step, path->steps);
    path->span = span;
    return path;
}
