/* parse.y - tokens to tree, and nothing else: no name is resolved here.
 *
 * Keywords are soft: `word` takes any of them as a name, but for the expression
 * keywords. Items in braces each end with `sep`, which bglex also supplies
 * before a `}` and at the end of the text.
 *
 * Lists are never empty and blocks spell out `{}`: so the state behind `{` can
 * shift `error`, also when the first item is wrong. Lists are built backwards
 * and reversed by whoever takes them. Every `{` has an alternative with `error`
 * before its `}`: bglex skips to the end of the item or to that brace.
 */
%require "3.8"
%define api.pure full
%define api.prefix {bg}
%define api.token.prefix {T_}
%define api.location.type {struct span}
%define parse.error custom
%define parse.lac full
%locations
%expect 0
%param {struct parser *p}

%code requires {
#include "lang/build.h"
}
%code {
#include "grammar/parse.tab.h"

#define YYMAXDEPTH 6000 /* NEST_MAX brackets need less; the rest is prefix operators */
#define YYLLOC_DEFAULT(Out, Rhs, N)                                                                \
    ((Out) = (N) ? (struct span){YYRHSLOC(Rhs, 1).file, YYRHSLOC(Rhs, 1).start,                    \
                                 YYRHSLOC(Rhs, N).end}                                             \
                 : (struct span){YYRHSLOC(Rhs, 0).file, YYRHSLOC(Rhs, 0).end, YYRHSLOC(Rhs, 0).end})

static void bgerror(struct span *at, struct parser *p, const char *message);
int bglex(BGSTYPE *value, struct span *at, struct parser *p);
}

%union {
    struct token tok;
    struct expr *expr;
    struct arg *arg;
    struct part *part;
    struct type_ast *type;
    struct field_ast *field;
    struct decl *decl;
    struct gate_ast *gate;
    struct check_ast *check;
    struct step_ast *step;
    struct scene_ast *scene;
    struct fault_ast *fault;
    struct test_item *test;
    struct type_item *item;
    struct allow_ast *allow;
    struct wire_path *wire;
    struct retry_ast *retry;
    int64_t number;
    struct field_mods mods;
}

%token YYEOF 0 "end of the file"
%token START_FILE START_EXPR START_BINDINGS COMMENT
%token NEWLINE "end of the line" ITEM_COMMA ","
%token <tok> NAME "name" STRING "string" REGEX "pattern" INT "whole number" NUMBER "number"
    DURATION "duration" PERCENT "percentage" SIZE "size in bytes" RATE "rate" CIDR "network"
    HEAD "text with ${" MIDDLE "} and ${" TAIL "end of the string"
%token RANGE_OP ".." ARROW "->" FROM_ARROW "<-" FAT "=>" EQ "==" NE "!=" LE "<=" GE ">="
    COALESCE "??"
%token <tok>
    IF "if" THEN "then" ELSE "else" FOR "for" IN "in" AND "and" OR "or" NOT "not" TRUE "true"
    FALSE "false" NONE "none"
%token <tok>
    KW_STACK "stack" KW_ACCOUNT "account" KW_USE "use" KW_INPUT "input" KW_LET "let"
    KW_OUTPUT "output" KW_ASSERT "assert" KW_FN "fn" KW_MODULE "module" KW_OUT "out"
    KW_EXISTING "existing" KW_RESOURCE "resource" KW_SHARED "shared" KW_WORLD "world"
    KW_ENTRY "entry" KW_TRAFFIC "traffic" KW_GATE "gate" KW_ROLLOUT "rollout"
    KW_SCENARIO "scenario" KW_TEST "test" KW_MOVED "moved" KW_ADOPT "adopt" KW_TYPE "type"
    KW_SERVICE "service"
%token <tok>
    KW_PIN "pin" KW_KEEP "keep" KW_ACTIVE "active" KW_FROM "from" KW_OVERLAP "overlap"
    KW_ALLOWED "allowed" KW_WHEN "when" KW_EVERY "every" KW_TOLERATE "tolerate"
    KW_NO_DATA "no_data" KW_HOLD "hold" KW_FAIL "fail" KW_CHECK "check" KW_WITHIN "within"
    KW_TIMES "times" KW_AS "as" KW_BUILD "build" KW_WHILE "while" KW_SHIFT "shift"
    KW_APPROVE "approve" KW_BAKE "bake" KW_RETIRE "retire" KW_AT "at" KW_LATEST "latest"
    KW_ON "on" KW_FAILURE "failure" KW_ROLLBACK "rollback" KW_SIZE "size" KW_FULL "full"
    KW_NOTHING "nothing" KW_LOAD "load" KW_EXPECT "expect" KW_EDIT "edit"
    KW_GIVEN "given" KW_MOCK "mock" KW_ERROR "error" KW_WARNING "warning" KW_VIA "via"
    KW_ABSENT "absent" KW_TOKEN "token" KW_RETRY "retry" KW_WHERE "where" KW_BATCH "batch"
    KW_WITH "with" KW_ALLOW "allow" KW_BECAUSE "because" KW_HELP "help"
    KW_DEPRECATED "deprecated"
%token <tok> KW_SET "set" KW_MAP "map" KW_RANGE "range" KW_REF "ref" KW_SECRET "secret"
%token <tok>
    KW_API "api" KW_ID "id" KW_FIXED "fixed" KW_FIELD "field" KW_TUNE "tune" KW_LIVE "live"
    KW_QUERY "query" KW_WRITE_ONLY "write_only" KW_METRIC "metric" KW_BEFORE "before"
    KW_AFTER "after" KW_CREATE "create" KW_FIND "find" KW_READ "read" KW_LOOKUP "lookup"
    KW_UPDATE "update" KW_DELETE "delete" KW_PREFLIGHT "preflight" KW_QUOTA "quota"
    KW_WAIT "wait" KW_LINT "lint" WAIT_VERB "create or delete"

%type <tok> word item_word kw_decl kw_other kw_typeop kw_item path type_head place code verb
    literal text_word lint_help
