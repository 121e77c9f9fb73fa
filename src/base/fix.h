/* fix.h - applying the fixes of diagnostics to a text.
 *
 * Pure: sources in, a new text out; who calls it writes files. Fixes are taken in
 * the order of their places; one that touches what another has changed already is
 * left for the next round, when the text was read again.
 */
#ifndef BGC_BASE_FIX_H
#define BGC_BASE_FIX_H

#include "base/diag.h"

struct fixed {
    const char *text;
    size_t len;
    VEC(const struct diag *) mended; /* whose fix was made, in order of place */
};

/* The text of file number `file` with every certain fix of `ds` made, whose edits
 * are all in that file. False: there is none, and *out is empty. */
bool fix_apply(struct arena *a, const struct diags *ds, uint32_t file, struct fixed *out);

/* The one fix of a diagnostic that may be made without asking; NULL. */
const struct diag_fix *fix_certain(const struct diag *d);

#endif
