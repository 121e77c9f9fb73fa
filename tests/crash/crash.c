/* Death at every call: the acceptance story of the shop, cut short and run again.
 *
 * One run goes through uncut. At every call that writes, children are forked
 * that share its past: in each the process dies there (before the call was sent;
 * after it took effect and before the reply; after the reply), and at calls that
 * read, once for every place in the story that was not seen yet. The child then
 * runs the same command again until it is done, with the store kept or lost, and
 * must end where the uncut run ends: same resources, same record, nothing doubled
 * or left; and no user may ever have been sent to a world that could not answer.
 *
 * The second part lets a second runner act at every call of the shift. `unfenced` is
 * the same for a medium without compare-and-swap: once the store is lost, nothing can
 * stop a run that stands still just before it notes what the other one has noted, too.
 * Then both may end well, if what they leave is what one run leaves.
 *
 * `destroy` cuts the removal of everything instead of the upgrade.
 *
 * A line of the spec that ends in `# before` stands there before the upgrade only, one
 * that ends in `# after` after it only. `ID(shared.wall)` in the latter is the id of what
 * the former has made; its tags are then taken off, as if a hand had made it.
 *
 * Prints TAP. crash SPEC.BG [crash|destroy|runners|unfenced] [every N-th point]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/render.h"
#include "cloud/observe.h"
#include "cloud/ports.h"
#include "cloud/retry.h"
#include "lang/check.h"
#include "plan/placed.h"
#include "rollout/run.h"
#include "sandbox/sandbox.h"

enum { WARM_UP = 30 * 60000, MAX_RUNS = 12, CHILDREN = 2 };

enum cut { CUT_BEFORE, CUT_NO_REPLY, CUT_AFTER, CUTS };
static const char *const cut_names[] = {"before it was sent", "before its reply", "after its reply"};

struct stage {
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
    struct map inputs;
    struct map *pins;
    int runs, last_exit;
    bool child, lose_store;
    enum run_mode mode;  /* of the run that is cut */
    struct sandbox_users before; /* the upgrade */
    bool unfenced;       /* the medium has no compare-and-swap */
    bool brief;          /* runs end when the bake begins: the shift is what is looked at */
    /* the points */
    uint64_t writes;
    struct map places;
    int every, points, failures, running;
    enum call_fault now; /* what decide answers for the next call, in a child */
    bool armed;          /* only the upgrade is cut */
    bool die_next;       /* at the next call of this client: after the reply of the one before */
    const char *label;
};

static struct stage S;

static void sweep(struct stage *s, const char *size)
{
    map_init(&s->inputs, s->session);
    map_put(&s->inputs, "size", value_string(s->session, size));
}

static void client(struct stage *s)
{
    struct retry_config retry = {.services = service_source_of_program(s->session, s->program), .seed = 7};
    s->cloud = retry_new(s->session, sandbox_cloud(s->box, s->session), &retry);
    s->ports = ports_new(s->session, s->cloud);
}

static bool yes(void *self, const char *role)
{
    (void)self, (void)role;
    return true;
}

static int run_once(struct stage *s, enum run_mode mode, const char *nonce)
{
    struct eval_args eval = {.inputs = &s->inputs, .pins = s->pins};
    struct arena *plan = arena_new("run"), *scratch = arena_new("round");
    struct graph *bare = eval_program(s->program, plan, &eval);
    sandbox_program(s->box, bare);
    struct run_args ra = {.mode = mode, .eval = &eval, .wait = !s->brief, .who = nonce, .approve = yes, .nonce = nonce,
                          .plan = {.tolerant = mode != RUN_APPLY, .destroy = mode == RUN_DESTROY ? "*" : NULL}};
    struct run r = {.session = plan, .plan_arena = plan, .scratch = scratch, .program = s->program,
                    .schemas = &s->schemas, .ds = &s->ds, .cloud = ports_open(s->ports),
                    .exec_cloud = ports_open(s->ports), .store = s->store, .args = &ra};
    if (run_begin(&r))
        run_to_end(&r);
    else
        run_finish(&r);
    s->last_exit = r.exit_code;
    sandbox_program(s->box, NULL);
    arena_free(scratch);
    arena_free(plan);
    return r.exit_code;
}

