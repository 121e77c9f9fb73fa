/* creds.h - who we are: the chain of places where AWS credentials may be.
 *
 * Order: environment; the profile (role_arn with source_profile or
 * credential_source or a web identity; SSO cache; static keys;
 * credential_process); web identity of the environment (a token file, or
 * GitHub's OIDC); container; IMDSv2. With an explicit --profile the environment
 * is passed over. The first place that has something decides: if what it has is
 * broken, that is an error, not a reason to look on.
 *
 * Every credential remembers where it came from. It is renewed 15 minutes
 * before it expires. What was looked at is listed in the error.
 *
 * Ownership: the chain owns its secrets and wipes them when they are replaced
 * and in creds_free. Fetching blocks, for seconds at most, and happens at the
 * start and about once an hour.
 */
#ifndef BGC_AWS_CREDS_H
#define BGC_AWS_CREDS_H

#include "aws/endpoint.h"
#include "aws/http.h"
#include "aws/profile.h"
#include "cloud/services.h"

struct creds {
    const char *access_key, *secret_key;
    const char *session_token; /* NULL: none */
    int64_t expires;           /* wall ms; 0: never */
    const char *origin;        /* "environment variables", "profile prod, role arn:... " */
    bool fixed;                /* at `expires` they end: nothing here can renew them */
};

struct creds_error {
    const char *code;         /* "BG5101" */
    const char *message;      /* one sentence */
    const char *const *notes; /* every place that was looked at */
    size_t nnotes;
    const char *help; /* NULL: none */
};

struct creds_config {
    struct aws_env env;
    const struct profiles *profiles;
    const char *profile;            /* --profile; NULL: AWS_PROFILE, else "default" */
    const char *region;             /* for STS; NULL: us-east-1 */
    struct service_source services; /* "sts" is asked for when a role is assumed */
    const struct endpoint_config *endpoint;
    const struct http_config *http;
};

struct creds_chain;

struct creds_chain *creds_new(struct arena *a, const struct creds_config *cfg);
/* The stack's own credentials. Valid until the next call. NULL: *error is filled. */
const struct creds *creds_get(struct creds_chain *c, struct creds_error *error);
/* Those of a role assumed with the stack's own. */
const struct creds *creds_assume(struct creds_chain *c, const char *role, const char *external_id,
                                 struct creds_error *error);
/* AWS said that they have expired: the next creds_get fetches new ones. */
void creds_forget(struct creds_chain *c);
/* The effective profile's name. */
const char *creds_profile(const struct creds_chain *c);
/* The region that the instance metadata names; NULL. */
const char *creds_imds_region(struct creds_chain *c);
void creds_free(struct creds_chain *c);

#endif
