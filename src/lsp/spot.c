#include "lsp/fields.h"
#include "lsp/spot.h"

#include <string.h>

#include "lang/parse.h"

static const struct source *source_of(const struct spot *s)
{
    return sources_find(&s->r->an->sources, (struct span){s->r->file, 0, 0});
}

bool token_is(struct scan_token t, const char *word)
{
    return (t.kind == SCAN_WORD || t.kind == SCAN_KEYWORD) && t.text && !strcmp(t.text, word);
}

bool token_mark(struct scan_token t, const struct source *src, const char *mark)
{
    size_t n = strlen(mark);
    return t.kind == SCAN_MARK && t.span.end - t.span.start == n &&
           !memcmp(src->text + t.span.start, mark, n);
}

const struct frame_of *spot_frame(const struct spot *s)
{
    return &s->frames.at[s->frames.n - 1];
}

/* Token k of those that begin at `from`; comments and line ends are skipped. */
static struct scan_token lead_of(const struct spot *s, size_t from, size_t to, size_t k)
{
    for (size_t i = from; i < to; i++)
        if (s->t[i].kind != SCAN_NEWLINE && s->t[i].kind != SCAN_COMMENT && !k--)
            return s->t[i];
    return (struct scan_token){.kind = SCAN_END};
}

struct scan_token spot_lead(const struct spot *s, size_t k)
{
    return lead_of(s, spot_frame(s)->item, s->at, k);
}

size_t spot_leads(const struct spot *s)
{
    size_t n = 0;
    for (size_t i = spot_frame(s)->item; i < s->at; i++)
        n += s->t[i].kind != SCAN_NEWLINE && s->t[i].kind != SCAN_COMMENT;
    return n;
}

const char *spot_text(const struct spot *s, size_t from, size_t to)
{
    if (from >= to)
        return "";
    uint32_t a = s->t[from].span.start, b = s->t[to - 1].span.end;
    return arena_strndup(s->r->a, source_of(s)->text + a, b - a);
}

/* ---- brackets -------------------------------------------------------- */

static size_t indent_of(const struct source *src, size_t at)
{
    size_t line = at, n = 0;
    while (line && src->text[line - 1] != '\n')
        line--;
    while (src->text[line + n] == ' ' || src->text[line + n] == '\t')
        n++;
    return n;
}

static bool first_of_line(const struct spot *s, size_t i)
{
    return !i || s->t[i - 1].kind == SCAN_NEWLINE;
}

static bool declares(const struct spot *s, size_t i)
{
    size_t n;
    const char *const *words = scan_declarations(&n);
    const struct scan_token next = i + 1 < s->n ? s->t[i + 1] : (struct scan_token){0};
    bool follows = next.kind == SCAN_WORD || next.kind == SCAN_STRING ||
                   (next.kind == SCAN_MARK && next.mark == '{');
    for (size_t k = 0; follows && k < n; k++)
        if (token_is(s->t[i], words[k]))
            return true;
    return false;
}

/* A declaration that begins no further in than the line of an open bracket is not
 * in it: the bracket was not closed yet. */
static void leave_unclosed(struct spot *s, size_t i)
{
    const struct source *src = source_of(s);
    while (s->frames.n > 1 && first_of_line(s, i) && declares(s, i) &&
           indent_of(src, s->t[i].span.start) <=
               indent_of(src, s->t[spot_frame(s)->open].span.start)) {
        s->frames.n--;
        s->frames.at[s->frames.n - 1].item = i;
    }
}

