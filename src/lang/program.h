/* program.h - files become one program: imports, scopes, symbols.
 *
 * Loading reads the root file and what it imports, and builds a symbol table
 * per scope. Nothing is evaluated. The standard library is embedded text and is
 * parsed lazily: naming the type `ec2.subnet` loads "aws/ec2.bg"; `use
 * std.network` loads "std/network.bg".
 *
 * Scopes: a name is looked up in its own scope, then outward. A world's body
 * sees the world, `shared`, and the root. `shared` sees itself and the root.
 * The root (outputs, gates, traffic, scenarios) sees itself and `shared`'s
 * names; a world's names only through the world: `web.alb`. A module's body
 * sees its parameters, itself and the file's root lets and functions.
 * Outermost stands the prelude (stdlib/std/prelude.bg): types and functions that
 * every file sees.
 *
 * Not everything is a name: accounts, gates, rollouts, outputs and scenarios are
 * only ever named where nothing else can stand, and have no symbols. One name
 * means one thing: what hides another declaration is an error.
 */
#ifndef BGC_LANG_PROGRAM_H
#define BGC_LANG_PROGRAM_H

#include "base/diag.h"
#include "base/intern.h"
#include "base/map.h"
#include "lang/ast.h"

enum scope_kind { SCOPE_ROOT, SCOPE_SHARED, SCOPE_WORLD, SCOPE_MODULE };

/* A module's parameter is a symbol too: its decl is a DECL_INPUT made for it. */
struct symbol {
    const char *name;
    const struct decl *decl;
    struct scope *scope; /* where it is declared */
    uint32_t ordinal;    /* among the symbols of that scope */
    struct scope *body;  /* of a world or a module; of `use "x.bg" = n`: that file's scope */
    void *checked;       /* the checker's memo; nobody else's */
    const struct type **types; /* of a function: type_of_fn's memo */
    bool reached;        /* of `use`: something of the file was named through it */
};

struct scope {
    enum scope_kind kind;
    const char *name; /* of the world or module; else NULL */
    struct scope *parent;
    struct scope *shared; /* of the root: its `shared`; else NULL */
    struct map symbols;   /* name -> struct symbol * */
    const struct file_ast *file;
    const struct decl *entry; /* of a world: its first `entry`; else NULL */
};

/* Texts that stand for files: the unsaved buffers of an editor. */
struct overlay {
    /* The text instead of the file at `path`, which is as the program would open
     * it; NULL: the file itself is meant. The text lives as long as the program. */
    const char *(*text)(void *self, const char *path, size_t *len);
    void *self;
};

struct check_watch;

enum { RECENT_TYPES = 256 };

struct program {
    struct arena *arena; /* the session's */
    struct intern *names;
    struct diags *ds;
    const char *root_path; /* of the root file */
    const char *root_dir;  /* nothing outside is ever read */
    struct scope *root;
    const struct decl *stack;
    struct map types;    /* "ec2.subnet" -> struct decl * (DECL_TYPE) */
    struct map services; /* "ec2" -> struct decl * (DECL_SERVICE) */
    struct map modules;  /* "std.network" or the alias -> struct symbol * */
    struct map files;    /* path -> struct scope * of the file; "std:aws/ec2.bg" for embedded */
    struct map texts;    /* path -> struct source *: what program_read has read */
    struct map type_memo;/* of type.c */
    /* Of program_type and type_of_resource: a large program asks for the same few types
     * again and again. What is in them stays true, since types are only ever added. */
    struct recent_type {
        const char *path;
        const struct decl *decl;
    } recent_types[RECENT_TYPES];
    struct recent_fields {
        const struct decl *decl;
        const struct type *of[2]; /* of a resource, of a query; NULL: not asked yet */
    } recent_fields[RECENT_TYPES];
    unsigned type_depth; /* of type.c: types that name types */
    struct map regexes;  /* of type.c: pattern -> compiled */
    struct matcher *matcher; /* of pattern.c */
    uint64_t matching;     /* of pattern.c: what the matches of this evaluation cost */
    struct map *pins;      /* of files.c; NULL: bgc.lock is not read yet */
    struct map *pin_spans;
    VEC(struct allow_at {
        const struct decl *of;
        const struct allow_ast *allow;
    }) allows;                             /* of the author's files; of lint_check_allows */
    VEC(const struct allow_ast *) allowed; /* of lint.c: those that took a finding back */
    struct scope *prelude;
    VEC(struct scope *) file_scopes; /* by file number; NULL where there is none */
    VEC(const char *) remotes; /* of remote.c: every address that is imported */
    VEC(const char *) origins; /* of remote.c, by file number: where it was copied from; NULL */
    struct map native_memo; /* of the checker: signature -> parsed */
    const struct native_shape **native_shapes; /* of native.c; NULL: none is read yet */
    const struct overlay *overlay; /* NULL: every file is read from the disk */
    struct check_watch *watch;     /* check.h; NULL: nobody looks on */
    struct map unscoped[DECL_SERVICE + 1]; /* of load.c, by kind: name -> the first such decl */
    /* In source order, for passes that need all of a kind. */
    VEC(const struct decl *) accounts, inputs, outputs, asserts, worlds, traffics, gates, rollouts,
        scenarios, moved, adopts, tests;
};

