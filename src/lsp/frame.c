#include "lsp/frame.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 8192 };
static const char length_header[] = "Content-Length:";

void frames_add(struct frames *f, const char *bytes, size_t n)
{
    if (f->from) {
        memmove(f->at, f->at + f->from, f->len - f->from);
        f->len -= f->from;
        f->from = 0;
    }
    if (f->skip) {
        size_t gone = n < f->skip ? n : f->skip;
        f->skip -= gone;
        bytes += gone;
        n -= gone;
    }
    if (!n)
        return;
    if (f->len + n > f->cap) {
        size_t cap = f->cap ? f->cap : 65536;
        while (cap < f->len + n)
            cap *= 2;
        char *at = realloc(f->at, cap);
        if (!at) {
            fprintf(stderr, "bgc: out of memory (a message)\n");
            exit(1);
        }
        f->at = at;
        f->cap = cap;
    }
    memcpy(f->at + f->len, bytes, n);
    f->len += n;
}

/* Bytes of the headers with the empty line that ends them; 0: it has not come. */
static size_t headers_end(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '\n')
            continue;
        if (i + 1 < n && s[i + 1] == '\n')
            return i + 2;
        if (i + 2 < n && s[i + 1] == '\r' && s[i + 2] == '\n')
            return i + 3;
    }
    return 0;
}

/* The value of the last Content-Length; false: there is none, or it is no number. */
static bool content_length(const char *s, size_t n, uint64_t *length)
{
    bool found = false;
    for (size_t i = 0; i < n;) {
        const char *nl = memchr(s + i, '\n', n - i);
        size_t end = nl ? (size_t)(nl - s) : n;
        if (end - i > strlen(length_header) &&
            !strncasecmp(s + i, length_header, strlen(length_header))) {
            size_t k = i + strlen(length_header);
            while (k < end && (s[k] == ' ' || s[k] == '\t'))
                k++;
            size_t first = k;
            *length = 0;
            while (k < end && s[k] >= '0' && s[k] <= '9' && *length < UINT64_MAX / 100)
                *length = *length * 10 + (uint64_t)(s[k++] - '0');
            while (k < end && (s[k] == ' ' || s[k] == '\t' || s[k] == '\r'))
                k++;
            if (k < end || k == first)
                return false;
            found = true;
        }
        i = end + 1;
    }
    return found;
}

/* Skips to what may be the next header, past the first byte. */
static void resync(struct frames *f)
{
    const size_t word = strlen(length_header);
    for (size_t i = f->from + 1; i + word <= f->len; i++)
        if (!strncasecmp(f->at + i, length_header, word)) {
            f->from = i;
            return;
        }
    /* the word itself may be on its way */
    size_t keep = f->len - f->from > word ? word : 0;
    f->from = f->len - keep;
}

enum frame frames_next(struct frames *f, const char **body, size_t *len)
{
    const char *s = f->at + f->from;
    size_t n = f->len - f->from, head = n ? headers_end(s, n) : 0;
    uint64_t length = 0;
    if (!head) {
        if (n <= HEADERS_MAX)
            return FRAME_NONE;
        resync(f);
        return FRAME_BAD;
    }
    if (!content_length(s, head, &length)) {
        resync(f);
        return FRAME_BAD;
    }
    if (length > FRAME_MAX) {
        size_t there = n - head;
        size_t gone = there < length ? there : (size_t)length;
        f->skip = (size_t)length - gone;
        f->from += head + gone;
        return FRAME_BAD;
    }
    if (n - head < length)
        return FRAME_NONE;
    *body = s + head;
    *len = (size_t)length;
    f->from += head + (size_t)length;
    return FRAME_BODY;
}

void frames_free(struct frames *f)
{
    free(f->at);
    *f = (struct frames){0};
}
