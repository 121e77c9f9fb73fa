#include "lang/walk.h"

#include <string.h>

void expr_each_child(const struct expr *e, void (*see)(void *self, const struct expr *child),
                     void *self)
{
    if (!e)
        return;
    const struct expr *first[] = {e->a, e->c}; /* what a loop goes over and its condition */
    bool loop = e->kind == EXPR_FOR_LIST || e->kind == EXPR_FOR_MAP;
    if (loop) {
        for (size_t i = 0; i < 2; i++)
            if (first[i])
                see(self, first[i]);
        if (e->key)
            see(self, e->key);
        if (e->b)
            see(self, e->b);
        return;
    }
    for (const struct part *p = e->parts; p; p = p->next)
        if (p->expr)
            see(self, p->expr);
    if (e->a)
        see(self, e->a);
    if (e->b)
        see(self, e->b);
    if (e->c)
        see(self, e->c);
    for (const struct arg *g = e->args; g; g = g->next) {
        if (g->key)
            see(self, g->key);
        if (g->value)
            see(self, g->value);
    }
}

struct search {
    const char *name;
    bool found;
};

static void search_in(void *self, const struct expr *e)
{
    struct search *s = self;
    if (e->kind == EXPR_NAME && !strcmp(e->name.text, s->name))
        s->found = true;
    if (!s->found)
        expr_each_child(e, search_in, s);
}

bool expr_says(const struct expr *e, const char *name)
{
    struct search s = {name, false};
    if (e)
        search_in(&s, e);
    return s.found;
}