%type <expr> expr value_for get braces loop fault_target
%type <arg> record fields field_sep field items item_sep item args arg_list arg elements bindings
    binding_sep
%type <part> middles
%type <allow> allows
%type <type> type union member sized
%type <field> params param_list param type_fields type_field_sep
%type <decl> decls decl_sep decl resource_mods resource_mod resource_flags block keyed
%type <gate> gate_block gate_items gate_item_sep gate_item gate_opts gate_opt
%type <check> check_opts
%type <step> step_block steps step_sep step step_opts
%type <scene> scene_block scenes scene_sep scene
%type <fault> faults fault_sep fault_list
%type <test> test_block test_items test_sep test_item
%type <item> item_block type_items type_item_end plain_item call_item field_tail wait_opts call
    subjects subject clauses
%type <wire> wire wire_steps
%type <retry> retries retry
%type <number> within every signed
%type <mods> mods mod

%precedence IFX
%right "??"
%left "or"
%left "and"
%precedence "not"
%nonassoc "==" "!=" '<' '>' "<=" ">="
%nonassoc ".."
%left '+' '-'
%left '*' '/'
%precedence NEG
%precedence '.' '(' '['

%%

text: START_FILE | START_FILE decls { REVERSE(struct decl, $2); p->decls = $2; }
    | START_EXPR expr             { p->expr = $2; }
    | START_EXPR expr NEWLINE     { p->expr = $2; }
    | START_EXPR error
    | START_BINDINGS
    | START_BINDINGS bindings     { REVERSE(struct arg, $2); p->bindings = $2; }
    ;

sep: NEWLINE | ITEM_COMMA ;
wrong: error sep { yyerrok; panic_end(p); } ;      /* the rest of an item */
wrong_line: error NEWLINE { yyerrok; panic_end(p); } ;
wrong_end: error '}' { yyerrok; panic_end(p); } ;  /* the rest of a block */

/* ---- words -------------------------------------------------------------- */

word: item_word | KW_WAIT ;
item_word: NAME | kw_decl | kw_other | kw_typeop | kw_item ;
kw_decl: KW_STACK | KW_ACCOUNT | KW_USE | KW_INPUT | KW_LET | KW_OUTPUT | KW_ASSERT | KW_FN
    | KW_MODULE | KW_OUT | KW_EXISTING | KW_RESOURCE | KW_SHARED | KW_WORLD | KW_ENTRY
    | KW_TRAFFIC | KW_GATE | KW_ROLLOUT | KW_SCENARIO | KW_TEST | KW_MOVED | KW_ADOPT | KW_TYPE
    | KW_SERVICE ;
kw_other: KW_PIN | KW_KEEP | KW_ACTIVE | KW_FROM | KW_OVERLAP | KW_ALLOWED | KW_WHEN | KW_EVERY
    | KW_TOLERATE | KW_NO_DATA | KW_HOLD | KW_FAIL | KW_CHECK | KW_WITHIN | KW_TIMES | KW_AS
    | KW_BUILD | KW_WHILE | KW_SHIFT | KW_APPROVE | KW_BAKE | KW_RETIRE | KW_AT | KW_LATEST
    | KW_ON | KW_FAILURE | KW_ROLLBACK | KW_SIZE | KW_FULL | KW_NOTHING | KW_LOAD | KW_EXPECT
    | KW_EDIT | KW_GIVEN | KW_MOCK | KW_ERROR | KW_WARNING | KW_VIA | KW_ABSENT | KW_TOKEN | KW_RETRY | KW_WHERE
    | KW_BATCH | KW_WITH | KW_ALLOW | KW_BECAUSE | KW_HELP | KW_DEPRECATED ;
kw_typeop: KW_SET | KW_MAP | KW_RANGE | KW_REF | KW_SECRET ;
kw_item: KW_API | KW_ID | KW_FIXED | KW_FIELD | KW_TUNE | KW_LIVE | KW_QUERY | KW_WRITE_ONLY
    | KW_METRIC | KW_BEFORE | KW_AFTER | KW_CREATE | KW_FIND | KW_READ | KW_LOOKUP | KW_UPDATE
    | KW_DELETE | KW_PREFLIGHT | KW_QUOTA | KW_LINT ;
path: word | path '.' word { $$ = token_join(p, $1, ".", $3, ""); } ;
/* The address of a resource, or a name in a file of bindings. */
place: word
    | place '.' word          { $$ = token_join(p, $1, ".", $3, ""); }
    | place '[' STRING ']'    { $$ = token_join(p, $1, "[\"", $3, "\"]"); }
    | place '[' INT ']'       { $$ = token_index(p, $1, $3); }
    ;

/* ---- declarations ------------------------------------------------------- */

decls: decl_sep
    | decls decl_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } }
    ;
decl_sep: decl allows sep { $$ = $1; REVERSE(struct allow_ast, $2); $$->allows = $2; }
    | wrong_line { $$ = NULL; vec_push(p->arena, &p->lost, @$); }
    ;
/* Findings of lint that are meant, behind any declaration. */
allows: %empty { $$ = NULL; }
    | allows KW_ALLOW word KW_BECAUSE STRING { $$ = allow_new(p, $3, &$5); $$->next = $1; }
    | allows KW_ALLOW word { $$ = allow_new(p, $3, NULL); $$->next = $1; }
    ;
block: '{' '}'             { $$ = NULL; }
    | '{' decls '}'        { REVERSE(struct decl, $2); $$ = $2; }
    | '{' decls wrong_end  { REVERSE(struct decl, $2); $$ = $2; }
    | '{' wrong_end        { $$ = NULL; }
    ;