struct lines {
    VEC(struct value *) at;
};

/* Serials of batches differ from run to run, and with them set identifiers behind the
 * dot and the record of the rollout. */
static void add_records(struct stage *s, const char *zone, const char *account, struct lines *out)
{
    struct value *input = value_map(s->session);
    value_put(input, "HostedZoneId", value_string(s->session, zone));
    struct cloud_request req = {.service = "route53", .operation = "ListResourceRecordSets", .account = account, .input = input};
    struct cloud_reply r;
    const struct value *sets = cloud_call(s->cloud, s->session, &req, &r) && r.ok ? value_get(r.output, "ResourceRecordSets") : NULL;
    for (size_t i = 0; sets && sets->kind == V_LIST && i < sets->list.n; i++) {
        const struct value *v = sets->list.at[i];
        const char *name = value_get_string(v, "Name"), *set = value_get_string(v, "SetIdentifier");
        const struct value *weight = value_get(v, "Weight"), *values = value_get(v, "ResourceRecords");
        bool ours = name && !strncmp(name, "_bgc.", 5);
        vec_push(s->session, &out->at,
                 value_stringf(s->session, "%s %s %.*s %s %s\n", name ? name : "?", value_get_string(v, "Type"),
                               set ? (int)strcspn(set, ".") : 1, set ? set : "-", weight ? value_text(s->session, weight) : "-",
                               values && !ours ? value_text(s->session, values) : "-"));
    }
}

/* What a world says of where its traffic is. */
static void add_tags(struct stage *s, const char *lb, const char *world, struct lines *out)
{
    struct value *input = value_map(s->session), **arns = arena_array(s->session, struct value *, 1);
    arns[0] = value_string(s->session, lb);
    value_put(input, "ResourceArns", value_list(s->session, arns, 1));
    struct cloud_request req = {.service = "elbv2", .operation = "DescribeTags", .input = input};
    struct cloud_reply r;
    const struct value *tags = cloud_call(s->cloud, s->session, &req, &r) && r.ok ? value_at(r.output, "TagDescriptions[0].Tags") : NULL;
    for (size_t i = 0; tags && tags->kind == V_LIST && i < tags->list.n; i++) {
        const char *key = value_get_string(tags->list.at[i], "Key"), *text = value_get_string(tags->list.at[i], "Value");
        if (key && text && *text && !strncmp(key, TAG_TRAFFIC, strlen(TAG_TRAFFIC)))
            vec_push(s->session, &out->at, value_stringf(s->session, "%s says %s=%s\n", world, key, text));
    }
}

/* What must be the same at the end: who owns what, and what DNS says. Ids and
 * times differ from run to run. */
static const char *end_state(struct stage *s)
{
    struct value *all = sandbox_inventory(s->box, s->session);
    struct lines lines = {0};
    for (size_t i = 0; i < all->list.n; i++) {
        struct value *v = all->list.at[i];
        const char *address = value_get_string(v, "address"), *world = value_get_string(v, "world");
        const char *type = value_get_string(v, "type"), *name = value_get_string(v, "name");
        /* Names tell generations apart; others than bgc's are ids. */
        bool named = name && strcmp(name, value_get_string(v, "id"));
        if (address)
            vec_push(s->session, &lines.at, value_stringf(s->session, "%s %s %s %s\n", type, world ? world : "-", address, named ? name : "-"));
        if (address && !strcmp(type, "elbv2.load_balancer"))
            add_tags(s, value_get_string(v, "id"), world ? world : "-", &lines);
        if (!strcmp(type, "route53.zone"))
            add_records(s, value_get_string(v, "id"), value_get_string(v, "account"), &lines);
    }
    struct value *sorted = value_list(s->session, lines.at.at, lines.at.n);
    struct buf b;
    buf_init(&b, s->session);
    for (size_t i = 0; i < sorted->list.n; i++)
        for (size_t k = i + 1; k < sorted->list.n; k++)
            if (strcmp(sorted->list.at[k]->s, sorted->list.at[i]->s) < 0) {
                struct value *t = sorted->list.at[i];
                sorted->list.at[i] = sorted->list.at[k];
                sorted->list.at[k] = t;
            }
    for (size_t i = 0; i < sorted->list.n; i++)
        buf_puts(&b, sorted->list.at[i]->s);
    return buf_text(&b);
}

