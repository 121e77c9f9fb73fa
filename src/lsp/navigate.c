/* From a name to its declaration, and from a declaration to its names. */
#include <string.h>

#include "lsp/features.h"
#include "lsp/fields.h"

const struct mark *request_mark(struct request *r)
{
    return marks_at(analysis_marks(r->an), r->file, r->offset);
}

json_t *location_json(struct request *r, struct span span)
{
    const char *uri = span.file ? workspace_uri(r->ws, r->a, r->an, span.file) : NULL;
    if (!uri)
        return NULL;
    return json_pack("{s:s, s:o}", "uri", uri, "range",
                     range_json(analysis_text(r->an, span.file), span.start, span.end));
}

/* The whole name that begins at the target. */
static struct span target_span(struct request *r, const struct mark *m)
{
    struct span s = m->target;
    if (m->means == MEANS_FILE)
        return s;
    switch (m->means) {
    case MEANS_DECL:
        return m->decl->name.span.file == s.file && m->decl->name.span.start == s.start
                   ? m->decl->name.span
               : m->decl->path_span.start == s.start ? m->decl->path_span
                                                     : s;
    case MEANS_FIELD: return m->item->name.span;
    case MEANS_MEMBER: return m->field->name.span;
    default: break;
    }
    (void)r;
    return s;
}

json_t *feature_definition(struct request *r)
{
    const struct mark *m = request_mark(r);
    return m ? location_json(r, target_span(r, m)) : NULL;
}

/* The declaration of a type that a value is of; NULL. */
static const struct decl *type_behind(struct request *r, const struct mark *m)
{
    struct program *p = r->an->program;
    if (m->means == MEANS_DECL &&
        (m->decl->kind == DECL_RESOURCE || m->decl->kind == DECL_EXISTING) && m->decl->path) {
        const struct symbol *module = program_module(p, m->scope, m->decl->path);
        return module ? module->decl : fields_type(p, m->scope, m->decl);
    }
    const struct check_found *f = analysis_found(r->an, m->e);
    const struct type *t = f ? f->type : NULL;
    while (t && t->elem && t->kind != TYPE_K_REF && t->kind != TYPE_K_RECORD)
        t = t->elem;
    if (t && t->kind == TYPE_K_REF && t->name)
        return program_type(p, t->name);
    if (t && t->kind == TYPE_K_INSTANCE)
        return t->module->decl;
    return t && t->decl ? t->decl : NULL;
}

json_t *feature_type_definition(struct request *r)
{
    const struct mark *m = request_mark(r);
    const struct decl *d = m ? type_behind(r, m) : NULL;
    return d ? location_json(r, d->path_span.file ? d->path_span : d->name.span) : NULL;
}

/* Whether two marks mean the same thing. */
static bool same(const struct mark *a, const struct mark *b)
{
    if (a->means == MEANS_NATIVE && b->means == MEANS_NATIVE)
        return !strcmp(a->native->name, b->native->name);
    return a->target.file && a->target.file == b->target.file &&
           a->target.start == b->target.start;
}

json_t *feature_references(struct request *r)
{
    const struct mark *m = request_mark(r);
    const json_t *context = json_object_get(r->params, "context");
    bool all = json_is_true(json_object_get(context, "includeDeclaration"));
    const struct marks *marks = analysis_marks(r->an);
    json_t *out = json_array();
    for (size_t i = 0; m && i < marks->all.n; i++) {
        const struct mark *k = &marks->all.at[i];
        json_t *at = same(m, k) && (all || !k->declares) ? location_json(r, k->span) : NULL;
        if (at)
            json_array_append_new(out, at);
    }
    return out;
}

json_t *feature_highlight(struct request *r)
{
    enum { READ = 2, WRITE = 3 };
    const struct mark *m = request_mark(r);
    const struct marks *marks = analysis_marks(r->an);
    json_t *out = json_array();
    for (size_t i = marks_of_file(marks, r->file); m && i < marks->all.n; i++) {
        const struct mark *k = &marks->all.at[i];
        if (k->span.file != r->file)
            break;
        if (same(m, k))
            json_array_append_new(
                out, json_pack("{s:o, s:i}", "range", range_json(r->text, k->span.start, k->span.end),
                               "kind", k->declares ? WRITE : READ));
    }
    return out;
}
