#include "lang/native.h"

#include <string.h>

#include "lang/native_fn.h"

/* The table. Overloads stand together; the order is that of the documentation. */

#define PURE(name, signature, fn, doc) {name, signature, PHASE_CONST, fn, false, false, doc, NULL}
#define SHAPE(name, signature, fn, doc) {name, signature, PHASE_CONST, fn, true, false, doc, NULL}
#define PEEK(name, signature, fn, doc) {name, signature, PHASE_CONST, fn, true, true, doc, NULL}
#define RUN(name, signature, doc) {name, signature, PHASE_RUN, NULL, false, false, doc, NULL}

static const struct native table[] = {
    /* ---- collections */
    PEEK("length", "fn length(of: [T]): int", native_length, "How many elements there are."),
    PEEK("length", "fn length(of: set T): int", native_length, "How many elements there are."),
    PEEK("length", "fn length(of: map T): int", native_length, "How many entries there are."),
    PURE("length", "fn length(of: string): int", native_length, "How many characters there are."),
    PURE("contains", "fn contains(xs: [T], x: T): bool", native_contains,
          "Whether x is one of them."),
    PURE("contains", "fn contains(xs: set T, x: T): bool", native_contains,
          "Whether x is one of them."),
    PURE("contains", "fn contains(text: string, part: string): bool", native_contains,
         "Whether the part occurs in the text."),
    PURE("contains", "fn contains(network: cidr, part: cidr): bool", native_contains,
         "Whether every address of the part is in the network."),
    PURE("covers", "fn covers(of: range T, x: T): bool", native_covers,
         "Whether x lies in the range; both ends belong to it."),
    PURE("covers", "fn covers(of: T, x: T): bool", native_covers,
         "Of one value instead of a range: whether it is x."),
    PURE("covers_any", "fn covers_any(of: range T, xs: [T]): bool", native_covers_any,
         "Whether one of xs lies in the range; both ends belong to it."),
    PURE("covers_any", "fn covers_any(of: T, xs: [T]): bool", native_covers_any,
         "Of one value instead of a range: whether it is one of xs."),
    PURE("index", "fn index(xs: [T], x: T): int", native_index,
         "The place of x, counted from 0; an error when it is not there."),
    PEEK("first", "fn first(xs: [T]): T", native_first, "The first element."),
    PEEK("last", "fn last(xs: [T]): T", native_last, "The last element."),
    SHAPE("slice", "fn slice(xs: [T], from: int, to: int = none): [T]", native_slice,
          "The elements from a place up to, not including, another."),
    SHAPE("reverse", "fn reverse(xs: [T]): [T]", native_reverse, "The last first."),
    SHAPE("concat", "fn concat(a: [T], b: [T]): [T]", native_concat, "One list after the other."),
    SHAPE("flatten", "fn flatten(xs: [[T]]): [T]", native_flatten,
          "The elements of all the lists."),
    PURE("sort", "fn sort(xs: [T]): [T]", native_sort,
          "In order: numbers by size, texts by bytes."),
    PURE("sort", "fn sort(xs: set T): [T]", native_sort, "The elements of a set, in order."),
    PURE("unique", "fn unique(xs: [T]): [T]", native_unique, "Without what occurred before."),
    SHAPE("keys", "fn keys(m: map T): [string]", native_keys, "The keys of a map, in its order."),
    SHAPE("values", "fn values(m: map T): [T]", native_values,
          "The values of a map, in its order."),
    SHAPE("any", "fn any(xs: [T], is: lambda.T.bool): bool", native_any,
          "Whether it holds for one at least."),
    SHAPE("all", "fn all(xs: [T], is: lambda.T.bool): bool", native_all_of,
          "Whether it holds for every one."),
    SHAPE("count", "fn count(xs: [T], is: lambda.T.bool): int", native_count,
          "For how many it holds."),
    RUN("count", "fn count(log: ref T, pattern: string, window: duration): int",
        "Lines of a log that match a filter pattern."),
    RUN("count", "fn count(m: metric.T, window: duration): number",
          "How often something was recorded."),

    /* ---- numbers */
    PURE("sum", "fn sum(xs: [T]): T", native_sum, "All added; their units must agree."),
    RUN("sum", "fn sum(m: metric.T, window: duration): number", "The sum of a metric."),
    PURE("min", "fn min(xs: [T]): T", native_min, "The least."),
    RUN("min", "fn min(m: metric.T, window: duration): T", "The least value of a metric."),
    PURE("max", "fn max(xs: [T]): T", native_max, "The greatest."),
    RUN("max", "fn max(m: metric.T, window: duration): T", "The greatest value of a metric."),
    PURE("floor", "fn floor(x: number): int", native_floor, "The next whole number downward."),
    PURE("ceil", "fn ceil(x: number): int", native_ceil, "The next whole number upward."),
    PURE("round", "fn round(x: number): int", native_round,
          "The nearest whole number; halves to even."),
    PURE("abs", "fn abs(x: T): T", native_abs, "Without its sign."),
    PURE("int", "fn int(text: string): int", native_int, "The whole number that a text spells."),
    PURE("number", "fn number(text: string): number", native_number,
          "The number that a text spells."),

    /* ---- texts */
    PURE("join", "fn join(xs: [string], between: string): string", native_join,
          "One text of many."),
    PURE("join", "fn join(xs: set string, between: string): string", native_join,
          "One text of many."),
    PURE("split", "fn split(text: string, at: string): [string]", native_split,
         "The pieces between the separators."),
    PURE("lower", "fn lower(text: string): string", native_lower, "With small ASCII letters."),
    PURE("upper", "fn upper(text: string): string", native_upper, "With capital ASCII letters."),
    PURE("trim", "fn trim(text: string): string", native_trim, "Without white space at its ends."),
    PURE("replace", "fn replace(text: string, what: string, by: string): string", native_replace,
         "With every occurrence replaced."),
    PURE("starts_with", "fn starts_with(text: string, part: string): bool", native_starts_with,
         "Whether the text begins so."),
    PURE("ends_with", "fn ends_with(text: string, part: string): bool", native_ends_with,
         "Whether the text ends so."),
    PURE("matches", "fn matches(text: string, pattern: regex): bool", native_matches,
         "Whether the pattern is found in the text."),
    PURE("json", "fn json(value: T): string", native_json,
          "As JSON, members in the order written."),
    PURE("base64", "fn base64(text: string): string", native_base64, "Encoded as RFC 4648 says."),
    PURE("sha256", "fn sha256(text: string): string", native_sha256, "In 64 hexadecimal digits."),
    {"file", "fn file(path: string, bindings: T = none): string", PHASE_CONST, native_file, false, false,
     "A file beside the program; with bindings, `${name}` in it is filled.", native_file_early},

    /* ---- networks */
    PURE("cidr", "fn cidr(text: string): cidr", native_cidr, "The network that a text spells."),
    PURE("subnet", "fn subnet(network: cidr, bits: int, n: int): cidr", native_subnet,
         "The n-th part, from 0, of a network whose prefix is longer by `bits`."),
    PURE("cidr_host", "fn cidr_host(network: cidr, n: int): string", native_cidr_host,
         "The n-th address of a network; negative: from its end."),
    PURE("cidr_prefix", "fn cidr_prefix(network: cidr): int", native_cidr_prefix,
         "The length of its prefix: 16 of 10.0.0.0/16."),

    /* ---- measured while a rollout runs */
    RUN("avg", "fn avg(m: metric.T, window: duration): T", "The average of a metric."),
    RUN("p50", "fn p50(m: metric.T, window: duration): T", "Half of all values are at most this."),
    RUN("p90", "fn p90(m: metric.T, window: duration): T", "90 % of all values are at most this."),
    RUN("p95", "fn p95(m: metric.T, window: duration): T", "95 % of all values are at most this."),
    RUN("p99", "fn p99(m: metric.T, window: duration): T", "99 % of all values are at most this."),
    RUN("rate", "fn rate(m: metric.T, window: duration): rate", "A metric's sum over time."),
    RUN("ratio", "fn ratio(of: metric.T, to: metric.U, window: duration): percent",
        "The sum of one metric against another's."),
    RUN("compare",
        "fn compare(m: metric.T, against: world, worse_by: percent, window: duration = 5m): bool",
        "Whether a metric is not worse than the live world's by so much: a test of significance."),
    RUN("healthy", "fn healthy(targets: ref T): percent", "The share of targets that are healthy."),
    RUN("scales", "fn scales(group: ref T, by: int): bool",
        "Whether the group really grows and shrinks by so many."),
    RUN("http.get",
        "fn get(url: string, host: string = none): "
        "{ status: int, body: string, latency: duration }",
        "The answer to one request; `host` is the name that is asked for and verified."),
};

