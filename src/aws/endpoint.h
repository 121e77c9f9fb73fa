/* endpoint.h - which host serves a service in a region. Pure.
 *
 * In this order: AWS_ENDPOINT_URL_<SERVICE_ID>, the profile's `services`
 * section, AWS_ENDPOINT_URL, the profile's endpoint_url; then the partition's
 * own hosts, with the FIPS and dual-stack switches. Plain http is taken only
 * for loopback.
 */
#ifndef BGC_AWS_ENDPOINT_H
#define BGC_AWS_ENDPOINT_H

#include "aws/service.h"
#include "aws/uri.h"

struct endpoint_config {
    const char *(*env)(void *self, const char *name);
    void *env_self;
    /* From the profile; NULL when it says nothing. */
    const char *(*profile)(void *self, const char *service_key);
    void *profile_self;
    bool fips, dualstack;
};

struct endpoint {
    struct uri uri;
    const char *signing_region;
    bool custom;        /* from a setting: path style, no host label */
    const char *origin; /* "AWS_ENDPOINT_URL_EC2"; NULL: AWS's own */
};

/* false with *error. */
bool endpoint_find(struct arena *a, const struct endpoint_config *cfg,
                   const struct service_model *m, const char *region, struct endpoint *out,
                   const char **error);
/* "aws", "aws-cn", "aws-us-gov", ... by the region's name. */
const char *endpoint_partition(const char *region);

#endif
