# What the tests of the program share. Source it from the root of the project; $dir is gone when the test ends.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export FIREBREAK_RULES=sw/rules
firebreak=${FIREBREAK:-build/firebreak}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0

[[ -x $firebreak ]] || { echo "$firebreak is missing: run make"; exit 1; }

bad() {
	echo "BAD: $*"
	failures=$((failures + 1))
}

# fails STATUS PATTERN COMMAND...: the command exits with STATUS and says PATTERN (an extended regular expression).
fails() {
	local status=$1 pattern=$2 got
	shift 2
	"$@" >"$dir/stdout" 2>"$dir/stderr"
	got=$?
	if [[ $got -ne $status ]]; then
		bad "expected exit status $status, found $got: $*"
		head -n 3 "$dir/stderr"
	elif ! grep -Eq -- "$pattern" "$dir/stderr"; then
		bad "expected a message like '$pattern', found '$(head -n 1 "$dir/stderr")': $*"
	fi
}

# works COMMAND...: exit status 0; output in $dir/stdout.
works() {
	if ! "$@" >"$dir/stdout" 2>"$dir/stderr"; then
		bad "failed: $*"
		head -n 5 "$dir/stderr" "$dir/stdout"
		return 1
	fi
}

same() { cmp -s "$1" "$2" || bad "$1 and $2 differ"; }

finish() {
	if ((failures > 0)); then
		echo "$failures bad"
		exit 1
	fi
	echo "all good"
}