/* Reads, parses and resolves imports. A program is always returned; whether it
 * is sound is ds->errors == 0. `root_text` NULL: read the file. */
struct program *program_load(struct arena *session, struct intern *names, struct diags *ds,
                             const char *root_path, const char *root_text);
/* The same of a file and what it imports as an editor has them. */
struct program *program_load_over(struct arena *session, struct intern *names, struct diags *ds,
                                  const char *root_path, const struct overlay *overlay);
/* Adds the tests and scenarios of the file beside the root file: of shop.bg those
 * of shop.test.bg, when there is one. They see what the root file sees. */
void program_load_tests(struct program *p);
/* Only the standard library, for `bgc types`, `bgc doc` and tests. */
struct program *program_stdlib(struct arena *session, struct intern *names, struct diags *ds);

/* The root scope of the file that `at` points into: what names in a type
 * declaration mean. NULL when the file is no program text. */
struct scope *program_file_scope(const struct program *p, struct span at);
/* Whether `at` points into embedded text. */
bool program_is_std(const struct program *p, struct span at);
/* bgc.lock beside the root file: address -> const char * id, in file order.
 * Lines are `address = "id"  # comment`. Empty when there is no such file. */
struct map *program_pins(struct program *p);
/* The place of the pin of `address` in bgc.lock; NO_SPAN. */
struct span program_pin_span(struct program *p, const char *address);

/* The declaration of a type or a service; loads its stdlib file on first use.
 * NULL, unreported, when there is none. */
const struct decl *program_type(struct program *p, const char *path);
const struct decl *program_service(struct program *p, const char *name);
/* A module by the path as written after `:` or `use`; NULL when there is none. */
const struct symbol *program_module(struct program *p, const struct scope *from, const char *path);
/* Loads every file of stdlib/aws, for commands that list all types. */
void program_load_all_types(struct program *p);

/* The file's scope that `s` is inside of; never NULL. */
const struct scope *scope_root(const struct scope *s);
/* Lexical lookup, outward from `s`; NULL when the name is not visible. */
struct symbol *scope_find(const struct scope *s, const char *name);
/* The symbol `name` in a world; NULL. */
struct symbol *program_in_world(const struct program *p, const char *world, const char *name);
/* The item of a type that declares field or metric `name`; NULL. */
const struct type_item *type_field(const struct decl *type, const char *name);
const struct type_item *type_metric(const struct decl *type, const char *name);
const struct type_item *type_setting(const struct decl *type, const char *name);
/* Whether it is a type of resources (it has an `api`) and not of plain records. */
bool type_is_resource(const struct decl *type);
/* Whether it says how it is made (`create`), looked up (`lookup`), ... */
bool type_has_call(const struct decl *type, const char *verb);

/* Reads a file named in the program (file(), env/, bgc.lock), confined to
 * root_dir. Text lives in the session; spans can point into it. NULL: reported. */
const char *program_read(struct program *p, struct span at, const char *relative, size_t *len,
                         uint32_t *file);

#endif