static enum body body_of(const struct spot *s, size_t head, size_t open)
{
    static const struct {
        const char *word;
        enum body body;
    } words[] = {
        {"stack", BODY_SETTINGS},   {"account", BODY_SETTINGS},   {"shared", BODY_SHARED},
        {"world", BODY_WORLD},      {"module", BODY_MODULE},      {"resource", BODY_RESOURCE},
        {"existing", BODY_RESOURCE}, {"traffic", BODY_RESOURCE},  {"gate", BODY_GATE},
        {"rollout", BODY_ROLLOUT},  {"scenario", BODY_SCENARIO},  {"test", BODY_TEST},
        {"type", BODY_TYPE},
    };
    const struct scan_token first = lead_of(s, head, open, 0), second = lead_of(s, head, open, 1);
    const struct source *src = source_of(s);
    enum body around = spot_frame(s)->body;
    char c = s->t[open].kind == SCAN_MARK ? s->t[open].mark : '$';
    if (c == '(' && around <= BODY_TEST && (token_is(first, "fn") || token_is(first, "module")) &&
        lead_of(s, head, open, 2).kind == SCAN_END)
        return BODY_PARAMS;
    if (c != '{')
        return c == '(' ? BODY_CALL : c == '[' ? BODY_LIST : BODY_TEXT;
    if (around == BODY_SCENARIO)
        return token_is(first, "at") ? BODY_FAULTS : BODY_INPUTS;
    if (around == BODY_TEST && token_is(first, "given"))
        return BODY_INPUTS;
    if (around > BODY_TEST || token_mark(second, src, "="))
        return BODY_RECORD;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (token_is(first, words[i].word)) {
            bool equals = false; /* let x = {, input x: T = { */
            for (size_t k = 0; lead_of(s, head, open, k).kind != SCAN_END; k++)
                equals = equals || token_mark(lead_of(s, head, open, k), src, "=");
            return equals ? BODY_RECORD : words[i].body;
        }
    return BODY_RECORD;
}

static void push(struct spot *s, size_t i)
{
    size_t head = spot_frame(s)->item;
    enum body body = body_of(s, head, i);
    vec_push(s->r->a, &s->frames, (struct frame_of){body, head, i, i + 1});
}

/* Whether an item may end behind this token. */
static bool ends_item(const struct spot *s, size_t i)
{
    const struct scan_token t = s->t[i];
    if (t.kind == SCAN_KEYWORD)
        return token_is(t, "true") || token_is(t, "false") || token_is(t, "none");
    if (t.kind == SCAN_MARK)
        return strchr("})]?=:", t.mark) != NULL;
    return t.kind != SCAN_NEWLINE && t.kind != SCAN_COMMENT;
}

/* `for k, v in m`: this comma ends no item. */
static bool in_loop_head(const struct spot *s, size_t from, size_t to)
{
    return token_is(lead_of(s, from, to, 0), "for") && lead_of(s, from, to, 2).kind == SCAN_END;
}

static void read_brackets(struct spot *s)
{
    size_t last = 0; /* 1 + the last token that counts */
    vec_push(s->r->a, &s->frames, (struct frame_of){BODY_ROOT, 0, 0, 0});
    for (size_t i = 0; i < s->at; i++) {
        struct frame_of *f = &s->frames.at[s->frames.n - 1];
        const struct scan_token t = s->t[i];
        bool items = f->body < BODY_LIST;
        switch (t.kind) {
        case SCAN_NEWLINE:
            if (items && last && ends_item(s, last - 1))
                f->item = i + 1;
            continue;
        case SCAN_COMMENT: continue;
        case SCAN_HEAD: push(s, i); break;
        case SCAN_MIDDLE: f->item = i + 1; break;
        case SCAN_TAIL:
            if (s->frames.n > 1)
                s->frames.n--;
            break;
        case SCAN_WORD: leave_unclosed(s, i); break;
        case SCAN_MARK:
            if (strchr("{([", t.mark)) {
                push(s, i);
            } else if (strchr("})]", t.mark) && s->frames.n > 1) {
                s->frames.n--;
            } else if (t.mark == ',' && !in_loop_head(s, f->item, i)) {
                f->item = i + 1;
            }
            break;
        default: break;
        }
        last = i + 1;
    }
}

/* ---- the word at the cursor ------------------------------------------ */

static void read_cursor(struct spot *s)
{
    size_t offset = s->r->offset, i = 0;
    const struct source *src = source_of(s);
    s->start = s->end = offset;
    while (i < s->n && s->t[i].span.end < offset)
        i++;
    /* t[i] is the first that ends at or behind the cursor */
    s->at = i;
    if (i == s->n)
        return;
    const struct scan_token t = s->t[i];
    bool inside = t.span.start < offset, behind = t.span.end == offset;
    if (!inside)
        return;
    switch (t.kind) {
    case SCAN_WORD:
    case SCAN_KEYWORD:
        s->start = t.span.start;
        s->end = t.span.end;
        return;
    case SCAN_COMMENT:
    case SCAN_REGEX:
    case SCAN_NUMBER:
    case SCAN_NETWORK: s->nowhere = true; return;
    case SCAN_STRING: {
        bool closed = t.span.end - t.span.start > 1 && src->text[t.span.end - 1] == '"';
        if (behind && closed) {
            s->at = i + 1;
            return;
        }
        s->in_text = true;
        s->start = t.span.start + 1;
        s->end = closed ? t.span.end - 1 : t.span.end;
        return;
    }
    case SCAN_HEAD:
    case SCAN_MIDDLE:
        s->nowhere = !behind;
        s->at = i + 1;
        return;
    case SCAN_TAIL:
        s->nowhere = true;
        return;
    default:
        s->at = i + (behind ? 1 : 0);
        return;
    }
}

