/* fuzz_eval.c - any text as a program, evaluated without asking the checker.
 *
 * What must hold: nothing crashes or hangs; a graph is made exactly when nothing
 * was reported; evaluating again gives the same graph and ids; whatever is still
 * unknown can be forced with facts, printed and explained.
 *
 *     clang -g -O1 -fsanitize=fuzzer,address,undefined ... tests/fuzz/fuzz_eval.c libbgc.a
 *
 * tests/fuzz/run.sh tries all of tests/fuzz/corpus/eval.
 */
#include <stdlib.h>
#include <string.h>

#include "lang/eval.h"
#include "lang/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer for every existing and an id for everything else. */
static void know_all(struct arena *a, const struct graph *g, struct facts *facts)
{
    for (size_t i = 0; i < g->nodes.n; i++) {
        const struct node *n = g->nodes.at[i];
        struct value *m = value_map(a), **list = arena_array(a, struct value *, 1);
        list[0] = m;
        value_put(m, "id", value_stringf(a, "id-%zu", i));
        value_put(m, "name", value_string(a, n->name));
        value_put(m, "range", value_cidr(a, "10.0.0.0/16"));
        facts_put(facts, n->address, n->set ? value_list(a, list, 1) : m);
    }
}

static void look_at(struct arena *a, const struct graph *g, const struct facts *facts)
{
    for (size_t i = 0; i < g->nodes.n; i++) {
        struct value *props = eval_node_props(g, a, facts, g->nodes.at[i]);
        if (!props)
            continue;
        value_text(a, props);
        if (!value_known(props))
            eval_why_unknown(a, props);
    }
    for (size_t i = 0; i < g->outputs.n; i++)
        value_text(a, eval_force(g, a, facts, g->outputs.entries[i].value));
    for (size_t i = 0; i < g->gates.n; i++)
        for (size_t k = 0; k < g->gates.at[i]->checks.n; k++)
            eval_closure(g, a, facts, g->gates.at[i]->checks.at[k].cond, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 << 16)
        return 0;
    struct arena *a = arena_new("fuzz");
    struct sources sources;
    struct diags ds;
    struct intern names;
    struct facts facts;
    sources_init(&sources, a);
    diags_init(&ds, a, &sources);
    intern_init(&names, a);
    facts_init(&facts, a);
    struct program *p = program_load(a, &names, &ds, "/nonexistent/fuzz.bg",
                                     arena_strndup(a, (const char *)data, size));
    if (!ds.errors) {
        struct eval_args args = {.facts = &facts};
        struct graph *g = eval_program(p, a, &args);
        if (!g != (ds.errors > 0))
            abort();
        struct buf first, second;
        buf_init(&first, a);
        buf_init(&second, a);
        if (g) {
            graph_json(&first, g);
            graph_json(&second, eval_program(p, a, &args));
            if (strcmp(buf_text(&first), buf_text(&second)))
                abort();
            const struct graph *bare = g;
            know_all(a, g, &facts);
            look_at(a, g, &facts);
            g = eval_program(p, a, &args);
            for (size_t i = 0; g && i < g->worlds.n; i++)
                if (strcmp(g->worlds.at[i]->id, bare->worlds.at[i]->id))
                    abort(); /* facts must not change an id */
            if (g)
                look_at(a, g, &facts);
        }
    }
    arena_free(a);
    return 0;
}
