/* aws_call.h - one call on its way: what aws.c, aws_send.c and probe.c share. */
#ifndef BGC_AWS_AWS_CALL_H
#define BGC_AWS_AWS_CALL_H

#include "aws/aws.h"

struct aws_call {
    uint64_t ticket, transfer;
    struct arena *arena;
    struct cloud_request req;          /* our copy; `input` has the current page's token */
    const struct service_model *model; /* NULL: a probe */
    bool paged, skewed, renewed;
    size_t pages;
    struct value *joined; /* of the pages so far */
    int64_t began;        /* mono */
    int64_t took;         /* ms, of the last transfer */
    struct cloud_reply reply;
    struct aws_call *next;
};

struct aws {
    struct arena *arena;
    struct aws_config cfg;
    struct profiles profiles;
    const char *profile, *region;
    bool region_sought;
    struct endpoint_config endpoint;
    struct http_config http_config;
    struct http *http;
    struct creds_chain *creds;
    struct map models; /* name -> struct service_model * */
    int64_t skew;      /* server's clock minus ours, ms */
    uint64_t last;
    struct aws_call *waiting, **waiting_tail; /* not yet sent */
    struct aws_call *flying;
    struct aws_call *done, **done_tail;
    struct cloud cloud;
};

/* Signs and starts the call's request. false: call->reply says why not. */
bool aws_send(struct aws *w, struct aws_call *c);
/* Understands a reply. true: call->reply is complete; false: it was sent again. */
bool aws_receive(struct aws *w, struct aws_call *c, struct http_result *r);

bool probe_send(struct aws *w, struct aws_call *c);
void probe_receive(struct aws_call *c, const struct http_result *r);

/* Fills the reply with an error; returns false. */
bool aws_fail(struct aws_call *c, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
const struct aws_account *aws_account(const struct aws *w, const char *alias);

#endif
