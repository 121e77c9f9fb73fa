/* Scripted faults: a target's address and member, and what they mean. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lang/ast.h"
#include "sandbox/account.h"

static const char *const lag_target = "reads.lag";

static const char *world_hash(const char *world)
{
    const char *slash = world ? strrchr(world, '/') : NULL;
    return slash ? slash + 1 : world;
}

/* "shared.db" and "db" are one. */
static const char *unshared(const char *address)
{
    return strncmp(address, "shared.", 7) ? address : address + 7;
}

const char *fault_member(const struct sandbox *s, const struct fault *f, const struct object *o)
{
    const char *world, *address = object_address(s, o, &world);
    if (!address || (f->world && (!world || strcmp(world, f->world))))
        return NULL;
    address = unshared(address);
    const char *target = unshared(f->target);
    size_t n = strlen(address);
    if (strncmp(target, address, n) || (target[n] && target[n] != '.'))
        return NULL;
    return target[n] ? target + n + 1 : "";
}

const struct fault *fault_of(const struct sandbox *s, const struct object *o, const char *member)
{
    const struct fault *found = NULL;
    for (size_t i = 0; i < s->faults.n; i++) {
        const char *m = fault_member(s, &s->faults.at[i], o);
        if (m && !strcmp(m, member))
            found = &s->faults.at[i]; /* the last word counts */
    }
    return found;
}

double fault_amount(const struct value *v, double whole)
{
    switch (v->kind) {
    case V_INT: return (double)v->i;
    case V_NUMBER: return dec_double(v->dec);
    case V_PERCENT: return dec_double(v->dec) / 100 * whole;
    case V_RATE: return v->rate.per ? dec_double(v->rate.count) * MINUTE / (double)v->rate.per : 0;
    case V_DURATION: return (double)v->i / 1000;
    case V_STRING: return strtod(v->s, NULL);
    default: return 0;
    }
}

/* ---- which targets there are -------------------------------------------------- */

static const char *type_of_name(struct scope *scope, const char *name)
{
    struct symbol *sym = scope ? map_find(&scope->symbols, name) : NULL;
    return sym && (sym->decl->kind == DECL_RESOURCE || sym->decl->kind == DECL_EXISTING)
               ? sym->decl->path
               : NULL;
}

/* The type of the resource that `target` begins with, by the program; *rest what
 * follows. NULL: no such resource. */
static const char *type_of_target(const struct sandbox *s, struct arena *a, const char *target,
                                  const char **rest)
{
    struct program *p = s->ss->program;
    const char *dot = strchr(target, '.');
    const char *first = dot ? arena_strndup(a, target, (size_t)(dot - target)) : target;
    struct scope *shared = p->root ? p->root->shared : NULL;
    const char *type = type_of_name(shared, first);
    *rest = dot ? dot + 1 : "";
    if (type)
        return type;
    if (!dot)
        return NULL;
    const char *dot2 = strchr(dot + 1, '.');
    const char *second = dot2 ? arena_strndup(a, dot + 1, (size_t)(dot2 - dot - 1)) : dot + 1;
    struct symbol *in = p->root ? program_in_world(p, first, second) : NULL;
    *rest = dot2 ? dot2 + 1 : "";
    return in && in->decl->kind == DECL_RESOURCE ? in->decl->path : NULL;
}

static bool known_target(struct sandbox *s, const char *target)
{
    struct arena *a = arena_new("target");
    const char *rest, *type = type_of_target(s, a, unshared(target), &rest);
    const struct schema *schema = type ? schema_find(s->ss, type) : NULL;
    bool ok = false;
    if (schema)
        ok = !*rest                     ? !strcmp(schema->name, "logs.group")
             : !strcmp(rest, "healthy") ? !strcmp(schema->name, "elbv2.target_group")
                                        : schema_metric(schema, rest) != NULL;
    /* An account that another program made: by the objects that are there. */
    for (size_t i = 0; !schema && !ok && i < s->objects.n; i++) {
        const struct object *o = s->objects.at[i];
        struct fault f = {.target = target};
        const char *m = o->gone ? NULL : fault_member(s, &f, o);
        ok = m && (!*m ? object_is(o, "logs.group")
                       : schema_metric(o->schema, m) ||
                             (!strcmp(m, "healthy") && object_is(o, "elbv2.target_group")));
    }
    arena_free(a);
    return ok;
}

bool sandbox_fault(struct sandbox *s, const char *world, const char *target,
                   const struct value *value)
{
    world = world_hash(world);
    if (!strcmp(target, lag_target)) {
        s->lag = value && value->kind == V_DURATION ? value->i : 0;
        return true;
    }
    if (!known_target(s, target))
        return false;
    s->dirty = true;
    size_t n = 0;
    for (size_t i = 0; i < s->faults.n; i++) {
        const struct fault *f = &s->faults.at[i];
        bool same = !strcmp(f->target, target) &&
                    (f->world == world || (f->world && world && !strcmp(f->world, world)));
        if (!same)
            s->faults.at[n++] = *f;
    }
    s->faults.n = n;
    if (value)
        vec_push(s->arena, &s->faults,
                 (struct fault){.world = world ? arena_strdup(s->arena, world) : NULL,
                                .target = arena_strdup(s->arena, target),
                                .value = value_copy(s->arena, value),
                                .since = s->now});
    return true;
}
