"""Sessions: opened, closed, cut off, and what the card keeps for the next one: card.md, 2; kill switch: 3."""
from bench import case, within
from layout import CARD, L, M32, REGISTERS, RESET, SLOTS, number
from session import Session

BOTH = (512, 256)
CLOSED, RUNNING, KILLED = CARD["CLOSED"], CARD["RUNNING"], CARD["KILLED"]
FENCE_KIND, END_KIND, SNAPSHOT_KIND = (L.records[n].number for n in ("FENCE", "BATCH_END", "SNAPSHOT"))
SNAPSHOT, ACCOUNT, CLASS = (L.commands[n] for n in ("SNAPSHOT", "ACCOUNT", "CLASS"))


def cookies(records):
    return [number(r, 16, 8) for r in records if r[8] == FENCE_KIND]


async def fences(s, values):
    """Sends a fence for each value and takes its two records: the session works."""
    values = list(values)
    for at in range(0, len(values), 64):
        part = values[at:at + 64]
        await s.send(s.fence(v) for v in part)
        assert cookies(await s.take(2 * len(part))) == part


@case(bits=BOTH)
async def opening_writes_a_status_line(b):
    """A session opens within its 512 cycles, zeroes what belongs to it and writes a status line with the first credit."""
    s = Session(b, first=0x1_2345_6789_abcd)
    await s.configure()
    b.watch.session = s
    began = b.cycle()
    await b.write("SESSION", s.nonce)
    line = await s.wait_status(lambda line: True, 1000)
    assert b.cycle() - began <= 512 + 150, f"{b.cycle() - began} cycles"
    assert line["state"] == RUNNING and line["produced"] == 0 and line["gaps"] == 0
    assert line["credit"] == s.first + SLOTS
    assert await b.read("NEXT_SEQ") == s.first and await b.read("SESSION") == s.nonce
    for name in ("PRODUCED", "CONSUMED", "GAPS"):
        assert await b.read(name) == 0, name
    await s.close()
    assert await b.read("SESSION") == 0


@case()
async def without_a_session_nothing_is_written(b):
    """Commands that come while the card is closed are thrown away, and the card writes nothing at all."""
    s = Session(b)
    await s.configure()
    for seq in range(1, 20):
        await b.bar2.write(s.slot(seq), s.word(s.fence(seq), seq))
    await b.cycles(600)
    assert await b.state() == CLOSED and not b.packets
    await s.open()
    await s.quiet(2000)
    assert not s.seen, "a command from before the session acted"
    await s.reset_core()
    await fences(s, range(3))
    await s.close()


@case(bits=BOTH)
async def closing_stops_every_packet(b):
    """After SESSION := 0 nothing more is written, whatever comes, and STATE says closed."""
    s = await Session(b).open()
    await s.reset_core()
    await fences(s, range(5))
    await s.close()
    packets = len(b.packets)
    for seq in range(s.next, s.next + 8):
        await b.bar2.write(s.slot(seq), s.word(s.fence(1), seq))
    await b.cycles(3000)
    assert len(b.packets) == packets


@case(us=800)
async def another_nonce_opens_another_session(b):
    """A new nonce over an old one closes and opens: generations start at 1, the window is empty, old words are stale."""
    first = await Session(b).open()
    await first.reset_core()
    await fences(first, range(4))
    half = first.word(first.fence(99))
    await b.bar2.write(first.slot(first.next), half[:40])
    await b.flush()
    second = Session(b, first=first.next)
    await second.configure()
    await b.write("SESSION", 0)
    await b.wait_for("STATE", CLOSED)
    await b.flush()
    await second.open()
    await b.bar2.write(first.slot(first.next) + 40, half[40:])
    await second.quiet()
    assert await b.read("STALE") == 0, "half a command of the session before was still there"
    await fences(second, range(6))
    assert number(second.seen[0], 56, 4) == 1
    await second.close()


@case()
async def a_session_over_a_session_without_closing(b):
    """SESSION := another nonce while one is open; what follows is checked with the new nonce."""
    first = await Session(b).open()
    await first.reset_core()
    await fences(first, range(4))
    await b.flush()
    first.check_guards()
    await fences(await Session(b, first=first.next).open(), range(4))


@case()
async def settings_are_taken_when_a_session_opens(b):
    """Ring, status line and first sequence written while a session is open change the next session, not this one."""
    s = await Session(b).open()
    await s.reset_core()
    other = Session(b, bits=9, first=1000)
    await other.configure()
    await fences(s, range(70))
    await s.close()
    assert other.memory[other.ring:other.status + 64].count(0) == other.size * 64 + 64, "the other memory was touched"
    other.first = other.next = await b.read("NEXT_SEQ")
    await fences(await other.open(), range(70))
    await other.close()


