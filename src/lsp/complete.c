/* Completion: what may stand at the cursor. This file knows words and items;
 * complete_value.c knows values and types, complete_from.c pages and files. */
#include <string.h>
#include <strings.h>

#include "lsp/fields.h"
#include "lsp/offers.h"

enum { OFFERS_MAX = 600 };

void offer(struct offers *o, const struct offer *what)
{
    struct request *r = o->s->r;
    size_t n = json_array_size(o->items);
    if (n >= OFFERS_MAX) {
        const char *typed = r->text->at + o->start;
        size_t len = r->offset > o->start ? r->offset - o->start : 0;
        o->more = true;
        if (n >= 2 * OFFERS_MAX || strncasecmp(what->label, typed, len) != 0)
            return;
    }
    bool snippet = what->snippet && r->ws->client.snippets;
    const char *text = snippet ? what->snippet : what->insert ? what->insert : what->label;
    json_t *one = json_pack("{s:o, s:i, s:o, s:{s:o, s:o}}", "label",
                            json_text(what->label, strlen(what->label)), "kind", what->kind,
                            "sortText",
                            json_string(arena_printf(r->a, "%d%04zu", what->rank, n)), "textEdit",
                            "range", range_json(r->text, o->start, o->end), "newText",
                            json_text(text, strlen(text)));
    if (what->detail)
        json_object_set_new(one, "detail", json_text(what->detail, strlen(what->detail)));
    if (what->doc)
        json_object_set_new(one, "documentation", markup_json(r, what->doc));
    if (snippet)
        json_object_set_new(one, "insertTextFormat", json_integer(2));
    json_array_append_new(o->items, one);
}

/* ---- words ----------------------------------------------------------- */

enum {
    IN_FILE = 1 << BODY_ROOT,
    IN_SHARED = 1 << BODY_SHARED,
    IN_WORLD = 1 << BODY_WORLD,
    IN_MODULE = 1 << BODY_MODULE,
    IN_TEST = 1 << BODY_TEST,
    IN_GATE = 1 << BODY_GATE,
    IN_ROLLOUT = 1 << BODY_ROLLOUT,
    IN_SCENARIO = 1 << BODY_SCENARIO,
    IN_TYPE = 1 << BODY_TYPE,
    IN_BODIES = IN_SHARED | IN_WORLD | IN_MODULE,
};

