#include <string.h>

#include "lang/eval_state.h"

/* Declarations of resources and instances: which of them there are (`when`, keys),
 * and what their name means. Their fields are not looked at here (eval_node.c),
 * so resources may refer to one another in any order. */

struct frame *frame_new(struct machine *m, const struct scope *scope, const char *prefix,
                        const char *world)
{
    struct frame *f = arena_make(m->a, struct frame);
    f->scope = scope;
    f->prefix = prefix;
    f->world = world;
    map_init(&f->lets, m->a);
    f->nunits = scope ? scope->symbols.n : 0;
    f->units = arena_array(m->a, struct unit *, f->nunits);
    return f;
}

/* ---- arguments of a module ------------------------------------------------------------ */

static bool recursive(const struct frame *f, const struct symbol *module)
{
    for (; f; f = f->caller)
        if (f->module == module)
            return true;
    return false;
}

static const struct arg *field_of(const struct decl *d, const char *name)
{
    for (const struct arg *g = d->fields; g; g = g->next)
        if (g->name.text && names_equal(g->name.text, name))
            return g;
    return NULL;
}

static bool known_params(struct eval *ev, const struct unit *u)
{
    bool ok = true;
    for (const struct arg *g = u->decl->fields; g; g = g->next) {
        const struct field_ast *p = u->module->decl->params;
        while (p && strcmp(p->name.text, g->name.text))
            p = p->next;
        if (p)
            continue;
        struct diag *d = eval_error(ev, "BG1580", g->name.span, "module `%s` has no parameter `%s`",
                                    u->module->name, g->name.text);
        diag_label(ev->ds, d, u->module->decl->name.span, "declared here");
        ok = false;
    }
    return ok;
}

static bool bind_params(struct eval *ev, struct unit *u, struct frame *inst, struct here outside)
{
    bool ok = known_params(ev, u);
    const struct env *env = NULL;
    struct frame *file = frame_of(ev, NULL, scope_root(u->module->scope));
    for (const struct field_ast *p = u->module->decl->params; p; p = p->next) {
        const struct arg *g = field_of(u->decl, p->name.text);
        struct value *v = g ? eval_at(ev, g->value, outside) : NULL;
        if (p->value && (!v || v->kind == V_NONE))
            v = eval_at(ev, p->value, (struct here){env, file});
        if (!v) {
            struct diag *d = eval_error(ev, "BG1580", u->decl->name.span,
                                        "module `%s` needs its parameter `%s`", u->module->name,
                                        p->name.text);
            diag_label(ev->ds, d, p->name.span, "it has no default");
            v = poison(ev);
        }
        const struct type *t = p->type ? type_resolve(ev->p, u->module->scope, p->type) : NULL;
        if (t && !poisoned(v)) {
            v = eval_coerce(ev, t, v, p->name.text);
            v = v ? v : poison(ev);
        }
        ok = ok && !poisoned(v);
        struct env *e = arena_make(ev->a, struct env);
        *e = (struct env){env, p->name.text, v};
        env = e;
    }
    inst->params = env;
    return ok;
}

static bool instantiate(struct eval *ev, struct unit *u, struct member *m)
{
    if (recursive(u->frame, u->module)) {
        struct diag *d = eval_error(ev, "BG1581", u->decl->name.span,
                                    "module `%s` contains itself", u->module->name);
        diag_label(ev->ds, d, u->module->decl->name.span, "declared here");
        return false;
    }
    if (!eval_step(ev, u->decl->name.span))
        return false;
    struct frame *inst = frame_new(ev->m, u->module->body, m->address, u->frame->world);
    inst->module = u->module;
    inst->caller = u->frame;
    inst->decl = u->decl;
    inst->account = u->decl->in.text ? u->decl->in.text : u->frame->account;
    inst->keys = u->open_keys ? u->open_keys : u->frame->keys;
    inst->when = u->open_when ? u->open_when : u->frame->when;
    m->instance = inst;
    return bind_params(ev, u, inst, (struct here){m->env, u->frame});
}

/* ---- when and keys ---------------------------------------------------------------------- */

static bool too_late(struct eval *ev, const struct unit *u, const struct value *v,
                     const struct expr *x, const char *what)
{
    if (value_phase(v) < PHASE_APPLY)
        return false;
    bool run = value_phase(v) == PHASE_RUN;
    struct diag *d = eval_error(ev, "BG2501", x->span,
                                "%s of `%s` must be known before anything is done", what,
                                u->address);
    const char *when = eval_why_unknown(ev->a, v);
    diag_at(ev->ds, d, "known only %s", when ? when : run ? "when it is measured" : "after apply");
    diag_help(ev->ds, d, "it decides which resources there are: use inputs, constants or answers "
                         "of `existing`s");
    return true;
}

enum whether { WHETHER_NO, WHETHER_YES, WHETHER_OPEN, WHETHER_BAD };

