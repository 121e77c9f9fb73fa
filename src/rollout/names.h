/* names.h - the names that a traffic record stands at. Pure.
 *
 * A record stands, word for word the same, beside each of its names, and says the
 * digest of them all. So whoever reads it at some of them only knows that he did:
 * what he would change there would be left as it was at the others.
 *
 * A program that says other names wants one batch: it deletes the record and its
 * sets at the names that go and makes them at those that come.
 */
#ifndef BGC_ROLLOUT_NAMES_H
#define BGC_ROLLOUT_NAMES_H

#include "plan/record.h"

/* Where to look. */
struct names {
    const char *const *at;
    size_t n;
    size_t wanted;      /* the program says the first of them; 0: it says none, and those that stand stay */
    const bool *tagged; /* of each: whether the tags of a world say it; NULL: none does */
};

/* Names come back with a final dot, in lower case, and with \052 for "*". */
bool name_same(const char *a, const char *b);
/* A member of a record set; "" when it has none. */
const char *set_text(const struct value *set, const char *member);
/* "_bgc.shop.example.com" */
const char *name_of_txt(struct arena *a, const char *name);
/* Where `name` is among them; n: it is not. */
size_t names_find(const char *const *at, size_t n, const char *name);
/* Whether a TXT record of bgc's stands beside a name. */
bool names_has_txt(struct arena *a, struct value **txts, size_t n, const char *name);
const char *names_digest(struct arena *a, const char *const *at, size_t n);

/* Which of the TXT records (LIST) is that of the world: another record may stand at a
 * name that the program has just begun to say, or that was given up long ago. Fills
 * record, has_record, names and txt. false: kind and why say what does not fit. */
bool names_choose(struct arena *a, struct value **txts, size_t n, const struct names *look,
                  struct traffic_state *t);
/* What the program's names differ in from those that the record stands at; `others`
 * are the record sets at names that come. */
void names_differ(struct arena *a, const struct names *look, struct value **txts, size_t ntxts,
                  struct value **others, size_t nothers, struct traffic_state *t);

#endif