/* ---- chains ---------------------------------------------------------- */

size_t spot_path(const struct spot *s, size_t to)
{
    const struct source *src = source_of(s);
    size_t i = to;
    for (bool word = i && s->t[i - 1].kind == SCAN_WORD; i; word = !word, i--)
        if (word ? s->t[i - 1].kind != SCAN_WORD : !token_mark(s->t[i - 1], src, "."))
            break;
    return i;
}

size_t spot_chain(const struct spot *s, size_t to)
{
    const struct source *src = source_of(s);
    size_t i = to;
    while (i) {
        const struct scan_token t = s->t[i - 1];
        bool dotted = i < to && token_mark(s->t[i], src, ".");
        if (t.kind == SCAN_WORD && (i == to || dotted || s->t[i].mark == '(' || s->t[i].mark == '[')) {
            i--;
        } else if (token_mark(t, src, ".")) {
            i--;
        } else if (t.kind == SCAN_MARK && (t.mark == ')' || t.mark == ']')) {
            size_t depth = 0, k = i;
            do {
                k--;
                if (s->t[k].kind == SCAN_MARK && strchr(")]}", s->t[k].mark))
                    depth++;
                else if (s->t[k].kind == SCAN_MARK && strchr("([{", s->t[k].mark))
                    depth--;
            } while (k && depth);
            i = k;
        } else {
            break;
        }
    }
    return i;
}

const struct type *spot_type(struct spot *s, size_t from, size_t to)
{
    struct analysis *an = s->r->an;
    if (from >= to)
        return NULL;
    const char *text = arena_strdup(an->arena, spot_text(s, from, to));
    uint32_t file = sources_add(&an->sources, "completion", text, strlen(text));
    struct expr *e = parse_expr(an->arena, &an->names, an->program->ds, file);
    const struct type *t =
        e ? check_expr_at(an->program, s->scope, s->locals, s->site, e, NULL) : NULL;
    return t && t->kind != TYPE_K_POISON ? t : NULL;
}

/* ---- what is meant --------------------------------------------------- */

const struct type *spot_bare(const struct type *t)
{
    while (t && (t->kind == TYPE_K_OPTION || t->kind == TYPE_K_SECRET))
        t = t->elem;
    return t;
}

static const struct type *element(const struct type *t)
{
    t = spot_bare(t);
    if (!t)
        return NULL;
    if (t->kind == TYPE_K_LIST || t->kind == TYPE_K_SET)
        return t->elem;
    for (size_t i = 0; t->kind == TYPE_K_UNION && i < t->items.n; i++)
        if (element(t->items.at[i]))
            return element(t->items.at[i]);
    return NULL;
}

static const struct scope *body_scope(struct spot *s, size_t head, size_t open, enum body body)
{
    const struct program *p = s->r->an->program;
    const struct scan_token name = lead_of(s, head, open, 1);
    if (body == BODY_SHARED)
        return p->root->shared ? p->root->shared : s->scope;
    if (body != BODY_WORLD && body != BODY_MODULE)
        return s->scope;
    const struct symbol *y = name.text ? map_find(&s->scope->symbols, name.text) : NULL;
    return y && y->body ? y->body : s->scope;
}

static void add_local(struct spot *s, const char *name, const struct type *type)
{
    if (!name || !type)
        return;
    struct check_local *l = arena_make(s->r->an->arena, struct check_local);
    *l = (struct check_local){s->locals, name, type};
    s->locals = l;
}