static enum whether whether(struct eval *ev, struct unit *u, const struct env *env)
{
    const struct expr *x = u->decl->when;
    if (!x)
        return WHETHER_YES;
    struct value *v = eval_at(ev, x, (struct here){env, u->frame});
    if (poisoned(v) || too_late(ev, u, v, x, "the condition"))
        return WHETHER_BAD;
    if (v->secret) {
        struct diag *d = eval_error(ev, "BG1506", x->span, "whether `%s` is there cannot depend on a "
                                    "secret", u->address);
        diag_help(ev->ds, d, "what there is stands in the plan: decide it from an input that is not "
                             "secret");
        return WHETHER_BAD;
    }
    if (value_unknown(v)) {
        u->open_when = v;
        return WHETHER_OPEN;
    }
    if (v->kind == V_BOOL)
        return v->b ? WHETHER_YES : WHETHER_NO;
    struct diag *d = eval_error(ev, "BG1515", x->span, "a condition is true or false");
    diag_at(ev->ds, d, "this is %s", kind_named(v->kind));
    return WHETHER_BAD;
}

static const char *key_text(struct eval *ev, const struct value *v)
{
    if (v->kind == V_STRING && !v->secret)
        return v->s;
    return v->kind == V_INT && !v->secret ? arena_printf(ev->a, "%lld", (long long)v->i) : NULL;
}

static bool add_member(struct eval *ev, struct unit *u, const char *key, struct value *value)
{
    struct member m = {.key = key, .address = u->address, .env = u->frame->params};
    if (value) {
        struct env *env = arena_make(ev->a, struct env);
        *env = (struct env){u->frame->params, u->decl->key_var.text, value};
        m.env = env;
        m.address = arena_printf(ev->a, "%s[\"%s\"]", u->address, key);
    }
    if (!u->open_keys) { /* whether each one is there may depend on its key */
        switch (whether(ev, u, m.env)) {
        case WHETHER_BAD: return false;
        case WHETHER_NO: u->absent = !value; return true;
        case WHETHER_YES: break;
        case WHETHER_OPEN:
            if (!ev->m->residual)
                return true;
        }
    }
    bool ok = !u->module || instantiate(ev, u, &m);
    vec_push(ev->a, &u->members, m);
    return ok;
}

static bool usable_key(struct eval *ev, struct unit *u, const struct value *v, const char *key)
{
    struct diag *d;
    if (!key) {
        d = eval_error(ev, "BG1526", u->decl->key_set->span, "a key is a text or a whole number");
        diag_at(ev->ds, d, "here is %s", v->secret ? "a secret" : kind_named(v->kind));
        return false;
    }
    bool plain = *key != '\0';
    for (const char *s = key; *s; s++)
        plain = plain && *s != '"' && *s != '\\' && (unsigned char)*s >= 0x20;
    if (!plain) {
        d = eval_error(ev, "BG1526", u->decl->key_set->span,
                       *key ? "a key has no quotes, backslashes or control characters"
                            : "a key has at least one character");
        diag_help(ev->ds, d, "it becomes part of the resource's address");
        return false;
    }
    return true;
}

static bool keyed(struct eval *ev, struct unit *u)
{
    const struct expr *x = u->decl->key_set;
    struct value *set = eval_at(ev, x, (struct here){u->frame->params, u->frame});
    if (poisoned(set) || too_late(ev, u, set, x, "the keys"))
        return false;
    if (value_secret(set)) {
        struct diag *d = eval_error(ev, "BG1526", x->span, "a key cannot be secret");
        diag_help(ev->ds, d, "it becomes part of the resource's address");
        return false;
    }
    u->keys_phase = value_phase(set);
    if (!value_known(set)) {
        u->open_keys = set;
        if (!ev->m->residual)
            return true;
        struct value *any = value_ref(ev->a, u->address, NULL, "[key]");
        any->phase = PHASE_PLAN;
        return add_member(ev, u, "*", any);
    }
    struct value **at = set->list.at;
    size_t n = set->list.n;
    if (set->kind == V_MAP) {
        n = set->map->n;
        at = arena_array(ev->a, struct value *, n ? n : 1);
        for (size_t i = 0; i < n; i++)
            at[i] = value_string(ev->a, set->map->entries[i].key);
    } else if (set->kind == V_RANGE && set->range.low->kind == V_INT &&
               set->range.high->kind == V_INT &&
               (uint64_t)set->range.high->i - (uint64_t)set->range.low->i < EVAL_LIST) {
        n = (size_t)(set->range.high->i - set->range.low->i + 1);
        at = arena_array(ev->a, struct value *, n);
        for (size_t i = 0; i < n; i++)
            at[i] = value_int(ev->a, set->range.low->i + (int64_t)i);
    } else if (set->kind != V_LIST && set->kind != V_SET) {
        struct diag *d = eval_error(ev, "BG1525", x->span, "keys come from a list, a set or a map");
        diag_at(ev->ds, d, "this is %s", kind_named(set->kind));
        return false;
    }
    struct map seen;
    map_init(&seen, ev->a);
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        const char *key = key_text(ev, at[i]);
        if (key && map_has(&seen, key)) {
            eval_error(ev, "BG1526", x->span, "the key \"%s\" comes twice", key);
            ok = false;
            continue;
        }
        if (!usable_key(ev, u, at[i], key)) {
            ok = false;
            continue;
        }
        map_put(&seen, key, at[i]);
        if (!eval_step(ev, x->span))
            return false;
        ok = add_member(ev, u, key, at[i]) && ok;
    }
    return ok;
}

