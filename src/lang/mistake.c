/* What to say where a token does not fit. First the mistakes that people make
 * often, each with its mending; else what was found and what was expected. */
#include <ctype.h>
#include <string.h>

#include "lang/syntax.h"
#include "grammar/parse.tab.h"

struct mistake {
    struct parser *p;
    int found;
    struct span at;
    const char *text; /* of the token found, cut to 40 bytes */
    const char *const *expected;
    size_t n;
    struct seen before, before2; /* the tokens in front of it */
};

static bool expects(const struct mistake *m, const char *name)
{
    for (size_t i = 0; i < m->n; i++)
        if (!strcmp(m->expected[i], name))
            return true;
    return false;
}

static bool expects_value(const struct mistake *m)
{
    return expects(m, "'('") && expects(m, "network") && expects(m, "if");
}

static bool expects_type(const struct mistake *m)
{
    return expects(m, "whole number") && expects(m, "ref") && !expects(m, "network");
}

static bool is_word(int kind)
{
    return kind == T_NAME || kind >= T_KW_STACK;
}

static bool is_hard(int kind)
{
    return kind >= T_IF && kind <= T_NONE;
}

static bool is_compare(int kind)
{
    return kind == T_EQ || kind == T_NE || kind == T_LE || kind == T_GE || kind == '<' || kind == '>';
}

/* An operator that can stand only between two values, or what goes on with one. */
static bool is_joiner(int kind)
{
    switch (kind) {
    case T_AND: case T_OR: case T_THEN: case T_ELSE: case T_COALESCE: case T_RANGE_OP: case '+':
    case '*': case '/': case '.': case '|': case T_ARROW: case T_FROM_ARROW: case T_FAT:
        return true;
    default:
        return is_compare(kind);
    }
}

static const char *span_text(const struct mistake *m, struct span s)
{
    size_t n = s.end - s.start;
    return arena_strndup(m->p->arena, m->p->lex.src->text + s.start, n > 40 ? 40 : n);
}

static uint32_t line_of(const struct mistake *m, struct span s)
{
    return source_place(m->p->lex.src, s.start).line;
}

static struct diag *say(const struct mistake *m, const char *code, const char *help,
                        const char *message)
{
    struct diag *d = syntax_error(m->p, code, m->at, "%s", message);
    syntax_help(m->p, d, "%s", help);
    return d;
}

static struct span before(struct span s)
{
    return (struct span){s.file, s.start, s.start};
}

static struct span behind(struct span s)
{
    return (struct span){s.file, s.end, s.end};
}

#define SAY(code, help, ...) (say(m, code, help, arena_printf(m->p->arena, __VA_ARGS__)), true)
/* The same with a fix: `certain`, where, and what. */
#define MEND(certain, span, text, code, help, ...)                                                 \
    (lex_mend(&m->p->lex, say(m, code, help, arena_printf(m->p->arena, __VA_ARGS__)), certain,     \
              span, text),                                                                         \
     true)
#define TEXT(...) arena_printf(m->p->arena, __VA_ARGS__)

/* ---- mistakes that people make ------------------------------------------ */

static const struct {
    const char *said, *help;
} strangers[] = {
    {"variable", "an input is written `input name: type = default`"},
    {"var", "a value is named by `let name = value`, an input by `input name: type = default`"},
    {"param", "an input is written `input name: type = default`"},
    {"const", "a value is named by `let name = value`"},
    {"locals", "a value is named by `let name = value`"},
    {"def", "a function is written `fn name(a: type): type = value`"},
    {"function", "a function is written `fn name(a: type): type = value`"},
    {"func", "a function is written `fn name(a: type): type = value`"},
    {"data", "what this stack does not own is written `existing name: type { query }`"},
    {"provider", "region and account stand in `stack name { ... }`; others in `account name { ... }`"},
    {"terraform", "the settings of a stack stand in `stack name { ... }`"},
    {"import", "a file is read by `use \"./other.bg\" = name`, a module of the library by `use std.name`"},
    {"include", "a file is read by `use \"./other.bg\" = name`, a module of the library by `use std.name`"},
    {"if", "a resource exists under a condition: `resource name: type when condition { ... }`"},
    {"for", "many resources of a kind: `resource name[k in set]: type { ... }`"},
    {"removed", "what is no longer declared is removed by itself; `keep` protects it"},
    {"check", "a check stands in a `gate`; a condition on inputs is `assert condition: \"message\"`"},
};

