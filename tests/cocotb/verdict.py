"""verdict.py RESULTS BITS CASES: prints how many cases passed; fails when one failed, or when fewer ran than there must be."""
import sys
import xml.etree.ElementTree as tree

LEAST = {"512": 120, "256": 48}      # cases of a full run

path, bits, cases = sys.argv[1:]
try:
    ran = [c for c in tree.parse(path).iter("testcase") if c.find("skipped") is None]
except (OSError, tree.ParseError) as error:
    sys.exit(f"cocotb: the simulator ended without results: {error}")
failed = [c.get("name") for c in ran if c.find("failure") is not None or c.find("error") is not None]
print(f"cocotb: {bits} bits: {len(ran)} cases, {len(ran) - len(failed)} passed")
for name in failed:
    print(f"cocotb: failed: {name}")
least = LEAST[bits] if cases == "all" else 1
if len(ran) < least:
    print(f"cocotb: only {len(ran)} cases ran, {least} must")
sys.exit(bool(failed) or len(ran) < least)
