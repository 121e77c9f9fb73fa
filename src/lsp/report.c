/* Diagnostics, as the protocol shows them. */
#include <string.h>

#include "lsp/library.h"
#include "lsp/uri.h"
#include "lsp/workspace.h"

enum { TAG_UNNECESSARY = 1, TAG_DEPRECATED = 2 };

static int tag_of(const char *code)
{
    static const struct {
        const char *code;
        int tag;
    } tags[] = {{"BG7001", TAG_UNNECESSARY}, {"BG7003", TAG_DEPRECATED}};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (!strcmp(tags[i].code, code))
            return tags[i].tag;
    return 0;
}

/* Where a diagnostic is shown: its own file, or the root's first line. */
struct shown {
    const char *uri;
    const struct text *text;
    struct span span;
};

static bool show(const struct workspace *ws, struct analysis *an, struct span span,
                 struct shown *out)
{
    uint32_t file = span.file;
    const struct source *src = sources_find(&an->sources, span);
    bool openable = src && !analysis_std(an, file) &&
                    (*src->path == '/' || documents_at(&ws->documents, src->path));
    if (!openable) {
        file = analysis_file(an, an->root);
        span = (struct span){file, 0, 0};
        if (!file)
            return false;
    }
    *out = (struct shown){workspace_uri(ws, an->arena, an, file), analysis_text(an, file), span};
    return out->uri != NULL;
}

static json_t *message_of(const struct diag *d, bool with_labels)
{
    struct arena *a = arena_new("message");
    struct buf b;
    buf_init(&b, a);
    buf_puts(&b, d->message);
    if (d->at)
        buf_printf(&b, ": %s", d->at);
    for (size_t i = 0; with_labels && i < d->labels.n; i++)
        buf_printf(&b, "\n%s", d->labels.at[i].text);
    for (size_t i = 0; i < d->notes.n; i++)
        buf_printf(&b, "\nnote: %s", d->notes.at[i]);
    for (size_t i = 0; i < d->help.n; i++)
        buf_printf(&b, "\nhelp: %s", d->help.at[i]);
    json_t *out = json_text(buf_text(&b), b.len);
    arena_free(a);
    return out;
}

static json_t *related(const struct workspace *ws, struct analysis *an, const struct diag *d)
{
    json_t *all = json_array();
    for (size_t i = 0; i < d->labels.n; i++) {
        struct span span = d->labels.at[i].span;
        const char *uri = span.file ? workspace_uri(ws, an->arena, an, span.file) : NULL;
        if (!uri)
            continue;
        json_array_append_new(
            all, json_pack("{s:{s:s, s:o}, s:o}", "location", "uri", uri, "range",
                           range_json(analysis_text(an, span.file), span.start, span.end),
                           "message",
                           json_text(d->labels.at[i].text, strlen(d->labels.at[i].text))));
    }
    return all;
}

static json_t *diagnostic(const struct workspace *ws, struct analysis *an, const struct diag *d,
                          const struct shown *at)
{
    static const int severities[] = {[SEV_ERROR] = 1, [SEV_WARNING] = 2, [SEV_NOTE] = 3};
    json_t *out = json_object();
    json_object_set_new(out, "range", range_json(at->text, at->span.start, at->span.end));
    json_object_set_new(out, "severity", json_integer(severities[d->severity]));
    json_object_set_new(out, "code", json_string(d->code));
    json_object_set_new(out, "source", json_string("bgc"));
    json_object_set_new(out, "message", message_of(d, !ws->client.related));
    const char *page = ws->client.descriptions
                           ? library_file(an->arena, ws->library,
                                          arena_printf(an->arena, "docs/errors/%s.md", d->code))
                           : NULL;
    if (page)
        json_object_set_new(out, "codeDescription",
                            json_pack("{s:s}", "href", uri_of_path(an->arena, page)));
    if (ws->client.related && d->labels.n)
        json_object_set_new(out, "relatedInformation", related(ws, an, d));
    if (ws->client.tags && tag_of(d->code))
        json_object_set_new(out, "tags", json_pack("[i]", tag_of(d->code)));
    return out;
}

json_t *report_make(const struct workspace *ws, struct analysis *an)
{
    json_t *all = json_object();
    for (const struct document *d = ws->documents.first; d; d = d->next)
        if (d->home == an)
            json_object_set_new(all, d->uri, json_array());
    for (size_t i = 0; i < an->ds.all.n; i++) {
        const struct diag *d = an->ds.all.at[i];
        struct shown at;
        if (!show(ws, an, d->span, &at))
            continue;
        json_t *list = json_object_get(all, at.uri);
        if (!list) {
            list = json_array();
            json_object_set_new(all, at.uri, list);
        }
        json_array_append_new(list, diagnostic(ws, an, d, &at));
    }
    return all;
}
