#include <string.h>

#include "schema/codec.h"
#include "schema/internal.h"

void schemas_init(struct schemas *ss, struct program *p)
{
    *ss = (struct schemas){.program = p};
    map_init(&ss->by_name, p->arena);
    map_init(&ss->shapes, p->arena);
    map_init(&ss->by_operation, p->arena);
}

struct compiler {
    struct schemas *ss;
    struct program *p;
    struct arena *a; /* the session's */
    struct schema *s;
    bool broken;
};

static struct diag *wrong(struct compiler *c, const char *code, struct span at, const char *fmt,
                          ...) __attribute__((format(printf, 4, 5)));

static struct diag *wrong(struct compiler *c, const char *code, struct span at, const char *fmt,
                          ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = arena_vprintf(c->a, fmt, ap);
    va_end(ap);
    c->broken = true;
    return diag_error(c->p->ds, code, at, "%s", text);
}

static void near(struct compiler *c, struct diag *d, const char *word, const char *const *names,
                 size_t n)
{
    const char *best = suggest(word, names, n);
    if (best)
        diag_help(c->p->ds, d, "did you mean `%s`?", best);
}

static void near_field(struct compiler *c, struct diag *d, const char *word)
{
    const char **names = arena_array(c->a, const char *, c->s->fields.n + 1);
    for (size_t i = 0; i < c->s->fields.n; i++)
        names[i] = c->s->fields.at[i].name;
    near(c, d, word, names, c->s->fields.n);
}

/* ---- settings ---------------------------------------------------------------- */

/* Names stand for themselves: `newest = CreationDate`, `later = [ingress]`. NULL:
 * not constant; whoever needs it evaluates the expression. */
static struct value *words_value(struct arena *a, const struct expr *e)
{
    switch (e->kind) {
    case EXPR_LITERAL: return value_copy(a, e->literal);
    case EXPR_NAME: return value_string(a, e->name.text);
    case EXPR_FIELD: {
        const struct value *base = words_value(a, e->a);
        return base && base->kind == V_STRING ? value_stringf(a, "%s.%s", base->s, e->name.text)
                                              : NULL;
    }
    case EXPR_LIST: {
        VEC(struct value *) out = {0};
        for (const struct arg *x = e->args; x; x = x->next) {
            struct value *v = words_value(a, x->value);
            if (!v)
                return NULL;
            vec_push(a, &out, v);
        }
        return value_list(a, out.at, out.n);
    }
    case EXPR_RECORD: {
        struct value *m = value_map(a);
        for (const struct arg *x = e->args; x; x = x->next) {
            struct value *v = words_value(a, x->value);
            if (v)
                value_put(m, x->name.text, v);
        }
        return m;
    }
    case EXPR_TEMPLATE: {
        struct buf b;
        buf_init(&b, a);
        for (const struct part *p = e->parts; p; p = p->next) {
            if (p->expr)
                return NULL;
            buf_puts(&b, p->text);
        }
        return value_string(a, buf_text(&b));
    }
    case EXPR_BINARY: {
        struct value *low = e->op == OP_RANGE ? words_value(a, e->a) : NULL;
        struct value *high = low ? words_value(a, e->b) : NULL;
        return high ? value_range(a, low, high) : NULL;
    }
    default: return NULL;
    }
}

static void compile_setting(struct compiler *c, const struct type_item *it)
{
    static const struct {
        const char *name;
        int kind; /* enum value_kind, or -1: a list of fields or one */
    } known[] = {{"tags", V_MAP},      {"name_limit", V_INT},  {"later", -1},
                 {"newest", V_STRING}, {"settle", V_DURATION}, {"global", V_BOOL},
                 {"effect", V_NONE},   {"annotate", V_MAP},    {"parent", V_STRING},
                 {"constant", -1},     {"dormant", V_MAP}, {"at_rest", -1},
                 {"may_omit", -1},     {"counted_by", V_STRING},
                 {"arn", V_STRING}, {"unique", -1},    {"connection_tail", V_STRING},
                 {"example", V_STRING}};
    size_t n = sizeof known / sizeof *known;
    struct value *v = words_value(c->a, it->value);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(known[i].name, it->name.text))
            continue;
        if (map_has(&c->s->settings, it->name.text))
            wrong(c, "BG1712", it->name.span, "`%s` is set twice", it->name.text);
        else if (!v || (known[i].kind > 0 && v->kind != known[i].kind))
            wrong(c, "BG1712", it->value->span, "`%s` does not take this value", it->name.text);
        else
            map_put(&c->s->settings, it->name.text, v);
        return;
    }
    const char *names[sizeof known / sizeof *known];
    for (size_t i = 0; i < n; i++)
        names[i] = known[i].name;
    near(c, wrong(c, "BG1712", it->name.span, "a type has no setting `%s`", it->name.text),
         it->name.text, names, n);
}