static void show(struct stage *s, const char *why)
{
    struct buf b;
    buf_init(&b, s->session);
    render_diags(&b, &s->ds, RENDER_TEXT, false);
    char *text = buf_text(&b);
    printf("# %s: %s\n", s->label ? s->label : "", why);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        printf("#   %s\n", line);
}

/* ---- a child: dead, and run again ------------------------------------------------ */

static _Noreturn void child_end(struct stage *s, bool ok, const char *state)
{
    if (ok) { /* the parent compares; it does not know the end yet */
        const char *path = getenv("CRASH_DIR");
        char file[4096];
        snprintf(file, sizeof file, "%s/%d", path, (int)getpid());
        FILE *f = fopen(file, "w");
        if (!f)
            _exit(1);
        fprintf(f, "%s\n%s", s->label, state);
        fclose(f);
    }
    fflush(stdout);
    _exit(ok ? 0 : 1);
}

static _Noreturn void again(struct stage *s, bool lose_store)
{
    s->now = CALL_FAULT_NONE;
    s->armed = false;
    s->die_next = false;
    diags_rewind(&s->ds, 0);
    if (lose_store) {
        struct map *objects = sandbox_objects(s->box);
        for (size_t i = 0; i < objects->n; i++)
            map_put(objects, objects->entries[i].key, (void *)"-1");
    }
    int code = -1;
    for (int i = 0; i < MAX_RUNS; i++) {
        client(s);
        diags_rewind(&s->ds, 0);
        code = run_once(s, s->mode, arena_printf(s->session, "again%d", i));
        if (code == 0)
            break;
        if (code != 4) /* the dead run's lease stands for a minute */
            break;
        cloud_sleep(s->cloud, clock_now(sandbox_clock(s->box)) + 70000);
    }
    struct sandbox_users u;
    sandbox_users(s->box, &u);
    if (code != 0) {
        show(s, arena_printf(s->session, "running it again ends with %d", code));
        child_end(s, false, "");
    }
    u.no_healthy_world -= s->before.no_healthy_world;
    u.untested_world -= s->before.untested_world;
    if (s->mode != RUN_DESTROY && (u.no_healthy_world > 0 || u.untested_world > 0)) {
        show(s, arena_printf(s->session, "%.0f requests had no healthy world, %.0f an untested one", u.no_healthy_world, u.untested_world));
        child_end(s, false, "");
    }
    child_end(s, true, end_state(s));
}

static void reap(struct stage *s, int leave)
{
    while (s->running > leave) {
        int status;
        if (wait(&status) < 0)
            return;
        s->running--;
        if (!WIFEXITED(status) || WEXITSTATUS(status)) {
            s->failures++;
            if (!WIFEXITED(status))
                printf("# a child died of signal %d\n", WTERMSIG(status));
        }
    }
}

static void cut_here(struct stage *s, enum cut cut, bool lose_store, const struct cloud_request *req)
{
    fflush(stdout);
    reap(s, CHILDREN - 1);
    s->points++;
    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(1);
    }
    if (pid) {
        s->running++;
        return;
    }
    s->child = true;
    s->label = arena_printf(s->session, "call %llu (%s %s of %s) %s, store %s", (unsigned long long)s->writes, req->service,
                            req->operation, req->address ? req->address : "-", cut_names[cut], lose_store ? "lost" : "kept");
    s->now = cut == CUT_BEFORE ? CALL_FAULT_DIE_BEFORE : cut == CUT_NO_REPLY ? CALL_FAULT_DIE_AFTER : CALL_FAULT_NONE;
    s->die_next = cut == CUT_AFTER;
    s->lose_store = lose_store;
}

/* The client is dead: its run is dropped where it stands, and nothing of it is
 * ever called again. */
static void die(void *self)
{
    struct stage *s = self;
    again(s, s->lose_store);
}

