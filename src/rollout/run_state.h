/* run_state.h - inside a run: what its files share. Nobody else includes this.
 *
 * run.c        begins, steps, ends; asks the machine
 * run_effect.c carries out one todo
 * run_gate.c   tests, watches, approvals, bake, idleness
 * run_size.c   capacity: hold, release, size ahead, really scaling
 */
#ifndef BGC_ROLLOUT_RUN_STATE_H
#define BGC_ROLLOUT_RUN_STATE_H

#include "rollout/run.h"
#include "rollout/survey.h"

/* One world of the run. */
struct run_world {
    struct plan_world *plan;
    struct world_view view;
    struct traffic_switch *sw;    /* NULL: it has no traffic */
    struct traffic_state *traffic;
    const struct rollout *rollout;
    bool complete;                /* its wanted candidate is built */
    double sized_for;
    bool failed;
    const char *failure;
    bool rolled_back;
    bool idle;
    /* the gate being watched */
    const char *watching;         /* key of the step */
    struct gate_state gate;
    int64_t next_round;
    int64_t held_since;           /* schedule ms since when there is no data; 0 */
    bool passed;                  /* the newest round passed */
};

struct run_state {
    struct survey_args args;
    struct survey survey;
    struct lock lock;
    struct journal journal;
    struct verifier verifier;
    struct executor exec;
    struct facts *facts;
    const char *nonce;
    VEC(struct run_world *) worlds;
    bool locked, shared_done, asked_to_stop;
    int64_t begun;
    struct run_world *building; /* whose gate the executor's tick runs */
    int64_t seen_journal;
};

/* Events. */
void run_say(struct run *r, const struct run_world *w, const char *type, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
enum run_status run_stop(struct run *r, const char *outcome, int exit_code);
/* Ends after a reported failure; the lease lost, a refusal or plainly failed. */
enum run_status run_fail(struct run *r);
/* "web/7f3a2c91d0" */
const char *run_full(struct run *r, const struct run_world *w, const char *id);
/* Wants to be called again at `at`. */
enum run_status run_wait_until(struct run *r, int64_t at);

void run_look(struct run *r, struct run_world *w);                 /* view, from memory */
struct machine_in run_machine_in(struct run *r, struct run_world *w);
enum run_status run_do(struct run *r, struct run_world *w, const struct todo *t);

/* run_gate.c */
enum run_status run_test(struct run *r, struct run_world *w, const struct todo *t);
enum run_status run_watch(struct run *r, struct run_world *w, const struct todo *t);
enum run_status run_idle(struct run *r, struct run_world *w, const struct todo *t);
/* Whether users are still counted on a world that has lost its records: resolvers
 * that stretch an answer's time. Not asked for ever: an hour after the doom. */
bool run_still_used(struct run *r, struct run_world *w, const char *id);
int64_t run_build_tick(void *self, int64_t now, bool *hold);
bool run_step_passed(struct run *r, const struct run_world *w);
bool run_approved(struct run *r, const struct run_world *w);
struct judge run_judge(struct run *r, struct run_world *w, const char *id);

/* run_size.c */
bool run_is_held(const struct run *r, const struct run_world *w, const char *id);
bool run_is_released(const struct run *r, const struct run_world *w, const char *id);
enum exec_result run_hold(struct run *r, struct run_world *w, const char *id);
enum exec_result run_release(struct run *r, struct run_world *w, const char *id);
enum run_status run_size(struct run *r, struct run_world *w, const struct todo *t);
/* The judge's `scales`. */
struct value *run_scales(void *self, struct arena *a, const char *address, int64_t by);

#endif
