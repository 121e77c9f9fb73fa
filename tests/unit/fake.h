/* fake.h - a cloud that a test answers for, with a clock that it moves.
 *
 * Every call is answered at once by `answer`; waiting without anything under way
 * moves the clock to the deadline.
 */
#ifndef BGC_TESTS_FAKE_H
#define BGC_TESTS_FAKE_H

#include "cloud/cloud.h"
#include "test.h"

struct fake {
    struct arena *arena;
    int64_t now;
    void (*answer)(void *self, const struct cloud_request *req, struct cloud_reply *out);
    void *self;
    uint64_t tickets;
    VEC(struct cloud_reply) arrived;
    size_t taken;
    struct clock clock;
    struct cloud cloud;
};

static inline int64_t fake_now(void *self)
{
    return ((struct fake *)self)->now;
}

static inline uint64_t fake_submit(void *self, const struct cloud_request *req)
{
    struct fake *f = self;
    struct cloud_request own = cloud_request_copy(f->arena, req);
    struct cloud_reply r = {.ticket = ++f->tickets, .ok = true};
    f->answer(f->self, &own, &r);
    vec_push(f->arena, &f->arrived, r);
    return r.ticket;
}

static inline bool fake_wait(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out)
{
    (void)a;
    struct fake *f = self;
    if (f->taken < f->arrived.n) {
        *out = f->arrived.at[f->taken++];
        return true;
    }
    assert_true(deadline < INT64_MAX); /* nobody may wait for ever for nothing */
    if (deadline > f->now)
        f->now = deadline;
    return false;
}

static inline void fake_init(struct fake *f, struct arena *a,
                             void (*answer)(void *, const struct cloud_request *, struct cloud_reply *), void *self)
{
    static const struct cloud_ops ops = {.submit = fake_submit, .wait = fake_wait};
    *f = (struct fake){.arena = a, .now = 1763287200000, .answer = answer, .self = self};
    f->clock = (struct clock){.now = fake_now, .self = f, .mono = fake_now};
    f->cloud = (struct cloud){.ops = &ops, .self = f, .clock = &f->clock};
}

static inline void fake_fails(struct cloud_reply *out, const char *code, bool ambiguous)
{
    out->ok = false;
    out->error = (struct cloud_error){.code = code, .message = "said the test", .ambiguous = ambiguous};
}

#endif
