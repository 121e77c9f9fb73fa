#include "cloud/throttle.h"

#include <math.h>

static double number(const struct value *v)
{
    if (!v)
        return 0;
    return v->kind == V_INT ? (double)v->i : v->kind == V_NUMBER ? dec_double(v->dec) : 0;
}

static bool rule_from(const struct value *v, const char *bucket, struct throttle_rule *out)
{
    *out = (struct throttle_rule){bucket, number(value_get(v, "capacity")),
                                  number(value_get(v, "per_second"))};
    return out->capacity >= 1 && out->per_second > 0;
}

bool throttle_rule(const struct value *record, const struct cloud_request *req,
                   struct throttle_rule *out)
{
    const struct value *t = value_get(record, "throttle");
    if (!t)
        return false;
    if (rule_from(value_get(value_get(t, "operations"), req->operation), req->operation, out))
        return true;
    if (rule_from(value_get(t, "all"), "all", out))
        return true;
    if (req->mutating)
        return rule_from(value_get(t, "write"), "write", out);
    bool filtered = req->input && req->input->kind == V_MAP && req->input->map->n;
    if (!filtered && rule_from(value_get(t, "unfiltered"), "unfiltered", out))
        return true;
    return rule_from(value_get(t, "read"), "read", out);
}

void throttle_init(struct throttle_bucket *b, const struct throttle_rule *rule, int64_t now)
{
    *b = (struct throttle_bucket){rule->capacity, rule->capacity, rule->per_second, now};
}

static void refill(struct throttle_bucket *b, int64_t now)
{
    if (now <= b->at)
        return;
    b->tokens = fmin(b->capacity, b->tokens + (double)(now - b->at) / 1000 * b->per_second);
    b->at = now;
}

int64_t throttle_take(struct throttle_bucket *b, int64_t now)
{
    refill(b, now);
    if (b->tokens >= 1 - 1e-9) {
        b->tokens -= 1;
        return 0;
    }
    return (int64_t)ceil((1 - b->tokens) / b->per_second * 1000);
}

void throttle_empty(struct throttle_bucket *b, int64_t now)
{
    refill(b, now);
    b->tokens = fmin(b->tokens, 0);
}
