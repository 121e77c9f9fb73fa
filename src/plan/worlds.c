#include "plan/worlds.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"

static bool same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

const char *world_incarnation(struct arena *a, const char *spec, int64_t k)
{
    if (k == 0)
        return spec;
    const char *text = arena_printf(a, "%s incarnation %lld", spec, (long long)k);
    unsigned char md[DIGEST_SIZE];
    digest_sha256(text, strlen(text), md);
    return arena_printf(a, "%02x%02x%02x%02x%02x", md[0], md[1], md[2], md[3], md[4]);
}

/* More than can be used up at a time. */
enum { INCARNATIONS = RECORD_DOOMED_MAX + 8 };

/* Which incarnation of `spec` an id is; -1: of another spec. */
static int64_t incarnation_of(struct arena *a, const char *spec, const char *id)
{
    for (int64_t k = 0; id && k < INCARNATIONS; k++)
        if (!strcmp(world_incarnation(a, spec, k), id))
            return k;
    return -1;
}

static bool used_up(const struct record *r, const char *id)
{
    bool failed = same(id, r->candidate) && record_aborted(r, id);
    return failed || record_doomed(r, id) || same(id, r->live) || same(id, r->previous);
}

/* Nobody is sent to what is marked, or to what has not passed its tests. Where no
 * resource can be tagged, nothing says more than that it is there. */
static bool stands(const struct live_world *lw)
{
    bool tags = false;
    for (size_t i = 0; i < lw->resources.n; i++)
        tags = tags || (lw->resources.at[i]->reading && value_get(lw->resources.at[i]->reading->tags, TAG_STACK));
    return !lw->doomed && (lw->sealed || !tags);
}

/* The newest that is there and not on its way out, or, to be built once more, the one
 * behind it: unless that was begun already. */
static int64_t choose_untold(struct arena *a, const struct live *l, const struct world *w, bool rebuild)
{
    int64_t newest = -1, used = -1;
    for (int64_t k = 0; l && k < INCARNATIONS; k++) {
        const struct live_world *lw = live_world(l, w->name, world_incarnation(a, w->spec, k));
        if (lw)
            used = k;
        if (lw && !lw->doomed)
            newest = k;
    }
    const struct live_world *lw = newest < 0 ? NULL : live_world(l, w->name, world_incarnation(a, w->spec, newest));
    if (lw && (!rebuild || !stands(lw)))
        return newest;
    return used + 1;
}

void world_choose(struct arena *a, struct world *w, const struct live *l, bool rebuild)
{
    const struct traffic_state *t = l ? live_traffic(l, w->name) : NULL;
    const struct record *r = t && t->has_record ? &t->record : NULL;
    if (!w->spec)
        w->spec = w->id;
    w->id = w->spec;
    w->incarnation = 0;
    int64_t k = -1;
    if (!t)
        k = choose_untold(a, l, w, rebuild);
    if (!t)
        w->id = world_incarnation(a, w->spec, w->incarnation = k);
    if (!r)
        return;
    if (r->candidate && !used_up(r, r->candidate))
        k = incarnation_of(a, w->spec, r->candidate);
    if (k < 0 && !rebuild)
        k = incarnation_of(a, w->spec, r->live);
    if (k < 0 && !rebuild)
        k = incarnation_of(a, w->spec, r->previous);
    for (int64_t fresh = 0; k < 0 && fresh < INCARNATIONS; fresh++)
        if (!used_up(r, world_incarnation(a, w->spec, fresh)))
            k = fresh;
    w->incarnation = k;
    w->id = world_incarnation(a, w->spec, k);
}

/* What it was made with counts; the program only of what is older than the tag. */
static bool keeps_for(const struct graph *g, const struct live_resource *r, int64_t *ms)
{
    const char *said = r->reading ? value_get_string(r->reading->tags, TAG_KEEP) : NULL;
    const struct node *n = graph_find(g, r->address);
    *ms = said ? strtoll(said, NULL, 10) * 1000 : n ? n->keep_for : 0;
    return said || (n && n->keep);
}

bool world_keeps(const struct graph *g, const struct live *l, const struct live_resource *r)
{
    int64_t keep_for;
    if (!keeps_for(g, r, &keep_for))
        return false;
    const char *doomed = r->reading ? value_get_string(r->reading->tags, TAG_DOOMED) : NULL;
    int64_t since = doomed ? clock_parse_iso(doomed) : -1;
    return !keep_for || since < 0 || l->at < since + keep_for;
}

/* What is left of a retired world that only waits for its `keep` to end is no
 * world to be removed. */
static bool only_kept(const struct graph *g, const struct live *l, const struct traffic_state *t,
                      const struct live_world *lw)
{
    if (!lw->doomed && !(t && record_doomed(&t->record, lw->id)))
        return false;
    for (size_t i = 0; i < lw->resources.n; i++)
        if (!world_keeps(g, l, lw->resources.at[i]))
            return false;
    return true;
}

