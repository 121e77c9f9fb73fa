/* doc.h - what the pages of `bgc doc` share, in text (cmd_doc.c) and as a browsable
 * reference (doc_html.c). */
#ifndef BGC_CLI_DOC_H
#define BGC_CLI_DOC_H

#include "cli/session.h"
#include "lang/native.h"

#define DOC_MEASURES "It measures: it stands in gates, `retire when` and `expect` alone."

/* The first sentence, on one line, without its full stop. `doc` NULL: "". */
const char *doc_sentence(struct arena *a, const char *doc);
/* What a change of the field means: in place, a replacement, ...; what is secret in it. */
const char *doc_change(struct arena *a, const struct schema_field *f);
/* "name: type = default" of a field; of a parameter. */
const char *doc_field_text(struct arena *a, const struct type_item *it);
const char *doc_parameter_text(struct arena *a, const struct field_ast *f);
/* "create  CreateVpc": what is asked of AWS, one of the type's calls. NULL: it is no call. */
const char *doc_call_text(struct arena *a, const struct type_item *it);
/* "http.get(url: string): ..." */
const char *doc_function_text(struct arena *a, const struct native *n);
/* A condition that holds, or that a gate can ask; NULL: there is none. */
const char *doc_function_example(const struct native *n);
/* All types that a program can name, sorted: those of services, and those without a dot that
 * every file sees. */
const char *const *doc_types(struct session *s, size_t *n);
const struct decl *doc_type(struct session *s, const char *name);
/* What a type is for, in one line, and of one that only narrows another what it takes. */
const char *doc_type_line(struct arena *a, const struct decl *decl);
/* A module of the library, "std.network"; NULL when there is none. */
const struct symbol *doc_module(struct session *s, const char *path);

#define DOC_EXAMPLE "In a file with a `stack`, this compiles as it stands:"

/* An example of a type in the canonical form. NULL: none could be made. */
const char *doc_example(struct session *s, const char *name, const struct decl *decl);
/* The same of a module, with the `use` that it takes. */
const char *doc_module_example(struct session *s, const char *path, const struct symbol *module);

/* Writes the reference of the whole library into the folder `dir`: one that is new, empty, or
 * was written so before. Every file is written beside and renamed; pages that an earlier
 * bgc wrote and this one has not are removed. false: reported. */
bool doc_html(struct session *s, const char *dir);

#endif
