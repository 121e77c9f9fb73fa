/* schema.h - a `type` declaration, compiled: the lens between a resource and AWS.
 *
 * docs/design/types.md says what declarations mean. From one declaration come
 * the request, the reading, the difference, the sandbox's store, the IAM actions
 * and the documentation; there is no second place that knows a type.
 *
 * A schema is compiled once per session and type, on first use, and is
 * immutable. All functions are pure. Errors in a declaration are reported when
 * it is compiled; errors in a value (a reply of the wrong shape) are reported
 * with the field's name and give NULL.
 */
#ifndef BGC_SCHEMA_SCHEMA_H
#define BGC_SCHEMA_SCHEMA_H

#include "lang/eval.h"

/* The member of an object that says below which parent it was found. */
#define PARENT_MEMBER "Parent"

struct schema_field {
    const char *name;
    unsigned mods; /* enum field_mod bits of lang/ast.h */
    const struct type *type;
    const struct type_item *item;
    bool later;    /* not part of the create request */
    bool may_omit; /* a reply that does not show it says nothing about it */
    bool constant; /* AWS gives it once and never changes it */
    const struct lens *lens; /* schema/lens.h: how it goes on the wire and back */
};

enum schema_verb {
    VERB_CREATE, VERB_AFTER_CREATE, VERB_FIND, VERB_READ, VERB_LOOKUP, VERB_UPDATE, VERB_TAG,
    VERB_UNTAG, VERB_BEFORE_DELETE, VERB_DELETE,
};

struct schema_call {
    enum schema_verb verb;
    const char *service;   /* of the type's `api` */
    const char *operation;
    const struct type_item *item; /* bindings, result, clauses */
    VEC(const char *) subjects;   /* of an update: field names */
    const char *aspect;           /* "added", "removed" or NULL */
    bool batched;                 /* reads many: its bindings use `ids` */
};

struct schema_metric {
    const char *name;
    const struct type *type;
    const struct type_item *item;
    const char *ns, *metric;  /* "AWS/EC2", "CPUUtilization" */
    const struct value *with; /* MAP of settings; may be NULL */
};

/* What a type looks up before anything of it is made: `existing` of a type. */
struct schema_existing {
    const char *name;
    const char *type;
    bool set;
    const struct type_item *item; /* its bindings are the query */
};

/* A `preflight`: a condition, and what is said when it does not hold; or a `quota`:
 * how much each new resource takes of what an `existing` says there is. */
struct schema_preflight {
    const char *name;
    const struct type_item *item;
    const struct expr *needs, *fail, *warn; /* of a preflight: `fail` or `warn` */
    const struct expr *help;                /* NULL: none */
    const char *of;                         /* of a quota: names the existing; else NULL */
    const struct expr *takes, *used;
    const struct expr *granted;             /* to everybody: who stays below does not ask; NULL: nothing */
};

struct schema {
    const char *name;    /* "ec2.security_group" */
    const char *service; /* "ec2" */
    const struct decl *decl;
    VEC(struct schema_field) fields;
    VEC(struct schema_call) calls;      /* in source order */
    VEC(const struct type_item *) waits;/* subject.text NULL or "create", "update", "delete" */
    VEC(struct schema_metric) metrics;
    VEC(struct schema_existing) existings;
    VEC(struct schema_preflight) preflights; /* in source order */
    struct map settings;                /* name -> const struct value *, const ones */
    size_t name_limit;
    const char *id_field;
    bool taggable;
};

struct schemas {
    struct program *program;
    struct map by_name;      /* struct schema *, NULL value: reported or none */
    struct map shapes;       /* record types: name -> struct shape * (schema/lens.h) */
    struct map by_operation; /* "ec2 CreateVpc" -> list of calls; filled on first use */
    bool indexed;
};

void schemas_init(struct schemas *ss, struct program *p);
/* NULL: no such type, or it is an alias or a record (unreported), or reported. */
const struct schema *schema_find(struct schemas *ss, const char *type);
const struct schema_field *schema_field(const struct schema *s, const char *name);
const struct schema_metric *schema_metric(const struct schema *s, const char *name);
/* First call of the verb; NULL. `schema_next` the following one of the same verb. */
const struct schema_call *schema_call(const struct schema *s, enum schema_verb verb);
const struct schema_call *schema_next(const struct schema *s, const struct schema_call *c);

/* ---- values --------------------------------------------------------------- */

/* The author's props with defaults filled in, in the order of the declaration. */
struct value *schema_desired(struct schemas *ss, struct arena *a, const struct schema *s,
                             const struct value *props);
/* The same for the query of an `existing`: of defaults only those of its query
 * fields. */
struct value *schema_query(struct schemas *ss, struct arena *a, const struct schema *s,
                           const struct value *props);
/* References become the ids (STRING) that `facts` know; others stay V_REF. */
struct value *schema_ids(struct arena *a, const struct facts *facts, struct value *v);

/* What `facts` know of an address; of an element of a set too. NULL: nothing. */
struct value *schema_fact(struct arena *a, const struct facts *facts, const char *address);

/* V_METRICs of resources that `facts` know become {Namespace, MetricName,
 * Dimensions}; others stay. `v` is a resource's props; ids are there already. */
struct value *schema_metrics(struct schemas *ss, struct arena *a, const struct graph *g,
                             const struct facts *facts, struct value *v);

/* What a call's bindings may speak of. Unset members are NULL. */
struct call_env {
    const char *stack;
    const char *world;         /* "web/7f3a2c91d0"; NULL: shared */
    const char *physical_name;
    const char *name_prefix;
    const char *region;        /* of the account acted in */
    const char *id;
    const char *const *ids;    /* batched reads */
    size_t nids;
    const char *token;
    struct value *props;       /* desired, references as ids, all known */
    struct value *live;        /* the object */
    struct value *tags;        /* MAP */
    struct value *keys;        /* LIST of STRING: untag */
    struct value *added, *removed, *value; /* language form; lens-ed by the call */
};