/* `[for x in xs: `: the variables that stand before the cursor. */
static void read_loop(struct spot *s, size_t from, size_t to)
{
    const struct source *src = source_of(s);
    struct scan_token first = lead_of(s, from, to, 0), var = lead_of(s, from, to, 1);
    if (!token_is(first, "for") || var.kind != SCAN_WORD)
        return;
    size_t in = from, end;
    struct scan_token second = {0};
    while (in < to && !token_is(s->t[in], "in")) {
        if (s->t[in].kind == SCAN_WORD && s->t[in].span.start != var.span.start &&
            !token_is(s->t[in], "for"))
            second = s->t[in];
        in++;
    }
    for (end = in + 1; end < to; end++)
        if (token_is(s->t[end], "if") || token_mark(s->t[end], src, ":"))
            break;
    if (in >= to || end >= to)
        return;
    const struct type *over = spot_bare(spot_type(s, in + 1, end));
    const struct type *elem = over && over->kind == TYPE_K_MAP     ? over->elem
                              : over && over->kind == TYPE_K_RANGE ? type_simple(TYPE_K_INT)
                                                                   : element(over);
    bool map = over && over->kind == TYPE_K_MAP;
    if (second.text) {
        add_local(s, var.text, type_simple(map ? TYPE_K_STRING : TYPE_K_INT));
        add_local(s, second.text, elem);
    } else {
        add_local(s, var.text, elem);
    }
}

static const struct field_ast *nth_param(const struct field_ast *f, size_t k)
{
    while (f && k--)
        f = f->next;
    return f;
}

/* What an argument must be: its name, or its place, tells the parameter. */
static const struct type *argument_type(struct spot *s, const struct frame_of *f, size_t to)
{
    struct program *p = s->r->an->program;
    const struct source *src = source_of(s);
    size_t from = spot_path(s, f->open);
    const char *path = spot_text(s, from, f->open);
    const struct symbol *y = strchr(path, '.') ? NULL : scope_find(s->scope, path);
    const struct scan_token name = lead_of(s, f->item, to, 0);
    if (!y || y->decl->kind != DECL_FN)
        return NULL;
    const struct field_ast *param = NULL;
    if (token_mark(lead_of(s, f->item, to, 1), src, "=")) {
        for (param = y->decl->params; param && !token_is(name, param->name.text);)
            param = param->next;
    } else {
        size_t commas = 0, depth = 0;
        for (size_t i = f->open + 1; i < f->item; i++)
            if (s->t[i].kind == SCAN_MARK && strchr("([{", s->t[i].mark))
                depth++;
            else if (s->t[i].kind == SCAN_MARK && strchr(")]}", s->t[i].mark))
                depth--;
            else if (!depth && token_mark(s->t[i], src, ","))
                commas++;
        param = nth_param(y->decl->params, commas);
    }
    return param && param->type ? type_resolve(p, y->scope, param->type) : NULL;
}

/* The declared type of `input NAME: TYPE =` and the like, from its words. */
static const struct type *written_type(struct spot *s, size_t from, size_t to)
{
    struct analysis *an = s->r->an;
    const char *text = arena_printf(an->arena, "type completion = %s\n", spot_text(s, from, to));
    uint32_t file = sources_add(&an->sources, "completion", text, strlen(text));
    const struct file_ast *ast = parse_file(an->arena, &an->names, an->program->ds, file);
    const struct type_ast *t = ast->decls ? ast->decls->type : NULL;
    return t && !ast->broken ? type_resolve(an->program, s->scope, t) : NULL;
}

static size_t find_mark(const struct spot *s, size_t from, size_t to, const char *mark)
{
    const struct source *src = source_of(s);
    size_t depth = 0;
    for (size_t i = from; i < to; i++) {
        if (!depth && token_mark(s->t[i], src, mark))
            return i;
        if (s->t[i].kind == SCAN_MARK && strchr("([{", s->t[i].mark))
            depth++;
        else if (s->t[i].kind == SCAN_MARK && strchr(")]}", s->t[i].mark) && depth)
            depth--;
    }
    return to;
}

