/* cloud.h - the seam between bgc and the world.
 *
 * One of the three headers that tell the story (with lang/ast.h and
 * plan/plan.h). Everything that bgc ever does to or learns from AWS is an
 * operation submitted here and a reply waited for here. Two implementations
 * stand behind it: `aws` (HTTPS) and `sandbox` (in memory, where waiting
 * advances a virtual clock). Nothing above knows which.
 *
 * Probes, pauses and notifications go through it too, as operations of the
 * pseudo-service "probe", so that nothing escapes a rehearsal.
 *
 * Submitting never blocks. cloud_wait is the one blocking call of a run.
 */
#ifndef BGC_CLOUD_CLOUD_H
#define BGC_CLOUD_CLOUD_H

#include "base/clock.h"
#include "base/value.h"

struct cloud_request {
    const char *service;   /* "ec2": the name of a `service` declaration, or "probe" */
    const char *operation; /* "CreateSecurityGroup" */
    const char *account;   /* the alias of an `account` declaration; NULL: the stack's own */
    struct value *input;   /* a MAP, in the model's member names; NULL: no input */
    bool mutating;         /* whether it may change the account */
    const char *address;   /* of the resource it is for; NULL: none. For traces and errors */
    int64_t not_after;     /* schedule ms: refuse to send later than this (lease); 0: no limit */
};

/* What went wrong, as far as anybody knows. */
struct cloud_error {
    const char *code;    /* AWS's own ("InvalidGroup.Duplicate") or one of CLOUD_ERR_* */
    const char *message; /* may be hostile: escape before printing */
    const char *request_id; /* NULL when none came */
    int http_status;     /* 0: none */
    bool ambiguous;      /* it may or may not have taken effect */
    bool throttled;
    int64_t retry_after_ms; /* what AWS asked for; 0: nothing */
};

#define CLOUD_ERR_CONNECT "bgc:Connect"         /* could not reach the endpoint: nothing was sent */
#define CLOUD_ERR_LOST "bgc:ReplyLost"          /* sent, no answer: ambiguous */
#define CLOUD_ERR_MALFORMED "bgc:MalformedReply"
#define CLOUD_ERR_CREDENTIALS "bgc:Credentials"
#define CLOUD_ERR_LATE "bgc:TooLate"            /* not_after passed: nothing was sent */
#define CLOUD_ERR_UNKNOWN_OPERATION "bgc:UnknownOperation"
#define CLOUD_ERR_INPUT "bgc:BadInput"          /* it cannot be written: nothing was sent */
#define CLOUD_ERR_TIMEOUT "bgc:Timeout"

struct cloud_reply {
    uint64_t ticket;
    bool ok;
    struct value *output;      /* a MAP when ok; lives in the arena given to cloud_wait */
    struct cloud_error error;  /* when not ok */
    int64_t duration_ms;
    const char *request_id;
};

struct cloud;

/* What an implementation provides. `self` is its own. */
struct cloud_ops {
    uint64_t (*submit)(void *self, const struct cloud_request *req);
    /* Waits until a reply is there (true) or the schedule clock reached
     * `deadline` ms (false). Without anything under way it just waits. */
    bool (*wait)(void *self, struct arena *a, int64_t deadline, struct cloud_reply *out);
    void (*free)(void *self);
    /* An account that the program does not declare. NULL: nothing to note. */
    void (*declare)(void *self, const char *alias, const char *role);
};

struct cloud_trace; /* cloud/trace.h: counts and logs every call */

struct cloud {
    const struct cloud_ops *ops;
    void *self;
    struct clock *clock; /* the schedule clock that deadlines are of */
    struct cloud_trace *trace; /* may be NULL */
};

/* Copies what it needs of `req`. Tickets are positive and ascend. */
uint64_t cloud_submit(struct cloud *c, const struct cloud_request *req);
bool cloud_wait(struct cloud *c, struct arena *a, int64_t deadline, struct cloud_reply *out);
/* submit and wait for just that reply; for code that has nothing else under
 * way. Must not be used while other tickets are open. */
bool cloud_call(struct cloud *c, struct arena *a, const struct cloud_request *req,
                struct cloud_reply *out);
/* Waits until the schedule clock reaches `until`. */
void cloud_sleep(struct cloud *c, int64_t until);
void cloud_free(struct cloud *c);
/* From now on requests may name the account `alias`, to be acted in by `role` (NULL:
 * as we are). For what is known from tags and not from the program. */
void cloud_declare(struct cloud *c, const char *alias, const char *role);

/* Deep copies, for implementations: what they keep must not live in the caller's
 * arena. */
struct value *cloud_value_copy(struct arena *a, const struct value *v);
struct cloud_request cloud_request_copy(struct arena *a, const struct cloud_request *req);

#endif
