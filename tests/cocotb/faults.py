#!/usr/bin/env python3
"""Plants one fault at a time in hw/pcie and wants the cases named with it to fail: proof that they can.

usage: faults.py [NAME...]     all faults, or those named; about a minute each; not a part of `make test`

Exit code 1: a fault was not caught by the case named, or its place in the source is gone."""
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree as tree

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build/cocotb/fault"

# name: file, what is replaced, by what, the cases one of which must fail
FAULTS = {
    "byte-count": ("fb_completer.v", " - {11'd0, trail};", ";", "reads_at_odd_offsets"),
    "lower-address": ("fb_completer.v", "opening_q ? offset_q : 2'd0} : 7'd0", "2'd0} : 7'd0", "reads_at_odd_offsets"),
    "abort-for-unsupported": ("fb_completer.v", "refused ? 3'd1 : 3'd0", "refused ? 3'd4 : 3'd0", "refused_with"),
    "pause-in-a-completion": ("fb_completer.v", "tvalid_o  = state_q == SEND;",
                              "tvalid_o  = state_q == SEND && (~|sent_q || tready_i);", "completions_wait"),
    "damaged-write-taken": ("fb_stage.v", "last_i && !bad_i", "last_i", "damaged_writes"),
    "byte-enables-ignored": ("fb_registers.v", "be[k] ? now", "be[0] ? now", "byte_enables"),
    "all-ones-open": ("fb_session.v", "|nonce_i && !(&nonce_i)", "|nonce_i", "all_ones"),
    "window-not-emptied": ("fb_session.v", "state_q == OPENING && !slot_q[8];", "1'b0;", "another_nonce_opens"),
    "bus-master-ignored": ("fb_session.v", "|| !bus_master_i", "", "bus_master"),
    "nonce-ignored": ("fb_intake.v", "word[`FB_CMD_NONCE] != nonce_i ||", "", "stale_nonce"),
    "sequence-ignored": ("fb_intake.v", " || word[`FB_CMD_SEQ] != seq1_q", "", "stale_sequence"),
    "check-ignored": ("fb_intake.v", "wire good = ~|wrong2_q;", "wire good = wrong2_q[0] || !wrong2_q[0];", "bad_check"),
    "dword-marks": ("fb_slots.v", "(write_i && be_i[k * 4 + b])", "(write_i && |be_i[k * 4 +: 4])", "single_bytes"),
    "gap-while-killed": ("fb_gap.v", "else if (running_i && room_i", "else if (room_i", "no_gap_while_killed"),
    "ring-one-too-many": ("fb_writer.v", "unread < {11'd0, size_q}", "unread <= {11'd0, size_q}", "consumed_frees|ring_full"),
    "ring-never-wraps": ("fb_writer.v", "wrap ? {base_q, 6'd0} : address_q", "address_q", "smallest_ring_wraps"),
    "generation-late": ("fb_writer.v", "produced_o[31:0] + 32'd1;", "produced_o[31:0];", "every_record"),
    "status-starves": ("fb_writer.v", "streak_q == STREAK)", "1'b0)", "due_status_line"),
    "no-reserve": ("fb_posted.v", "headers + RESERVE_HEADERS", "headers", "last_credits"),
    "data-credit-ignored": ("fb_posted.v", ">= headers && {1'b0, data_i} >= data;", ">= headers;", "without_credit"),
    "status-too-often": ("fb_status.v", "APART = 25'd62", "APART = 25'd20", "keep_their_distance"),
    "vector-mask-ignored": ("fb_wake.v", "!mask_i && !masked_q", "!mask_i", "masked_vector"),
    "relaxed-ordering": ("fb_packet.v", "head = {32'd0,", "head = {32'h20000000,", "shape_of_the_block"),
    "offer-taken-back": ("fb_packet.v", "assign tvalid_o = valid_q;", "assign tvalid_o = valid_q && tready_i;", "all_channels"),
    "always-asks": ("fb_requests.v", "count + CREDITS + FLIGHT < DEPTH", "count < DEPTH", "held_back"),
}


def plant(name):
    """A copy of hw with the fault; False when its place is not there exactly once."""
    file, old, new, _ = FAULTS[name]
    shutil.rmtree(WORK / "hw", ignore_errors=True)
    shutil.copytree(ROOT / "hw", WORK / "hw")
    path = WORK / "hw/pcie" / file
    text = path.read_text()
    path.write_text(text.replace(old, new))
    return text.count(old) == 1


def failures(cases):
    """Names of the cases that failed; None when the card was not built or did not run."""
    results = WORK / "512/results.xml"
    results.unlink(missing_ok=True)
    where = {"HW": str(WORK / "hw"), "DIR": "build/cocotb/fault", "OPT": "-O0"}
    subprocess.run([ROOT / "tests/cocotb/run.sh", cases], env=os.environ | where, capture_output=True, check=False, timeout=600)
    if not results.exists():
        return None
    ran = tree.parse(results).iter("testcase")
    return [c.get("name") for c in ran if c.find("failure") is not None or c.find("error") is not None]


def main():
    wrong = 0
    for name in sys.argv[1:] or FAULTS:
        if not plant(name):
            print(f"{name}: its place in {FAULTS[name][0]} is gone", flush=True)
            wrong += 1
            continue
        caught = failures(FAULTS[name][3])
        print(f"{name}: {'not built' if caught is None else ', '.join(caught) or 'NOT CAUGHT'}", flush=True)
        wrong += not caught
    sys.exit(bool(wrong))


main()
