#include "base/html.h"

#include <string.h>

void html_put_n(struct buf *b, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        switch (text[i]) {
        case '<': buf_puts(b, "&lt;"); break;
        case '>': buf_puts(b, "&gt;"); break;
        case '&': buf_puts(b, "&amp;"); break;
        case '"': buf_puts(b, "&quot;"); break;
        case '\'': buf_puts(b, "&#39;"); break;
        default: buf_putc(b, text[i]);
        }
}

void html_put(struct buf *b, const char *text)
{
    if (text)
        html_put_n(b, text, strlen(text));
}

void html_element(struct buf *b, const char *tag, const char *class, const char *text)
{
    if (!text)
        return;
    buf_printf(b, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
    html_put(b, text);
    buf_printf(b, "</%s>\n", tag);
}
