#include "lang/check.h"

#include "lang/check_state.h"

bool program_check(struct program *p)
{
    struct checker c = {.p = p, .a = p->arena, .ds = p->ds};
    size_t errors = p->ds->errors;
    map_init(&c.told, p->arena);
    check_root(&c);
    check_gates(&c);
    rules_worlds(&c);
    rules_gates(&c);
    rules_rollouts(&c);
    check_scenarios(&c);
    if (p->ds->errors == 0)
        check_lint(&c);
    return p->ds->errors == errors;
}