static bool resolve(struct eval *ev, struct unit *u)
{
    const struct decl *d = u->decl;
    if (!d->key_set) { /* most are one: no room for eight */
        u->members.at = arena_alloc(ev->a, sizeof *u->members.at);
        u->members.cap = 1;
    }
    u->module = program_module(ev->p, u->frame->scope, d->path);
    if (!u->module && !program_type(ev->p, d->path)) {
        eval_error(ev, "BG1530", d->path_span, "there is no type or module `%s`", d->path);
        return false;
    }
    if (u->module && ev->m->residual && program_is_std(ev->p, u->module->decl->span)) {
        u->module = NULL;
        u->closed = ev->m->closed = true;
    }
    bool ok = d->key_set ? keyed(ev, u) : add_member(ev, u, NULL, NULL);
    if (u->open_keys || u->open_when)
        vec_push(ev->m->a, &ev->m->waiting, u);
    return ok;
}

struct unit *unit_of(struct eval *ev, struct frame *f, const struct symbol *sym, struct span at)
{
    const struct decl *d = sym->decl;
    if (sym->ordinal >= f->nunits) /* declared since: of a file of tests */
        return NULL;
    struct unit *u = f->units[sym->ordinal];
    if (u && u->busy) {
        struct diag *g = eval_error(ev, "BG1540", d->name.span,
                                    "which `%s` there are is decided by itself", d->name.text);
        diag_label(ev->ds, g, at, "it is needed here to decide that");
        u->failed = true;
        return NULL;
    }
    if (u)
        return u->failed ? NULL : u;
    if (ev->sealed)
        return NULL;
    u = arena_make(ev->a, struct unit);
    u->decl = d;
    u->frame = f;
    u->address = f->prefix ? arena_join(ev->a, f->prefix, ".", d->name.text) : d->name.text;
    f->units[sym->ordinal] = u;
    u->busy = true;
    if (!resolve(ev, u)) {
        u->failed = true;
        ev->m->poisoned = true;
    }
    u->busy = false;
    return u->failed ? NULL : u;
}

/* ---- what the name means -------------------------------------------------------------------- */

static struct value *outs(struct eval *ev, struct unit *u, struct member *m, struct span at)
{
    if (m->outs)
        return ev->sealed && !value_known(m->outs) ? eval_known(ev, m->outs) : m->outs;
    if (m->entered) {
        struct diag *d = eval_error(ev, "BG1540", u->decl->name.span, "`%s` is defined by itself",
                                    u->decl->name.text);
        diag_label(ev->ds, d, at, "its outputs are needed here while they are being computed");
        return poison(ev);
    }
    m->entered = true;
    struct value *map = value_map(ev->a);
    bool bad = false;
    for (const struct decl *d = u->module->decl->body; d; d = d->next) {
        if (d->kind != DECL_OUT)
            continue;
        struct value *v = eval_at(ev, d->value, (struct here){m->instance->params, m->instance});
        bad = bad || poisoned(v);
        value_put(map, d->name.text, v);
    }
    m->entered = false;
    struct value *v = bad ? poison(ev) : map;
    if (!ev->sealed)
        m->outs = v;
    return v;
}

static struct value *reference(struct eval *ev, struct unit *u, struct member *m, struct span at)
{
    if (u->module)
        return outs(ev, u, m, at);
    bool existing = u->decl->kind == DECL_EXISTING;
    uint8_t phase = existing ? PHASE_PLAN : PHASE_APPLY;
    struct value *v = value_ref(ev->a, m->address, u->decl->path, NULL);
    v->phase = phase;
    v->span = at;
    if (!existing || !u->decl->set || u->closed)
        return v;
    struct value *answer = ev->facts ? facts_find(ev->facts, m->address) : NULL;
    if (answer && answer->kind == V_LIST)
        return eval_elements(ev, v, u->decl->path, answer);
    v->ref.type = NULL;
    v->ref.field = "*";
    return v;
}

struct value *unit_value(struct eval *ev, struct unit *u, struct span at)
{
    if (u->open_keys || (u->open_when && u->members.n == 0) ||
        (u->open_when && u->decl->key_set)) {
        struct value *v = value_ref(ev->a, u->address, NULL, "*");
        v->phase = PHASE_PLAN;
        return v;
    }
    if (u->absent)
        return value_none(ev->a);
    if (!u->decl->key_set)
        return u->members.n ? reference(ev, u, &u->members.at[0], at) : value_none(ev->a);
    /* references are what they are; outputs and answers may have become known */
    if (u->value && (!ev->sealed || (!u->module && !u->decl->set)))
        return u->value;
    struct value *map = value_map(ev->a);
    map->phase = (uint8_t)u->keys_phase;
    for (size_t i = 0; i < u->members.n; i++) {
        struct value *v = reference(ev, u, &u->members.at[i], at);
        if (poisoned(v))
            return v;
        value_put(map, u->members.at[i].key, v);
    }
    if (!ev->sealed)
        u->value = map;
    return map;
}
