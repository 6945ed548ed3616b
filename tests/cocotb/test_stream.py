"""Random commands of every kind in pieces; the records must be those of `model`: batch by batch, as sets (contract.md, 4)."""
import os
import pathlib

import cocotb

from bench import case, within
from layout import L, WORD, changes_of, number
from session import Session, cut_words

BOTH = (512, 256)
FAULT_KIND, END_KIND = L.records["FAULT"].number, L.records["BATCH_END"].number


def words_of(name):
    """Words that stream.py wrote."""
    data = (pathlib.Path(os.environ["FB_STREAM"]) / name).read_bytes()
    return [data[at:at + WORD] for at in range(0, len(data), WORD)]


def batches_of(records):
    """Yields each batch: its sorted decision records and its end, without what belongs to the transport."""
    body = []
    for record in records:
        if record[8] in L.service:
            continue
        if record[8] != END_KIND:
            body += changes_of(record)
            continue
        yield sorted(body), record[:56]
        body = []


class Stream:
    """The first commands of stream.py that end with a whole batch, and what `model` answers."""

    def __init__(self, commands):
        every = words_of("commands.bin")
        answers = list(batches_of(words_of("records.bin")))
        while commands < len(every) and number(every[commands - 1], 9, 1) & L.enum["FLAG"]["MORE"]:
            commands += 1
        self.commands = every[:commands]
        last = number(self.commands[-1], 0, 8)
        self.answers = [a for a in answers if number(a[1], 0, 8) <= last]
        self.first = number(self.commands[0], 0, 8)
        self.records = sum(len(body) + 1 for body, _ in self.answers)


async def collect(s, stream, got):
    """Takes records until the last batch has ended."""
    last, ends = number(stream.answers[-1][1], 0, 8), 0
    while ends < len(stream.answers):
        (record,) = await s.take(1, 60000)
        assert not (record[8] == FAULT_KIND), L.show_record(record)
        got.append(record)
        ends += record[8] == END_KIND
    assert number(got[-1], 0, 8) == last


def compare(stream, got):
    """Every batch equals the model's, in order."""
    answered = list(batches_of(got))
    assert len(answered) == len(stream.answers)
    for (body, end), (want, want_end) in zip(answered, stream.answers):
        seq = number(want_end, 0, 8)
        assert body == want, f"batch {seq}: {len(body)} records, {len(want)} expected, " \
            f"{len(set(body) - set(want))} of them wrong: {[L.show_record(r) for r in set(body) ^ set(want)][:4]}"
        assert end == want_end, f"{L.show_record(end)} is not {L.show_record(want_end)}"


async def run(b, commands, cut, bits, group, gap=1 << 20):
    stream, got = Stream(commands), []
    await b.write("GAP_CYCLES", gap)
    s = await Session(b, bits=bits, first=stream.first).open()
    taking = cocotb.start_soon(collect(s, stream, got))
    await s.send_cut(stream.commands, cut, group=group, cycles=60000)
    await within(taking, 400000, "the last batch")
    compare(stream, got)
    assert s.next == stream.first + len(stream.commands) == await b.read("NEXT_SEQ")
    assert await b.read("STALE") == 0 and await b.read("GAPS") == 0
    assert await b.read("PRODUCED") == s.taken == len(s.seen)
    await s.close()
    b.log.info("%d commands, %d batches, %d records, %d status lines, %d cycles", len(stream.commands), len(stream.answers),
               len(s.seen), len(s.lines), b.cycle())


@case(us=10000)
async def ten_thousand_commands_as_the_model(b):
    """10,000 random commands in pieces of 4 to 64 bytes in any order: every record of every batch is the model's."""
    await run(b, 10000, cut_words, bits=8, group=24)


@case(us=6000, bits=BOTH)
async def a_stream_through_the_smallest_ring(b):
    """1,200 commands, a ring of 64 records, every channel stopping at random."""
    b.pause(cq=iter(lambda: b.random.random() < 0.2, None), cc=iter(lambda: b.random.random() < 0.5, None),
            rq=iter(lambda: b.random.random() < 0.5, None))
    await run(b, 1200, cut_words, bits=6, group=8)


@case(us=6000, bits=BOTH, headers=6, data=24)
async def a_stream_with_few_credits(b):
    """1,000 commands over a link with six posted headers."""
    await run(b, 1000, cut_words, bits=7, group=12)


@case(us=6000)
async def a_stream_over_sessions(b):
    """1,500 commands in ten sessions: closed at any moment, continued where the core was; no record is lost or comes twice."""
    stream, got, at = Stream(1500), [], 0
    first = stream.first
    while at < len(stream.commands):
        await b.write("GAP_CYCLES", 1 << 20)
        s = await Session(b, bits=10, first=first).open()
        part = stream.commands[at:at + 150]
        await s.send_cut(part, cut_words, group=16, cycles=60000)
        await b.cycles(b.random.randint(0, 400))
        await s.close()
        first = await b.read("NEXT_SEQ")
        at = first - stream.first
        got += await s.take(await b.read("PRODUCED"))
    s = await Session(b, bits=10, first=first).open()
    while sum(r[8] == END_KIND for r in got) < len(stream.answers):
        got += await s.take(1, 60000)
    compare(stream, got)
    await s.close()
