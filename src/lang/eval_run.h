/* eval_run.h - measurements: how gates are judged, and why in words.
 *
 * Inside the evaluator only; the public side is eval_condition and eval_closure.
 */
#ifndef BGC_LANG_EVAL_RUN_H
#define BGC_LANG_EVAL_RUN_H

#include "lang/eval_state.h"

struct closure {
    const struct expr *expr;
    struct here here;
    bool open; /* names that nothing declares are measured */
};

const struct closure *closure_new(struct arena *a, const struct expr *e, struct here here,
                                  bool open);
/* Asks the measurer. Without one the call waits for the run phase. */
struct value *eval_measure(struct eval *ev, const char *fn, struct value **args, size_t n,
                           const struct value *named, const struct expr *x, struct here here);
/* Remembers how a comparison came out, for the verdict's reason. */
void eval_note_comparison(struct eval *ev, const struct expr *x, const struct value *l,
                          const struct value *r, bool result);

#endif
