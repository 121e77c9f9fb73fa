#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

void buf_init(struct buf *b, struct arena *a)
{
    *b = (struct buf){.arena = a};
}

static void grow(struct buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 64;
    while (cap - b->len <= more)
        cap *= 2;
    char *p = arena_alloc(b->arena, cap);
    if (b->len)
        memcpy(p, b->at, b->len);
    b->at = p;
    b->cap = cap;
}

/* Room for `more` bytes and an end. */
static inline void reserve(struct buf *b, size_t more)
{
    if (b->cap - b->len <= more)
        grow(b, more);
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
    if (!n)
        return;
    reserve(b, n);
    memcpy(b->at + b->len, bytes, n);
    b->len += n;
    b->at[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
    reserve(b, 1);
    b->at[b->len++] = c;
    b->at[b->len] = '\0';
}

void buf_put_int(struct buf *b, int64_t i)
{
    char digits[24], *p = digits + sizeof digits;
    uint64_t left = i < 0 ? -(uint64_t)i : (uint64_t)i;
    do
        *--p = (char)('0' + left % 10);
    while (left /= 10);
    if (i < 0)
        *--p = '-';
    buf_put(b, p, (size_t)(digits + sizeof digits - p));
}

void buf_fill(struct buf *b, char c, size_t n)
{
    reserve(b, n);
    memset(b->at + b->len, c, n);
    b->len += n;
    b->at[b->len] = '\0';
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    reserve(b, 0);
    size_t room = b->cap - b->len;
    int n = vsnprintf(b->at + b->len, room, fmt, ap);
    va_end(ap);
    if (n > 0 && (size_t)n >= room) {
        reserve(b, (size_t)n);
        vsnprintf(b->at + b->len, (size_t)n + 1, fmt, again);
    }
    b->len += n > 0 ? (size_t)n : 0;
    va_end(again);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->cap)
        b->at[0] = '\0';
}

char *buf_text(struct buf *b)
{
    reserve(b, 0);
    b->at[b->len] = '\0';
    return b->at;
}

void buf_put_visible(struct buf *b, const char *s)
{
    const char *end = s + strlen(s);
    for (const char *p = s; p < end;) {
        uint32_t c;
        size_t n = utf8_decode(p, (size_t)(end - p), &c);
        if (!n) {
            buf_printf(b, "\\x%02x", (unsigned char)*p++);
            continue;
        }
        if (c == '\n')
            buf_puts(b, "\\n");
        else if (c == '\t')
            buf_puts(b, "\\t");
        else if (utf8_is_control(c))
            buf_printf(b, "\\u{%x}", c);
        else
            buf_put(b, p, n);
        p += n;
    }
}

/* How many bytes stand for themselves in a JSON string. */
static size_t plain_json(const char *s)
{
    const char *p = s;
    while (*p >= ' ' && *p < 0x7f && *p != '"' && *p != '\\')
        p++;
    return (size_t)(p - s);
}

void buf_put_json(struct buf *b, const char *s)
{
    buf_putc(b, '"');
    for (const char *p = s;;) {
        size_t plain = plain_json(p);
        buf_put(b, p, plain);
        p += plain;
        if (!*p)
            break;
        size_t left = strlen(p);
        uint32_t c;
        size_t n = utf8_decode(p, left, &c);
        if (!n) {
            buf_puts(b, "\\ufffd");
            p++;
            continue;
        }
        switch (c) {
        case '"': buf_puts(b, "\\\""); break;
        case '\\': buf_puts(b, "\\\\"); break;
        case '\n': buf_puts(b, "\\n"); break;
        case '\r': buf_puts(b, "\\r"); break;
        case '\t': buf_puts(b, "\\t"); break;
        default:
            if (c < 0x20 || c == 0x7f)
                buf_printf(b, "\\u%04x", c);
            else
                buf_put(b, p, n);
        }
        p += n;
    }
    buf_putc(b, '"');
}
