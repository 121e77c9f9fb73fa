#include <string.h>

#include "base/embed.h"
#include "base/render.h"
#include "base/utf8.h"
#include "base/value.h"
#include "base/version.h"

static const char *severity_name(enum severity s)
{
    static const char *const names[] = {"error", "warning", "note"};
    return names[s];
}

static struct value *text_or_none(struct arena *a, const char *s)
{
    return s ? value_string(a, s) : value_none(a);
}

/* ---- JSON -------------------------------------------------------------- */

static void put_place(struct arena *a, struct value *to, const struct sources *s, struct span span)
{
    struct render_place p;
    bool have = render_place(s, span, &p);
    value_put(to, "path", have ? value_string(a, p.path) : value_none(a));
    value_put(to, "line", have ? value_int(a, p.start.line) : value_none(a));
    value_put(to, "column", have ? value_int(a, p.start.column) : value_none(a));
    value_put(to, "end_line", have ? value_int(a, p.end.line) : value_none(a));
    value_put(to, "end_column", have ? value_int(a, p.end.column) : value_none(a));
}

static struct value *texts(struct arena *a, const char *const *at, size_t n)
{
    struct value **all = arena_array(a, struct value *, n);
    for (size_t i = 0; i < n; i++)
        all[i] = value_string(a, at[i]);
    return value_list(a, all, n);
}

/* Where an edit is to be made: exactly there, also behind the last line. */
static bool edit_place(const struct sources *s, struct span span, struct render_place *out)
{
    const struct source *src = sources_find(s, span);
    if (!src)
        return false;
    *out = (struct render_place){src->path, source_place(src, span.start),
                                 source_place(src, span.end)};
    return true;
}

static struct value *json_fix(struct arena *a, const struct sources *s, const struct diag_fix *f)
{
    struct value *v = value_map(a), **edits = arena_array(a, struct value *, f->edits.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < f->edits.n; i++) {
        struct render_place p;
        if (!edit_place(s, f->edits.at[i].span, &p))
            continue;
        struct value *e = value_map(a);
        value_put(e, "path", value_string(a, p.path));
        value_put(e, "line", value_int(a, p.start.line));
        value_put(e, "column", value_int(a, p.start.column));
        value_put(e, "end_line", value_int(a, p.end.line));
        value_put(e, "end_column", value_int(a, p.end.column));
        value_put(e, "text", value_string(a, f->edits.at[i].text));
        edits[n++] = e;
    }
    value_put(v, "title", value_string(a, f->title));
    value_put(v, "certain", value_bool(a, f->certain));
    value_put(v, "edits", value_list(a, edits, n));
    return v;
}

static struct value *json_of(struct arena *a, const struct sources *s, const struct diag *d)
{
    struct value *v = value_map(a);
    value_put(v, "code", value_string(a, d->code));
    value_put(v, "severity", value_string(a, severity_name(d->severity)));
    value_put(v, "message", value_string(a, d->message));
    put_place(a, v, s, d->span);
    value_put(v, "label", text_or_none(a, d->at));
    struct value **labels = arena_array(a, struct value *, d->labels.n);
    for (size_t i = 0; i < d->labels.n; i++) {
        labels[i] = value_map(a);
        put_place(a, labels[i], s, d->labels.at[i].span);
        value_put(labels[i], "text", value_string(a, d->labels.at[i].text));
    }
    value_put(v, "labels", value_list(a, labels, d->labels.n));
    value_put(v, "notes", texts(a, d->notes.at, d->notes.n));
    value_put(v, "help", texts(a, d->help.at, d->help.n));
    struct value **fixes = arena_array(a, struct value *, d->fixes.n + 1);
    for (size_t i = 0; i < d->fixes.n; i++)
        fixes[i] = json_fix(a, s, d->fixes.at[i]);
    value_put(v, "fixes", value_list(a, fixes, d->fixes.n));
    return v;
}

struct value *render_json(struct arena *a, const struct diags *ds)
{
    size_t n;
    struct diag **all = render_order(a, ds, &n);
    struct value **items = arena_array(a, struct value *, n);
    for (size_t i = 0; i < n; i++)
        items[i] = json_of(a, ds->sources, all[i]);
    return value_list(a, items, n);
}

/* All that a diagnostic says, for forms that have one message only. */
static const char *whole_message(struct arena *a, const struct diag *d)
{
    struct buf b;
    buf_init(&b, a);
    buf_puts(&b, d->message);
    if (d->at && *d->at)
        buf_printf(&b, ": %s", d->at);
    for (size_t i = 0; i < d->notes.n; i++)
        buf_printf(&b, "\nnote: %s", d->notes.at[i]);
    for (size_t i = 0; i < d->help.n; i++)
        buf_printf(&b, "\nhelp: %s", d->help.at[i]);
    return buf_text(&b);
}

