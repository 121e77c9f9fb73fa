#include <string.h>

#include "base/utf8.h"
#include "lang/syntax.h"

enum { SHOWN = 10 };

/* Whether `c` may not stand in a file: it could make the text that a reviewer
 * sees differ from the text that is compiled ("Trojan Source", CVE-2021-42574),
 * or break a terminal. */
static bool is_forbidden(const struct lexer *lx, uint32_t c, size_t at)
{
    if (c == '\n' || c == '\t')
        return false;
    if (c == '\r')
        return at + 1 >= lx->src->len || lx->src->text[at + 1] != '\n';
    if (c == 0xfeff && at == 0) /* a byte order mark says nothing in UTF-8, and does no harm */
        return false;
    return utf8_is_control(c);
}

static const char *name_of(uint32_t c)
{
    if (c == '\r')
        return "a carriage return without a line feed";
    if (c < 0x20 || c == 0x7f)
        return "a control character";
    if (c < 0xa0)
        return "a C1 control character";
    if (c == 0xfeff)
        return "a byte order mark inside the text";
    return "an invisible character that changes the direction of text";
}

/* Eight bytes at a time: how many from `i` on are plain, and need no look. */
static size_t plain(const char *s, size_t i, size_t len)
{
    const uint64_t ones = 0x0101010101010101u, high = 0x80 * ones;
    size_t from = i;
    for (uint64_t w; len - i >= sizeof w; i += sizeof w) {
        memcpy(&w, s + i, sizeof w);
        /* a byte below 0x20 borrows into its high bit, one from 0x7f on carries into it */
        if ((w | (w - 0x20 * ones) | (w + ones)) & high)
            break;
    }
    return i - from;
}

void text_check(struct lexer *lx)
{
    const char *s = lx->src->text;
    size_t len = lx->src->len, bad = 0, strange = 0;
    for (size_t i = 0; i < len;) {
        unsigned char b = (unsigned char)s[i];
        if (b >= 0x20 && b < 0x7f) {
            size_t n = plain(s, i, len);
            i += n ? n : 1;
            continue;
        }
        uint32_t c = 0; /* also of what is not UTF-8 */
        size_t n = utf8_decode(s + i, len - i, &c);
        if (!n || !c) {
            if (!bad++) {
                struct diag *d = lex_error(lx, "BG0012", lex_span(lx, i, i + 1),
                                           n ? "this file holds a NUL byte"
                                             : "this byte is not UTF-8");
                lex_help(lx, d, "a .bg file is UTF-8 text; save it as that");
            }
            lx->binary = true;
            n = 1;
        } else if (is_forbidden(lx, c, i)) {
            if (++strange <= SHOWN) {
                struct diag *d = lex_error(lx, "BG0013", lex_span(lx, i, i + n), "U+%04X is %s",
                                           (unsigned)c, name_of(c));
                lex_help(lx, d, "take it out; in a string it can be written \\u{%x}", (unsigned)c);
            }
        } else if (c != 0xfeff) {
            i += n;
            continue;
        }
        for (size_t k = 0; k < n; k++)
            lx->copy[i + k] = c == '\r' && n == 1 ? '\n' : ' ';
        i += n;
    }
}
