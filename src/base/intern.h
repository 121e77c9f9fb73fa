/* intern.h - one pointer per distinct name. Equal texts are equal pointers. */
#ifndef BGC_BASE_INTERN_H
#define BGC_BASE_INTERN_H

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"

struct intern {
    struct map names;
};

void intern_init(struct intern *in, struct arena *a);
const char *intern_n(struct intern *in, const char *s, size_t n);
const char *intern(struct intern *in, const char *s);
/* Its key is the name; its value belongs to whoever owns the table, and is NULL at first. */
struct map_entry *intern_entry(struct intern *in, const char *s, size_t n);

/* Whether two names are equal, for names that may not be of one table. Most equal
 * ones are one pointer, and most others differ in their first letter. */
static inline bool names_equal(const char *x, const char *y)
{
    return x == y || (*x == *y && !strcmp(x, y));
}

/* The same of what may be NULL, which equals NULL alone. */
static inline bool texts_equal(const char *x, const char *y)
{
    return x == y || (x && y && !strcmp(x, y));
}

#endif