/* What an item may begin with, and what it looks like. */
static const struct {
    const char *word, *snippet, *doc;
    unsigned in;
} words[] = {
    {"stack", "stack ${1:name} {\n  region = \"${2:eu-west-1}\"\n}",
     "The unit of plan, apply and lock: one per root file.", IN_FILE},
    {"account", "account ${1:name} { role = \"${2:arn:aws:iam::123456789012:role/bgc}\" }",
     "Another account or region to act in.", IN_FILE},
    {"use", "use ${1:std.network}", "Imports a module of the library, or another file.", IN_FILE},
    {"input", "input ${1:name}: ${2:string}", "A value that is given from outside.", IN_FILE},
    {"let", "let ${1:name} = $0", "A value with a name.", IN_FILE | IN_BODIES},
    {"output", "output ${1:name} = $0", "A value that is shown after apply.", IN_FILE},
    {"out", "out ${1:name} = $0", "What a module gives to who uses it.", IN_MODULE},
    {"assert", "assert ${1:condition}: \"${2:message}\"", "What must hold, or nothing is done.",
     IN_FILE | IN_BODIES},
    {"fn", "fn ${1:name}(${2:a: int}): ${3:int} = $0", "A pure function.", IN_FILE},
    {"module", "module ${1:name}(${2:vpc: ref ec2.vpc}) {\n  $0\n}",
     "Resources that are made together, with parameters.", IN_FILE},
    {"shared", "shared {\n  $0\n}", "What there is one of, reconciled in place.", IN_FILE},
    {"world", "world ${1:web} {\n  $0\n}",
     "What exists once per colour, and is never changed once it exists.", IN_FILE},
    {"traffic", "traffic ${1:web}: ${2:route53.weighted} { $0 }",
     "How requests reach a world; the only thing that spans colours.", IN_FILE},
    {"gate", "gate ${1:name} {\n  every ${2:30s} no_data ${3|hold,fail|}\n  check ${4:errors}: $0\n}",
     "Evidence that a step of a rollout asks for.", IN_FILE},
    {"rollout", "rollout ${1:web} {\n  test   ${2:ready}\n  shift  10% for ${3:15m} while ${4:steady}\n"
                "  shift  100% for ${3:15m} while ${5:settled}\n  bake   ${6:24h} while ${5:settled}\n"
                "  on failure rollback within ${7:60s} keep ${8:2h}\n}",
     "The schedule: how traffic moves to a new world, step by step.", IN_FILE},
    {"scenario", "scenario \"${1:title}\" {\n  live   { $2 }\n  load   ${3:200/s}\n"
                 "  expect outcome == \"${4|applied,rolled_back,unchanged,paused,failed|}\"\n}",
     "A rehearsal, run by `bgc test` in a simulated account.", IN_FILE},
    {"test", "test \"${1:title}\" {\n  given  { $2 }\n  expect $0\n}",
     "A test of the program's values, without an account.", IN_FILE},
    {"moved", "moved ${1:web.old} -> ${2:web.new}", "A rename that builds nothing anew.", IN_FILE},
    {"adopt", "adopt ${1:web.name} = \"${2:id}\"", "Takes ownership of what is there.", IN_FILE},
    {"type", NULL, "A type of values, or a mapping to AWS.", IN_FILE},
    {"service", NULL, "How a service of AWS is spoken to.", IN_FILE},
    {"resource", "resource ${1:name}: ${2:type} {\n  $0\n}",
     "Something in the account that this stack owns.", IN_BODIES},
    {"existing", "existing ${1:name}: ${2:type} { $0 }",
     "Something in the account that this stack does not own, found by a query.", IN_BODIES},
    {"entry", "entry $0", "What traffic reaches.", IN_WORLD},
    {"every", "every ${1:30s} no_data ${2|hold,fail|}", "How often the checks are looked at.", IN_GATE},
    {"tolerate", "tolerate ${1:1}", "How many rounds may fail in a row.", IN_GATE},
    {"no_data", "no_data ${1|hold,fail|}", "What it means that there is no data.", IN_GATE},
    {"check", "check ${1:name}: $0", "A condition over measurements.", IN_GATE},
    {"build", "build  while ${1:calm}", "Build the new world, while a gate holds.", IN_ROLLOUT},
    {"test", "test   ${1:ready}", "A gate that must pass before there is any traffic.", IN_ROLLOUT},
    {"shift", "shift  ${1:50%} for ${2:20m} while ${3:steady}",
     "Give the new world this share, and watch.", IN_ROLLOUT},
    {"approve", "approve \"${1:release manager}\" within ${2:4h}", "Wait until somebody agrees.",
     IN_ROLLOUT},
    {"bake", "bake   ${1:24h} while ${2:settled}", "Keep the old world that long, and watch.",
     IN_ROLLOUT},
    {"retire", "retire when requests < ${1:0.1/s} for ${2:1h} at latest ${3:72h}",
     "Remove the old world when nobody asks it anything.", IN_ROLLOUT},
    {"on failure", "on failure rollback within ${1:60s} keep ${2:2h}",
     "What happens when a gate fails.", IN_ROLLOUT},
    {"live", "live   { $0 }", "The inputs of the world that serves at the start.", IN_SCENARIO},
    {"edit", "edit   { $0 }", "The inputs are edited during the bake.", IN_SCENARIO},
    {"load", "load   ${1:200/s}", "The requests that users send.", IN_SCENARIO},
    {"at", "at ${1:50%} { $0 }", "What breaks at a step.", IN_SCENARIO},
    {"expect", "expect $0", "What must hold at the end.", IN_SCENARIO | IN_TEST},
    {"given", "given  { $0 }", "The values of inputs.", IN_TEST},
    {"mock", "mock ${1:net.vpc} = { $0 }", "What the account would answer.", IN_TEST},
    {"api", NULL, "The service that the type belongs to.", IN_TYPE},
    {"id", NULL, "The field that AWS calls the resource by.", IN_TYPE},
    {"field", "field ${1:name}: ${2:string} -> $0", "A field; a change in a world means a new world.",
     IN_TYPE},
    {"fixed", "fixed ${1:name}: ${2:string} -> $0", "A field whose change means replacement.", IN_TYPE},
    {"tune", "tune  ${1:name}: ${2:int} -> $0", "A field that is changed in place.", IN_TYPE},
    {"live", "live  ${1:name}: ${2:string} <- $0", "A field that AWS owns.", IN_TYPE},
    {"query", NULL, "A field that stands only in the query of an `existing`.", IN_TYPE},
    {"metric", NULL, "A metric of CloudWatch.", IN_TYPE},
    {"create", NULL, "The call that makes it.", IN_TYPE},
    {"find", NULL, "The call that finds what is ours.", IN_TYPE},
    {"read", NULL, "The call that reads it.", IN_TYPE},
    {"lookup", NULL, "The call that an `existing` is found by.", IN_TYPE},
    {"update", NULL, "The call that changes fields.", IN_TYPE},
    {"delete", NULL, "The call that removes it.", IN_TYPE},
    {"wait", NULL, "What is waited for.", IN_TYPE},
};

