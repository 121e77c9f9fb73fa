/* identity.h - the id of a world: 40 bits of SHA-256 over its canonical
 * residual program, in ten hexadecimal digits.
 *
 * Encoding version 1, canonical JSON (keys sorted, no blanks):
 *
 *   {"encoding":"1","world":W,"entry":E,"nodes":{ADDRESS:NODE},"existings":{H:QUERY}}
 *
 * A NODE has its type, `in`, keep, `active from`, and each field that the author
 * set and that the type does not declare `tune`, with the records inside it as
 * they were written: defaults of the standard library never enter. Keys and
 * conditions that only facts decide stand in it unevaluated.
 *
 * Scalars that JSON lacks are tagged: {"$ms":30000} {"$bytes":N} {"$percent":"0.5"}
 * {"$rate":["200",1000]} {"$cidr":T} {"$regex":T} {"$range":[L,H]}. A set is
 * sorted by its elements' encodings. A key of a map that begins with `$` gets
 * another one.
 *
 * What is not a value yet: a resource or a field of it {"$ref":"web.tg"},
 * {"$ref":"web.tg.arn"}; an existing {"$existing":H} with "field", where H is the
 * hash of its query, so that its name does not matter ({"pin":ID} for a query
 * when it is pinned); a metric {"$metric":"web.alb.http_5xx"}; a secret input
 * {"$ref":"input.NAME"}, any other secret {"$secret":true}; and an unevaluated
 * expression as its tree: {"$text":[..]} {"$op":"+","of":[..]} {"$if":[..]}
 * {"$field":[X,N]} {"$index":[X,I]} {"$for":{..}} {"$call":F,"with":{..}}, in
 * which `let`s and the author's functions are expanded, what is known is a value,
 * and variables are numbered from the outside ({"$var":0}). file() is the hash
 * of its bytes and its bindings. Functions and modules of the standard library
 * stay closed: name and arguments.
 *
 * An address stands as it was before any `moved`.
 *
 * Comments, order, formatting, names of lets and existings, gates, rollouts,
 * scenarios and tune fields do not enter. An incarnation above 0 (`--rebuild`)
 * is hashed in. Changing any of this needs a new version, and this one must stay
 * computable: tests/identity holds ids that may never change.
 */
#ifndef BGC_LANG_IDENTITY_H
#define BGC_LANG_IDENTITY_H

#include "lang/graph.h"

#define IDENTITY_ENCODING "1" /* the newest */

/* Any graph of eval_program: its residual form, made without facts, is hashed.
 * "" when the graph has no such world. */
const char *identity_world(struct arena *a, const struct graph *g, const struct world *w,
                           int incarnation);
/* The canonical text that is hashed, for `bgc check --explain-id` and tests. */
const char *identity_encoding(struct arena *a, const struct graph *g, const struct world *w);

/* "shop-web-7f3a2c91d0-alb"; shared (`world` and `world_id` NULL): "shop-shared-cert".
 * `name` is the address without its scope ("nat[\"a\"]", "net.vpc"). In small
 * letters, digits and hyphens. When it is longer than `limit`, or when letters
 * were changed other than `_` to `-`, it ends in 8 hex digits of the hash of
 * what it stands for. `limit` >= 24. */
const char *identity_physical_name(struct arena *a, const char *stack, const char *world,
                                   const char *world_id, const char *name, size_t limit);
/* "shop-": what the names of all of a stack's resources begin with. */
const char *identity_name_prefix(struct arena *a, const char *stack);

#endif
