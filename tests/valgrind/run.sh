#!/usr/bin/env bash
# A handful of commands under valgrind's memcheck: what is read before it was written, which the
# sanitizers do not see, and what is lost at the end. TAP.
set -uo pipefail
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
bgc=${BGC:-build/bgc}
case $bgc in /*) ;; *) bgc=$PWD/$bgc ;; esac
[ -x "$bgc" ] || { echo "Bail out! there is no $bgc"; exit 1; }
if nm "$bgc" 2>/dev/null | grep __asan_init >/dev/null; then echo 'Bail out! a sanitized build runs under no valgrind'; exit 1; fi
command -v valgrind >/dev/null || { echo 'Bail out! there is no valgrind'; exit 1; }
top=$PWD
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
readonly WRONG=99
export HOME=$tmp AWS_EC2_METADATA_DISABLED=true

. tests/tap.sh

memcheck() { valgrind -q --error-exitcode=$WRONG --leak-check=full --errors-for-leak-kinds=definite --log-file="$tmp/log" "$@"; }

# Runs a command, which must end with that status.
run() { # run STATUS COMMAND [ARGUMENT]...
    local want=$1 status
    shift
    memcheck "$bgc" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    status=$?
    if [ $status -eq "$want" ]; then verdict "bgc $*" ''; else
        verdict "bgc $*" "exit $status instead of $want
$(cat "$tmp/log" "$tmp/err")"
    fi
}

# That it would be seen: a branch on what nobody wrote, and a block that nobody holds.
printf '%s\n' '#include <stdlib.h>' 'int main(int n, char **arg)' '{' '    int *p = malloc(sizeof *p);' \
    '    int r = n > 1 && *p == 7 ? 1 : 0;' '    (void)arg;' '    if (n < 3) free(p);' '    p = NULL;' \
    '    return r == 5;' '}' > "$tmp/wrong.c"
# shellcheck disable=SC2086
${CC:-cc} -O0 -w -o "$tmp/wrong" "$tmp/wrong.c" || exit 1
for args in '' x 'x y'; do
    # shellcheck disable=SC2086
    memcheck "$tmp/wrong" $args
    status=$?
    want=$WRONG
    [ -n "$args" ] || want=0
    verdict "memcheck sees ${args:-nothing}" "$([ $status -eq $want ] || echo "exit $status instead of $want")"
done

cp -r examples/shop/. "$tmp"
cp tests/check/ten*.bg tests/check/drawn.bg "$tmp"
cd "$tmp" || exit 1
cat >> shop.bg <<'BG'
test "what the program writes" {
  mock   net.vpc = { id = "vpc-1", range = 10.0.0.0/16 }
  expect web.tg.vpc.id == "vpc-1"
}
BG
run 0 check shop.bg
run 1 check ten_types.bg
run 1 check --sarif ten_brackets.bg
run 1 check --json drawn.bg
run 0 plan --sandbox=account.json shop.bg
run 0 apply --sandbox=account.json --yes -q shop.bg
run 0 apply --sandbox=account.json --yes -q -i size=t2.small shop.bg
run 0 status --sandbox=account.json shop.bg
run 0 test --only 'what the program writes' shop.bg
run 0 test --only 'latency doubles' shop.bg
run 0 test --only 'never becomes healthy' shop.bg
sed 's/  */   /g' shop.bg > odd.bg
run 3 fmt --check odd.bg
run 0 fmt odd.bg
echo "1..$n"
exit $bad
