#include "lang/pattern.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { STEPS_MAX = 200000, DEPTH_MAX = 2000, HEAP_MAX_KIB = 4096, PROGRAM_MAX = 5 * 1000 * 1000 };

/* PCRE2 allocates from the session's arena, so that nothing needs a release. */
static void *take(size_t size, void *arena)
{
    return arena_alloc(arena, size);
}

static void give(void *block, void *arena)
{
    (void)block;
    (void)arena;
}

static pcre2_code *compile(const char *pattern, pcre2_compile_context *cc, int *code)
{
    PCRE2_SIZE at = 0;
    pcre2_code *re = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern),
                                   PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, code, &at, cc);
    if (!re && *code == PCRE2_ERROR_HEAP_FAILED)
        arena_exhausted("pattern");
    return re;
}

/* What a match needs, made once for all matches of a program. */
struct matcher {
    pcre2_compile_context *cc;
    pcre2_match_context *mc;
    pcre2_match_data *md;
};

static struct matcher matcher_new(pcre2_general_context *gc)
{
    struct matcher m = {pcre2_compile_context_create(gc), pcre2_match_context_create(gc),
                        pcre2_match_data_create(1, gc)};
    if (!m.cc || !m.mc || !m.md)
        arena_exhausted("pattern");
    pcre2_set_depth_limit(m.mc, DEPTH_MAX);
    pcre2_set_heap_limit(m.mc, HEAP_MAX_KIB);
    return m;
}

static const struct matcher *matcher_of(struct program *p)
{
    if (!p->matcher) {
        pcre2_general_context *gc = pcre2_general_context_create(take, give, p->arena);
        if (!gc)
            arena_exhausted("pattern");
        struct matcher *m = arena_make(p->arena, struct matcher);
        *m = matcher_new(gc);
        p->matcher = m;
    }
    return p->matcher;
}

/* Tries with a little first, so that what a match has cost is known by what it
 * took; PCRE2 does not tell. A step of PCRE2 costs a tenth of one of ours. */
static enum match run(const struct matcher *m, const pcre2_code *code, const char *text,
                      uint64_t *cost)
{
    static const uint32_t limits[] = {200, 4000, STEPS_MAX};
    int got = PCRE2_ERROR_MATCHLIMIT;
    for (size_t i = 0; i < sizeof limits / sizeof *limits && got == PCRE2_ERROR_MATCHLIMIT; i++) {
        pcre2_set_match_limit(m->mc, limits[i]);
        got = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, m->md, m->mc);
        *cost += i ? limits[i] / 10 : 0;
    }
    if (got == PCRE2_ERROR_NOMEMORY)
        arena_exhausted("pattern");
    return got >= 0                         ? MATCH_YES
           : got == PCRE2_ERROR_MATCHLIMIT || got == PCRE2_ERROR_DEPTHLIMIT ||
                   got == PCRE2_ERROR_HEAPLIMIT || got == PCRE2_ERROR_RECURSELOOP
               ? MATCH_RUNAWAY
               : MATCH_NO;
}

const char *pattern_error(struct arena *a, const char *pattern)
{
    int code = 0;
    pcre2_code *re = compile(pattern, NULL, &code);
    if (re) {
        pcre2_code_free(re);
        return NULL;
    }
    PCRE2_UCHAR text[160];
    if (pcre2_get_error_message(code, text, sizeof text) < 0)
        return "it cannot be understood";
    return arena_strdup(a, (const char *)text);
}

bool pattern_match(const char *pattern, const char *text)
{
    int code = 0;
    uint64_t cost = 0;
    struct matcher m = matcher_new(NULL);
    pcre2_code *re = compile(pattern, m.cc, &code);
    bool hit = re && run(&m, re, text, &cost) == MATCH_YES;
    pcre2_code_free(re);
    pcre2_match_data_free(m.md);
    pcre2_match_context_free(m.mc);
    pcre2_compile_context_free(m.cc);
    return hit;
}

enum match pattern_try(struct program *p, const char *pattern, const char *text, uint64_t *cost)
{
    if (!map_has(&p->regexes, pattern)) {
        int code = 0;
        map_put(&p->regexes, pattern, compile(pattern, matcher_of(p)->cc, &code));
    }
    const pcre2_code *re = map_find(&p->regexes, pattern);
    return re ? run(matcher_of(p), re, text, cost) : MATCH_BROKEN;
}

bool pattern_match_memo(struct program *p, const char *pattern, const char *text)
{
    if (p->matching > PROGRAM_MAX) /* the texts of one evaluation have run away together */
        return false;
    return pattern_try(p, pattern, text, &p->matching) == MATCH_YES;
}
