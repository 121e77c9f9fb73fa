#!/bin/sh
# startup.sh [BGC] - how long `bgc version` takes, in milliseconds. The budget
# is 5: editors and hooks start it at every keystroke and commit.
set -eu
bgc=${1:-$(dirname "$0")/../build/bgc}
runs=500
[ -x "$bgc" ] || { echo "usage: startup.sh BGC" >&2; exit 2; }
"$bgc" version > /dev/null
start=$(date +%s%N)
i=0
while [ "$i" -lt "$runs" ]; do
    "$bgc" version > /dev/null
    i=$((i + 1))
done
end=$(date +%s%N)
awk -v ns=$((end - start)) -v runs=$runs 'BEGIN {
    ms = ns / runs / 1e6
    printf "startup %.2f ms (budget 5.00)\n", ms
    exit ms > 5
}'
