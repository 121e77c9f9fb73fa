/* ports.h - one cloud, several users in one run.
 *
 * While the executor has calls under way, a gate measures and the lock is
 * renewed. Each has a port of its own: a struct cloud whose replies reach only
 * it. All ports share the implementation behind, its connections and its clock.
 */
#ifndef BGC_CLOUD_PORTS_H
#define BGC_CLOUD_PORTS_H

#include "cloud/cloud.h"

struct ports;

struct ports *ports_new(struct arena *session, struct cloud *inner);
struct cloud *ports_open(struct ports *p);

#endif