/* ---- SARIF 2.1.0 (OASIS) ----------------------------------------------- */

/* A path as a URI reference, RFC 3986: "std:" stays a scheme, an absolute path
 * becomes a file URI, and all but unreserved characters and "/" are escaped. */
static const char *uri_of(struct arena *a, const char *path)
{
    struct buf b;
    buf_init(&b, a);
    if (!strncmp(path, "std:", 4)) {
        buf_puts(&b, "std:");
        path += 4;
    } else if (*path == '/')
        buf_puts(&b, "file://");
    for (; *path; path++) {
        char low = (char)(*path | 0x20);
        if ((low >= 'a' && low <= 'z') || (*path >= '0' && *path <= '9') || strchr("-._~/", *path))
            buf_putc(&b, *path);
        else
            buf_printf(&b, "%%%02X", (unsigned char)*path);
    }
    return buf_text(&b);
}

/* docs/errors/CODE.md; NULL. */
static const char *page_of(struct arena *a, const char *code)
{
    const struct embedded_file *f = embed_find(arena_printf(a, "docs/errors/%s.md", code));
    return f ? f->text : NULL;
}

/* Its title: "# BG3001: what". */
static const char *title_of(struct arena *a, const char *page)
{
    const char *colon = page ? strpbrk(page, ":\n") : NULL;
    if (!colon || *colon != ':')
        return NULL;
    colon += 1 + strspn(colon + 1, " ");
    return arena_strndup(a, colon, strcspn(colon, "\r\n"));
}

/* A code, with all that `bgc explain` says of it. */
static struct value *sarif_rule(struct arena *a, const struct diag *d)
{
    struct value *rule = value_map_one(a, "id", value_string(a, d->code));
    const char *page = page_of(a, d->code), *title = title_of(a, page);
    if (title && *title)
        value_put(rule, "shortDescription", value_map_one(a, "text", value_string(a, title)));
    value_put(rule, "defaultConfiguration",
              value_map_one(a, "level", value_string(a, severity_name(d->severity))));
    struct value *help = value_map_one(a, "text", value_stringf(a, "bgc explain %s", d->code));
    if (page)
        value_put(help, "markdown", value_string(a, page));
    value_put(rule, "help", help);
    return rule;
}

static struct value *sarif_region(struct arena *a, const struct render_place *p)
{
    struct value *region = value_map(a);
    value_put(region, "startLine", value_int(a, p->start.line));
    value_put(region, "startColumn", value_int(a, p->start.column));
    value_put(region, "endLine", value_int(a, p->end.line));
    value_put(region, "endColumn", value_int(a, p->end.column));
    return region;
}

static struct value *sarif_artifact(struct arena *a, const char *path)
{
    return value_map_one(a, "uri", value_string(a, uri_of(a, path)));
}

/* A fix changes one file. NULL: it has no place. */
static struct value *sarif_fix(struct arena *a, const struct sources *s, const struct diag_fix *f)
{
    struct value **all = arena_array(a, struct value *, f->edits.n + 1);
    const char *path = NULL;
    size_t n = 0;
    for (size_t i = 0; i < f->edits.n; i++) {
        struct render_place p;
        if (!edit_place(s, f->edits.at[i].span, &p))
            continue;
        path = p.path;
        struct value *r = value_map_one(a, "deletedRegion", sarif_region(a, &p));
        value_put(r, "insertedContent",
                  value_map_one(a, "text", value_string(a, f->edits.at[i].text)));
        all[n++] = r;
    }
    if (!n)
        return NULL;
    struct value *change = value_map_one(a, "artifactLocation", sarif_artifact(a, path));
    value_put(change, "replacements", value_list(a, all, n));
    struct value *title = value_map_one(a, "text", value_string(a, f->title));
    struct value *fix = value_map_one(a, "description", title);
    value_put(fix, "artifactChanges", value_list_one(a, change));
    return fix;
}

/* NULL when the span points nowhere. */
static struct value *sarif_location(struct arena *a, const struct sources *s, struct span span)
{
    struct render_place p;
    if (!render_place(s, span, &p))
        return NULL;
    struct value *physical = value_map_one(a, "artifactLocation", sarif_artifact(a, p.path));
    value_put(physical, "region", sarif_region(a, &p));
    return value_map_one(a, "physicalLocation", physical);
}

