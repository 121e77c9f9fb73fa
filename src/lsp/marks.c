#include "lsp/marks.h"

#include <stdlib.h>
#include <string.h>

#include "lang/parse.h"
#include "lsp/marks_walk.h"

/* ---- marks ----------------------------------------------------------- */

struct mark *mark_add(struct walk *w, struct span span, enum meaning means, struct span target)
{
    static const struct mark nothing;
    vec_push(w->an->arena, &w->out->all, nothing);
    struct mark *m = &w->out->all.at[w->out->all.n - 1];
    *m = (struct mark){.span = span,
                       .means = means,
                       .target = target,
                       .declares = target.file && target.file == span.file &&
                                   target.start == span.start,
                       .scope = w->scope};
    return m;
}

static struct span decl_place(const struct decl *d)
{
    return d->name.span.file ? d->name.span : d->path_span.file ? d->path_span : d->span;
}

struct mark *mark_decl(struct walk *w, struct span span, const struct decl *d)
{
    struct mark *m = mark_add(w, span, MEANS_DECL, decl_place(d));
    m->decl = d;
    return m;
}

struct mark *mark_symbol(struct walk *w, struct span span, const struct symbol *y)
{
    return mark_decl(w, span, y->decl);
}

struct mark *mark_field(struct walk *w, struct span span, const struct decl *type,
                              const struct type_item *item)
{
    struct mark *m = mark_add(w, span, MEANS_FIELD, item->name.span);
    m->decl = type;
    m->item = item;
    return m;
}

struct mark *mark_member(struct walk *w, struct span span, const struct decl *of,
                               const struct field_ast *f)
{
    struct mark *m = mark_add(w, span, MEANS_MEMBER, f->name.span);
    m->decl = of;
    m->field = f;
    return m;
}

void mark_word(struct walk *w, struct span span, const char *doc)
{
    mark_add(w, span, MEANS_WORD, NO_SPAN)->doc = doc;
}

struct span span_part(struct span s, size_t from, size_t n)
{
    return (struct span){s.file, s.start + (uint32_t)from, s.start + (uint32_t)(from + n)};
}

/* ---- files ----------------------------------------------------------- */

/* env/stage.bg: lines that give inputs values. */
static void walk_environments(struct walk *w)
{
    for (size_t i = 1; i < w->an->sources.files.n; i++) {
        const struct source *src = w->an->sources.files.at[i];
        size_t dir = strlen(w->p->root_dir);
        struct arg *lines = NULL;
        if (strncmp(src->path, w->p->root_dir, dir) != 0 || strncmp(src->path + dir, "/env/", 5) != 0)
            continue;
        parse_bindings(w->an->arena, &w->an->names, w->p->ds, (uint32_t)i, &lines);
        walk_inputs(w, lines);
    }
}

static int by_place(const void *x, const void *y)
{
    const struct mark *a = x, *b = y;
    if (a->span.file != b->span.file)
        return a->span.file < b->span.file ? -1 : 1;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return 0;
}

void marks_make(struct analysis *an, struct marks *out)
{
    struct walk w = {.an = an, .p = an->program, .out = out, .scope = an->program->root};
    *out = (struct marks){0};
    for (size_t i = 0; i < an->program->file_scopes.n; i++) {
        const struct scope *s = an->program->file_scopes.at[i];
        if (!s || !s->file)
            continue;
        bool std = analysis_std(an, (uint32_t)i);
        if (std && (!an->name || strcmp(an->sources.files.at[i]->path + 4, an->name) != 0))
            continue;
        walk_body(&w, s, s->file->decls);
    }
    if (!an->name)
        walk_environments(&w);
    if (!out->all.n)
        return;
    qsort(out->all.at, out->all.n, sizeof *out->all.at, by_place);
    size_t n = 1; /* a `use` and its name, or a broken text, may say a name twice */
    for (size_t i = 1; i < out->all.n; i++)
        if (by_place(&out->all.at[n - 1], &out->all.at[i]) != 0)
            out->all.at[n++] = out->all.at[i];
    out->all.n = n;
}

size_t marks_of_file(const struct marks *m, uint32_t file)
{
    size_t low = 0, high = m->all.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (m->all.at[mid].span.file < file)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

const struct mark *marks_at(const struct marks *m, uint32_t file, size_t offset)
{
    const struct mark *ends = NULL;
    size_t low = marks_of_file(m, file), high = marks_of_file(m, file + 1);
    while (low < high) { /* the last one that begins at or before the offset */
        size_t mid = low + (high - low) / 2;
        if (m->all.at[mid].span.start <= offset)
            low = mid + 1;
        else
            high = mid;
    }
    for (size_t i = low; i-- > 0 && low - i < 4 && m->all.at[i].span.file == file;) {
        if (offset < m->all.at[i].span.end)
            return &m->all.at[i];
        if (offset == m->all.at[i].span.end && !ends)
            ends = &m->all.at[i];
    }
    return ends;
}
