/* adopt.h - taking over what was made by hand: `adopt shared.log = "ID"`.
 *
 * The thing is read, and joins what is live as if it were ours; the planner then
 * tags it before anything else. From then on its tags and its id must match, as
 * the tags and the name of what bgc made do.
 */
#ifndef BGC_CLOUD_ADOPT_H
#define BGC_CLOUD_ADOPT_H

#include "cloud/observe.h"

/* Reads what is to be adopted and is not ours yet, and adds it to `l` and, if it is
 * shared, to `facts`. The ids of worlds are chosen. false: reported: it is not
 * there, somebody else's, or cannot be owned. */
bool adopt_all(const struct observe_args *o, struct arena *a, struct live *l, struct facts *facts);

#endif
