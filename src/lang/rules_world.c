#include <string.h>

#include "lang/check_state.h"

/* Rules about worlds that need more than one name: entry, physical names, kill
 * switches. (That nothing sees another colour is check_name.c's.) */

const struct decl *world_decl(const struct program *p, const char *name)
{
    for (size_t i = 0; i < p->worlds.n; i++)
        if (name && !strcmp(p->worlds.at[i]->name.text, name))
            return p->worlds.at[i];
    return NULL;
}

const struct decl *traffic_of(const struct program *p, const char *world)
{
    for (size_t i = 0; i < p->traffics.n; i++)
        if (p->traffics.at[i]->name.text && !strcmp(p->traffics.at[i]->name.text, world))
            return p->traffics.at[i];
    return NULL;
}

/* The subject of an expression that was checked before: silently. */
static const struct subject *subject_of(struct checker *c, const struct scope *s,
                                        const struct expr *e, bool *sound)
{
    struct diags *loud = c->ds, quiet;
    struct at at = {.c = c, .scope = s};
    diags_init(&quiet, c->a, loud->sources);
    c->ds = &quiet;
    struct typed t = check_at(&at, e, NULL, NULL);
    c->ds = loud;
    *sound = t.type->kind == TYPE_K_REF; /* else it was reported where it is declared */
    return t.subject;
}

static void rule_entry(struct checker *c, const struct decl *world, const struct scope *body)
{
    const struct decl *first = NULL;
    for (const struct decl *d = world->body; d; d = d->next) {
        if (d->kind != DECL_ENTRY)
            continue;
        if (first) {
            struct diag *e = diag_error(c->ds, "BG3004", d->span, "world `%s` has two entries",
                                        world->name.text);
            diag_label(c->ds, e, first->span, "the first is here");
            diag_help(c->ds, e, "traffic reaches a world at one place");
            continue;
        }
        first = d;
        bool sound;
        const struct subject *s = subject_of(c, body, d->value, &sound);
        if (!sound || (s && s->world && s->symbol->decl->kind == DECL_RESOURCE))
            continue;
        struct diag *e = diag_error(c->ds, "BG3004", d->value->span,
                                    "the entry must be a resource of this world");
        if (s)
            diag_label(c->ds, e, s->symbol->decl->name.span, s->world ? "this is not made by it"
                                                                      : "this is shared");
        diag_help(c->ds, e,
                  "name what traffic reaches in each colour, for example its load balancer");
    }
    if (!first && body) {
        struct diag *e = diag_error(c->ds, "BG3004", world->name.span, "world `%s` has no entry",
                                    world->name.text);
        diag_help(c->ds, e, "write `entry NAME`: the resource that traffic reaches");
    }
}

void rule_name(struct checker *c, const char *name, const struct decl *d)
{
    for (const struct arg *g = d->fields; g; g = g->next) {
        if (!g->name.text || strcmp(g->name.text, "name") != 0)
            continue;
        const struct decl *world = world_decl(c->p, name);
        struct diag *e = diag_error(c->ds, "BG3002", g->name.span,
                                    "a resource of a world cannot choose its name");
        diag_at(c->ds, e, "both colours would want it");
        if (world)
            diag_label(c->ds, e, world->name.span, "world `%s` exists once per colour", name);
        diag_help(c->ds, e, "leave it out: the name is made from the world's id");
    }
}

static void rule_kill_switch(struct checker *c, const struct decl *traffic)
{
    for (const struct arg *g = traffic->fields; g; g = g->next) {
        if (!g->name.text || strcmp(g->name.text, "kill_switch") != 0)
            continue;
        bool sound;
        const struct subject *s = subject_of(c, c->p->root, g->value, &sound);
        if (!s || !sound || (s->world && !strcmp(s->world, traffic->name.text)))
            continue;
        struct diag *e = diag_error(c->ds, "BG3005", g->value->span,
                                    "a kill switch must belong to the world that it takes out");
        diag_label(c->ds, e, s->symbol->decl->name.span, s->world ? "this watches another world"
                                                                  : "this is shared");
        diag_note(c->ds, e, "it stands on the new world's records only: what is sick for both "
                            "colours must not throw all traffic onto one");
        diag_help(c->ds, e, "declare the alarm in `world %s`", traffic->name.text);
    }
}

void rules_worlds(struct checker *c)
{
    const struct program *p = c->p;
    for (size_t i = 0; i < p->worlds.n; i++) {
        const struct decl *w = p->worlds.at[i];
        const struct symbol *y = map_find(&p->root->symbols, w->name.text);
        rule_entry(c, w, y ? y->body : NULL);
    }
    for (size_t i = 0; i < p->traffics.n; i++)
        if (p->traffics.at[i]->name.text && world_decl(p, p->traffics.at[i]->name.text))
            rule_kill_switch(c, p->traffics.at[i]);
}
