/* flaky.h - a store that fails as a test says, before another one. */
#ifndef BGC_TESTS_FLAKY_H
#define BGC_TESTS_FLAKY_H

#include <string.h>

#include "cloud/store.h"
#include "test.h"

enum put_fault {
    PUT_OK,
    PUT_LOST,      /* unsure: it did not happen */
    PUT_DONE,      /* unsure: it did */
    PUT_REPEATED,  /* it happened, was sent again below, and that met a conflict */
    PUT_FAILS,     /* and says so */
};

struct flaky {
    struct store *inner;
    enum put_fault next; /* of the next put; then OK again */
    bool get_fails, list_fails, put_fails;
    bool get_blind; /* the next get sees nothing */
    size_t puts, gets;
    struct store store;
};

static inline enum store_result flaky_get(void *self, struct arena *a, const char *key, const char **text, const char **etag,
                                          const char **why)
{
    struct flaky *f = self;
    f->gets++;
    if (f->get_blind) {
        f->get_blind = false;
        return STORE_ABSENT;
    }
    if (f->get_fails) {
        *why = "the disk is gone";
        return STORE_FAILED;
    }
    return f->inner->ops->get(f->inner->self, a, key, text, etag, why);
}

static inline enum store_result flaky_put(void *self, struct arena *a, const char *key, const char *text, const char *etag,
                                          const char **made, const char **why)
{
    struct flaky *f = self;
    enum put_fault fault = f->next;
    f->next = PUT_OK;
    f->puts++;
    if (fault == PUT_FAILS || f->put_fails) {
        *why = "the disk is full";
        return STORE_FAILED;
    }
    enum store_result r = STORE_OK;
    if (fault != PUT_LOST)
        r = f->inner->ops->put(f->inner->self, a, key, text, etag, made, why);
    if (fault == PUT_LOST || fault == PUT_DONE)
        return STORE_UNSURE;
    return fault == PUT_REPEATED && r == STORE_OK ? STORE_CONFLICT : r;
}

static inline enum store_result flaky_del(void *self, struct arena *a, const char *key, const char *etag, const char **why)
{
    struct flaky *f = self;
    return f->inner->ops->del(f->inner->self, a, key, etag, why);
}

static inline enum store_result flaky_list(void *self, struct arena *a, const char *prefix, const char ***keys, size_t *n,
                                           const char **why)
{
    struct flaky *f = self;
    if (f->list_fails) {
        *why = "the disk is gone";
        return STORE_FAILED;
    }
    return f->inner->ops->list(f->inner->self, a, prefix, keys, n, why);
}

static inline void flaky_init(struct flaky *f, struct store *inner)
{
    static const struct store_ops ops = {flaky_get, flaky_put, flaky_del, flaky_list};
    *f = (struct flaky){.inner = inner};
    f->store = (struct store){&ops, f, "a flaky store"};
}

#endif
