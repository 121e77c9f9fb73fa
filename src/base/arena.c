#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What is never touched of a block costs nothing, so large ones may be generous. */
enum { FIRST_BLOCK = 4096, KEPT_BLOCK = 64 << 10, MAX_BLOCK = 16 << 20, HUGE_PAGE = 2 << 20 };

/* Of pointers, 64-bit numbers and doubles; nothing in bgc needs more. */
enum { ALIGN = 8 };

struct block {
    struct block *prev;
    size_t cap, used;
    alignas(ALIGN) unsigned char bytes[];
};

struct arena {
    struct block *top;
    const char *name;
    size_t used;
};

_Noreturn void arena_exhausted(const char *what)
{
    fprintf(stderr, "bgc: out of memory (%s)\n", what);
    exit(1);
}

/* A page fault for each 4 KiB was a sixth of the time of a large check. */
static void want_huge_pages(struct block *b)
{
    uintptr_t from = ((uintptr_t)b + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    uintptr_t to = (uintptr_t)(b->bytes + b->cap) / HUGE_PAGE * HUGE_PAGE;
    if (to > from)
        madvise((void *)from, to - from, MADV_HUGEPAGE); /* a wish: it may be refused */
}

/* What lies behind `used` is zero: pages fresh from the system are so already. */
static struct block *block_new(const char *name, struct block *prev, size_t cap)
{
    struct block *b = calloc(1, sizeof *b + cap);
    if (!b)
        arena_exhausted(name);
    b->prev = prev;
    b->cap = cap;
    if (cap >= 2 * HUGE_PAGE)
        want_huge_pages(b);
    return b;
}

struct arena *arena_new(const char *name)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        arena_exhausted(name);
    a->name = name;
    a->top = block_new(name, NULL, FIRST_BLOCK);
    return a;
}

static void drop_to_first(struct arena *a)
{
    while (a->top->prev) {
        struct block *dead = a->top;
        a->top = dead->prev;
        free(dead);
    }
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    drop_to_first(a);
    free(a->top);
    free(a);
}

/* A block that held all of the round before holds the next one too. */
void arena_reset(struct arena *a)
{
    struct block *keep = a->top;
    if (keep->prev && keep->cap <= KEPT_BLOCK) {
        a->top = keep->prev;
        drop_to_first(a);
        free(a->top);
        keep->prev = NULL;
        a->top = keep;
    } else {
        drop_to_first(a);
    }
    memset(a->top->bytes, 0, a->top->used);
    a->top->used = 0;
    a->used = 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        arena_exhausted(a->name);
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    struct block *b = a->top;
    if (b->cap - b->used < size) {
        size_t cap = b->cap < MAX_BLOCK ? b->cap * 2 : MAX_BLOCK;
        if (cap < size)
            cap = size;
        b = a->top = block_new(a->name, b, cap);
    }
    void *p = b->bytes + b->used;
    b->used += size;
    a->used += size;
    return p;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_join(struct arena *a, const char *x, const char *between, const char *y)
{
    size_t nx = strlen(x), nb = strlen(between), ny = strlen(y);
    char *p = arena_alloc(a, nx + nb + ny + 1);
    memcpy(p, x, nx);
    memcpy(p + nx, between, nb);
    memcpy(p + nx + nb, y, ny);
    return p;
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    char small[128]; /* long enough for most, so that they are written once */
    int n = vsnprintf(small, sizeof small, fmt, ap);
    size_t size = (size_t)(n < 0 ? 0 : n) + 1;
    char *p = arena_alloc(a, size);
    if (n > 0 && size <= sizeof small)
        memcpy(p, small, size);
    else if (n > 0)
        vsnprintf(p, size, fmt, again);
    va_end(again);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return p;
}

void *arena_grow(struct arena *a, const void *old, size_t elem, size_t n, size_t *cap)
{
    size_t want = *cap ? *cap * 2 : 4;
    if (elem && want > SIZE_MAX / 2 / elem)
        arena_exhausted(a->name);
    void *p = arena_alloc(a, want * elem);
    if (n)
        memcpy(p, old, n * elem);
    *cap = want;
    return p;
}
