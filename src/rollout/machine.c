#include "rollout/machine.h"

#include <string.h>

#include "plan/timeline.h"

const char *phase_name(enum phase_kind p)
{
    static const char *const names[] = {
        [PH_IDLE] = "idle",       [PH_CREATING] = "creating",
        [PH_TESTING] = "testing", [PH_SHIFTING] = "shifting",
        [PH_HOLDING] = "holding", [PH_AWAITING_APPROVAL] = "awaiting_approval",
        [PH_BAKING] = "baking",   [PH_ROLLING_BACK] = "rolling_back",
        [PH_RETIRING] = "retiring",
    };
    return names[p];
}

int64_t machine_keep(const struct rollout *r)
{
    const struct step_ast *s = step_find(r, STEP_ON_FAILURE);
    return s ? s->keep : 0;
}

const char *machine_step_key(struct arena *a, const struct record *r)
{
    return arena_printf(a, "step %lld serial %lld", (long long)r->step, (long long)r->since);
}

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

static struct todo todo(enum todo_kind kind, const char *world, const char *why)
{
    return (struct todo){.kind = kind, .world = world, .share = -1, .step = -1, .why = why};
}

static struct todo on_line(enum todo_kind kind, const char *world, const struct step_ast *line, const char *why)
{
    struct todo t = todo(kind, world, why);
    t.line = line;
    t.gate = line ? line->gate.text : NULL;
    return t;
}

static const struct record *record_of(const struct machine_in *in)
{
    return in->traffic && in->traffic->has_record ? &in->traffic->record : NULL;
}

/* ---- removing what nobody wants ------------------------------------------- */

/* An aborted world is kept for a while, so that people can look at it. */
static bool kept(const struct machine_in *in, const char *id)
{
    const struct record *r = record_of(in);
    return r && record_aborted(r, id) && in->now < r->since + machine_keep(in->rollout);
}

static struct todo removal(const struct machine_in *in, const char *id, const char *why)
{
    const struct record *r = record_of(in);
    if (in->traffic && !(r && record_doomed(r, id)))
        return todo(TODO_DOOM, id, why);
    /* Idleness counts from the doom on: until then a record of weight 0 may be
     * answered with (tests/model, mutant idle_not_measured). Its records may also
     * have gone shortly before, when it was rolled back: `since` says when. */
    struct todo t = todo(TODO_RETIRE, id, why);
    int64_t last = r ? r->doomed_at > r->since ? r->doomed_at : r->since : 0;
    if (last < in->settled)
        last = in->settled;
    if (r && in->now < last + in->tail) {
        t.kind = TODO_DRAIN;
        t.until = last + in->tail;
    }
    return t;
}

/* The next world to remove; `respect_keep` leaves aborted ones their time. */
static bool next_removal(const struct machine_in *in, bool respect_keep, struct todo *out)
{
    const struct world_view *v = in->view;
    const char *id = v->candidate;
    bool unwanted = id && v->candidate_share <= 0 &&
                    (!same(id, v->desired) || (v->aborted && (!v->retry || v->spent)));
    if (unwanted && !(respect_keep && kept(in, id))) {
        *out = removal(in, id, "nobody wants it and it has no traffic");
        return true;
    }
    for (size_t i = 0; i < v->leftovers.n; i++) {
        if (respect_keep && kept(in, v->leftovers.at[i]))
            continue;
        *out = removal(in, v->leftovers.at[i], "nobody wants it and it has no traffic");
        return true;
    }
    return false;
}

/* ---- what is watched -------------------------------------------------------- */

/* When the record's step began: nobody was answered by it before its batch was in
 * sync. */
static int64_t began(const struct machine_in *in, const struct record *r)
{
    return in->settled > r->since ? in->settled : r->since;
}

