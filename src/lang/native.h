/* native.h - the functions that are not written in .bg: one table.
 *
 * A native is a name, a signature in .bg text, and for the pure ones a C
 * function. The checker reads the signatures; nothing else says how natives are
 * called. Several entries with one name are overloads and stand next to each
 * other: the first whose parameters accept the arguments is meant.
 *
 * Signatures use the syntax of `fn` without the body, and four kinds of names
 * that only natives may use:
 *   T, U, K        (one capital letter) a type variable; `ref T` any resource;
 *   metric.T       a metric with points of type T;
 *   lambda.T.U     a lambda from T to U (T and U a variable or a plain type);
 *   world          a world as a value: `live`.
 * A parameter with a default may be left out. A parameter called `window` is the
 * span of time that a measurement looks back over: rules about holds read it.
 *
 * Natives with phase PHASE_RUN measure: they may stand only in gates, `retire
 * when` and `expect`, and have no function here (rollout has it).
 *
 * Invariant: a native is a pure function of its arguments (and, for `file`, of
 * the files beside the program). It never sees an unknown leaf unless `shape`
 * is set, which says that it looks at the outermost collection only.
 */
#ifndef BGC_LANG_NATIVE_H
#define BGC_LANG_NATIVE_H

#include "lang/eval.h"

struct native_call; /* what a native function gets; defined by the evaluator */

struct native {
    const char *name;      /* "length", "http.get" */
    const char *signature; /* "fn length(of: [T]): int" */
    unsigned phase;        /* enum phase: PHASE_CONST, or PHASE_RUN for what measures */
    /* NULL: reported. Phase and secrecy are joined in by the caller. */
    struct value *(*fn)(struct native_call *call);
    bool shape;            /* only the outermost shape of the arguments must be known */
    bool peek;             /* it looks at no more than one element: a call is one step */
    const char *doc;       /* one sentence, for `bgc doc` */
    /* When not all is known yet: false when something is wrong already, reported. May be NULL. */
    bool (*early)(struct native_call *call);
};

/* The first entry of that name; NULL when there is none. */
const struct native *native_find(const char *name);
/* All entries in order; *n of them. */
const struct native *native_all(size_t *n);
/* The next overload of the same name; NULL. */
const struct native *native_overload(const struct native *n);

/* A parameter of a signature; the texts point into it. */
struct native_param {
    const char *name, *type, *dflt; /* dflt NULL: required */
    size_t name_len, type_len, dflt_len;
};
enum { NATIVE_PARAMS = 6 };
/* How many there are, at most NATIVE_PARAMS. */
size_t native_params(const struct native *n, struct native_param out[NATIVE_PARAMS]);

/* Which arguments a parameter takes, read from its type: the evaluator chooses among overloads
 * at every call. */
struct native_taking {
    enum native_means {
        NATIVE_VALUE,  /* of one of `kinds` */
        NATIVE_LAMBDA,
        NATIVE_METRIC,
        NATIVE_REF,
        NATIVE_WORLD,
    } means;
    uint32_t kinds; /* bit K: a value of enum value_kind K; none too, when it is allowed */
};
struct native_shape {
    size_t n;
    struct native_param params[NATIVE_PARAMS];
    struct native_taking takes[NATIVE_PARAMS];
};
/* Read once for a program, and kept with it; for none (NULL) in `a`. */
const struct native_shape *native_shape(struct program *p, struct arena *a, const struct native *n);

#endif
