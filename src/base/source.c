#include "base/source.h"

#include <string.h>

#include "base/utf8.h"

void sources_init(struct sources *s, struct arena *a)
{
    *s = (struct sources){.arena = a};
    vec_push(a, &s->files, NULL);
}

uint32_t sources_add(struct sources *s, const char *path, const char *text, size_t len)
{
    struct source *src = arena_make(s->arena, struct source);
    src->path = path;
    src->text = text;
    src->len = len;
    vec_push(s->arena, &src->lines, 0);
    const char *end = text + len;
    for (const char *c = text; c < end && (c = memchr(c, '\n', (size_t)(end - c))); c++)
        vec_push(s->arena, &src->lines, (uint32_t)(c - text) + 1);
    vec_push(s->arena, &s->files, src);
    return (uint32_t)s->files.n - 1;
}

const struct source *sources_find(const struct sources *s, struct span span)
{
    return s && span.file < s->files.n ? s->files.at[span.file] : NULL;
}

static uint32_t line_of(const struct source *src, uint32_t offset)
{
    size_t lo = 0, hi = src->lines.n;
    while (hi - lo > 1) {
        size_t mid = (lo + hi) / 2;
        if (src->lines.at[mid] <= offset)
            lo = mid;
        else
            hi = mid;
    }
    return (uint32_t)lo + 1;
}

struct place source_place(const struct source *src, uint32_t offset)
{
    if (offset > src->len)
        offset = (uint32_t)src->len;
    struct place p = {line_of(src, offset), 1};
    for (uint32_t i = src->lines.at[p.line - 1]; i < offset; p.column++) {
        uint32_t c;
        size_t n = utf8_decode(src->text + i, src->len - i, &c);
        i += n ? (uint32_t)n : 1;
    }
    return p;
}

const char *source_line(const struct source *src, uint32_t line, size_t *len)
{
    if (line < 1 || line > src->lines.n) {
        *len = 0;
        return "";
    }
    uint32_t start = src->lines.at[line - 1];
    size_t end = line < src->lines.n ? src->lines.at[line] - 1 : src->len;
    if (end > start && src->text[end - 1] == '\r')
        end--;
    *len = end - start;
    return src->text + start;
}

struct span span_join(struct span a, struct span b)
{
    if (!a.file)
        return b;
    if (!b.file || a.file != b.file)
        return a;
    return (struct span){a.file, a.start < b.start ? a.start : b.start,
                         a.end > b.end ? a.end : b.end};
}
