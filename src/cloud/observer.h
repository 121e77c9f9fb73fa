/* observer.h - one look at the account, while it is made: what observe.c finds and
 * joins.c completes. Nobody else includes it.
 */
#ifndef BGC_CLOUD_OBSERVER_H
#define BGC_CLOUD_OBSERVER_H

#include "cloud/gather.h"
#include "cloud/observe.h"
#include "cloud/sweep.h"

/* All of one type in one account: what `find` lists, and what further reads add. */
struct listing {
    const struct schema *schema;
    const char *account;
    struct span span;
    bool asked, done;             /* `find` was sent; and answered */
    bool read;                    /* further reads were made */
    bool extra;                   /* the program does not name the type: it may have left */
    VEC(struct value *) objects;
    VEC(const char *) ids;        /* of each object */
    VEC(const char *) parents;    /* of each object: the parent's id; NULL: it has none */
};

struct observer {
    const struct observe_args *o;
    const struct facts *facts;    /* of the program's `existing`s */
    struct arena *arena;
    struct live *live;
    VEC(struct listing *) listings;
    struct sweep sweep;           /* what is tagged as ours, as far as AWS has noticed */
    bool ok;
};

/* A call that is under way, and whose reply belongs to `listing`. */
struct pending {
    struct listing *listing;
    const struct schema_call *call;
    struct call_env env;
    size_t index;
};

/* Whether an error code says that what was asked about is not there. */
bool observer_absent(const struct schema_call *c, const char *code);
/* What calls of this stack may speak of; the caller adds ids, props and the object. */
struct call_env observer_env(const struct observer *ob);
/* Sends a call for `l`. false, and ob->ok too: reported. */
bool observer_send(struct observer *ob, struct gather *g, struct listing *l,
                   const struct schema_call *c, const struct call_env *env, struct pending *out);
/* The id that an object carries, or the text itself where `find` lists ids. NULL: reported. */
const char *observer_object_id(struct observer *ob, const struct listing *l, struct value *object);
/* Makes the reads that complete what was found, in as few calls as AWS allows.
 * What went away meanwhile leaves its listing. !ob->ok: reported. */
void observer_read_more(struct observer *ob);

#endif
