/* shop.h - the shop of examples/, evaluated without facts, for tests that need
 * a real graph and its rollouts. */
#ifndef BGC_TESTS_SHOP_H
#define BGC_TESTS_SHOP_H

#include <stdlib.h>

#include "base/render.h"
#include "lang/eval.h"
#include "lang/program.h"
#include "schema/schema.h"
#include "test.h"

struct shop {
    struct arena *arena;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *program;
    struct schemas schemas;
    struct graph *graph;
};

static inline const char *shop_errors(struct shop *s)
{
    struct buf b;
    buf_init(&b, s->arena);
    render_text(&b, &s->ds, false);
    return buf_text(&b);
}

/* NULL after saying why. */
static inline struct shop *shop_open(void)
{
    struct arena *a = arena_new("shop");
    struct shop *s = arena_make(a, struct shop);
    const char *src = getenv("SRCDIR");
    s->arena = a;
    sources_init(&s->sources, a);
    diags_init(&s->ds, a, &s->sources);
    intern_init(&s->names, a);
    s->program = program_load(a, &s->names, &s->ds,
                              arena_printf(a, "%s/examples/shop/shop.bg", src ? src : "."), NULL);
    if (!s->ds.errors) {
        schemas_init(&s->schemas, s->program);
        s->graph = eval_program(s->program, a, &(struct eval_args){.pins = program_pins(s->program)});
    }
    if (!s->graph) {
        print_message("%s", shop_errors(s));
        return NULL;
    }
    return s;
}

static inline void shop_close(struct shop *s)
{
    if (s)
        arena_free(s->arena);
}

/* Deterministic numbers: xorshift64* (Marsaglia 2003, Vigna 2016). */
static inline uint64_t dice(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 0x2545f4914f6cdd1du;
}

/* 0..n-1 */
static inline int64_t throw_dice(uint64_t *seed, int64_t n)
{
    return (int64_t)((dice(seed) >> 33) % (uint64_t)n);
}

#endif
