#!/usr/bin/env bash
# Runs the steps of tools/tests.txt and counts them.
#
# usage: test.sh [PATTERN...]    only the steps whose name matches one of the shell patterns: test.sh 'unit *' lint
#
# A step passes with exit status 0 and is skipped with 77; any other status, or running out of time, is a failure. Its
# output goes to build/logs/STEP.log; the end of it is shown when the step fails, its last line when it is skipped.
# The last line printed is `N passed, N failed, N skipped`. FAIL_LINES is how much of a failed step's log is shown.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

logs=build/logs
slots=$(nproc)
((slots > 2)) && slots=2
passed=0 failed=0 skipped=0 used=0
names=() limits=() needs=() commands=() began=()
declare -A running          # process id -> index of its step

trim() { local s=${1#"${1%%[![:space:]]*}"}; echo "${s%"${s##*[![:space:]]}"}"; }

wanted() {
	local pattern
	[[ ${#patterns[@]} -eq 0 ]] && return 0
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053
		[[ $1 == $pattern ]] && return 0
	done
	return 1
}

add_step() {
	wanted "$1" || return 0
	names+=("$1") limits+=("$2") needs+=("$3") commands+=("$4")
}

# `unit {tests/unit/test_*.c}` stands for one step per file; what the * matched is named after `unit` and replaces % in
# the command.
add_steps_of_files() {
	local name=$1 limit=$2 need=$3 command=$4 glob file match
	glob=${name#*\{} glob=${glob%\}*}
	for file in $glob; do
		[[ -e $file ]] || continue
		match=${file#"${glob%%\**}"} match=${match%"${glob#*\*}"}
		add_step "${name%%\{*}$match${name##*\}}" "$limit" "$need" "${command//%/$match}"
	done
}

read_steps() {
	local name limit need command
	while IFS='|' read -r name limit need command; do
		name=$(trim "$name") limit=$(trim "$limit") need=$(trim "$need") command=$(trim "$command")
		[[ -z $name || $name == '#'* ]] && continue
		if [[ ! $limit =~ ^[0-9]+$ || ! $need =~ ^[12]$ || -z $command ]]; then
			echo "tools/tests.txt: not a step: $name" >&2
			exit 2
		fi
		if [[ $name == *\{*\}* ]]; then
			add_steps_of_files "$name" "$limit" "$need" "$command"
		else
			add_step "$name" "$limit" "$need" "$command"
		fi
	done <tools/tests.txt
}

log_of() { echo "$logs/${names[$1]//[^A-Za-z0-9_.-]/_}.log"; }

start() {
	local i=$1
	began[i]=$SECONDS
	exec 3>"$(log_of "$i")"
	timeout --kill-after=10 "${limits[i]}" bash -c "${commands[i]}" </dev/null >&3 2>&3 3>&- &
	exec 3>&-
	running[$!]=$i
	used=$((used + needs[i]))
}

report() {
	local i=$1 status=$2 log word=ok note=
	log=$(log_of "$i")
	case $status in
	0) passed=$((passed + 1)) ;;
	77) skipped=$((skipped + 1)) word=skip note=": $(tail -n 1 "$log")" ;;
	124 | 137) failed=$((failed + 1)) word=FAIL note=": no end after ${limits[i]} s" ;;
	*) failed=$((failed + 1)) word=FAIL note=": exit status $status" ;;
	esac
	printf '%-4s %4d s  %s%s\n' "$word" $((SECONDS - began[i])) "${names[i]}" "$note"
	if [[ $word == FAIL ]]; then
		printf '            %s\n' "${commands[i]}"
		tail -n "${FAIL_LINES:-30}" "$log" | sed 's/^/            | /'
	fi
}

await_one() {
	local pid status
	wait -n -p pid "${!running[@]}"
	status=$?
	local i=${running[$pid]}
	unset "running[$pid]"
	used=$((used - needs[i]))
	report "$i" "$status"
}

patterns=("$@")
read_steps
# Steps that call make must not look for the job slots of the make that called this script.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
rm -rf "$logs"
mkdir -p "$logs"
trap 'kill "${!running[@]}" 2>/dev/null; exit 130' INT TERM
for i in "${!names[@]}"; do
	while ((used > 0 && used + needs[i] > slots)); do await_one; done
	start "$i"
done
while ((used > 0)); do await_one; done
echo "$passed passed, $failed failed, $skipped skipped" | tee "$logs/summary"
((failed == 0 && passed > 0))
