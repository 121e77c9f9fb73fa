/* Formatting: what `bgc fmt` would write, as the fewest edits of lines, so that
 * cursors and folds stay where they are. */
#include <string.h>

#include "lang/parse.h"
#include "lang/print.h"
#include "lsp/features.h"

enum { LOOK_AHEAD = 200 };

struct lines {
    const char *at;
    VEC(size_t) start; /* and the end of the text as the last one */
};

static void split(struct arena *a, struct lines *l, const char *s, size_t n)
{
    *l = (struct lines){.at = s};
    vec_push(a, &l->start, 0);
    for (size_t i = 0; i < n; i++)
        if (s[i] == '\n' && i + 1 < n)
            vec_push(a, &l->start, i + 1);
    vec_push(a, &l->start, n);
}

static bool same(const struct lines *x, size_t i, const struct lines *y, size_t k)
{
    size_t n = x->start.at[i + 1] - x->start.at[i];
    return n == y->start.at[k + 1] - y->start.at[k] &&
           !memcmp(x->at + x->start.at[i], y->at + y->start.at[k], n);
}

/* How far both must go on until they agree again; to the end when they do not. */
static void resume(const struct lines *old, size_t i, const struct lines *new, size_t k, size_t *di,
                   size_t *dk)
{
    size_t left = old->start.n - 1 - i, right = new->start.n - 1 - k;
    for (size_t sum = 1; sum <= LOOK_AHEAD; sum++)
        for (size_t a = 0; a <= sum; a++)
            if (a < left && sum - a < right && same(old, i + a, new, k + sum - a) &&
                old->start.at[i + a + 1] - old->start.at[i + a] > 1) { /* no empty line */
                *di = a;
                *dk = sum - a;
                return;
            }
    *di = left;
    *dk = right;
}

static json_t *edits(struct request *r, const char *text, size_t len, size_t from, size_t to)
{
    struct lines old, new;
    json_t *out = json_array();
    split(r->a, &old, r->text->at, r->text->len);
    split(r->a, &new, text, len);
    size_t i = 0, k = 0, n = old.start.n - 1, m = new.start.n - 1;
    while (i < n || k < m) {
        size_t di = n - i, dk = m - k;
        if (i < n && k < m && same(&old, i, &new, k)) {
            i++;
            k++;
            continue;
        }
        if (i < n && k < m)
            resume(&old, i, &new, k, &di, &dk);
        size_t start = old.start.at[i], end = old.start.at[i + di];
        if (start <= to && end >= from) {
            size_t first = new.start.at[k], last = new.start.at[k + dk];
            json_array_append_new(out, json_pack("{s:o, s:o}", "range",
                                                 range_json(r->text, start, end), "newText",
                                                 json_text(text + first, last - first)));
        }
        i += di;
        k += dk;
    }
    return out;
}

static json_t *format(struct request *r, size_t from, size_t to)
{
    const struct scope *s = program_file_scope(r->an->program, (struct span){r->file, 0, 0});
    const struct source *src = sources_find(&r->an->sources, (struct span){r->file, 0, 0});
    struct buf b;
    if (!s || !s->file || s->file->broken || !src)
        return NULL; /* what has syntax errors stays as it is */
    buf_init(&b, r->a);
    print_file(&b, src, s->file);
    return edits(r, buf_text(&b), b.len, from, to);
}

json_t *feature_format(struct request *r)
{
    return format(r, 0, r->text->len);
}

json_t *feature_format_range(struct request *r)
{
    struct position from, to;
    const json_t *range = json_object_get(r->params, "range");
    if (!position_read(json_object_get(range, "start"), &from) ||
        !position_read(json_object_get(range, "end"), &to))
        return NULL;
    return format(r, text_offset(r->text, from), text_offset(r->text, to));
}
