/* fuzz_record.c - any bytes as the traffic record, which stands in DNS where others
 * can write too.
 *
 * What must hold: it is refused with a reason, or read; what was read is printed as
 * text that reads and prints as itself. See README.md for how to run it.
 */
#include <stdlib.h>
#include <string.h>

#include "plan/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new("fuzz");
    struct record r, again;
    const char *why = NULL;
    if (record_parse(a, arena_strndup(a, (const char *)data, size), &r, &why)) {
        const char *text = record_print(a, &r);
        if (!record_parse(a, text, &again, &why) || strcmp(text, record_print(a, &again)))
            abort();
        record_copy(a, &r);
    } else if (!why || !*why) {
        abort();
    }
    arena_free(a);
    return 0;
}
