#!/usr/bin/env bash
# A log alone gives the same bytes again: from any engine, at any pace. What differs is found and shown with its inputs.
# shellcheck disable=SC1091,SC2154
source "$(dirname "$0")/kit.bash"

run=("$firebreak" run --engine model: --rules binance-usdm --marks "gen:crash,seed=5,minutes=4" --accounts "gen:300,seed=5")
engines=(model: cpu: cpu:isa=portable)
for lanes in 1 2 8 16; do
	[[ -e build/libfbcore$lanes.so ]] && engines+=("core:lanes=$lanes,seed=$lanes,stall=25,place=random")
done
((${#engines[@]} > 1)) || echo "no Verilated core is built: only the model is tried"

for ahead in 0 6; do
	works "${run[@]}" --ahead "$ahead" --out "$dir/a"
	liquidated=$(awk -F, '$4 == "hold"' "$dir/a/orders.csv" | wc -l)
	((liquidated >= 50)) || bad "only $liquidated liquidations: nothing is proven"
	for engine in "${engines[@]}"; do
		for seed in 0 3; do
			delay=()
			((seed > 0)) && delay=(--delay-seed "$seed")
			works "$firebreak" replay "$dir/a/firebreak.log" --engine "$engine" "${delay[@]}" --out "$dir/b"
			grep -q IDENTICAL "$dir/stdout" || bad "$engine: not identical"
			same "$dir/a/orders.csv" "$dir/b/orders.csv"
			same "$dir/a/records.bin" "$dir/b/records.bin"
			same "$dir/a/records.csv" "$dir/b/records.csv"
		done
		# The same run from its inputs, with another engine, writes the same log.
		works "$firebreak" run --engine "$engine" "${run[@]:4}" --ahead "$ahead" --out "$dir/c"
		same "$dir/a/firebreak.log" "$dir/c/firebreak.log"
	done
done

# Damage and tears.
log=$dir/a/firebreak.log
size=$(stat -c %s "$log")
head -c $((size - 5)) "$log" >"$dir/torn.log"
fails 1 'torn tail' "$firebreak" replay "$dir/torn.log" --engine model:
grep -q 'replayed up to there: [1-9]' "$dir/stderr" || bad "nothing was replayed of a torn log"
cp "$log" "$dir/damaged.log"
printf '\377' | dd of="$dir/damaged.log" bs=1 seek=$((size / 2)) conv=notrunc status=none
fails 1 'damaged at offset' "$firebreak" replay "$dir/damaged.log" --engine model:
fails 1 'not a log' "$firebreak" replay "$dir/a/orders.csv" --engine model:
fails 1 'No such file' "$firebreak" replay "$dir/nothing" --engine model:

# A decision changed in the log, with checksums made right again: the replay stops there and shows what went in.
python3 - "$log" "$dir/changed.log" <<'PYTHON'
import struct, sys
POLY = 0xc96c5795d7870f42
table = []
for i in range(256):
    for _ in range(8):
        i = i >> 1 ^ (POLY if i & 1 else 0)
    table.append(i)
def crc(data):
    x = 2**64 - 1
    for byte in data:
        x = x >> 8 ^ table[(x ^ byte) & 255]
    return x ^ 2**64 - 1
old = open(sys.argv[1], "rb").read()
new, at, chain, changed = bytearray(old[:64]), 64, old[56:64], False
while at < len(old):
    length, kind = struct.unpack_from("<IB", old, at)
    entry = bytearray(old[at:at + 16 + length])
    at += 24 + length
    if kind == 5 and not changed and entry[24] > 0:   # OBSERVE with records: one bit of its digest
        entry[16] ^= 1
        changed = True
    if changed:
        chain = struct.pack("<Q", crc(chain + entry))
    else:
        chain = old[at - 8:at]
    new += entry + chain
    if changed and len(new) > 3000000:
        break
assert changed
open(sys.argv[2], "wb").write(new)
PYTHON
fails 1 'first divergence at sequence [0-9]+: logged: observe' "$firebreak" replay "$dir/changed.log" --engine model:
grep -q 'inputs of that batch' "$dir/stderr" || bad "the inputs of a divergence are not shown"
grep -Eq '^ +[0-9]+ (ACCOUNT|MARKS|POSITION) ' "$dir/stderr" || bad "the inputs of a divergence are not commands"
finish
