/* workspace.h - which programs the open documents belong to.
 *
 * A file with a `stack` is a program. One without belongs to the program that
 * imports it, which is looked for in its folder and those above that the editor has opened; NAME.test.bg
 * belongs to NAME.bg, env/NAME.bg to the program beside its folder; a file of the standard library, and
 * what nobody imports, is looked at by itself.
 *
 * After edits, workspace_settle compiles the programs that have changed and
 * publishes what is wrong with them, and that nothing is wrong any more.
 */
#ifndef BGC_LSP_WORKSPACE_H
#define BGC_LSP_WORKSPACE_H

#include "lsp/analysis.h"

struct client { /* what the editor said it can do */
    enum encoding encoding;
    bool related, tags, descriptions; /* in diagnostics */
    bool outline;                     /* symbols within symbols */
    bool snippets;
    bool markdown;
    bool versions; /* edits that say for which version they are */
    bool watches;  /* tells of changes on the disk when asked to */
};

struct workspace {
    struct documents documents;
    struct analysis *analyses;
    struct client client;
    json_t *folders;     /* paths that the editor has opened; programs are looked for in them */
    const char *library; /* where the standard library is written to; NULL: nowhere */
    /* `diagnostics` is the caller's, and an array. */
    void (*publish)(void *self, const char *uri, json_t *diagnostics);
    void *self;
};

/* The text of `d` is new or different, or it was opened. */
void workspace_changed(struct workspace *ws, const struct document *d);
/* Something may have changed on the disk: everything is stale. */
void workspace_stale(struct workspace *ws);
void workspace_open(struct workspace *ws, const char *uri, const char *text, size_t len,
                    int64_t version);
void workspace_close(struct workspace *ws, struct document *d);
/* The compiled program of a document, and which of its files that is. */
struct analysis *workspace_program(struct workspace *ws, struct document *d, uint32_t *file);
/* All programs that have a file among theirs, compiled: those that are known, and those in its
 * folder and the ones above that the editor has opened. In the order of their paths. */
struct analysis **workspace_importers(struct workspace *ws, struct arena *a, const char *path, size_t *n);
void workspace_settle(struct workspace *ws);
/* What workspace_settle leaves for a longer pause: the lint of large programs. */
bool workspace_lint_waits(const struct workspace *ws);
void workspace_lint(struct workspace *ws);
void workspace_free(struct workspace *ws);

/* The address of a file of a program; NULL: an editor cannot open it. */
const char *workspace_uri(const struct workspace *ws, struct arena *a, const struct analysis *an,
                          uint32_t file);

/* report.c: uri -> array of diagnostics, with an empty one for `d` and others of
 * the program's open documents that have none. */
json_t *report_make(const struct workspace *ws, struct analysis *an);

#endif
