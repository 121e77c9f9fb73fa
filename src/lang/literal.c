#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lang/syntax.h"
#include "grammar/parse.tab.h"

static const struct unit {
    const char *name;
    int64_t factor; /* milliseconds or bytes */
    int token;
} units[] = {
    {"ms", 1, T_DURATION},       {"s", 1000, T_DURATION},      {"m", 60000, T_DURATION},
    {"h", 3600000, T_DURATION},  {"d", 86400000, T_DURATION},  {"B", 1, T_SIZE},
    {"KiB", 1 << 10, T_SIZE},    {"MiB", 1 << 20, T_SIZE},     {"GiB", 1 << 30, T_SIZE},
    {"TiB", 1LL << 40, T_SIZE},
};
enum { NUNITS = sizeof units / sizeof *units };

/* What people write for a unit, and the unit that they mean. */
static const struct {
    const char *said, *meant;
} aliases[] = {
    {"sec", "s"},    {"secs", "s"},  {"second", "s"}, {"seconds", "s"}, {"min", "m"},
    {"mins", "m"},   {"minute", "m"},{"minutes", "m"},{"hour", "h"},    {"hours", "h"},
    {"hr", "h"},     {"hrs", "h"},   {"day", "d"},    {"days", "d"},    {"msec", "ms"},
    {"millis", "ms"},{"b", "B"},     {"k", "KiB"},    {"K", "KiB"},     {"kb", "KiB"},
    {"KB", "KiB"},   {"kB", "KiB"},  {"Ki", "KiB"},   {"M", "MiB"},     {"mb", "MiB"},
    {"MB", "MiB"},   {"Mi", "MiB"},  {"g", "GiB"},    {"G", "GiB"},     {"gb", "GiB"},
    {"GB", "GiB"},   {"Gi", "GiB"},  {"t", "TiB"},    {"T", "TiB"},     {"tb", "TiB"},
    {"TB", "TiB"},   {"Ti", "TiB"},  {"kib", "KiB"},  {"mib", "MiB"},   {"gib", "GiB"},
    {"tib", "TiB"},  {"S", "s"},     {"H", "h"},      {"D", "d"},       {"bytes", "B"},
};

static const struct unit *unit_find(const char *s)
{
    for (size_t i = 0; i < NUNITS; i++)
        if (!strcmp(units[i].name, s))
            return &units[i];
    return NULL;
}

/* The number as a whole multiple of a smaller unit: "1.5h" is "90m". */
static void help_whole(struct lexer *lx, struct diag *d, struct span at, struct dec number,
                       const struct unit *u)
{
    for (const struct unit *v = u; v >= units && v->token == u->token; v--) {
        struct dec all;
        if (!dec_mul(number, (struct dec){u->factor / v->factor, 0}, &all))
            return;
        if (all.scale == 0) {
            lex_help(lx, d, "write %lld%s", (long long)all.m, v->name);
            lex_mend(lx, d, true, at, arena_printf(lx->arena, "%lld%s", (long long)all.m, v->name));
            return;
        }
    }
}

static int unknown_unit(struct lexer *lx, const char *digits, const char *word, struct span at,
                        struct token *out)
{
    struct diag *d;
    bool whole = !strchr(digits, '.');
    if (word[0] == '_' || ((word[0] == 'x' || word[0] == 'b' || word[0] == 'o') && digits[0] == '0' &&
                           !digits[1] && word[1])) {
        d = lex_error(lx, "BG0009", at, "this is no number");
        lex_help(lx, d, "numbers are written in decimal digits alone, without `_`");
    } else if ((word[0] == 'e' || word[0] == 'E') && word[1] && strspn(word + 1, "0123456789") == strlen(word + 1)) {
        d = lex_error(lx, "BG0009", at, "this is no number");
        lex_help(lx, d, "there are no exponents: write all digits");
    } else {
        const char *meant = NULL;
        for (size_t i = 0; i < sizeof aliases / sizeof *aliases && !meant; i++)
            if (!strcmp(aliases[i].said, word))
                meant = aliases[i].meant;
        d = lex_error(lx, "BG0010", at, "`%.40s` is no unit", word);
        if (meant && whole) {
            lex_help(lx, d, "did you mean `%.20s%s`?", digits, meant);
            lex_mend(lx, d, true, at, arena_printf(lx->arena, "%s%s", digits, meant));
            out->literal = value_int(lx->arena, 0);
            const struct unit *u = unit_find(meant);
            out->literal = u->token == T_SIZE ? value_size(lx->arena, 0) : value_duration(lx->arena, 0);
            return u->token; /* what was meant: nothing after it is disturbed */
        }
        if (strpbrk(word, "0123456789"))
            lex_help(lx, d, "a duration has one unit: 90m, not 1h30m");
        lex_help(lx, d, "units are ms s m h d for durations and B KiB MiB GiB TiB for sizes");
    }
    return T_BGerror;
}

/* `s` is digits, perhaps with a fraction, and then nothing, `%`, a word or a
 * rate's `/s`. */
