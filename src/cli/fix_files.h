/* fix_files.h - bgc check --fix: the certain fixes of what was found, written.
 *
 * Only .bg files inside the folder of the root file are changed: not the
 * standard library, not what a link leads out to. Each file is replaced whole or
 * left alone, and left alone when somebody has changed it since it was read.
 */
#ifndef BGC_CLI_FIX_FILES_H
#define BGC_CLI_FIX_FILES_H

#include "cli/context.h"

enum fix_outcome {
    FIX_DONE,    /* nothing is left to mend */
    FIX_MORE,    /* files were written: look again */
    FIX_REFUSED, /* a file could not be written; reported */
};

/* Says on stdout what it mends, on stderr when stdout is for a document. */
enum fix_outcome fix_files(struct context *c);

#endif
