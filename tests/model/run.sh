#!/bin/sh
# Checks the model of the traffic record with SPIN: that it holds, that it
# converges, and that each mutant, which lacks one protection, is caught by the
# claim that the protection is there for. TAP; less than a minute on two cores.
#
#   run.sh              everything but the deep checks
#   run.sh --deep       the deep checks too
#   run.sh NAME...      only the checks with these names
#
# A check is one line of `checks` below:
#   name | kind | FAULTS CRASHES REVERTS RETRIES | claim | what is said about it
# kinds: safety, whole (safety, and no line of the model stays unreached),
#        ends (no cycle: every run comes to its end), mutant, endless (a mutant
#        that must have a cycle).
set -u

checks() {
	cat <<-'END'
	all_events | whole | 1 1 1 1 | | safety holds, each event once
	two_faults | safety | 2 1 0 0 | | safety holds, two faults and a crash
	two_crashes | safety | 1 2 0 0 | | safety holds, both runners crash
	epoch | safety | 1 1 0 0 | | safety holds and epochs rise
	ends_retry | ends | 1 1 0 1 | | every run ends, with a retry
	ends_revert | ends | 1 1 1 0 | | every run ends, with a revert
	no_fence | mutant | 1 0 0 0 | P5 | a stale runner's late batch changes the record
	no_owner_check | mutant | 1 0 0 0 | P5 | a stale runner reads the newer fence and goes on
	upsert | mutant | 1 0 0 0 | P5 | a late UPSERT changes the record
	upsert_txt | mutant | 1 0 0 0 | P5 | exact weights do not fence when the TXT is an UPSERT
	no_serial | mutant | 1 0 0 0 | P5 | two runners take one fence for their own
	no_doom | mutant | 1 0 0 0 | P1 | a late delete meets the world that was gone back to
	no_readback | mutant | 1 0 0 0 | P1 | a world is deleted on a shift that did not happen
	idle_not_measured | mutant | 0 0 0 0 | P1 | a world is deleted that resolvers still answer with
	name_without_incarnation | mutant | 1 0 0 1 | P1 | a late delete meets the next world of that name
	split_batch | mutant | 0 0 0 0 | P2 | nobody has a share between two calls
	verdict_in_memory | mutant | 0 1 0 0 | P3 | a crash makes an untested world look tested
	upsert_doom | mutant | 1 0 0 0 | DOOM | a late UPSERT gives a doomed world a share
	abort_in_store | mutant | 1 0 0 0 | ABORT | losing the store forgets an abort
	no_sweep | mutant | 0 1 0 0 | P4 | a crash leaves a doomed world behind
	no_strays | mutant | 1 0 0 1 | P4 | a late create leaves resources that no record lists
	refence | endless | 1 0 0 0 | P4 | two runners take the record from each other for ever
	END
}

# Larger budgets: minutes instead of a minute. For changes of the protocol.
deep_checks() {
	cat <<-'END'
	deep_revert | safety | 2 1 1 0 | | safety holds, two faults, crash, revert
	deep_retry | safety | 2 1 0 1 | | safety holds, two faults, crash, retry
	deep_faults | safety | 3 1 0 0 | | safety holds, three faults, crash
	deep_crashes | safety | 1 2 1 0 | | safety holds, both runners crash, revert
	deep_ends | ends | 2 1 0 0 | | every run ends, two faults, crash
	END
}

here=$(cd "$(dirname "$0")" && pwd) || exit 1
model=$here/traffic_record.pml

field() { printf '%s\n' "$1" | cut -d'|' -f"$2" | sed 's/^[[:space:]]*//; s/[[:space:]]*$//'; }

