/* fuzz_sandbox.c - any bytes as the file of a sandbox account.
 *
 * What must hold: it is refused with a message, or it is an account that can be
 * worked with and that is written as a file which loads again.
 * See README.md for how to run it.
 */
#include <stdlib.h>

#include "fuzz_file.h"
#include "sandbox/sandbox.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0; /* an empty file is a fresh account */
    char path[64];
    int fd = fuzz_file(data, size, path);
    struct arena *a = arena_new("fuzz");
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct schemas ss;
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    intern_init(&names, a);
    schemas_init(&ss, program_stdlib(a, &names, &ds));
    struct sandbox_config c = {.seed = 1, .account_id = "123456789012", .region = "eu-west-1"};
    struct sandbox *s = sandbox_load(a, &ss, &ds, path, &c);
    if (!s && !ds.errors)
        abort();
    if (s)
        sandbox_free(s);
    arena_free(a);
    close(fd);
    return 0;
}