static struct span setting_span(const struct compiler *c, const char *name)
{
    for (const struct type_item *it = c->s->decl->items; it; it = it->next)
        if (it->kind == ITEM_SETTING && !strcmp(it->name.text, name))
            return it->value->span;
    return schema_span(c->s);
}

static void check_tags(struct compiler *c)
{
    static const char *const shapes[] = {"list",  "map",       "specification",
                                         "lower", "annotated", "none"};
    const struct value *tags = map_find(&c->s->settings, "tags");
    if (!tags)
        return;
    const char *shape = value_get_string(tags, "shape");
    size_t n = sizeof shapes / sizeof *shapes;
    for (size_t i = 0; shape && i < n; i++)
        if (!strcmp(shapes[i], shape)) {
            c->s->taggable = strcmp(shape, "none") != 0;
            if (!strcmp(shape, "specification") && !value_get_string(tags, "resource"))
                wrong(c, "BG1712", setting_span(c, "tags"),
                      "tags of shape \"specification\" need `resource`");
            return;
        }
    struct diag *d = wrong(c, "BG1712", setting_span(c, "tags"),
                           shape ? "there is no shape of tags \"%s\"" : "`tags` needs a `shape`%s",
                           shape ? shape : "");
    if (shape)
        near(c, d, shape, shapes, n);
}

/* ---- fields -------------------------------------------------------------------- */

static void compile_field(struct compiler *c, const struct type_item *it)
{
    for (size_t i = 0; i < c->s->fields.n; i++)
        if (!strcmp(c->s->fields.at[i].name, it->name.text)) {
            struct diag *d =
                wrong(c, "BG1702", it->name.span, "`%s` is declared twice", it->name.text);
            diag_label(c->p->ds, d, c->s->fields.at[i].item->name.span, "here first");
            return;
        }
    struct lens *l = arena_make(c->a, struct lens);
    if (!lens_compile(c->ss, l, it)) {
        c->broken = true;
        return;
    }
    struct schema_field f = {
        .name = it->name.text, .mods = it->mods, .type = l->type, .item = it, .lens = l};
    vec_push(c->a, &c->s->fields, f);
    if (it->mods & FIELD_ID) {
        if (c->s->id_field)
            wrong(c, "BG1701", it->span, "a type has one `id`, and `%s` is another", it->name.text);
        c->s->id_field = it->name.text;
    }
}

static void mark_field(struct compiler *c, const char *setting, const struct value *name)
{
    for (size_t i = 0; name->kind == V_STRING && i < c->s->fields.n; i++)
        if (!strcmp(c->s->fields.at[i].name, name->s)) {
            if (!strcmp(setting, "later"))
                c->s->fields.at[i].later = true;
            else if (!strcmp(setting, "constant"))
                c->s->fields.at[i].constant = true;
            else if (!strcmp(setting, "may_omit"))
                c->s->fields.at[i].may_omit = true;
            return;
        }
    const char *text = name->kind == V_STRING ? name->s : "?";
    near_field(c,
               wrong(c, "BG1707", setting_span(c, setting), "`%s` names `%s`, which is no field",
                     setting, text),
               text);
}

/* A setting that names a field, or a list of them. */
static void mark_fields(struct compiler *c, const char *setting)
{
    const struct value *v = map_find(&c->s->settings, setting);
    if (v && v->kind == V_LIST)
        for (size_t i = 0; i < v->list.n; i++)
            mark_field(c, setting, v->list.at[i]);
    else if (v)
        mark_field(c, setting, v);
}

