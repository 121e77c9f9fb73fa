/* What the account offers and how much of it one may have: instance types, the
 * zones that they can be had in, quotas. The sandbox file may say otherwise:
 *
 *   "limits":      { "L-1216C47A": 8, "target-groups": 20 }   by quota code or name
 *   "not_offered": { "t3.small": ["eu-west-1c"] }             zones without the type
 *   "denied":      ["service_quotas"]                          services that say no
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/account.h"

static const struct {
    const char *code, *name;
    int value;
} quotas[] = {
    {"L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 512},
    {"L-DB2E81BA", "Running On-Demand G and VT instances", 64},
    {"L-417A185B", "Running On-Demand P instances", 64},
    {"L-7295265B", "Running On-Demand X instances", 64},
    {"L-E79EC296", "VPC security groups per Region", 2500},
    {"L-0EA8095F", "Inbound or outbound rules per security group", 60},
    {"application-load-balancers", "application-load-balancers", 50},
    {"target-groups", "target-groups", 3000},
};

static double limit(const struct sandbox *s, const char *code, int otherwise)
{
    return sandbox_number(s->limits ? value_get(s->limits, code) : NULL, otherwise);
}

static struct value *number(struct arena *a, double x)
{
    return value_number(a, dec_from_double(x));
}

static void service_quota(const struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    const char *code = value_get_string(c->req.input, "QuotaCode");
    for (size_t i = 0; code && i < sizeof quotas / sizeof *quotas; i++) {
        if (strcmp(quotas[i].code, code) != 0)
            continue;
        struct value *q = value_map(a), *out = value_map(a);
        const char *service = value_get_string(c->req.input, "ServiceCode");
        value_put(q, "ServiceCode", value_string(a, service ? service : ""));
        value_put(q, "QuotaCode", value_string(a, code));
        value_put(q, "QuotaName", value_string(a, quotas[i].name));
        value_put(q, "Value", number(a, limit(s, code, quotas[i].value)));
        value_put(out, "Quota", q);
        call_ok(c, out);
        return;
    }
    call_fail(c, "NoSuchResourceException", "The request failed because the specified quota does "
                                            "not exist.");
}

static void account_limits(const struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    size_t n = 0;
    struct value **at = arena_array(a, struct value *, sizeof quotas / sizeof *quotas);
    struct value *out = value_map(a);
    for (size_t i = 0; i < sizeof quotas / sizeof *quotas; i++) {
        if (!strncmp(quotas[i].code, "L-", 2))
            continue;
        at[n] = value_map(a);
        value_put(at[n], "Name", value_string(a, quotas[i].code));
        /* as the wire has it */
        value_put(at[n++], "Max", value_stringf(a, "%.0f", limit(s, quotas[i].code, quotas[i].value)));
    }
    value_put(out, "Limits", value_list(a, at, n));
    call_ok(c, out);
}

/* ---- instance types ------------------------------------------------------------ */

/* What is asked for by the filter `instance-type`; NULL: nothing. */
static const char *asked(const struct call *c)
{
    const struct value *filters = value_get(c->req.input, "Filters");
    for (size_t i = 0; filters && filters->kind == V_LIST && i < filters->list.n; i++) {
        const char *name = value_get_string(filters->list.at[i], "Name");
        const struct value *values = value_get(filters->list.at[i], "Values");
        if (name && !strcmp(name, "instance-type") && values && values->kind == V_LIST &&
            values->list.n && values->list.at[0]->kind == V_STRING)
            return values->list.at[0]->s;
    }
    return NULL;
}

/* 0: AWS has no such type. Small ones of the first generations have one vCPU. */
int limits_vcpus(const char *type)
{
    static const struct {
        const char *size;
        int n;
    } sizes[] = {{"nano", 2},   {"micro", 2}, {"small", 2}, {"medium", 2},
                 {"large", 2}, {"xlarge", 4}, {"metal", 96}};
    const char *dot = strchr(type, '.');
    const char *digit = strpbrk(type, "0123456789");
    if (!dot || !digit || digit > dot || !islower((unsigned char)*type))
        return 0;
    bool old = !strncmp(type, "t2.", 3);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (!strcmp(dot + 1, sizes[i].size))
            return old && i < 3 ? 1 : sizes[i].n;
    char *end;
    long times = strtol(dot + 1, &end, 10);
    return end > dot + 1 && !strcmp(end, "xlarge") && times > 0 && times <= 112 ? (int)times * 4 : 0;
}

/* "arm64" when a g stands behind the generation (t4g, c7gn), and of a1. */
static const char *architecture(const char *type)
{
    size_t letters = strcspn(type, "0123456789"),
           digits = strspn(type + letters, "0123456789");
    return type[letters + digits] == 'g' || !strncmp(type, "a1.", 3) ? "arm64" : "x86_64";
}

