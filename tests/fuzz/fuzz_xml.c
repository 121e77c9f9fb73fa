/* fuzz_xml.c - any bytes as the reply of an XML service.
 *
 * The first byte chooses the protocol and the status. What must hold: nothing
 * crashes or hangs, and the result is exactly one of output, error, malformed.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined ... tests/fuzz/fuzz_xml.c libbgc.a
 *
 * tests/fuzz/run.sh tries all of tests/fuzz/corpus/xml.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct value *record(struct arena *a, const char *protocol)
{
    struct value *r = value_map(a), *flat = value_map(a), *ops = value_map(a), *op = value_map(a);
    value_put(r, "protocol", value_string(a, protocol));
    value_put(r, "version", value_string(a, "1"));
    value_put(r, "item", value_string(a, "singular"));
    value_put(flat, "Contents", value_string(a, "Contents"));
    value_put(flat, "Rules", value_string(a, "Rule"));
    value_put(r, "flat", flat);
    value_put(op, "path", value_string(a, "/"));
    value_put(ops, "Get", op);
    value_put(r, "operations", ops);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const protocols[] = {"ec2", "query", "rest-xml"};
    static const int statuses[] = {200, 400, 503};
    if (!size)
        return 0;
    struct arena *a = arena_new("fuzz");
    struct service_model m;
    const char *why;
    if (!service_model_build(a, "x", record(a, protocols[data[0] % 3]), &m, &why))
        abort();
    struct wire_response reply = {.status = statuses[data[0] / 3 % 3],
                                  .body = arena_strndup(a, (const char *)data + 1, size - 1),
                                  .nbody = size - 1};
    struct wire_result r;
    wire_decode(a, &m, "Get", &reply, &r);
    if ((r.ok && (!r.output || r.malformed)) || (!r.ok && !r.malformed && !r.code))
        abort();
    struct buf b;
    buf_init(&b, a);
    if (r.ok)
        value_json(&b, r.output, 0);
    arena_free(a);
    return 0;
}
