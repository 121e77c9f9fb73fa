#include "aws/libcurl.h"

#include <string.h>

#include "base/library.h"

LIBRARY_NOTE(libcurl_note, "aws", "HTTPS, for commands that talk to AWS", LIBCURL_SONAME);

static const char *const names[] = {
#define X(name) "curl_" #name,
    LIBCURL_FUNCTIONS(X)
#undef X
    NULL,
};

bool libcurl_load(struct arena *scratch, struct libcurl *out, const char **why)
{
    void *at[sizeof names / sizeof *names - 1];
    _Static_assert(sizeof at == sizeof *out, "one pointer for each name");
    if (!library_load(scratch, LIBCURL_SONAME, names, at, why))
        return false;
    memcpy(out, at, sizeof at); /* POSIX: a pointer to data can hold one to a function */
    return true;
}
