#include "base/library.h"

#include <dlfcn.h>

bool library_load(struct arena *a, const char *soname, const char *const *names, void **to,
                  const char **why)
{
    void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        *why = arena_strdup(a, dlerror());
        return false;
    }
    for (size_t i = 0; names[i]; i++)
        if (!(to[i] = dlsym(library, names[i]))) {
            *why = arena_strdup(a, dlerror());
            return false;
        }
    return true;
}
