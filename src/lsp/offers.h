/* offers.h - the list of a completion, while it is made. */
#ifndef BGC_LSP_OFFERS_H
#define BGC_LSP_OFFERS_H

#include "lsp/spot.h"

enum item_kind { /* of the protocol */
    ITEM_KIND_FUNCTION = 3,
    ITEM_KIND_FIELD = 5,
    ITEM_KIND_VARIABLE = 6,
    ITEM_KIND_CLASS = 7,
    ITEM_KIND_MODULE = 9,
    ITEM_KIND_PROPERTY = 10,
    ITEM_KIND_VALUE = 12,
    ITEM_KIND_ENUM = 13,
    ITEM_KIND_KEYWORD = 14,
    ITEM_KIND_FILE = 17,
    ITEM_KIND_REFERENCE = 18,
    ITEM_KIND_STRUCT = 22,
    ITEM_KIND_EVENT = 23,
};

enum { /* how well it fits: what comes first in the list */
    RANK_WANTED,
    RANK_FITS,
    RANK_MAY,
    RANK_OTHER,
    RANK_LAST,
};

struct offer {
    const char *label;
    enum item_kind kind;
    const char *detail, *doc; /* NULL: none */
    const char *insert;       /* NULL: the label */
    const char *snippet;      /* instead of `insert`, for editors that can; NULL */
    int rank;
};

struct offers {
    struct spot *s;
    size_t start, end; /* bytes that an offer replaces */
    json_t *items;
    bool more; /* there are more than were taken */
};

void offer(struct offers *o, const struct offer *what);

/* complete_from.c: false: the cursor is not behind `allow`, not behind `use`. */
bool offer_allow(struct offers *o);
bool offer_imports(struct offers *o);

/* complete_value.c */
void offer_values(struct offers *o);
void offer_members(struct offers *o);
/* Types of resources that can be made, or looked up; modules too. */
void offer_resource_types(struct offers *o, bool existing);
/* Types of values. */
void offer_types(struct offers *o);
/* Symbols of a kind. */
void offer_declared(struct offers *o, const struct decl *const *at, size_t n, enum item_kind kind,
                    const char *detail);

#endif