/* fn f(a: T, b: T): U = ... */
static void read_params(struct spot *s, size_t from, size_t to)
{
    size_t open = from;
    while (open < to && !(s->t[open].kind == SCAN_MARK && s->t[open].mark == '('))
        open++;
    for (size_t i = open + 1; i < to && !(s->t[i].kind == SCAN_MARK && s->t[i].mark == ')');) {
        size_t end = find_mark(s, i, to, ","), colon = find_mark(s, i, end, ":");
        size_t stop = find_mark(s, colon, end, "=");
        size_t close = find_mark(s, i, end, ")");
        if (close < stop)
            stop = close;
        if (close < end)
            end = close;
        if (colon < stop && s->t[i].kind == SCAN_WORD)
            add_local(s, s->t[i].text, written_type(s, colon + 1, stop));
        i = end < to && s->t[end].mark == ',' ? end + 1 : to;
    }
}

/* The fields of what `resource n: T`, `existing n: T` or `traffic w: T` takes. */
static void read_resource(struct spot *s, size_t head, size_t open)
{
    struct program *p = s->r->an->program;
    size_t colon = find_mark(s, head, open, ":"), from = colon + 1;
    bool existing = token_is(lead_of(s, head, open, 0), "existing");
    s->fields = NULL;
    s->kind = NULL;
    if (from < open && existing && token_is(s->t[from], "set"))
        from++;
    size_t end = from;
    while (end < open && (s->t[end].kind == SCAN_WORD || s->t[end].mark == '.')) {
        if (end > from && s->t[end].kind == SCAN_WORD && s->t[end - 1].kind == SCAN_WORD)
            break;
        end++;
    }
    const char *path = spot_text(s, from, end);
    if (!*path)
        return;
    path = arena_strdup(p->arena, path);
    const struct symbol *module = program_module(p, s->scope, path);
    if (module) {
        struct type *t = arena_make(p->arena, struct type);
        t->kind = TYPE_K_RECORD;
        for (const struct field_ast *f = module->decl->params; f; f = f->next)
            vec_push(p->arena, &t->fields, (struct type_member){
                .name = f->name.text, .type = type_resolve(p, module->scope, f->type),
                .dflt = f->value, .doc = f->doc});
        s->fields = t;
        return;
    }
    s->kind = type_decl_find(p, s->scope, path);
    if (s->kind && s->kind->items)
        s->fields = type_of_resource(p, s->kind, existing);
}

/* What must stand behind an operator, by what stands before it. */
static bool read_operator(struct spot *s, size_t from, size_t to)
{
    static const char *const compare[] = {"==", "!=", "<", ">", "<=", ">="};
    const struct source *src = source_of(s);
    const struct scan_token last = to > from ? s->t[to - 1] : (struct scan_token){.kind = SCAN_END};
    for (size_t i = 0; i < sizeof compare / sizeof *compare; i++)
        if (token_mark(last, src, compare[i])) {
            s->want = spot_type(s, spot_chain(s, to - 1), to - 1);
            return true;
        }
    if (last.kind == SCAN_MARK && strchr("+-*/.", last.mark))
        s->want = NULL;
    if (token_is(last, "if") || token_is(last, "and") || token_is(last, "or") || token_is(last, "not"))
        s->want = type_simple(TYPE_K_BOOL);
    if (token_is(last, "in"))
        s->want = NULL;
    return false;
}

/* Follows one frame inward: scope, variables, and what its values must be.
 * `to` is where the item ends that matters: the next bracket, or the cursor. */