decl: KW_STACK word record {
        $$ = decl_new(p, DECL_STACK, @$, $1); $$->name = word_of($2); $$->fields = $3; }
    | KW_ACCOUNT word record {
        $$ = decl_new(p, DECL_ACCOUNT, @$, $1); $$->name = word_of($2); $$->fields = $3; }
    | KW_USE path {
        $$ = decl_new(p, DECL_USE, @$, $1); decl_path($$, $2); }
    | KW_USE STRING '=' word {
        $$ = decl_new(p, DECL_USE, @$, $1); $$->path2 = $2.text; $$->path2_span = @2;
        $$->as = $$->name = word_of($4); }
    | KW_INPUT word ':' type value_for {
        $$ = decl_new(p, DECL_INPUT, @$, $1); $$->name = word_of($2); $$->type = $4; $$->value = $5; }
    | KW_LET word '=' expr {
        $$ = decl_new(p, DECL_LET, @$, $1); $$->name = word_of($2); $$->value = $4; }
    | KW_OUTPUT word '=' expr {
        $$ = decl_new(p, DECL_OUTPUT, @$, $1); $$->name = word_of($2); $$->value = $4; }
    | KW_OUTPUT KW_SECRET word '=' expr {
        $$ = decl_new(p, DECL_OUTPUT, @$, $1); $$->name = word_of($3); $$->value = $5;
        $$->secret = true; }
    | KW_OUT word '=' expr {
        $$ = decl_new(p, DECL_OUT, @$, $1); $$->name = word_of($2); $$->value = $4; }
    | KW_ASSERT expr ':' STRING {
        $$ = decl_new(p, DECL_ASSERT, @$, $1); $$->value = $2; $$->path2 = $4.text;
        $$->path2_span = @4; }
    | KW_FN word '(' params ')' ':' type '=' expr {
        $$ = decl_new(p, DECL_FN, @$, $1); $$->name = word_of($2); $$->params = $4; $$->type = $7;
        $$->value = $9; }
    | KW_MODULE word '(' params ')' block {
        $$ = decl_new(p, DECL_MODULE, @$, $1); $$->name = word_of($2); $$->params = $4;
        $$->body = $6; }
    | KW_RESOURCE word keyed ':' type_head resource_mods record resource_flags {
        $$ = decl_resource(p, DECL_RESOURCE, @$, $1, $2, $3, $5, $6, $7, $8); }
    | KW_EXISTING word keyed ':' type_head resource_mods record resource_flags {
        $$ = decl_resource(p, DECL_EXISTING, @$, $1, $2, $3, $5, $6, $7, $8); }
    | KW_EXISTING word keyed ':' KW_SET type_head resource_mods record resource_flags {
        $$ = decl_resource(p, DECL_EXISTING, @$, $1, $2, $3, $6, $7, $8, $9); $$->set = true; }
    | KW_SHARED block {
        $$ = decl_new(p, DECL_SHARED, @$, $1); $$->body = $2; }
    | KW_WORLD word block {
        $$ = decl_new(p, DECL_WORLD, @$, $1); $$->name = word_of($2); $$->body = $3; }
    | KW_ENTRY expr {
        $$ = decl_new(p, DECL_ENTRY, @$, $1); $$->value = $2; }
    | KW_TRAFFIC word ':' path record {
        $$ = decl_new(p, DECL_TRAFFIC, @$, $1); $$->name = word_of($2); decl_path($$, $4);
        $$->fields = $5; }
    | KW_GATE word gate_block {
        $$ = decl_new(p, DECL_GATE, @$, $1); $$->name = word_of($2); $$->gate = $3; }
    | KW_ROLLOUT word step_block {
        $$ = decl_new(p, DECL_ROLLOUT, @$, $1); $$->name = word_of($2); $$->steps = $3; }
    | KW_ROLLOUT word KW_AS word step_block {
        $$ = decl_new(p, DECL_ROLLOUT, @$, $1); $$->name = word_of($2); $$->as = word_of($4);
        $$->steps = $5; }
    | KW_SCENARIO STRING scene_block {
        $$ = decl_new(p, DECL_SCENARIO, @$, $1); $$->path2 = $2.text; $$->path2_span = @2;
        $$->scenes = $3; }
    | KW_TEST STRING test_block {
        $$ = decl_new(p, DECL_TEST, @$, $1); $$->path2 = $2.text; $$->path2_span = @2;
        $$->test = $3; }
    | KW_MOVED place ARROW place {
        $$ = decl_new(p, DECL_MOVED, @$, $1); decl_path($$, $2); $$->path2 = $4.text;
        $$->path2_span = @4; }
    | KW_ADOPT place '=' STRING {
        $$ = decl_new(p, DECL_ADOPT, @$, $1); decl_path($$, $2); $$->path2 = $4.text;
        $$->path2_span = @4; }
    | KW_TYPE path '=' type {
        $$ = decl_new(p, DECL_TYPE, @$, $1); decl_path($$, $2); $$->type = $4; }
    | KW_TYPE path item_block {
        $$ = decl_new(p, DECL_TYPE, @$, $1); decl_path($$, $2); $$->items = $3; }
    | KW_SERVICE word record {
        $$ = decl_new(p, DECL_SERVICE, @$, $1); $$->name = word_of($2);
        $$->path = $2.text; $$->path_span = @2; $$->fields = $3; }
    ;
value_for: %empty { $$ = NULL; } | '=' expr { $$ = $2; } ;

keyed: %empty { $$ = NULL; }
    | '[' word IN expr ']' {
        $$ = arena_make(p->arena, struct decl); $$->key_var = word_of($2); $$->key_set = $4; }
    ;
resource_mods: %empty { $$ = NULL; } | resource_mods resource_mod { $$ = decl_merge(p, $1, $2); } ;
resource_mod: IN word   { $$ = decl_part(p, @$); $$->in = word_of($2); }
    | KW_WHEN expr      { $$ = decl_part(p, @$); $$->when = $2; }
    ;
resource_flags: %empty                { $$ = NULL; }
    | resource_flags KW_PIN           { $$ = decl_part(p, @2); $$->pin = true;
                                        $$ = decl_merge(p, $1, $$); }
    | resource_flags KW_KEEP          { $$ = decl_part(p, @2); $$->keep = true;
                                        $$ = decl_merge(p, $1, $$); }
    | resource_flags KW_KEEP DURATION { $$ = decl_part(p, @2); $$->keep = true;
                                        $$->keep_for = token_int($3); $$ = decl_merge(p, $1, $$); }
    | resource_flags KW_ACTIVE KW_FROM PERCENT {
                                        $$ = decl_part(p, @2); $$->active = true;
                                        $$->active_from = $4.literal->dec; $$ = decl_merge(p, $1, $$); }
    | resource_flags KW_OVERLAP KW_ALLOWED {
                                        $$ = decl_part(p, @2); $$->overlap = true;
                                        $$ = decl_merge(p, $1, $$); }
    ;

