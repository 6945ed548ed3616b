#!/usr/bin/env bash
# Makes sure that everything in tools/packages.txt is there, and installs what is not.
#
# usage: setup.sh demo|test      demo: what `make demo` needs; test: what `make test` needs, which is more
#
# A tool that is already on PATH is accepted wherever it came from. Packages are installed with apt as root, or through
# sudo, and only the missing ones. Where that is impossible this says what is missing and how to install it, and fails.
# Nothing is printed when nothing is missing.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
log=${here%/*}/build/setup.log

# missing SET: the packages of the list that SET needs and that are not here, one per line.
missing() {
	local package set proof _
	while IFS='|' read -r package set proof _; do
		package=${package//[[:space:]]/} set=${set//[[:space:]]/} proof=${proof//[[:space:]]/}
		[[ -z $package || $package == '#'* ]] && continue
		[[ $set == demo || $set == "$1" ]] || continue
		if [[ $proof == /* ]]; then
			[[ -e $proof ]] && continue
		else
			command -v "$proof" >/dev/null && continue
		fi
		echo "$package"
	done <"$here/packages.txt"
}

give_up() {
	echo "set-up: missing packages: $*"
	echo "set-up: install them with: apt-get install --no-install-recommends $*"
	exit 1
} >&2

# apt-get with the same answers everywhere: no questions, patience with a busy lock and a slow mirror.
apt_get() {
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

# The lock on the package lists, unlike dpkg's, has no time-out of its own.
update() {
	local try
	for try in {1..30}; do
		apt_get update && return
		grep -q 'Could not get lock' "$log" || return 1
		echo "package lists are locked by someone else, try $try"
		sleep 10
		true
	done
	return 1
}

[[ $# -eq 1 && ($1 == demo || $1 == test) ]] || { sed -n '4s/^# //p' "$0" >&2; exit 2; }
wanted=$1
list=$(missing "$wanted")
[[ -z $list ]] && exit 0
read -ra packages <<<"${list//$'\n'/ }"

if ! command -v apt-get >/dev/null; then
	echo "set-up: this is not Debian; the packages are named as Debian 12 names them" >&2
	give_up "${packages[@]}"
fi
root=()
if [[ $(id -u) -ne 0 ]]; then
	root=(sudo)
	[[ -t 0 ]] || root=(sudo -n)
	if ! command -v sudo >/dev/null || ! "${root[@]}" true 2>/dev/null; then
		echo "set-up: neither root nor sudo, so nothing can be installed from here" >&2
		give_up "${packages[@]}"
	fi
fi

mkdir -p "$(dirname "$log")"
echo "set-up: installing ${#packages[@]} packages: ${packages[*]}"
if ! { update && apt_get install --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
	grep -E '^(E|W|Err)' "$log" | tail -n 3 >&2 || true
	echo "set-up: apt could not install them (no network?); its output is in build/setup.log" >&2
	give_up "${packages[@]}"
fi
list=$(missing "$wanted")
[[ -z $list ]] || give_up "${list//$'\n'/ }"
