/* ast.h - what the parser builds: the program as it was written.
 *
 * One of the three headers that tell the story (with plan/plan.h and
 * cloud/cloud.h). The tree is purely syntactic: names are not resolved, nothing
 * is evaluated, nothing is desugared. It lives in the session arena, is never
 * changed after parsing, and every node knows its span.
 *
 * A node that could not be parsed is EXPR_ERROR / TYPE_ERROR or is left out;
 * the parser has then already reported it, and later passes stay silent on it.
 *
 * Lists are singly linked by `next`, in source order.
 */
#ifndef BGC_LANG_AST_H
#define BGC_LANG_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/source.h"
#include "base/value.h"

/* A word with its place. Text is interned per session: equal names are equal pointers. */
struct word {
    const char *text;
    struct span span;
};

/* ---- expressions ------------------------------------------------------- */

enum expr_kind {
    EXPR_LITERAL,  /* .literal: any constant that a token can spell */
    EXPR_TEMPLATE, /* .parts: "text ${expr} text", literal strings and expressions in turn */
    EXPR_NAME,     /* .name */
    EXPR_FIELD,    /* .a '.' .name */
    EXPR_INDEX,    /* .a '[' .b ']' */
    EXPR_CALL,     /* .a '(' .args ')' */
    EXPR_LIST,     /* .args, unnamed: [a, b] */
    EXPR_RECORD,   /* .args, all named: { a = 1 } */
    EXPR_MAP,      /* .args with .key: { "a" => 1 } */
    EXPR_FOR_LIST, /* [for v in a if c: b] */
    EXPR_FOR_MAP,  /* {for k, v in a if c: key => b} */
    EXPR_UNARY,    /* .op .a */
    EXPR_BINARY,   /* .a .op .b */
    EXPR_IF,       /* if .a then .b else .c */
    EXPR_LAMBDA,   /* .var => .b: only as an argument of a library function */
    EXPR_ERROR,
};

enum op {
    OP_OR, OP_AND, OP_NOT,
    OP_EQ, OP_NE, OP_LT, OP_GT, OP_LE, OP_GE,
    OP_COALESCE, /* ?? */
    OP_RANGE,    /* .. */
    OP_ADD, OP_SUB, OP_MUL, OP_DIV, OP_NEG,
};
const char *op_text(enum op op);

/* Most of what a large program takes in memory. What stands outside the union is
 * NULL where a kind has no use for it. */
struct expr {
    enum expr_kind kind : 8;
    enum op op : 6;
    bool grouped : 1;      /* written in parentheses; .span is with them */
    bool binds : 1;        /* it or something in it is a loop or a lambda: has names of its own */
    uint16_t depth;        /* levels below and with this one; at most 1000 */
    struct span span;
    union { /* each of its own kinds only */
        struct word name;              /* of EXPR_NAME and EXPR_FIELD */
        struct span op_span;          /* of an operator, for unit errors */
        const struct value *literal;
        struct {
            struct word var;          /* of loops and lambdas */
            const struct word *var2;  /* a map's value; NULL: the loop has one variable */
        };
    };
    struct expr *a, *b, *c, *key;
    struct arg *args;
    struct part *parts;
};

/* An argument of a call, an element of a list, a field of a record or map. */
struct arg {
    struct word name; /* .text NULL when unnamed */
    struct expr *key; /* of a map entry; else NULL */
    struct expr *value;
    const char *doc;
    struct arg *next;
};

/* A piece of a template: text or an expression, never both. */
struct part {
    const char *text;
    struct expr *expr;
    struct span span;
    struct part *next;
};

/* ---- types ------------------------------------------------------------- */

enum type_ast_kind {
    TYPE_NAMED,   /* .path: int, string, ec2.instance_type; may be refined */
    TYPE_LITERAL, /* .literal: "dev" */
    TYPE_INTS,    /* .low .. .high */
    TYPE_UNION,   /* .items, two or more */
    TYPE_LIST,    /* [ .a ] */
    TYPE_SET,     /* set .a */
    TYPE_MAP,     /* map .a */
    TYPE_RANGE,   /* range .a */
    TYPE_REF,     /* ref .path */
    TYPE_SECRET,  /* secret .a */
    TYPE_OPTION,  /* .a ? */
    TYPE_RECORD,  /* { .fields } */
    TYPE_ERROR,
};

struct type_ast {
    enum type_ast_kind kind;
    struct span span;
    unsigned depth;      /* levels below and with this one */
    const char *path;    /* "string", "ec2.security_group" */
    const char *pattern; /* string r"^ami-": the regex; else NULL */
    bool sized;          /* string(1..255): low and high are lengths */
    int64_t low, high;
    const struct value *literal;
    struct type_ast *a;
    struct type_ast *items; /* of a union, linked by next */
    struct field_ast *fields;
    struct type_ast *next;
};

/* allow BG7101 because "the office alone can reach it" */
struct allow_ast {
    struct word code;
    const char *reason; /* empty: reported */
    struct span reason_span;
    struct allow_ast *next;
};