static void offer_words(struct offers *o, enum body body)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].in & 1u << body)
            offer(o, &(struct offer){.label = words[i].word,
                                     .kind = ITEM_KIND_KEYWORD,
                                     .doc = words[i].doc,
                                     .snippet = words[i].snippet,
                                     .rank = RANK_WANTED});
}

/* `all` is "word word word": each follows what stands before the cursor. */
static void offer_plain(struct offers *o, const char *all, enum item_kind kind)
{
    while (*all) {
        size_t n = strcspn(all, ",");
        offer(o, &(struct offer){.label = arena_strndup(o->s->r->a, all, n),
                                 .kind = kind,
                                 .rank = RANK_FITS});
        all += n + (all[n] == ',');
    }
}

/* ---- fields ---------------------------------------------------------- */

/* Whether the innermost braces hold `NAME =` already, but not at the cursor. */
static bool written(const struct spot *s, const char *name)
{
    size_t depth = 0;
    bool fresh = true; /* an item begins */
    size_t open = spot_frame(s)->open;
    for (size_t i = s->frames.n > 1 ? open + 1 : 0; i + 1 < s->n; i++) {
        const struct scan_token t = s->t[i];
        if (t.kind == SCAN_MARK && strchr("{([", t.mark)) {
            depth++;
        } else if (t.kind == SCAN_MARK && strchr("})]", t.mark)) {
            if (!depth--)
                return false;
        } else if (t.kind == SCAN_HEAD) {
            depth++;
        } else if (t.kind == SCAN_TAIL && depth) {
            depth--;
        }
        if (!depth && fresh && t.span.start != s->start && token_is(t, name) &&
            s->t[i + 1].kind == SCAN_MARK && s->t[i + 1].mark == '=')
            return true;
        fresh = t.kind == SCAN_NEWLINE || (t.kind == SCAN_MARK && t.mark == ',');
    }
    return false;
}

/* Whether `=` stands behind the word at the cursor already. */
static bool has_value(const struct spot *s)
{
    for (size_t i = s->at; i < s->n; i++)
        if (s->t[i].span.start >= s->end)
            return s->t[i].kind == SCAN_MARK && s->t[i].mark == '=';
    return false;
}

