/* report.h - what happens, told to whoever watches.
 *
 * A sink for the events of a run: one line per event for people, and one JSON
 * object per event for machines. The report adds the number, the time, the run
 * and its epoch. Nothing that came from AWS can steer the terminal, and no line
 * starts with "::", which pipelines take for a command.
 */
#ifndef BGC_REVIEW_REPORT_H
#define BGC_REVIEW_REPORT_H

#include <stdbool.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/map.h"
#include "base/redact.h"

#define EVENTS_FORMAT "1"

struct report {
    struct arena *arena; /* scratch; reset by each event */
    struct sink sink;    /* give this to the run */
    const struct redact *secrets; /* hidden in what is said; NULL: nothing is */
    const struct clock *clock;
    const char *run;      /* nonce */
    const int64_t *epoch; /* of the run */
    FILE *text;           /* NULL: none */
    bool colour, verbose;
    FILE *events;     /* NDJSON; NULL: none */
    int64_t seq, day; /* the day of the last line, in days since 1970 */
    struct map said;  /* check -> what was said of it last; it is said again when it changes */
    bool broken;      /* the events could not be written */
};

/* `session` lives as long as the report; `a` is its own. */
void report_init(struct report *r, struct arena *session, struct arena *a,
                 const struct clock *clock, const char *run);
/* The first and the last event. */
void report_start(struct report *r, const char *command, const char *stack);
void report_end(struct report *r, const char *outcome, int exit_code);

#endif