struct field_ast { /* of a record type, a function or a module's parameters */
    struct word name;
    struct type_ast *type;
    struct expr *value; /* the default; NULL: required */
    const char *doc;
    struct field_ast *next;
};

/* ---- evidence and schedule --------------------------------------------- */

enum no_data { NO_DATA_UNSAID, NO_DATA_HOLD, NO_DATA_FAIL };

struct check_ast {
    struct word name;
    struct expr *cond;
    struct span span;
    int64_t within, every; /* milliseconds; 0: not said */
    int64_t times;         /* 0: not said */
    struct check_ast *next;
};

struct gate_ast {
    int64_t every; /* milliseconds; 0: a one-shot gate */
    struct span every_span;
    int64_t tolerate;
    struct span tolerate_span;
    enum no_data no_data;
    struct span no_data_span;
    struct check_ast *checks;
};

enum step_kind { STEP_BUILD, STEP_TEST, STEP_SHIFT, STEP_APPROVE, STEP_BAKE, STEP_RETIRE, STEP_ON_FAILURE };

/* One line of a rollout. Which members mean something depends on `kind`. */
struct step_ast {
    enum step_kind kind;
    struct span span;
    struct word gate;  /* build/shift/approve/bake while G; test G */
    struct dec share;  /* shift: percent */
    struct span share_span;
    int64_t duration;  /* shift/bake: hold, ms */
    struct span duration_span;
    const char *role;  /* approve "release manager" */
    int64_t within;    /* approve: ms; on failure rollback within: ms */
    struct expr *cond; /* retire when */
    int64_t idle_for;  /* retire when .. for, ms */
    int64_t latest;    /* retire at latest, ms; 0: not said */
    int64_t keep;      /* on failure .. keep, ms */
    bool hold_nothing; /* `hold nothing`: leave the live world's minimum alone */
    const char *size;  /* shift .. `size full`: NULL or "full" */
    struct step_ast *next;
};

/* at 50% { web.alb.http_5xx = 8%, latency = 2 } */
struct fault_ast {
    struct expr *target; /* a path */
    struct expr *value;
    struct span span;
    struct fault_ast *next;
};

enum scene_kind { SCENE_LIVE, SCENE_LOAD, SCENE_AT, SCENE_EXPECT, SCENE_EDIT };

struct scene_ast {
    enum scene_kind kind;
    struct span span;
    struct arg *inputs;  /* live { size = "t2.small" }, edit { ... } */
    struct expr *load;   /* a rate */
    struct word moment;  /* at: "" for a share, else "build" "test" "bake" "retire" ... */
    struct dec share;    /* at 50% */
    struct fault_ast *faults;
    struct expr *cond;   /* expect cond; or expect NAME within D */
    int64_t within;      /* 0: not said */
    struct scene_ast *next;
};

enum test_kind {
    TEST_GIVEN,  /* given { env = "dev" }: .inputs */
    TEST_MOCK,   /* mock net.vpc = { id = "vpc-1" }: .target, a path; .value what is found */
    TEST_EXPECT, /* expect web.asg.size.low == 3: .value */
    TEST_ERROR,  /* expect error BG1550 "two zones": .code, and .text (or NULL) in its message */
    TEST_WARNING, /* expect warning BG7101: the same, of a finding of lint */
};

struct test_item {
    enum test_kind kind;
    struct span span;
    struct arg *inputs;
    struct expr *target, *value;
    struct word code;
    const char *text;
    struct span text_span;
    struct test_item *next;
};

/* ---- type declarations: how a resource maps to AWS --------------------- */

/* A place in a request or a reply, as written: Ebs.VolumeSize, Groups[0],
 * Attributes{Key = "idle_timeout.timeout_seconds"}.Value */
struct wire_path {
    struct span span;
    struct wire_step {
        const char *member;
        bool indexed;     /* [N] */
        int64_t index;
        bool each;        /* []: every element */
        const char *key_member, *key_value; /* {Key = "x"} selects the element */
        bool key_bound;     /* {Key = id}: key_value names a binding */
        struct wire_step *next;
    } *steps;
};

enum field_mod {
    FIELD_PLAIN = 0,
    FIELD_ID = 1,         /* `id`: what AWS calls the resource by */
    FIELD_FIXED = 2,      /* a change means replacement */
    FIELD_TUNE = 4,       /* outside a world's identity, changed in place */
    FIELD_LIVE = 8,       /* AWS owns it: read, never written or diffed */
    FIELD_WRITE_ONLY = 16,/* cannot be read back */
    FIELD_SECRET = 32,
    FIELD_QUERY = 64,     /* only in the query of an `existing` */
};

enum type_item_kind {
    ITEM_API, ITEM_FIELD, ITEM_CALL, ITEM_WAIT, ITEM_METRIC, ITEM_SETTING,
    ITEM_EXISTING, ITEM_PREFLIGHT, ITEM_QUOTA, ITEM_LINT,
};