static bool wrong_declaration(const struct mistake *m)
{
    if (!expects(m, "resource") || !expects(m, "stack") || expects(m, "name"))
        return false;
    if (m->found == '{')
        return SAY("BG0023", "braces belong to a declaration: `shared { ... }`",
                   "a declaration is expected here");
    if (!is_word(m->found) && !is_hard(m->found))
        return false;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
        if (!strcmp(m->text, strangers[i].said))
            return SAY("BG0023", strangers[i].help, "`%s` begins no declaration", m->text);
    const char *rest = m->p->lex.src->text + m->at.end;
    while (*rest == ' ' || *rest == '\t')
        rest++;
    if (*rest == '=' && rest[1] != '=')
        return MEND(false, before(m->at), "let ", "BG0023",
                    TEXT("to name a value, write `let %s = ...`", m->text),
                    "`%s` begins no declaration", m->text);
    struct diag *d =
        syntax_error(m->p, "BG0023", m->at, "`%s` begins no declaration", m->text);
    if (!diag_did_you_mean(m->p->ds, d, m->at, m->text, keywords_decl, keywords_decl_n))
        syntax_help(m->p, d, "declarations begin with one of: resource existing shared world input "
                             "let output use gate rollout traffic scenario ...");
    return true;
}

static bool wrong_name(const struct mistake *m)
{
    if (!expects(m, "name"))
        return false;
    if (is_hard(m->found) && !expects_value(m))
        return MEND(false, behind(m->at), "_", "BG0016", TEXT("choose another, such as `%s_`", m->text),
                   "`%s` is a word of the language and cannot be a name", m->text);
    if (m->found == T_STRING && !expects(m, "text with ${") && is_word(m->before.kind)) {
        if (m->before.kind == T_KW_RESOURCE || m->before.kind == T_KW_EXISTING)
            return SAY("BG0018", TEXT("write `%s name: service.type { ... }`", span_text(m, m->before.span)),
                       "a name and a type are written without quotes");
        size_t inner = m->at.end - m->at.start - 2;
        const char *text = m->p->lex.src->text + m->at.start + 1;
        if (m->before.kind >= T_KW_STACK && m->before.kind <= T_KW_SERVICE && inner &&
            strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == inner && !isdigit((unsigned char)*text))
            return MEND(true, m->at, TEXT("%.*s", (int)inner, text), "BG0018",
                        "a name is a word: letters, digits and `_`",
                        "a name is written without quotes");
        if (m->before.kind >= T_KW_STACK && m->before.kind <= T_KW_SERVICE)
            return SAY("BG0018", "a name is a word: letters, digits and `_`",
                       "a name is written without quotes");
    }
    return false;
}

/* A word that touches a string: a quote is missing before, or too much. */
static bool wrong_quote(const struct mistake *m)
{
    if (m->before.kind != T_STRING || m->before.span.end != m->at.start || m->found == T_NEWLINE ||
        !(is_word(m->found) || m->found == T_STRING || m->found == T_INT))
        return false;
    return SAY("BG0002", "a `\"` is missing or too much on this line; inside a string it is written `\\\"`",
               "a string ends right before `%s`", m->text);
}

static bool use_without_name(const struct mistake *m)
{
    if (m->before.kind != T_STRING || m->before2.kind != T_KW_USE)
        return false;
    return SAY("BG0001", TEXT("write `use %s = name`", span_text(m, m->before.span)),
               "a file is used under a name");
}

/* A token and the blanks in front of it. */
static struct span spaced_out(const struct mistake *m, struct span s)
{
    while (s.start && m->p->lex.src->text[s.start - 1] == ' ')
        s.start--;
    return s;
}

/* Declarations that are given a value and no type. */
static bool takes_its_type(const char *word)
{
    return !strcmp(word, "let") || !strcmp(word, "output") || !strcmp(word, "out");
}