/* A candidate is complete when every node of the spec's world is there. Whether
 * each is as wanted is the executor's to see: it repairs only a world without
 * traffic. */
static bool complete(const struct graph *g, const struct live *l, const char *name, const char *id)
{
    const struct world *w = graph_world(g, name);
    const struct live_world *lw = live_world(l, name, id);
    if (!w || !lw || !same(w->id, id))
        return lw != NULL;
    for (size_t i = 0; i < w->nodes.n; i++) {
        bool found = w->nodes.at[i]->existing;
        for (size_t k = 0; !found && k < lw->resources.n; k++)
            found = !strcmp(lw->resources.at[k]->address, w->nodes.at[i]->address);
        if (!found)
            return false;
    }
    return true;
}

/* A claim is recorded before a world's first resource. So a sealed world without a
 * record has its traffic by other names than those that the spec has now. */
static const char *unplaced(const struct live *l, const char *name, const struct traffic_state *t,
                            const char *desired)
{
    for (size_t i = 0; t && t->kind != TRAFFIC_SIMPLE && !t->has_record && i < l->worlds.n; i++) {
        const struct live_world *lw = l->worlds.at[i];
        if (!strcmp(lw->name, name) && lw->sealed && !lw->doomed && !same(lw->id, desired))
            return lw->id;
    }
    return NULL;
}

/* Without traffic: what is wanted is live once it is built and tested; until then it
 * is what was so before. All others go. */
static void observe_untold(struct arena *a, const struct live *l, const char *name, struct world_view *out)
{
    const struct live_world *wanted = live_world(l, name, out->desired);
    out->no_traffic = true;
    if (wanted && stands(wanted))
        out->live = wanted->id;
    for (size_t i = 0; i < l->worlds.n && !out->live; i++)
        if (!strcmp(l->worlds.at[i]->name, name) && stands(l->worlds.at[i]))
            out->live = l->worlds.at[i]->id;
    (void)a;
}

void world_observe(struct arena *a, const struct graph *g, const struct live *l, const char *name,
                   struct world_view *out)
{
    const struct world *want = graph_world(g, name);
    const struct traffic_state *t = live_traffic(l, name);
    *out = (struct world_view){.name = name, .desired = want ? want->id : NULL,
                               .spec = want ? want->spec ? want->spec : want->id : NULL,
                               .incarnation = want ? want->incarnation : 0};

    if (t && t->kind == TRAFFIC_FOREIGN) {
        out->action = WORLD_REFUSED;
        out->why = t->why;
    }
    if (t && t->kind == TRAFFIC_SIMPLE)
        out->live = WORLD_BY_HAND;
    if (t && t->has_record) {
        out->live = t->record.live;
        out->previous = t->record.previous;
        out->candidate = t->record.candidate;
        out->aborted = record_aborted(&t->record, out->spec);
        out->spent = record_doomed(&t->record, out->desired) ||
                     (same(out->desired, out->candidate) && record_aborted(&t->record, out->desired));
        out->elsewhere = out->live && !same(out->live, WORLD_BY_HAND) && !live_world(l, name, out->live);
        out->foreign = out->elsewhere && !live_world(l, name, out->candidate) && !live_world(l, name, out->previous);
    }
    if (!t)
        observe_untold(a, l, name, out);
    const struct traffic *said = graph_traffic(g, name);
    out->unsaid = want && said && said->restored && t && t->has_record;
    out->instead = out->unsaid ? said->instead : NULL;
    out->unplaced = unplaced(l, name, t, out->desired);
    for (size_t i = 0; i < l->worlds.n; i++) {
        const struct live_world *lw = l->worlds.at[i];
        if (strcmp(lw->name, name) || same(lw->id, out->live) || same(lw->id, out->previous) ||
            only_kept(g, l, t, lw))
            continue;
        if (!out->candidate && same(lw->id, out->desired))
            out->candidate = lw->id;
        else if (!same(lw->id, out->candidate))
            vec_push(a, &out->leftovers, lw->id);
    }
    if (!out->candidate && out->leftovers.n)
        out->candidate = out->leftovers.at[--out->leftovers.n];
    if (out->candidate) {
        out->candidate_share = traffic_share_of(t, out->candidate);
        out->candidate_complete = complete(g, l, name, out->candidate);
    }
}

static void decide(struct world_view *w, enum world_action action, const char *why)
{
    w->action = action;
    w->why = why;
}

static void refuse(struct world_view *w, const char *why, const char *help)
{
    decide(w, WORLD_REFUSED, why);
    w->help = help;
}

