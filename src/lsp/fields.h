/* fields.h - what has fields, as an editor asks: settings of the language, types, records,
 * modules.
 */
#ifndef BGC_LSP_FIELDS_H
#define BGC_LSP_FIELDS_H

#include "lang/type.h"

/* The one of that name; NULL. */
const struct field_ast *field_named(const struct field_ast *f, const char *name);
/* What the fields of `d` are told by; NULL when they are no type's. */
const struct decl *fields_type(struct program *p, const struct scope *s, const struct decl *d);
/* What the settings of a stack or an account mean; NULL: there is none of that name. */
const char *setting_doc(enum decl_kind kind, const char *name);
const char *const *setting_names(enum decl_kind kind, size_t *n);
/* The record in what is wanted, through options and the like; NULL. */
const struct type *type_record_in(const struct type *t);
/* The `out` of a module; NULL. */
const struct decl *module_out(const struct symbol *module, const char *name);

#endif
