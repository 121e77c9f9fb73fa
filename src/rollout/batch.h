/* batch.h - record sets as values: understanding what a zone holds, and the one
 * batch that changes it. Pure.
 *
 * A record's set identifier is "<world>.<set>", where set is the serial of the
 * batch that made it; all of them and the TXT must say the same one, or what was
 * read is torn or was edited. The TXT stands beside each name and is replaced by
 * every batch: that is the fence.
 */
#ifndef BGC_ROLLOUT_BATCH_H
#define BGC_ROLLOUT_BATCH_H

#include "plan/record.h"

struct names;
struct switch_target;

struct zone_records {
    VEC(struct value *) sets; /* A, AAAA, CNAME at the names */
    VEC(struct value *) txts; /* TXT at _bgc.<name> */
};

/* Keeps a listed record set if it is one of `name` or its TXT; doubles are dropped. */
void batch_collect(struct arena *a, struct zone_records *z, struct value *set, const char *name);
/* Fills kind, record, shares, exact, txt, why, and the names: those that it stands at
 * and what the program's differ in. */
void batch_understand(struct arena *a, const struct zone_records *z, const struct names *look,
                      struct traffic_state *out);

/* Lists of changes ({Action, ResourceRecordSet}), at the names that the record stands at: */
struct value *batch_note(struct arena *a, const struct traffic_state *t, const struct record *next);
struct value *batch_set(struct arena *a, const struct traffic_state *t, const struct switch_target *targets, size_t n,
                        const struct record *next);
/* The record and its sets with the weights that stand, at these names and at no others. */
struct value *batch_rename(struct arena *a, const struct traffic_state *t, const char *const *names, size_t nnames,
                           const struct record *next);
struct value *batch_clear(struct arena *a, const struct traffic_state *t);

/* Whether a world has records to go back to. */
bool batch_reaches(struct arena *a, const struct traffic_state *t, const char *world);
/* The world's own record at a name (NULL: any) that has an alias or is of `type`. */
const struct value *batch_own(struct arena *a, const struct traffic_state *t, const char *world, const char *name,
                              const char *type);
/* The text of a TXT record: its quoted strings joined, escapes undone. */
const char *batch_text(struct arena *a, const struct value *set);
/* Why a set cannot be weighted: it is routed by something else. NULL: it is not. */
const char *batch_routed(struct arena *a, const struct value *set);

#endif
