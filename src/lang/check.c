#include "lang/check.h"

#include <ctype.h>
#include <string.h>

#include "lang/check_state.h"
#include "lang/lint.h"

/* ---- after syntax errors --------------------------------------------- */

/* What could not be parsed is missing from the tree, and then whatever names it
 * seems wrong. Errors that only say that something is missing are not reported
 * when the text shows that it may have been there. */

static bool any_broken(const struct program *p)
{
    for (size_t i = 0; i < p->file_scopes.n; i++)
        if (p->file_scopes.at[i] && p->file_scopes.at[i]->file &&
            p->file_scopes.at[i]->file->broken)
            return true;
    return false;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether `name` stands somewhere behind a word that declares. */
static bool declared_in(const struct source *src, const char *name, size_t n)
{
    static const char *const words[] = {"let", "input", "fn", "resource", "existing", "module",
                                        "world", "gate", "account", "type", "out", "check"};
    for (const char *s = strstr(src->text, name); s; s = strstr(s + 1, name)) {
        const char *e = s;
        if (is_word(s[n]) || s == src->text)
            continue;
        while (e > src->text && (e[-1] == ' ' || e[-1] == '\t'))
            e--;
        const char *w = e;
        while (w > src->text && is_word(w[-1]))
            w--;
        for (size_t i = 0; i < sizeof words / sizeof *words && e < s; i++)
            if (strlen(words[i]) == (size_t)(e - w) && !strncmp(w, words[i], (size_t)(e - w)))
                return true;
    }
    return false;
}

/* The words of a declaration that could not be read may be names of it or in it. */
static bool in_lost(const struct source *src, const struct file_ast *f, const char *name, size_t n)
{
    for (size_t i = 0; n && i < f->lost.n; i++) {
        const char *end = src->text + f->lost.at[i].end;
        for (const char *s = src->text + f->lost.at[i].start; s + n <= end; s++)
            if (!strncmp(s, name, n) && !is_word(s[n]) && (s == src->text || !is_word(s[-1])))
                return true;
    }
    return false;
}

/* A declaration was lost whose name is not there: `world {`. */
static bool lost_nameless(const struct source *src, const struct file_ast *f, const char *only)
{
    static const char *const words[] = {"let",   "input", "fn",      "resource", "existing",
                                        "world", "gate",  "account", "module"};
    for (size_t i = 0; i < f->lost.n; i++) {
        const char *s = src->text + f->lost.at[i].start;
        for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
            size_t n = strlen(words[k]);
            const char *behind = s + n;
            if (strncmp(s, words[k], n) != 0 || is_word(*behind) || (only && strcmp(only, words[k]) != 0))
                continue;
            while (*behind == ' ')
                behind++;
            if (!is_word(*behind))
                return true;
        }
    }
    return false;
}

static bool lost_name(const struct program *p, struct span at, bool guessed, const char *kind)
{
    const struct source *src = sources_find(p->ds->sources, at);
    if (!src || at.end > src->len || at.end <= at.start)
        return false;
    /* of a path, the first and the last word */
    size_t n = 0, last = at.end;
    while (at.start + n < at.end && is_word(src->text[at.start + n]))
        n++;
    while (last > at.start && is_word(src->text[last - 1]))
        last--;
    const char *first_word = arena_strndup(p->arena, src->text + at.start, n);
    const char *last_word = arena_strndup(p->arena, src->text + last, at.end - last);
    for (size_t i = 0; i < p->file_scopes.n; i++) {
        const struct scope *s = p->file_scopes.at[i];
        const struct source *text =
            s && s->file ? sources_find(p->ds->sources, (struct span){s->file->file, 0, 0}) : NULL;
        if (text && s->file->broken &&
            ((n && declared_in(text, first_word, n)) ||
             (*last_word && declared_in(text, last_word, strlen(last_word))) ||
             in_lost(text, s->file, first_word, n) ||
             in_lost(text, s->file, last_word, strlen(last_word)) ||
             ((!guessed || kind) && lost_nameless(text, s->file, kind))))
            return true;
    }
    return false;
}

/* Whether its line has a bracket without another end: what is left of the line is not
 * what was meant. Braces that are never closed hold other lines. */
static bool beside_bracket(const struct program *p, const struct diag *d, size_t syntax)
{
    const struct source *src = sources_find(p->ds->sources, d->span);
    for (size_t i = 0; src && i < syntax; i++) {
        const struct diag *b = p->ds->all.at[i];
        if (b->span.file == d->span.file && b->span.start < src->len &&
            (!strcmp(b->code, "BG0005") || (!strcmp(b->code, "BG0004") && src->text[b->span.start] != '{')) &&
            source_place(src, b->span.start).line == source_place(src, d->span.start).line)
            return true;
    }
    return false;
}

/* `syntax`: of so many diagnostics, which came from reading. */
static bool is_consequence(const struct program *p, const struct diag *d, size_t syntax)
{
    static const char *const of_names[] = {"BG1001", "BG1005", "BG1006", "BG1015", "BG1021",
                                           "BG1025", "BG4009", "BG4010"};
    static const char *const of_absence[] = {"BG0104", "BG1012", "BG1016", "BG3004", "BG4002",
                                             "BG4008", "BG4011", "BG4012", "BG4019", "BG4031"};
    for (size_t i = 0; i < sizeof of_absence / sizeof *of_absence; i++)
        if (!strcmp(d->code, of_absence[i]))
            return true;
    if (beside_bracket(p, d, syntax))
        return true;
    for (size_t i = 0; i < sizeof of_names / sizeof *of_names; i++)
        if (!strcmp(d->code, of_names[i]))
            return lost_name(p, d->span, d->fixes.n > 0, !strcmp(d->code, "BG4009") ? "gate" : NULL);
    return false;
}

static void drop_consequences(struct program *p, size_t from)
{
    struct diags *ds = p->ds;
    size_t n = from;
    for (size_t i = from; i < ds->all.n; i++) {
        if (ds->all.at[i]->severity == SEV_ERROR && is_consequence(p, ds->all.at[i], from))
            ds->errors--;
        else
            ds->all.at[n++] = ds->all.at[i];
    }
    ds->all.n = n;
}

bool program_check(struct program *p)
{
    struct checker c = {.p = p, .a = p->arena, .ds = p->ds};
    size_t errors = p->ds->errors, from = p->ds->all.n;
    map_init(&c.told, p->arena);
    check_root(&c);
    check_gates(&c);
    rules_worlds(&c);
    rules_gates(&c);
    rules_rollouts(&c);
    check_scenarios(&c);
    check_tests(&c);
    lint_check_allows(p);
    if (any_broken(p))
        drop_consequences(p, from);
    else if (p->ds->errors == 0)
        check_lint(&c);
    lint_allow(p, 0);
    return p->ds->errors == errors;
}