enum { TABLE = sizeof table / sizeof *table };

const struct native *native_find(const char *name)
{
    for (size_t i = 0; i < TABLE; i++)
        if (*table[i].name == *name && !strcmp(table[i].name, name)) /* most differ at once */
            return &table[i];
    return NULL;
}

const struct native *native_overload(const struct native *n)
{
    const struct native *next = n + 1;
    return next < table + TABLE && !strcmp(next->name, n->name) ? next : NULL;
}

const struct native *native_all(size_t *n)
{
    *n = TABLE;
    return table;
}

static const char *blanks(const char *s)
{
    while (*s == ' ')
        s++;
    return s;
}

/* To the next of `ends` that is in no bracket. */
static const char *upto(const char *s, const char *ends)
{
    for (int depth = 0; *s; s++) {
        const char *end = ends;
        while (!depth && *end && *end != *s)
            end++;
        if (!depth && *end)
            break;
        switch (*s) {
        case '(':
        case '[':
        case '{': depth++; break;
        case ')':
        case ']':
        case '}': depth--; break;
        default: break;
        }
    }
    return s;
}

static size_t without_blanks(const char *from, const char *to)
{
    while (to > from && to[-1] == ' ')
        to--;
    return (size_t)(to - from);
}

size_t native_params(const struct native *n, struct native_param out[NATIVE_PARAMS])
{
    const char *s = strchr(n->signature, '(');
    size_t k = 0;
    if (!s)
        return 0;
    for (s = blanks(s + 1); *s && *s != ')' && k < NATIVE_PARAMS; k++) {
        struct native_param *p = &out[k];
        *p = (struct native_param){.name = s};
        s = upto(s, ":");
        p->name_len = without_blanks(p->name, s);
        p->type = s = blanks(s + 1);
        s = upto(s, ",)=");
        p->type_len = without_blanks(p->type, s);
        if (*s == '=') {
            p->dflt = s = blanks(s + 1);
            s = upto(s, ",)");
            p->dflt_len = without_blanks(p->dflt, s);
        }
        s = blanks(*s == ',' ? s + 1 : s);
    }
    return k;
}

