/* An example of each function of the library, overload by overload: a condition that holds, or,
 * of what measures, one that a check of a gate can ask. In them `names` is
 * a set of "a" and "b", and `boot.sh` a file beside the program. */
#include <string.h>

#include "cli/doc.h"

enum { OVERLOADS = 4 };

static const struct {
    const char *name;
    const char *of[OVERLOADS]; /* in the order of native_overload */
} examples[] = {
    {"length", {"length([\"a\", \"b\"]) == 2", "length(names) == 2",
                "length({ \"a\" => 1 }) == 1", "length(\"four\") == 4"}},
    {"contains", {"contains([80, 443], 443)", "contains(names, \"a\")",
                  "contains(\"shop.example.com\", \".example.\")", "contains(10.0.0.0/16, 10.0.3.0/24)"}},
    {"covers", {"covers(8000..8099, 8080)", "covers(8080, 8080)"}},
    {"covers_any", {"covers_any(20..30, [22, 3389])", "covers_any(22, [22, 3389])"}},
    {"index", {"index([\"a\", \"b\"], \"b\") == 1"}},
    {"first", {"first([3, 1, 2]) == 3"}},
    {"last", {"last([3, 1, 2]) == 2"}},
    {"slice", {"slice([1, 2, 3, 4], 1, 3) == [2, 3]"}},
    {"reverse", {"reverse([1, 2, 3]) == [3, 2, 1]"}},
    {"concat", {"concat([1], [2, 3]) == [1, 2, 3]"}},
    {"flatten", {"flatten([[1], [2, 3]]) == [1, 2, 3]"}},
    {"sort", {"sort([3, 1, 2]) == [1, 2, 3]", "sort(names) == [\"a\", \"b\"]"}},
    {"unique", {"unique([1, 2, 1]) == [1, 2]"}},
    {"keys", {"keys({ \"a\" => 1, \"b\" => 2 }) == [\"a\", \"b\"]"}},
    {"values", {"values({ \"a\" => 1, \"b\" => 2 }) == [1, 2]"}},
    {"any", {"any([80, 443], p => p > 400)"}},
    {"all", {"all([80, 443], p => p < 1024)"}},
    {"count", {"count([80, 443, 8080], p => p < 1024) == 2",
               "count(web.log, \"?FATAL ?panic\", 5m) == 0", "count(web.lb.latency, 5m) > 100"}},
    {"sum", {"sum([1GiB, 512MiB]) == 1536MiB", "sum(web.lb.http_5xx, 5m) < 10"}},
    {"min", {"min([3, 1, 2]) == 1", "min(web.lb.latency, 5m) < 1s"}},
    {"max", {"max([30s, 1m]) == 1m", "max(web.lb.latency, 5m) < 10s"}},
    {"floor", {"floor(2.7) == 2"}},
    {"ceil", {"ceil(2.1) == 3"}},
    {"round", {"round(2.5) == 2 and round(3.5) == 4"}},
    {"abs", {"abs(-3) == 3"}},
    {"int", {"int(\"42\") == 42"}},
    {"number", {"number(\"1.5\") == 1.5"}},
    {"join", {"join([\"a\", \"b\"], \"-\") == \"a-b\"", "join(names, \", \") == \"a, b\""}},
    {"split", {"split(\"a.b.c\", \".\") == [\"a\", \"b\", \"c\"]"}},
    {"lower", {"lower(\"Web\") == \"web\""}},
    {"upper", {"upper(\"Web\") == \"WEB\""}},
    {"trim", {"trim(\"  web \") == \"web\""}},
    {"replace", {"replace(\"a.b.c\", \".\", \"-\") == \"a-b-c\""}},
    {"starts_with", {"starts_with(\"shop-web\", \"shop-\")"}},
    {"ends_with", {"ends_with(\"shop.bg\", \".bg\")"}},
    {"matches", {"matches(\"ami-0123\", r\"^ami-[0-9a-f]+$\")"}},
    {"json", {"json({ name = \"web\", ports = [80] }) == \"{\\\"name\\\":\\\"web\\\",\\\"ports\\\":[80]}\""}},
    {"base64", {"base64(\"web\") == \"d2Vi\""}},
    {"sha256", {"length(sha256(\"web\")) == 64"}},
    {"file", {"length(file(\"boot.sh\", { port = 8080 })) > 0"}},
    {"cidr", {"cidr(\"10.0.0.0/16\") == 10.0.0.0/16"}},
    {"subnet", {"subnet(10.0.0.0/16, 8, 3) == 10.0.3.0/24"}},
    {"cidr_host", {"cidr_host(10.0.0.0/24, 5) == \"10.0.0.5\""}},
    {"cidr_prefix", {"cidr_prefix(10.0.0.0/16) == 16"}},
    {"avg", {"avg(web.lb.latency, 5m) < 500ms"}},
    {"p50", {"p50(web.lb.latency, 5m) < 200ms"}},
    {"p90", {"p90(web.lb.latency, 5m) < 500ms"}},
    {"p95", {"p95(web.lb.latency, 5m) < 800ms"}},
    {"p99", {"p99(web.lb.latency, 5m) < 1.2 * p99(live.web.lb.latency, 5m)"}},
    {"rate", {"rate(web.lb.http_5xx, 5m) < 1/m"}},
    {"ratio", {"ratio(web.lb.http_5xx, web.lb.requests, 5m) < 0.5%"}},
    {"compare", {"compare(web.lb.latency, against = live, worse_by = 10%)"}},
    {"healthy", {"healthy(web.tg) == 100%"}},
    {"scales", {"scales(web.group, by = 1)"}},
    {"http.get", {"http.get(\"https://${web.lb.dns}/healthz\", host = \"shop.example.com\").status == 200"}},
};

const char *doc_function_example(const struct native *n)
{
    size_t overload = 0;
    for (const struct native *o = native_find(n->name); o && o != n; o = native_overload(o))
        overload++;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        if (!strcmp(examples[i].name, n->name))
            return overload < OVERLOADS ? examples[i].of[overload] : NULL;
    return NULL;
}
