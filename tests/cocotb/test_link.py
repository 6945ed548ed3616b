"""What the link may do: stop, be short of credit, have small payloads: card.md, 4 and 7."""
import itertools

import cocotb
from cocotb.triggers import Combine

from bench import case
from layout import SLOTS, WORD
from session import Session, cut_words
from test_ring import arm, opened, with_vector
from test_session import cookies, fences, levels

BOTH = (512, 256)
RESERVED_HEADERS, RESERVED_DATA, RECORD_DATA = 4, 16, WORD // 16
SETTLE = 12         # cycles after a change of credit in which a packet may still be on its way


def one_in_four():
    return itertools.cycle([1, 1, 1, 0])


def at_random(b, share):
    return iter(lambda: b.random.random() < share, None)


async def work(b, commands=150):
    """Pieces in any order, records, reads, at once."""
    s = await opened(b)
    await s.send_cut((s.fence(i) for i in range(commands)), cut_words, group=16)
    assert cookies(await s.take(2 * commands)) == list(range(commands))
    assert await b.read("NEXT_SEQ") == s.next
    await s.close()


@case(us=3000, bits=BOTH, each={"channel": ["cq", "cc", "rq"]})
async def one_channel_stops_three_cycles_of_four(b, channel):
    """Pause 1, 1, 1, 0 on one channel: everything comes through, in order, unchanged."""
    b.pause(**{channel: one_in_four()})
    await work(b)


@case(us=4000, bits=BOTH)
async def all_channels_stop_at_random(b):
    """All three channels stop at random, more and less often."""
    for share in (0.3, 0.8):
        b.pause(cq=at_random(b, share), cc=at_random(b, share), rq=at_random(b, share))
        await work(b, 100)
        b.pause(cq=None, cc=None, rq=None)


@case(us=1000)
async def requests_stop_for_long(b):
    """RQ stopped for 3,000 cycles: the card waits, the host's writes and reads go on, then everything comes."""
    s = await opened(b)
    b.pause(rq=itertools.repeat(True))
    await s.send(s.fence(i) for i in range(100))
    for _ in range(30):
        await b.cycles(100)
        assert await b.read("MAGIC")
    assert len(s.seen) == 1
    b.pause(rq=None)
    assert cookies(await s.take(200)) == list(range(100))
    await s.close()


@case(us=1500, each={"size": [0, 1, 2]}, max_payload=512)
async def payload_sizes(b, size):
    """Maximum payload 128, 256 and 512 bytes: records stay whole, completions stay within it, long writes come in pieces."""
    b.function.pcie_cap.max_payload_size = size
    b.rc.max_payload_size = size
    await b.cycles(10)
    s = await opened(b)
    image = b"".join(s.word(s.fence(i), s.next + i) for i in range(32))
    await b.bar2.write(s.slot(s.next), image)
    s.next += 32
    assert cookies(await s.take(64)) == list(range(32))
    _, completions = await b.raw_read(b.bar2, 0, 1024)
    assert max(c.length * 4 for c in completions) <= 128 << size
    await s.close()


@case(us=3000, bits=BOTH, headers=6, data=24)
async def few_posted_credits(b):
    """A root port with six posted headers: slow, but complete, and status lines come as well."""
    await work(b, 60)


@case(us=3000, headers=64, data=20)
async def few_data_credits(b):
    """A root port with data credits for five records."""
    await work(b, 60)


@case(us=3000, headers=8, data=32)
async def credits_come_late(b):
    """The root port gives its credits back late and in bunches."""
    give, owed = b.credits.rx_release_fc, []

    def later(kind, amount=0):
        owed.append((kind, amount))
        if len(owed) >= b.random.randint(1, 4):
            while owed:
                give(*owed.pop(0))
    b.credits.rx_release_fc = later
    await work(b, 60)


# --- the case is the link: it says what credit there is ---------------------------------------------------------------------

def credit(b, headers, data):
    b.dut.cfg_fc_ph.value, b.dut.cfg_fc_pd.value = headers, data


def kinds(b, s, begin=0):
    """What went out: R for a record, S for a status line, I for an interrupt."""
    low = {s.status_address & 0xffffffff: "S", (b.vector_address or 1) & 0xffffffff: "I"}
    return "".join(low.get(frame.data[0], "R") for _, frame in b.packets[begin:])


