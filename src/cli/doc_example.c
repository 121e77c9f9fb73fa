/* An example of a type or module, made from its declaration: every required field with a plausible
 * value, and what the fields refer to beside it. As it stands below the `stack` of a program it
 * compiles, and lint finds nothing in it. A type whose use cannot be guessed from its fields (a kind of `traffic`) brings one: the
 * setting `example`. */
#include <string.h>

#include "cli/doc.h"
#include "lang/parse.h"
#include "lang/pattern.h"
#include "lang/print.h"

enum { ONE_LINE = 60 }; /* fields of so many bytes stand on one */
enum { DEPTH = 8 };     /* of references and records; a declaration can refer to itself */

struct maker {
    struct session *s;
    struct arena *a;
    const char *own;   /* the type; nothing else of it can stand beside its example */
    struct map made;   /* type -> the name of what stands there of it */
    struct buf beside; /* declarations that the example refers to */
    int depth;
};

static const char *value_for(struct maker *m, const char *field, const struct type *t);

/* ---- plain values --------------------------------------------------------------- */

static const char *quoted(struct maker *m, const char *text)
{
    return arena_printf(m->a, "\"%s\"", text); /* ours: none needs an escape */
}

static bool fits(struct maker *m, const struct type *t, const char *text)
{
    int64_t n = (int64_t)strlen(text);
    return (!t->pattern || pattern_match_memo(m->s->p, t->pattern, text)) &&
           (!t->sized || (n >= t->low && n <= t->high));
}

/* What a pattern like ^ami-[0-9a-f]+$ begins with. */
static const char *literal_head(struct maker *m, const char *pattern)
{
    if (!pattern || *pattern != '^')
        return "";
    size_t n = strcspn(++pattern, "\\^$.|?*+()[]{}\"");
    bool optional = n && pattern[n] && strchr("?*{", pattern[n]);
    return arena_strndup(m->a, pattern, n - optional);
}

static const char *text_for(struct maker *m, const char *field, const struct type *t)
{
    static const struct {
        const char *field, *text;
    } usual[] = { /* by the name of the field, or of the type */
        {"arn", "arn:aws:service:eu-west-1:123456789012:example/0123456789abcdef0"},
        {"covers", "www.example.com"},     {"dns", "www.example.com"},
        {"domain", "www.example.com"},     {"end", "2026-01-01T00:05:00Z"},
        {"instance_type", "t3.small"},     {"names", "www.example.com"},
        {"path", "/healthz"},              {"paths", "/api/*"},
        {"pattern", "ERROR"},              {"service", "ec2"},
        {"start", "2026-01-01T00:00:00Z"}, {"stat", "Sum"},
        {"zone", "eu-west-1a"},
    };
    static const char *const any[] = {
        "example", "example.com", "/example", "123456789012", "1", "1.0",
        "arn:aws:iam::123456789012:role/example", "10.0.0.0/16", "eu-west-1a", "2026-01-01",
        "L-0123ABCD", "example@example.com", "https://example.com/", "rate(5 minutes)",
    };
    const char *dot = t->name ? strrchr(t->name, '.') : NULL;
    if (t->literal)
        return quoted(m, t->literal->s);
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if ((!strcmp(field, usual[i].field) || (dot && !strcmp(dot + 1, usual[i].field))) &&
            fits(m, t, usual[i].text))
            return quoted(m, usual[i].text);
    const char *head = literal_head(m, t->pattern);
    static const char *const tails[] = {"", "example", "0123456789abcdef0"};
    for (size_t i = 0; *head && i < sizeof tails / sizeof *tails; i++) {
        const char *text = arena_printf(m->a, "%s%s", head, tails[i]);
        if (strlen(text) > strlen("https://") && fits(m, t, text))
            return quoted(m, text);
    }
    if (t->pattern && strchr(t->pattern, '.') && fits(m, t, "example.com"))
        return quoted(m, "example.com");
    for (size_t i = 0; i < sizeof any / sizeof *any; i++)
        if (fits(m, t, any[i]))
            return quoted(m, any[i]);
    return NULL;
}

