/* spot.h - what stands around a cursor, as far as tokens can tell.
 *
 * Completion is asked for while a text is being typed, when its tree lacks just
 * what is being typed. So the surroundings are found from the tokens before the
 * cursor: which brackets are open, what stands before each, and with which words
 * the item began that the cursor is in. What names mean is asked of the last
 * compiled program, in the scope that the brackets tell.
 */
#ifndef BGC_LSP_SPOT_H
#define BGC_LSP_SPOT_H

#include "lang/scan.h"
#include "lsp/features.h"

enum body { /* what braces hold */
    BODY_ROOT,
    BODY_SHARED,
    BODY_WORLD,
    BODY_MODULE,
    BODY_TEST,
    BODY_SETTINGS, /* stack, account */
    BODY_RESOURCE, /* fields of a resource, existing or traffic */
    BODY_GATE,
    BODY_ROLLOUT,
    BODY_SCENARIO,
    BODY_INPUTS, /* live, edit; env/NAME.bg */
    BODY_FAULTS, /* at 50% */
    BODY_TYPE,
    BODY_RECORD, /* a value: { a = 1 } */
    BODY_LIST,   /* [ ... ] */
    BODY_CALL,   /* ( ... ) */
    BODY_PARAMS, /* fn f( ... ) */
    BODY_TEXT,   /* ${ ... } */
};

struct frame_of {
    enum body body;
    size_t head; /* the item that the bracket is in begins with this token */
    size_t open; /* the bracket */
    size_t item; /* the item in it begins with this token */
};

struct spot {
    struct request *r;
    const struct scan_token *t;
    size_t n;
    size_t at;           /* tokens before the cursor, without the word at it */
    size_t start, end;   /* bytes that a completion replaces */
    bool in_text;        /* inside a string that holds nothing else */
    bool nowhere;        /* in a comment, a number, a part of a text */
    VEC(struct frame_of) frames; /* the first is the file */
    const struct scope *scope;
    const struct check_local *locals;
    enum site site;
    const struct decl *kind; /* of fields: the declared type; NULL */
    const struct type *fields; /* of the innermost record; NULL: not known */
    const struct type *want;   /* of a value here; NULL: not known */
    bool value;                /* a value stands here */
};

void spot_find(struct request *r, struct spot *s);
const struct frame_of *spot_frame(const struct spot *s);
/* Token `k` of the item that the cursor is in; .kind is SCAN_END behind it. */
struct scan_token spot_lead(const struct spot *s, size_t k);
/* How many there are before the cursor. */
size_t spot_leads(const struct spot *s);
bool token_is(struct scan_token t, const char *word);
bool token_mark(struct scan_token t, const struct source *src, const char *mark);
/* The type of the text between two tokens, checked here; NULL: it has none. */
const struct type *spot_type(struct spot *s, size_t from, size_t to);
/* The path of words and dots that ends before token `to`: where it begins. */
size_t spot_path(const struct spot *s, size_t to);
/* The first token of the chain (a.b(c)[d]) that ends before `to`. */
size_t spot_chain(const struct spot *s, size_t to);
/* Without what says that it may be none or is a secret. */
const struct type *spot_bare(const struct type *t);
const char *spot_text(const struct spot *s, size_t from, size_t to);

#endif