/* `name: value`, `name == value`, `name "value"`, `name { ... }` in a record. */
static bool wrong_field(const struct mistake *m)
{
    if (!expects(m, "'='") || (expects(m, "'+'") && !expects(m, "=>")) || !is_word(m->before.kind))
        return false;
    const char *name = span_text(m, m->before.span);
    /* not where a declaration goes on, and not in a call */
    bool fields_only = !expects(m, "name") && !expects(m, "')'");
    if (m->found == ':' && takes_its_type(span_text(m, m->before2.span)))
        return SAY("BG0017", TEXT("leave the type out: `%s %s = ...`", span_text(m, m->before2.span), name),
                   "`%s` has the type of its value", name);
    switch (m->found) {
    case ':':
        return MEND(true, spaced_out(m, m->at), " =", "BG0017", TEXT("write `%s = ...`", name),
                    "expected `=`, found `:`");
    case T_EQ:
        return MEND(true, m->at, "=", "BG0017",
                    TEXT("`==` compares; a field is given by `%s = ...`", name),
                    "expected `=`, found `==`");
    case T_FAT: case T_ARROW:
        return MEND(true, m->at, "=", "BG0017", TEXT("write `%s = ...`", name), "expected `=`, found `%s`", m->text);
    case '{':
        return fields_only && MEND(true, before(m->at), "= ", "BG0018",
                                   TEXT("a record in a record is a field too: `%s = { ... }`", name),
                                   "expected `=`, found `{`");
    case T_NEWLINE: case '}': case T_ITEM_COMMA:
        return fields_only && SAY("BG0001", TEXT("a field is written `%s = value`", name),
                                  "`%s` has no value", name);
    case T_NAME: case T_STRING: case T_INT: case T_NUMBER: case T_DURATION: case T_PERCENT:
    case T_SIZE: case T_CIDR: case T_RATE: case T_TRUE: case T_FALSE: case T_NONE: case T_HEAD:
        return fields_only && MEND(true, before(m->at), "= ", "BG0017", TEXT("write `%s = %s`", name, m->text),
                                  "there is no `=` between `%s` and its value", name);
    default:
        return false;
    }
}

static uint32_t indent_of(const struct mistake *m, struct span s)
{
    const char *text = m->p->lex.src->text;
    uint32_t line = m->p->lex.src->lines.at[line_of(m, s) - 1], i = line;
    while (text[i] == ' ' || text[i] == '\t')
        i++;
    return i - line;
}

static bool wants_value(int kind)
{
    return kind == '=' || kind == ':' || kind == '-' || kind == T_NOT || is_joiner(kind);
}

/* The line ended where a value was to come; perhaps the next one was taken for it. */
static bool missing_value(const struct mistake *m)
{
    bool ends = m->found == T_NEWLINE || m->found == T_YYEOF;
    struct seen op = m->before2, first = m->before;
    if (ends || !wants_value(op.kind) || !is_word(first.kind)) {
        op = m->before;
        first = (struct seen){m->found, m->at};
        if (!wants_value(op.kind) || (op.kind == ':' && !ends))
            return false;
    }
    if (!ends && (line_of(m, op.span) == line_of(m, first.span) ||
                  indent_of(m, first.span) > indent_of(m, op.span)))
        return false;
    bool value = op.kind != '.' && op.kind != ':';
    struct diag *d = syntax_error(m->p, "BG0001", op.span, "there is %s after `%s`",
                                  value ? "no value" : "nothing", span_text(m, op.span));
    if (op.kind == '=')
        syntax_help(m->p, d, "give one on this line; `none` says that there is none");
    return true;
}

static bool wrong_colon(const struct mistake *m)
{
    if (!expects(m, "':'") || !is_word(m->before.kind))
        return false;
    const char *name = span_text(m, m->before.span);
    if (m->found == '-' && m->before.span.end == m->at.start)
        return SAY("BG0016", TEXT("write `_` instead: `%s_...`", name), "a name holds no `-`");
    if (m->found == '=')
        return MEND(false, m->at, ":", "BG0017", TEXT("what `%s` is stands after a colon: `%s: ...`", name, name),
                   "expected `:`, found `=`");
    if (is_word(m->before2.kind) && m->found != T_NEWLINE && m->n < 6)
        return MEND(true, behind(m->before.span), ":", "BG0017", TEXT("write `%s %s: ...`", span_text(m, m->before2.span), name),
                   "there is no `:` between `%s` and what it is", name);
    return false;
}