static void enter(struct spot *s, const struct frame_of *f, size_t to)
{
    struct program *p = s->r->an->program;
    const struct source *src = source_of(s);
    struct scan_token first = lead_of(s, f->item, to, 0);
    const struct type *outer = s->want;
    size_t equals = find_mark(s, f->item, to, "=");
    s->value = false;
    s->want = NULL;
    switch (f->body) {
    case BODY_ROOT:
    case BODY_SHARED:
    case BODY_WORLD:
    case BODY_MODULE:
    case BODY_TEST:
        s->scope = f->open || f->body != BODY_ROOT ? body_scope(s, f->head, f->open, f->body)
                                                   : s->scope;
        if (token_is(first, "fn"))
            read_params(s, f->item, to);
        if (equals < to && (token_is(first, "let") || token_is(first, "output") ||
                            token_is(first, "out") || token_is(first, "input") ||
                            token_is(first, "fn"))) {
            size_t colon = find_mark(s, f->item, equals, ":");
            s->value = true;
            s->want = colon < equals ? written_type(s, colon + 1, equals) : NULL;
            read_operator(s, equals + 1, to);
        } else if (f->body == BODY_TEST) {
            s->value = token_is(first, "expect") || token_is(first, "mock");
            s->site = SITE_TEST;
            read_operator(s, f->item + 1, to);
        } else if (token_is(first, "assert") || token_is(first, "entry")) {
            s->value = true;
            s->want = type_simple(token_is(first, "entry") ? TYPE_K_REF : TYPE_K_BOOL);
            read_operator(s, f->item + 1, to);
        }
        break;
    case BODY_RESOURCE:
    case BODY_SETTINGS:
    case BODY_RECORD: {
        if (f->body == BODY_RESOURCE) {
            read_resource(s, f->head, f->open);
            size_t bracket = f->head;
            while (bracket < f->open && s->t[bracket].mark != '[' && s->t[bracket].mark != ':')
                bracket++;
            if (s->t[bracket].mark == '[' && bracket + 1 < f->open)
                add_local(s, s->t[bracket + 1].text, type_simple(TYPE_K_STRING));
        } else if (f->body == BODY_RECORD) {
            s->fields = type_record_in(outer);
            s->kind = NULL;
            read_loop(s, f->item, to);
        } else {
            s->fields = NULL;
            s->kind = NULL;
        }
        const struct type_member *m =
            first.text && s->fields ? type_member(s->fields, first.text) : NULL;
        if (equals < to) {
            s->value = true;
            s->want = m ? m->type : NULL;
            read_operator(s, equals + 1, to);
        } else if (f->body == BODY_RECORD && spot_leads(s) && !first.text) {
            s->value = true;
        } else if (token_is(first, "for")) {
            s->value = true;
        }
        break;
    }
    case BODY_GATE:
        if (token_is(first, "check") && token_mark(lead_of(s, f->item, to, 2), src, ":")) {
            s->value = true;
            s->site = SITE_GATE;
            read_operator(s, f->item, to);
        }
        break;
    case BODY_ROLLOUT: {
        size_t when = f->item;
        while (when < to && !token_is(s->t[when], "when"))
            when++;
        if (token_is(first, "retire") && when < to) {
            s->value = true;
            s->site = SITE_RETIRE;
            read_operator(s, when + 1, to);
        }
        break;
    }
    case BODY_SCENARIO:
        if (token_is(first, "expect") || token_is(first, "load")) {
            s->value = true;
            s->site = token_is(first, "expect") ? SITE_EXPECT : SITE_PLAIN;
            read_operator(s, f->item + 1, to);
        }
        break;
    case BODY_FAULTS:
        s->site = SITE_FAULT;
        s->value = equals >= to;
        break;
    case BODY_INPUTS:
        if (equals < to) {
            s->value = true;
            for (size_t i = 0; first.text && i < p->inputs.n; i++)
                if (token_is(first, p->inputs.at[i]->name.text))
                    s->want = type_resolve(p, p->root, p->inputs.at[i]->type);
        }
        break;
    case BODY_LIST:
        s->value = true;
        s->want = element(outer);
        read_loop(s, f->item, to);
        read_operator(s, f->item, to);
        break;
    case BODY_CALL:
        s->value = true;
        s->want = argument_type(s, f, to);
        read_operator(s, f->item, to);
        break;
    case BODY_TEXT: s->value = true; break;
    case BODY_PARAMS:
    case BODY_TYPE: break;
    }
}

void spot_find(struct request *r, struct spot *s)
{
    struct analysis *an = r->an;
    const struct source *src = sources_find(&an->sources, (struct span){r->file, 0, 0});
    *s = (struct spot){.r = r, .site = SITE_PLAIN};
    s->scope = program_file_scope(an->program, (struct span){r->file, 0, 0});
    bool environment = !s->scope;
    if (!s->scope)
        s->scope = an->program->root;
    if (!src) {
        s->nowhere = true;
        return;
    }
    s->t = scan_text(r->a, &an->names, src, r->file, &s->n);
    read_cursor(s);
    read_brackets(s);
    if (environment)
        s->frames.at[0].body = BODY_INPUTS;
    for (size_t i = 0; i < s->frames.n; i++)
        enter(s, &s->frames.at[i], i + 1 < s->frames.n ? s->frames.at[i + 1].open : s->at);
}