static const char *snippet_of(struct request *r, const char *name, const struct type *t)
{
    while (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET)
        t = t->elem;
    const char *value = t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET ? "[$0]"
                        : t->kind == TYPE_K_RECORD                      ? "{ $0 }"
                        : t->kind == TYPE_K_STRING && !t->literal       ? "\"$0\""
                                                                        : "$0";
    return arena_printf(r->a, "%s = %s", name, value);
}

static void offer_field(struct offers *o, const struct type_member *m)
{
    struct request *r = o->s->r;
    bool needed = !m->dflt && m->type->kind != TYPE_K_OPTION, has = has_value(o->s);
    if (written(o->s, m->name))
        return;
    const char *doc = m->item && o->s->kind ? describe_item(r, o->s->kind, m->item) : m->doc;
    offer(o, &(struct offer){
                 .label = m->name,
                 .kind = ITEM_KIND_FIELD,
                 .detail = arena_printf(r->a, "%s%s", type_text(r->a, m->type),
                                        needed ? " (required)" : ""),
                 .doc = doc,
                 .insert = has ? m->name : arena_printf(r->a, "%s = ", m->name),
                 .snippet = has ? NULL : snippet_of(r, m->name, m->type),
                 .rank = needed ? RANK_WANTED : RANK_FITS});
}

static void offer_settings(struct offers *o)
{
    const struct spot *s = o->s;
    enum decl_kind kind = token_is(s->t[spot_frame(s)->head], "stack") ? DECL_STACK : DECL_ACCOUNT;
    size_t n;
    const char *const *names = setting_names(kind, &n);
    for (size_t i = 0; i < n; i++)
        if (!written(s, names[i]))
            offer(o, &(struct offer){.label = names[i],
                                     .kind = ITEM_KIND_FIELD,
                                     .doc = setting_doc(kind, names[i]),
                                     .insert = has_value(s) ? names[i]
                                                            : arena_printf(s->r->a, "%s = ", names[i]),
                                     .rank = RANK_WANTED});
}

static void offer_inputs(struct offers *o)
{
    struct program *p = o->s->r->an->program;
    for (size_t i = 0; i < p->inputs.n; i++) {
        const struct decl *d = p->inputs.at[i];
        if (!d->name.text || written(o->s, d->name.text))
            continue;
        const struct type *t = type_resolve(p, p->root, d->type);
        offer(o, &(struct offer){.label = d->name.text,
                                 .kind = ITEM_KIND_FIELD,
                                 .detail = type_text(o->s->r->a, t),
                                 .doc = d->doc,
                                 .insert = has_value(o->s)
                                               ? d->name.text
                                               : arena_printf(o->s->r->a, "%s = ", d->name.text),
                                 .rank = RANK_WANTED});
    }
}

/* ---- items ----------------------------------------------------------- */

void offer_declared(struct offers *o, const struct decl *const *at, size_t n, enum item_kind kind,
                    const char *detail)
{
    for (size_t i = 0; i < n; i++)
        if (at[i]->name.text)
            offer(o, &(struct offer){.label = at[i]->name.text,
                                     .kind = kind,
                                     .detail = detail,
                                     .doc = at[i]->doc,
                                     .rank = RANK_WANTED});
}

static void offer_worlds(struct offers *o)
{
    const struct program *p = o->s->r->an->program;
    offer_declared(o, p->worlds.at, p->worlds.n, ITEM_KIND_MODULE, "world");
}

static void offer_gates(struct offers *o)
{
    const struct program *p = o->s->r->an->program;
    offer_declared(o, p->gates.at, p->gates.n, ITEM_KIND_EVENT, "gate");
}