static bool dashed_name(const struct mistake *m)
{
    if (m->found != '-' || !is_word(m->before.kind) || m->before.span.end != m->at.start ||
        expects(m, "'+'"))
        return false;
    return SAY("BG0016", TEXT("write `_` instead: `%s_...`", span_text(m, m->before.span)),
               "a name holds no `-`");
}

/* The operator goes to the end of the line before. */
static bool line_joined(const struct mistake *m, const char *help)
{
    struct diag *d = say(m, "BG0022", help, TEXT("a line cannot begin with `%s`", m->text));
    struct diag_fix *f = diag_fix(m->p->ds, d, true, "move `%s` to the end of the line before", m->text);
    struct span gone = m->at;
    while (m->p->lex.src->text[gone.end] == ' ')
        gone.end++;
    diag_edit(m->p->ds, f, behind(m->before2.span), "%s%s", m->found == '.' ? "" : " ", m->text);
    diag_edit(m->p->ds, f, gone, "%s", "");
    return true;
}

static bool wrong_line(const struct mistake *m)
{
    if (m->before.kind == T_NEWLINE && is_joiner(m->found))
        return line_joined(m,
                   TEXT("a line end ends an item: put `%s` at the end of the line before, or all in "
                        "parentheses", m->text));
    switch (m->before.kind) {
    case T_KW_RETRY: case T_KW_ABSENT: case T_KW_ADOPT: case T_KW_WHERE: case T_KW_BATCH:
    case T_KW_TOKEN: case T_KW_VIA:
        if (m->before2.kind != T_NEWLINE || !expects(m, "'{'"))
            return false;
        return SAY("BG0022", "put it at the end of the line that it belongs to; a list goes on after a "
                             "comma, bindings inside their braces",
                   "a line cannot begin with `%s`", span_text(m, m->before.span));
    default:
        return false;
    }
}

static bool wrong_operator(const struct mistake *m)
{
    bool after_value = expects(m, "'+'");
    if (m->found == '?' && after_value)
        return SAY("BG0006", "write `if condition then a else b`", "`?` is no operator");
    if (m->found == '=' && after_value && expects(m, "=="))
        return MEND(true, m->at, "==", "BG0017", "`==` compares", "expected `==`, found `=`");
    if (is_compare(m->found) && after_value && !expects(m, "=="))
        return SAY("BG0001", "write `a < b and b < c`", "comparisons cannot be chained");
    if (m->found == T_RANGE_OP && after_value && !expects(m, ".."))
        return SAY("BG0001", "a range has two ends: `1..50`", "ranges cannot be chained");
    if (m->found == T_INT && m->before.kind == '.')
        return SAY("BG0001", "the element of a list is `list[0]`", "a number is no field");
    return false;
}

/* A number where a unit is needed. */
static bool missing_unit(const struct mistake *m)
{
    if (m->found != T_INT && m->found != T_NUMBER && m->found != T_PERCENT && m->found != T_DURATION)
        return false;
    if (expects_value(m))
        return false;
    bool bare = m->found == T_INT || m->found == T_NUMBER;
    if (m->found == T_DURATION && expects(m, "for"))
        return MEND(true, before(m->at), "for ", "BG0001", TEXT("write `for %s`", m->text), "there is no `for` before `%s`", m->text);
    if (m->found == T_DURATION && expects(m, "within"))
        return MEND(true, before(m->at), "within ", "BG0001", TEXT("write `within %s`", m->text), "there is no `within` before `%s`",
                   m->text);
    if (expects(m, "duration") && bare)
        return MEND(false, m->at, TEXT("%ss", m->text), "BG0010",
                    TEXT("units are never implied: write `%ss`, `%sm` or `%sh`", m->text, m->text,
                         m->text),
                    "expected a duration, found `%s`", m->text);
    if (expects(m, "duration"))
        return SAY("BG0010",
                   "a duration is a number and one of ms s m h d, as in `30s`",
                   "expected a duration, found `%s`", m->text);
    if (expects(m, "percentage") && bare)
        return MEND(true, m->at, TEXT("%s%%", m->text), "BG0010",
                    TEXT("units are never implied: write `%s%%`", m->text),
                    "expected a percentage, found `%s`", m->text);
    if (expects(m, "percentage"))
        return SAY("BG0010", "a percentage is a number and `%`, as in `10%`",
                   "expected a percentage, found `%s`", m->text);
    return false;
}

