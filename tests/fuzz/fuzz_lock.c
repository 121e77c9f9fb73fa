/* fuzz_lock.c - any bytes as the lock object of a stack in the store.
 *
 * What must hold: it is taken, or held by somebody who is named and then stands as it
 * stood, or the reason is reported; what is taken is shown as ours, can be renewed and
 * released; a lock that was broken can be taken; and no taking ever lowers the epoch.
 * See README.md for how to run it.
 */
#include <stdlib.h>
#include <string.h>

#include "cloud/lock.h"
#include "fuzz_must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Time stands still but where the target moves it. */
static int64_t now_of(void *self)
{
    return *(int64_t *)self;
}

struct table {
    struct arena *arena;
    struct sources sources;
    struct diags ds;
    struct map objects;
    struct store *store;
    int64_t now;
    struct clock clock;
    struct cloud cloud; /* of it only the clock is used */
};

static const char *stands(struct table *t)
{
    const char *text, *etag, *why;
    struct store *s = t->store;
    return s->ops->get(s->self, t->arena, "shop/lock", &text, &etag, &why) == STORE_OK ? text : NULL;
}

static enum lock_result take(struct table *t, struct lock *l, struct lock_holder *other)
{
    struct lock_holder self = {.holder = "fuzz@here", .nonce = "n1"};
    size_t errors = t->ds.errors;
    enum lock_result r =
        lock_take(l, t->arena, &t->ds, t->store, "shop", &self, &(struct lock_watch){.ms = 0}, &t->cloud, other);
    must((r == LOCK_ERROR) == (t->ds.errors > errors));
    must(l->held == (r == LOCK_TAKEN));
    return r;
}

/* What holds of a lock that was just taken. Gives its epoch. */
static int64_t own(struct table *t, struct lock *l)
{
    struct lock_holder h;
    int64_t age, epoch = l->self.epoch;
    must(lock_show(t->store, t->arena, "shop", &h, &age));
    must(!strcmp(h.nonce, "n1") && h.epoch == epoch && epoch > 0);
    t->now += LOCK_LEASE_MS / 2;
    must(lock_keep(l, &t->ds));
    must(lock_deadline(l) > t->now);
    lock_release(l);
    must(!l->held && !lock_keep(l, &t->ds));
    must(!lock_show(t->store, t->arena, "shop", &h, &age));
    return epoch;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new("fuzz");
    struct table *t = arena_make(a, struct table);
    t->arena = a;
    t->now = 1763287200000;
    t->clock = (struct clock){.now = now_of, .self = &t->now, .mono = now_of};
    t->cloud.clock = &t->clock;
    sources_init(&t->sources, a);
    diags_init(&t->ds, a, &t->sources);
    map_init(&t->objects, a);
    t->store = store_memory(a, &t->objects);
    const char *text = arena_strndup(a, (const char *)data, size);
    map_put(&t->objects, "shop/lock", (void *)(uintptr_t)arena_printf(a, "1\n%s", text));

    struct lock l;
    struct lock_holder before = {0}, other;
    int64_t age, epoch = 0;
    bool shown = lock_show(t->store, a, "shop", &before, &age);
    must(!shown || (before.holder && before.nonce && before.epoch >= 0));
    switch (take(t, &l, &other)) {
    case LOCK_TAKEN:
        epoch = own(t, &l);
        must(!shown || epoch > before.epoch);
        must(take(t, &l, &other) == LOCK_TAKEN && own(t, &l) > epoch);
        break;
    case LOCK_HELD:
        must(shown && other.holder && !strcmp(other.holder, before.holder));
        must(!strcmp(stands(t), text));
        break;
    case LOCK_ERROR:
        must(!shown && !strcmp(stands(t), text));
        break;
    }
    must(lock_break(t->store, a, &t->ds, "shop"));
    must(take(t, &l, &other) == LOCK_TAKEN);
    must(own(t, &l) > (shown ? before.epoch : epoch));
    arena_free(a);
    return 0;
}