params: %empty { $$ = NULL; }
    | param_list     { REVERSE(struct field_ast, $1); $$ = $1; }
    | param_list ',' { REVERSE(struct field_ast, $1); $$ = $1; }
    ;
param_list: param | param_list ',' param { $3->next = $1; $$ = $3; } ;
param: word ':' type value_for { $$ = field_new(p, $1, $3, $4); } ;

/* ---- records of declarations: name = value ------------------------------ */

record: '{' '}'            { $$ = NULL; }
    | '{' fields '}'       { REVERSE(struct arg, $2); $$ = $2; }
    | '{' fields wrong_end { REVERSE(struct arg, $2); $$ = $2; }
    | '{' wrong_end        { $$ = NULL; }
    ;
fields: field_sep | fields field_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } } ;
field_sep: field sep | wrong { $$ = NULL; } ;
field: word '=' expr { $$ = arg_new(p, &$1, NULL, $3); } ;

bindings: binding_sep | bindings binding_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } } ;
binding_sep: place '=' expr sep { $$ = arg_new(p, &$1, NULL, $3); }
    | wrong_line { $$ = NULL; }
    ;

/* ---- types -------------------------------------------------------------- */

type: union | union '?' { $$ = type_wrap(p, TYPE_OPTION, @$, $1); } ;
union: member
    | union '|' member { $$ = type_union(p, @$, $1, $3); }
    ;
member: type_head       { $$ = type_named(p, $1, NULL); }
    | type_head REGEX   { $$ = type_named(p, $1, &$2); $$->span = @$; }
    | sized
    | sized REGEX       { $$ = $1; $$->pattern = $2.text; $$->span = @$; }
    | STRING            { $$ = type_literal(p, $1); }
    | TRUE              { $$ = type_literal(p, $1); }
    | FALSE             { $$ = type_literal(p, $1); }
    | signed            { $$ = type_new(p, TYPE_LITERAL, @$);
                          $$->literal = literal_at(value_int(p->arena, $1), @$); }
    | signed ".." signed { $$ = type_ints(p, @$, $1, $3); }
    | KW_REF path       { $$ = type_new(p, TYPE_REF, @$); $$->path = $2.text; }
    | KW_SECRET member  { $$ = type_wrap(p, TYPE_SECRET, @$, $2); }
    | KW_SET member     { $$ = type_wrap(p, TYPE_SET, @$, $2); }
    | KW_RANGE member   { $$ = type_wrap(p, TYPE_RANGE, @$, $2); }
    | KW_MAP member     { $$ = type_wrap(p, TYPE_MAP, @$, $2); }
    | '[' type ']'      { $$ = type_wrap(p, TYPE_LIST, @$, $2); }
    | '(' type ')'      { $$ = $2; }
    | '{' '}'           { $$ = type_new(p, TYPE_RECORD, @$); }
    | '{' type_fields '}' { $$ = type_new(p, TYPE_RECORD, @$); $$->fields = $2;
                          REVERSE(struct field_ast, $$->fields); }
    | '{' type_fields wrong_end { $$ = type_new(p, TYPE_ERROR, @$); }
    | '{' wrong_end     { $$ = type_new(p, TYPE_ERROR, @$); }
    ;
sized: type_head '(' signed ".." signed ')' {
        $$ = type_ints(p, @$, $3, $5); $$->kind = TYPE_NAMED; $$->path = $1.text; $$->sized = true; } ;
type_head: text_word | type_head '.' word { $$ = token_join(p, $1, ".", $3, ""); } ;
text_word: NAME | kw_decl | kw_other | kw_item | KW_WAIT ;
signed: INT { $$ = token_int($1); } | '-' INT { $$ = -token_int($2); } ;
type_fields: type_field_sep
    | type_fields type_field_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } }
    ;
type_field_sep: word ':' type value_for sep { $$ = field_new(p, $1, $3, $4); }
    | wrong { $$ = NULL; }
    ;

/* ---- gates -------------------------------------------------------------- */

gate_block: '{' '}'             { $$ = arena_make(p->arena, struct gate_ast); }
    | '{' gate_items '}'        { REVERSE(struct check_ast, $2->checks); $$ = $2; }
    | '{' gate_items wrong_end  { REVERSE(struct check_ast, $2->checks); $$ = $2; }
    | '{' wrong_end             { $$ = arena_make(p->arena, struct gate_ast); }
    ;
gate_items: gate_item_sep | gate_items gate_item_sep { $$ = gate_merge(p, $1, $2); } ;
gate_item_sep: gate_item sep | wrong_line { $$ = arena_make(p->arena, struct gate_ast); } ;
gate_item: gate_opts
    | KW_CHECK word ':' expr check_opts {
        $$ = arena_make(p->arena, struct gate_ast); $$->checks = check_new(p, @$, $2, $4, $5); }
    ;
gate_opts: gate_opt | gate_opts gate_opt { $$ = gate_merge(p, $1, $2); } ;
gate_opt: every {
        $$ = arena_make(p->arena, struct gate_ast); $$->every = $1; $$->every_span = @$; }
    | KW_TOLERATE INT {
        $$ = arena_make(p->arena, struct gate_ast); $$->tolerate = token_int($2);
        $$->tolerate_span = @$; }
    | KW_NO_DATA KW_HOLD {
        $$ = arena_make(p->arena, struct gate_ast); $$->no_data = NO_DATA_HOLD;
        $$->no_data_span = @$; }
    | KW_NO_DATA KW_FAIL {
        $$ = arena_make(p->arena, struct gate_ast); $$->no_data = NO_DATA_FAIL;
        $$->no_data_span = @$; }
    ;
