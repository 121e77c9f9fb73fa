/* creds_state.h - what the files of the credentials chain share.
 *
 * creds.c knows the order and the cache, creds_http.c the places that answer
 * over HTTP, creds_sso.c Identity Center, creds_process.c the one that is a program.
 */
#ifndef BGC_AWS_CREDS_STATE_H
#define BGC_AWS_CREDS_STATE_H

#include "aws/creds.h"

/* A credential whose texts are its own and are wiped. */
struct kept {
    struct creds creds;
    char *secret, *token;
    const char *role, *external_id; /* of an assumed role */
    struct kept *next;
};

enum found { FOUND, NOT_HERE, BROKEN };

struct creds_chain {
    struct arena *arena;
    struct creds_config cfg;
    const char *profile;
    bool explicit_profile;
    struct http *http; /* made when first needed */
    struct kept base;
    bool base_valid;
    int64_t retry_at; /* mono ms: after a renewal failed */
    struct kept *roles;
    /* Of the search that is under way. */
    struct arena *scratch;
    VEC(const char *) notes;
    const char *code, *message, *help;
};

void creds_note(struct creds_chain *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Says what is broken; returns BROKEN. */
enum found creds_broken(struct creds_chain *c, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Replaces `k`, wiping what it held. Copies. */
void creds_set(struct creds_chain *c, struct kept *k, const char *access, const char *secret,
               const char *token, int64_t expires, const char *origin);

/* From {AccessKeyId, SecretAccessKey, Token|SessionToken, Expiration}. */
enum found creds_from_map(struct creds_chain *c, struct kept *k, const struct value *v,
                          const char *origin);

enum found creds_from_container(struct creds_chain *c, struct kept *k);
enum found creds_from_imds(struct creds_chain *c, struct kept *k);
enum found creds_from_sso(struct creds_chain *c, struct kept *k, const char *profile);
/* `token` NULL: AssumeRole signed with `source`; else AssumeRoleWithWebIdentity. */
enum found creds_from_role(struct creds_chain *c, struct kept *k, const struct creds *source,
                           const char *role, const char *external_id, const char *session,
                           const char *token, int64_t seconds, const char *origin);
/* The body of a reply with status 200; NULL with *why. In scratch. `plain`: http is
 * meant. `posted` NULL: no body. */
const char *creds_fetch(struct creds_chain *c, const char *method, const char *url, bool plain,
                        const struct http_header *headers, size_t n, const char *posted,
                        const char **why);
/* GitHub's OIDC token for this job; NULL: reported or not there. */
const char *creds_github_token(struct creds_chain *c);
const char *creds_imds_get(struct creds_chain *c, const char *path);
enum found creds_from_process(struct creds_chain *c, struct kept *k, const char *command,
                              const char *origin);

#endif