struct duty machine_duty(struct arena *a, const struct machine_in *in)
{
    const struct world_view *v = in->view;
    const struct record *r = record_of(in);
    struct duty d = {0};
    if (r && r->candidate && v->candidate_share > 0 && same(r->candidate, v->candidate)) {
        const struct step_ast *ask;
        d.line = step_at(in->rollout, r->step);
        ask = in->step_passed && !in->approved ? step_after(d.line, STEP_APPROVE) : NULL;
        d.line = ask ? ask : d.line;
        /* What the step's gate asks for is not there yet: that of the step before goes on. */
        if (in->handing && step_at(in->rollout, r->step - 1))
            d.line = step_at(in->rollout, r->step - 1);
        d.world = r->candidate;
    } else if (r && !r->candidate && r->previous) {
        d.line = step_find(in->rollout, STEP_BAKE);
        d.world = r->live;
    } else {
        return d;
    }
    d.on = true;
    d.gate = d.line ? d.line->gate.text : NULL;
    d.key = arena_printf(a, "%s at %s", d.gate ? d.gate : "-", machine_step_key(a, r));
    return d;
}

/* ---- going forward ---------------------------------------------------------- */

static struct todo shift_to(const struct machine_in *in, int64_t index)
{
    const struct step_ast *line = step_at(in->rollout, index);
    double share = line ? dec_double(line->share) : 100;
    struct todo t = todo(TODO_SIZE, in->view->desired, "sized ahead for the share that it is about to take");
    if (in->sized_for >= share)
        t = todo(TODO_SHIFT, in->view->desired, "its tests and every step before passed");
    t.share = share;
    t.step = index;
    t.line = line;
    return t;
}

static double percent(const struct step_ast *line)
{
    return line ? dec_double(line->share) : -1;
}

/* Whether a line is what weights say: shares are as exact as 255 allows. */
static bool stands_at(const struct step_ast *line, double share)
{
    double d = percent(line) - share;
    return line && d < 0.5 && d > -0.5;
}

/* The rollout was edited, or another one named, while shares were under way: the
 * line to go on from is the last one that gives no more than what is given. */
static struct todo realign(const struct machine_in *in)
{
    int64_t at = 0;
    for (int64_t i = 1; step_at(in->rollout, i); i++)
        if (percent(step_at(in->rollout, i)) <= in->view->candidate_share + 0.5)
            at = i;
    struct todo t = shift_to(in, at);
    if (t.kind == TODO_SHIFT)
        t.why = "the steps were changed under way: on from the one that gives no more than is given";
    return t;
}

static struct todo on_shares(const struct machine_in *in, const struct record *r)
{
    const struct world_view *v = in->view;
    const struct step_ast *line = step_at(in->rollout, r->step);
    bool whole = v->candidate_share > 99.9;
    if (!stands_at(line, v->candidate_share) && !(whole && !step_at(in->rollout, 0)))
        return realign(in);
    if (!in->step_passed && line) {
        struct todo t = on_line(TODO_WATCH, v->desired, line, "holding the share while its gate watches");
        t.until = began(in, r) + line->duration;
        t.share = v->candidate_share;
        t.step = r->step;
        return t;
    }
    /* Before anything else moves: a promotion makes the live world the kept one. */
    if (v->previous)
        return removal(in, v->previous, "a newer version passed its first step");
    const struct step_ast *ask = step_after(line, STEP_APPROVE);
    if (ask && !in->approved) {
        struct todo t = on_line(TODO_APPROVE, v->desired, ask, ask->role);
        t.until = began(in, r) + (line ? line->duration : 0) + ask->within;
        t.share = v->candidate_share;
        t.step = r->step;
        return t;
    }
    if (step_at(in->rollout, r->step + 1))
        return shift_to(in, r->step + 1);
    if (!whole)
        return todo(TODO_REFUSE, v->desired, "its rollout ends before it has all the traffic");
    return todo(TODO_PROMOTE, v->desired, "every step passed: it is the live world now");
}