void world_decide(struct arena *a, struct world_view *w)
{
    if (w->action == WORLD_REFUSED) { /* the traffic record is not as this stack left it */
        w->why = arena_printf(a, "someone else changed the traffic of %s: %s", w->name,
                              w->why ? w->why : "its records are not as bgc left them");
        w->help = "put the records back as they were, or run `bgc rollback` to give the live "
                  "world everything, and plan again";
        return;
    }
    if (w->destroy)
        return decide(w, WORLD_NONE, "its destruction was asked for");
    if (!w->desired) {
        if (!w->live && !w->candidate)
            return decide(w, WORLD_NONE, "nothing of it is left");
        return refuse(w, arena_printf(a, "world %s left the spec while it %s", w->name,
                                      w->live && !w->no_traffic ? "serves" : "has resources"),
                      arena_printf(a, "to remove it, run `bgc destroy %s`", w->name));
    }
    if (w->instead)
        return refuse(w, w->instead,
                      arena_printf(a, "put the zone back: one batch cannot change two. For names in another zone declare a "
                                      "second world beside it, and when nobody needs the old one run `bgc destroy %s`", w->name));
    if (w->unsaid)
        return refuse(w, arena_printf(a, "the traffic of world %s left the spec while it serves", w->name),
                      arena_printf(a, "put `traffic %s` back; to take the world out of service, run `bgc destroy %s`",
                                   w->name, w->name));
    if (w->unplaced)
        return refuse(w, arena_printf(a, "world %s/%s had traffic, and the names that the spec has now do "
                                         "not know it", w->name, w->unplaced),
                      arena_printf(a, "it may serve by the names that it had: put them back into "
                                      "`traffic`; or remove it with `bgc destroy %s`", w->name));
    if (w->elsewhere)
        return refuse(w, arena_printf(a, "the names of world %s are served by %s/%s, which is not of this stack",
                                      w->name, w->name, w->live),
                      "give this stack names of its own; if the resources of that world were deleted by "
                      "hand, delete the records of the names, too, and run this again");
    if (w->aborted && (!w->retry || w->spent) && !same(w->desired, w->live))
        return refuse(w, arena_printf(a, "version %s of world %s was aborted before", w->spec,
                                      w->name),
                      "change the spec, or run `bgc apply --retry` to try this version again");
    if (w->previous && !w->candidate) {
        if (same(w->desired, w->live))
            return decide(w, WORLD_BAKE, "it serves everything; the version before it is kept until the bake ends");
        if (same(w->desired, w->previous))
            return decide(w, WORLD_REVERT, "the spec went back to the version that is still kept");
        return decide(w, WORLD_SUPERSEDE, "a third version is wanted: the bake ends early, and the oldest world "
                                          "goes once the new one passed its first step");
    }
    if (same(w->desired, w->live)) {
        if (w->candidate && w->candidate_share > 0)
            return decide(w, WORLD_REVERT, "the spec went back to the live version while another takes traffic");
        if (w->candidate)
            return decide(w, WORLD_REMOVE_OTHER, "a world without traffic is left that nobody wants");
        return decide(w, WORLD_NONE, "the live world is what the spec says");
    }
    if (w->previous && same(w->desired, w->previous))
        return decide(w, WORLD_REVERT, "the spec went back to the version that is still kept");
    if (w->candidate && !same(w->candidate, w->desired)) {
        if (w->candidate_share > 0)
            return decide(w, WORLD_ROLLBACK_FIRST, "another version has a share of the traffic: it is rolled back first");
        return decide(w, WORLD_REMOVE_OTHER, "another version was begun and has no traffic: it is removed first");
    }
    if (w->candidate && (w->candidate_complete || w->candidate_share > 0 || w->live))
        return decide(w, WORLD_RESUME, w->candidate_share > 0 ? "a shift was under way: it goes on at the step that it was in"
                                       : w->candidate_complete ? "it is built: tests and shifts are next"
                                                               : "it was begun: what is missing is created");
    if (!w->live)
        return decide(w, WORLD_CREATE, w->candidate ? "its first creation was begun: what is missing is created"
                                                    : "first creation: no version of it exists");
    decide(w, WORLD_UPGRADE, "the spec asks for another version: it is built beside the live one");
}

const char *world_action_name(enum world_action a)
{
    switch (a) {
    case WORLD_CREATE: return "create";
    case WORLD_UPGRADE:
    case WORLD_SUPERSEDE: return "upgrade";
    case WORLD_RESUME: return "resume";
    case WORLD_ROLLBACK_FIRST:
    case WORLD_REVERT: return "rollback_first";
    case WORLD_BAKE:
    case WORLD_REMOVE_OTHER: return "retire";
    case WORLD_NONE:
    case WORLD_REFUSED: break;
    }
    return "none";
}
