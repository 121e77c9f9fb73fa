#!/bin/sh
# What `bgc check` says. TAP.
#   NAME.bg + NAME.err      its errors, word for word
#   NAME/main.bg + NAME.err the same for programs of several files
#   ten*.bg                 have ten mistakes, and get ten errors
#   docs/design/evidence.md the table of the example is what bgc prints
# BLESS=1 writes the .err files and the table again.
set -u
LC_ALL=C
export LC_ALL
cd "${SRCDIR:-$(dirname "$0")/../..}" || exit 1
bgc=${BGC:-build/bgc}
case $bgc in /*) ;; *) bgc=$PWD/$bgc ;; esac
if [ ! -x "$bgc" ]; then
    echo "Bail out! there is no $bgc"
    exit 1
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

. tests/tap.sh

# ---- golden -------------------------------------------------------------------
cd tests/check || exit 1
for bg in *.bg */main.bg; do
    name=${bg%/main.bg}
    name=${name%.bg}
    "$bgc" check -q "$bg" > "$tmp/err" 2>&1
    status=$?
    if [ -n "${BLESS-}" ]; then cp "$tmp/err" "$name.err"; fi
    found=$(diff -u "$name.err" "$tmp/err" 2>&1)
    errors=$(grep -c '^error' "$tmp/err")
    if [ "$errors" -gt 0 ] && [ $status -ne 1 ]; then found="$found
exit $status"; fi
    if [ "$errors" -eq 0 ] && [ $status -ne 0 ]; then found="$found
exit $status without an error"; fi
    verdict "check $name" "$found"
done
# Ten mistakes are ten errors, of the lines that the last line of the file says.
for bg in ten*.bg; do
    sed -n 's/^# mistakes: //p' "$bg" | tr ' ' '\n' > "$tmp/wanted"
    "$bgc" check --github "$bg" 2> /dev/null | sed -n 's/^::error [^:]*,line=\([0-9]*\),.*/\1/p' > "$tmp/lines"
    verdict "ten mistakes of $bg" "$(diff "$tmp/wanted" "$tmp/lines"; wc -l < "$tmp/wanted" | grep -vx ' *10')"
done
cd ../..

# ---- the reference program ------------------------------------------------------
verdict 'the example is clean' "$("$bgc" check -q examples/shop 2>&1)"
verdict 'the example is clean with --env' "$("$bgc" check -q --env stage examples/shop 2>&1)"
"$bgc" check --evidence examples/shop > "$tmp/table" 2>&1
page=docs/design/evidence.md
if [ -n "${BLESS-}" ]; then
    { sed '/^| check/,$d' $page; cat "$tmp/table"; } > "$tmp/page" && cp "$tmp/page" $page
fi
sed -n '/^| check/,$p' $page > "$tmp/shown"
verdict 'the table of evidence is current' "$(diff "$tmp/shown" "$tmp/table")"

echo "1..$n"