/* What a resource is while it waits for its share: changed in a live world, too. */
static void check_dormant(struct compiler *c)
{
    const struct value *v = map_find(&c->s->settings, "dormant");
    for (size_t i = 0; v && i < v->map->n; i++) {
        const char *name = v->map->entries[i].key;
        const struct schema_field *f = schema_field(c->s, name);
        if (!f)
            near_field(c, wrong(c, "BG1707", setting_span(c, "dormant"), "`dormant` names `%s`, which is no field", name), name);
        else if (!(f->mods & FIELD_TUNE))
            wrong(c, "BG1712", setting_span(c, "dormant"), "`dormant` names `%s`, which is not a `tune` field", name);
    }
}

static void check_settings(struct compiler *c)
{
    mark_fields(c, "later");
    mark_fields(c, "may_omit");
    mark_fields(c, "constant");
    mark_fields(c, "at_rest");
    check_dormant(c);
    const struct value *limit = map_find(&c->s->settings, "name_limit");
    c->s->name_limit = 255;
    if (limit && (limit->i < 24 || limit->i > 4096))
        wrong(c, "BG1712", setting_span(c, "name_limit"), "`name_limit` is 24 to 4096");
    else if (limit)
        c->s->name_limit = (size_t)limit->i;
    const struct value *parent = map_find(&c->s->settings, "parent");
    if (parent && !schema_field(c->s, parent->s))
        near_field(c,
                   wrong(c, "BG1707", setting_span(c, "parent"),
                         "`parent` names `%s`, which is no field", parent->s),
                   parent->s);
    check_tags(c);
}

/* ---- calls --------------------------------------------------------------------- */

static const struct {
    const char *first, *second;
    enum schema_verb verb;
} verbs[] = {
    {"create", NULL, VERB_CREATE},
    {"after", "create", VERB_AFTER_CREATE},
    {"find", NULL, VERB_FIND},
    {"read", NULL, VERB_READ},
    {"lookup", NULL, VERB_LOOKUP},
    {"update", NULL, VERB_UPDATE},
    {"tag", NULL, VERB_TAG},
    {"untag", NULL, VERB_UNTAG},
    {"before", "delete", VERB_BEFORE_DELETE},
    {"delete", NULL, VERB_DELETE},
};

const char *schema_verb_text(enum schema_verb verb)
{
    static const char *const texts[] = {
        [VERB_CREATE] = "create",
        [VERB_AFTER_CREATE] = "after create",
        [VERB_FIND] = "find",
        [VERB_READ] = "read",
        [VERB_LOOKUP] = "lookup",
        [VERB_UPDATE] = "update",
        [VERB_TAG] = "tag",
        [VERB_UNTAG] = "untag",
        [VERB_BEFORE_DELETE] = "before delete",
        [VERB_DELETE] = "delete",
    };
    return texts[verb];
}

static bool verb_of(const struct type_item *it, enum schema_verb *out)
{
    const char *name = it->name.text;
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t n = strlen(verbs[i].first);
        if (strncmp(name, verbs[i].first, n))
            continue;
        const char *rest = name + n;
        while (*rest == ' ' || *rest == '_')
            rest++;
        const char *second = *rest ? rest : it->subject.text;
        bool two = verbs[i].second && second && !strcmp(second, verbs[i].second);
        if (verbs[i].second ? two : !*rest) {
            *out = verbs[i].verb;
            return true;
        }
    }
    return false;
}

static void check_subject(struct compiler *c, struct schema_call *call, struct word name)
{
    const struct schema_field *f = schema_field(c->s, name.text);
    if (!f) {
        near_field(
            c, wrong(c, "BG1707", name.span, "`update` names `%s`, which is no field", name.text),
            name.text);
        return;
    }
    const struct type *bare = type_bare(f->type);
    if (call->aspect && bare->kind != TYPE_K_SET)
        wrong(c, "BG1710", name.span, "`%s.%s`: only sets have a difference, and this is a %s",
              name.text, call->aspect, type_text(c->a, bare));
    vec_push(c->a, &call->subjects, f->name);
}

