/* redact.h - the last line before a secret leaves: no text that goes out holds one.
 *
 * Secrets are tracked leaf by leaf (value.h) and never printed where they are known
 * to be. But AWS repeats arguments in its errors, and a text that was made of a
 * secret comes back without its mark. So whoever learns a secret adds it here, and
 * every text that goes out (diagnostics, events, traces, the journal) passes here:
 * each of its spellings becomes "(secret)".
 *
 * Spellings: as it is; as JSON, XML and URLs escape it; in base64, also as a part of
 * something longer. Texts shorter than REDACT_LEAST are not looked for: hiding each "no"
 * would hide everything. So whoever reads a secret refuses one that is so short.
 */
#ifndef BGC_BASE_REDACT_H
#define BGC_BASE_REDACT_H

#include "base/arena.h"
#include "base/source.h"

enum { REDACT_LEAST = 4 };

struct diags;
struct value;

struct redact {
    struct arena *arena;
    VEC(const char *) words; /* spellings, longest first */
};

void redact_init(struct redact *r, struct arena *a);
/* The same secret twice is once. */
void redact_add(struct redact *r, const char *secret);
/* Every secret leaf of a value. */
void redact_value(struct redact *r, const struct value *v);
/* Whether a secret leaf of `v` is a text that is too short to be looked for; an empty one
 * gives nothing away. */
bool redact_too_short(const struct value *v);
/* BG1508; `what` is "the secret input `token`". */
void redact_refuse(struct diags *ds, struct span at, const char *what);
/* `text` itself when nothing of it is secret. `r` and `text` may be NULL. */
const char *redact_text(const struct redact *r, struct arena *a, const char *text);

#endif
