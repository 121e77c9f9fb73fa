#include "cloud/lock.h"

#include <inttypes.h>
#include <string.h>

static const char *lock_key(struct arena *a, const char *stack)
{
    return arena_printf(a, "%s/lock", stack);
}

/* When it was renewed, for people, and for a lease that is long dead: by the wall
 * clock, or by the clock that is the only one there is. */
static int64_t stamp(const struct clock *c)
{
    return c && c->mono ? clock_now(c) : clock_wall();
}

static const char *body(struct arena *a, const struct lock_holder *h, const struct clock *c)
{
    struct value *v = value_map(a);
    value_put(v, "holder", value_string(a, h->holder ? h->holder : "unknown"));
    value_put(v, "nonce", value_string(a, h->nonce));
    value_put(v, "epoch", value_int(a, h->epoch));
    value_put(v, "counter", value_int(a, h->counter));
    value_put(v, "url", h->url ? value_string(a, h->url) : value_none(a));
    value_put(v, "since", value_int(a, h->since));
    value_put(v, "renewed", value_int(a, stamp(c)));
    struct buf b;
    buf_init(&b, a);
    value_json(&b, v, 2);
    return buf_text(&b);
}

/* false: not a lock that this bgc wrote. */
static bool parse(struct arena *a, const char *text, struct lock_holder *out, int64_t *renewed)
{
    const char *error;
    const struct value *v = value_from_json(a, text, strlen(text), &error);
    *out = (struct lock_holder){
        .holder = value_get_string(v, "holder"),
        .nonce = value_get_string(v, "nonce"),
        .epoch = value_get_int(v, "epoch", -1),
        .counter = value_get_int(v, "counter", 0),
        .url = value_get_string(v, "url"),
        .since = value_get_int(v, "since", 0),
    };
    *renewed = value_get_int(v, "renewed", out->since);
    return out->holder && out->nonce && out->epoch >= 0 && out->epoch < LOCK_NUMBER_MAX &&
           *renewed >= 0 && *renewed < LOCK_NUMBER_MAX;
}

static enum lock_result fail(struct diags *ds, struct store *s, const char *why)
{
    struct diag *d = diag_error(ds, "BG6101", NO_SPAN, "the lock in %s cannot be taken: %s", s->where, why);
    diag_note(ds, d, "nothing was changed in the account");
    return LOCK_ERROR;
}

/* Writes our body in place of `etag` (NULL: absent), and settles an unsure answer
 * by reading it back. So is a conflict: the first of two attempts of the same
 * request may have been the one that won; or an earlier renewal whose fate was
 * not known, and then it is what is replaced. STORE_OK: it is ours. */
static enum store_result claim(struct lock *l, const char *etag, const char **why)
{
    for (int tries = 0;; tries++) {
        const char *made = NULL, *stands = NULL, *now = NULL;
        enum store_result r = l->store->ops->put(l->store->self, l->arena, l->key, body(l->arena, &l->self, l->clock), etag, &made, why);
        if (r == STORE_OK)
            l->etag = made;
        if (r != STORE_UNSURE && r != STORE_CONFLICT)
            return r;
        struct lock_holder h;
        int64_t renewed;
        enum store_result g = l->store->ops->get(l->store->self, l->arena, l->key, &now, &stands, why);
        if (g != STORE_OK)
            return g == STORE_ABSENT ? STORE_CONFLICT : r == STORE_UNSURE ? r : g;
        if (!parse(l->arena, now, &h, &renewed) || !strcmp(h.holder, "released") || strcmp(h.nonce, l->self.nonce))
            return STORE_CONFLICT;
        l->etag = stands;
        if (h.counter == l->self.counter && h.epoch == l->self.epoch)
            return STORE_OK;
        if (tries)
            return r;
        etag = stands;
    }
}

static bool stopped(const struct lock_watch *w)
{
    return w->stop && w->stop(w->self);
}

