#include "lsp/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *memory)
{
    if (memory)
        return memory;
    fprintf(stderr, "bgc: out of memory (a document)\n");
    exit(1);
}

void document_splice(struct document *d, size_t start, size_t end, const char *text, size_t len)
{
    size_t rest = d->len - end, now = start + len + rest;
    if (now + 1 > d->cap) {
        size_t cap = d->cap ? d->cap : 1024;
        while (cap < now + 1)
            cap *= 2;
        d->text = must(realloc(d->text, cap));
        d->cap = cap;
    }
    memmove(d->text + start + len, d->text + end, rest);
    if (len)
        memcpy(d->text + start, text, len);
    d->len = now;
    d->text[now] = '\0';
}

struct document *documents_open(struct documents *all, const char *uri, const char *path,
                                const char *text, size_t len, int64_t version)
{
    struct document *d = documents_find(all, uri);
    if (d) { /* opened twice: the newer text counts */
        document_splice(d, 0, d->len, text, len);
        d->version = version;
        return d;
    }
    struct document **last = &all->first;
    while (*last)
        last = &(*last)->next;
    *last = d = must(calloc(1, sizeof *d));
    d->uri = must(strdup(uri));
    d->path = must(strdup(path ? path : uri));
    d->version = version;
    document_splice(d, 0, 0, text, len);
    return d;
}

void documents_close(struct documents *all, struct document *d)
{
    for (struct document **at = &all->first; *at; at = &(*at)->next)
        if (*at == d) {
            *at = d->next;
            break;
        }
    free(d->uri);
    free(d->path);
    free(d->text);
    free(d);
}

struct document *documents_find(const struct documents *all, const char *uri)
{
    for (struct document *d = all->first; d; d = d->next)
        if (!strcmp(d->uri, uri))
            return d;
    return NULL;
}

struct document *documents_at(const struct documents *all, const char *path)
{
    for (struct document *d = all->first; d; d = d->next)
        if (!strcmp(d->path, path))
            return d;
    return NULL;
}

void documents_free(struct documents *all)
{
    while (all->first)
        documents_close(all, all->first);
}

bool document_change(struct document *d, const json_t *change, enum encoding e)
{
    const json_t *text = json_object_get(change, "text");
    const json_t *range = json_object_get(change, "range");
    if (!json_is_string(text))
        return false;
    size_t start = 0, end = d->len;
    if (range && !json_is_null(range)) {
        struct position from, to;
        if (!position_read(json_object_get(range, "start"), &from) ||
            !position_read(json_object_get(range, "end"), &to))
            return false;
        start = offset_in(d->text, d->len, from, e);
        end = offset_in(d->text, d->len, to, e);
        if (end < start) {
            size_t other = start;
            start = end;
            end = other;
        }
    }
    document_splice(d, start, end, json_string_value(text), json_string_length(text));
    return true;
}
