/* placed.h - where the traffic of a world stands, said by the world itself.
 *
 * The entry of a world carries tags (bgc:traffic, bgc:traffic.2, ...) with all
 * that finding its traffic record needs: the kind of traffic, its zone and names,
 * and the role of the account that they are in. So a stack can be looked at and
 * taken back with nothing but its name and region, and a world that has left the
 * spec is known to serve. What the record says stands in the record alone.
 *
 * A tag's value has 256 characters of letters, digits and few others, so it is
 *   kind=route53.weighted in=dns role=arn:aws:iam::210987654321:role/bgc-dns
 *   zone=Z0123 names=shop.example.com+www.example.com
 * with everything else as @ and two hexadecimal digits, cut into pieces.
 */
#ifndef BGC_PLAN_PLACED_H
#define BGC_PLAN_PLACED_H

#include "plan/live.h"

#define TAG_TRAFFIC "bgc:traffic"

/* The tags (MAP) of a world's entry: with the names that the program says those at which
 * its record stands (traffic.stands), so that none is ever lost. NULL: it has no traffic, or where that is
 * cannot be said in tags. */
struct value *placed_tags(struct arena *a, const struct graph *g, const struct facts *f,
                          const char *world);
/* Adds to `tags` what empties the pieces that a resource has of a longer text. */
void placed_over(struct arena *a, struct value *tags, const struct live_resource *r);
/* Whether a resource already says so; `tags` as of placed_tags. */
bool placed_said(const struct value *tags, const struct live_resource *r);
/* What a world's tags say, as the traffic of a graph that does not have it: adds the
 * traffic, what it refers to (as `existing`s, with their ids in `f`) and the account.
 * The new account, if it needs one that the graph does not have; else NULL.
 * false: the tags say nothing, or nothing that can be understood. */
bool placed_restore(struct arena *a, struct schemas *ss, struct graph *g, struct facts *f,
                    const struct live_world *w, const struct account **needs);

#endif
