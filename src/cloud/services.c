#include "cloud/services.h"

#include "lang/program.h"

static const struct value *find_in_map(void *self, const char *service)
{
    return value_get(self, service);
}

struct service_source service_source_of_map(const struct value *map)
{
    return (struct service_source){find_in_map, (void *)(uintptr_t)map};
}

static struct value *fold(struct arena *a, const struct expr *e);

static struct value *fold_members(struct arena *a, const struct arg *args)
{
    struct value *m = value_map(a);
    for (const struct arg *x = args; x; x = x->next) {
        struct value *v = fold(a, x->value);
        const char *name = x->name.text;
        if (x->key) {
            const struct value *k = fold(a, x->key);
            name = k && k->kind == V_STRING ? k->s : NULL;
        }
        if (name && v)
            value_put(m, name, v);
    }
    return m;
}

static struct value *fold(struct arena *a, const struct expr *e)
{
    if (!e)
        return NULL;
    switch (e->kind) {
    case EXPR_LITERAL: return value_copy(a, e->literal);
    case EXPR_TEMPLATE: {
        struct buf b;
        buf_init(&b, a);
        for (const struct part *p = e->parts; p; p = p->next) {
            if (p->expr)
                return NULL;
            buf_puts(&b, p->text);
        }
        return value_string(a, buf_text(&b));
    }
    case EXPR_LIST: {
        VEC(struct value *) items = {0};
        for (const struct arg *x = e->args; x; x = x->next) {
            struct value *v = fold(a, x->value);
            if (v)
                vec_push(a, &items, v);
        }
        return value_list(a, items.at, items.n);
    }
    case EXPR_RECORD:
    case EXPR_MAP: return fold_members(a, e->args);
    default: return NULL;
    }
}

struct value *service_record(struct arena *a, const struct decl *service)
{
    return fold_members(a, service->fields);
}

struct from_program {
    struct arena *arena;
    struct program *program;
    struct map records; /* name -> struct value * */
};

static const struct value *find_in_program(void *self, const char *service)
{
    struct from_program *f = self;
    struct value *record = map_find(&f->records, service);
    if (record)
        return record;
    const struct decl *d = program_service(f->program, service);
    if (!d)
        return NULL;
    record = service_record(f->arena, d);
    map_put(&f->records, d->name.text, record);
    return record;
}

struct service_source service_source_of_program(struct arena *a, struct program *p)
{
    struct from_program *f = arena_make(a, struct from_program);
    *f = (struct from_program){a, p, {0}};
    map_init(&f->records, a);
    return (struct service_source){find_in_program, f};
}
