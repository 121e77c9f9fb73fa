/* sigv4.h - AWS Signature Version 4, as a pure function.
 *
 * Given a request and a moment it returns the headers that must be added. It
 * knows no clock, no network and no credentials chain, so that a test can hold
 * it against other signers.
 *
 * Source: "Signature Version 4 signing process", AWS IAM user guide.
 */
#ifndef BGC_AWS_SIGV4_H
#define BGC_AWS_SIGV4_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

struct http_header {
    const char *name, *value;
};

struct sigv4_request {
    const char *method;
    const char *host;  /* as the Host header says it, without a default port */
    const char *path;  /* as sent: percent-encoded once, "/" at least */
    const char *query; /* as sent: percent-encoded, without '?'; NULL or "": none */
    const struct http_header
        *headers; /* others to sign; Host, X-Amz-Date and the token are added */
    size_t nheaders;
    const char *payload_hash; /* lower-case hex of SHA-256 of the body, or "UNSIGNED-PAYLOAD" */
    bool single_encoding;     /* the path is signed as sent (S3); else encoded once more */
    bool hash_header;         /* add X-Amz-Content-SHA256 (S3 demands it) */
    const char *access_key, *secret_key;
    const char *session_token; /* NULL: none */
    const char *region, *service;
    int64_t time; /* ms since the epoch */
};

struct sigv4_result {
    struct http_header headers[4]; /* X-Amz-Date, maybe token and hash, Authorization */
    size_t nheaders;
    const char *canonical; /* the canonical request: for tests and --trace of refusals */
    const char *signature;
};

void sigv4_sign(struct arena *a, const struct sigv4_request *req, struct sigv4_result *out);

/* base64 of SHA-256, for checksum headers. */
const char *sha256_base64(struct arena *a, const void *bytes, size_t n);

#endif
