/* aws.h - the real AWS behind the cloud interface.
 *
 * Concept: a call is encoded by its service's record (service.h), signed, and
 * sent over libcurl's multi interface; many are under way at once. A reply that
 * has further pages is followed to its end and its lists are joined, so that
 * whoever asks sees one answer. A clock that is wrong is noticed once from the
 * Date header and corrected for; expired credentials are renewed once.
 *
 * Nothing is retried here: cloud/retry.h does that for every implementation.
 *
 * The pseudo-service "probe" has one operation, HttpGet
 *   { Url, Host?, ConnectTo?, TimeoutMs?, CaFile? }
 *   -> { Status, LatencyMs, Body, Certificate? { Subject, NotAfter }, Error? }
 * Host replaces the host of Url: in SNI, in the Host header and in what the
 * certificate is verified against. ConnectTo (a name or address, with an
 * optional :port) is where the connection really goes: green's own entry under
 * the production name. A failed connection is an answer with Status 0.
 *
 * Ownership: lives in `session`; cloud_free closes connections and wipes secrets.
 */
#ifndef BGC_AWS_AWS_H
#define BGC_AWS_AWS_H

#include <signal.h>

#include "aws/creds.h"
#include "base/diag.h"
#include "cloud/cloud.h"
#include "cloud/services.h"

struct aws_account {          /* of an `account` declaration */
    const char *alias, *role; /* role NULL: the stack's own credentials, another region */
    const char *region;       /* NULL: the stack's */
    const char *external_id;  /* NULL: none */
};

struct aws_config {
    struct service_source services;
    struct aws_env env; /* never getenv */
    const char *region; /* the stack's, or --region; NULL: look for it */
    struct span region_span;
    const char *profile; /* --profile; NULL */
    const struct aws_account *accounts;
    size_t naccounts;
    struct clock *clock;       /* of schedule deadlines */
    struct cloud_trace *trace; /* NULL: none */
    /* "host:port:addr:port,...": connect elsewhere than the name says. For tests
     * and private networks; TLS still verifies the name. NULL: none. */
    const char *connect_to;
    /* PEM bundle that probes trust instead of the system's, for a service whose
     * certificate is of a private authority. NULL: none. AWS itself is not asked
     * by it. */
    const char *probe_ca_file;
    int64_t connect_ms, call_ms; /* 0: 10 s and 30 s */
    /* Counts signals: a wait ends early (false) when it changes. NULL: never. */
    const volatile sig_atomic_t *wake;
};

/* NULL: reported. Reads the shared AWS files, but no credentials yet. */
struct cloud *aws_cloud_new(struct arena *session, const struct aws_config *cfg, struct diags *ds);

/* The region that an account's calls go to; NULL: none is known (BG5204 once
 * aws_check is asked). `account` NULL: the stack's own. */
const char *aws_region(struct cloud *c, const char *account);
/* Fetches the credentials of an account. false: reported, naming every place. */
bool aws_check(struct cloud *c, const char *account, struct diags *ds, struct span span);
/* Where they came from; NULL before they were needed. Lives in the session. */
const char *aws_origin(struct cloud *c, const char *account);
/* When they end (wall ms; 0: never, or there are none), and whether nothing can renew them. */
int64_t aws_credentials_end(struct cloud *c, const char *account, bool *fixed);
/* The AWS profile in effect. */
const char *aws_profile(struct cloud *c);

#endif
