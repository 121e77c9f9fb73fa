#!/usr/bin/env bash
# robust.py as TAP, so that ./check runs it with the sanitized binary (BGC) too.
set -u
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${PYTHON:-python3}" -m pytest -v -p no:cacheprovider --tb=short --color=no tests/lsp/robust.py >"$log" 2>&1 </dev/null
awk '
    /^tests\/lsp\/robust\.py::.* (PASSED|FAILED|ERROR|SKIPPED)/ {
        name = substr($0, index($0, "::") + 2)
        verdict = $0 ~ / SKIPPED/ ? "skip" : $0 ~ / PASSED/ ? "ok" : "bad"
        sub(/ (PASSED|FAILED|ERROR|SKIPPED).*/, "", name)
        gsub(/#/, "", name)
        if (verdict != "bad" || !(name in told))
            printf "%s %d - %s%s\n", verdict == "bad" ? "not ok" : "ok", ++n, substr(name, 1, 80),
                verdict == "skip" ? " # SKIP" : ""
        told[name] = 1
    }
    END { if (!n) { print "not ok 1 - pytest ran"; n = 1 } print "1.." n }' "$log"
grep -q -E ' (FAILED|ERROR)|no tests ran|rror' "$log" && sed -n '/= FAILURES =/,$p' "$log" | head -n 80 | sed 's/^/# /'
exit 0
