#include "lsp/uri.h"

#include <string.h>

#include "base/buf.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

const char *uri_path(struct arena *a, const char *uri)
{
    if (strncmp(uri, "file:", 5) != 0)
        return NULL;
    const char *s = uri + 5;
    if (!strncmp(s, "//", 2)) { /* a host, mostly empty */
        s = strchr(s + 2, '/');
        if (!s)
            return NULL;
    }
    if (*s != '/')
        return NULL;
    struct buf b;
    buf_init(&b, a);
    for (; *s && *s != '?' && *s != '#'; s++) {
        int c = (unsigned char)*s;
        if (c == '%') {
            int high = hex(s[1]), low = high < 0 ? -1 : hex(s[2]);
            if (low < 0 || !(high | low))
                return NULL;
            c = high * 16 + low;
            s += 2;
        }
        buf_putc(&b, (char)c);
    }
    return buf_text(&b);
}

const char *uri_of_path(struct arena *a, const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    struct buf b;
    buf_init(&b, a);
    buf_puts(&b, "file://");
    for (const char *s = path; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr("/-._~", c)) {
            buf_putc(&b, *s);
        } else {
            buf_putc(&b, '%');
            buf_putc(&b, digits[c >> 4]);
            buf_putc(&b, digits[c & 15]);
        }
    }
    return buf_text(&b);
}