static void compile_call(struct compiler *c, const struct type_item *it)
{
    struct schema_call call = {
        .service = c->s->service, .operation = it->operation.text, .item = it};
    if (!verb_of(it, &call.verb)) {
        const char *names[sizeof verbs / sizeof *verbs];
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
            names[i] = verbs[i].first;
        near(c, wrong(c, "BG1708", it->name.span, "`%s` is no verb of a type", it->name.text),
             it->name.text, names, sizeof verbs / sizeof *verbs);
        return;
    }
    if (call.verb == VERB_UPDATE) {
        call.aspect = it->aspect.text;
        if (call.aspect && strcmp(call.aspect, "added") && strcmp(call.aspect, "removed")) {
            wrong(c, "BG1710", it->aspect.span, "`.%s` is neither `.added` nor `.removed`",
                  call.aspect);
            return;
        }
        if (!it->subject.text) {
            wrong(c, "BG1707", it->span, "`update` needs the fields that it changes");
            return;
        }
        for (size_t i = 0; i < it->subjects.n; i++)
            check_subject(c, &call, it->subjects.at[i]);
    } else if (it->subject.text && call.verb != VERB_AFTER_CREATE &&
               call.verb != VERB_BEFORE_DELETE) {
        wrong(c, "BG1708", it->subject.span, "`%s` takes no field", it->name.text);
    }
    for (const struct arg *x = it->bindings; x; x = x->next)
        call.batched |= names_mentions(x->value, "ids");
    if ((call.verb == VERB_FIND || call.verb == VERB_LOOKUP) && !it->result)
        wrong(c, "BG1711", it->span, "`%s` needs `-> PLACE`: where the answers stand in the reply",
              schema_verb_text(call.verb));
    vec_push(c->a, &c->s->calls, call);
}

/* What a binding of the call may speak of beside the fields. */
static const char *const builtins[] = {
    "id",  "physical_name", "stack", "world", "owned",   "name_prefix", "tags",  "live",
    "ids", "region",        "keys",  "added", "removed", "value",       "token", "it",
    "slot",
};

struct span schema_span(const struct schema *s)
{
    return s->decl->path_span.file ? s->decl->path_span : s->decl->name.span;
}

bool schema_name_known(const struct schema *s, const char *name)
{
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
        if (!strcmp(builtins[i], name))
            return true;
    return schema_field(s, name) != NULL;
}

static void name_seen(void *self, const char *name, struct span at)
{
    struct compiler *c = self;
    if (!schema_name_known(c->s, name))
        near_field(c, wrong(c, "BG1709", at, "a call knows no `%s`", name), name);
}

static void it_seen(void *self, const char *name, struct span at)
{
    if (strcmp(name, "it"))
        wrong(self, "BG1709", at, "`->` knows only `it`, the value of the field");
}

static void check_names(struct compiler *c)
{
    for (size_t i = 0; i < c->s->calls.n; i++) {
        const struct type_item *it = c->s->calls.at[i].item;
        for (const struct arg *x = it->bindings; x; x = x->next)
            names_each(x->value, name_seen, c);
        names_each(it->where, name_seen, c);
        for (const struct wire_step *w = it->result ? it->result->steps : NULL; w; w = w->next)
            if (w->key_bound)
                name_seen(c, w->key_value, it->result->span);
    }
    for (size_t i = 0; i < c->s->waits.n; i++)
        names_each(c->s->waits.at[i]->cond, name_seen, c);
    for (size_t i = 0; i < c->s->metrics.n; i++)
        for (const struct arg *x = c->s->metrics.at[i].item->bindings; x; x = x->next)
            names_each(x->value, name_seen, c);
    for (size_t i = 0; i < c->s->fields.n; i++)
        names_each(c->s->fields.at[i].item->put_expr, it_seen, c);
}

/* ---- waits, metrics -------------------------------------------------------------- */

static void compile_wait(struct compiler *c, const struct type_item *it)
{
    static const char *const moments[] = {"create", "update", "delete"};
    const char *m = it->subject.text;
    bool ok = !m;
    for (size_t i = 0; i < 3 && m; i++)
        ok |= !strcmp(m, moments[i]);
    if (!ok)
        near(c,
             wrong(c, "BG1713", it->subject.span,
                   "`wait %s`: the moments are create, update, "
                   "delete",
                   m),
             m, moments, 3);
    else if (it->within <= 0)
        wrong(c, "BG1713", it->span, "`wait` needs `within`: how long it may take");
    vec_push(c->a, &c->s->waits, it);
}

