/* A campaign of faults: an upgrade in the simulated account while calls are
 * throttled, refused, answered late or not at all, reads are stale, and the process
 * dies, all by seed; run again until it ends. An observer of every call holds the
 * promises against it:
 *
 *   P1  nothing of a world with weight is deleted
 *   P2  nobody is without a world that can answer; while a runner lives, a partial
 *       share never goes longer than WATCHED_EVERY without its gate being measured
 *   P3  nobody reaches an untested world; consumers work in one world at a time
 *   P4  at the end one more run changes nothing, and nothing is left over
 *
 * Prints TAP. faults SPEC.bg FROM TO
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/render.h"
#include "cloud/ports.h"
#include "cloud/retry.h"
#include "lang/check.h"
#include "rollout/run.h"
#include "sandbox/sandbox.h"

enum { WARM_UP = 30 * 60000, MAX_RUNS = 60, WATCHED_EVERY = 4 * 60000, WORLDS = 4, SEED_SECONDS = 300 };

struct watched { /* a world's name */
    const char *name;
    bool partial;
    int64_t seen;    /* when its gate was last measured, or its share last changed */
    struct value *weights; /* id -> weight, as the last batch set them */
};

static struct {
    struct arena *session;
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct program *program;
    struct schemas schemas;
    struct sandbox *box;
    struct cloud *cloud;
    struct ports *ports;
    struct store *store;
    struct map inputs, *pins;
    uint64_t dice, seed;
    bool armed;
    jmp_buf dead;
    int deaths, faults, runs;
    struct watched worlds[WORLDS];
    size_t nworlds;
    struct sandbox_users before; /* the upgrade: with a name of its own users are there before anybody serves */
    struct map sizes; /* of groups that wait for their share: name -> (void *)1 when at work */
    const char *broken;
} S;

static uint64_t throw_one(uint64_t n)
{
    S.dice ^= S.dice << 13;
    S.dice ^= S.dice >> 7;
    S.dice ^= S.dice << 17;
    return S.dice % n;
}

static void broken(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void broken(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!S.broken)
        S.broken = arena_vprintf(S.session, fmt, ap);
    va_end(ap);
}

/* ---- the observer ----------------------------------------------------------------- */

static int64_t now(void)
{
    return clock_now(sandbox_clock(S.box));
}

/* Names of records to names of worlds: by the program. */
static struct watched *of_record(const struct graph *g, const char *name)
{
    for (size_t i = 0; i < g->traffics.n; i++) {
        const struct value *names = value_get(g->traffics.at[i]->props, "names");
        for (size_t k = 0; names && k < names->list.n; k++)
            if (names->list.at[k]->kind == V_STRING && !strncmp(name, names->list.at[k]->s, strlen(names->list.at[k]->s)))
                for (size_t j = 0; j < S.nworlds; j++)
                    if (!strcmp(S.worlds[j].name, g->traffics.at[i]->world))
                        return &S.worlds[j];
    }
    return NULL;
}

static const struct graph *graph_now;

static int64_t weight_of(const struct watched *w, size_t i)
{
    const struct value *v = w->weights->map->entries[i].value;
    return v->i;
}

static void see_batch(const struct cloud_request *req)
{
    const struct value *changes = value_at(req->input, "ChangeBatch.Changes");
    struct watched *w = NULL;
    struct value *weights = value_map(S.session);
    for (size_t i = 0; changes && changes->kind == V_LIST && i < changes->list.n; i++) {
        const struct value *set = value_get(changes->list.at[i], "ResourceRecordSet");
        const char *action = value_get_string(changes->list.at[i], "Action"), *id = value_get_string(set, "SetIdentifier");
        const char *name = value_get_string(set, "Name");
        if (!id || !name || strcmp(action, "CREATE"))
            continue;
        w = of_record(graph_now, name);
        const char *dot = strrchr(id, '.');
        value_put(weights, arena_strndup(S.session, id, dot ? (size_t)(dot - id) : strlen(id)),
                  value_int(S.session, value_get_int(set, "Weight", 0)));
    }
    if (!w)
        return;
    int64_t sum = 0;
    size_t some = 0;
    w->weights = weights;
    for (size_t i = 0; i < weights->map->n; i++) {
        sum += weight_of(w, i);
        some += weight_of(w, i) > 0;
    }
    if (!sum)
        broken("P2: a batch gives nobody any traffic");
    w->partial = some > 1;
    w->seen = now();
}

