/* fuzz_journal.c - any bytes as an object of a stack's journal in the store.
 *
 * What must hold: it opens or the reason is reported; what was read can be asked for,
 * and new entries can be written beside it. See README.md for how to run it.
 */
#include <stdlib.h>

#include "cloud/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new("fuzz");
    struct sources sources;
    struct diags ds;
    struct map objects;
    struct journal j = {0}, again = {0};
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    map_init(&objects, a);
    /* the first entry names the object as the journal itself does */
    struct store *s = store_memory(a, &objects);
    if (!journal_open(&j, a, &ds, s, "shop"))
        abort();
    journal_add(&j, &(struct journal_entry){"note", "web/1", "key", "text", 1});
    if (!journal_flush(&j, &ds) || !objects.n)
        abort();
    const char *key = objects.entries[0].key;
    map_put(&objects, key, arena_strndup(a, (const char *)data, size));
    size_t errors = ds.errors;
    bool open = journal_open(&again, a, &ds, s, "shop");
    if (!open && ds.errors == errors)
        abort();
    if (open) {
        journal_find(&again, "verdict", "web/1", NULL);
        journal_add(&again, &(struct journal_entry){"note", "web/1", "key", "text", 1});
        if (!journal_flush(&again, &ds))
            abort();
    }
    arena_free(a);
    return 0;
}