static bool type_starts(const struct native_param *p, const char *prefix)
{
    size_t n = strlen(prefix);
    return p->type_len >= n && !memcmp(p->type, prefix, n);
}

static bool type_is(const struct native_param *p, const char *name)
{
    size_t len = p->type_len;
    if (len && p->type[len - 1] == '?')
        len--;
    return len == strlen(name) && !memcmp(p->type, name, len);
}

static uint32_t kinds_of(const struct native_param *p)
{
    static const struct {
        const char *name;
        enum value_kind kind;
    } plain[] = {
        {"string", V_STRING},     {"int", V_INT},   {"number", V_NUMBER}, {"number", V_INT},
        {"duration", V_DURATION}, {"size", V_SIZE}, {"percent", V_PERCENT}, {"rate", V_RATE},
        {"cidr", V_CIDR},         {"regex", V_REGEX}, {"bool", V_BOOL},
    };
    const uint32_t list = 1u << V_LIST | 1u << V_SET, any = ~(1u << V_METRIC);
    uint32_t kinds = 0;
    if (p->type_len == 1) /* a type variable */
        return any;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (type_is(p, plain[i].name))
            kinds |= 1u << plain[i].kind;
    if (!kinds)
        kinds = p->type[0] == '[' || type_starts(p, "set ") ? list
                : type_starts(p, "map ") || p->type[0] == '{' ? 1u << V_MAP
                : type_starts(p, "range ")                    ? 1u << V_RANGE
                                                              : any; /* a variable, or none */
    if (p->dflt || (p->type_len && p->type[p->type_len - 1] == '?'))
        kinds |= 1u << V_NONE;
    return kinds;
}

const struct native_shape *native_shape(struct program *p, struct arena *a, const struct native *n)
{
    if (p && !p->native_shapes)
        p->native_shapes = arena_array(p->arena, const struct native_shape *, TABLE);
    const struct native_shape **kept = p ? &p->native_shapes[n - table] : NULL;
    if (kept && *kept)
        return *kept;
    struct native_shape *s = arena_make(p ? p->arena : a, struct native_shape);
    s->n = native_params(n, s->params);
    for (size_t i = 0; i < s->n; i++) {
        const struct native_param *m = &s->params[i];
        s->takes[i] = (struct native_taking){
            .means = type_starts(m, "lambda.")   ? NATIVE_LAMBDA
                     : type_starts(m, "metric.") ? NATIVE_METRIC
                     : type_starts(m, "ref ")    ? NATIVE_REF
                     : type_is(m, "world")       ? NATIVE_WORLD
                                                 : NATIVE_VALUE,
            .kinds = kinds_of(m),
        };
    }
    if (kept)
        *kept = s;
    return s;
}