@case(us=1000, bits=BOTH, own_credits=True)
async def without_credit_no_packet(b):
    """No posted header, or fewer than four data credits: nothing is sent. One header and four data: records are."""
    credit(b, 64, 1024)
    s = await opened(b)
    for headers, data in ((0, 1024), (64, 0), (64, RECORD_DATA - 1), (0, 0)):
        credit(b, headers, data)
        await b.cycles(SETTLE)
        before, seen = len(b.packets), len(s.seen)
        await s.send([s.fence(1)])
        await b.cycles(500)
        assert len(b.packets) == before, f"a packet with credit {headers}, {data}"
        assert await b.read("WRITER_POSTED") > 400
        credit(b, 1, RECORD_DATA)
        await b.cycles(60)
        assert len(s.seen) == seen + 2, "a record with a credit did not go"
        credit(b, 64, 1024)
        await s.take(2)
    await s.close()


@case(us=1000, own_credits=True)
async def the_last_credits_are_for_records(b):
    """With four headers or sixteen data credits left only records go; status lines and interrupts wait and come later."""
    credit(b, 64, 1024)
    s, message = await with_vector(b)
    await b.write("STATUS_CYCLES", 256)
    for headers, data in ((RESERVED_HEADERS, 1024), (64, RESERVED_DATA), (1, RECORD_DATA), (RESERVED_HEADERS, 16)):
        credit(b, headers, data)
        await b.cycles(SETTLE)
        await arm(b, s.taken)
        begin, told = len(b.packets), len(b.watch.messages)
        for i in range(10):
            await b.bar2.write(s.slot(s.next), s.word(s.fence(i)))
            s.next += 1
        assert cookies(await s.take(20)) == list(range(10))
        await b.cycles(800)
        assert set(kinds(b, s, begin)) == {"R"}, f"{kinds(b, s, begin)} with credit {headers}, {data}"
        credit(b, 64, 1024)
        await b.cycles(300)
        assert b.watch.messages[told:] == [message] and "S" in kinds(b, s, begin)
        await s.wait_status(lambda line: line["credit"] == s.next + SLOTS)
    await s.close()


@case(us=2000, own_credits=True)
async def credit_comes_and_goes(b):
    """Credit at random, often none: all records come, each whole, in order."""
    credit(b, 64, 1024)
    s = await opened(b)
    running = True

    async def weather():
        while running:
            credit(b, b.random.choice((0, 0, 1, 2, 5, 64)), b.random.choice((0, 3, 4, 8, 20, 1024)))
            await b.cycles(b.random.randint(1, 40))
        credit(b, 64, 1024)
    blowing = cocotb.start_soon(weather())
    for at in range(0, 120, 20):
        await s.send([s.fence(i) for i in range(at, at + 20)], 40000)
        assert cookies(await s.take(40, 40000)) == list(range(at, at + 20))
    running = False
    await blowing
    await s.close()


@case(us=1000, bits=BOTH)
async def non_posted_requests_are_held_back(b):
    """A slow CC and 64 reads: np_req is given only for a free buffer, CQ stays ready, and posted writes overtake."""
    s = await opened(b)
    b.pause(cc=at_random(b, 0.9))
    stalled = 0

    async def watch_ready():
        nonlocal stalled
        while True:
            await b.cycles(1)
            stalled += not int(b.dut.s_axis_cq_tready.value)
    watching = cocotb.start_soon(watch_ready())
    reads = [cocotb.start_soon(b.bar0.read(4 * (i % 14), 4)) for i in range(64)]
    await fences(s, range(20))
    pending = sum(not r.done() for r in reads)
    assert pending > 8, f"only {pending} of 64 reads were held back"
    await Combine(*reads)
    assert stalled == 0, f"CQ was not ready in {stalled} cycles"
    watching.cancel()
    b.pause(cc=None)
    await s.close()


@case(us=1000, bits=BOTH)
async def packets_have_the_shape_of_the_block(b):
    """Every packet on RQ: descriptor, 64 bytes, no traffic class or attribute, byte enables all set, requester's function 0."""
    s = await opened(b)
    await levels(s, 10)
    words = await s.take_levels(10)
    assert len(b.packets) > len(words)
    for _, frame in b.packets:
        d = frame.data
        assert len(d) == 4 + WORD // 4 and d[2] & 0x7ff == WORD // 4 and d[2] >> 11 & 0xf == 1, frame
        assert d[0] % WORD == 0 and d[3] >> 25 == 0 and not d[2] >> 15 & 1, frame
        assert (frame.first_be, frame.last_be, frame.discontinue) == (0xf, 0xf, False), frame
    await s.close()
