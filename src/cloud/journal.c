#include "cloud/journal.h"

#include <stdlib.h>
#include <string.h>

static const char *prefix(struct arena *a, const char *stack)
{
    return arena_printf(a, "%s/journal/", stack);
}

static const char *text_or(struct arena *a, const struct value *v, const char *key)
{
    const char *s = value_get_string(v, key);
    return s ? arena_strdup(a, s) : NULL;
}

/* One object holds the entries of one flush: a JSON list. */
static bool read_object(struct journal *j, struct diags *ds, const char *key, const char *text)
{
    const char *error;
    const struct value *list = value_from_json(j->arena, text, strlen(text), &error);
    if (!list || list->kind != V_LIST) {
        struct diag *d = diag_error(ds, "BG6110", NO_SPAN, "%s in %s is damaged: %s", key, j->store->where,
                                    list ? "it holds no list" : error);
        diag_help(ds, d, "remove this object: bgc measures again what it no longer knows, and asks "
                         "for approvals again; no safety depends on it");
        return false;
    }
    for (size_t i = 0; i < list->list.n; i++) {
        const struct value *v = list->list.at[i];
        struct journal_entry e = {
            .kind = text_or(j->arena, v, "kind"),
            .world = text_or(j->arena, v, "world"),
            .key = text_or(j->arena, v, "key"),
            .text = text_or(j->arena, v, "text"),
            .at = value_get_int(v, "at", 0),
        };
        if (e.kind)
            vec_push(j->arena, &j->entries, e);
    }
    return true;
}

bool journal_refresh(struct journal *j, struct diags *ds)
{
    struct store *s = j->store;
    const char **keys, *why = "", *dir = prefix(j->arena, j->stack);
    size_t n;
    enum store_result r = s->ops->list(s->self, j->arena, dir, &keys, &n, &why);
    for (size_t i = 0; r == STORE_OK && i < n; i++) {
        const char *text, *etag;
        if (map_has(&j->seen, keys[i]))
            continue;
        r = s->ops->get(s->self, j->arena, keys[i], &text, &etag, &why);
        if (r == STORE_ABSENT) {
            r = STORE_OK;
            continue;
        }
        if (r != STORE_OK)
            break;
        if (!read_object(j, ds, keys[i], text))
            return false;
        map_put(&j->seen, arena_strdup(j->arena, keys[i]), j);
        int64_t number = strtoll(keys[i] + strlen(dir), NULL, 10);
        if (number >= j->next)
            j->next = number + 1;
    }
    if (r == STORE_OK)
        return true;
    diag_error(ds, "BG6111", NO_SPAN, "the journal in %s cannot be read: %s", s->where, why);
    return false;
}

bool journal_open(struct journal *j, struct arena *a, struct diags *ds, struct store *s,
                  const char *stack)
{
    *j = (struct journal){.arena = a, .store = s, .stack = stack, .next = 1};
    map_init(&j->seen, a);
    return journal_refresh(j, ds);
}

void journal_add(struct journal *j, const struct journal_entry *e)
{
    struct journal_entry own = *e;
    const char **texts[] = {&own.kind, &own.world, &own.key, &own.text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i])
            *texts[i] = arena_strdup(j->arena, *texts[i]);
    vec_push(j->arena, &j->pending, own);
}

static void put_text(struct arena *a, struct value *v, const char *key, const char *text)
{
    if (text)
        value_put(v, key, value_string(a, text));
}

bool journal_flush(struct journal *j, struct diags *ds)
{
    if (!j->pending.n)
        return true;
    struct value **all = arena_array(j->arena, struct value *, j->pending.n);
    for (size_t i = 0; i < j->pending.n; i++) {
        const struct journal_entry *e = &j->pending.at[i];
        all[i] = value_map(j->arena);
        put_text(j->arena, all[i], "kind", e->kind);
        put_text(j->arena, all[i], "world", e->world);
        put_text(j->arena, all[i], "key", e->key);
        put_text(j->arena, all[i], "text", redact_text(ds->secrets, j->arena, e->text));
        value_put(all[i], "at", value_int(j->arena, e->at));
    }
    struct buf b;
    buf_init(&b, j->arena);
    value_json(&b, value_list(j->arena, all, j->pending.n), 1);
    /* Another writer (an approval from elsewhere) may have taken the number:
     * the object must be new, so try the next one. */
    for (int tries = 0; tries < 100; tries++) {
        const char *key = arena_printf(j->arena, "%s%010lld", prefix(j->arena, j->stack), (long long)j->next);
        const char *etag, *why = "", *have;
        enum store_result r = j->store->ops->put(j->store->self, j->arena, key, buf_text(&b), NULL, &etag, &why);
        if (r == STORE_UNSURE || r == STORE_CONFLICT) { /* or ours, sent twice below */
            r = j->store->ops->get(j->store->self, j->arena, key, &have, &etag, &why);
            r = r == STORE_OK ? strcmp(have, buf_text(&b)) ? STORE_CONFLICT : STORE_OK
                              : r == STORE_ABSENT ? STORE_UNSURE : r;
        }
        if (r == STORE_CONFLICT) {
            j->next++;
            continue;
        }
        if (r == STORE_UNSURE)
            continue;
        if (r != STORE_OK) {
            struct diag *d = diag_error(ds, "BG6112", NO_SPAN, "the journal in %s cannot be written: %s",
                                        j->store->where, why);
            diag_note(ds, d, "nothing is done on evidence that is not kept: the run stops here and can be resumed");
            return false;
        }
        j->next++;
        map_put(&j->seen, key, j);
        for (size_t i = 0; i < j->pending.n; i++)
            vec_push(j->arena, &j->entries, j->pending.at[i]);
        j->pending.n = 0;
        return true;
    }
    diag_error(ds, "BG6112", NO_SPAN, "the journal in %s cannot be written: every number is taken", j->store->where);
    return false;
}

const struct journal_entry *journal_find(const struct journal *j, const char *kind,
                                         const char *world, const char *key)
{
    for (size_t i = j->entries.n + j->pending.n; i-- > 0;) {
        const struct journal_entry *e = i < j->entries.n ? &j->entries.at[i] : &j->pending.at[i - j->entries.n];
        if (!strcmp(e->kind, kind) && (!world || (e->world && !strcmp(e->world, world))) &&
            (!key || (e->key && !strcmp(e->key, key))))
            return e;
    }
    return NULL;
}
