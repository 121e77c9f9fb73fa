#!/bin/sh
# distfiles.sh - lists, from the source folder, what a release tarball holds
# besides what automake knows of.
set -eu
for d in src grammar stdlib docs editors examples tests bench tools; do
    [ ! -d "$d" ] || find "$d" \( -name __pycache__ -o -name .bgc -o -name .pytest_cache -o -name node_modules -o -name dist \) -prune \
        -o \( -type f -o -type l \) ! -name '*.o' ! -name '*.pyc' -print
done | LC_ALL=C sort
for f in check demo README.md LICENSE CHANGELOG.md .clang-format; do [ ! -f "$f" ] || echo "$f"; done
