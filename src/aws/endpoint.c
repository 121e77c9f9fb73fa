#include "aws/endpoint.h"

#include <ctype.h>
#include <string.h>

static const struct partition {
    const char *region_prefix, *name, *suffix, *dualstack_suffix;
} partitions[] = {
    {"cn-", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"us-gov-", "aws-us-gov", "amazonaws.com", "api.aws"},
    {"us-isob-", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"},
    {"us-isof-", "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"us-iso-", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov"},
    {"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"eusc-", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"", "aws", "amazonaws.com", "api.aws"},
};

static const struct partition *partition_of(const char *region)
{
    const struct partition *p = partitions;
    while (strncmp(region, p->region_prefix, strlen(p->region_prefix)) != 0)
        p++;
    return p;
}

const char *endpoint_partition(const char *region)
{
    return partition_of(region)->name;
}

/* "Elastic Load Balancing v2" to "ELASTIC_LOAD_BALANCING_V2". */
static const char *env_key(struct arena *a, const char *id)
{
    char *s = arena_printf(a, "AWS_ENDPOINT_URL_%s", id);
    for (char *p = s; *p; p++)
        *p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
    return s;
}

/* The same name as a profile's `services` section spells it: lower case. */
static const char *profile_key(struct arena *a, const char *env)
{
    char *s = arena_strdup(a, env + strlen("AWS_ENDPOINT_URL_"));
    for (char *p = s; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return s;
}

static const char *filled(struct arena *a, const char *pattern, const char *region,
                          const char *suffix)
{
    struct buf b;
    buf_init(&b, a);
    for (const char *p = pattern; *p;) {
        if (!strncmp(p, "{region}", 8)) {
            buf_puts(&b, region);
            p += 8;
        } else if (!strncmp(p, "{suffix}", 8)) {
            buf_puts(&b, suffix);
            p += 8;
        } else {
            buf_putc(&b, *p++);
        }
    }
    return buf_text(&b);
}

static const char *own_host(struct arena *a, const struct endpoint_config *cfg,
                            const struct service_model *m, const char *region, struct endpoint *out)
{
    const struct partition *p = partition_of(region);
    const char *kind = cfg->fips        ? cfg->dualstack ? "dualstack_fips" : "fips"
                       : cfg->dualstack ? "dualstack"
                                        : NULL;
    const struct value *global = value_get(value_get(m->record, "global"), p->name);
    if (global) {
        const char *r = value_get_string(global, "region");
        if (r)
            out->signing_region = r;
        const char *host = kind ? value_get_string(global, kind) : NULL;
        if (!host)
            host = value_get_string(global, "host");
        if (host)
            return host;
    }
    const char *special = kind ? value_get_string(m->record, kind) : NULL;
    if (special)
        return filled(a, special, region, p->suffix);
    return arena_printf(a, "%s%s.%s.%s", m->endpoint, cfg->fips ? "-fips" : "", region,
                        cfg->dualstack ? p->dualstack_suffix : p->suffix);
}

static const char *custom_url(struct arena *a, const struct endpoint_config *cfg,
                              const struct service_model *m, const char **origin)
{
    const char *ignore =
        cfg->env ? cfg->env(cfg->env_self, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") : NULL;
    if (ignore && !strcmp(ignore, "true"))
        return NULL;
    const char *key = env_key(a, m->id), *url = NULL;
    if (cfg->env && (url = cfg->env(cfg->env_self, key)) && *url) {
        *origin = key;
        return url;
    }
    if (cfg->profile && (url = cfg->profile(cfg->profile_self, profile_key(a, key)))) {
        *origin = "the profile's services section";
        return url;
    }
    if (cfg->env && (url = cfg->env(cfg->env_self, "AWS_ENDPOINT_URL")) && *url) {
        *origin = "AWS_ENDPOINT_URL";
        return url;
    }
    if (cfg->profile && (url = cfg->profile(cfg->profile_self, NULL))) {
        *origin = "the profile's endpoint_url";
        return url;
    }
    return NULL;
}

bool endpoint_find(struct arena *a, const struct endpoint_config *cfg,
                   const struct service_model *m, const char *region, struct endpoint *out,
                   const char **error)
{
    *out = (struct endpoint){.signing_region = region};
    for (const char *p = region; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '-') {
            *error = arena_printf(a, "\"%s\" is no region", region);
            return false;
        }
    const char *host = own_host(a, cfg, m, region, out);
    const char *url = custom_url(a, cfg, m, &out->origin);
    if (!url) {
        out->uri = (struct uri){true, host, 443, true, ""};
        return true;
    }
    out->custom = true;
    if (!uri_parse(a, url, &out->uri)) {
        *error = arena_printf(a, "%s is no URL: \"%s\"", out->origin, url);
        return false;
    }
    if (!out->uri.https && !uri_loopback(out->uri.host)) {
        *error =
            arena_printf(a, "%s is plain http to %s: only https is used outside of this machine",
                         out->origin, out->uri.host);
        return false;
    }
    return true;
}