static void offer_addresses(struct offers *o)
{
    const struct program *p = o->s->r->an->program;
    o->start = o->s->at && spot_path(o->s, o->s->at) < o->s->at
                   ? o->s->t[spot_path(o->s, o->s->at)].span.start
                   : o->s->start;
    for (size_t w = 0; w <= p->worlds.n; w++) {
        const char *name = w < p->worlds.n ? p->worlds.at[w]->name.text : "shared";
        const struct symbol *y = w < p->worlds.n ? map_find(&p->root->symbols, name) : NULL;
        const struct scope *body = w < p->worlds.n ? (y ? y->body : NULL) : p->root->shared;
        for (size_t i = 0; body && i < body->symbols.n; i++) {
            const struct symbol *in = body->symbols.entries[i].value;
            if (in->decl->kind == DECL_RESOURCE || in->decl->kind == DECL_EXISTING)
                offer(o, &(struct offer){
                             .label = arena_printf(o->s->r->a, "%s.%s", name, in->name),
                             .kind = ITEM_KIND_REFERENCE,
                             .detail = in->decl->path,
                             .rank = RANK_WANTED});
        }
    }
}

/* What stands between the colon of a declaration and the cursor. */
static bool type_position(const struct spot *s, size_t *colon)
{
    const struct source *src = sources_find(&s->r->an->sources, (struct span){s->r->file, 0, 0});
    for (size_t i = spot_frame(s)->item; i < s->at; i++)
        if (token_mark(s->t[i], src, ":")) {
            *colon = i;
            return true;
        }
    return false;
}

static void complete_declaration(struct offers *o)
{
    struct spot *s = o->s;
    const struct program *p = s->r->an->program;
    const struct scan_token first = spot_lead(s, 0);
    size_t n = spot_leads(s), colon = 0;
    bool resource = token_is(first, "resource"), existing = token_is(first, "existing");
    if (!n) {
        offer_words(o, spot_frame(s)->body);
    } else if (s->value) {
        offer_values(o);
    } else if ((resource || existing) && type_position(s, &colon)) {
        size_t path = spot_path(s, s->at);
        size_t from = colon + 1;
        if (existing && from < s->at && token_is(s->t[from], "set"))
            from++;
        bool dotted = s->at > path && s->t[s->at - 1].kind == SCAN_MARK;
        if (token_is(s->t[s->at - 1], "in"))
            offer_declared(o, p->accounts.at, p->accounts.n, ITEM_KIND_MODULE, "account");
        else if (from >= s->at || (path <= from && dotted))
            offer_resource_types(o, existing);
        else
            offer_plain(o, "in,when", ITEM_KIND_KEYWORD);
    } else if (token_is(first, "input") || token_is(first, "fn") || token_is(first, "module") ||
               token_is(first, "type")) {
        offer_types(o);
    } else if (token_is(first, "traffic") && type_position(s, &colon)) {
        offer_types(o);
    } else if ((token_is(first, "traffic") || token_is(first, "rollout")) && n == 1) {
        offer_worlds(o);
    } else if (token_is(first, "moved") || token_is(first, "adopt")) {
        offer_addresses(o);
    }
}

static void complete_step(struct offers *o)
{
    struct spot *s = o->s;
    const struct scan_token first = spot_lead(s, 0);
    size_t n = spot_leads(s);
    const struct scan_token last = n ? spot_lead(s, n - 1) : first;
    if (!n)
        offer_words(o, BODY_ROLLOUT);
    else if (token_is(last, "while") || (token_is(last, "test") && n == 1))
        offer_gates(o);
    else if (s->value)
        offer_values(o);
    else if (token_is(first, "shift"))
        offer_plain(o, "for,while,size full", ITEM_KIND_KEYWORD);
    else if (token_is(first, "retire"))
        offer_plain(o, "when,for,at latest", ITEM_KIND_KEYWORD);
    else if (token_is(first, "approve"))
        offer_plain(o, "within,while", ITEM_KIND_KEYWORD);
    else if (token_is(first, "on"))
        offer_plain(o, n == 1 ? "failure" : "rollback,within,keep", ITEM_KIND_KEYWORD);
    else
        offer_plain(o, "while,hold nothing", ITEM_KIND_KEYWORD);
}

