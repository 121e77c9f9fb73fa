#!/usr/bin/env bash
# Every ```bg example of the documentation is compiled. What the fence says decides how:
#   ```bg          a fragment: tests/check/frame.sh puts a whole program around it
#   ```bg BG1234   must fail, and says exactly this code
#   ```bg lib      declarations of a library (types, services): by themselves
# A fragment that begins with `use "./` gets the file that it names: an empty module.
set -uo pipefail
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
BGC=${BGC:-$PWD/build/bgc}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0 bad=0
for page in README.md docs/*.md stdlib/README.md; do
    rm -rf "$tmp/blocks"
    mkdir "$tmp/blocks"
    awk -v dir="$tmp/blocks" '
        /^```bg/ && !in_block { in_block = 1; sub(/^```bg */, ""); k++
            file = sprintf("%s/%03d", dir, k); print $0 > (file ".how"); print NR > (file ".line")
            printf "" > (file ".bg"); next }
        /^```/ && in_block { in_block = 0; next }
        in_block { print > (file ".bg") }' "$page"
    for how in "$tmp"/blocks/*.how; do
        [ -e "$how" ] || continue
        n=$((n + 1))
        block=${how%.how}
        want=$(cat "$how")
        title="$page:$(cat "$block.line")${want:+ ($want)}"
        rm -rf "$tmp/program"
        mkdir "$tmp/program"
        printf 'hello ${name}\n' > "$tmp/program/hello.txt"
        printf 'let port = 8080\n' > "$tmp/program/parts.bg"
        case $want in
        lib) cp "$block.bg" "$tmp/program/main.bg" ;;
        *) sh tests/check/frame.sh < "$block.bg" > "$tmp/program/main.bg" ;;
        esac
        "$BGC" check "$tmp/program/main.bg" > "$tmp/out" 2>&1
        codes=$(grep -oE '^error\[BG[0-9]+\]' "$tmp/out" | grep -oE 'BG[0-9]+' | sort -u | tr '\n' ' ')
        expected=
        case $want in BG*) expected="$want " ;; esac
        if [ "$codes" = "$expected" ]; then
            echo "ok $n - $title"
        else
            bad=1
            echo "not ok $n - $title"
            head -n 12 "$tmp/out" | sed 's/^/# /'
        fi
    done
done

# every function of the library has its line in the reference
n=$((n + 1))
missing=
for name in $(grep -oE '"fn [a-z_0-9]+\(' src/lang/native.c | sed 's/"fn //; s/(//' | sort -u); do
    grep -qE "\`(http\.)?$name\(" docs/language.md || missing="$missing $name"
done
if [ -z "$missing" ]; then echo "ok $n - every function is in docs/language.md"; else
    bad=1
    echo "not ok $n - every function is in docs/language.md"
    echo "#$missing"
fi

# and so has every finding of lint
n=$((n + 1))
missing=
for page in docs/errors/BG7*.md; do
    code=$(basename "$page" .md)
    grep -q "^| $code |" docs/language.md || missing="$missing $code"
done
if [ -z "$missing" ]; then echo "ok $n - every finding of lint is in docs/language.md"; else
    bad=1
    echo "not ok $n - every finding of lint is in docs/language.md"
    echo "#$missing"
fi
echo "1..$n"
exit $bad
