/* build.h - the tree's nodes as the grammar makes them.
 *
 * For the actions of grammar/parse.y alone. All lists are built backwards and
 * reversed when they are complete (REVERSE). Nodes live in p->arena. What two
 * clauses of one item both say is reported here; everything about meaning is
 * left to the checker.
 */
#ifndef BGC_LANG_BUILD_H
#define BGC_LANG_BUILD_H

#include "lang/syntax.h"

#define REVERSE(type, list)                                                                        \
    do {                                                                                           \
        type *reversed_ = NULL;                                                                    \
        for (type *at_ = (list), *next_; at_; at_ = next_) {                                       \
            next_ = at_->next;                                                                     \
            at_->next = reversed_;                                                                 \
            reversed_ = at_;                                                                       \
        }                                                                                          \
        (list) = reversed_;                                                                        \
    } while (0)

struct field_mods {
    unsigned mods;
    const char *doc;
};

/* ---- words -------------------------------------------------------------- */

struct word word_of(struct token t);
int64_t token_int(struct token t);
/* `a` sep `b` end, as one interned name: "ec2.vpc", "web.a[\"k\"]". */
struct token token_join(struct parser *p, struct token a, const char *sep, struct token b,
                        const char *end);
struct token token_index(struct parser *p, struct token a, struct token n);
/* Reports a clause that was given already. */
void once(struct parser *p, bool already, struct span again);
void once_span(struct parser *p, struct span before, struct span again);

/* ---- expressions -------------------------------------------------------- */

struct expr *expr_new(struct parser *p, enum expr_kind kind, struct span span);
struct expr *expr_literal(struct parser *p, struct token t);
struct expr *expr_constant(struct parser *p, struct value *v, struct span span);
struct expr *expr_name(struct parser *p, struct token t);
struct expr *expr_unary(struct parser *p, enum op op, struct span at, struct expr *a);
struct expr *expr_binary(struct parser *p, enum op op, struct span at, struct expr *a,
                         struct expr *b);
struct expr *expr_field(struct parser *p, struct expr *a, struct token name);
struct expr *expr_index(struct parser *p, struct span span, struct expr *a, struct expr *b);
struct expr *expr_call(struct parser *p, struct span span, struct expr *a, struct arg *args);
struct expr *expr_if(struct parser *p, struct span span, struct expr *a, struct expr *b,
                     struct expr *c);
struct expr *expr_lambda(struct parser *p, struct span span, struct token var, struct expr *body);
struct expr *expr_group(struct parser *p, struct span span, struct expr *e);
struct expr *expr_template(struct parser *p, struct span span, struct token head, struct expr *first,
                           struct part *middles, struct token tail);
struct expr *expr_list(struct parser *p, struct span span, struct arg *elements);
struct expr *expr_record(struct parser *p, struct span span, struct arg *fields);
/* What stood between braces: a record, a map, or a mixture (reported). */
struct expr *expr_braces(struct parser *p, struct span span, struct arg *items);
/* A comprehension without its body, and the whole of it; `key` is a map's. */
struct expr *loop_new(struct parser *p, struct token var, const struct token *var2, struct expr *over,
                      struct expr *cond);
struct expr *expr_for(struct parser *p, struct span span, struct expr *loop, struct expr *key,
                      struct expr *body);
struct arg *arg_new(struct parser *p, const struct token *name, struct expr *key, struct expr *value);
struct part *part_text(struct parser *p, struct part *before, struct token t);
struct part *part_expr(struct parser *p, struct part *before, struct expr *e);
struct value *literal_at(struct value *v, struct span span);

/* ---- types -------------------------------------------------------------- */

struct type_ast *type_new(struct parser *p, enum type_ast_kind kind, struct span span);
struct type_ast *type_wrap(struct parser *p, enum type_ast_kind kind, struct span span,
                           struct type_ast *a);
struct type_ast *type_union(struct parser *p, struct span span, struct type_ast *a,
                            struct type_ast *b);
struct type_ast *type_named(struct parser *p, struct token path, const struct token *pattern);
struct type_ast *type_literal(struct parser *p, struct token t);
struct type_ast *type_ints(struct parser *p, struct span span, int64_t low, int64_t high);
struct field_ast *field_new(struct parser *p, struct token name, struct type_ast *type,
                            struct expr *value);

/* ---- declarations ------------------------------------------------------- */

struct decl *decl_new(struct parser *p, enum decl_kind kind, struct span span,
                      struct token keyword);
/* `reason` NULL: none was given, which is reported. */
struct allow_ast *allow_new(struct parser *p, struct token code, const struct token *reason);
void decl_path(struct decl *d, struct token path);
/* A decl of which only some modifiers are set; `span` is theirs. */
struct decl *decl_part(struct parser *p, struct span span);
struct decl *decl_merge(struct parser *p, struct decl *a, struct decl *b);
struct decl *decl_resource(struct parser *p, enum decl_kind kind, struct span span,
                           struct token keyword, struct token name, const struct decl *keyed,
                           struct token type, const struct decl *mods, struct arg *fields,
                           const struct decl *flags);
struct gate_ast *gate_merge(struct parser *p, struct gate_ast *a, struct gate_ast *b);
struct check_ast *check_new(struct parser *p, struct span span, struct token name,
                            struct expr *cond, struct check_ast *opts);
/* Says what step it is, and reports options that this kind does not take. */
struct step_ast *step_kind(struct parser *p, struct step_ast *s, enum step_kind kind,
                           struct span at);
struct scene_ast *scene_new(struct parser *p, enum scene_kind kind);
struct test_item *test_new(struct parser *p, enum test_kind kind);

/* ---- type declarations -------------------------------------------------- */

struct type_item *item_new(struct parser *p, enum type_item_kind kind, struct span span,
                           struct token keyword);
struct type_item *item_metric(struct parser *p, struct span span, struct token keyword,
                              struct token name, struct type_ast *type, struct token ns,
                              struct token metric, struct arg *dimensions, struct arg *settings);
struct type_item *item_record(struct parser *p, enum type_item_kind kind, struct span span,
                              struct token keyword, struct token name, struct arg *bindings);
void item_path(struct type_item *item, struct token path, bool set);
/* `subject` may be NULL; `help` has no text when there is none. */
struct type_item *item_lint(struct parser *p, struct span span, struct token keyword,
                            struct token code, const struct token *subject, struct expr *cond,
                            struct token message, struct token help);
struct type_item *subject_new(struct parser *p, struct token name, const struct token *aspect);
struct type_item *subject_merge(struct parser *p, struct type_item *a, struct type_item *b);
/* `when` is `before` or `after`, or NULL; subjects may be NULL. */
struct type_item *call_new(struct parser *p, struct token verb, const struct token *when,
                           const struct type_item *subjects, struct token operation,
                           struct arg *bindings);
struct type_item *call_end(struct parser *p, struct type_item *call,
                           const struct type_item *clauses, struct span span);
/* Adds a step in front; wire_end puts them in order. */
struct wire_step *wire_push(struct parser *p, struct wire_path *path);
/* The last step, which a selector at `span` makes narrower. It has none yet, or that is reported. */
struct wire_step *wire_select(struct parser *p, struct wire_path *path, struct span span);
struct wire_path *wire_end(struct wire_path *path, struct span span);

#endif