static void complete_gate(struct offers *o)
{
    struct spot *s = o->s;
    size_t n = spot_leads(s);
    const struct scan_token last = n ? spot_lead(s, n - 1) : (struct scan_token){0};
    if (!n)
        offer_words(o, BODY_GATE);
    else if (token_is(last, "no_data"))
        offer_plain(o, "hold,fail", ITEM_KIND_KEYWORD);
    else if (!s->value)
        offer_plain(o, "every,tolerate,no_data", ITEM_KIND_KEYWORD);
    else if (n > 3 && (last.kind == SCAN_NUMBER || (last.kind == SCAN_MARK && last.mark == ')')))
        offer_plain(o, "within,every,times,and,or", ITEM_KIND_KEYWORD);
    else
        offer_values(o);
}

static void complete_scene(struct offers *o)
{
    struct spot *s = o->s;
    if (!spot_leads(s))
        offer_words(o, BODY_SCENARIO);
    else if (token_is(spot_lead(s, 0), "at"))
        offer_plain(o, "build,test,approve,bake,retire,rollback", ITEM_KIND_EVENT);
    else if (s->value)
        offer_values(o);
}

static void complete_fields(struct offers *o)
{
    struct spot *s = o->s;
    if (s->value) {
        offer_values(o);
        return;
    }
    if (spot_frame(s)->body == BODY_SETTINGS)
        offer_settings(o);
    for (size_t i = 0; s->fields && i < s->fields->fields.n; i++)
        if (!spot_leads(s))
            offer_field(o, &s->fields->fields.at[i]);
    if (!s->fields && spot_frame(s)->body == BODY_RECORD)
        offer_values(o);
}

static void complete(struct offers *o)
{
    struct spot *s = o->s;
    const struct source *src = sources_find(&s->r->an->sources, (struct span){s->r->file, 0, 0});
    bool member = s->at && token_mark(s->t[s->at - 1], src, ".") && !s->in_text;
    if (member && s->value) {
        offer_members(o);
        return;
    }
    if (offer_allow(o) || offer_imports(o) || (s->in_text && !s->value))
        return;
    switch (spot_frame(s)->body) {
    case BODY_ROOT:
    case BODY_SHARED:
    case BODY_WORLD:
    case BODY_MODULE: complete_declaration(o); break;
    case BODY_TEST:
        if (!spot_leads(s))
            offer_words(o, BODY_TEST);
        else
            offer_values(o);
        break;
    case BODY_SETTINGS:
    case BODY_RESOURCE:
    case BODY_RECORD: complete_fields(o); break;
    case BODY_GATE: complete_gate(o); break;
    case BODY_ROLLOUT: complete_step(o); break;
    case BODY_SCENARIO: complete_scene(o); break;
    case BODY_INPUTS:
        if (s->value)
            offer_values(o);
        else if (!spot_leads(s))
            offer_inputs(o);
        break;
    case BODY_TYPE:
        if (!spot_leads(s))
            offer_words(o, BODY_TYPE);
        else
            offer_types(o);
        break;
    case BODY_PARAMS:
        if (spot_leads(s) > 1)
            offer_types(o);
        break;
    case BODY_FAULTS:
    case BODY_LIST:
    case BODY_CALL:
    case BODY_TEXT: offer_values(o); break;
    }
}

json_t *feature_completion(struct request *r)
{
    struct spot s;
    struct quiet q;
    analysis_quiet(r->an, &q);
    spot_find(r, &s);
    struct offers o = {.s = &s, .start = s.start, .end = s.end, .items = json_array()};
    if (!s.nowhere)
        complete(&o);
    analysis_loud(r->an, &q);
    return json_pack("{s:b, s:o}", "isIncomplete", o.more, "items", o.items);
}
