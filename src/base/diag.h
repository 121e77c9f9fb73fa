/* diag.h - errors and warnings as data.
 *
 * Whoever finds something wrong records it here and returns false or NULL:
 * *false means already reported*. Nothing is printed where it is found; the
 * command renders all diagnostics at its end (render.h), sorted by place.
 *
 * A code is stable for ever and names a file docs/errors/CODE.md that explains
 * it with a failing and a mended example. The first digit is the family:
 *   BG0 syntax, files, command line   BG1 names and types   BG2 phases, facts
 *   BG3 worlds   BG4 rollout and gates   BG5 AWS, credentials, wire
 *   BG6 plan, store, lock, saved files
 */
#ifndef BGC_BASE_DIAG_H
#define BGC_BASE_DIAG_H

#include "base/redact.h"
#include "base/source.h"

enum severity { SEV_ERROR, SEV_WARNING, SEV_NOTE };

struct diag_label {
    struct span span;
    const char *text;
};

/* One replacement of text; of a span without length: an insertion before it. */
struct diag_edit {
    struct span span;
    const char *text;
};

/* A change of the sources that mends what was reported. All of its edits are
 * made or none. `certain`: there is no other sensible way to mend it, so it may be
 * made without asking (`bgc check --fix`); the others are for an editor's menu. */
struct diag_fix {
    const char *title; /* "change to `port`" */
    bool certain;
    VEC(struct diag_edit) edits; /* in one file, none inside another */
};

struct diag {
    enum severity severity;
    const char *code;              /* "BG3001" */
    const char *message;           /* one sentence, lower case, no full stop */
    struct span span;              /* the primary place */
    const char *at;                /* what stands under the primary mark; may be NULL */
    VEC(struct diag_label) labels; /* secondary places */
    VEC(const char *) notes;
    VEC(const char *) help;
    VEC(struct diag_fix *) fixes;
    const char *missing; /* the name that is declared nowhere, with what kind of name; or NULL */
};

/* Of what is wrong in one go so many are kept; the rest is only counted, so that a
 * file with a million mistakes costs no more memory or time than one with these. */
enum { DIAGS_MAX = 1000 };

struct diags {
    struct arena *arena;
    struct sources *sources;
    VEC(struct diag *) all;
    size_t errors, warnings;         /* all of them, kept or not */
    size_t lost_errors, lost_warnings; /* those that were not kept */
    struct diag spare;               /* what is written to one of these goes nowhere */
    size_t effort;                   /* spent on suggestions */
    struct redact *secrets; /* whoever learns a secret adds it (redact.h); NULL: nobody asks */
};

void diags_init(struct diags *ds, struct arena *a, struct sources *sources);

/* Records one; the returned diag may be added to until the next one is made.
 * Never NULL. */
struct diag *diag_error(struct diags *ds, const char *code, struct span span, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
struct diag *diag_warn(struct diags *ds, const char *code, struct span span, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The text under the primary mark. */
void diag_at(struct diags *ds, struct diag *d, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void diag_label(struct diags *ds, struct diag *d, struct span span, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void diag_note(struct diags *ds, struct diag *d, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void diag_help(struct diags *ds, struct diag *d, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* It is about a name that is declared nowhere, "gate steady". Each use of one is reported,
 * and an editor marks each; people are shown the first and how many more there are. */
void diag_missing(struct diags *ds, struct diag *d, const char *kind, const char *name);

/* Adds a fix and gives it for edits to be added. With `d` NULL (there were too
 * many errors to report this one) it gives NULL, which diag_edit ignores. */
struct diag_fix *diag_fix(struct diags *ds, struct diag *d, bool certain, const char *title, ...)
    __attribute__((format(printf, 4, 5)));
void diag_edit(struct diags *ds, struct diag_fix *f, struct span span, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* "did you mean `port`?" with the fix, when one of the candidates is near enough
 * to `word`, which stands at `span`; false: none is. It is certain when only one
 * candidate is one slip of the pen away. _text: the word stands in quotes,
 * which the span covers. */
bool diag_did_you_mean(struct diags *ds, struct diag *d, struct span span, const char *word,
                       const char *const *candidates, size_t n);
bool diag_did_you_mean_text(struct diags *ds, struct diag *d, struct span span, const char *word,
                            const char *const *candidates, size_t n);

/* Beyond DIAGS_MAX: another one would not be kept, and no time should be spent on it. */
bool diags_full(const struct diags *ds);
/* The one that was recorded last, to add to it. */
struct diag *diags_last(struct diags *ds);
/* What was reported after a mark can be taken back, when it turned out to be what
 * was wanted (a rehearsed failure). */
size_t diags_mark(const struct diags *ds);
void diags_rewind(struct diags *ds, size_t mark);

/* The candidate nearest to `word`, or NULL when none is near enough to be meant.
 * Distance: Damerau-Levenshtein (optimal string alignment), at most a third of
 * the word's length. Ties go to the earlier candidate. */
const char *suggest(const char *word, const char *const *candidates, size_t n);

/* Whether there is still time for a suggestion among `n` candidates: many mistakes
 * in a program of many names would compare them all with all. Counts it as spent. */
bool diags_may_suggest(struct diags *ds, size_t n);

#endif
