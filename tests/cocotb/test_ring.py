"""The record ring, the status line and the interrupt: card.md, 4 to 6."""
from bench import case
from layout import C, CARD, L, SLOTS, changes_of, number
from session import Session
from test_session import cookies, fences, levels
from words import hash_word

BOTH = (512, 256)
LEAST = C["RING_BITS_LEAST"]
TABLE = C["MSIX_TABLE"]
STATUS_APART = 64           # fewest cycles between two status lines


async def opened(b, bits=8, **options):
    s = await Session(b, bits=bits, **options).open()
    await s.reset_core()
    return s


@case(us=1500, bits=BOTH)
async def the_smallest_ring_wraps(b):
    """64 records; 1,000 go through it, each in its slot with its generation, none over one not taken."""
    s = await opened(b, bits=LEAST)
    for at in range(0, 500, 50):
        await fences(s, range(at, at + 50)) if at % 100 else await one_by_one(s, at)
    assert len(s.seen) == 1001
    await s.close()


async def one_by_one(s, at):
    for i in range(at, at + 50):
        await s.send([s.fence(i)])
        assert cookies(await s.take(2)) == [i]


@case(us=1500, bits=BOTH)
async def ring_full_host_asleep_then_consumed(b):
    """Ring, core and window fill up while the host sleeps; its CONSUMED still arrives, and nothing is lost."""
    s = await opened(b, bits=LEAST)
    s.lag = 10**9
    begun = s.next
    for seq in range(begun, begun + SLOTS):
        await b.bar2.write(s.slot(seq), s.word(s.fence(seq), seq))
    s.next += SLOTS
    await b.cycles(4000)
    assert len(s.seen) == s.size, f"{len(s.seen)} records in a ring of {s.size}"
    before = await b.read("WRITER_RING")
    await b.cycles(500)
    assert await b.read("WRITER_RING") - before >= 490
    s.lag = 1
    assert cookies(await s.take(2 * SLOTS)) == list(range(begun, begun + SLOTS))
    await s.close()


@case(us=1000)
async def consumed_frees_exactly_what_it_says(b):
    """CONSUMED + n lets n more records out, no more; the same value again lets out none."""
    s = await opened(b, bits=LEAST)
    await s.consume()
    s.lag = 10**9
    await s.send(s.fence(i) for i in range(100))
    await b.cycles(1000)
    assert len(s.seen) == s.size + 1
    got = []
    for more in (1, 1, 2, 7, 0, 30):
        got += await s.take(more)
        for _ in range(2):
            await s.consume()
        await b.cycles(400)
        assert len(s.seen) == s.size + s.taken, f"{len(s.seen)} records after CONSUMED {s.taken}"
    s.lag = 8
    assert cookies(got + await s.take(201 - s.taken)) == list(range(100))
    await s.close()


@case(us=800, bits=BOTH)
async def ring_and_status_above_4_gib(b):
    """64-bit bus addresses: the ring and the status line lie above 4 GiB."""
    s = await opened(b, bits=LEAST, above_4g=True)
    assert s.ring_address > 2**32 and s.status_address > 2**32
    await fences(s, range(80))
    await s.close()


@case(us=1500, each={"bits": [7, 9, 10]})
async def rings_of_other_sizes(b, bits):
    """A ring is aligned to a page, not to its size; every size wraps where it must."""
    s = await opened(b, bits=bits)
    await fences(s, range((1 << bits - 1) + 20))
    assert len(s.seen) > s.size
    await s.close()


@case()
async def the_largest_ring_is_taken(b):
    """RING_BITS 20 is accepted; its first records come and lie where they should."""
    s = Session(b, bits=C["RING_BITS_MOST"])
    await s.open()
    await s.reset_core()
    await fences(s, range(20))
    await s.close()


@case(bits=BOTH)
async def every_record_is_complete(b):
    """Fences, rejects and batch ends carry sequence, count and digest; reserved bytes are zero."""
    s = await opened(b)
    await s.send([s.fence(2**64 - 1), bytes(8) + b"\xee" + bytes(55)])
    fence, end, reject, last = await s.take(4)
    assert fence[:56] == L.record("FENCE", seq=s.next - 2, cookie=2**64 - 1)[:56]
    assert end[:56] == L.record("BATCH_END", seq=s.next - 2, count=1, commands=1, digest=hash_word(fence))[:56]
    assert reject[:56] == L.record("REJECT", seq=s.next - 1, reason=L.enum["REJECT"]["OPCODE"], op=0xee)[:56]
    assert last[:56] == L.record("BATCH_END", seq=s.next - 1, count=1, rejects=1, commands=1, digest=hash_word(reject))[:56]
    await s.close()