enum lock_result lock_take(struct lock *l, struct arena *a, struct diags *ds, struct store *s,
                           const char *stack, const struct lock_holder *self,
                           const struct lock_watch *watch, struct cloud *c, struct lock_holder *other)
{
    *l = (struct lock){.store = s, .arena = a, .key = lock_key(a, stack), .self = *self,
                       .clock = c->clock};
    int64_t begun = clock_lease(l->clock), still_since = begun;
    const char *seen = NULL;
    *other = (struct lock_holder){0};
    for (;;) {
        const char *text, *etag, *why = "";
        int64_t renewed;
        enum store_result r = s->ops->get(s->self, a, l->key, &text, &etag, &why);
        if (r == STORE_FAILED || r == STORE_UNSURE)
            return fail(ds, s, why);
        int64_t before = clock_lease(l->clock);
        if (r == STORE_ABSENT) {
            l->self.epoch = self->epoch > 0 ? self->epoch : 1;
            r = claim(l, NULL, &why);
        } else {
            if (!parse(a, text, other, &renewed))
                return fail(ds, s, "it holds something that bgc did not write; look at it and run `bgc lease break`");
            /* It was renewed before our eyes: its holder lives, and waiting is no use. */
            if (seen && strcmp(seen, etag) && strcmp(other->holder, "released"))
                return LOCK_HELD;
            if (!seen || strcmp(seen, etag)) {
                seen = etag;
                still_since = before;
            }
            if (!strcmp(other->holder, "released")) {
                l->self.epoch = other->epoch + 1;
                r = claim(l, etag, &why);
            } else if (before - still_since >= LOCK_LEASE_MS ||
                       stamp(c->clock) - renewed > LOCK_STALE_MS) {
                l->self.epoch = other->epoch + 1;
                r = claim(l, etag, &why); /* it stood still for a whole lease on our own clock */
            } else {
                r = STORE_CONFLICT;
            }
        }
        if (r == STORE_OK) {
            l->renewed = before;
            l->held = true;
            return LOCK_TAKEN;
        }
        if (r == STORE_FAILED)
            return fail(ds, s, why);
        if (clock_lease(l->clock) - begun >= watch->ms) {
            if (other->holder && strcmp(other->holder, "released"))
                return LOCK_HELD;
            /* Somebody was faster just now: say who. */
            if (s->ops->get(s->self, a, l->key, &text, &etag, &why) != STORE_OK || !parse(a, text, other, &renewed))
                *other = (struct lock_holder){.holder = "somebody who was faster", .nonce = ""};
            return LOCK_HELD;
        }
        if (stopped(watch))
            return LOCK_STOPPED;
        cloud_sleep(c, clock_now(c->clock) + (int64_t)(2000 * clock_speed(c->clock)));
        if (stopped(watch)) /* the nap ends early, and no further look is owed */
            return LOCK_STOPPED;
    }
}

bool lock_keep(struct lock *l, struct diags *ds)
{
    if (!l->held)
        return false;
    int64_t now = clock_lease(l->clock);
    if (now - l->renewed < LOCK_LEASE_MS / 3)
        return true;
    const char *why = "";
    l->self.counter++;
    enum store_result r = claim(l, l->etag, &why);
    if (r == STORE_OK) {
        l->renewed = now;
        return true;
    }
    if ((r == STORE_FAILED || r == STORE_UNSURE) && now - l->renewed < LOCK_LEASE_MS)
        return true; /* the lease still runs, and the next call tries again */
    l->held = false;
    struct diag *d = diag_error(ds, "BG6102", NO_SPAN, "the lease on %s was lost%s%s", l->store->where,
                                r == STORE_FAILED ? ": " : "", r == STORE_FAILED ? why : "");
    diag_note(ds, d, "nothing more is written; whoever holds the lease now goes on from what is there");
    diag_help(ds, d, "run the same command again once the other run has ended");
    return false;
}

int64_t lock_deadline(const struct lock *l)
{
    if (!l->held)
        return 1; /* long past: nothing may be sent */
    int64_t left = l->renewed + LOCK_LEASE_MS - clock_lease(l->clock);
    return clock_now(l->clock) + (int64_t)((double)(left > 0 ? left : 0) * clock_speed(l->clock));
}

void lock_release(struct lock *l)
{
    if (!l->held)
        return;
    l->held = false;
    /* The epoch must outlive the holder: the object stays and says so. */
    struct lock_holder gone = l->self;
    gone.holder = "released";
    const char *why = "";
    l->store->ops->put(l->store->self, l->arena, l->key, body(l->arena, &gone, l->clock), l->etag, &l->etag, &why);
}

bool lock_show(struct store *s, struct arena *a, const char *stack, struct lock_holder *out,
               int64_t *age_ms)
{
    const char *text, *etag, *why;
    int64_t renewed;
    if (s->ops->get(s->self, a, lock_key(a, stack), &text, &etag, &why) != STORE_OK ||
        !parse(a, text, out, &renewed) || !strcmp(out->holder, "released"))
        return false;
    *age_ms = clock_wall() - renewed;
    return true;
}

bool lock_break(struct store *s, struct arena *a, struct diags *ds, const char *stack)
{
    const char *text, *etag, *why = "";
    enum store_result r = s->ops->get(s->self, a, lock_key(a, stack), &text, &etag, &why);
    struct lock_holder h = {.nonce = "broken"};
    int64_t renewed;
    if (r == STORE_ABSENT)
        return true;
    if (r == STORE_OK) {
        if (!parse(a, text, &h, &renewed))
            h = (struct lock_holder){.nonce = "broken", .epoch = 0};
        h.holder = "released";
        r = s->ops->put(s->self, a, lock_key(a, stack), body(a, &h, NULL), etag, &etag, &why);
    }
    if (r == STORE_OK)
        return true;
    diag_error(ds, "BG6103", NO_SPAN, "the lease in %s cannot be broken: %s", s->where,
               r == STORE_CONFLICT ? "it was just renewed; its holder is alive" : why);
    return false;
}
