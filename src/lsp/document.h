/* document.h - what the editor has open: its text, not that on the disk.
 *
 * A document's memory is its own (malloc) and dies when it is closed; an edit
 * moves bytes within it. The uri stays as the editor wrote it, since editors
 * compare them as text.
 */
#ifndef BGC_LSP_DOCUMENT_H
#define BGC_LSP_DOCUMENT_H

#include <stdint.h>

#include "lsp/place.h"

struct analysis;

struct document {
    char *uri, *path;      /* of what is no file, the path is the uri */
    struct analysis *home; /* the program that it belongs to; NULL: not known yet */
    char *text;       /* NUL after the last byte */
    size_t len, cap;
    int64_t version;
    struct document *next; /* in the order of opening */
};

struct documents {
    struct document *first;
};

struct document *documents_open(struct documents *all, const char *uri, const char *path,
                                const char *text, size_t len, int64_t version);
void documents_close(struct documents *all, struct document *d);
struct document *documents_find(const struct documents *all, const char *uri);
struct document *documents_at(const struct documents *all, const char *path);
void documents_free(struct documents *all);

/* Replaces bytes; `end` is not before `start` and not beyond the text. */
void document_splice(struct document *d, size_t start, size_t end, const char *text, size_t len);
/* One entry of `contentChanges`: a range and its text, or the whole text. False:
 * it is malformed; nothing was changed. */
bool document_change(struct document *d, const json_t *change, enum encoding e);

#endif
