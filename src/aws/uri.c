#include "aws/uri.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void uri_put(struct buf *b, const char *s, const char *safe)
{
    for (const unsigned char *p = (const unsigned char *)s; *p; p++) {
        unsigned c = *p;
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || c == '.' || c == '~' || strchr(safe, (int)c);
        if (plain)
            buf_putc(b, (char)c);
        else
            buf_printf(b, "%%%02X", c);
    }
}

bool uri_parse(struct arena *a, const char *text, struct uri *out)
{
    *out = (struct uri){0};
    if (!strncasecmp(text, "https://", 8)) {
        out->https = true;
        text += 8;
    } else if (!strncasecmp(text, "http://", 7)) {
        text += 7;
    } else {
        return false;
    }
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == 0x7f || *p == '@' || *p == '?' || *p == '#' ||
            *p == '\\')
            return false;
    size_t n;
    if (*text == '[') {
        n = strcspn(text, "]");
        if (!text[n])
            return false;
        out->host = arena_strndup(a, text + 1, n - 1);
        text += n + 1;
    } else {
        n = strcspn(text, ":/");
        out->host = arena_strndup(a, text, n);
        text += n;
    }
    if (!*out->host)
        return false;
    out->port = out->https ? 443 : 80;
    out->default_port = true;
    if (*text == ':') {
        char *end;
        long port = strtol(text + 1, &end, 10);
        if (end == text + 1 || port < 1 || port > 65535)
            return false;
        out->default_port = port == out->port;
        out->port = (int)port;
        text = end;
    }
    if (*text && *text != '/')
        return false;
    n = strlen(text);
    while (n && text[n - 1] == '/')
        n--;
    out->path = arena_strndup(a, text, n);
    return true;
}

bool uri_loopback(const char *host)
{
    if (!strcasecmp(host, "localhost") || !strcmp(host, "::1"))
        return true;
    if (strncmp(host, "127.", 4))
        return false;
    /* Only digits and dots: 127.example.com is somebody's host name. */
    return strspn(host, "0123456789.") == strlen(host);
}