/* The input of a call. NULL: reported. */
struct value *schema_request(struct schemas *ss, struct arena *a, struct diags *ds,
                             const struct schema *s, const struct schema_call *c,
                             const struct call_env *env);
/* What stands at a call's RESULT: a list's elements or one object; `where`
 * applied. *n objects (of a create one STRING, the id). NULL: reported. */
struct value **schema_result(struct schemas *ss, struct arena *a, struct diags *ds,
                             const struct schema *s, const struct schema_call *c,
                             const struct call_env *env, const struct value *reply, size_t *n);
/* An object of a type with the setting `parent` as it is known below that parent:
 * with the parent's id as the member `Parent` (a copy), since replies seldom say it.
 * schema_result does this where the call's environment knows the parent. */
struct value *schema_child(struct arena *a, const struct schema *s, struct value *object,
                           const char *parent);
/* Adds the members that a further read yields for `id` to an object (copy). */
struct value *schema_join(struct schemas *ss, struct arena *a, struct diags *ds,
                          const struct schema *s, const struct schema_call *c,
                          const struct call_env *env, const struct value *object,
                          const struct value *reply);

/* An object, read. */
struct reading {
    const char *id;
    struct value *fields; /* MAP: every readable field; also "id" */
    struct value *tags;   /* MAP; empty when there are none or they are not read here */
    struct value *object;
};
/* NULL: reported. */
struct reading *schema_read(struct schemas *ss, struct arena *a, struct diags *ds,
                            const struct schema *s, struct value *object);
/* The reverse of schema_read for one object: used by the sandbox to keep what a
 * request said. Puts `fields` at their GET places of `object` (a private MAP). */
bool schema_store(struct schemas *ss, struct arena *a, const struct schema *s,
                  const struct value *fields, struct value *object);
/* The fields that a request of call `c` sets, read from their PUT places. */
struct value *schema_unrequest(struct schemas *ss, struct arena *a, const struct schema *s,
                               const struct schema_call *c, const struct value *input);

/* The names that the bindings of `c` speak of, found by reading the bindings
 * backwards: MAP of id, ids (LIST), physical_name, keys (LIST), token, and tags
 * as a MAP (of a create: from where the setting says). Names that the input does
 * not determine are absent. With schema_unrequest all that a call said. */
struct value *schema_unbind(struct schemas *ss, struct arena *a, const struct schema *s,
                            const struct schema_call *c, const struct value *input);

struct change {
    const struct schema_field *field;
    const char *path;     /* "ingress", "health.path" */
    struct value *before; /* live */
    struct value *after;  /* desired; may hold unknown leaves */
    struct value *added, *removed; /* set fields; else NULL */
    bool deferred;        /* after is not known yet */
    bool secret;
};
/* Managed, readable fields that differ; sets by content, JSON structurally.
 * `fields` NULL (nothing is there yet): every field that is sent. */
struct change *schema_diff(struct schemas *ss, struct arena *a, const struct schema *s,
                           const struct value *desired, const struct value *fields, size_t *n);
/* The update calls that bring `changes`, in order; *n of them. A change of a
 * `fixed` field has none: the caller replaces. */
const struct schema_call **schema_updates(struct arena *a, const struct schema *s,
                                          const struct change *changes, size_t nchanges, size_t *n);

enum wait_state { WAIT_DONE, WAIT_PENDING, WAIT_BAD };
/* Whether the waits of a moment ("create", "update", "delete") hold. *budget and
 * *every in ms are those of the first one that does not. */
enum wait_state schema_wait(struct schemas *ss, struct arena *a, const struct schema *s,
                            const char *moment, const struct reading *r, int64_t *budget,
                            int64_t *every);

/* Tags of a MAP in the type's shape, as they go into `tag` and `create`. The
 * constant members of `annotate` only: schema_request knows the others. */
struct value *schema_tags(struct arena *a, const struct schema *s, const struct value *tags);
/* Tags in any of the shapes, as a MAP. */
struct value *schema_untags(struct arena *a, const struct value *shaped);
/* The reverse of reading->tags: puts them where the object holds them. */
void schema_store_tags(struct arena *a, const struct schema *s, const struct value *tags,
                       struct value *object);

/* The CloudWatch identity of a metric of a resource whose fields are `fields`:
 * {Namespace, MetricName, Dimensions: [{Name, Value}]}. NULL: not known yet. */
struct value *schema_metric_id(struct schemas *ss, struct arena *a, const struct schema *s,
                               const struct schema_metric *m, const struct value *fields);

/* The id of the resource of this type that an ARN names; NULL: it is of another
 * type, or the type has no setting `arn`. */
const char *schema_arn_id(struct arena *a, const struct schema *s, const char *arn);
/* The reverse; what is not known of partition, region and account is left open.
 * NULL: the type has no setting `arn`. */
const char *schema_arn(struct arena *a, const struct schema *s, const char *partition,
                       const char *region, const char *account, const char *id);

/* Which type and call an operation of a service belongs to; the sandbox and the
 * IAM policy ask this. NULL: none. `n`-th match, from 0. */
const struct schema *schema_of_operation(struct schemas *ss, const char *service,
                                         const char *operation, size_t nth,
                                         const struct schema_call **call);

/* Compiles every type that the program has loaded: what a file declares is
 * checked also where nothing uses it. */
void schemas_check(struct schemas *ss);
/* The names of all types of the program and the standard library, sorted; aliases
 * and records too. Loads them all. */
const char *const *schemas_names(struct schemas *ss, struct arena *a, size_t *n);

#endif