/* ---- all others --------------------------------------------------------- */

struct phrases {
    const char *at[10];
    size_t n, more;
};

static void add(struct phrases *ph, const char *text)
{
    if (ph->n < sizeof ph->at / sizeof *ph->at)
        ph->at[ph->n++] = text;
    else
        ph->more++;
}

static bool is_operator(const char *name)
{
    static const char *const operators[] = {
        "..", "==", "!=", "<=", ">=", "??", "and", "or", "'+'", "'-'", "'*'", "'/'", "'<'", "'>'",
        "'.'", "'('", "'['",
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (!strcmp(name, operators[i]))
            return true;
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_plain(const char *name) /* of a kind of token, not of one */
{
    static const char *const kinds[] = {
        "string", "pattern", "whole number", "number", "duration", "percentage", "size in bytes",
        "rate", "network",
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(name, kinds[i]))
            return true;
    return false;
}

static const char *plain_phrase(const struct mistake *m, const char *name)
{
    if (!strcmp(name, "string"))
        return "a string in double quotes";
    if (!strcmp(name, "duration"))
        return "a duration like `30s`";
    if (!strcmp(name, "percentage"))
        return "a percentage like `10%`";
    if (!strcmp(name, "pattern"))
        return "a pattern like r\"^a\"";
    return TEXT("a %s", name);
}

static void describe(const struct mistake *m, struct phrases *ph)
{
    bool value = expects_value(m), type = expects_type(m), name = expects(m, "name");
    bool after_value = expects(m, "'+'") && !value;
    bool declaration = expects(m, "resource") && expects(m, "stack") && !name;
    bool call = after_value && expects(m, "')'"); /* `name =` and `name =>` could go on with it */
    if (value)
        add(ph, "a value");
    else if (type)
        add(ph, "a type");
    else if (declaration)
        add(ph, "a declaration");
    else if (name)
        add(ph, "a name");
    bool line_end = false;
    for (size_t i = 0; i < m->n; i++) {
        const char *e = m->expected[i];
        if ((value || type) && strcmp(e, "']'") && strcmp(e, "')'"))
            continue;
        if (!strcmp(e, "allow") || !strcmp(e, "deprecated")) /* after everything, and seldom meant */
            continue;
        if (!strcmp(e, "name") || (after_value && is_operator(e)) ||
            (call && (!strcmp(e, "'='") || !strcmp(e, "=>"))))
            continue;
        if (is_letter(e[0]) && !is_plain(e) && (name || declaration) && !strchr(e, ' '))
            continue; /* any word is a name */
        if (!strcmp(e, "end of the line"))
            line_end = true;
        else if (!strcmp(e, "end of the file") || !strcmp(e, ",") || strchr(e, '$'))
            continue;
        else if (!strcmp(e, "end of the string"))
            add(ph, "`}`");
        else if (is_plain(e))
            add(ph, plain_phrase(m, e));
        else if (e[0] == '\'')
            add(ph, TEXT("`%.*s`", (int)strlen(e) - 2, e + 1));
        else
            add(ph, TEXT("`%s`", e));
    }
    if (line_end)
        add(ph, "the end of the line");
}

static const char *found_phrase(const struct mistake *m)
{
    switch (m->found) {
    case T_NEWLINE: return "the end of the line";
    case T_YYEOF: return "the end of the file";
    case T_TAIL: case T_MIDDLE: return "the end of `${...}`";
    case T_HEAD: return "a string";
    case T_STRING: return m->at.end - m->at.start <= 40 ? m->text : "a string";
    default: return TEXT("`%s`", m->text);
    }
}

static void say_generic(const struct mistake *m)
{
    struct phrases ph = {.n = 0};
    describe(m, &ph);
    if (!ph.n || ph.more) {
        syntax_error(m->p, "BG0001", m->at, "%s does not fit here", found_phrase(m));
        return;
    }
    struct buf b;
    buf_init(&b, m->p->arena);
    for (size_t i = 0; i < ph.n; i++)
        buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 == ph.n ? " or " : ", ", ph.at[i]);
    syntax_error(m->p, "BG0001", m->at, "expected %s, found %s", buf_text(&b), found_phrase(m));
}

/* ---- what is said already ------------------------------------------------ */

static bool same_line(const struct mistake *m, uint32_t from, uint32_t to)
{
    return from <= to && !memchr(m->p->lex.src->text + from, '\n', to - from);
}

/* Whether what does not fit is a closer that mend.c has put here, or stands behind a
 * bracket of its line that was reported for having no end, or beside one that closes
 * nothing or an opener that was put for it. */
static bool of_a_bracket(const struct mistake *m, struct span found)
{
    for (size_t i = 0; i < m->p->nmends; i++) {
        const struct mend *e = &m->p->mends[i];
        if (!e->put && e->said && (same_line(m, found.start, e->at) || same_line(m, e->at, found.start)))
            return true;
        if (e->put == '{' && same_line(m, e->at, found.start))
            return true;
        if (e->put && strchr(")]}", e->put) &&
            ((found.start == e->at && found.end == e->at && m->found == e->put) ||
             (found.start <= e->at && same_line(m, e->open, found.start))))
            return true;
    }
    return false;
}

/* Whether `at` begins a line that is indented like the one of the mistake. */
static bool is_below(const struct mistake *m, uint32_t at)
{
    struct span s = lex_span(&m->p->lex, at, at + 1);
    uint32_t indent = indent_of(m, s);
    return m->p->lex.src->lines.at[line_of(m, s) - 1] + indent == at && indent_of(m, m->at) == indent;
}

/* Where a `{` is expected and a `}` that closes nothing stands on the line, or below it at
 * the beginning of one, that one has been reported; now it is known what is wrong with it. */
static bool lacks_opener(const struct mistake *m)
{
    for (size_t i = 0; i < m->p->nmends && expects(m, "'{'"); i++) {
        const struct mend *e = &m->p->mends[i];
        struct diag *d = e->said;
        if (e->put || !d || m->p->lex.src->text[e->at] != '}' || e->at < m->at.start ||
            (!same_line(m, m->at.start, e->at) && !is_below(m, e->at)))
            continue;
        d->message = "a `{` is missing here";
        d->help.n = d->fixes.n = d->labels.n = 0;
        diag_label(m->p->ds, d, d->span, "this `}` closes it");
        d->span = before(m->at);
        syntax_help(m->p, d, "add the `{`, or remove its `}`");
        lex_mend(&m->p->lex, d, false, d->span, "{ ");
        return true;
    }
    return false;
}

void mistake_report(struct parser *p, int found, struct span at, const char *const *expected,
                    size_t n)
{
    struct mistake m = {p, found, at, "", expected, n, p->last[1], p->last[2]};
    if (lacks_opener(&m) || of_a_bracket(&m, at))
        return;
    if (found == T_NEWLINE || found == T_YYEOF) { /* nothing to see there: show the place before */
        m.at.end = m.at.start;
        if (m.before.span.file && m.before.kind != T_NEWLINE)
            m.at = (struct span){at.file, m.before.span.end, m.before.span.end};
    }
    m.text = span_text(&m, at);
    if (wrong_line(&m) || wrong_declaration(&m) || missing_value(&m) || missing_unit(&m) ||
        wrong_quote(&m) || wrong_name(&m) || use_without_name(&m) || wrong_field(&m) || wrong_colon(&m) || dashed_name(&m) ||
        wrong_operator(&m))
        return;
    say_generic(&m);
}
