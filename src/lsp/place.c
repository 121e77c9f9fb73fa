#include "lsp/place.h"

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* Bytes of the line end at `s`; 0: there is none. */
static size_t line_end(const char *s, size_t n)
{
    if (n && s[0] == '\n')
        return 1;
    if (n && s[0] == '\r')
        return n > 1 && s[1] == '\n' ? 2 : 1;
    return 0;
}

/* Bytes and units of the character at `s`, of which there is at least a byte. */
static size_t character(enum encoding e, const char *s, size_t n, uint32_t *units)
{
    uint32_t c = 0;
    size_t bytes = utf8_decode(s, n, &c);
    if (!bytes)
        bytes = 1; /* read as U+FFFD, one unit */
    *units = e == ENCODING_UTF8 ? (uint32_t)bytes : c > 0xffff ? 2 : 1;
    return bytes;
}

void text_init(struct text *t, struct arena *a, const char *at, size_t len, enum encoding e)
{
    *t = (struct text){.at = at, .len = len, .encoding = e};
    vec_push(a, &t->lines, 0);
    for (size_t i = 0; i < len;) {
        size_t end = line_end(at + i, len - i);
        if (end)
            vec_push(a, &t->lines, (uint32_t)(i + end));
        i += end ? end : 1;
    }
}

static size_t in_line(const char *s, size_t n, size_t from, uint32_t want, enum encoding e)
{
    uint32_t seen = 0;
    while (from < n && !line_end(s + from, n - from)) {
        uint32_t units;
        size_t bytes = character(e, s + from, n - from, &units);
        if (seen + units > want)
            break;
        seen += units;
        from += bytes;
    }
    return from;
}

size_t text_offset(const struct text *t, struct position p)
{
    if (p.line >= t->lines.n)
        return t->len;
    return in_line(t->at, t->len, t->lines.at[p.line], p.character, t->encoding);
}

size_t offset_in(const char *s, size_t n, struct position p, enum encoding e)
{
    size_t from = 0;
    for (uint32_t line = 0; line < p.line; line++) {
        while (from < n && !line_end(s + from, n - from))
            from++;
        if (from == n)
            return n;
        from += line_end(s + from, n - from);
    }
    return in_line(s, n, from, p.character, e);
}

struct position text_position(const struct text *t, size_t offset)
{
    size_t low = 0, high = t->lines.n;
    if (offset > t->len)
        offset = t->len;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (t->lines.at[mid] <= offset)
            low = mid;
        else
            high = mid;
    }
    size_t start = t->lines.at[low];
    return (struct position){(uint32_t)low, text_units(t->encoding, t->at + start, offset - start)};
}

uint32_t text_units(enum encoding e, const char *s, size_t n)
{
    uint32_t seen = 0, units;
    for (size_t i = 0; i < n; seen += units)
        i += character(e, s + i, n - i, &units);
    return seen;
}

/* ---- JSON ------------------------------------------------------------ */

static bool number_read(const json_t *json, uint32_t *out)
{
    json_int_t i = json_integer_value(json);
    if (!json_is_integer(json) || i < 0)
        return false;
    *out = i > UINT32_MAX ? UINT32_MAX : (uint32_t)i;
    return true;
}

bool position_read(const json_t *json, struct position *out)
{
    return number_read(json_object_get(json, "line"), &out->line) &&
           number_read(json_object_get(json, "character"), &out->character);
}

json_t *position_json(struct position p)
{
    json_t *out = json_object();
    json_object_set_new(out, "line", json_integer(p.line));
    json_object_set_new(out, "character", json_integer(p.character));
    return out;
}

json_t *range_json(const struct text *t, size_t start, size_t end)
{
    json_t *out = json_object();
    json_object_set_new(out, "start", position_json(text_position(t, start)));
    json_object_set_new(out, "end", position_json(text_position(t, end)));
    return out;
}

json_t *json_text(const char *s, size_t n)
{
    json_t *plain = json_stringn(s, n);
    if (plain)
        return plain;
    struct arena *a = arena_new("text");
    struct buf b;
    buf_init(&b, a);
    for (size_t i = 0; i < n;) {
        uint32_t c;
        size_t bytes = utf8_decode(s + i, n - i, &c);
        if (bytes)
            buf_put(&b, s + i, bytes);
        else
            buf_puts(&b, "\xef\xbf\xbd");
        i += bytes ? bytes : 1;
    }
    json_t *out = json_stringn(buf_text(&b), b.len);
    arena_free(a);
    return out ? out : json_string("");
}
