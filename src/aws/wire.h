/* wire.h - from an operation and its input to HTTP, and back.
 *
 * Pure: no network, no credentials, no clock. One entry for all protocols; the
 * parts are query.c (ec2, query), rest.c (rest-xml, rest-json), json.c, xml.c.
 *
 * An input is a MAP in the model's member names; NONE members are left out.
 */
#ifndef BGC_AWS_WIRE_H
#define BGC_AWS_WIRE_H

#include "aws/service.h"
#include "aws/sigv4.h"

struct wire_request {
    const char *method;
    const char *path;       /* percent-encoded, begins with '/' */
    const char *query;      /* percent-encoded, "" at least */
    const char *host_label; /* what goes in front of the host, or into the path; NULL */
    VEC(struct http_header) headers;
    const char *body;
    size_t nbody;
};

/* false with *error when the input cannot be sent. */
bool wire_encode(struct arena *a, const struct service_model *m, const char *operation,
                 const struct value *input, struct wire_request *out, const char **error);

struct wire_response {
    int status;
    const struct http_header *headers;
    size_t nheaders;
    const char *body;
    size_t nbody;
};

struct wire_result {
    bool ok;
    bool malformed;             /* the reply could not be understood: `message` says why */
    struct value *output;       /* a MAP when ok */
    const char *code, *message; /* when not ok */
    const char *request_id;     /* NULL: none came */
};
void wire_decode(struct arena *a, const struct service_model *m, const char *operation,
                 const struct wire_response *reply, struct wire_result *out);

/* The text of a scalar as query and XML protocols write it; NULL: no scalar. */
const char *wire_scalar(struct arena *a, const struct value *v);
/* A header's value, case-insensitively; NULL. */
const char *wire_header(const struct http_header *h, size_t n, const char *name);

/* The parts. */
bool query_encode(struct arena *a, const struct service_model *m, const char *operation,
                  const struct value *input, struct buf *body, const char **error);
bool rest_encode(struct arena *a, const struct service_model *m, const char *operation,
                 const struct value *input, struct wire_request *out, const char **error);
struct value *rest_decode(struct arena *a, const struct service_model *m, const char *operation,
                          const struct wire_response *reply, const char **error);
/* Unlike value_json it writes secrets, for this is the wire. */
bool json_put(struct buf *b, struct arena *a, const struct value *v, const char **error);

#endif
