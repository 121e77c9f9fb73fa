#include "lang/pattern.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { STEPS_MAX = 200000, DEPTH_MAX = 2000, HEAP_MAX_KIB = 4096 };

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
    return pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern), PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C,
                         code, &at, cc);
}

static bool run(const pcre2_code *code, const char *text)
{
    pcre2_match_context *mc = pcre2_match_context_create(NULL);
    /* not from the pattern: its memory would be the arena's, 20 KiB for each match */
    pcre2_match_data *md = pcre2_match_data_create(1, NULL);
    bool hit = false;
    if (mc && md) {
        pcre2_set_match_limit(mc, STEPS_MAX);
        pcre2_set_depth_limit(mc, DEPTH_MAX);
        pcre2_set_heap_limit(mc, HEAP_MAX_KIB);
        hit = pcre2_match(code, (PCRE2_SPTR)text, strlen(text), 0, 0, md, mc) >= 0;
    }
    pcre2_match_data_free(md);
    pcre2_match_context_free(mc);
    return hit;
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
    pcre2_code *re = compile(pattern, NULL, &code);
    bool hit = re && run(re, text);
    pcre2_code_free(re);
    return hit;
}

bool pattern_match_memo(struct program *p, const char *pattern, const char *text)
{
    if (!map_has(&p->regexes, pattern)) {
        pcre2_general_context *gc = pcre2_general_context_create(take, give, p->arena);
        pcre2_compile_context *cc = gc ? pcre2_compile_context_create(gc) : NULL;
        int code = 0;
        map_put(&p->regexes, pattern, cc ? compile(pattern, cc, &code) : NULL);
    }
    const pcre2_code *re = map_find(&p->regexes, pattern);
    return re && run(re, text);
}
