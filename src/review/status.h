/* status.h - where every world stands, and how to go back.
 *
 * Put together from what a survey and the journal say; a process that runs a
 * rollout knows nothing more. The machine is asked for the phase as a run would
 * ask it, with what only a run sees (capacity) taken as done.
 */
#ifndef BGC_REVIEW_STATUS_H
#define BGC_REVIEW_STATUS_H

#include "review/outputs.h"
#include "rollout/machine.h"

#define STATUS_FORMAT "1"

struct status_share {
    const char *id; /* "7f3a2c91d0" */
    double percent;
};

struct status_world {
    const char *name;
    const struct world_view *view;
    const char *live_colour, *candidate_colour; /* NULL: not known */
    VEC(struct status_share) shares;
    enum phase_kind phase;
    int64_t step, steps;  /* the shift step that it is in, from 0; -1 none. How many there are */
    int64_t since, due;   /* schedule ms; 0: nothing */
    const char *outcome;  /* "applied" "rolled_back" "refused"; NULL: under way */
    const char *next;     /* what the machine would do, in words; NULL: nothing */
    const char *back_to;  /* id that a rollback gives everything; NULL: nothing to take back */
    const char *cli;      /* the same batch for the AWS CLI; NULL */
    const char *approval; /* whose approval it waits for; NULL */
    const char *failure;  /* of the step that it is in, seen and not acted on yet; NULL */
    bool fired;           /* the kill switch took the new world out */
};

struct status {
    const char *stack;
    int64_t now;
    VEC(struct status_world *) worlds;
    struct outputs *outputs;
    bool locked;
    struct lock_holder lock;
    int64_t lock_age; /* ms since its last sign of life */
};

/* `store` NULL: no lock and no journal. NULL: reported. */
struct status *status_make(const struct survey_args *args, struct arena *a, const struct survey *s,
                           struct store *store);
struct value *status_json(struct arena *a, const struct status *s);
/* `command` is how this stack is spoken of: " shop.bg --sandbox" behind `bgc rollback`. */
void status_text(struct buf *b, const struct status *s, const char *command, bool colour);

#endif