check_opts: %empty          { $$ = arena_make(p->arena, struct check_ast); }
    | check_opts within     { $$ = $1; once(p, $$->within, @2); $$->within = $2; }
    | check_opts every      { $$ = $1; once(p, $$->every, @2); $$->every = $2; }
    | check_opts KW_TIMES INT { $$ = $1; once(p, $$->times, @2); $$->times = token_int($3); }
    ;
within: KW_WITHIN DURATION  { $$ = token_int($2); } ;
every: KW_EVERY DURATION    { $$ = token_int($2); } ;

/* ---- rollouts ----------------------------------------------------------- */

step_block: '{' '}'         { $$ = NULL; }
    | '{' steps '}'         { REVERSE(struct step_ast, $2); $$ = $2; }
    | '{' steps wrong_end   { REVERSE(struct step_ast, $2); $$ = $2; }
    | '{' wrong_end         { $$ = NULL; }
    ;
steps: step_sep | steps step_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } } ;
step_sep: step sep { $$ = $1; $$->span = @1; } | wrong_line { $$ = NULL; } ;
step: KW_BUILD step_opts         { $$ = step_kind(p, $2, STEP_BUILD, @1); }
    | KW_TEST word step_opts     { $$ = step_kind(p, $3, STEP_TEST, @1);
                                   once_span(p, $$->gate.span, @2); $$->gate = word_of($2); }
    | KW_SHIFT PERCENT step_opts { $$ = step_kind(p, $3, STEP_SHIFT, @1);
                                   $$->share = $2.literal->dec; $$->share_span = @2; }
    | KW_APPROVE STRING step_opts { $$ = step_kind(p, $3, STEP_APPROVE, @1); $$->role = $2.text; }
    | KW_BAKE DURATION step_opts { $$ = step_kind(p, $3, STEP_BAKE, @1);
                                   $$->duration = token_int($2); $$->duration_span = @2; }
    | KW_RETIRE step_opts        { $$ = step_kind(p, $2, STEP_RETIRE, @1);
                                   $$->idle_for = $$->duration; $$->duration = 0; }
    | KW_ON KW_FAILURE KW_ROLLBACK step_opts { $$ = step_kind(p, $4, STEP_ON_FAILURE, @1); }
    ;
/* Which of them a step takes is checked by step_kind. */
step_opts: %empty                { $$ = arena_make(p->arena, struct step_ast); }
    | step_opts FOR DURATION     { $$ = $1; once(p, $$->duration, @2); $$->duration = token_int($3);
                                   $$->duration_span = @3; }
    | step_opts KW_WHILE word    { $$ = $1; once_span(p, $$->gate.span, @2); $$->gate = word_of($3); }
    | step_opts within           { $$ = $1; once(p, $$->within, @2); $$->within = $2; }
    | step_opts KW_WHEN expr     { $$ = $1; once(p, $$->cond != NULL, @2); $$->cond = $3; }
    | step_opts KW_AT KW_LATEST DURATION { $$ = $1; once(p, $$->latest, @2);
                                   $$->latest = token_int($4); }
    | step_opts KW_KEEP DURATION { $$ = $1; once(p, $$->keep, @2); $$->keep = token_int($3); }
    | step_opts KW_SIZE KW_FULL  { $$ = $1; once(p, $$->size != NULL, @2); $$->size = "full"; }
    | step_opts KW_HOLD KW_NOTHING { $$ = $1; once(p, $$->hold_nothing, @2);
                                   $$->hold_nothing = true; }
    ;

/* ---- scenarios ---------------------------------------------------------- */

scene_block: '{' '}'        { $$ = NULL; }
    | '{' scenes '}'        { REVERSE(struct scene_ast, $2); $$ = $2; }
    | '{' scenes wrong_end  { REVERSE(struct scene_ast, $2); $$ = $2; }
    | '{' wrong_end         { $$ = NULL; }
    ;
scenes: scene_sep | scenes scene_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } } ;
scene_sep: scene sep { $$ = $1; $$->span = @1; } | wrong_line { $$ = NULL; } ;
scene: KW_LIVE record       { $$ = scene_new(p, SCENE_LIVE); $$->inputs = $2; }
    | KW_EDIT record        { $$ = scene_new(p, SCENE_EDIT); $$->inputs = $2; }
    | KW_LOAD expr          { $$ = scene_new(p, SCENE_LOAD); $$->load = $2; }
    | KW_AT PERCENT faults  { $$ = scene_new(p, SCENE_AT); $$->moment = (struct word){"", @2};
                              $$->share = $2.literal->dec; $$->faults = $3; }
    | KW_AT word faults     { $$ = scene_new(p, SCENE_AT); $$->moment = word_of($2);
                              $$->faults = $3; }
    | KW_EXPECT expr        { $$ = scene_new(p, SCENE_EXPECT); $$->cond = $2; }
    | KW_EXPECT expr within { $$ = scene_new(p, SCENE_EXPECT); $$->cond = $2; $$->within = $3; }
    ;
faults: '{' '}'                 { $$ = NULL; }
    | '{' fault_list '}'        { REVERSE(struct fault_ast, $2); $$ = $2; }
    | '{' fault_list wrong_end  { REVERSE(struct fault_ast, $2); $$ = $2; }
    | '{' wrong_end             { $$ = NULL; }
    ;
fault_list: fault_sep | fault_list fault_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } } ;
fault_sep: fault_target '=' expr sep {
        $$ = arena_make(p->arena, struct fault_ast); $$->target = $1; $$->value = $3;
        $$->span = span_join(@1, @3); }
    | wrong { $$ = NULL; }
    ;
fault_target: word               { $$ = expr_name(p, $1); }
    | fault_target '.' word      { $$ = expr_field(p, $1, $3); }
    | fault_target '[' expr ']'  { $$ = expr_index(p, @$, $1, $3); }
    ;

/* ---- tests -------------------------------------------------------------- */

test_block: '{' '}'         { $$ = NULL; }
    | '{' test_items '}'        { REVERSE(struct test_item, $2); $$ = $2; }
    | '{' test_items wrong_end  { REVERSE(struct test_item, $2); $$ = $2; }
    | '{' wrong_end             { $$ = NULL; }
    ;