static void lint_name(void *self, const char *name, struct span at)
{
    struct compiler *c = self;
    VEC(const char *) names = {0};
    for (const struct type_item *it = c->s->decl->items; it; it = it->next)
        if (it->kind == ITEM_FIELD && it->name.text)
            vec_push(c->a, &names, it->name.text);
    vec_push(c->a, &names, "said");
    vec_push(c->a, &names, "used");
    for (size_t i = 0; i < names.n; i++)
        if (!strcmp(names.at[i], name))
            return;
    near(c, wrong(c, "BG1730", at, "a rule of lint knows no `%s`", name), name, names.at, names.n);
}

/* `lint CODE [at FIELD] when COND`: the condition speaks of the fields, `said` and `used`. */
static void compile_lint(struct compiler *c, const struct type_item *it)
{
    const char *code = it->name.text;
    if (strncmp(code, "BG7", 3) != 0 || strlen(code) != 6 || strspn(code + 2, "0123456789") != 4)
        wrong(c, "BG1730", it->name.span, "a finding of lint has a code like BG7101");
    if (it->subject.text)
        lint_name(c, it->subject.text, it->subject.span);
    names_each(it->cond, lint_name, c);
}

/* What a deprecated field is replaced by is a field too. */
static void compile_deprecated(struct compiler *c, const struct type_item *it)
{
    if (it->instead.text && !type_field(c->s->decl, it->instead.text))
        wrong(c, "BG1730", it->instead.span, "there is no field `%s` to use instead",
              it->instead.text);
}

static void compile_metric(struct compiler *c, const struct type_item *it)
{
    static const char *const known[] = {"default", "when",   "plus", "stat",
                                        "unit",    "period", "name", "per"};
    size_t n = sizeof known / sizeof *known;
    struct schema_metric m = {.name = it->name.text,
                              .type = type_resolve(c->p, c->p->root, it->type),
                              .item = it,
                              .ns = it->metric_namespace,
                              .metric = it->metric_name};
    if (it->settings) {
        struct value *with = value_map(c->a);
        for (const struct arg *x = it->settings; x; x = x->next) {
            struct value *v = words_value(c->a, x->value);
            if (v)
                value_put(with, x->name.text, v);
            bool found = false;
            for (size_t i = 0; i < n; i++)
                found |= !strcmp(known[i], x->name.text);
            if (!found)
                near(c, wrong(c, "BG1714", x->name.span, "`with` has no `%s`", x->name.text),
                     x->name.text, known, n);
        }
        m.with = with;
    }
    vec_push(c->a, &c->s->metrics, m);
}

static void check_metrics(struct compiler *c)
{
    for (size_t i = 0; i < c->s->metrics.n; i++) {
        const struct schema_metric *m = &c->s->metrics.at[i];
        const char *when = m->with ? value_get_string(m->with, "when") : NULL;
        if (when && !schema_metric(c->s, when))
            wrong(c, "BG1714", m->item->span, "`when = %s`: the type has no such metric", when);
        const char *per = m->with ? value_get_string(m->with, "per") : NULL;
        if (per && !schema_metric(c->s, per))
            wrong(c, "BG1714", m->item->span, "`per = %s`: the type has no such metric", per);
    }
}

/* ---- the whole ------------------------------------------------------------------- */

/* A field that may change needs a call that changes it. */
static void check_updates(struct compiler *c)
{
    if (!schema_call(c->s, VERB_CREATE))
        return; /* only ever looked up */
    for (size_t i = 0; i < c->s->fields.n; i++) {
        const struct schema_field *f = &c->s->fields.at[i];
        bool changes = !(f->mods & (FIELD_ID | FIELD_FIXED | FIELD_LIVE | FIELD_QUERY));
        if (!lens_writes(f->lens) || !(changes || f->later))
            continue;
        bool found = false;
        for (size_t k = 0; k < c->s->calls.n; k++)
            for (size_t j = 0; j < c->s->calls.at[k].subjects.n; j++)
                found |= !strcmp(c->s->calls.at[k].subjects.at[j], f->name);
        if (!found) {
            struct diag *d = wrong(c, "BG1715", f->item->name.span,
                                   "`%s` can change, and no `update` changes it", f->name);
            diag_help(c->p->ds, d, "add `update %s OPERATION { ... }`, or declare it `fixed`",
                      f->name);
        }
    }
}

