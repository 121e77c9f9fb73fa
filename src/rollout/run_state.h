/* run_state.h - inside a run: what its files share. Nobody else includes this.
 *
 * run.c        begins, steps, ends; asks the machine
 * run_effect.c carries out one todo
 * run_gate.c   the one-shot test, `build while`, idleness
 * run_watch.c  what is watched whatever else is done: holds, approvals, the bake
 * run_active.c `active from`: who works, and who rests
 * run_names.c  the names that the record stands at
 * run_size.c   capacity: hold, release, size ahead, really scaling
 */
#ifndef BGC_ROLLOUT_RUN_STATE_H
#define BGC_ROLLOUT_RUN_STATE_H

#include "rollout/run.h"
#include "rollout/survey.h"

/* The gate that a world with a share is under. */
struct watch {
    const char *key;      /* of its duty; NULL: none yet */
    struct gate_state gate;
    int64_t next_round;   /* of the gate */
    int64_t next_look;    /* at the kill switch, and for what others wrote to the store */
    int64_t blind_since;  /* schedule ms since when AWS refuses this identity what the gate measures; 0 */
    int64_t silent_since; /* schedule ms since when there is no data; 0 */
    bool passed;          /* the newest round passed */
};

struct check_progress {
    int64_t passes; /* in a row */
    bool done;
    const char *why;
};

/* One world of the run. */
struct run_world {
    struct run *run;
    struct plan_world *plan;
    struct world_view view;
    struct traffic_switch *sw;    /* NULL: it has no traffic */
    struct traffic_state *traffic;
    const struct rollout *rollout;
    bool complete;                /* its wanted candidate is built */
    bool building;                /* that was begun and said */
    double sized_for;
    bool failed;
    const char *failure;
    bool rolled_back;
    bool idle;
    bool handing;                 /* work is changing hands (`active from`) */
    bool fired;                   /* its kill switch was seen fired: that stays so */
    bool stuck;                   /* an effect of its failed: it is left as it is */
    bool refused;                 /* that was said */
    int64_t back_since, back_next; /* schedule ms: taking it back has failed since, and is tried again then; 0 */
    int64_t looked_back;          /* schedule ms up to which it is known that its kill switch has not fired; 0 */
    int conflicts;                /* batches in a row that did not fit what stands, though the record is ours */
    bool lagging;                 /* a world's tags say more names: a run died behind the batch that changed them */
    bool unnamed;                 /* its names could not be changed: they stay, and that was said */
    bool left;                    /* the bake is left to others, and that was said */
    struct watch watch;
    bool judging;                 /* a round is under way: it is not begun again inside */
    struct arena *round;          /* of a round's values */
    const char *announced;        /* of which hold people were told */
    int64_t due;                  /* schedule ms when it can go on; INT64_MAX: nothing is known */
    int64_t sizing_since;         /* schedule ms; 0 */
    /* the one-shot test under way */
    const char *testing;          /* id; NULL: none */
    int64_t test_begun;
    struct check_progress *progress;
    /* `build while` */
    struct gate_state build;
    int64_t next_build;
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
    bool locked, shared_done;
    int64_t begun;
    struct run_world *building; /* for whom the executor works; NULL: what is shared */
    bool yielding;              /* the executor was stopped because another world is due */
    bool broken;                /* watching failed, and it was reported */
    bool taken;                 /* another run took over the traffic, and it was reported */
    size_t turn;                /* whose turn it is */
    const char *outcome;        /* of the worlds that have ended; NULL: none yet */
    int exit_code;
};

