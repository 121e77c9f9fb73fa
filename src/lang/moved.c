#include "lang/moved.h"

#include <string.h>

/* `from` or something below it, with `to` in its place; NULL: another name. */
static const char *renamed(struct arena *a, const char *address, const char *from, const char *to)
{
    size_t n = to && from ? strlen(from) : 0;
    if (!n || strncmp(address, from, n) || (address[n] && !strchr(".[", address[n])))
        return NULL;
    return arena_printf(a, "%s%s", to, address + n);
}

static const char *follow(struct arena *a, const struct program *p, const char *address, bool back)
{
    for (size_t hops = 0; hops <= p->moved.n; hops++) { /* a circle ends, too */
        const char *next = NULL;
        for (size_t i = 0; i < p->moved.n && !next; i++) {
            const struct decl *d = p->moved.at[i];
            next = back ? renamed(a, address, d->path2, d->path) : renamed(a, address, d->path, d->path2);
        }
        if (!next)
            break;
        address = next;
    }
    return address;
}

const char *moved_from(struct arena *a, const struct program *p, const char *address)
{
    return follow(a, p, address, true);
}

const char *moved_to(struct arena *a, const struct program *p, const char *address)
{
    return follow(a, p, address, false);
}

/* The next word of an address, behind the keys of the one before; NULL: that was all. */
static const char *next_word(struct arena *a, const char **at)
{
    const char *s = *at;
    bool quoted = false;
    if (*s == '[')
        for (s++; *s && (quoted || *s != ']'); s++)
            quoted ^= *s == '"';
    if (*s == ']')
        s++;
    if (*s == '.')
        s++;
    size_t n = strcspn(s, ".[");
    *at = s + n;
    return n ? arena_strndup(a, s, n) : NULL;
}

const struct decl *moved_declared(struct program *p, const char *address)
{
    const char *home = next_word(p->arena, &address), *name = next_word(p->arena, &address);
    if (!home || !name)
        return NULL;
    const struct symbol *y = strcmp(home, "shared")  ? program_in_world(p, home, name)
                             : p->root->shared ? map_find(&p->root->shared->symbols, name)
                                               : NULL;
    while (y && (name = next_word(p->arena, &address))) {
        const struct symbol *module = y->decl->path ? program_module(p, y->scope, y->decl->path) : NULL;
        y = module && module->body ? map_find(&module->body->symbols, name) : NULL;
    }
    return y ? y->decl : NULL;
}
