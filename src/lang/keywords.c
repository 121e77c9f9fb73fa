#include <string.h>

#include "lang/syntax.h"
#include "grammar/parse.tab.h"

/* Every word that the grammar knows, sorted. All but the expression keywords
 * (if then else for in and or not true false none) are names where no keyword
 * can stand. */
static const struct {
    const char *text;
    int token;
} keywords[] = {
    {"absent", T_KW_ABSENT}, {"account", T_KW_ACCOUNT}, {"active", T_KW_ACTIVE},
    {"adopt", T_KW_ADOPT}, {"after", T_KW_AFTER}, {"allow", T_KW_ALLOW}, {"allowed", T_KW_ALLOWED}, {"and", T_AND},
    {"api", T_KW_API}, {"approve", T_KW_APPROVE}, {"as", T_KW_AS}, {"assert", T_KW_ASSERT},
    {"at", T_KW_AT}, {"bake", T_KW_BAKE}, {"batch", T_KW_BATCH}, {"because", T_KW_BECAUSE},
    {"before", T_KW_BEFORE},
    {"build", T_KW_BUILD}, {"check", T_KW_CHECK}, {"create", T_KW_CREATE},
    {"delete", T_KW_DELETE}, {"deprecated", T_KW_DEPRECATED}, {"edit", T_KW_EDIT}, {"else", T_ELSE}, {"entry", T_KW_ENTRY}, {"error", T_KW_ERROR},
    {"every", T_KW_EVERY}, {"existing", T_KW_EXISTING}, {"expect", T_KW_EXPECT},
    {"fail", T_KW_FAIL}, {"failure", T_KW_FAILURE}, {"false", T_FALSE}, {"field", T_KW_FIELD},
    {"find", T_KW_FIND}, {"fixed", T_KW_FIXED}, {"fn", T_KW_FN}, {"for", T_FOR},
    {"from", T_KW_FROM}, {"full", T_KW_FULL}, {"gate", T_KW_GATE}, {"given", T_KW_GIVEN}, {"help", T_KW_HELP}, {"hold", T_KW_HOLD},
    {"id", T_KW_ID}, {"if", T_IF}, {"in", T_IN}, {"input", T_KW_INPUT}, {"keep", T_KW_KEEP},
    {"latest", T_KW_LATEST}, {"let", T_KW_LET}, {"lint", T_KW_LINT}, {"live", T_KW_LIVE}, {"load", T_KW_LOAD},
    {"lookup", T_KW_LOOKUP}, {"map", T_KW_MAP}, {"metric", T_KW_METRIC}, {"mock", T_KW_MOCK}, {"module", T_KW_MODULE},
    {"moved", T_KW_MOVED}, {"no_data", T_KW_NO_DATA}, {"none", T_NONE}, {"not", T_NOT},
    {"nothing", T_KW_NOTHING}, {"on", T_KW_ON}, {"or", T_OR}, {"out", T_KW_OUT},
    {"output", T_KW_OUTPUT}, {"overlap", T_KW_OVERLAP}, {"pin", T_KW_PIN},
    {"preflight", T_KW_PREFLIGHT}, {"query", T_KW_QUERY}, {"quota", T_KW_QUOTA},
    {"range", T_KW_RANGE}, {"read", T_KW_READ}, {"ref", T_KW_REF}, {"resource", T_KW_RESOURCE},
    {"retire", T_KW_RETIRE}, {"retry", T_KW_RETRY}, {"rollback", T_KW_ROLLBACK},
    {"rollout", T_KW_ROLLOUT}, {"scenario", T_KW_SCENARIO}, {"secret", T_KW_SECRET},
    {"service", T_KW_SERVICE}, {"set", T_KW_SET}, {"shared", T_KW_SHARED}, {"shift", T_KW_SHIFT},
    {"size", T_KW_SIZE}, {"stack", T_KW_STACK}, {"test", T_KW_TEST}, {"then", T_THEN},
    {"times", T_KW_TIMES}, {"token", T_KW_TOKEN}, {"tolerate", T_KW_TOLERATE},
    {"traffic", T_KW_TRAFFIC}, {"true", T_TRUE}, {"tune", T_KW_TUNE}, {"type", T_KW_TYPE},
    {"update", T_KW_UPDATE}, {"use", T_KW_USE}, {"via", T_KW_VIA}, {"wait", T_KW_WAIT}, {"warning", T_KW_WARNING},
    {"when", T_KW_WHEN}, {"where", T_KW_WHERE}, {"while", T_KW_WHILE}, {"with", T_KW_WITH},
    {"within", T_KW_WITHIN}, {"world", T_KW_WORLD}, {"write_only", T_KW_WRITE_ONLY},
};

int keyword_find(const char *s, size_t n)
{
    size_t lo = 0, hi = sizeof keywords / sizeof *keywords;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        int order = s[0] - keywords[mid].text[0];
        if (!order)
            order = strncmp(s, keywords[mid].text, n);
        if (!order && keywords[mid].text[n])
            order = -1; /* a longer keyword begins with it */
        if (!order)
            return keywords[mid].token;
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return T_NAME;
}

const char *const keywords_decl[] = {
    "stack", "account", "use", "input", "let", "output", "assert", "fn", "module", "out",
    "existing", "resource", "shared", "world", "entry", "traffic", "gate", "rollout", "scenario",
    "test", "moved", "adopt", "type", "service",
};
const size_t keywords_decl_n = sizeof keywords_decl / sizeof *keywords_decl;