static void see_measuring(const struct cloud_request *req)
{
    struct buf b;
    buf_init(&b, S.session);
    value_json(&b, req->input, 0);
    for (size_t i = 0; i < S.nworlds; i++)
        if (strstr(buf_text(&b), arena_printf(S.session, "-%s-", S.worlds[i].name)))
            S.worlds[i].seen = now();
}

static void see_delete(const struct cloud_request *req)
{
    struct buf b;
    buf_init(&b, S.session);
    value_json(&b, req->input, 0);
    for (size_t i = 0; i < S.nworlds; i++)
        for (size_t k = 0; S.worlds[i].weights && k < S.worlds[i].weights->map->n; k++)
            if (weight_of(&S.worlds[i], k) > 0 && strstr(buf_text(&b), S.worlds[i].weights->map->entries[k].key) &&
                strncmp(req->operation, "DeleteTags", 10))
                broken("P1: %s of %s, which has traffic", req->operation, S.worlds[i].weights->map->entries[k].key);
}

static void see_size(const struct cloud_request *req)
{
    const char *name = value_get_string(req->input, "AutoScalingGroupName");
    const struct value *max = value_get(req->input, "MaxSize");
    if (!name || !max || !req->address || !strstr(req->address, "consumers"))
        return;
    bool works = max->kind == V_INT ? max->i > 0 : max->kind == V_STRING && strcmp(max->s, "0");
    for (size_t i = 0; works && i < S.sizes.n; i++)
        if (strcmp(S.sizes.entries[i].key, name) && S.sizes.entries[i].value)
            broken("P3: consumers of two worlds at work");
    map_put(&S.sizes, arena_strdup(S.session, name), works ? &S : NULL);
}

static void observe(const struct cloud_request *req)
{
    for (size_t i = 0; S.armed && i < S.nworlds; i++)
        if (S.worlds[i].partial && now() - S.worlds[i].seen > WATCHED_EVERY)
            broken("P2: the share of %s was not watched for %llds", S.worlds[i].name, (long long)(now() - S.worlds[i].seen) / 1000);
    if (!strcmp(req->operation, "ChangeResourceRecordSets"))
        see_batch(req);
    else if (!strcmp(req->operation, "GetMetricData"))
        see_measuring(req);
    else if (!strncmp(req->operation, "Delete", 6))
        see_delete(req);
    else if (!strcmp(req->operation, "CreateAutoScalingGroup") || !strcmp(req->operation, "UpdateAutoScalingGroup"))
        see_size(req);
}

static enum call_fault decide(void *self, uint64_t ordinal, const struct cloud_request *req, int64_t *delay_ms)
{
    (void)self, (void)ordinal;
    observe(req);
    if (!S.armed)
        return CALL_FAULT_NONE;
    uint64_t d = throw_one(1000);
    S.faults += d < 40;
    if (d < 2)
        return throw_one(2) ? CALL_FAULT_DIE_BEFORE : CALL_FAULT_DIE_AFTER;
    if (d < 14)
        return CALL_FAULT_THROTTLE;
    if (d < 24)
        return CALL_FAULT_5XX;
    if (d < 30)
        return CALL_FAULT_LOST;
    if (d < 36)
        return CALL_FAULT_UNSENT;
    if (d < 40 && req->mutating) {
        *delay_ms = (int64_t)throw_one(40000);
        return CALL_FAULT_DELAY;
    }
    return CALL_FAULT_NONE;
}

