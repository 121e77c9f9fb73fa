/* services.h - where the `service` declarations' records come from.
 *
 * How a service is spoken to is data: one record per `service` declaration in
 * stdlib/aws/services.bg, a MAP of plain values. Whoever needs one asks a
 * source by name, so that only the services of a run are ever parsed.
 */
#ifndef BGC_CLOUD_SERVICES_H
#define BGC_CLOUD_SERVICES_H

#include "base/value.h"

struct decl;
struct program;

struct service_source {
    /* The record, a MAP that lives as long as the source; NULL: no such service. */
    const struct value *(*find)(void *self, const char *service);
    void *self;
};

static inline const struct value *service_find(const struct service_source *s, const char *name)
{
    return s->find ? s->find(s->self, name) : NULL;
}

/* A source over a MAP of records, which must outlive it. */
struct service_source service_source_of_map(const struct value *map);
/* A source over a program's declarations; each is read on first use. */
struct service_source service_source_of_program(struct arena *a, struct program *p);
/* The record of a declaration. Only literals, lists, records and maps may stand
 * in one; anything else is left out, and the checker reports it. */
struct value *service_record(struct arena *a, const struct decl *service);

#endif