static void check_whole(struct compiler *c)
{
    struct span at = schema_span(c->s);
    if (!c->s->id_field)
        wrong(c, "BG1701", at, "the type `%s` has no `id`", c->s->name);
    bool create = schema_call(c->s, VERB_CREATE), read = schema_call(c->s, VERB_READ);
    if (!read && (create || !schema_call(c->s, VERB_LOOKUP)))
        wrong(c, "BG1716", at, "the type `%s` has no `read`", c->s->name);
    if (create && !schema_call(c->s, VERB_DELETE))
        wrong(c, "BG1716", at, "the type `%s` has a `create` and no `delete`", c->s->name);
    if (create && !schema_call(c->s, VERB_FIND))
        wrong(c, "BG1716", at, "the type `%s` has a `create` and no `find`", c->s->name);
    check_settings(c);
    check_metrics(c);
    check_names(c);
    check_updates(c);
    c->broken |= !preflight_check(c->ss, c->s);
}

static const struct schema *compile(struct schemas *ss, const char *name, const struct decl *decl)
{
    struct compiler c = {.ss = ss, .p = ss->program, .a = ss->program->arena};
    struct schema *s = c.s = arena_make(c.a, struct schema);
    *s = (struct schema){.name = arena_strdup(c.a, name), .decl = decl};
    map_init(&s->settings, c.a);
    for (const struct type_item *it = decl->items; it; it = it->next)
        if (it->kind == ITEM_API)
            s->service = it->name.text;
    if (!program_service(ss->program, s->service))
        wrong(&c, "BG1717", decl->span, "`%s` says `api %s`, and there is no such service", name,
              s->service);
    for (const struct type_item *it = decl->items; it; it = it->next)
        if (it->kind == ITEM_FIELD)
            compile_field(&c, it);
    for (const struct type_item *it = decl->items; it; it = it->next)
        switch (it->kind) {
        case ITEM_CALL: compile_call(&c, it); break;
        case ITEM_WAIT: compile_wait(&c, it); break;
        case ITEM_METRIC: compile_metric(&c, it); break;
        case ITEM_SETTING: compile_setting(&c, it); break;
        case ITEM_EXISTING:
        case ITEM_PREFLIGHT:
        case ITEM_QUOTA: c.broken |= !preflight_compile(ss, s, it); break;
        case ITEM_LINT: compile_lint(&c, it); break;
        case ITEM_FIELD: compile_deprecated(&c, it); break;
        default: break;
        }
    check_whole(&c);
    return c.broken ? NULL : s;
}

static bool is_resource(const struct decl *d)
{
    for (const struct type_item *it = d->items; it; it = it->next)
        if (it->kind == ITEM_API)
            return true;
    return false;
}

const struct schema *schema_find(struct schemas *ss, const char *type)
{
    if (map_has(&ss->by_name, type))
        return map_find(&ss->by_name, type);
    const struct decl *decl = program_type(ss->program, type);
    const struct schema *s = decl && is_resource(decl) ? compile(ss, type, decl) : NULL;
    map_put(&ss->by_name, arena_strdup(ss->program->arena, type), (void *)s);
    return s;
}

void schemas_check(struct schemas *ss)
{
    /* Compiling may load more types: they stand behind those that are there. */
    for (size_t i = 0; i < ss->program->types.n; i++)
        schema_find(ss, ss->program->types.entries[i].key);
}

const struct schema_field *schema_field(const struct schema *s, const char *name)
{
    for (size_t i = 0; i < s->fields.n; i++)
        if (!strcmp(s->fields.at[i].name, name))
            return &s->fields.at[i];
    return NULL;
}

const struct schema_metric *schema_metric(const struct schema *s, const char *name)
{
    for (size_t i = 0; i < s->metrics.n; i++)
        if (!strcmp(s->metrics.at[i].name, name))
            return &s->metrics.at[i];
    return NULL;
}

const struct schema_call *schema_call(const struct schema *s, enum schema_verb verb)
{
    for (size_t i = 0; i < s->calls.n; i++)
        if (s->calls.at[i].verb == verb)
            return &s->calls.at[i];
    return NULL;
}

const struct schema_call *schema_next(const struct schema *s, const struct schema_call *c)
{
    for (const struct schema_call *n = c + 1; n < s->calls.at + s->calls.n; n++)
        if (n->verb == c->verb)
            return n;
    return NULL;
}