int literal_number(struct lexer *lx, const char *s, size_t n, struct span at, struct token *out)
{
    size_t digits = 0;
    while (digits < n && ((s[digits] >= '0' && s[digits] <= '9') || s[digits] == '.'))
        digits++;
    const char *unit = s + digits;
    if (digits > 1 && s[0] == '0' && s[1] >= '0' && s[1] <= '9') {
        struct diag *d = lex_error(lx, "BG0009", at, "a number does not begin with 0");
        lex_help(lx, d, "drop the zero, or write a string when the zeros matter: \"%.*s\"",
                 (int)(n > 40 ? 40 : n), s);
        return T_BGerror;
    }
    struct dec number;
    char *text = arena_strndup(lx->arena, s, digits < 64 ? digits : 64);
    if (digits >= 64 || !dec_parse(text, &number)) {
        struct diag *d = lex_error(lx, "BG0009", at, "this number is too large or has too many digits");
        lex_help(lx, d, "numbers have at most 18 digits");
        return T_BGerror;
    }
    bool whole = !memchr(s, '.', digits);
    struct value *v;
    int token;
    if (digits == n) {
        token = whole ? T_INT : T_NUMBER;
        v = whole ? value_int(lx->arena, number.m) : value_number(lx->arena, number);
    } else if (*unit == '%') {
        token = T_PERCENT;
        v = value_percent(lx->arena, number);
    } else if (*unit == '/') {
        token = T_RATE;
        v = value_rate(lx->arena, number,
                       unit[1] == 's'   ? 1000
                       : unit[1] == 'm' ? 60000
                       : unit[1] == 'h' ? 3600000
                                        : 86400000);
    } else {
        char *word = arena_strndup(lx->arena, unit, n - digits);
        const struct unit *u = unit_find(word);
        if (!u)
            return unknown_unit(lx, text, word, at, out);
        token = u->token;
        int64_t all = 0;
        if (!whole) {
            struct diag *d = lex_error(lx, "BG0009", at, "a %s is a whole number and a unit",
                                       token == T_SIZE ? "size" : "duration");
            help_whole(lx, d, at, number, u);
        } else if (__builtin_mul_overflow(number.m, u->factor, &all)) {
            lex_error(lx, "BG0009", at, "this is too large");
        }
        v = token == T_SIZE ? value_size(lx->arena, all) : value_duration(lx->arena, all);
    }
    v->span = at;
    out->literal = v;
    return token;
}

/* `s` is addresses' digits, dots and colons, perhaps with `/` and more. Even a
 * wrong one is a network token, so that only one error is reported. */
int literal_network(struct lexer *lx, const char *s, size_t n, struct span at, struct token *out)
{
    char *text = arena_strndup(lx->arena, s, n), *slash = strchr(text, '/');
    bool six = strchr(text, ':');
    unsigned char bytes[16], host[16];
    char canonical[INET6_ADDRSTRLEN];
    int family = six ? AF_INET6 : AF_INET, bits = six ? 128 : 32;
    out->literal = value_cidr(lx->arena, six ? "::/0" : "0.0.0.0/0");
    if (slash)
        *slash = '\0';
    if (inet_pton(family, text, bytes) != 1) {
        struct diag *d = lex_error(lx, "BG0011", at, "this is no %s",
                                   six ? "IPv6 address" : "IPv4 address or number");
        lex_help(lx, d, six ? "a network is written like fd00:1234::/48"
                            : "a network is four numbers of 0 to 255 and a prefix length, like "
                              "10.0.0.0/16; versions and names stand in quotes");
        return T_CIDR;
    }
    if (!slash || !slash[1]) {
        struct diag *d = lex_error(lx, "BG0011", at, "this address has no prefix length");
        lex_help(lx, d, "a single address is the network %s/%d", text, bits);
        lex_mend(lx, d, true, at, arena_printf(lx->arena, "%s/%d", text, bits));
        return T_CIDR;
    }
    const char *length = slash + 1;
    char *end;
    long prefix = strtol(length, &end, 10);
    if (*end || strlen(length) > 3 || prefix > bits || (length[0] == '0' && length[1])) {
        struct diag *d = lex_error(lx, "BG0011", at, "`/%.20s` is no prefix length", length);
        lex_help(lx, d, "it is a number of 0 to %d", bits);
        return T_CIDR;
    }
    memcpy(host, bytes, sizeof host);
    for (int i = 0; i < bits / 8; i++) {
        int keep = (int)prefix - 8 * i;
        bytes[i] &= (unsigned char)(keep >= 8 ? 0xff : keep <= 0 ? 0 : 0xff << (8 - keep));
    }
    inet_ntop(family, bytes, canonical, sizeof canonical);
    if (memcmp(host, bytes, (size_t)bits / 8)) {
        struct diag *d = lex_error(lx, "BG0011", at, "this network has bits set behind its prefix");
        lex_help(lx, d, "the network is %s/%ld; this one address is %s/%d", canonical, prefix, text,
                 bits);
        lex_mend(lx, d, false, at, arena_printf(lx->arena, "%s/%ld", canonical, prefix));
        lex_mend(lx, d, false, at, arena_printf(lx->arena, "%s/%d", text, bits));
        return T_CIDR;
    }
    struct value *v = value_cidr(lx->arena, arena_printf(lx->arena, "%s/%ld", canonical, prefix));
    v->span = at;
    out->literal = v;
    return T_CIDR;
}
