/* journal.h - what must not be forgotten between runs: latched verdicts,
 * approvals, intents of creations without a token, measurements for the report.
 *
 * Append-only objects in the store under "<stack>/journal/"; group commit. A
 * verdict is durable before it is acted on. Nothing here is needed for safety.
 */
#ifndef BGC_CLOUD_JOURNAL_H
#define BGC_CLOUD_JOURNAL_H

#include "cloud/store.h"

struct journal_entry {
    const char *kind;  /* "verdict" "approval" "intent" "abort" "note" "pass" */
    const char *world; /* "web/7f3a2c91d0" */
    const char *key;   /* gate and check, step, address, ... */
    const char *text;  /* verdict, who, ... */
    int64_t at;        /* schedule ms */
};

struct journal {
    struct arena *arena;
    struct store *store;
    const char *stack;
    VEC(struct journal_entry) entries;
    VEC(struct journal_entry) pending;
    struct map seen; /* keys of the objects that were read or written */
    int64_t next;    /* number of the next object */
};

/* Reads all. false: reported; a lost store gives an empty journal. */
bool journal_open(struct journal *j, struct arena *a, struct diags *ds, struct store *s,
                  const char *stack);
/* Reads what others wrote since. false: reported. */
bool journal_refresh(struct journal *j, struct diags *ds);
void journal_add(struct journal *j, const struct journal_entry *e);
/* Writes what is pending; false: reported, nothing may be acted on. */
bool journal_flush(struct journal *j, struct diags *ds);
/* The newest entry of kind, world and key (NULL: any); NULL. */
const struct journal_entry *journal_find(const struct journal *j, const char *kind,
                                         const char *world, const char *key);

#endif
