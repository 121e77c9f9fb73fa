#!/usr/bin/env bash
# The pages of `bgc explain`, docs/errors/BGnnnn.md: their examples are compiled. TAP.
#
# What the fence of an example says decides how:
#   ```bg            the first of a page must give exactly the page's code, the others none
#   ```bg BG1013     must give exactly this code
#   ```bg none       gives none: what is wrong with it only an account can tell
#   ```bg parts.bg   a further file, for the examples behind it; so is ```text bgc.lock
#   ```bg raw        by itself; else tests/check/frame.sh puts a whole program around it
#   ```bg plan       `bgc plan --sandbox` instead of `bgc check`
#   ```bg -i n=3     options for it
# NAME.err holds what the first example is told, word for word; BLESS=1 writes it again.
#
# A page without an example is of a code that only an account, a store, the command line or
# the environment can provoke: a test of these must name it.
set -uo pipefail
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
bgc=${BGC:-build/bgc}
case $bgc in /*) ;; *) bgc=$PWD/$bgc ;; esac
[ -x "$bgc" ] || { echo "Bail out! there is no $bgc"; exit 1; }
top=$PWD
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

. tests/tap.sh

blocks_of() { # blocks_of PAGE: into $tmp/blocks, NNN.how and NNN.text
    rm -rf "$tmp/blocks" "$tmp/program"
    mkdir "$tmp/blocks" "$tmp/program"
    awk -v dir="$tmp/blocks" '
        /^```/ && !inside { inside = 1; sub(/^``` */, ""); k++
            file = sprintf("%s/%03d", dir, k); print $0 > (file ".how"); printf "" > (file ".text"); next }
        /^```/ { inside = 0; next }
        inside { print > (file ".text") }' "$1"
}

# Runs the example in $tmp/program; what it says is in $tmp/out, its codes in $codes.
run() { # run PAGE-CODE COMMAND [OPTION]...
    local code=$1
    shift
    (cd "$tmp/program" && "$bgc" "$@" main.bg) >"$tmp/all" 2>&1 </dev/null
    sed -n '/^\(error\|warning\)\[/,$p' "$tmp/all" > "$tmp/out"
    codes=$(grep -oE '^(error|warning)\[BG[0-9]+\]' "$tmp/out" | grep -oE 'BG[0-9]+' | sort -u | tr '\n' ' ')
    # an example does not use all that it declares
    [ "$code" = BG7001 ] || codes=${codes//BG7001 /}
}

for page in docs/errors/BG*.md; do
    code=$(basename "$page" .md)
    blocks_of "$page"
    examples=0 found= elsewhere=
    for how in "$tmp"/blocks/*.how; do
        [ -e "$how" ] || continue
        text=${how%.how}.text
        read -ra words < "$how"
        lang=${words[0]-} command=check want= nothing= raw= file= options=()
        for word in "${words[@]:1}"; do
            case $word in
            BG[0-9][0-9][0-9][0-9]) want+="$word " ;;
            none) nothing=1 ;;
            *.bg | *.lock | *.sh | *.txt) file=$word ;;
            raw) raw=1 ;;
            plan) command=plan options+=(--sandbox) ;;
            *) options+=("$word") ;;
            esac
        done
        if [ -n "$file" ]; then
            mkdir -p "$(dirname "$tmp/program/$file")"
            cp "$text" "$tmp/program/$file"
            continue
        fi
        [ "$lang" = bg ] || continue
        examples=$((examples + 1))
        [ $examples -gt 1 ] || [ -n "$nothing" ] || want=${want:-$code }
        if [ -n "$raw" ]; then cp "$text" "$tmp/program/main.bg"; else
            sh tests/check/frame.sh < "$text" > "$tmp/program/main.bg"; fi
        [ $examples -gt 1 ] || elsewhere=$nothing
        run "$code" $command ${options[@]+"${options[@]}"}
        [ "$codes" = "$want" ] || found+="example $examples: ${codes:-nothing }instead of ${want:-nothing}"$'\n'
        [ $examples -eq 1 ] || continue
        if [ -n "${BLESS-}" ]; then cp "$tmp/out" "tests/errors/$code.err"; fi
        found+=$(diff "tests/errors/$code.err" "$tmp/out" 2>&1)
    done
    if [ $examples -eq 0 ] || [ -n "$elsewhere" ]; then
        grep -rqs "$code" tests --include='*.py' --include='*.c' \
            --include='*.sh' --include='*.out' --include='test_*' --include='*.err' --exclude-dir=errors ||
            found+="no example gives it, and no test names it"
    fi
    verdict "$code, $examples examples" "$found"
done

cd "$top" || exit 1
verdict 'every code has a page' "$(grep -rohE '"BG[0-9]{4}"' src grammar | tr -d '"' | sort -u |
    while read -r code; do [ -e "docs/errors/$code.md" ] || echo "$code"; done)"
verdict 'every page has a code' "$(for page in docs/errors/BG*.md; do
    code=$(basename "$page" .md)
    grep -rqs "$code" src grammar stdlib || echo "$code is never reported"; done)"
verdict 'every text belongs to a page' "$(for text in tests/errors/*.err; do
    [ -e "docs/errors/$(basename "$text" .err).md" ] || echo "$text"; done)"
echo "1..$n"
exit $bad
