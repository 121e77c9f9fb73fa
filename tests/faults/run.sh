#!/bin/sh
# Upgrades under faults by seed, with an observer of every call. See faults.c.
# FAULTS=1000 tests/faults/run.sh: that many seeds of each story.
set -u
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
src=$(pwd)
BGC=${BGC:-$src/build/bgc}
lib=$(dirname "$BGC")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
flags=
few=8
if nm "$lib/libbgc.a" 2>/dev/null | grep -q __asan_init; then
    flags="-fsanitize=address,undefined"
    few=1 # each is many times slower
fi
few=${FAULTS:-$few}
libs=$(pkg-config --libs openssl jansson libpcre2-8) || exit 1
# shellcheck disable=SC2086
if ! ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O1 -g $flags -Isrc -o "$tmp/faults" tests/faults/faults.c \
    "$lib/libbgc.a" "$lib/libgrammar.a" "$lib/libbgc.a" $libs -ldl -lm 2>"$tmp/err"; then
    sed 's/^/# /' "$tmp/err"
    echo "Bail out! the campaign does not compile"
    exit 1
fi
number=0
bad=0
# Then seeds that once broke a promise. Worker 84: a call fails for good while another is
# in flight and a third waits to be sent again; the run spun.
for run in "tests/faults/two.bg 1 $few" "examples/worker/worker.bg 1 $few" "examples/split/split.bg 1 $few" \
    "examples/shop/shop.bg 1 $few" "examples/worker/worker.bg 84 84"; do
    number=$((number + 1))
    # shellcheck disable=SC2086
    ASAN_OPTIONS=detect_leaks=0 "$tmp/faults" $run >"$tmp/out" || bad=1
    grep -v '^1\.\.' "$tmp/out" | sed "s/^\(not \)\{0,1\}ok 1 /\1ok $number /"
done
echo "1..$number"
exit $bad