static enum call_fault decide(void *self, uint64_t ordinal, const struct cloud_request *req, int64_t *delay_ms)
{
    struct stage *s = self;
    (void)ordinal, (void)delay_ms;
    if (s->child) {
        enum call_fault f = s->now;
        if (s->die_next) {
            s->die_next = false; /* the call before this one was answered: this one is never sent */
            s->now = CALL_FAULT_DIE_BEFORE;
        } else {
            s->now = CALL_FAULT_NONE;
        }
        return f;
    }
    if (!s->armed)
        return CALL_FAULT_NONE;
    const char *place = arena_printf(s->session, "%s %s %s after %llu", req->service, req->operation,
                                     req->address ? req->address : "-", (unsigned long long)s->writes);
    if (!req->mutating) {
        if (map_has(&s->places, place) || (s->writes % (uint64_t)s->every))
            return CALL_FAULT_NONE;
        map_put(&s->places, place, s);
        if (s->places.n % 8 == 0) /* one in eight of the places between: they differ in what was read only */
            cut_here(s, CUT_BEFORE, false, req);
    } else {
        if (s->writes++ % (uint64_t)s->every == 0)
            for (int lost = 0; lost < 2 && !s->child; lost++)
                for (int c = 0; c < CUTS && !s->child; c++)
                    cut_here(s, (enum cut)c, lost, req);
    }
    if (!s->child)
        return CALL_FAULT_NONE;
    enum call_fault f = s->now;
    s->now = s->die_next ? CALL_FAULT_DIE_BEFORE : CALL_FAULT_NONE;
    s->die_next = false;
    return f;
}

/* ---- the story -------------------------------------------------------------------------- */

static bool ends_with(const char *line, size_t n, const char *mark)
{
    size_t m = strlen(mark);
    return n >= m && !memcmp(line + n - m, mark, m);
}

static const char *id_of(struct stage *s, const char *address, const char **type)
{
    struct value *all = sandbox_inventory(s->box, s->session);
    for (size_t i = 0; i < all->list.n; i++) {
        const char *of = value_get_string(all->list.at[i], "address");
        if (!of || strcmp(of, address))
            continue;
        *type = value_get_string(all->list.at[i], "type");
        return value_get_string(all->list.at[i], "id");
    }
    return NULL;
}

/* Nothing says any more whose it is. */
static bool strip(struct stage *s, const char *type, const char *id)
{
    static const char *const tags[] = {"bgc:stack", "bgc:address", "bgc:world", "bgc:colour", "bgc:op", "bgc:sealed"};
    const struct schema *schema = schema_find(&s->schemas, type);
    const struct schema_call *c = schema ? schema_call(schema, VERB_UNTAG) : NULL;
    VEC(struct value *) keys = {0};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        vec_push(s->session, &keys, value_string(s->session, tags[i]));
    struct eval_args eval = {.inputs = &s->inputs, .pins = s->pins};
    struct observe_args o = {&s->schemas, s->cloud, &s->ds, eval_program(s->program, s->session, &eval), NULL};
    struct live_resource hint = {.address = "it", .type = type, .id = id};
    bool absent;
    const struct live_resource *now = schema ? observe_one(&o, s->session, schema, &hint, &absent) : NULL;
    if (!now)
        return false;
    struct call_env env = {.id = id, .keys = value_list(s->session, keys.at, keys.n), .live = now->reading->object};
    struct value *input = c ? schema_request(&s->schemas, s->session, &s->ds, schema, c, &env) : NULL;
    if (!input)
        return false;
    struct cloud_request req = {.service = c->service, .operation = c->operation, .input = input, .mutating = true};
    struct cloud_reply r;
    return cloud_call(s->cloud, s->session, &req, &r) && r.ok;
}

/* The spec as it is before the upgrade or after it. */
static struct program *edition(struct stage *s, const char *path, const char *text, bool after)
{
    struct buf b;
    buf_init(&b, s->session);
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\n");
        bool skip = ends_with(line, n, after ? "# before" : "# after");
        const char *at = skip ? NULL : strstr(line, "ID(");
        if (at && at < line + n) {
            const char *type, *end = strchr(at, ')');
            const char *id = id_of(s, arena_strndup(s->session, at + 3, (size_t)(end - at - 3)), &type);
            if (!id || !strip(s, type, id)) {
                printf("# %.*s: it is not there, or its tags stay\n", (int)n, line);
                return NULL;
            }
            buf_put(&b, line, (size_t)(at - line));
            buf_puts(&b, id);
            buf_put(&b, end + 1, (size_t)(line + n - end - 1));
        } else if (!skip) {
            buf_put(&b, line, n);
        }
        buf_puts(&b, "\n"); /* lines keep their numbers */
        line += n + (line[n] == '\n');
    }
    struct program *p = program_load(s->session, &s->names, &s->ds, path, buf_text(&b));
    return p && !s->ds.errors && program_check(p) ? p : NULL;
}