static const char *network_driver(const char *type)
{
    static const char *const without[] = {"t1.", "t2.", "m1.", "m2.", "m3.", "c1.", "c3.", "r3."};
    static const char *const either[] = {"m4.", "c4.", "r4.", "i3."};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (!strncmp(type, without[i], 3))
            return "unsupported";
    for (size_t i = 0; i < sizeof either / sizeof *either; i++)
        if (!strncmp(type, either[i], 3))
            return "supported";
    return "required";
}

static void instance_types(struct call *c)
{
    struct arena *a = c->arena;
    const char *type = asked(c);
    int n = type ? limits_vcpus(type) : 0;
    struct value *out = value_map(a), *m = value_map(a);
    if (!n) {
        value_put(out, "InstanceTypes", value_list(a, NULL, 0));
        call_ok(c, out);
        return;
    }
    const char *ena = network_driver(type);
    value_put(m, "InstanceType", value_string(a, type));
    value_put(m, "VCpuInfo", value_map_one(a, "DefaultVCpus", value_int(a, n)));
    value_put(m, "ProcessorInfo",
              value_map_one(a, "SupportedArchitectures",
                            value_list_one(a, value_string(a, architecture(type)))));
    value_put(m, "NetworkInfo", value_map_one(a, "EnaSupport", value_string(a, ena)));
    value_put(m, "EbsInfo", value_map_one(a, "NvmeSupport", value_string(a, ena)));
    value_put(m, "SupportedVirtualizationTypes", value_list_one(a, value_string(a, "hvm")));
    value_put(out, "InstanceTypes", value_list_one(a, m));
    call_ok(c, out);
}

static bool offered(const struct sandbox *s, const char *type, const char *zone)
{
    const struct value *no = s->not_offered ? value_get(s->not_offered, type) : NULL;
    for (size_t i = 0; no && no->kind == V_LIST && i < no->list.n; i++)
        if (no->list.at[i]->kind == V_STRING && !strcmp(no->list.at[i]->s, zone))
            return false;
    return true;
}

static void offerings(const struct sandbox *s, struct call *c)
{
    struct arena *a = c->arena;
    const char *type = asked(c);
    struct value **at = arena_array(a, struct value *, 3), *out = value_map(a);
    size_t n = 0;
    for (char letter = 'a'; type && limits_vcpus(type) && letter <= 'c'; letter++) {
        const char *zone = arena_printf(a, "%s%c", s->region, letter);
        if (!offered(s, type, zone))
            continue;
        at[n] = value_map(a);
        value_put(at[n], "InstanceType", value_string(a, type));
        value_put(at[n], "LocationType", value_string(a, "availability-zone"));
        value_put(at[n++], "Location", value_string(a, zone));
    }
    value_put(out, "InstanceTypeOfferings", value_list(a, at, n));
    call_ok(c, out);
}

static bool denied(const struct sandbox *s, const char *service)
{
    for (size_t i = 0; s->denied && s->denied->kind == V_LIST && i < s->denied->list.n; i++)
        if (s->denied->list.at[i]->kind == V_STRING && !strcmp(s->denied->list.at[i]->s, service))
            return true;
    return false;
}

bool limits_call(struct sandbox *s, struct call *c)
{
    const char *op = c->req.operation;
    if (denied(s, c->req.service))
        call_fail(c, "AccessDeniedException", "User: arn:aws:iam::%s:user/sandbox is not authorized "
                                              "to perform: %s:%s",
                  sandbox_account_id(s, c->req.account), c->req.service, op);
    else if (!strcmp(op, "GetServiceQuota"))
        service_quota(s, c);
    else if (!strcmp(op, "DescribeAccountLimits"))
        account_limits(s, c);
    else if (!strcmp(op, "DescribeInstanceTypes"))
        instance_types(c);
    else
        offerings(s, c);
    return true;
}

/* ---- the file ------------------------------------------------------------------ */

void limits_save(const struct sandbox *s, struct value *into)
{
    if (s->limits)
        value_put(into, "limits", s->limits);
    if (s->not_offered)
        value_put(into, "not_offered", s->not_offered);
    if (s->denied)
        value_put(into, "denied", s->denied);
}

static struct value *kept(struct sandbox *s, const struct value *from, const char *key)
{
    const struct value *v = value_get(from, key);
    return v ? cloud_value_copy(s->arena, v) : NULL;
}

void limits_load(struct sandbox *s, const struct value *from)
{
    s->limits = kept(s, from, "limits");
    s->not_offered = kept(s, from, "not_offered");
    s->denied = kept(s, from, "denied");
}
