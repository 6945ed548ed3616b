#!/usr/bin/env bash
# Storage that ends: the run fails, says which file, and the directory is marked; no summary claims success.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

run=("$firebreak" run --engine model: --rules binance-usdm --marks "gen:crash,seed=1,minutes=4" --accounts "gen:200,seed=1")

incomplete() {
	[[ -e $1/INCOMPLETE ]] || bad "$2: INCOMPLETE is missing"
	[[ -e $1/summary.txt || -e $1/summary.json ]] && bad "$2: a summary was written"
}

for file in firebreak.log orders.csv events.csv notices.csv rounds.csv records.bin records.csv; do
	mkdir -p "$dir/full"
	ln -sf /dev/full "$dir/full/$file"
	fails 1 "$file: cannot write: No space left on device" "${run[@]}" --out "$dir/full"
	incomplete "$dir/full" "$file full"
	rm -rf "$dir/full"
done

# A limit on the size of files comes in the middle of a write.
fails 1 'cannot write: File too large' bash -c 'ulimit -f 100; exec "$@"' - "${run[@]}" --out "$dir/limit"
incomplete "$dir/limit" "file limit"
# What was written before is good as far as it goes, and says that it is torn.
fails 1 'torn tail|not closed' "$firebreak" replay "$dir/limit/firebreak.log" --engine model:

# A second run into the same directory makes it whole; a failed third takes the summary away again.
works "${run[@]}" --out "$dir/limit"
[[ -e $dir/limit/INCOMPLETE || ! -e $dir/limit/summary.txt ]] && bad "a good run left the mark of the bad one"
fails 1 'cannot write: File too large' bash -c 'ulimit -f 100; exec "$@"' - "${run[@]}" --out "$dir/limit"
incomplete "$dir/limit" "third run"

fails 1 'cannot create' "${run[@]}" --out /proc/nowhere
finish
