/* json.c - values to JSON for the wire. The way back is value_from_json. */
#include "aws/wire.h"

#include <inttypes.h>

bool json_put(struct buf *b, struct arena *a, const struct value *v, const char **error)
{
    switch (v->kind) {
    case V_NONE: buf_puts(b, "null"); return true;
    case V_BOOL: buf_puts(b, v->b ? "true" : "false"); return true;
    case V_INT: buf_printf(b, "%" PRId64, v->i); return true;
    case V_NUMBER: dec_print(b, v->dec); return true;
    case V_STRING:
    case V_CIDR: buf_put_json(b, v->s); return true;
    case V_LIST:
    case V_SET:
        buf_putc(b, '[');
        for (size_t i = 0; i < v->list.n; i++) {
            if (i)
                buf_putc(b, ',');
            if (!json_put(b, a, v->list.at[i], error))
                return false;
        }
        buf_putc(b, ']');
        return true;
    case V_MAP: {
        buf_putc(b, '{');
        bool first = true;
        for (size_t i = 0; i < v->map->n; i++) {
            const struct value *x = v->map->entries[i].value;
            if (x->kind == V_NONE)
                continue;
            if (!first)
                buf_putc(b, ',');
            first = false;
            buf_put_json(b, v->map->entries[i].key);
            buf_putc(b, ':');
            if (!json_put(b, a, x, error))
                return false;
        }
        buf_putc(b, '}');
        return true;
    }
    default:
        *error = arena_printf(a, "a %s cannot be sent", value_kind_name(v->kind));
        return false;
    }
}