static void die(void *self)
{
    (void)self;
    longjmp(S.dead, 1);
}

/* ---- runs --------------------------------------------------------------------------- */

static bool yes(void *self, const char *role)
{
    (void)self, (void)role;
    return true;
}

static void client(void)
{
    struct retry_config retry = {.services = service_source_of_program(S.session, S.program), .seed = S.seed};
    S.cloud = retry_new(S.session, sandbox_cloud(S.box, S.session), &retry);
    S.ports = ports_new(S.session, S.cloud);
}

static const char *outcome;

static int run_once(const char *size, const char *nonce)
{
    map_init(&S.inputs, S.session);
    map_put(&S.inputs, "size", value_string(S.session, size));
    struct eval_args eval = {.inputs = &S.inputs, .pins = S.pins};
    struct arena *plan = arena_new("run"), *scratch = arena_new("round");
    graph_now = eval_program(S.program, plan, &eval);
    sandbox_program(S.box, graph_now);
    struct run_args *ra = arena_make(S.session, struct run_args);
    *ra = (struct run_args){.mode = RUN_APPLY, .eval = &eval, .wait = true, .who = nonce, .approve = yes, .nonce = nonce};
    struct run r = {.session = plan, .plan_arena = plan, .scratch = scratch, .program = S.program,
                    .schemas = &S.schemas, .ds = &S.ds, .cloud = ports_open(S.ports),
                    .exec_cloud = ports_open(S.ports), .store = S.store, .args = ra};
    for (size_t i = 0; i < S.nworlds; i++)
        S.worlds[i].seen = now(); /* nobody was there to watch before */
    if (run_begin(&r))
        run_to_end(&r);
    else
        run_finish(&r);
    outcome = r.outcome ? arena_strdup(S.session, r.outcome) : "failed";
    sandbox_program(S.box, NULL);
    return r.exit_code;
}

static bool open_stage(const char *path)
{
    S.session = arena_new("session");
    sources_init(&S.sources, S.session);
    diags_init(&S.ds, S.session, &S.sources);
    intern_init(&S.names, S.session);
    map_init(&S.sizes, S.session);
    S.program = program_load(S.session, &S.names, &S.ds, path, NULL);
    if (!S.program || S.ds.errors || !program_check(S.program))
        return false;
    S.pins = program_pins(S.program);
    schemas_init(&S.schemas, S.program);
    struct sandbox_config config = {.seed = 1, .start = 1767225600000, .invent = true, .load = {200, 0}};
    S.box = sandbox_new(S.session, &S.schemas, &config);
    S.store = store_memory(S.session, sandbox_objects(S.box));
    for (size_t i = 0; i < S.program->worlds.n && i < WORLDS; i++)
        S.worlds[S.nworlds++] = (struct watched){.name = S.program->worlds.at[i]->name.text};
    struct fault_hook hook = {decide, die, NULL};
    sandbox_hook(S.box, &hook);
    client();
    if (run_once("t2.small", "first") != 0)
        return false;
    cloud_sleep(S.cloud, now() + WARM_UP);
    sandbox_users(S.box, &S.before);
    return true;
}

/* Of how many versions of each world something is left. */
static void leftovers(bool rolled_back)
{
    struct value *all = sandbox_inventory(S.box, S.session);
    struct map ids;
    map_init(&ids, S.session);
    for (size_t i = 0; i < all->list.n; i++) {
        const char *world = value_get_string(all->list.at[i], "world"), *address = value_get_string(all->list.at[i], "address");
        const char *type = value_get_string(all->list.at[i], "type");
        if (!world || !address || strstr(address, ".log"))
            continue;
        map_put(&ids, world, &S);
        for (size_t k = 0; k < i; k++) {
            const char *w = value_get_string(all->list.at[k], "world"), *a = value_get_string(all->list.at[k], "address");
            if (w && a && !strcmp(w, world) && !strcmp(a, address) && !strcmp(type, value_get_string(all->list.at[k], "type")))
                broken("P4: there are two of %s in %s", address, world);
        }
    }
    if (!rolled_back && ids.n > S.nworlds)
        broken("P4: something of %zu versions is left of %zu worlds", ids.n, S.nworlds);
}

