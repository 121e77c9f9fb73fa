/* arena.h - regions of memory with one lifetime.
 *
 * Concept: everything that is born together dies together. An arena is passed
 * first and explicitly, and is named by its lifetime: `session` (the process),
 * `plan` (one turn of the loop), `scratch` (one call or one rollout tick).
 * Nothing in an arena is freed singly; a pointer points only to an equal or a
 * longer lifetime.
 *
 * Invariants: memory is zeroed and aligned to 8 bytes. Allocation never
 * returns NULL: when the system has none left the process says so and exits
 * with status 1 (nothing is half-written, because files are written beside
 * their place and renamed).
 */
#ifndef BGC_BASE_ARENA_H
#define BGC_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/* Of pointers, 64-bit numbers and doubles; nothing in bgc needs more. What is left of a
 * block is a multiple of it. */
enum { ARENA_ALIGN = 8 };

/* Open only so that the fast way is inlined: a large program makes millions of things. */
struct arena {
    unsigned char *next, *end; /* what is left of the newest block */
    unsigned char *begin;      /* of that block */
    struct arena_block *top;
    const char *name;
    size_t full; /* bytes handed out of the blocks before */
};

struct arena *arena_new(const char *name);
/* What every caller of a library does when that had no memory left: as the arena does. */
_Noreturn void arena_exhausted(const char *what);
/* Gives back everything; the arena itself dies too. NULL is allowed. */
void arena_free(struct arena *a);
/* Gives back everything but keeps the arena (and its first block) for reuse. */
void arena_reset(struct arena *a);
/* A block more; only arena_alloc calls it. */
void *arena_more(struct arena *a, size_t size);
static inline void *arena_alloc(struct arena *a, size_t size)
{
    if (size > (size_t)(a->end - a->next))
        return arena_more(a, size);
    void *p = a->next;
    a->next += (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    return p;
}
/* Bytes handed out since the arena was made or reset. */
static inline size_t arena_used(const struct arena *a)
{
    return a->full + (size_t)(a->next - a->begin);
}

char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* `x`, `between` and `y` in one text: what addresses are made of. */
char *arena_join(struct arena *a, const char *x, const char *between, const char *y);

#define arena_make(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (size_t)(n)))

/* Growable arrays. `VEC(struct thing *) things;` then vec_push(a, &v, x).
 * The old block stays in the arena when it grows: growth doubles, so at most
 * half of the memory is waste, and pointers into the old block stay readable. */
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t n, cap;                                                                             \
    }
#define vec_push(a, v, ...)                                                                        \
    do {                                                                                           \
        if ((v)->n == (v)->cap)                                                                    \
            (v)->at = arena_grow((a), (v)->at, sizeof(*(v)->at), (v)->n, &(v)->cap);               \
        (v)->at[(v)->n++] = (__VA_ARGS__);                                                         \
    } while (0)
void *arena_grow(struct arena *a, const void *old, size_t elem, size_t n, size_t *cap);

#endif
