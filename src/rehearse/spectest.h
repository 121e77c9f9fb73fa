/* spectest.h - a `test` of the language, run: no account, no time, only values.
 *
 * The program is evaluated with the test's inputs over the command line's, and
 * with the answers that its mocks give in place of the account. Then the fields
 * of resources are what the author wrote or what the type's defaults say, and
 * the expectations are judged. What neither the program nor a mock says is not
 * known, and an expectation of it fails with the name of what to mock.
 *
 * Pure: the same program and inputs give the same bytes. Errors that a test
 * expects, or that make it fail, are taken out of args->ds again: they belong to
 * the test, and are told in `out` with their source lines.
 */
#ifndef BGC_REHEARSE_SPECTEST_H
#define BGC_REHEARSE_SPECTEST_H

#include "rehearse/rehearse.h"

struct spectest {
    const char *title;
    bool passed;
    const char *why;       /* the first thing that is wrong, in a sentence; NULL */
    struct value *problems;/* LIST of MAPs as render_json makes them; empty when passed */
};

/* Runs the program's tests whose titles contain args->only, in source order, and
 * adds a line for each to `out`, and below those that fail what is wrong. */
struct spectest *spectest_all(struct arena *a, const struct rehearse_args *args, bool colour,
                              struct buf *out, size_t *n);

#endif