struct retry_ast {
    const char *code, *pattern; /* pattern may be NULL */
    int64_t budget;             /* milliseconds */
    struct retry_ast *next;
};

struct type_item {
    enum type_item_kind kind;
    struct span span;
    const char *doc;
    struct word name; /* api, field, metric, setting; the verb of a call */
    /* field */
    unsigned mods;
    struct type_ast *type;
    struct expr *dflt;
    struct wire_path *put, *get; /* -> put, <- get; `-> P` alone means both */
    struct expr *put_expr;       /* -> { MinSize = it.low }: several members */
    struct expr *get_expr;       /* <- expr over `reply`, when it is no plain path */
    struct word codec;           /* via NAME(args) */
    struct arg *codec_args;
    /* call: VERB [SUBJECT[.added|.removed|.changed]] OPERATION { bindings } clauses */
    struct word subject, aspect; /* update ingress.added: subject, aspect */
    VEC(struct word) subjects;   /* update a, b, c: all of them, subject first */
    VEC(struct word) more;       /* update F, G: those after the first */
    struct word operation;
    struct arg *bindings;
    struct wire_path *result; /* -> path of the answer */
    struct expr *where;       /* where cond over `it` */
    VEC(const char *) absent, adopt; /* error codes */
    struct retry_ast *retries;
    const char *token;        /* token MEMBER: idempotency token goes there */
    int64_t batch;            /* batch N: at most N ids a call */
    /* wait COND within D every E */
    struct expr *cond;
    int64_t within, every;
    /* metric NAME: type = "Namespace" MetricName { dimensions } */
    const char *metric_namespace, *metric_name;
    struct arg *settings; /* with { unit = "percent" } */
    /* lint CODE [at FIELD] when COND: "message" [help "..."] */
    const char *message, *help; /* help may be NULL */
    /* of a field: deprecated "why", deprecated use OTHER ["why"] */
    const char *deprecated; /* NULL: it is not */
    struct word instead;
    /* setting NAME = value */
    struct expr *value;
    /* existing NAME: [set] PATH { bindings }; preflight and quota NAME { bindings } */
    const char *path;
    struct span path_span;
    bool set;
    struct type_item *next;
};

/* ---- declarations ------------------------------------------------------ */

enum decl_kind {
    DECL_STACK, DECL_ACCOUNT, DECL_USE, DECL_INPUT, DECL_LET, DECL_OUTPUT, DECL_ASSERT,
    DECL_FN, DECL_MODULE, DECL_OUT, DECL_EXISTING, DECL_RESOURCE, DECL_SHARED, DECL_WORLD,
    DECL_ENTRY, DECL_TRAFFIC, DECL_GATE, DECL_ROLLOUT, DECL_SCENARIO, DECL_TEST,
    DECL_MOVED, DECL_ADOPT, DECL_TYPE, DECL_SERVICE,
};

/* What every walk over declarations reads stands in front, in one line of the cache. */
struct decl {
    enum decl_kind kind;
    struct span span;
    struct decl *next;
    struct word name;  /* of everything that has one; `path` for dotted ones */
    const char *path;  /* use std.network; type ec2.subnet; resource type; traffic kind; moved from */
    struct arg *fields;       /* stack, account, resource, existing (query), traffic, service */
    struct decl *body;        /* shared, world, module */
    struct expr *value;       /* let, output, out, input default, assert cond, entry, fn body */
    struct expr *key_set;
    struct expr *when;
    struct allow_ast *allows; /* findings of lint that are meant; no part of identity */
    const char *doc;          /* text of the ## comment, or NULL */
    bool secret;              /* output secret n = ... */
    bool set;                 /* existing n: set T */
    bool pin;
    bool keep;
    bool active;              /* active from S% */
    bool overlap;             /* overlap allowed: need not stop in the old world first */
    struct span path_span;
    struct word key_var;      /* resource n[k in set] */
    struct word in;           /* `in NAME`: another account */
    int64_t keep_for;         /* keep 30d, ms; 0 with keep: for ever */
    struct dec active_from;
    const char *path2; /* moved to; use "./x.bg"; adopt id; assert message; title of a scenario or test */
    struct span path2_span;
    struct type_ast *type;    /* input, fn result, type alias */
    struct field_ast *params; /* fn, module */
    struct word as;           /* rollout w as n; use "x" = n */
    struct gate_ast *gate;
    struct step_ast *steps;
    struct scene_ast *scenes;
    struct test_item *test;
    struct type_item *items;  /* type, except alias */
};

struct file_ast {
    uint32_t file; /* in struct sources */
    struct decl *decls;
    bool broken; /* it had syntax errors */
    bool allows; /* an `allow` stands in it */
    bool binds;  /* something in it has names of its own: a loop, a lambda, a function, a module, keys */
    VEC(struct span) lost; /* declarations that could not be read, and are in no tree */
};

#endif