static struct value *sarif_result(struct arena *a, const struct sources *s, const struct diag *d,
                                  size_t rule)
{
    struct value *r = value_map(a);
    value_put(r, "ruleId", value_string(a, d->code));
    value_put(r, "ruleIndex", value_int(a, (int64_t)rule));
    value_put(r, "level", value_string(a, severity_name(d->severity)));
    value_put(r, "message", value_map_one(a, "text", value_string(a, whole_message(a, d))));
    struct value *place = sarif_location(a, s, d->span);
    value_put(r, "locations", place ? value_list_one(a, place) : value_list(a, NULL, 0));
    struct value **related = arena_array(a, struct value *, d->labels.n);
    size_t n = 0;
    for (size_t i = 0; i < d->labels.n; i++) {
        struct value *at = sarif_location(a, s, d->labels.at[i].span);
        if (!at)
            continue;
        value_put(at, "id", value_int(a, (int64_t)n));
        value_put(at, "message", value_map_one(a, "text", value_string(a, d->labels.at[i].text)));
        related[n++] = at;
    }
    if (n)
        value_put(r, "relatedLocations", value_list(a, related, n));
    struct value **fixes = arena_array(a, struct value *, d->fixes.n + 1);
    size_t nfixes = 0;
    for (size_t i = 0; i < d->fixes.n; i++)
        if ((fixes[nfixes] = sarif_fix(a, s, d->fixes.at[i])))
            nfixes++;
    if (nfixes)
        value_put(r, "fixes", value_list(a, fixes, nfixes));
    return r;
}

static struct value *sarif(struct arena *a, const struct diags *ds)
{
    size_t n, rules_n = 0;
    struct diag **all = render_order(a, ds, &n);
    struct value **rules = arena_array(a, struct value *, n);
    struct value **results = arena_array(a, struct value *, n);
    for (size_t i = 0; i < n; i++) {
        size_t rule = 0;
        while (rule < rules_n && strcmp(value_get_string(rules[rule], "id"), all[i]->code))
            rule++;
        if (rule == rules_n)
            rules[rules_n++] = sarif_rule(a, all[i]);
        results[i] = sarif_result(a, ds->sources, all[i], rule);
    }
    struct value *driver = value_map(a), *run = value_map(a), *log = value_map(a);
    value_put(driver, "name", value_string(a, "bgc"));
    value_put(driver, "version", value_string(a, bgc_version()));
    value_put(driver, "rules", value_list(a, rules, rules_n));
    value_put(run, "tool", value_map_one(a, "driver", driver));
    value_put(run, "columnKind", value_string(a, "unicodeCodePoints"));
    value_put(run, "results", value_list(a, results, n));
    value_put(log, "$schema", value_string(a, "https://json.schemastore.org/sarif-2.1.0.json"));
    value_put(log, "version", value_string(a, "2.1.0"));
    value_put(log, "runs", value_list_one(a, run));
    return log;
}

/* ---- GitHub workflow commands ------------------------------------------ */

/* Escapes as actions/toolkit does; in a property ":" and "," too. Other control
 * characters would reach the terminal of whoever reads the log. */
static void put_escaped(struct buf *b, const char *s, const char *also)
{
    for (const char *end = s + strlen(s); s < end;) {
        uint32_t c;
        size_t n = utf8_decode(s, (size_t)(end - s), &c);
        if (!n)
            buf_printf(b, "\\x%02x", (unsigned char)*s), n = 1;
        else if (c == '%' || c == '\r' || c == '\n' || (c < 0x80 && strchr(also, (int)c)))
            buf_printf(b, "%%%02X", c);
        else if (c == '\t')
            buf_puts(b, "\\t"); /* as for people */
        else if (utf8_is_control(c))
            buf_printf(b, "\\u{%x}", c);
        else
            buf_put(b, s, n);
        s += n;
    }
}

static void github(struct buf *out, const struct diags *ds)
{
    static const char *const levels[] = {"error", "warning", "notice"};
    size_t n;
    struct diag **all = render_folded(out->arena, ds, &n);
    for (size_t i = 0; i < n; i++) {
        struct render_place p;
        buf_printf(out, "::%s ", levels[all[i]->severity]);
        if (render_place(ds->sources, all[i]->span, &p)) {
            buf_puts(out, "file=");
            put_escaped(out, p.path, ":,");
            buf_printf(out, ",line=%u,endLine=%u,col=%u,endColumn=%u,", p.start.line, p.end.line,
                       p.start.column, p.end.column);
        }
        buf_puts(out, "title=");
        put_escaped(out, all[i]->code, ":,");
        buf_puts(out, "::");
        put_escaped(out, whole_message(out->arena, all[i]), "");
        buf_putc(out, '\n');
    }
}

void render_diags(struct buf *out, const struct diags *ds, enum render_format format, bool colour)
{
    switch (format) {
    case RENDER_TEXT: render_text(out, ds, colour); break;
    case RENDER_JSON:
        value_json(out, render_json(out->arena, ds), 2);
        buf_putc(out, '\n');
        break;
    case RENDER_SARIF:
        value_json(out, sarif(out->arena, ds), 2);
        buf_putc(out, '\n');
        break;
    case RENDER_GITHUB: github(out, ds); break;
    }
}
