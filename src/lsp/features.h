/* features.h - what the server answers about a document.
 *
 * Each is a pure function of the request: it reads the compiled program and
 * gives JSON, which is the caller's; NULL means `null`, or an error when
 * `r->refusal` is set. It changes nothing and sends nothing.
 */
#ifndef BGC_LSP_FEATURES_H
#define BGC_LSP_FEATURES_H

#include "lsp/workspace.h"

struct request {
    struct workspace *ws;
    struct arena *a; /* lives as long as the request */
    const json_t *params;
    struct document *doc;
    struct analysis *an;
    uint32_t file;           /* of the document in the program */
    const struct text *text; /* of that file */
    size_t offset;           /* of the position, for those that have one */
    const char *refusal;     /* why it is not done */
};

json_t *feature_completion(struct request *r);
json_t *feature_signature(struct request *r);
json_t *feature_hover(struct request *r);
json_t *feature_definition(struct request *r);
json_t *feature_type_definition(struct request *r);
json_t *feature_references(struct request *r);
json_t *feature_highlight(struct request *r);
json_t *feature_prepare_rename(struct request *r);
json_t *feature_rename(struct request *r);
json_t *feature_symbols(struct request *r);
json_t *feature_folding(struct request *r);
json_t *feature_tokens(struct request *r);
json_t *feature_format(struct request *r);
json_t *feature_format_range(struct request *r);
json_t *feature_actions(struct request *r);

/* The legend of feature_tokens. */
json_t *tokens_legend(void);

/* ---- shared by features ----------------------------------------------- */

/* {uri, range}; NULL: an editor cannot open that file. */
json_t *location_json(struct request *r, struct span span);
/* The mark at the position; NULL. */
const struct mark *request_mark(struct request *r);
/* What a name means, as text for people: markdown when the editor shows that.
 * NULL: nothing is to be said. (hover.c) */
const char *describe_mark(struct request *r, const struct mark *m);
const char *describe_decl(struct request *r, const struct decl *d);
const char *describe_item(struct request *r, const struct decl *type,
                          const struct type_item *item);
/* "fn http.get(url: string, ...): ...": with its whole name. */
const char *native_words(struct request *r, const struct native *n);
/* All overloads of it, and what it is for. */
const char *describe_native(struct request *r, const struct native *n);
/* {kind, value} of such a text. */
json_t *markup_json(const struct request *r, const char *text);
/* What stands in the source, in one line. */
const char *source_text(struct request *r, struct span span);

#endif
