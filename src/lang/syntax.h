/* syntax.h - what the lexer, the grammar and the driver share while parsing.
 *
 * Private to parsing and formatting; everyone else uses parse.h, ast.h and, for
 * the tokens of a text, scan.h.
 *
 * Three stages, each pulling from the one before:
 *   lex_next (grammar/lex.l)   text -> raw tokens, comments and line ends included
 *   bglex    (src/lang/tokens.c) decides which line ends are tokens, hands doc
 *            comments to the word that follows, closes what was left open
 *   bgparse  (grammar/parse.y) -> the tree
 *
 * One law keeps a mistake from causing a second message: brackets always
 * balance in what bgparse sees. When they do not balance in the text, bglex
 * gives up the first reading, mend.c finds out from the indentation where a
 * bracket is missing or too much, and the text is read again with that mended.
 * So an error may skip to the end of its item without losing its place.
 */
#ifndef BGC_LANG_SYNTAX_H
#define BGC_LANG_SYNTAX_H

#include "base/diag.h"
#include "base/intern.h"
#include "lang/ast.h"

enum {
    NEST_MAX = 200,         /* open brackets */
    TREE_MAX = 1000,        /* levels of an expression: a + b + ... counts each */
    SYNTAX_ERRORS_MAX = 50, /* then the rest of the file is not read */
    FILE_MAX = 64 << 20,    /* bytes */
};

/* A token with what it carries. `text` is a name (interned), or what a string
 * or template piece spells; `literal` the value of a literal. */
struct token {
    const char *text;
    const char *doc;
    const struct value *literal;
    struct span span;
};

/* ---- lex.l -------------------------------------------------------------- */

/* A string that waits for its `${ ... }` to end. */
struct open_string {
    uint32_t start;  /* of its opening quote */
    uint32_t braces; /* `{` open inside the interpolation */
    bool block;      /* """ */
    bool pieces;     /* an interpolation came before */
    uint32_t indent; /* bytes to strip from each line of a block */
};

struct lexer {
    struct arena *arena;
    struct intern *names;
    struct diags *ds; /* NULL: report nothing */
    const struct source *src;
    uint32_t file;
    void *flex;
    struct arena *scratch; /* of the scanner: freed by lex_close */
    char *copy; /* the text that flex scans */
    struct open_string strings[NEST_MAX + 8];
    size_t nstrings;
    bool binary; /* this is no text: do not read it */
    struct open_string now; /* the string being read */
    struct buf text;        /* what it spells so far */
    uint32_t piece;         /* where the piece being read begins */
    uint32_t unclosed;      /* where an unclosed string was last reported, + 1 */
    uint32_t hush;          /* what begins before this was spoilt by an error of its line */
    size_t errors;          /* found so far, reported or not */
};

void lex_open(struct lexer *lx, struct arena *a, struct intern *names, struct diags *ds,
              uint32_t file, const struct source *src);
void lex_close(struct lexer *lx);
/* The next raw token: T_NEWLINE for every line end outside strings, T_COMMENT
 * for every comment, T_YYEOF for ever at the end, T_BGerror where an error was
 * reported that leaves nothing to go on with. */
int lex_next(struct lexer *lx, struct token *out);
/* Records an error of the text; NULL when errors are not wanted. */
struct diag *lex_error(struct lexer *lx, const char *code, struct span span, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void lex_help(struct lexer *lx, struct diag *d, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The fix that puts `text` in the place of `span`. */
void lex_mend(struct lexer *lx, struct diag *d, bool certain, struct span span, const char *text);
struct span lex_span(const struct lexer *lx, size_t start, size_t end);

/* The token of a word: a keyword's, or T_NAME. */
int keyword_find(const char *s, size_t n);
/* The words a declaration can begin with, for suggestions. */
extern const char *const keywords_decl[];
extern const size_t keywords_decl_n;

/* text.c: reports the bytes that no text may hold and blanks them in lx->copy. */
void text_check(struct lexer *lx);

/* literal.c: what the digits spell; the token, or T_BGerror when reported. */
int literal_number(struct lexer *lx, const char *s, size_t n, struct span at, struct token *out);
int literal_network(struct lexer *lx, const char *s, size_t n, struct span at, struct token *out);

/* ---- tokens.c ----------------------------------------------------------- */

struct mend { /* a repair of the brackets */
    uint32_t at; /* offset */
    char put;    /* put this bracket there; 0: drop the one that stands there */
    uint32_t open;     /* of a closer that is put: where its bracket was opened */
    struct diag *said; /* of one that is dropped; NULL: there were too many errors */
};

struct bracket {
    char kind;      /* { ( [ or $ for an interpolation */
    uint32_t start; /* where it was opened */
};

struct seen { /* the last tokens, for hints */
    int kind;
    struct span span;
};

struct held {
    bool has;
    int kind;
    struct token token;
};

enum start { PARSE_FILE, PARSE_EXPR, PARSE_BINDINGS };

struct parser {
    struct lexer lex;
    struct arena *arena;
    struct intern *names;
    struct diags *ds;
    enum start start;
    bool started;
    bool broken;     /* something was reported */
    bool unbalanced; /* the brackets do not balance: mend and read again */
    bool fatal;      /* give up, silently: it was reported */
    bool allows, binds; /* see struct file_ast */
    struct bracket open[NEST_MAX];
    size_t depth;
    struct held held;   /* waits behind an inserted line end */
    struct held behind; /* waits behind a closer of mend.c */
    struct seen last[3]; /* [0] is the newest handed out */
    bool panic;          /* an error: skip to the end of the item */
    size_t panic_depth;
    bool panic_comma;    /* the item may end with a comma, for its braces opened on its line */
    int skipped;         /* the last token skipped */
    struct buf doc;
    struct span doc_span;
    struct mend *mends;
    size_t nmends, mended;
    /* the results */
    VEC(struct span) lost; /* declarations that were skipped */
    struct decl *decls;
    struct expr *expr;
    struct arg *bindings;
};

/* The text is nested too deep to go on. */
void too_deep(struct parser *p, struct span at);
/* An error at `span`, unless there were too many. */
struct diag *syntax_error(struct parser *p, const char *code, struct span span, const char *fmt,
                          ...) __attribute__((format(printf, 4, 5)));
void syntax_help(struct parser *p, struct diag *d, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* After an error at the token `kind`: skip to the end of the item it is in. */
void panic_begin(struct parser *p, int kind, struct span at);
void panic_end(struct parser *p);

/* ---- mend.c ------------------------------------------------------------- */

/* Reports what is wrong with the brackets and fills p->mends. */
void mend_brackets(struct parser *p);

/* ---- mistake.c ---------------------------------------------------------- */

/* Says what is wrong at a token that does not fit. `expected` are the
 * grammar's names of the tokens that would have. */
void mistake_report(struct parser *p, int found, struct span at, const char *const *expected,
                    size_t n);

#endif
