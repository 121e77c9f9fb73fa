/* ARNs: how a resource is called where resources of all types stand together.
 *
 * The setting `arn` is a text with holes: {partition}, {region}, {account} and
 * {id}; {} is any text. Where it has no {id}, the ARN itself is the id. */
#include <string.h>

#include "schema/schema.h"

static const char *template_of(const struct schema *s)
{
    const struct value *v = map_find(&s->settings, "arn");
    return v && v->kind == V_STRING ? v->s : NULL;
}

const char *schema_arn_id(struct arena *a, const struct schema *s, const char *arn)
{
    const char *t = template_of(s), *id = arn, *at = arn;
    while (t && *t) {
        if (*t != '{') {
            if (*t++ != *at++)
                return NULL;
            continue;
        }
        const char *close = strchr(t, '}');
        if (!close)
            return NULL;
        /* The last hole takes the rest; the others end at the colon behind them. */
        const char *end = close[1] ? strchr(at, close[1]) : at + strlen(at);
        if (!end)
            return NULL;
        if (!strncmp(t, "{id}", 4) && end == at)
            return NULL;
        if (!strncmp(t, "{id}", 4))
            id = arena_strndup(a, at, (size_t)(end - at));
        at = end;
        t = close + 1;
    }
    return t && !*at ? id : NULL;
}

const char *schema_arn(struct arena *a, const struct schema *s, const char *partition,
                       const char *region, const char *account, const char *id)
{
    const char *t = template_of(s);
    struct buf b;
    buf_init(&b, a);
    if (t && !strncmp(id, "arn:", 4))
        return id;
    for (; t && *t; t++) {
        const char *close = *t == '{' ? strchr(t, '}') : NULL;
        if (!close) {
            buf_putc(&b, *t);
            continue;
        }
        const char *v = !strncmp(t, "{id}", 4)        ? id
                        : !strncmp(t, "{region}", 8)  ? region
                        : !strncmp(t, "{account}", 9) ? account
                        : !strncmp(t, "{partition}", 11) ? partition : NULL;
        buf_puts(&b, v ? v : "");
        t = close;
    }
    return t ? buf_text(&b) : NULL;
}
