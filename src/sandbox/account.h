/* account.h - the account behind the sandbox: what its files share.
 *
 * An account is a list of objects, each in the shape of its type's `read`, and
 * a model of what goes on between them (fleet, traffic, metrics). Calls take
 * effect at a virtual moment; the model is advanced to that moment first.
 *
 * Invariants: everything lives in the session's arena, so that a client's death
 * leaves the account whole. An object's body is replaced, never changed, so that
 * a reply may share it. Nothing here depends on the order of a hash or on real
 * time; noise is a hash of the seed and of what it is the noise of, so that
 * looking more often changes nothing.
 */
#ifndef BGC_SANDBOX_ACCOUNT_H
#define BGC_SANDBOX_ACCOUNT_H

#include "sandbox/sandbox.h"

enum { MINUTE = 60000 };

struct object {
    const struct schema *schema;
    const char *id, *account; /* account: alias, "" for the stack's own */
    struct value *body;
    struct value *before; /* body until `changed`: what a lagging read shows; NULL: nothing */
    int64_t changed;
    struct value *asked; /* the creating request without tags */
    const char *token;   /* it was made with; NULL */
    int64_t born;
    struct value *listed; /* tags until `retagged`, which the list of all that is tagged shows on; NULL */
    int64_t retagged;
    bool gone;    /* deleted at `changed`; kept while something may still show it */
    bool leaving; /* deletion was asked for and is under way: groups */
};

/* Something still holds an id for a while: network interfaces of what is gone. */
struct hold {
    const char *id;
    int64_t until;
};

struct client;
struct call {
    struct client *client;
    struct arena *arena;
    uint64_t ticket, ordinal;
    struct cloud_request req;
    enum call_fault fault;
    int64_t submitted, effect_at, reply_at;
    bool done; /* it has taken effect, `reply` is set */
    struct cloud_reply reply;
    struct call *next;
};

struct client {
    struct sandbox *s;
    uint64_t last;
    bool dead;
    struct cloud cloud;
};

struct fault {                  /* scripted: sandbox_fault */
    const char *world, *target; /* world: id after the slash; NULL */
    struct value *value;
    int64_t since;
};

struct fleets;
struct zones;
struct traffic_model;
struct metrics;

struct sandbox {
    struct arena *arena;
    struct schemas *ss;
    uint64_t seed, counter; /* counter: of made ids */
    int64_t now, start;
    const char *account_id, *region;
    struct dec load;
    bool invent, throttles;
    struct clock clock;
    VEC(struct object *) objects;
    VEC(struct hold) holds;
    struct map stored; /* of store_memory, and of buckets */
    struct map declared; /* alias -> account id, of accounts that no program declares */
    struct map known;  /* address -> const char *: id that a lookup gave it */
    VEC(const char *) invented;
    const struct graph *graph; /* what lookups are invented from; NULL */
    struct call *calls;        /* under way, by ordinal */
    uint64_t ordinal;
    struct fault_hook hook;
    VEC(struct fault) faults;
    struct map buckets; /* of the throttles */
    int64_t lag;        /* ms by which reads may lag */
    struct value *limits, *not_offered, *denied; /* limits.c: what the file says; NULL */
    bool dirty;         /* the model must look at the objects again */
    int64_t next;       /* when the model changes by itself next */
    struct fleets *fleets;
    struct zones *zones;
    struct traffic_model *traffic;
    struct metrics *metrics;
};

/* ---- limits.c ----------------------------------------------------------------- */

bool limits_call(struct sandbox *s, struct call *c);
/* Of an instance type; 0: AWS has none of that name. */
int limits_vcpus(const char *type);
void limits_save(const struct sandbox *s, struct value *into);
void limits_load(struct sandbox *s, const struct value *from);

/* The list of everything tagged shows what is gone for so long, ms. */
enum { TAGS_FORGOTTEN = 60000 };
/* ms until the list of what is tagged shows what was made, or tagged anew. */
enum { TAGS_NOTICED = 20000 };

/* ---- objects.c ---------------------------------------------------------------- */

/* NULL: there is none. `account` NULL is "". Gone ones are not found. */
struct object *object_find(const struct sandbox *s, const char *type, const char *account,
                           const char *id);
/* By id or ARN, any type; NULL. `account` "*": any. */
struct object *object_by_text(const struct sandbox *s, const char *account, const char *text);
/* Adds an object; `body` is copied. Its id stands in the body already. */
struct object *object_add(struct sandbox *s, const struct schema *schema, const char *account,
                          const char *id, const struct value *body);
