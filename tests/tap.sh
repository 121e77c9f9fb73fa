# tap.sh - for the run.sh of a suite, which sources it from the folder of the project: results in TAP.
# `n` is the number of results so far, `bad` is 1 once one of them was none.
n=0 bad=0
verdict() { # verdict WHAT FINDINGS: passes when there are none
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        bad=1
        echo "not ok $n - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}
