/* trace.h - every call to the cloud, counted and, on demand, written down.
 *
 * A trace hangs on the innermost `struct cloud`, so that it sees what really
 * went out: each attempt of a retried call and each page of a long answer.
 *
 * A line of the file is one JSON object: {time, duration_ms, service,
 * operation, account?, address?, mutating, ok, page?, code?, http_status?,
 * message?, request_id?}. What was sent and what came back is never written, so
 * there is nothing to hide but the error's message, which AWS words and which may
 * repeat an argument: of a request with a secret in it, it is left out, and known
 * secrets are hidden in all others.
 */
#ifndef BGC_CLOUD_TRACE_H
#define BGC_CLOUD_TRACE_H

#include <stdio.h>

#include "base/redact.h"
#include "cloud/cloud.h"

struct trace_count {
    const char *service, *operation;
    size_t calls, errors, throttled;
    int64_t total_ms;
};

/* `file` NULL: only counts. The caller closes it. */
struct cloud_trace *trace_new(struct arena *a, FILE *file);
/* What is hidden in messages; it may still grow. */
void trace_secrets(struct cloud_trace *t, const struct redact *secrets);
void trace_begin(struct cloud_trace *t, uint64_t ticket, const struct cloud_request *req,
                 int64_t now);
void trace_end(struct cloud_trace *t, const struct cloud_reply *reply);
/* One more page of an answer that is still under way. */
void trace_page(struct cloud_trace *t, uint64_t ticket, int64_t duration_ms);

size_t trace_total(const struct cloud_trace *t);
/* 0 when there was none. `operation` NULL: all of the service. */
size_t trace_calls(const struct cloud_trace *t, const char *service, const char *operation);
/* In order of first use; *n of them. */
const struct trace_count *trace_counts(const struct cloud_trace *t, size_t *n);

#endif
