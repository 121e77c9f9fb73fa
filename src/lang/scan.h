/* scan.h - the tokens of a text, for editors.
 *
 * An editor asks about text that is being typed: it may not parse, and what the
 * cursor stands in may be missing from the tree. Its tokens are always there.
 */
#ifndef BGC_LANG_SCAN_H
#define BGC_LANG_SCAN_H

#include "base/intern.h"
#include "base/source.h"

enum scan_kind {
    SCAN_END,     /* after the last one */
    SCAN_WORD,    /* a name, or a keyword that may be one: .text */
    SCAN_KEYWORD, /* one of the expression keywords, never a name: .text */
    SCAN_STRING,  /* a whole string; of one without its end, as far as it goes */
    SCAN_REGEX,
    SCAN_HEAD,    /* `"text ${`: opens */
    SCAN_MIDDLE,  /* `} text ${` */
    SCAN_TAIL,    /* `} text"`: closes */
    SCAN_NUMBER,  /* a number, with its unit if it has one */
    SCAN_NETWORK, /* 10.0.0.0/16 */
    SCAN_MARK,    /* .mark is its first character: { } ( ) [ ] , = . : + ... */
    SCAN_NEWLINE,
    SCAN_COMMENT, /* with ## or without */
    SCAN_ERROR,   /* text that means nothing */
};

struct scan_token {
    enum scan_kind kind;
    char mark;
    const char *text;
    struct span span;
};

/* All tokens of a source that was added as `file`; *n of them, SCAN_END not
 * counted. Nothing is reported. */
const struct scan_token *scan_text(struct arena *a, struct intern *names,
                                   const struct source *src, uint32_t file, size_t *n);

/* Whether the grammar gives a word a meaning of its own somewhere. */
bool scan_is_keyword(const char *word);
/* Whether a line begins with the word `stack`: the text is the root file of a
 * program. Enough to tell it from what it imports, without parsing every file of a
 * folder. */
bool scan_declares_stack(const char *text);
/* The words that a declaration may begin with, in the order of the docs. */
const char *const *scan_declarations(size_t *n);

#endif
