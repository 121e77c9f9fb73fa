#include "base/fix.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

const struct diag_fix *fix_certain(const struct diag *d)
{
    const struct diag_fix *only = NULL;
    for (size_t i = 0; i < d->fixes.n; i++)
        if (d->fixes.at[i]->certain && d->fixes.at[i]->edits.n) {
            if (only) /* two sure ways are none */
                return NULL;
            only = d->fixes.at[i];
        }
    return only;
}

static bool within(const struct diag_fix *f, uint32_t file, size_t len)
{
    for (size_t i = 0; i < f->edits.n; i++) {
        struct span s = f->edits.at[i].span;
        if (s.file != file || s.start > s.end || s.end > len)
            return false;
    }
    return true;
}

/* Two edits may meet, but not overlap; two insertions at one place have no order. */
static bool overlaps(struct span a, struct span b)
{
    if (a.start == b.start)
        return true;
    return a.start < b.end && b.start < a.end;
}

struct chosen {
    const struct diag *d;
    const struct diag_fix *f;
};

static int by_place(const void *x, const void *y)
{
    const struct chosen *a = x, *b = y;
    uint32_t s = a->f->edits.at[0].span.start, t = b->f->edits.at[0].span.start;
    return (s > t) - (s < t);
}

static int by_start(const void *x, const void *y)
{
    const struct diag_edit *a = x, *b = y;
    return (a->span.start > b->span.start) - (a->span.start < b->span.start);
}

bool fix_apply(struct arena *a, const struct diags *ds, uint32_t file, struct fixed *out)
{
    *out = (struct fixed){0};
    const struct source *src = sources_find(ds->sources, (struct span){file, 0, 0});
    if (!src || !ds->all.n)
        return false;
    struct chosen *all = arena_array(a, struct chosen, ds->all.n);
    size_t n = 0;
    for (size_t i = 0; i < ds->all.n; i++) {
        const struct diag_fix *f = fix_certain(ds->all.at[i]);
        if (f && within(f, file, src->len))
            all[n++] = (struct chosen){ds->all.at[i], f};
    }
    if (n > 1)
        qsort(all, n, sizeof *all, by_place);
    VEC(struct diag_edit) edits = {0};
    for (size_t i = 0; i < n; i++) {
        bool free = true;
        for (size_t k = 0; k < all[i].f->edits.n && free; k++)
            for (size_t e = edits.n; e > 0 && free; e--)
                free = !overlaps(edits.at[e - 1].span, all[i].f->edits.at[k].span);
        if (!free)
            continue;
        for (size_t k = 0; k < all[i].f->edits.n; k++)
            vec_push(a, &edits, all[i].f->edits.at[k]);
        vec_push(a, &out->mended, all[i].d);
    }
    if (!edits.n)
        return false;
    qsort(edits.at, edits.n, sizeof *edits.at, by_start);
    struct buf b;
    uint32_t at = 0;
    buf_init(&b, a);
    for (size_t i = 0; i < edits.n; i++) {
        const struct diag_edit *e = &edits.at[i];
        buf_put(&b, src->text + at, e->span.start - at);
        buf_puts(&b, e->text);
        at = e->span.end;
    }
    buf_put(&b, src->text + at, src->len - at);
    out->text = buf_text(&b);
    out->len = b.len;
    return true;
}
