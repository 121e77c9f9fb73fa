#!/bin/sh
# The rules of the house, as far as a machine can check them. TAP.
# SRCDIR is the source folder; BGC, when given, the built binary.
set -u
LC_ALL=C
export LC_ALL
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1

. tests/tap.sh
skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

code=$(find src -name '*.[ch]' | sort)
# Where the code, not a comment, matches a pattern.
finds() {
    # shellcheck disable=SC2086
    grep -nE "$1" $code | grep -vE '^[^:]*:[0-9]+: *(/?\*|//)' | sed 's|/\*.*||' | grep -E "$1"
}

# Folders of the same height do not know each other, but for what stands in
# one of them.
verdict 'includes point only downward' "$(awk '
    BEGIN {
        split("base lang schema plan cloud aws,sandbox rollout adopt,lsp,rehearse,review cli", rooms, " ")
        for (h = 1; h in rooms; h++) {
            m = split(rooms[h], same, ",")
            for (i = 1; i <= m; i++) height[same[i]] = h
        }
    }
    FNR == 1 {
        split(FILENAME, part, "/")
        here = FILENAME ~ /^grammar/ ? "lang" : part[2]
        if (!(here in height)) print FILENAME ": no such layer: " here
    }
    /^[ \t]*#[ \t]*include[ \t]*"/ {
        split($0, quoted, "\"")
        room = quoted[2]
        if (room ~ /^grammar\//) room = "lang/"
        if (room !~ /\//) { print FILENAME ":" FNR ": include paths start at src/: " quoted[2]; next }
        sub(/\/.*/, "", room)
        if (!(room in height)) print FILENAME ":" FNR ": no such layer: " quoted[2]
        else if (room != here && height[room] >= height[here])
            print FILENAME ":" FNR ": " here " may not include " quoted[2]
    }' $code)"

verdict 'no C file is longer than 900 lines' "$(
    for f in $code; do
        lines=$(wc -l < "$f")
        [ "$lines" -le 900 ] || echo "$f: $lines lines"
    done)"

verdict 'every header begins by saying what it is' "$(
    for f in $(find src -name '*.h' | sort); do
        head -n 1 "$f" | grep -q "^/\* $(basename "$f") - " || echo "$f: no '/* $(basename "$f") - ...'"
    done)"

verdict 'the time comes from base/clock.h alone' "$(
    finds '(^|[^a-z_.>])(time|gettimeofday|clock_gettime|localtime|localtime_r) ?\(' |
        grep -v '^src/base/clock\.[ch]:')"

verdict 'nothing is left to chance: no rand()' "$(
    finds '(^|[^a-z_.>])(rand|srand|random|srandom|drand48|rand_r) ?\(')"

verdict 'the environment is read in src/cli alone' "$(
    finds '(^|[^a-z_])(secure_)?getenv ?\(' | grep -v '^src/cli/')"

verdict 'nothing runs a shell' "$(finds '(^|[^a-z_.>])(system|popen) ?\(')"

# What a program knows of AWS is in stdlib/; the sandbox plays AWS.
verdict 'no names of AWS types in C' "$(
    sed 's|/\*.*||' $(find src -name '*.c' ! -path 'src/sandbox/*' | sort) |
        grep -E '"(acm|autoscaling|cloudwatch|ec2|elbv2|iam|logs|rds|route53)\.[a-z_]+"')"

used=$({
    find src grammar \( -name '*.c' -o -name '*.[ly]' \) -exec grep -hoE '"BG[0-9]{4}"' {} +
    find stdlib -name '*.bg' -exec grep -hoE 'lint BG[0-9]{4}' {} +
} 2>/dev/null | sed 's/lint //' | tr -d '"' | sort -u)
explained=$(find docs/errors -name 'BG*.md' 2>/dev/null | sed 's|.*/||; s|\.md$||' | sort)
verdict 'every diagnostic is explained in docs/errors' "$(
    for c in $used; do
        [ -f "docs/errors/$c.md" ] || echo "docs/errors/$c.md is missing"
    done)"
verdict 'every explanation is of a diagnostic that exists' "$(
    for c in $explained; do
        printf '%s\n' "$used" | grep -qx "$c" || echo "docs/errors/$c.md: nothing says $c"
    done)"
verdict 'every explanation has its title' "$(
    for c in $explained; do
        head -n 1 "docs/errors/$c.md" | grep -q "^# $c: ." || echo "docs/errors/$c.md: no '# $c: ...'"
    done)"

if [ -f sources.am ]; then
    verdict 'sources.am is what tools/sources.sh says' "$(sh tools/sources.sh --check . 2>&1)"
else
    skip 'sources.am is what tools/sources.sh says' 'not bootstrapped'
fi

# Const tables with pointers stand in .data.rel.ro; .data and .bss can change.
lib=$(dirname "${BGC:-/nowhere/bgc}")/libbgc.a
if [ -f "$lib" ] && ! nm "$lib" 2>/dev/null | grep -q __asan_init; then
    verdict 'no variables that outlive a call' "$(
        objdump -t "$lib" | awk '/file format/ { sub(/:.*/, ""); file = $0 }
            ($4 == ".data" || $4 == ".bss" || $5 == ".data" || $5 == ".bss") && $NF !~ /^\.(data|bss)$/ {
                print file ": " $NF }')"
else
    skip 'no variables that outlive a call' 'no library to look into'
fi
echo "1..$n"
