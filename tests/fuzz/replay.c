/* replay.c - the entry point of a fuzz target, called with the bytes of each file
 * that is named. Linked in place of a fuzzer. */
#include <stdint.h>
#include <stdio.h>

#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
    struct arena *a = arena_new("files");
    for (int i = 1; i < argc; i++) {
        const char *text, *error;
        size_t len;
        if (!file_read(a, argv[i], &text, &len, &error)) {
            fprintf(stderr, "%s: %s\n", argv[i], error);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)text, len);
    }
    printf("%d files\n", argc - 1);
    arena_free(a);
    return 0;
}