test_items: test_sep | test_items test_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } } ;
test_sep: test_item sep { $$ = $1; $$->span = @1; } | wrong_line { $$ = NULL; } ;
test_item: KW_GIVEN record  { $$ = test_new(p, TEST_GIVEN); $$->inputs = $2; }
    | KW_MOCK fault_target '=' expr {
                              $$ = test_new(p, TEST_MOCK); $$->target = $2; $$->value = $4; }
    | KW_EXPECT expr        { $$ = test_new(p, TEST_EXPECT); $$->value = $2; }
    | KW_EXPECT KW_ERROR NAME { $$ = test_new(p, TEST_ERROR); $$->code = word_of($3); }
    | KW_EXPECT KW_ERROR NAME STRING {
                              $$ = test_new(p, TEST_ERROR); $$->code = word_of($3);
                              $$->text = $4.text; $$->text_span = @4; }
    | KW_EXPECT KW_WARNING NAME { $$ = test_new(p, TEST_WARNING); $$->code = word_of($3); }
    | KW_EXPECT KW_WARNING NAME STRING {
                              $$ = test_new(p, TEST_WARNING); $$->code = word_of($3);
                              $$->text = $4.text; $$->text_span = @4; }
    ;

/* ---- type declarations -------------------------------------------------- */

item_block: '{' '}'             { $$ = NULL; }
    | '{' type_items '}'        { REVERSE(struct type_item, $2); $$ = $2; }
    | '{' type_items wrong_end  { REVERSE(struct type_item, $2); $$ = $2; }
    | '{' wrong_end             { $$ = NULL; }
    ;
type_items: type_item_end
    | type_items type_item_end { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } }
    ;
/* A comma inside a call goes on with its list, so a call ends with its line. */
type_item_end: plain_item sep | call_item NEWLINE | wrong_line { $$ = NULL; } ;
plain_item: KW_API word { $$ = item_new(p, ITEM_API, @$, $1); $$->name = word_of($2); }
    | mods word ':' type field_tail {
        $$ = $5; $$->kind = ITEM_FIELD; $$->span = @$; $$->doc = $1.doc; $$->mods = $1.mods;
        $$->name = word_of($2); $$->type = $4; }
    | KW_WAIT expr wait_opts {
        $$ = $3; $$->kind = ITEM_WAIT; $$->span = @$; $$->doc = $1.doc; $$->name = word_of($1);
        $$->cond = $2; }
    | KW_WAIT WAIT_VERB expr wait_opts {
        $$ = $4; $$->kind = ITEM_WAIT; $$->span = @$; $$->doc = $1.doc; $$->name = word_of($1);
        $$->subject = word_of($2); $$->cond = $3; }
    | KW_METRIC word ':' type '=' STRING word record {
        $$ = item_metric(p, @$, $1, $2, $4, $6, $7, $8, NULL); }
    | KW_METRIC word ':' type '=' STRING word record KW_WITH record {
        $$ = item_metric(p, @$, $1, $2, $4, $6, $7, $8, $10); }
    | KW_EXISTING word ':' type_head record {
        $$ = item_record(p, ITEM_EXISTING, @$, $1, $2, $5); item_path($$, $4, false); }
    | KW_EXISTING word ':' KW_SET type_head record {
        $$ = item_record(p, ITEM_EXISTING, @$, $1, $2, $6); item_path($$, $5, true); }
    | KW_PREFLIGHT word record { $$ = item_record(p, ITEM_PREFLIGHT, @$, $1, $2, $3); }
    | KW_QUOTA word record     { $$ = item_record(p, ITEM_QUOTA, @$, $1, $2, $3); }
    | KW_LINT word KW_WHEN expr ':' STRING lint_help {
        $$ = item_lint(p, @$, $1, $2, NULL, $4, $6, $7); }
    | KW_LINT word KW_AT word KW_WHEN expr ':' STRING lint_help {
        $$ = item_lint(p, @$, $1, $2, &$4, $6, $8, $9); }
    | item_word '=' expr {
        $$ = item_new(p, ITEM_SETTING, @$, $1); $$->name = word_of($1); $$->value = $3; }
    | item_word record {
        $$ = item_new(p, ITEM_SETTING, @$, $1); $$->name = word_of($1);
        $$->value = expr_record(p, @2, $2); }
    ;
lint_help: %empty       { $$ = (struct token){0}; }
    | KW_HELP STRING    { $$ = $2; }
    ;
wait_opts: %empty       { $$ = arena_make(p->arena, struct type_item); }
    | wait_opts within  { $$ = $1; once(p, $$->within, @2); $$->within = $2; }
    | wait_opts every   { $$ = $1; once(p, $$->every, @2); $$->every = $2; }
    ;
mods: mod               { $$.mods = $1.mods; $$.doc = $1.doc; }
    | mods mod          { $$.mods = $1.mods | $2.mods; $$.doc = $1.doc; }
    ;
mod: KW_FIELD           { $$.mods = FIELD_PLAIN; $$.doc = $1.doc; }
    | KW_ID             { $$.mods = FIELD_ID; $$.doc = $1.doc; }
    | KW_FIXED          { $$.mods = FIELD_FIXED; $$.doc = $1.doc; }
    | KW_TUNE           { $$.mods = FIELD_TUNE; $$.doc = $1.doc; }
    | KW_LIVE           { $$.mods = FIELD_LIVE; $$.doc = $1.doc; }
    | KW_QUERY          { $$.mods = FIELD_QUERY; $$.doc = $1.doc; }
    | KW_WRITE_ONLY     { $$.mods = FIELD_WRITE_ONLY; $$.doc = $1.doc; }
    | KW_SECRET         { $$.mods = FIELD_SECRET; $$.doc = $1.doc; }
    ;