/* Events. */
void run_say(struct run *r, const struct run_world *w, const char *type, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
enum run_status run_stop(struct run *r, const char *outcome, int exit_code);
/* Ends after a reported failure; the lease or the record lost, or plainly failed. */
enum run_status run_fail(struct run *r);
/* Reports that the record is another run's now. */
void run_taken_over(struct run *r, const struct run_world *w);
/* "web/7f3a2c91d0" */
const char *run_full(struct run *r, const struct run_world *w, const char *id);
/* Wants to be called again at `at`. */
enum run_status run_wait_until(struct run *r, int64_t at);

void run_look(struct run *r, struct run_world *w);                 /* view, from memory */
struct machine_in run_machine_in(struct run *r, struct run_world *w);
/* What is to be done for a world now; TODO_NOTHING where this command does not. */
struct todo run_wanted(struct run *r, struct run_world *w);
/* When the records that stand now came into sync, schedule ms: as the journal knows
 * it, else later than it can have been. */
int64_t run_settled(struct run *r, const struct run_world *w);
/* Notes that they are now, if that is not known yet. false: reported. */
bool run_settled_now(struct run *r, struct run_world *w);
/* A world has come to an end, or to a failure that others go on after. */
void run_ended(struct run *r, const char *outcome, int code);
enum run_status run_do(struct run *r, struct run_world *w, const struct todo *t);

/* run_effect.c: asks the verifier for a step that is no resource action. */
bool run_allowed(struct run *r, struct run_world *w, enum plan_op op, const char *id, double share);
/* The executor works for `w` (NULL: for what is shared) while all that has a share is
 * watched; what its result means for the run. */
enum exec_result run_work(struct run *r, struct run_world *w, struct action *const *acts, size_t n);
enum run_status run_after(struct run *r, enum exec_result e);
/* What the result of a batch means for the run. */
enum run_status run_switched(struct run *r, struct run_world *w, enum switch_result s);

/* run_gate.c */
enum run_status run_test(struct run *r, struct run_world *w, const struct todo *t);
enum run_status run_idle(struct run *r, struct run_world *w, const struct todo *t);
/* Whether users are still counted on a world that has lost its records: resolvers
 * that stretch an answer's time. Not asked for ever: an hour after the doom. */
bool run_still_used(struct run *r, struct run_world *w, const char *id);
/* The gate of `build while`: whether creation waits. Returns when it is asked again,
 * or -1: reported. */
int64_t run_build_gate(struct run *r, struct run_world *w, int64_t now, bool *hold);
void run_say_check(struct run *r, const struct run_world *w, const struct gate *g, const struct check_result *c);
struct judge run_judge(struct run *r, struct run_world *w, const char *id);

/* run_watch.c */
enum run_status run_watch(struct run *r, struct run_world *w, const struct todo *t);
struct duty run_duty(struct run *r, struct run_world *w);
/* One round for each world that has one due. false: reported. */
bool run_guard(struct run *r);
/* When the next round of any world is due; INT64_MAX. */
int64_t run_next_round(const struct run *r);
/* Whether some world must be taken back now, and will be by this command: everything
 * else waits for that. */
bool run_urgent(struct run *r);
/* Sleeps until then and watches meanwhile. false: what is under way must end, for a
 * signal, for the lease, or for what run_urgent says. */
bool run_nap(struct run *r, int64_t until);
/* The same where nothing can be stopped; the switch's `rest`. */
void run_rest(void *self, int64_t until);
/* The executor's tick. */
int64_t run_exec_tick(void *self, int64_t now, bool *hold);
/* run_lasting.c: whether the credentials would end in the middle of what a shift begins;
 * then *status says what is done instead. */
bool run_outlasted(struct run *r, struct run_world *w, const struct todo *t, enum run_status *status);
/* Takes back what nobody could take back any more when the credentials have ended. */
void run_take_back_in_time(struct run *r, struct run_world *w);
/* Whether its share is neither nothing nor everything: it must be watched. */
bool run_partial(const struct run_world *w);
/* Says how what this run leaves at a partial share is taken back. */
void run_say_left(struct run *r);

/* Its failure is latched in the journal before it is acted on. */
void run_failed(struct run *r, struct run_world *w, const char *why);
/* Failures that a run before this one latched and did not live to act on. */
void run_recall(struct run *r, struct run_world *w);
bool run_kill_switch_fired(struct run *r, struct run_world *w);
bool run_step_passed(struct run *r, const struct run_world *w);
bool run_approved(struct run *r, const struct run_world *w);

/* run_active.c: ids of worlds in which something works that should not, or rests that
 * should work; NULL: all is as the record says. */
const char *run_to_rest(struct run *r, const struct run_world *w);
const char *run_to_wake(struct run *r, const struct run_world *w);
bool run_overlaps(struct run *r, const struct run_world *w);
enum run_status run_quiesce(struct run *r, struct run_world *w);
enum run_status run_activate(struct run *r, struct run_world *w);

/* run_names.c */
/* Whether the tags of a world say otherwise than the program where the traffic is. Those
 * of the live one, when it is the program's, are in the plan. */
bool run_tags_lag(struct run *r, const struct run_world *w);
/* Whether names are to be changed, or tags to be mended. */
bool run_renames(const struct run *r, const struct run_world *w);
enum run_status run_rename(struct run *r, struct run_world *w, const struct todo *t);

/* run_size.c */
bool run_is_held(const struct run *r, const struct run_world *w, const char *id);
bool run_is_released(const struct run *r, const struct run_world *w, const char *id);
enum exec_result run_hold(struct run *r, struct run_world *w, const char *id);
enum exec_result run_release(struct run *r, struct run_world *w, const char *id);
enum run_status run_size(struct run *r, struct run_world *w, const struct todo *t);
/* The judge's `scales`. */
struct value *run_scales(void *self, struct arena *a, const char *address, int64_t by);

#endif