# One check: writes "ok - ..." or "not ok - ..." and, when off, why, to $1/tap.
one() {
	work=$1/$(field "$2" 1)
	name=$(field "$2" 1) kind=$(field "$2" 2) claim=$(field "$2" 4) text=$(field "$2" 5)
	set -- $(field "$2" 3)
	memory=1400
	defs="-DFAULTS=$1 -DCRASHES=$2 -DREVERTS=$3 -DRETRIES=$4"
	cdefs="-O1 -DSAFETY" args="-w22"
	case $kind in
	whole)   args=-w26 memory=2200 ;;
	ends)    cdefs="-O1 -DNP" args="-l -w22" ;;
	mutant)  cdefs="-O0 -DSAFETY" args=-E defs="$defs -DWATCH=$claim" ;;
	endless) cdefs="-O0 -DNP" args=-l ;;
	esac
	case $name in
	deep_*)      cdefs="$cdefs -O2 -DCOLLAPSE" memory=6000 ;;
	epoch)       defs="$defs -DEPOCH" ;;
	upsert_doom) defs="$defs -DUPSERT" ;;
	*) case $kind in
	   mutant|endless) defs="$defs -D$(echo "$name" | tr '[:lower:]' '[:upper:]')" ;;
	   esac ;;
	esac
	mkdir -p "$work" && cd "$work" || return 1
	# shellcheck disable=SC2086
	if ! { spin -a $defs "$model" && ${CC:-gcc} -w $cdefs -DNOREDUCE -DMEMLIM=$memory -o pan pan.c; } >log 2>&1
	then
		{ echo "not ok - model: $text"; sed 's/^/# /' log; } >tap
		return
	fi
	./pan -m100000 $args >log 2>&1
	states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' log)
	done=true off=""
	grep -Eq 'Search not completed|max search depth too small|out of memory|VECTORSZ|aborting' log && done=false
	case $kind in
	mutant)  grep -q '^pan:1: assertion violated' log || off="not caught" ;;
	endless) grep -q '^pan:1: non-progress cycle' log || off="not caught" ;;
	*)       grep -q 'errors: 0$' log && $done || off="an error, or not searched to the end" ;;
	esac
	if [ "$kind" = whole ] && ! grep -A1 '^unreached in proctype runner' log | grep -q '(0 of '; then
		off="some of the model is never reached, so nothing is known about it"
	fi
	case $kind in
	mutant|endless) said="mutant $name is caught: $claim, $text" ;;
	*)              said="model: $text ($states states)" ;;
	esac
	if [ -z "$off" ]; then
		echo "ok - $said" >tap
	else
		{
			echo "not ok - $said"
			echo "# $off; built with: spin -a $defs"
			grep -v '^Depth=' log | head -60 | sed 's/^/# /'
			if [ -f traffic_record.pml.trail ]; then
				# shellcheck disable=SC2086
				spin $defs -k traffic_record.pml.trail -t -p "$model" 2>&1 |
					sed -n 's/^\( *[0-9]*:.*proc.*\)/# \1/p' | tail -150
			fi
		} >tap
	fi
	rm -f pan pan.*
}

if [ "${1:-}" = --one ]; then
	one "$2" "$3"
	exit
fi

for tool in spin "${CC:-gcc}"; do
	if ! command -v "${tool%% *}" >/dev/null 2>&1; then
		echo "Bail out! ${tool%% *} is needed to check the model"
		exit 1
	fi
done

tmp=$(mktemp -d "${TMPDIR:-/tmp}/bgc-model.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

checks >"$tmp/all"
if [ "${1:-}" = --deep ]; then
	{ deep_checks; checks; } >"$tmp/wanted"
elif [ $# -gt 0 ]; then
	deep_checks >>"$tmp/all"
	for name; do
		grep "^$name |" "$tmp/all" || { echo "Bail out! no check is named $name" ; exit 1; } >&2
	done >"$tmp/wanted" || exit 1
else
	cp "$tmp/all" "$tmp/wanted"
fi

# Two at a time, in the order of the table: the longest come first. The
# first takes 2 GB, the others a few hundred MB, a deep one several GB.
tr '\n' '\0' <"$tmp/wanted" | xargs -0 -n 1 -P 2 sh "$here/run.sh" --one "$tmp"

echo "1..$(wc -l <"$tmp/wanted" | tr -d ' ')"
n=0 bad=0
while read -r line; do
	n=$((n + 1))
	tap=$tmp/$(field "$line" 1)/tap
	[ -s "$tap" ] || { mkdir -p "${tap%/tap}"; echo "not ok - $(field "$line" 1): the check died" >"$tap"; }
	sed "s/^ok - /ok $n - /; s/^not ok - /not ok $n - /" "$tap"
	grep -q '^not ok' "$tap" && bad=1
done <"$tmp/wanted"
exit $bad