field_tail: value_for   { $$ = arena_make(p->arena, struct type_item); $$->dflt = $1; }
    | field_tail ARROW wire       { $$ = $1; once(p, $$->put || $$->put_expr, @2); $$->put = $3; }
    | field_tail ARROW braces     { $$ = $1; once(p, $$->put || $$->put_expr, @2);
                                    $$->put_expr = $3; }
    | field_tail FROM_ARROW wire  { $$ = $1; once(p, $$->get || $$->get_expr, @2); $$->get = $3; }
    | field_tail FROM_ARROW get   { $$ = $1; once(p, $$->get || $$->get_expr, @2);
                                    $$->get_expr = $3; }
    | field_tail KW_VIA word      { $$ = $1; once_span(p, $$->codec.span, @2);
                                    $$->codec = word_of($3); }
    | field_tail KW_VIA word '(' args ')' {
                                    $$ = $1; once_span(p, $$->codec.span, @2);
                                    $$->codec = word_of($3); $$->codec_args = $5; }
    | field_tail KW_DEPRECATED STRING {
                                    $$ = $1; once(p, $$->deprecated != NULL, @2);
                                    $$->deprecated = $3.text; }
    | field_tail KW_DEPRECATED KW_USE word {
                                    $$ = $1; once(p, $$->deprecated != NULL, @2);
                                    $$->deprecated = ""; $$->instead = word_of($4); }
    | field_tail KW_DEPRECATED KW_USE word STRING {
                                    $$ = $1; once(p, $$->deprecated != NULL, @2);
                                    $$->deprecated = $5.text; $$->instead = word_of($4); }
    ;
/* Not a plain path: a record, a call, or any expression in parentheses. */
get: braces
    | '(' expr ')'      { $$ = $2; }
    | word '(' args ')' { $$ = expr_call(p, @$, expr_name(p, $1), $3); }
    ;
wire: wire_steps            { $$ = wire_end($1, @$); } ;
wire_steps: word            { $$ = arena_make(p->arena, struct wire_path);
                              wire_push(p, $$)->member = $1.text; }
    | wire_steps '.' word   { $$ = $1; wire_push(p, $$)->member = $3.text; }
    | wire_steps '[' INT ']' { $$ = $1; struct wire_step *s = wire_select(p, $$, @2); s->indexed = true;
                              s->index = token_int($3); }
    | wire_steps '[' ']'    { $$ = $1; wire_select(p, $$, @2)->each = true; }
    | wire_steps '{' word '=' STRING sep '}' { $$ = $1; struct wire_step *s = wire_select(p, $$, @2);
                              s->key_member = $3.text; s->key_value = $5.text; }
    | wire_steps '{' word '=' word sep '}' { $$ = $1; struct wire_step *s = wire_select(p, $$, @2);
                              s->key_member = $3.text; s->key_value = $5.text;
                              s->key_bound = true; }
    | wire_steps '{' wrong_end { $$ = $1; }
    ;

call_item: call clauses { $$ = call_end(p, $1, $2, @$); } ;
call: verb word record  { $$ = call_new(p, $1, NULL, NULL, $2, $3); }
    | verb subjects word record { $$ = call_new(p, $1, NULL, $2, $3, $4); }
    | KW_BEFORE verb word record { $$ = call_new(p, $2, &$1, NULL, $3, $4); }
    | KW_AFTER verb word record { $$ = call_new(p, $2, &$1, NULL, $3, $4); }
    | KW_BEFORE verb subjects word record { $$ = call_new(p, $2, &$1, $3, $4, $5); }
    | KW_AFTER verb subjects word record { $$ = call_new(p, $2, &$1, $3, $4, $5); }
    ;
verb: NAME | KW_CREATE | KW_FIND | KW_READ | KW_LOOKUP | KW_UPDATE | KW_DELETE ;
subjects: subject
    | subjects ITEM_COMMA subject { $$ = subject_merge(p, $1, $3); }
    ;
subject: word           { $$ = subject_new(p, $1, NULL); }
    | word '.' word     { $$ = subject_new(p, $1, &$3); }
    ;
clauses: %empty                 { $$ = arena_make(p->arena, struct type_item); }
    | clauses ARROW wire        { $$ = $1; once(p, $$->result != NULL, @2); $$->result = $3; }
    | clauses KW_WHERE expr     { $$ = $1; once(p, $$->where != NULL, @2); $$->where = $3; }
    | clauses KW_TOKEN path     { $$ = $1; once(p, $$->token != NULL, @2); $$->token = $3.text; }
    | clauses KW_BATCH INT      { $$ = $1; once(p, $$->batch, @2); $$->batch = token_int($3); }
    | clauses absent            { $$ = $1; }
    | clauses adopt             { $$ = $1; }
    | clauses KW_RETRY retries  { $$ = $1; once(p, $$->retries != NULL, @2); $$->retries = $3;
                                  REVERSE(struct retry_ast, $$->retries); }
    ;
/* The list goes straight to the clauses that stand before it on the stack. */
absent: KW_ABSENT code          { vec_push(p->arena, &$<item>0->absent, $2.text); }
    | absent ITEM_COMMA code    { vec_push(p->arena, &$<item>0->absent, $3.text); }
    ;
adopt: KW_ADOPT code            { vec_push(p->arena, &$<item>0->adopt, $2.text); }
    | adopt ITEM_COMMA code     { vec_push(p->arena, &$<item>0->adopt, $3.text); }
    ;
code: path | STRING ;
retries: retry | retries ITEM_COMMA retry { $3->next = $1; $$ = $3; } ;
retry: code FOR DURATION        { $$ = arena_make(p->arena, struct retry_ast); $$->code = $1.text;
                                  $$->budget = token_int($3); }
    | code REGEX FOR DURATION   { $$ = arena_make(p->arena, struct retry_ast); $$->code = $1.text;
                                  $$->pattern = $2.text; $$->budget = token_int($4); }
    ;

/* ---- expressions -------------------------------------------------------- */

