/* fuzz_uri.c - any text as the URL of an endpoint, from the environment or a profile.
 *
 * What must hold: what is taken has a host and a port, plain http goes to loopback
 * alone, and what is refused has a reason. See README.md for how to run it.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *env(void *self, const char *name)
{
    return strcmp(name, "AWS_ENDPOINT_URL") ? NULL : self;
}

static const char *profile(void *self, const char *key)
{
    (void)self;
    (void)key;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new("fuzz");
    char *text = arena_strndup(a, (const char *)data, size);
    struct uri u;
    if (uri_parse(a, text, &u)) {
        if (!u.host || !*u.host || u.port <= 0 || u.port > 65535 || !u.path)
            abort();
        uri_loopback(u.host);
    }
    struct value *r = value_map(a), *ops = value_map(a);
    value_put(r, "protocol", value_string(a, "json"));
    value_put(r, "target", value_string(a, "X"));
    value_put(r, "operations", ops);
    struct service_model m;
    const char *why = NULL;
    if (!service_model_build(a, "x", r, &m, &why))
        abort();
    struct endpoint_config cfg = {.env = env, .env_self = text, .profile = profile};
    struct endpoint e;
    why = NULL;
    if (endpoint_find(a, &cfg, &m, "eu-west-1", &e, &why)) {
        if (!e.uri.https && !uri_loopback(e.uri.host))
            abort();
    } else if (!why) {
        abort();
    }
    endpoint_partition(text);
    struct buf b;
    buf_init(&b, a);
    uri_put(&b, text, "/");
    arena_free(a);
    return 0;
}
