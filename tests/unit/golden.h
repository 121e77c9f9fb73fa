/* golden.h - compares a text with a file of tests/unit/golden.
 *
 * With BLESS=1 in the environment the file is written instead; read the diff.
 * SRCDIR is the source folder (the test runners set it).
 */
#ifndef BGC_TESTS_GOLDEN_H
#define BGC_TESTS_GOLDEN_H

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "test.h"

static inline void golden_check(struct arena *a, const char *name, const char *text)
{
    const char *src = getenv("SRCDIR"), *want, *error;
    const char *path = arena_printf(a, "%s/tests/unit/golden/%s", src ? src : ".", name);
    size_t len;
    if (getenv("BLESS")) {
        if (!file_write_atomic(a, path, text, strlen(text), 0, &error))
            fail_msg("%s: %s", path, error);
        return;
    }
    if (!file_read(a, path, &want, &len, &error))
        fail_msg("%s: %s (BLESS=1 writes it)", path, error);
    assert_string_equal(text, want);
}

#endif