static void upgrade(void)
{
    int code = -1;
    volatile int i = 0;
    struct value *lag = value_duration(S.session, (int64_t)throw_one(3000));
    sandbox_fault(S.box, NULL, "reads.lag", lag);
    for (; i < MAX_RUNS && !S.broken; i++) {
        client();
        diags_rewind(&S.ds, 0);
        S.armed = true;
        if (setjmp(S.dead)) {
            S.armed = false;
            S.deaths++;
            cloud_sleep(S.cloud, now() + (int64_t)throw_one(300000));
            continue;
        }
        code = run_once("t3.small", arena_printf(S.session, "run%d", i));
        S.armed = false;
        if (code == 0 || code == 3 || code == 7)
            break;
        cloud_sleep(S.cloud, now() + 70000);
    }
    S.runs = i + 1;
    struct sandbox_users u;
    sandbox_users(S.box, &u);
    if (u.no_healthy_world > S.before.no_healthy_world)
        broken("P2: %.0f requests had no healthy world", u.no_healthy_world - S.before.no_healthy_world);
    if (u.untested_world > S.before.untested_world)
        broken("P3: %.0f requests reached an untested world", u.untested_world - S.before.untested_world);
    if (code != 0 && code != 3 && code != 7)
        broken("P4: it does not end: %d after %d runs", code, S.runs);
    bool back = code != 0;
    leftovers(back);
    sandbox_fault(S.box, NULL, "reads.lag", NULL);
    client();
    if (!S.broken && !back && (run_once("t3.small", "last") != 0 || strcmp(outcome, "unchanged")))
        broken("P4: another run finds something to do (%s)", outcome);
}

static int child(uint64_t seed)
{
    S.seed = seed;
    S.dice = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
    upgrade();
    if (S.broken) {
        struct buf b;
        buf_init(&b, S.session);
        render_diags(&b, &S.ds, RENDER_TEXT, false);
        printf("# seed %llu, %d deaths, %d faults, %d runs: %s\n", (unsigned long long)seed, S.deaths, S.faults, S.runs, S.broken);
        for (char *line = strtok(buf_text(&b), "\n"); line; line = strtok(NULL, "\n"))
            printf("#   %s\n", line);
    }
    fflush(stdout);
    if (getenv("FAULTS_VERBOSE"))
        printf("# seed %llu: %s, %d deaths, %d faults, %d runs, %lld min\n", (unsigned long long)seed, outcome, S.deaths, S.faults, S.runs, (long long)(now() - 1767225600000) / 60000);
    fflush(stdout);
    return S.broken ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 4 || !open_stage(argv[1])) {
        struct buf b;
        if (S.session) {
            buf_init(&b, S.session);
            render_diags(&b, &S.ds, RENDER_TEXT, false);
            fputs(buf_text(&b), stderr);
        }
        printf("Bail out! usage: faults SPEC.bg FROM TO\n");
        return 2;
    }
    uint64_t from = strtoull(argv[2], NULL, 10), to = strtoull(argv[3], NULL, 10), bad = 0;
    for (uint64_t seed = from; seed <= to; seed++) {
        fflush(stdout);
        pid_t pid = fork();
        if (!pid) {
            alarm(SEED_SECONDS); /* a run that spins while the virtual clock stands still */
            _exit(child(seed));
        }
        int status;
        if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status)) {
            bad++;
            if (WIFSIGNALED(status))
                printf("# seed %llu died of signal %d\n", (unsigned long long)seed, WTERMSIG(status));
        }
    }
    printf("%sok 1 - %s: %llu seeds keep the promises\n1..1\n", bad ? "not " : "", argv[1], (unsigned long long)(to - from + 1));
    return bad != 0;
}