@case(us=800)
async def a_storm_of_levels_is_in_order(b):
    """60 accounts in one batch: their records, many of them two in a word, then the end of the batch whose digest they make."""
    s = await opened(b)
    await levels(s, 60)
    *records, end = await s.take_levels(60)
    body = [change for r in records for change in changes_of(r)]
    assert len(records) <= 50, f"60 changes in {len(records)} words"
    assert all(change[8] == L.records["LEVEL"].number for change in body)
    assert number(end, 32, 8) == sum(map(hash_word, body)) % 2**64
    await s.close()


# --- status line -------------------------------------------------------------------------------------------------------------

@case(bits=BOTH)
async def status_comes_after_a_change(b):
    """Credit and produced are in the status line soon after a command acted."""
    s = await opened(b)
    for i in range(10):
        await fences(s, [i])
        line = await s.wait_status(lambda line: line["credit"] == s.next + SLOTS, 400)
        assert line["produced"] <= len(s.seen)
    await s.close()


@case(us=800)
async def status_comes_at_the_latest_every_status_cycles(b):
    """Without any change the line comes every STATUS_CYCLES, its heartbeat that many cycles further."""
    for cycles in (256, 1000):
        await b.write("STATUS_CYCLES", cycles)
        s = await Session(b).open()
        await b.cycles(200)
        seen = len(s.lines)
        await b.cycles(8 * cycles)
        beats = [line["heartbeat"] for _, line in s.lines[seen:]]
        assert 7 <= len(beats) <= 9
        assert all(cycles - 8 <= y - x <= cycles + 8 for x, y in zip(beats, beats[1:])), beats
        await s.close()


@case(us=800)
async def heartbeat_is_the_cycle_counter(b):
    """The heartbeat counts cycles: the difference of two lines is the time between them."""
    await b.write("STATUS_CYCLES", 300)
    s = await Session(b).open()
    await b.cycles(3000)
    (first_at, first), (last_at, last) = s.lines[1], s.lines[-1]
    assert abs((last["heartbeat"] - first["heartbeat"]) - (last_at - first_at)) <= 6
    await s.close()


@case(us=1500)
async def status_lines_keep_their_distance(b):
    """While credit changes all the time, at most one line in 64 cycles is sent, and at most 32 records go before a due one."""
    s = await opened(b)
    await fences(s, range(200))
    at = [cycle for cycle, frame in b.packets if frame.data[0] == s.status_address & 0xffffffff]
    assert len(at) > 5 and min(y - x for x, y in zip(at, at[1:])) >= STATUS_APART, at
    assert s.most_before_status <= 32 + STATUS_APART // 2, s.most_before_status
    await s.close()


@case(us=1500)
async def a_due_status_line_waits_for_32_records(b):
    """In the middle of a storm on a slow link the state changes: the line that says so comes after at most 32 records more."""
    s = await opened(b)
    await b.write("STATUS_CYCLES", 1 << 24)
    b.pause(rq=iter(lambda: b.random.random() < 0.75, None))
    await levels(s, 160)
    words = await s.take(20)
    await b.write("KILL", 1)
    await b.wait_for("STATE", CARD["KILLED"])
    before = len(s.seen)
    await s.wait_status(lambda line: line["state"] == CARD["KILLED"])
    assert s.peek()[8] != L.records["BATCH_END"].number and len(s.seen) < 75, "the storm was over"
    assert len(s.seen) - before <= 36, f"{len(s.seen) - before} records went first"
    words += await s.take(1)
    while words[-1][8] != L.records["BATCH_END"].number:
        words += await s.take(1)
    assert sum(len(changes_of(word)) for word in words[:-1]) == 160
    await s.close()


# --- interrupt ---------------------------------------------------------------------------------------------------------------

