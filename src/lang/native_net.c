#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/eval_state.h"
#include "lang/native_fn.h"

/* Networks: addresses as bytes, most significant first (RFC 4632, RFC 4291). */

struct net {
    unsigned char at[16];
    int bits;   /* 32 or 128 */
    int prefix;
};

static bool net_parse(const char *text, struct net *out)
{
    char address[64];
    const char *slash = strchr(text, '/');
    *out = (struct net){0};
    if (!slash || (size_t)(slash - text) >= sizeof address)
        return false;
    memcpy(address, text, (size_t)(slash - text));
    address[slash - text] = '\0';
    size_t digits = strspn(slash + 1, "0123456789");
    if (!digits || digits > 3 || slash[1 + digits])
        return false;
    out->prefix = atoi(slash + 1);
    out->bits = strchr(address, ':') ? 128 : 32;
    return inet_pton(out->bits == 128 ? AF_INET6 : AF_INET, address, out->at) == 1 &&
           out->prefix <= out->bits;
}

static void mask(struct net *n)
{
    for (int i = n->prefix; i < n->bits; i++)
        n->at[i / 8] = (unsigned char)(n->at[i / 8] & ~(0x80 >> (i % 8)));
}

static const char *address_text(struct arena *a, const struct net *n)
{
    char text[INET6_ADDRSTRLEN];
    inet_ntop(n->bits == 128 ? AF_INET6 : AF_INET, n->at, text, sizeof text);
    return arena_strdup(a, text);
}

static const char *net_text(struct arena *a, const struct net *n)
{
    return arena_printf(a, "%s/%d", address_text(a, n), n->prefix);
}

/* Adds `value` at the bits that end before `end`; false: it does not fit into `width`. */
static bool put_bits(struct net *n, int end, int width, uint64_t value)
{
    if (width < 64 && value >> width)
        return false;
    for (int i = end - 1; i >= 0 && value; i--, value >>= 1)
        if (value & 1)
            n->at[i / 8] = (unsigned char)(n->at[i / 8] | (0x80 >> (i % 8)));
    return true;
}

const char *net_canonical(struct arena *a, const char *text)
{
    struct net n;
    if (!net_parse(text, &n))
        return NULL;
    mask(&n);
    return net_text(a, &n);
}

bool net_contains(const char *whole, const char *part)
{
    struct net w, p;
    if (!net_parse(whole, &w) || !net_parse(part, &p) || w.bits != p.bits || p.prefix < w.prefix)
        return false;
    p.prefix = w.prefix;
    mask(&p);
    mask(&w);
    return !memcmp(w.at, p.at, sizeof w.at);
}

struct value *native_cidr(struct native_call *c)
{
    struct net n, masked;
    if (!net_parse(c->args[0]->s, &n))
        return native_refuse(c, 0, "this is no network: write 10.0.0.0/16 or 2001:db8::/32");
    masked = n;
    mask(&masked);
    if (memcmp(masked.at, n.at, sizeof n.at))
        return native_refuse(c, 0, "this network begins at %s", net_text(c->a, &masked));
    return value_cidr(c->a, net_text(c->a, &n));
}

static bool network(struct native_call *c, struct net *n)
{
    if (net_parse(c->args[0]->s, n))
        return true;
    native_refuse(c, 0, "this is no network");
    return false;
}

struct value *native_subnet(struct native_call *c)
{
    struct net n;
    int64_t more = c->args[1]->i, index = c->args[2]->i;
    if (!network(c, &n))
        return NULL;
    if (more < 0 || more > n.bits - n.prefix)
        return native_refuse(c, 1, "a /%d can be divided by 0 to %d bits", n.prefix,
                             n.bits - n.prefix);
    mask(&n);
    n.prefix += (int)more;
    if (index < 0 || !put_bits(&n, n.prefix, (int)more, (uint64_t)index))
        return native_refuse(c, 2, "there are %s%lld such parts, counted from 0",
                             more > 62 ? "more than " : "",
                             more > 62 ? INT64_MAX : (long long)(INT64_C(1) << more));
    return value_cidr(c->a, net_text(c->a, &n));
}

struct value *native_cidr_host(struct native_call *c)
{
    struct net n;
    int64_t index = c->args[1]->i;
    if (!network(c, &n))
        return NULL;
    int width = n.bits - n.prefix;
    mask(&n);
    if (index < 0) { /* -1 is the last: all ones, less what is beyond it */
        uint64_t back = (uint64_t)-(index + 1);
        if (width < 64 && back >> width)
            return native_refuse(c, 1, "the network has not so many addresses");
        for (int i = n.prefix; i < n.bits; i++) {
            int from_end = n.bits - 1 - i;
            bool zero = from_end < 64 && (back >> from_end & 1);
            if (!zero)
                n.at[i / 8] = (unsigned char)(n.at[i / 8] | (0x80 >> (i % 8)));
        }
    } else if (!put_bits(&n, n.bits, width, (uint64_t)index)) {
        return native_refuse(c, 1, "the network has not so many addresses");
    }
    return value_string(c->a, address_text(c->a, &n));
}

struct value *native_cidr_prefix(struct native_call *c)
{
    struct net n;
    return network(c, &n) ? value_int(c->a, n.prefix) : NULL;
}