static struct todo forward(const struct machine_in *in)
{
    const struct world_view *v = in->view;
    const struct record *r = record_of(in);
    if (r && same(r->candidate, v->desired) && v->candidate_share > 0)
        return on_shares(in, r);
    if (in->traffic && !(r && same(r->candidate, v->desired)))
        return todo(TODO_CLAIM, v->desired, "claimed before its first resource, so that two runs never build two");
    if (!in->candidate_complete)
        return on_line(TODO_CREATE, v->desired, v->live ? step_find(in->rollout, STEP_BUILD) : NULL,
                       "the new world is built beside the live one");
    if (!in->tested)
        return on_line(TODO_TEST, v->desired, step_find(in->rollout, STEP_TEST), "before any user reaches it");
    if (!in->sealed)
        return todo(TODO_SEAL, v->desired, "nothing of it is changed from its first share on");
    if (!in->traffic)
        return todo(TODO_NOTHING, NULL, "it has no traffic declaration");
    if (!v->live) {
        struct todo t = todo(TODO_SHIFT, v->desired, "first creation: there is nothing to shift from");
        t.share = 100;
        return t;
    }
    if (!in->held)
        return todo(TODO_HOLD_LIVE, v->live, "so that going back finds it warm");
    return shift_to(in, 0);
}

/* ---- after the last step ----------------------------------------------------- */

static struct todo bake(const struct machine_in *in, const struct record *r)
{
    const struct world_view *v = in->view;
    if (!r || !v->previous)
        return todo(TODO_NOTHING, NULL, v->why);
    const struct step_ast *line = step_find(in->rollout, STEP_BAKE);
    const struct step_ast *retire = step_find(in->rollout, STEP_RETIRE);
    int64_t until = r->since + (line ? line->duration : 0);
    if (in->now < until) {
        struct todo t = on_line(TODO_BAKE, v->live, line, "the version before it is kept, to go back to");
        t.until = until;
        return t;
    }
    int64_t latest = retire && retire->latest ? r->since + retire->latest : INT64_MAX;
    if (retire && retire->cond && !in->idle && in->now < latest) {
        struct todo t = on_line(TODO_WATCH_IDLE, v->previous, retire, "removed only when measured idle");
        t.until = latest;
        return t;
    }
    if (in->traffic->kill_switch_fired)
        return todo(TODO_REFUSE, v->previous, "the kill switch is fired: users are answered by the world that would be removed");
    return removal(in, v->previous, "its traffic has moved and the bake is over");
}

static struct todo back_to(const char *world, bool latch, const char *why)
{
    struct todo t = todo(TODO_ROLLBACK, world, why);
    t.latch = latch;
    t.share = 100;
    return t;
}

/* What a failure asks for; it is the record that says whose it is. false: there
 * is nothing to take back. */
static bool take_back(const struct machine_in *in, struct todo *out)
{
    const struct record *r = record_of(in);
    if (r && in->to && same(in->to, r->previous)) {
        *out = back_to(r->previous, true, in->failure);
        return true;
    }
    if (r && r->candidate && r->live && !record_aborted(r, r->candidate)) {
        *out = back_to(r->live, true, in->failure);
        return true;
    }
    if (r && !r->candidate && r->previous) {
        *out = back_to(r->previous, true, in->failure);
        return true;
    }
    return false;
}

/* The wanted version was aborted: nothing goes forward, but what is open is
 * brought to an end. */
static struct todo after_abort(const struct machine_in *in)
{
    const struct world_view *v = in->view;
    struct todo t;
    if (v->live && v->candidate && v->candidate_share > 0)
        return back_to(v->live, false, "another version has a share, and the one that is wanted was aborted");
    if (v->live && !in->released)
        return todo(TODO_RELEASE, v->live, "its size is its own again");
    if (next_removal(in, true, &t))
        return t;
    if (v->previous)
        return bake(in, record_of(in));
    return todo(TODO_REFUSE, NULL, v->why);
}

/* Work that does not follow traffic (`active from`): who has it follows from the
 * record. First it ends in one world, then it begins in the other. */
