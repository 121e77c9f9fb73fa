#include "lang/scan.h"

#include <string.h>

#include "lang/syntax.h"
#include "grammar/parse.tab.h"

static enum scan_kind kind_of(int token)
{
    switch (token) {
    case T_STRING: return SCAN_STRING;
    case T_REGEX: return SCAN_REGEX;
    case T_HEAD: return SCAN_HEAD;
    case T_MIDDLE: return SCAN_MIDDLE;
    case T_TAIL: return SCAN_TAIL;
    case T_INT:
    case T_NUMBER:
    case T_DURATION:
    case T_PERCENT:
    case T_SIZE:
    case T_RATE: return SCAN_NUMBER;
    case T_CIDR: return SCAN_NETWORK;
    case T_NEWLINE: return SCAN_NEWLINE;
    case T_COMMENT: return SCAN_COMMENT;
    case T_BGerror: return SCAN_ERROR;
    case T_IF: case T_THEN: case T_ELSE: case T_FOR: case T_IN: case T_AND: case T_OR: case T_NOT:
    case T_TRUE: case T_FALSE: case T_NONE:
        return SCAN_KEYWORD;
    default: return token == T_NAME || token >= T_KW_STACK ? SCAN_WORD : SCAN_MARK;
    }
}

const struct scan_token *scan_text(struct arena *a, struct intern *names,
                                   const struct source *src, uint32_t file, size_t *n)
{
    VEC(struct scan_token) all = {0};
    struct lexer *lx = arena_make(a, struct lexer);
    lex_open(lx, a, names, NULL, file, src);
    for (;;) {
        struct token t;
        int kind = lex_next(lx, &t);
        if (kind == T_YYEOF || lx->binary)
            break;
        enum scan_kind is = kind_of(kind);
        vec_push(a, &all, (struct scan_token){
            is, is == SCAN_MARK ? src->text[t.span.start] : '\0', t.text, t.span});
    }
    lex_close(lx);
    *n = all.n;
    vec_push(a, &all, (struct scan_token){
        .span = {file, (uint32_t)src->len, (uint32_t)src->len}});
    return all.at;
}

bool scan_is_keyword(const char *word)
{
    return keyword_find(word, strlen(word)) != T_NAME;
}

bool scan_declares_stack(const char *text)
{
    for (const char *s = text; s; s = strchr(s, '\n')) {
        s += strspn(s, " \t\r\n");
        if (!strncmp(s, "stack", 5) && (s[5] == ' ' || s[5] == '\t'))
            return true;
    }
    return false;
}

const char *const *scan_declarations(size_t *n)
{
    *n = keywords_decl_n;
    return keywords_decl;
}
