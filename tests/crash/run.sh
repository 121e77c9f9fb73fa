#!/bin/sh
# Death at every call, and two runners at once. See crash.c.
set -u
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
src=$(pwd)
BGC=${BGC:-$src/build/bgc}
lib=$(dirname "$BGC")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
flags=
every=1
if nm "$lib/libbgc.a" 2>/dev/null | grep -q __asan_init; then
    flags="-fsanitize=address,undefined"
    every=17 # each child is many times slower
fi
libs=$(pkg-config --libs libcurl openssl libxml-2.0 jansson libpcre2-8) || exit 1
# shellcheck disable=SC2086
if ! ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O1 -g $flags -Isrc -o "$tmp/deaths" tests/crash/crash.c \
    "$lib/libbgc.a" "$lib/libgrammar.a" "$lib/libbgc.a" $libs -lm 2>"$tmp/err"; then
    sed 's/^/# /' "$tmp/err"
    echo "Bail out! the crash test does not compile"
    exit 1
fi
number=0
bad=0
shop=examples/shop/shop.bg
split=examples/split/split.bg # a change of its traffic is two writes; every third point will do
for run in "$shop crash $every" "$shop runners $every" "tests/crash/own.bg crash $every" "tests/crash/moved.bg crash $every" \
    "tests/crash/adopt.bg crash $every" "tests/crash/replace.bg crash $every" "$shop destroy $((every * 3))" \
    "tests/crash/names.bg crash $every" "tests/crash/fewer.bg crash $every" "tests/crash/fewer.bg runners $every" \
    "$split crash $((every * 3))" "$split unfenced $((every * 3))"; do
    # shellcheck disable=SC2086
    set -- $run
    mkdir "$tmp/points" || exit 1
    ASAN_OPTIONS=detect_leaks=0 CRASH_DIR="$tmp/points" "$tmp/deaths" "$1" "$2" "$3" >"$tmp/out" || bad=1
    rm -rf "$tmp/points"
    grep -v '^1\.\.' "$tmp/out" | awk -v base=$number '/^(not )?ok /{ for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+$/) { $i += base; break } } { print }'
    number=$((number + $(grep -c -E '^(not )?ok ' "$tmp/out")))
done
echo "1..$number"
exit $bad