static bool open_stage(struct stage *s, const char *path)
{
    const char *text, *why;
    size_t len;
    s->session = arena_new("session");
    sources_init(&s->sources, s->session);
    diags_init(&s->ds, s->session, &s->sources);
    intern_init(&s->names, s->session);
    map_init(&s->places, s->session);
    if (!file_read(s->session, path, &text, &len, &why))
        return false;
    s->program = edition(s, path, text, false);
    if (!s->program)
        return false;
    s->pins = program_pins(s->program);
    schemas_init(&s->schemas, s->program);
    struct sandbox_config config = {.seed = 1, .start = 1767225600000, .invent = true, .load = {200, 0}};
    s->box = sandbox_new(s->session, &s->schemas, &config);
    s->store = store_memory(s->session, sandbox_objects(s->box));
    client(s);
    sweep(s, "t2.small");
    if (run_once(s, RUN_APPLY, "first") != 0)
        return false;
    s->program = edition(s, path, text, true);
    if (!s->program)
        return false;
    cloud_sleep(s->cloud, clock_now(sandbox_clock(s->box)) + WARM_UP);
    sandbox_users(s->box, &s->before);
    sweep(s, "t3.small");
    return true;
}

static int compare_all(struct stage *s, const char *end)
{
    char command[4200], line[1024];
    int bad = 0;
    snprintf(command, sizeof command, "ls %s", getenv("CRASH_DIR"));
    FILE *ls = popen(command, "r");
    while (ls && fgets(line, sizeof line, ls)) {
        line[strcspn(line, "\n")] = '\0';
        char path[5300];
        snprintf(path, sizeof path, "%s/%s", getenv("CRASH_DIR"), line);
        FILE *f = fopen(path, "r");
        char label[1024] = "", text[65536] = "";
        if (!f)
            continue;
        if (fgets(label, sizeof label, f)) {
            size_t n = fread(text, 1, sizeof text - 1, f);
            text[n] = '\0';
        }
        fclose(f);
        if (strcmp(text, end)) {
            if (!bad++)
                printf("# uncut:\n%s# cut:\n%s", end, text);
            printf("# another end: %s", label);
        }
    }
    if (ls)
        pclose(ls);
    (void)s;
    return bad;
}

static int crashes(struct stage *s)
{
    struct fault_hook hook = {decide, die, s};
    sandbox_hook(s->box, &hook);
    s->armed = true;
    int code = run_once(s, s->mode, "upgrade");
    if (s->child && s->now == CALL_FAULT_DIE_BEFORE && !code) /* after its last call there was none to die at: it is over */
        again(s, s->lose_store);
    if (s->child) /* it was to die and did not */
        child_end(s, false, "");
    s->armed = false;
    sandbox_hook(s->box, NULL);
    reap(s, 0);
    if (code)
        show(s, "the uncut run failed");
    if (getenv("CRASH_SHOW"))
        printf("# uncut:\n%s", end_state(s));
    printf("%sok 1 - the uncut %s ends well\n", code ? "not " : "", s->mode == RUN_DESTROY ? "removal" : "upgrade");
    printf("%sok 2 - %d deaths at %llu writing calls and between: all run to the end again\n", s->failures ? "not " : "",
           s->points, (unsigned long long)s->writes);
    int other = compare_all(s, end_state(s));
    printf("%sok 3 - all end where the uncut run ends\n", other ? "not " : "");
    printf("1..3\n");
    return code || s->failures || other;
}

/* ---- two runners --------------------------------------------------------------------------- */

static struct {
    uint64_t at, seen;
    bool nested, lost_store;
    int other_exit;
} R;

