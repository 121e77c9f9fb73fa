#!/bin/sh
# Replays the corpus of every fuzz target, fuzz_NAME.c with corpus/NAME. A new
# input that failed once is a file more there.
set -u
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
BGC=${BGC:-$PWD/build/bgc}
lib=$(dirname "$BGC")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
flags=
if nm "$lib/libbgc.a" 2>/dev/null | grep -q __asan_init; then
    flags="-fsanitize=address,undefined -fno-sanitize-recover=all"
fi
libs=$(pkg-config --cflags --libs libcurl openssl libxml-2.0 jansson libpcre2-8) || exit 1
n=0
bad=0
for target in tests/fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    name=${name#fuzz_}
    n=$((n + 1))
    # shellcheck disable=SC2086
    if ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O1 -g $flags -Isrc -I. -I"$lib" -o "$tmp/$name" "$target" \
        tests/fuzz/replay.c "$lib/libbgc.a" "$lib/libgrammar.a" "$lib/libbgc.a" $libs -lm >"$tmp/log" 2>&1 &&
        ASAN_OPTIONS=detect_leaks=0 timeout 300 "$tmp/$name" "tests/fuzz/corpus/$name"/* >"$tmp/log" 2>&1; then
        echo "ok $n - $name, $(tail -n 1 "$tmp/log")"
    else
        bad=1
        echo "not ok $n - $name"
        tail -n 30 "$tmp/log" | sed 's/^/# /'
    fi
done
echo "1..$n"
exit $bad
