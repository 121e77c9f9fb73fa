/* Code actions: the fixes that diagnostics carry, and all certain ones at once. */
#include <stdlib.h>
#include <string.h>

#include "lsp/features.h"

/* Whether the editor asked for this kind, or for any. */
static bool asked_for(const struct request *r, const char *kind)
{
    const json_t *only = json_object_get(json_object_get(r->params, "context"), "only"), *one;
    size_t i;
    if (!json_is_array(only) || !json_array_size(only))
        return true;
    json_array_foreach((json_t *)(uintptr_t)only, i, one)
    {
        const char *wish = json_string_value(one);
        size_t n = wish ? strlen(wish) : 0;
        if (n && !strncmp(kind, wish, n) && (!kind[n] || kind[n] == '.'))
            return true;
    }
    return false;
}

static void add_edits(struct request *r, json_t *list, const struct diag_fix *f)
{
    for (size_t i = 0; i < f->edits.n; i++) {
        const struct diag_edit *e = &f->edits.at[i];
        json_array_append_new(list,
                              json_pack("{s:o, s:o}", "range",
                                        range_json(analysis_text(r->an, e->span.file), e->span.start,
                                                   e->span.end),
                                        "newText", json_text(e->text, strlen(e->text))));
    }
}

/* Only of this document: an editor may not have the others open. */
static bool of_document(const struct request *r, const struct diag_fix *f)
{
    for (size_t i = 0; i < f->edits.n; i++)
        if (f->edits.at[i].span.file != r->file)
            return false;
    return f->edits.n > 0;
}

static json_t *edit_json(const struct request *r, json_t *list)
{
    if (r->ws->client.versions)
        return json_pack("{s:[{s:{s:s, s:I}, s:o}]}", "documentChanges", "textDocument", "uri",
                         r->doc->uri, "version", (json_int_t)r->doc->version, "edits", list);
    return json_pack("{s:{s:o}}", "changes", r->doc->uri, list);
}

/* The diagnostics that the editor shows at the place, so that it can match them. */
static json_t *shown(const struct request *r, const struct diag *d)
{
    const json_t *all = json_object_get(json_object_get(r->params, "context"), "diagnostics"), *one;
    const struct position at = text_position(r->text, d->span.start);
    json_t *out = json_array();
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)all, i, one)
    {
        struct position start;
        const char *code = json_string_value(json_object_get(one, "code"));
        const json_t *range = json_object_get(one, "range");
        if (code && !strcmp(code, d->code) && position_read(json_object_get(range, "start"), &start) &&
            start.line == at.line && start.character == at.character)
            json_array_append(out, (json_t *)(uintptr_t)one);
    }
    return out;
}

static void add_quick_fixes(struct request *r, json_t *out, size_t from, size_t to)
{
    for (size_t i = 0; i < r->an->ds.all.n; i++) {
        const struct diag *d = r->an->ds.all.at[i];
        if (d->span.file != r->file || d->span.start > to || d->span.end < from)
            continue;
        for (size_t k = 0; k < d->fixes.n; k++) {
            const struct diag_fix *f = d->fixes.at[k];
            if (!of_document(r, f))
                continue;
            json_t *list = json_array();
            add_edits(r, list, f);
            json_array_append_new(
                out, json_pack("{s:o, s:s, s:o, s:b, s:o}", "title",
                               json_text(f->title, strlen(f->title)), "kind", "quickfix",
                               "diagnostics", shown(r, d), "isPreferred", f->certain, "edit",
                               edit_json(r, list)));
        }
    }
}

static int by_start(const void *x, const void *y)
{
    const struct diag_fix *const *a = x, *const *b = y;
    uint32_t i = (*a)->edits.at[0].span.start, k = (*b)->edits.at[0].span.start;
    return i < k ? -1 : i > k;
}

/* All that are certain and do not touch each other. */
static void add_fix_all(struct request *r, json_t *out)
{
    VEC(struct diag_fix *) certain = {0};
    for (size_t i = 0; i < r->an->ds.all.n; i++) {
        const struct diag *d = r->an->ds.all.at[i];
        for (size_t k = 0; k < d->fixes.n; k++)
            if (d->fixes.at[k]->certain && of_document(r, d->fixes.at[k])) {
                vec_push(r->a, &certain, d->fixes.at[k]);
                break;
            }
    }
    if (!certain.n)
        return;
    qsort(certain.at, certain.n, sizeof *certain.at, by_start);
    json_t *list = json_array();
    uint32_t end = 0;
    for (size_t i = 0; i < certain.n; i++) {
        uint32_t first = UINT32_MAX, last = 0;
        for (size_t k = 0; k < certain.at[i]->edits.n; k++) {
            const struct span s = certain.at[i]->edits.at[k].span;
            first = s.start < first ? s.start : first;
            last = s.end > last ? s.end : last;
        }
        if (i && first <= end)
            continue;
        end = last;
        add_edits(r, list, certain.at[i]);
    }
    json_array_append_new(out, json_pack("{s:s, s:s, s:o}", "title", "bgc: make all certain fixes",
                                         "kind", "source.fixAll", "edit", edit_json(r, list)));
}

json_t *feature_actions(struct request *r)
{
    struct position from, to;
    const json_t *range = json_object_get(r->params, "range");
    json_t *out = json_array();
    if (!position_read(json_object_get(range, "start"), &from) ||
        !position_read(json_object_get(range, "end"), &to))
        return out;
    analysis_lint(r->an);
    if (asked_for(r, "quickfix"))
        add_quick_fixes(r, out, text_offset(r->text, from), text_offset(r->text, to));
    if (asked_for(r, "source.fixAll"))
        add_fix_all(r, out);
    return out;
}