@case()
async def no_session_without_bus_mastering(b):
    """While the card may not write, SESSION opens nothing; with bus mastering it does."""
    await b.device.clear_master()
    await b.cycles(20)
    s = Session(b)
    await s.configure()
    await b.write("SESSION", s.nonce)
    await b.cycles(1500)
    assert await b.state() == CLOSED and await b.read("SESSION") == 0 and not b.packets
    await b.device.set_master()
    await b.cycles(20)
    await s.open()
    await s.reset_core()
    await s.close()


@case()
async def no_session_has_nonce_zero_or_all_ones(b):
    """0 and all ones open nothing, and close what is open."""
    for nonce in (0, M32):
        s = await Session(b).open()
        await b.write("SESSION", nonce)
        await b.wait_for("STATE", CLOSED)
        assert await b.read("SESSION") == 0
        await b.flush()
        b.watch.session = None
        s.check_guards()


@case()
async def the_same_nonce_again_changes_nothing(b):
    """Writing the nonce that is there neither closes nor empties: sequence, records and half a command stay."""
    s = await Session(b).open()
    await s.reset_core()
    await fences(s, range(7))
    word, at = s.word(s.fence(5)), s.slot(s.next)
    await b.bar2.write(at, word[:32])
    for _ in range(3):
        await b.write("SESSION", s.nonce)
    await b.bar2.write(at + 32, word[32:])
    s.next += 1
    assert cookies(await s.take(2)) == [5]
    await s.close()


@case(us=800)
async def records_wait_for_the_next_session(b):
    """What the core had not handed over when a session closed goes to the next one, once, in order."""
    s = await Session(b).open()
    await s.reset_core()
    s.lag = 10**9       # the host falls asleep: 64 records fit, the others wait in the card
    await s.send(s.fence(i) for i in range(60))
    await s.take(63)
    await b.cycles(1500)
    await s.close()
    next_seq = await b.read("NEXT_SEQ")
    acted = next_seq - s.first - 1
    new = await Session(b, first=next_seq).open()
    got = cookies(s.seen) + cookies(await new.take(2 * acted - 63))
    assert got == list(range(acted)) and acted > 32, got
    await fences(new, range(100, 104))
    await new.close()


@case(each={"first": [0, 0xffffff80, 2**63 - 100]})
async def sequences_are_64_bits(b, first):
    """Sequences from zero, over 2^32 and over 2^63 are taken, and credit follows."""
    s = await Session(b, bits=8, first=first).open()
    await s.reset_core()
    await fences(s, range(200))
    line = await s.wait_status(lambda line: line["credit"] == s.next + SLOTS)
    assert line["produced"] <= 401
    await s.close()


@case(us=1000, bits=BOTH)
async def bus_master_off_and_on(b):
    """Losing bus mastering mid stream ends the packet and closes the session; a new one restores the rest with SNAPSHOT."""
    s = await Session(b, bits=8).open()
    await s.reset_core()
    await levels(s, 30)
    await s.take_levels(30)
    await s.send(s.fence(i) for i in range(60))
    await s.take(21)
    await b.device.clear_master()
    await b.wait_for("STATE", CLOSED)
    await b.flush()
    b.expected_warnings = len(b.warnings.text)      # a packet under way when the bit was cleared may still come out
    assert b.expected_warnings <= 2 and all("master" in t for t in b.warnings.text)
    packets, b.watch.session = len(b.packets), None
    assert await b.read("SESSION") == 0
    await b.cycles(2000)
    assert len(b.packets) == packets, "a packet without bus mastering"
    s.check_guards()
    await b.device.set_master()
    await b.cycles(2000)
    assert len(b.packets) == packets, "a packet before a new session"
    await restored(b, await b.read("NEXT_SEQ"), 30)


