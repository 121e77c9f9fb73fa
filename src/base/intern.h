/* intern.h - one pointer per distinct name. Equal texts are equal pointers. */
#ifndef BGC_BASE_INTERN_H
#define BGC_BASE_INTERN_H

#include "base/arena.h"
#include "base/map.h"

struct intern {
    struct map names;
};

void intern_init(struct intern *in, struct arena *a);
const char *intern_n(struct intern *in, const char *s, size_t n);
const char *intern(struct intern *in, const char *s);

#endif