expr: IF expr THEN expr ELSE expr %prec IFX { $$ = expr_if(p, @$, $2, $4, $6); }
    | expr "??" expr    { $$ = expr_binary(p, OP_COALESCE, @2, $1, $3); }
    | expr "or" expr    { $$ = expr_binary(p, OP_OR, @2, $1, $3); }
    | expr "and" expr   { $$ = expr_binary(p, OP_AND, @2, $1, $3); }
    | "not" expr        { $$ = expr_unary(p, OP_NOT, @1, $2); }
    | expr "==" expr    { $$ = expr_binary(p, OP_EQ, @2, $1, $3); }
    | expr "!=" expr    { $$ = expr_binary(p, OP_NE, @2, $1, $3); }
    | expr '<' expr     { $$ = expr_binary(p, OP_LT, @2, $1, $3); }
    | expr '>' expr     { $$ = expr_binary(p, OP_GT, @2, $1, $3); }
    | expr "<=" expr    { $$ = expr_binary(p, OP_LE, @2, $1, $3); }
    | expr ">=" expr    { $$ = expr_binary(p, OP_GE, @2, $1, $3); }
    | expr ".." expr    { $$ = expr_binary(p, OP_RANGE, @2, $1, $3); }
    | expr '+' expr     { $$ = expr_binary(p, OP_ADD, @2, $1, $3); }
    | expr '-' expr     { $$ = expr_binary(p, OP_SUB, @2, $1, $3); }
    | expr '*' expr     { $$ = expr_binary(p, OP_MUL, @2, $1, $3); }
    | expr '/' expr     { $$ = expr_binary(p, OP_DIV, @2, $1, $3); }
    | '-' expr %prec NEG { $$ = expr_unary(p, OP_NEG, @1, $2); }
    | expr '.' word         { $$ = expr_field(p, $1, $3); }
    | expr '(' args ')'     { $$ = expr_call(p, @$, $1, $3); }
    | expr '[' expr ']'     { $$ = expr_index(p, @$, $1, $3); }
    | word                  { $$ = expr_name(p, $1); }
    | literal               { $$ = expr_literal(p, $1); }
    | TRUE                  { $$ = expr_constant(p, value_bool(p->arena, true), @$); }
    | FALSE                 { $$ = expr_constant(p, value_bool(p->arena, false), @$); }
    | NONE                  { $$ = expr_constant(p, value_none(p->arena), @$); }
    | HEAD expr middles TAIL { $$ = expr_template(p, @$, $1, $2, $3, $4); }
    | '(' expr ')'          { $$ = expr_group(p, @$, $2); }
    | '[' ']'               { $$ = expr_new(p, EXPR_LIST, @$); }
    | '[' elements ']'      { $$ = expr_list(p, @$, $2); }
    | '[' elements ',' ']'  { $$ = expr_list(p, @$, $2); }
    | '[' loop ':' expr ']' { $$ = expr_for(p, @$, $2, NULL, $4); }
    | braces
    ;
literal: STRING | REGEX | INT | NUMBER | DURATION | PERCENT | SIZE | RATE | CIDR ;
middles: %empty             { $$ = NULL; }
    | middles MIDDLE expr   { $$ = part_expr(p, part_text(p, $1, $2), $3); }
    ;
elements: expr              { $$ = arg_new(p, NULL, NULL, $1); }
    | elements ',' expr     { $$ = arg_new(p, NULL, NULL, $3); $$->next = $1; }
    ;
loop: FOR word IN expr          { $$ = loop_new(p, $2, NULL, $4, NULL); }
    | FOR word IN expr IF expr  { $$ = loop_new(p, $2, NULL, $4, $6); }
    | FOR word comma word IN expr { $$ = loop_new(p, $2, &$4, $6, NULL); }
    | FOR word comma word IN expr IF expr { $$ = loop_new(p, $2, &$4, $6, $8); }
    ;
comma: ',' | ITEM_COMMA ;
braces: '{' '}'             { $$ = expr_record(p, @$, NULL); }
    | '{' items '}'         { $$ = expr_braces(p, @$, $2); }
    | '{' items wrong_end   { $$ = expr_new(p, EXPR_ERROR, @$); }
    | '{' wrong_end         { $$ = expr_new(p, EXPR_ERROR, @$); }
    | '{' loop ':' expr FAT expr '}'     { $$ = expr_for(p, @$, $2, $4, $6); }
    | '{' loop ':' expr FAT expr sep '}' { $$ = expr_for(p, @$, $2, $4, $6); }
    ;
items: item_sep | items item_sep { $$ = $1; if ($2) { $2->next = $1; $$ = $2; } } ;
item_sep: item sep | wrong { $$ = NULL; } ;
item: word '=' expr         { $$ = arg_new(p, &$1, NULL, $3); }
    | expr FAT expr         { $$ = arg_new(p, NULL, $1, $3); }
    ;
args: %empty                { $$ = NULL; }
    | arg_list              { REVERSE(struct arg, $1); $$ = $1; }
    | arg_list ','          { REVERSE(struct arg, $1); $$ = $1; }
    ;
arg_list: arg | arg_list ',' arg { $3->next = $1; $$ = $3; } ;
arg: expr                   { $$ = arg_new(p, NULL, NULL, $1); }
    | word '=' expr         { $$ = arg_new(p, &$1, NULL, $3); }
    | word FAT expr         { $$ = arg_new(p, NULL, NULL, expr_lambda(p, @$, $1, $3)); }
    ;

%%

/* The grammar's names of what would have fitted go to mistake.c as text, for
 * symbol numbers are known only here. */
static int yyreport_syntax_error(const yypcontext_t *context, struct parser *p)
{
    yysymbol_kind_t symbols[YYNTOKENS];
    const char *names[YYNTOKENS];
    struct span at = *yypcontext_location(context);
    if (p->fatal)
        return 0;
    int n = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    if (n < 0)
        return n;
    for (int i = 0; i < n; i++)
        names[i] = yysymbol_name(symbols[i]);
    mistake_report(p, p->last[0].kind, at, names, (size_t)n);
    panic_begin(p, p->last[0].kind, at);
    return 0;
}

/* Only bison's own failures come here: its stack is full. */
static void bgerror(struct span *at, struct parser *p, const char *message)
{
    (void)message;
    if (!p->fatal && !p->unbalanced)
        too_deep(p, *at);
}