static enum call_fault interleave(void *self, uint64_t ordinal, const struct cloud_request *req, int64_t *delay_ms)
{
    struct stage *s = self;
    (void)ordinal, (void)delay_ms;
    if (R.nested || !s->armed || !req->mutating || R.seen++ != R.at)
        return CALL_FAULT_NONE;
    R.nested = true;
    struct stage other = *s;
    if (R.lost_store) { /* then nothing stops the second runner from starting */
        struct map *objects = sandbox_objects(s->box);
        for (size_t i = 0; i < objects->n; i++)
            map_put(objects, objects->entries[i].key, (void *)"-1");
    }
    client(&other);
    R.other_exit = run_once(&other, RUN_APPLY, "second");
    R.nested = false;
    return CALL_FAULT_NONE;
}

static int runners(struct stage *s)
{
    int bad = 0, points = 0;
    const char *want = NULL;
    s->brief = true;
    for (int lost = 0; lost < 2; lost++)
        for (uint64_t at = 0;; at += (uint64_t)s->every) {
            int fd[2];
            if (pipe(fd))
                return 1;
            fflush(stdout);
            pid_t pid = fork();
            if (!pid) {
                R.at = at;
                R.lost_store = lost;
                struct fault_hook hook = {interleave, die, s};
                sandbox_hook(s->box, &hook);
                s->armed = true;
                int first = run_once(s, RUN_APPLY, "upgrade");
                s->armed = false;
                bool reached = R.seen > R.at;
                struct sandbox_users u;
                sandbox_users(s->box, &u);
                s->label = arena_printf(s->session, "second runner at write %llu, store %s: first ends with %d, second with %d",
                                        (unsigned long long)at, lost ? "lost" : "kept", first, R.other_exit);
                bool ok = u.no_healthy_world <= s->before.no_healthy_world && u.untested_world <= s->before.untested_world;
                /* The first stands still while the second looks at its lease, so the second may
                 * take over. Then the first must stop: exactly one of both does it all. */
                bool both = s->unfenced && lost && !first && !R.other_exit; /* the same end: see below */
                ok = ok && (reached ? both || (first == 0) != (R.other_exit == 0) : first == 0);
                if (!ok)
                    show(s, "both acted, or nobody did");
                for (int i = 0; ok && first && i < 3; i++) {
                    client(s);
                    diags_rewind(&s->ds, 0);
                    first = run_once(s, RUN_APPLY, arena_printf(s->session, "third%d", i));
                }
                const char *end = end_state(s);
                if (write(fd[1], ok ? end : "", ok ? strlen(end) : 0) < 0)
                    _exit(1);
                fflush(stdout);
                _exit(!ok ? 1 : reached ? 0 : 2);
            }
            close(fd[1]);
            struct buf b;
            buf_init(&b, s->session);
            char chunk[4096];
            for (ssize_t n; (n = read(fd[0], chunk, sizeof chunk)) > 0;)
                buf_put(&b, chunk, (size_t)n);
            close(fd[0]);
            int status;
            waitpid(pid, &status, 0);
            int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
            if (!want)
                want = buf_text(&b);
            if (code == 1 || strcmp(want, buf_text(&b))) {
                bad++;
                printf("# second runner at write %llu, store %s: %s\n", (unsigned long long)at, lost ? "lost" : "kept",
                       code == 1 ? "failed" : "another end");
            }
            if (code == 2)
                break;
            points++;
        }
    printf("%sok 1 - a second runner at %d places: %s\n1..1\n", bad ? "not " : "", points,
           s->unfenced ? "one acts, or both leave what one would" : "never both act");
    return bad;
}

int main(int argc, char **argv)
{
    S.every = argc > 3 ? atoi(argv[3]) : 1;
    if (argc < 2 || S.every < 1 || !getenv("CRASH_DIR")) {
        printf("Bail out! usage: CRASH_DIR=dir crash SPEC.BG [crash|destroy|runners|unfenced] [every]\n");
        return 2;
    }
    if (!open_stage(&S, argv[1])) {
        show(&S, "the live world could not be made");
        printf("not ok 1 - the live world\n1..1\n");
        return 1;
    }
    S.mode = argc > 2 && !strcmp(argv[2], "destroy") ? RUN_DESTROY : RUN_APPLY;
    S.unfenced = argc > 2 && !strcmp(argv[2], "unfenced");
    int bad = S.unfenced || (argc > 2 && !strcmp(argv[2], "runners")) ? runners(&S) : crashes(&S);
    fflush(stdout);
    return bad != 0;
}
