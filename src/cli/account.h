/* account.h - the account that a command works on: the three seams chosen.
 *
 * With --sandbox it is a simulated one on a virtual clock with a store of its
 * own, kept in a file that is written back when the command ends, also after a
 * failure or a signal. Else it is AWS, with the store that the spec names.
 * context_open is the way in.
 */
#ifndef BGC_CLI_ACCOUNT_H
#define BGC_CLI_ACCOUNT_H

#include "cli/context.h"

/* Whether one person's folder is the store of a real account; then a command
 * that writes unattended is refused (reported: false). */
bool account_attended(struct context *c);

#endif