async def with_vector(b, **options):
    """A session with the vector set up and unmasked, as an operating system does it."""
    assert await b.device.alloc_irq_vectors(1, 1) == 1
    vector = b.device.msi_vectors[0]
    b.vector_address = vector.addr
    await b.cycles(20)
    return await opened(b, **options), (vector.addr, vector.data)


async def arm(b, taken):
    await b.write("WAKE", 2 * (taken % 2**30) + 1)


@case(bits=BOTH)
async def wake_sends_one_interrupt(b):
    """Armed with the number taken: the next record is followed by one message, then the card is not armed."""
    s, message = await with_vector(b)
    await arm(b, s.taken)
    await b.cycles(500)
    assert not b.watch.messages and await b.read("WAKE") & 1 == 1
    await fences(s, range(4))
    await b.flush()
    assert b.watch.messages == [message]
    assert await b.read("WAKE") & 1 == 0
    await fences(s, range(4))
    await b.flush()
    assert len(b.watch.messages) == 1
    await s.close()


@case()
async def wake_armed_late_fires_at_once(b):
    """Armed with a number that is not the newest: the message comes at once, so that no record is slept through."""
    s, message = await with_vector(b)
    await fences(s, range(4))
    await arm(b, s.taken - 1)
    await b.flush()
    assert b.watch.messages == [message]
    await s.close()


@case()
async def wake_comes_behind_its_record(b):
    """When the message arrives its record is in host memory."""
    s, _ = await with_vector(b)
    for i in range(12):
        await arm(b, s.taken)
        await s.send([s.fence(i)])
        end = b.cycle() + 3000
        while len(b.watch.messages) == i:
            await s.arrival(end, "no interrupt")
        assert s.peek() is not None, "an interrupt and no record"
        await s.take(2)
    await s.close()


@case()
async def a_masked_vector_is_pending(b):
    """Masked in its entry: no message, but the pending bit; unmasked, the message comes and the bit clears."""
    s, message = await with_vector(b)
    await b.bar0.write(TABLE + 12, (1).to_bytes(4, "little"))
    await arm(b, s.taken)
    await fences(s, range(2))
    await b.flush()
    assert not b.watch.messages
    assert number(await b.bar0.read(C["MSIX_PBA"], 8), 0, 8) == 1
    await b.bar0.write(TABLE + 12, bytes(4))
    await b.flush()
    assert b.watch.messages == [message]
    assert number(await b.bar0.read(C["MSIX_PBA"], 8), 0, 8) == 0
    await s.close()


@case()
async def a_masked_function_is_pending(b):
    """Masked by the function's mask in configuration space: the same."""
    s, message = await with_vector(b)
    b.function.msix_cap.msix_function_mask = True
    await b.cycles(5)
    await arm(b, s.taken)
    await fences(s, range(2))
    await b.flush()
    assert not b.watch.messages and number(await b.bar0.read(C["MSIX_PBA"], 8), 0, 8) == 1
    b.function.msix_cap.msix_function_mask = False
    await b.flush()
    assert b.watch.messages == [message]
    await s.close()


@case()
async def without_msix_the_card_stays_armed(b):
    """With MSI-X switched off no message comes, WAKE stays armed, records come; switched on, the message follows."""
    s, message = await with_vector(b)
    await b.device.msix_set_enable(False)
    await b.cycles(20)
    await arm(b, s.taken)
    await fences(s, range(4))
    await b.flush()
    assert not b.watch.messages and await b.read("WAKE") & 1 == 1
    await b.device.msix_set_enable(True)
    await b.flush()
    assert b.watch.messages == [message] and await b.read("WAKE") & 1 == 0
    await s.close()


@case()
async def opening_a_session_disarms(b):
    """An armed WAKE and a pending bit of the session before do not wake the host of the next one."""
    s, _ = await with_vector(b)
    await b.bar0.write(TABLE + 12, (1).to_bytes(4, "little"))
    await arm(b, s.taken)
    await fences(s, range(2))
    await arm(b, s.taken)
    await s.close()
    new = await Session(b, first=s.next).open()
    assert await b.read("WAKE") & 1 == 0 and number(await b.bar0.read(C["MSIX_PBA"], 8), 0, 8) == 0
    await b.bar0.write(TABLE + 12, bytes(4))
    await fences(new, range(4))
    await b.flush()
    assert not b.watch.messages
    await new.close()