static const char *int_for(struct maker *m, const char *field, const struct type *t)
{
    int64_t n = !strcmp(field, "port") ? 8080 : 1;
    if (t->literal)
        n = t->literal->i;
    else if (t->sized)
        n = n < t->low ? t->low : n > t->high ? t->high : n;
    return arena_printf(m->a, "%lld", (long long)n);
}

/* ---- what is referred to -------------------------------------------------------- */

/* The fields that must be given, and of others so many that `least` are shown. One a line; NULL:
 * one that must be given cannot. */
static const char *fields_for(struct maker *m, const struct type *record, size_t least)
{
    size_t must = 0;
    for (size_t i = 0; i < record->fields.n; i++)
        must += !record->fields.at[i].dflt && record->fields.at[i].type->kind != TYPE_K_OPTION;
    struct buf b;
    buf_init(&b, m->a);
    for (size_t i = 0; i < record->fields.n; i++) {
        const struct type_member *f = &record->fields.at[i];
        bool free = f->dflt || f->type->kind == TYPE_K_OPTION;
        if (free && (must >= least || (f->item && f->item->deprecated)))
            continue;
        const char *v = f->dflt ? expr_text(m->a, f->dflt) : value_for(m, f->name, f->type);
        if (!v && !free)
            return NULL;
        if (v)
            buf_printf(&b, "%s%s = %s", b.len ? "\n" : "", f->name, v);
        must += v && free;
    }
    return buf_text(&b);
}

/* Lines as one, with commas. */
static const char *joined(struct maker *m, const char *lines)
{
    struct buf b;
    buf_init(&b, m->a);
    for (const char *p = lines; *p; p++)
        *p == '\n' ? buf_puts(&b, ", ") : buf_putc(&b, *p);
    return buf_text(&b);
}

/* The least that an `existing` of a type is found by. */
static const char *query_for(struct maker *m, const struct decl *type)
{
    const struct type *q = type_of_resource(m->s->p, type, true);
    const char *must = fields_for(m, q, 0);
    if (!must || *must)
        return must;
    static const char *const by[] = {"tagged", "name", "arn", "id"};
    for (size_t i = 0; i < sizeof by / sizeof *by; i++) {
        const struct type_member *f = type_member(q, by[i]);
        const char *v = f ? value_for(m, f->name, f->type) : NULL;
        if (v)
            return arena_printf(m->a, "%s = %s", f->name, v);
    }
    return must;
}

/* "resource NAME: T { ... }", or `existing` when that is what one has of it. NULL: neither. */
static const char *declaration(struct maker *m, const char *name, const struct decl *type,
                               const char *path, bool make, size_t least)
{
    if (!type_has_call(type, make ? "create" : "lookup"))
        return NULL;
    const char *fields = make ? fields_for(m, type_of_resource(m->s->p, type, false), least)
                              : query_for(m, type);
    if (!fields)
        return NULL;
    bool lines = strlen(fields) > ONE_LINE;
    if (!lines)
        fields = joined(m, fields);
    return arena_printf(m->a, "%s %s: %s {%s%s%s}\n", make ? "resource" : "existing", name, path,
                        lines ? "\n" : " ", fields, lines ? "\n" : " ");
}

/* The name of something of that type beside the example: found, or else made. */
static const char *other(struct maker *m, const char *path)
{
    const char *there = map_find(&m->made, path);
    const struct decl *type = there || !strcmp(path, m->own) ? NULL : program_type(m->s->p, path);
    if (!type)
        return there;
    const char *dot = strrchr(path, '.'), *name = dot ? dot + 1 : path;
    for (size_t i = 0; i < m->made.n; i++)
        if (!strcmp(m->made.entries[i].value, name)) /* ec2.instance and rds.instance */
            name = arena_printf(m->a, "%.*s_%s", (int)strcspn(path, "."), path, name);
    map_put(&m->made, path, (void *)(uintptr_t)name);
    const char *text = declaration(m, name, type, path, false, 0);
    if (!text)
        text = declaration(m, name, type, path, true, 0);
    if (!text)
        return NULL;
    buf_puts(&m->beside, text);
    return name;
}