async def levels(s, n):
    """A class, and n accounts that are bankrupt at once: n records of levels for the host to have."""
    await s.send([CLASS.pack(op=CLASS.number, count=1, up=[1, 0, 0], down=[1, 0, 0], flags=1)])
    for i in range(n):
        await s.send([ACCOUNT.pack(op=ACCOUNT.number, account=100 + i, collateral=-5 - i, flags=int(i < n - 1),
                                   place_lane=i % 2, place_slot=i // 2)])


async def restored(b, next_seq, n):
    """A new session whose SNAPSHOT tells every account that is not calm."""
    new = await Session(b, bits=8, first=next_seq).open()
    await new.send([SNAPSHOT.pack(op=SNAPSHOT.number)])
    told = set()
    while True:
        (record,) = await new.take(1)
        if record[8] == SNAPSHOT_KIND:
            assert record[10] == L.enum["LEVEL"]["BANKRUPT"]
            told.add(number(record, 12, 4))
        if record[8] == END_KIND and number(record, 0, 8) == new.next - 1:
            break
    assert told == set(range(100, 100 + n)), f"{len(told)} accounts told"
    await new.close()


@case(us=1000)
async def a_session_lost_on_the_bus_is_restored(b):
    """Closed in the middle of a storm: the next session gets what waited, and SNAPSHOT what was lost."""
    s = await Session(b, bits=8).open()
    await s.reset_core()
    await levels(s, 40)
    await s.take(9)
    await b.write("SESSION", 0)
    await b.wait_for("STATE", CLOSED)
    await b.flush()
    b.watch.session = None
    s.check_guards()
    await restored(b, await b.read("NEXT_SEQ"), 40)


async def reset_card(b, cycles=20):
    """The hard block's user_reset, as after a fundamental reset; the registers must be as after power-on."""
    b.dut.user_reset.value = 1
    await b.cycles(cycles)
    b.dut.user_reset.value = 0
    await b.cycles(40)
    b.watch.session = None      # what was on the link has arrived


@case(us=800, bits=BOTH, each={"after": [40, 333]})
async def reset_in_the_middle(b, after):
    """user_reset between two beats of work: no packet follows, registers are as after reset, and the card works again."""
    s = await Session(b, bits=8).open()
    await s.reset_core()
    await s.send(s.fence(i) for i in range(50))
    await b.cycles(after)
    while int(b.dut.m_axis_rq_tvalid.value) or not b.model.cq_source.idle():
        await b.cycles(1)           # the model of the block cannot forget half a packet
    await reset_card(b)
    packets = len(b.packets)
    await b.cycles(1000)
    assert len(b.packets) == packets, "a packet after reset"
    assert await b.state() == CLOSED
    for name in REGISTERS:
        if REGISTERS[name]["access"] == "rw":
            assert await b.read(name) == RESET.get(name, 0), name
    new = await Session(b, first=500).open()
    await new.reset_core()
    await fences(new, range(8))
    await new.close()


@case()
async def left_in_the_middle_of_a_packet(b):
    """Ends while the card is in the middle of a packet with more to come; the next case begins with its reset."""
    s = await Session(b, bits=8).open()
    await s.reset_core()
    await s.send(s.fence(i) for i in range(60))
    b.pause(rq=iter(lambda: b.random.random() < 0.5, None))
    while not (int(b.dut.m_axis_rq_tvalid.value) and not int(b.dut.m_axis_rq_tlast.value)):
        await b.cycles(1)
    assert len(s.seen) < 121


@case()
async def reset_in_the_middle_of_a_packet(b):
    """The case before left the card mid packet; after the reset it is as new."""
    assert await b.state() == CLOSED and not b.packets
    assert await b.read("PRODUCED") == 0 and await b.read("SESSION") == 0
    s = await Session(b).open()
    await s.reset_core()
    await fences(s, range(8))
    await s.close()


@case(us=800)
async def function_level_reset(b):
    """FLR: packet and session end, registers return to their reset values, then cfg_flr_done; the core keeps its state."""
    s = await Session(b, bits=8).open()
    await s.reset_core()
    await levels(s, 20)
    await s.take_levels(20)
    await s.send(s.fence(i) for i in range(30))
    await b.cycles(50)
    b.dut.cfg_flr_in_process.value = 1
    await within(flr_done(b), 2000, "cfg_flr_done")
    await b.flush()
    b.watch.session = None
    packets = len(b.packets)
    b.dut.cfg_flr_in_process.value = 0
    await b.cycles(500)
    assert len(b.packets) == packets, "a packet after the function was reset"
    s.check_guards()
    assert await b.state() == CLOSED and await b.read("GAP_CYCLES") == RESET["GAP_CYCLES"]
    for name in ("RING_BASE", "STATUS_BASE", "SESSION", "KILL", "WAKE"):
        assert await b.read(name) == 0, name
    await restored(b, await b.read("NEXT_SEQ"), 20)


async def flr_done(b):
    while not int(b.dut.cfg_flr_done.value) & 1:
        await b.cycles(1)


@case(us=800, bits=BOTH)
async def kill_switch_stops_commands_not_records(b):
    """KILL: nothing acts, records that exist still come, STATE and the status line say so; cleared, what waits acts."""
    s = await Session(b, bits=8).open()
    await s.reset_core()
    await fences(s, range(3))
    await b.write("KILL", 1)
    await s.wait_status(lambda line: line["state"] == KILLED)
    assert await b.state() == KILLED
    await s.send(s.fence(i) for i in range(10, 30))
    await s.quiet(2000)
    assert await b.read("NEXT_SEQ") == s.next - 20
    await b.write("KILL", 0)
    assert cookies(await s.take(40)) == list(range(10, 30))
    await s.wait_status(lambda line: line["state"] == RUNNING)
    await s.close()


@case(us=800)
async def killed_before_and_across_a_session(b):
    """A card that is killed opens a session killed, and stays so across sessions."""
    await b.write("KILL", 1)
    s = await Session(b).open()
    assert (await s.wait_status(lambda line: True))["state"] == KILLED
    await s.send([s.fence(1)])
    await s.quiet(1000)
    await s.close()
    assert await b.read("KILL") == 1
    new = await Session(b).open()
    assert new.line()["state"] == KILLED
    await b.write("KILL", 0)
    await new.reset_core()
    await fences(new, range(4))
    await new.close()
