#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* What is never touched of a block costs nothing, so large ones may be generous. */
enum { FIRST_BLOCK = 4096, KEPT_BLOCK = 64 << 10, MAX_BLOCK = 16 << 20, HUGE_PAGE = 2 << 20 };

struct arena_block {
    struct arena_block *prev;
    size_t cap;
    alignas(ARENA_ALIGN) unsigned char bytes[];
};

_Noreturn void arena_exhausted(const char *what)
{
    fprintf(stderr, "bgc: out of memory (%s)\n", what);
    exit(1);
}

/* A page fault for each 4 KiB was a sixth of the time of a large check. */
static void want_huge_pages(struct arena_block *b)
{
    uintptr_t from = ((uintptr_t)b + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    uintptr_t to = (uintptr_t)(b->bytes + b->cap) / HUGE_PAGE * HUGE_PAGE;
    if (to > from)
        madvise((void *)from, to - from, MADV_HUGEPAGE); /* a wish: it may be refused */
}

/* What lies behind `next` is zero: pages fresh from the system are so already. */
static void block_add(struct arena *a, size_t cap)
{
    struct arena_block *b = calloc(1, sizeof *b + cap);
    if (!b)
        arena_exhausted(a->name);
    b->prev = a->top;
    b->cap = cap;
    if (cap >= 2 * HUGE_PAGE)
        want_huge_pages(b);
    a->top = b;
    a->next = a->begin = b->bytes;
    a->end = b->bytes + cap;
}

struct arena *arena_new(const char *name)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        arena_exhausted(name);
    a->name = name;
    block_add(a, FIRST_BLOCK);
    return a;
}

static void drop_to_first(struct arena *a)
{
    while (a->top->prev) {
        struct arena_block *dead = a->top;
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
    struct arena_block *keep = a->top;
    size_t used = (size_t)(a->next - a->begin);
    if (keep->prev && keep->cap <= KEPT_BLOCK) {
        a->top = keep->prev;
        drop_to_first(a);
        free(a->top);
        keep->prev = NULL;
        a->top = keep;
    } else if (keep->prev) {
        drop_to_first(a);
        used = a->top->cap;
    }
    memset(a->top->bytes, 0, used);
    a->next = a->begin = a->top->bytes;
    a->end = a->top->bytes + a->top->cap;
    a->full = 0;
}

void *arena_more(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 2)
        arena_exhausted(a->name);
    size_t cap = a->top->cap < MAX_BLOCK ? a->top->cap * 2 : MAX_BLOCK;
    if (cap < size)
        cap = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    a->full = arena_used(a);
    block_add(a, cap);
    return arena_alloc(a, size);
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