/* Several of a type: all that one query finds, or else one. */
static const char *others(struct maker *m, const char *path)
{
    const char *key = arena_printf(m->a, "set %s", path), *there = map_find(&m->made, key);
    const struct decl *type = there || !strcmp(path, m->own) ? NULL : program_type(m->s->p, path);
    const char *dot = strrchr(path, '.'), *name = arena_printf(m->a, "%ss", dot ? dot + 1 : path);
    const char *text = type ? declaration(m, name, type, key, false, 0) : NULL;
    if (there || !text) {
        const char *one = there ? there : other(m, path);
        return there || !one ? one : arena_printf(m->a, "[%s]", one);
    }
    map_put(&m->made, key, (void *)(uintptr_t)name);
    buf_puts(&m->beside, text);
    return name;
}

/* Of the first type, by name, that has metrics. */
static const char *metric_for(struct maker *m)
{
    size_t n;
    const char *const *names = schemas_names(&m->s->ss, m->a, &n);
    for (size_t i = 0; i < n; i++) {
        const struct schema *schema = schema_find(&m->s->ss, names[i]);
        const struct decl *type = schema && schema->metrics.n ? schema->decl : NULL;
        if (type && type_has_call(type, "lookup"))
            return arena_printf(m->a, "%s.%s", other(m, names[i]), schema->metrics.at[0].name);
    }
    return NULL;
}

/* ---- any value ------------------------------------------------------------------ */

static const char *union_for(struct maker *m, const char *field, const struct type *t)
{
    for (int refs = 0; refs < 2; refs++) /* what needs nothing else is the simpler example */
        for (size_t i = 0; i < t->items.n; i++) {
            bool is_ref = t->items.at[i]->kind == TYPE_K_REF;
            const char *v = is_ref == refs ? value_for(m, field, t->items.at[i]) : NULL;
            if (v)
                return v;
        }
    return NULL;
}

static const char *record_for(struct maker *m, const struct type *t)
{
    const char *fields = fields_for(m, t, m->depth > 1 ? 0 : 2);
    if (!fields)
        return NULL;
    return *fields ? arena_printf(m->a, "{ %s }", joined(m, fields)) : "{}";
}

static const char *wrapped(struct maker *m, const char *fmt, const char *inner)
{
    return !inner ? NULL
           : *fmt == '[' ? arena_printf(m->a, "[%s]", inner)
                         : arena_printf(m->a, "{ \"name\" => %s }", inner);
}

static const char *any_value(struct maker *m, const char *field, const struct type *t)
{
    switch (t->kind) {
    case TYPE_K_BOOL: return "false";
    case TYPE_K_INT: return int_for(m, field, t);
    case TYPE_K_NUMBER: return "1";
    case TYPE_K_STRING: return text_for(m, field, t);
    case TYPE_K_DURATION: return !strcmp(field, "retain") ? "30d" : "5m";
    case TYPE_K_PERCENT: return "50%";
    case TYPE_K_SIZE: return "20GiB";
    case TYPE_K_RATE: return "100/s";
    case TYPE_K_CIDR: return "10.0.0.0/16";
    case TYPE_K_REGEX: return "r\"error\"";
    case TYPE_K_LIST:
    case TYPE_K_SET:
        if (t->elem->kind == TYPE_K_REF)
            return others(m, t->elem->name);
        return wrapped(m, "[", value_for(m, field, t->elem));
    case TYPE_K_MAP: return wrapped(m, "{", value_for(m, field, t->elem));
    case TYPE_K_OPTION:
    case TYPE_K_SECRET: return value_for(m, field, t->elem);
    case TYPE_K_RANGE: {
        const char *v = value_for(m, field, t->elem);
        return !v ? NULL : strcmp(v, "1") ? arena_printf(m->a, "%s..%s", v, v) : "1..3";
    }
    case TYPE_K_UNION: return union_for(m, field, t);
    case TYPE_K_RECORD: return record_for(m, t);
    case TYPE_K_REF: return other(m, t->name);
    case TYPE_K_METRIC: return metric_for(m);
    default: return NULL;
    }
}

static const char *value_for(struct maker *m, const char *field, const struct type *t)
{
    if (m->depth == DEPTH)
        return NULL;
    m->depth++;
    const char *v = any_value(m, field, t);
    m->depth--;
    return v;
}