/* Replaces the body by a copy of `body`. */
void object_set(struct sandbox *s, struct object *o, const struct value *body);
/* One member changed. */
void object_put(struct sandbox *s, struct object *o, const char *member, struct value *v);
/* Removes it with its children (types whose `parent` it is). */
void object_remove(struct sandbox *s, struct object *o);
/* What a read sees now: lags behind when reads lag; NULL: nothing. */
struct value *object_seen(const struct sandbox *s, const struct object *o);
struct value *object_tags(struct arena *a, const struct object *o); /* MAP */
const char *object_arn(const struct object *o);                     /* NULL */
bool object_is(const struct object *o, const char *type);
/* A member's text, number as text too; NULL. `path` as of value_at. */
const char *object_text(struct arena *a, const struct object *o, const char *path);
/* The language's fields of the object; NULL when its type cannot read it. */
struct value *object_fields(struct sandbox *s, struct arena *a, const struct object *o);
/* A fresh id for a type, ARN or plain, as its `id` field asks for. */
const char *object_new_id(struct sandbox *s, const struct schema *schema, const char *account,
                          const char *name, const struct value *body);
/* "0123456789abcdef0" */
const char *sandbox_hex(struct sandbox *s, struct arena *a, size_t digits);
const char *sandbox_account_id(const struct sandbox *s, const char *alias);
/* Whether some leaf of `v` is the text `id`, also as a part of a csv. */
bool value_mentions(const struct value *v, const char *id);
/* However the wire spells it; `otherwise` when it is none, or beyond any use
 * (1e9), so that what comes out can be multiplied and counted up to. */
double sandbox_number(const struct value *v, double otherwise);
/* 64 random bits of (seed, a text, a number): the noise of something. */
uint64_t sandbox_noise(const struct sandbox *s, const char *of, int64_t n);
double noise_unit(uint64_t bits);   /* 0..1 */
double noise_normal(uint64_t bits); /* mean 0, deviation 1 */

/* ---- verbs.c, match.c: what declarations say ---------------------------------- */

