/* fuzz_check.c - any text as a program, checked.
 *
 * What must hold: nothing crashes or hangs; it is sound exactly when nothing was
 * reported; checking says the same each time; whatever was found is shown in
 * every form without a control character. See README.md for how to run it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/render.h"
#include "lang/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *checked(struct arena *a, const uint8_t *data, size_t size)
{
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct buf all;
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    intern_init(&names, a);
    buf_init(&all, a);
    struct program *p = program_load(a, &names, &ds, "/nonexistent/fuzz.bg",
                                     arena_strndup(a, (const char *)data, size));
    size_t before = ds.errors;
    if (program_check(p) != (ds.errors == before))
        abort();
    for (enum render_format f = RENDER_TEXT; f <= RENDER_GITHUB; f++)
        render_diags(&all, &ds, f, false);
    return buf_text(&all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    struct arena *a = arena_new("fuzz");
    const char *once = checked(a, data, size);
    if (strcmp(once, checked(a, data, size)))
        abort();
    for (const char *s = once; *s; s++)
        if ((unsigned char)*s < ' ' && *s != '\n')
            abort();
    arena_free(a);
    return 0;
}