/* ---- the example ---------------------------------------------------------------- */

/* Of an alias or a record: an input of it. */
static const char *input_example(struct maker *m, const char *path, const struct decl *decl)
{
    const struct type *t = type_resolve(m->s->p, program_file_scope(m->s->p, decl->span),
                                        &(struct type_ast){.kind = TYPE_NAMED, .span = decl->span,
                                                           .depth = 1, .path = path});
    const char *v = value_for(m, "", t);
    return v && !m->made.n
               ? arena_printf(m->a, "input example: %s = %s\noutput given = example\n", path, v)
               : NULL;
}

static const char *given(struct maker *m, const struct decl *decl)
{
    const struct type_item *it = type_setting(decl, "example");
    const struct expr *e = it ? it->value : NULL;
    if (e && e->kind == EXPR_LITERAL && e->literal->kind == V_STRING)
        return e->literal->s;
    struct buf b;
    buf_init(&b, m->a);
    for (const struct part *p = e && e->kind == EXPR_TEMPLATE ? e->parts : NULL; p; p = p->next)
        if (p->text)
            buf_puts(&b, p->text);
    return b.len ? buf_text(&b) : NULL;
}

/* Whether one that nothing needs is a finding of lint. */
static bool serves_others(const struct decl *type)
{
    for (const struct type_item *i = type->items; i; i = i->next)
        if (i->kind == ITEM_LINT && i->name.text && !strcmp(i->name.text, "BG7001"))
            return true;
    return false;
}

static const char *generated(struct maker *m, const char *name, const struct decl *decl)
{
    if (!type_is_resource(decl))
        return input_example(m, name, decl);
    const char *text = declaration(m, "example", decl, name, true, 2);
    bool used = text && serves_others(decl);
    if (!text) {
        text = declaration(m, "example", decl, name, false, 2);
        used = true;
    }
    return text ? arena_printf(m->a, "shared {\n%s%s}\n%s", buf_text(&m->beside), text,
                               used ? "output example_id = example.id\n" : "")
                : NULL;
}

static const char *printed(struct session *s, const char *text)
{
    if (!text)
        return NULL;
    uint32_t n = sources_add(&s->sources, "example.bg", text, strlen(text));
    const struct file_ast *file = parse_file(s->a, &s->names, &s->ds, n);
    struct buf b;
    buf_init(&b, s->a);
    print_file(&b, s->sources.files.at[n], file);
    return buf_text(&b);
}

static struct maker maker(struct session *s, const char *own)
{
    struct maker m = {.s = s, .a = s->a, .own = own};
    map_init(&m.made, m.a);
    buf_init(&m.beside, m.a);
    return m;
}

const char *doc_example(struct session *s, const char *name, const struct decl *decl)
{
    struct maker m = maker(s, name);
    const char *text = given(&m, decl);
    return printed(s, text ? text : generated(&m, name, decl));
}

/* ---- modules -------------------------------------------------------------------- */

const char *doc_module_example(struct session *s, const char *path, const struct symbol *module)
{
    struct maker m = maker(s, "");
    struct type *record = arena_make(s->a, struct type);
    record->kind = TYPE_K_RECORD;
    for (const struct field_ast *f = module->decl->params; f; f = f->next)
        vec_push(s->a, &record->fields, (struct type_member){
            .name = f->name.text, .type = type_resolve(s->p, module->scope, f->type), .dflt = f->value});
    const char *fields = fields_for(&m, record, 0), *out = NULL;
    bool makes = false;
    for (const struct decl *d = module->decl->body; d; d = d->next) {
        makes = makes || d->kind == DECL_RESOURCE;
        out = out ? out : d->kind == DECL_OUT ? d->name.text : NULL;
    }
    if (!fields)
        return NULL;
    const char *used = out ? arena_printf(s->a, "output %s = example.%s\n", out, out) : "";
    return printed(s, arena_printf(s->a, "use %s\n\nshared {\n%s%s example: %s { %s }\n}\n%s", path,
                                   buf_text(&m.beside), makes ? "resource" : "existing", path,
                                   joined(&m, fields), used));
}