static bool hand_over(const struct machine_in *in, struct todo *out)
{
    if (in->wake && (!in->rest || in->overlap))
        *out = todo(TODO_ACTIVATE, in->wake, "its world has the share that it works from");
    else if (in->rest)
        *out = todo(TODO_QUIESCE, in->rest, "another world does its work");
    return in->wake || in->rest;
}

struct todo machine_next(struct arena *a, const struct machine_in *in)
{
    (void)a;
    const struct world_view *v = in->view;
    const struct record *r = record_of(in);
    struct todo t;

    /* A batch built on what somebody else wrote would undo it unseen. */
    if (in->traffic && in->traffic->kind == TRAFFIC_FOREIGN)
        return todo(TODO_REFUSE, NULL, v->why ? v->why : in->traffic->why);
    if (in->failed && take_back(in, &t))
        return t;
    if (v->action != WORLD_REVERT && v->action != WORLD_ROLLBACK_FIRST && hand_over(in, &t))
        return t;
    if (v->action == WORLD_REFUSED)
        return v->aborted ? after_abort(in) : todo(TODO_REFUSE, NULL, v->why);
    if (in->failed)
        return todo(TODO_REFUSE, NULL, in->failure);
    /* Going back is urgent, and needs nothing that is shared. */
    if (v->action == WORLD_REVERT)
        return back_to(v->desired, false, v->why);
    if (v->action == WORLD_ROLLBACK_FIRST)
        return back_to(v->live, false, v->why);
    if (!in->shared_done)
        return todo(TODO_RECONCILE_SHARED, NULL, "shared resources differ from the spec");
    if (in->rename)
        return todo(TODO_RENAME, v->live ? v->live : v->desired, "the spec says other names");

    switch (v->action) {
    case WORLD_REMOVE_OTHER:
        if (next_removal(in, same(v->desired, v->live), &t))
            return t;
        if (!same(v->desired, v->live))
            return forward(in);
        if (v->previous)
            return bake(in, r);
        break;
    case WORLD_BAKE:
        return bake(in, r);
    case WORLD_SUPERSEDE:
    case WORLD_CREATE:
    case WORLD_UPGRADE:
    case WORLD_RESUME:
        /* Removals wait while users are on two worlds: they would not be watched. */
        if (v->candidate_share <= 0 && v->leftovers.n && next_removal(in, false, &t))
            return t;
        return forward(in);
    case WORLD_NONE:
        if (next_removal(in, true, &t))
            return t;
        break;
    case WORLD_REVERT:
    case WORLD_ROLLBACK_FIRST:
    case WORLD_REFUSED:
        break;
    }
    if (v->live && !in->released && v->candidate_share <= 0)
        return todo(TODO_RELEASE, v->live, "its size is its own again");
    return todo(TODO_NOTHING, NULL, v->why);
}

enum phase_kind machine_phase(const struct machine_in *in)
{
    struct todo t = machine_next(NULL, in);
    switch (t.kind) {
    case TODO_CREATE:
    case TODO_CLAIM:
    case TODO_RECONCILE_SHARED:
        return PH_CREATING;
    case TODO_TEST:
    case TODO_SEAL:
        return PH_TESTING;
    case TODO_HOLD_LIVE:
    case TODO_SIZE:
    case TODO_SHIFT:
    case TODO_PROMOTE:
    case TODO_ACTIVATE:
    case TODO_QUIESCE:
    case TODO_RENAME:
        return PH_SHIFTING;
    case TODO_WATCH:
        return PH_HOLDING;
    case TODO_APPROVE:
        return PH_AWAITING_APPROVAL;
    case TODO_BAKE:
        return PH_BAKING;
    case TODO_WATCH_IDLE:
    case TODO_DRAIN:
    case TODO_DOOM:
    case TODO_RETIRE:
        return PH_RETIRING;
    case TODO_ROLLBACK:
    case TODO_RELEASE:
        return PH_ROLLING_BACK;
    case TODO_REMOVE:
    case TODO_NOTHING:
    case TODO_REFUSE:
        break;
    }
    return PH_IDLE;
}