/* Carries a call out and fills c->reply. */
void sandbox_carry_out(struct sandbox *s, struct call *c);
/* By declarations alone. */
void verbs_carry_out(struct sandbox *s, struct call *c);
void call_ok(struct call *c, struct value *output);
void call_fail(struct call *c, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* What the type says when an id is not there. */
const char *absent_code(const struct schema *schema);
/* Whether an object answers a request, by the meaning of its members. `skip`
 * members were dealt with (NULL-ended); may be NULL. */
bool match_object(const struct sandbox *s, struct arena *a, const struct object *o,
                  const struct value *body, const struct value *input, const char *const *skip);
bool glob_match(const char *pattern, const char *text);
/* "group-name" -> "GroupName" */
const char *pascal(struct arena *a, const char *kebab);

/* ---- birth.c: what AWS adds to an object by itself ---------------------------- */

/* Before it is added; `body` is private. `id` and `name` are known. */
void birth(struct sandbox *s, struct arena *a, const struct schema *schema, const char *account,
           const char *id, const char *name, struct value *body);
/* When a load balancer is next provisioned; INT64_MAX. */
int64_t birth_next(const struct sandbox *s);
/* The moving parts of an object, added to what a reply shows. `body` is private. */
void present(struct sandbox *s, struct arena *a, const struct object *o, struct value *body);

/* ---- services.c, zones.c, s3.c: what declarations cannot say ------------------ */

typedef bool special_fn(struct sandbox *s, struct call *c); /* false: declarations go on */
special_fn *special_find(const char *service, const char *operation);
special_fn identity_call, zones_call, s3_call, metrics_call, metrics_history, probe_call, fleet_call,
    tagging_call;
/* After an object was made, changed, or is about to be removed by a call. A
 * refusal fills the reply and gives false. */
bool special_may_delete(struct sandbox *s, struct call *c, struct object *o);
void special_deleted(struct sandbox *s, struct object *o);

/* ---- zones.c ------------------------------------------------------------------ */

void zones_init(struct sandbox *s);
/* Changes that have become INSYNC; the moment of the next one, or INT64_MAX. */
int64_t zones_step(struct sandbox *s);
struct value *zones_save(struct sandbox *s, struct arena *a);
void zones_load(struct sandbox *s, const struct value *v);
/* Record sets as resolvers see them: `see` for each. */
void zones_each(struct sandbox *s, void (*see)(void *self, const struct value *set), void *self);
size_t zones_count(struct sandbox *s, const struct object *zone);

/* ---- fleet.c ------------------------------------------------------------------ */

void fleet_init(struct sandbox *s);
/* Brings groups, instances and targets to s->now; when something changes next. */
int64_t fleet_step(struct sandbox *s);
void fleet_minute(struct sandbox *s); /* scaling, and replacing what is sick */
struct value *fleet_save(struct sandbox *s, struct arena *a);
void fleet_load(struct sandbox *s, const struct value *v);
void fleet_present(struct sandbox *s, struct arena *a, const struct object *o, struct value *body);
/* Whether an instance holds the id (its groups, subnet). */
bool fleet_holds(struct sandbox *s, const char *id);

struct fleet_view { /* of one group, at s->now */
    const struct object *group;
    size_t in_service, instances;
    double capacity; /* requests a second that all in service can do at 100 % CPU */
    double latency;  /* seconds, median, unloaded */
    bool detailed;   /* reports every minute */
    bool agent;      /* reports memory */
};
size_t fleet_views(struct sandbox *s, struct arena *a, struct fleet_view **out);
struct pool_view { /* of one target group */
    size_t registered, healthy, unhealthy, initial, draining;
    const struct object *group; /* that fills it; NULL */
};
struct pool_view fleet_pool(struct sandbox *s, const char *target_group);
/* What the minute that ends now did to a group: its mean CPU, percent, and the
 * requests of each instance. */
void fleet_loaded(struct sandbox *s, const struct object *group, double cpu, double requests);

/* ---- traffic.c ---------------------------------------------------------------- */

void traffic_init(struct sandbox *s);
void traffic_free(struct sandbox *s);
/* Looks at records, balancers and targets again. */
void traffic_rebuild(struct sandbox *s);
/* The flow from s->now to `to`; nothing else changes in between. */
void traffic_flow(struct sandbox *s, int64_t to);
void traffic_minute(struct sandbox *s, int64_t minute); /* points of the minute that ended */
struct value *traffic_save(struct sandbox *s, struct arena *a);
void traffic_load(struct sandbox *s, const struct value *v);
/* A load balancer seen from outside, for probes. */
struct lb_view {
    const struct object *lb;
    bool found, listening, tls, covered; /* covered: a certificate for the host */
    size_t healthy, registered;
    double latency_ms, error_rate;
};
struct lb_view traffic_look(struct sandbox *s, struct arena *a, const char *dns, const char *host,
                            int port, bool https);
/* Whether the target groups of a balancer let Route 53 count it as healthy. */
bool traffic_lb_healthy(struct sandbox *s, const struct object *lb);

/* ---- metrics.c ---------------------------------------------------------------- */

struct point {
    double n, sum, min, max;
    double mu, sigma; /* of a lognormal spread of n values; sigma 0: none */
};
void metrics_init(struct sandbox *s);
/* The key of a metric's points; dimensions in any order. */
const char *metrics_key(struct arena *a, const char *ns, const char *name,
                        const struct value *dims);
/* "Name=Value" pairs, NULL-ended, sorted by name. */
const char *metrics_key_of(struct arena *a, const char *ns, const char *name, ...)
    __attribute__((sentinel));
/* `account`: in which it is published; "" the stack's own. */
void metrics_put(struct sandbox *s, const char *account, const char *key, int64_t minute, struct point p);
/* The statistic of what is published of [from, to); false: no data. */
bool metrics_stat(struct sandbox *s, const char *key, int64_t from, int64_t to, const char *stat,
                  double *out);
void metrics_minute(struct sandbox *s, int64_t minute); /* overrides by faults; alarms */
struct value *metrics_save(struct sandbox *s, struct arena *a);
void metrics_load(struct sandbox *s, const struct value *v);
/* Whether Route 53 sees a health check as healthy. */
bool metrics_check_healthy(struct sandbox *s, const char *health_check);

/* ---- faults.c ----------------------------------------------------------------- */

/* The fault on a member ("http_5xx"; "" for the resource itself) of an object;
 * NULL: none. */
const struct fault *fault_of(const struct sandbox *s, const struct object *o, const char *member);
/* As a share 0..1 of `whole` (a percentage) or an absolute amount. */
double fault_amount(const struct value *v, double whole);
/* The last part of a target; "" when the target is the object's address. */
const char *fault_member(const struct sandbox *s, const struct fault *f, const struct object *o);

/* ---- invent.c ----------------------------------------------------------------- */

/* Whether none of the `n` objects that a lookup shows is what its query means:
 * what the requester will look at itself (`where`) counts too. */
bool invent_wanted(struct sandbox *s, struct arena *a, const struct schema *schema,
                   const struct schema_call *call, const struct cloud_request *req,
                   struct value **at, size_t n);
/* Makes what a lookup, or the read of a pinned answer, asks for. false: it is
 * not made up. */
bool invent(struct sandbox *s, struct arena *a, const struct schema *schema,
            const struct schema_call *call, const struct cloud_request *req, const char *id);

/* ---- sandbox.c ---------------------------------------------------------------- */

/* Makes the model look at what calls have changed. */
void sandbox_refresh(struct sandbox *s);
/* Advances the model to `to`. */
void sandbox_advance(struct sandbox *s, int64_t to);
/* The address of the resource behind an object: by its tag, or by the lookup
 * that found it; NULL. `world` is the id after the slash. */
const char *object_address(const struct sandbox *s, const struct object *o, const char **world);

#endif
