#!/usr/bin/env bash
# hand.sh - fuzzes one target by hand; not a part of ./check.
#
#   tests/fuzz/hand.sh [--afl] TARGET [SECONDS]     TARGET: NAME of fuzz_NAME.c
#   tests/fuzz/hand.sh --minimise TARGET            what was found becomes corpus
#
# libFuzzer (clang) with AddressSanitizer and UBSan, or AFL++ (afl-clang-fast).
# Builds in build/fuzz or build/afl; what is found stays in there, under found/.
# An input that fails is printed with its trace; see README.md for what then.
set -euo pipefail
cd "$(dirname "$0")/../.."
top=$PWD
engine=libfuzzer minimise=
while [[ ${1-} == --* ]]; do
    case $1 in
    --afl) engine=afl ;;
    --minimise) minimise=1 ;;
    *) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit 2 ;;
    esac
    shift
done
name=${1:?which target?} seconds=${2:-600}
source=tests/fuzz/fuzz_$name.c
[ -e "$source" ] || { echo "there is no $source" >&2; exit 2; }

if [ $engine = afl ]; then
    build=$top/build/afl cc=afl-clang-fast flags=
else
    build=$top/build/fuzz cc=clang flags=-fsanitize=fuzzer-no-link
fi
command -v $cc >/dev/null || { echo "$cc is not here" >&2; exit 2; }
launcher=$(command -v ccache || true)
mkdir -p "$build"
[ -e configure ] || ./bootstrap
(cd "$build" &&
    { [ -e Makefile ] || CC="$launcher $cc" ../../configure --quiet --enable-sanitize CFLAGS="-g -O1 $flags"; } &&
    make --quiet -j2 libbgc.a libgrammar.a) >"$build/log" 2>&1 </dev/null || { tail -n 30 "$build/log"; exit 1; }
[ $engine = afl ] && flags=-fsanitize=fuzzer,address,undefined || flags=-fsanitize=fuzzer,address,undefined
# shellcheck disable=SC2046
$cc -std=gnu17 -D_GNU_SOURCE -g -O1 $flags -fno-sanitize-recover=all -Isrc -I. -I"$build" -o "$build/fuzz_$name" "$source" \
    "$build/libbgc.a" "$build/libgrammar.a" "$build/libbgc.a" \
    $(pkg-config --cflags --libs libcurl openssl libxml-2.0 jansson libpcre2-8) -lm

seeds=tests/fuzz/corpus/$name found=$build/found/$name
mkdir -p "$found" "$build/out"
dict=()
[ ! -e "tests/fuzz/$name.dict" ] || dict=(-dict="tests/fuzz/$name.dict")
case $name in check | eval | parse) dict=(-dict=tests/fuzz/bg.dict) ;; esac
export ASAN_OPTIONS=detect_leaks=${LEAKS:-1} UBSAN_OPTIONS=print_stacktrace=1

if [ -n "$minimise" ]; then
    exec "$build/fuzz_$name" -merge=1 "$seeds" "$found"
elif [ $engine = afl ]; then
    export AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0
    exec nice -n 15 afl-fuzz -i "$seeds" -o "$build/out/$name" ${dict[0]:+-x "${dict[0]#-dict=}"} -m none -t 2000 -V "$seconds" -- "$build/fuzz_$name"
else
    exec nice -n 15 "$build/fuzz_$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 -max_len=8192 \
        -artifact_prefix="$build/found/$name." -print_final_stats=1 "${dict[@]}" "$found" "$seeds"
fi
