"""The command window: pieces, orders, repetitions, damage and gaps: card.md, 3."""
from bench import case
from layout import FAULT, L, SLOTS, WINDOW, WORD, number
from session import Session, cut_again, cut_words, whole
from test_session import cookies, fences

BOTH = (512, 256)
GAP = FAULT["GAP"]
FAULT_KIND = L.records["FAULT"].number
LONG = 1 << 24          # GAP_CYCLES of a case that leaves pieces lying on purpose


async def opened(b, bits=8, gap=None, **options):
    s = Session(b, bits=bits, **options)
    if gap:
        await b.write("GAP_CYCLES", gap)
    await s.open()
    await s.reset_core()
    return s


def gap_of(record):
    """The sequence that a GAP fault asks for."""
    assert record[8] == FAULT_KIND, L.show_record(record)
    fields = L.records["FAULT"].unpack(record)
    assert fields["fault"] == GAP, L.show_record(record)
    return fields["expected_seq"]


@case(bits=BOTH)
async def commands_in_one_piece(b):
    """600 commands, each in one write; every one answered, the window wraps twice."""
    s = await opened(b)
    await fences(s, range(600))
    assert await b.read("STALE") == 0 and await b.read("GAPS") == 0
    await s.close()


@case(bits=BOTH, each={"step": [4, 8, 16, 32, 64]})
async def commands_in_equal_pieces(b, step):
    """Pieces of 4, 8, 16, 32 and 64 bytes, backwards: the last byte of the window's slot comes first."""
    s = await opened(b)

    def cut(_, image, offset):
        return [(offset + at, image[at:at + step]) for at in reversed(range(0, len(image), step))]
    await s.send_cut((s.fence(i) for i in range(24)), cut)
    assert cookies(await s.take(48)) == list(range(24))
    await s.close()


@case(us=2000, bits=BOTH)
async def pieces_in_any_order_across_slots(b):
    """Pieces of 4 to 64 bytes that begin anywhere, cross slots and come in any order, over the whole window."""
    s = await opened(b)
    await s.send_cut((s.fence(i) for i in range(300)), cut_words, group=32)
    assert cookies(await s.take(600)) == list(range(300))
    assert await b.read("STALE") == 0 and await b.read("GAPS") == 0
    await s.close()


@case(us=2000)
async def pieces_overlap_and_come_again(b):
    """The same with pieces that overlap others and that come twice."""
    s = await opened(b, gap=LONG)
    await s.send_cut((s.fence(i) for i in range(300)), cut_again, group=16)
    assert cookies(await s.take(600)) == list(range(300))
    await s.close()


@case()
async def one_write_of_four_slots(b):
    """Writes of 256 and 512 bytes, the largest payload, cover several slots at once, aligned or not."""
    s = await opened(b)
    for group, shift in ((4, 0), (8, 0), (8, 20), (7, 36)):
        at = s.slot(s.next)
        image = b"".join(s.word(s.fence(1000 + i), s.next + i) for i in range(group))
        await b.raw_write(b.bar2, at, image[:shift]) if shift else None
        await b.raw_write(b.bar2, at + shift, image[shift:])
        s.next += group
        assert cookies(await s.take(2 * group)) == [1000 + i for i in range(group)]
    await s.close()


@case()
async def the_highest_slot_and_the_lowest(b):
    """Sequences round a multiple of the slots: the window's last bytes and its first."""
    s = await opened(b, first=SLOTS - 4)
    assert s.slot(SLOTS - 1) == WINDOW - WORD
    await s.send_cut((s.fence(i) for i in range(8)), cut_words, group=3)
    assert cookies(await s.take(16)) == list(range(8))
    await s.close()


@case()
async def single_bytes_and_holes(b):
    """Bytes one at a time, and writes with holes in their byte enables: a slot acts only when its 64 bytes are there."""
    s = await opened(b)
    word, at = s.word(s.fence(7)), s.slot(s.next)
    order = list(range(WORD))
    b.random.shuffle(order)
    for i in order[:-1]:
        await b.bar2.write(at + i, word[i:i + 1])
    await s.quiet(300)
    await b.bar2.write(at + order[-1], word[order[-1]:order[-1] + 1])
    assert cookies(await s.take(2)) == [7]
    s.next += 1
    word, at = s.word(s.fence(8)), s.slot(s.next)
    for mask in (0x5, 0xa):
        for i in range(0, WORD, 4):
            assert not s.peek()
            await b.raw_write(b.bar2, at + i, word[i:i + 4], first_be=mask)
    s.next += 1
    assert cookies(await s.take(2)) == [8]
    await s.close()


@case()
async def bytes_that_are_not_enabled_stay(b):
    """Rubbish under a clear byte enable does not get into the slot."""
    s = await opened(b)
    word, at = s.word(s.fence(3)), s.slot(s.next)
    rubbish = bytes(c ^ 0xff for c in word)
    for i in range(0, WORD, 8):
        mixed = word[i:i + 2] + rubbish[i + 2:i + 6] + word[i + 6:i + 8]
        await b.raw_write(b.bar2, at + i, mixed, first_be=0x3, last_be=0xc)
        mixed = rubbish[i:i + 2] + word[i + 2:i + 6] + rubbish[i + 6:i + 8]
        await b.raw_write(b.bar2, at + i, mixed, first_be=0xc, last_be=0x3)
    s.next += 1
    assert cookies(await s.take(2)) == [3]
    await s.close()


@case()
async def later_slots_wait_for_the_next_sequence(b):
    """Whole commands behind a hole do not act; with the hole filled all act in order."""
    s = await opened(b)
    words = [s.word(s.fence(i), s.next + i) for i in range(20)]
    for i in b.random.sample(range(1, 20), 19):
        await b.bar2.write(s.slot(s.next + i), words[i])
    await s.quiet(1000)
    await b.bar2.write(s.slot(s.next), words[0])
    s.next += 20
    assert cookies(await s.take(40)) == list(range(20))
    await s.close()


@case()
async def a_stale_nonce_is_thrown_away(b):
    """A whole command of another session is thrown away and counted; the right one then acts."""
    s = await opened(b)
    for n in range(3):
        await b.bar2.write(s.slot(s.next), s.word(s.fence(666), nonce=s.nonce ^ 1 << 7 * n))
        await b.flush()
        assert await b.read("STALE") == n + 1
    await s.quiet()
    await fences(s, [5])
    await s.close()


@case()
async def a_stale_sequence_is_thrown_away(b):
    """A repeated command, and one from beyond the credit, are thrown away and counted."""
    s = await opened(b)
    await fences(s, range(4))
    for n, wrong in enumerate((s.next - SLOTS, s.next + SLOTS, s.next + 2**40, s.next ^ 2**63)):
        await b.bar2.write(s.slot(s.next), s.word(s.fence(666), seq=wrong % 2**64))
        await b.flush()
        assert await b.read("STALE") == n + 1
    await s.quiet()
    await fences(s, [5])
    await s.close()


@case()
async def a_command_again_after_it_acted(b):
    """A command that comes a second time does not act a second time; its slot works when its turn comes again."""
    s = await opened(b, gap=LONG)
    word = s.word(s.fence(1))
    await s.send([s.fence(1)])
    assert cookies(await s.take(2)) == [1]
    await b.bar2.write(s.slot(s.next - 1), word)
    await s.quiet()
    await fences(s, range(SLOTS - 1))
    await b.flush()
    assert await b.read("STALE") == 1, "the old command in the slot of the next one"
    await fences(s, range(3))
    await s.close()


@case()
async def a_bad_check_word_is_repaired(b):
    """One wrong bit: the slot waits; the piece again, right, and the command acts. Every dword in turn."""
    s = await opened(b)
    for i in range(16):
        word, at = bytearray(s.word(s.fence(i))), s.slot(s.next)
        good = bytes(word)
        word[4 * i + b.random.randrange(4)] ^= 1 << b.random.randrange(8)
        await b.bar2.write(at, bytes(word))
        await b.cycles(150)
        assert not s.peek() and await b.read("NEXT_SEQ") == s.next, f"dword {i} damaged, and it acted"
        await b.bar2.write(at + 4 * i, good[4 * i:4 * i + 4])
        s.next += 1
        assert cookies(await s.take(2)) == [i]
    assert await b.read("GAPS") == 0 and await b.read("STALE") == 0
    await s.close()


@case(bits=BOTH)
async def a_gap_is_told_and_the_command_sent_again(b):
    """Half a command for GAP_CYCLES: FAULT GAP with its sequence; sent again it acts, with what waited behind it."""
    gap = 300
    s = await opened(b, gap=gap)
    missing = s.next
    await b.bar2.write(s.slot(missing), s.word(s.fence(0))[:60])
    for i in range(1, 5):
        await b.bar2.write(s.slot(missing + i), s.word(s.fence(i), missing + i))
    began = b.cycle()
    (record,) = await s.take(1, gap + 300)
    assert gap_of(record) == missing and gap - 100 <= b.cycle() - began <= gap + 200, b.cycle() - began
    assert await b.read("GAPS") == 1
    await b.bar2.write(s.slot(missing), s.word(s.fence(0)))
    s.next += 5
    assert cookies(await s.take(10)) == list(range(5))
    await s.wait_status(lambda line: line["gaps"] == 1)
    await s.quiet(4 * gap)
    await s.close()


@case()
async def the_missing_piece_alone_ends_a_gap(b):
    """What was there before the fault stays: the missing bytes, late, make the command whole."""
    s = await opened(b, gap=200)
    word, at = s.word(s.fence(9)), s.slot(s.next)
    await b.bar2.write(at + 4, word[4:])
    (record,) = await s.take(1, 600)
    assert gap_of(record) == s.next
    await b.bar2.write(at, word[:4])
    s.next += 1
    assert cookies(await s.take(2)) == [9]
    await s.close()


@case()
async def a_gap_repeats_until_it_is_filled(b):
    """A command that never came, with others behind it: the fault repeats every GAP_CYCLES and stops when it is there."""
    gap = 200
    s = await opened(b, gap=gap)
    await b.bar2.write(s.slot(s.next + 1), s.word(s.fence(2), s.next + 1))
    times = []
    for _ in range(5):
        (record,) = await s.take(1, gap + 300)
        assert gap_of(record) == s.next
        times.append(b.cycle())
    assert all(gap - 50 <= after - before <= gap + 50 for before, after in zip(times, times[1:])), times
    assert await b.read("GAPS") == 5
    await b.bar2.write(s.slot(s.next), s.word(s.fence(1)))
    s.next += 2
    assert cookies(await s.take(4)) == [1, 2]
    await s.quiet(3 * gap)
    await s.close()


@case()
async def no_gap_when_nothing_came(b):
    """An idle window, or one whose commands all acted, has no gap however long it takes."""
    s = await opened(b, gap=64)
    await s.quiet(1000)
    await fences(s, range(5))
    await s.quiet(1000)
    assert await b.read("GAPS") == 0
    await s.close()


@case()
async def no_gap_while_killed(b):
    """Time under the kill switch does not count towards a gap."""
    s = await opened(b, gap=128)
    await b.write("KILL", 1)
    await b.bar2.write(s.slot(s.next), s.word(s.fence(1))[:32])
    await s.quiet(2000)
    await b.write("KILL", 0)
    began = b.cycle()
    (record,) = await s.take(1, 600)
    assert gap_of(record) == s.next and b.cycle() - began >= 128, "time under the kill switch counted"
    await fences(s, [1])
    await s.close()


@case(us=1500)
async def credit_is_the_sequence_plus_the_slots(b):
    """With the host asleep the window fills to the credit and no further, and the last command within it is taken."""
    s = await opened(b, bits=6)
    s.lag = 10**9
    begun = s.next
    line = await s.wait_status(lambda line: line["credit"] == begun + SLOTS)
    last = line["credit"] - 1
    for seq in range(last, begun - 1, -1):
        await b.bar2.write(s.slot(seq), s.word(s.fence(seq & 0xff), seq))
    await b.cycles(3000)
    line = s.line()
    assert line["credit"] == await b.read("NEXT_SEQ") + SLOTS
    s.lag, s.next = 16, last + 1
    assert cookies(await s.take(2 * SLOTS)) == [seq & 0xff for seq in range(begun, last + 1)]
    await s.close()


@case(us=1000)
async def commands_beyond_the_credit_are_not_kept(b):
    """A whole window of commands of the next round, sent too early, acts as none: stale, or written over."""
    s = await opened(b, gap=LONG)
    for i in range(8):
        await b.bar2.write(s.slot(s.next + SLOTS + i), s.word(s.fence(666), s.next + SLOTS + i))
    await s.quiet(500)
    await s.send_cut((s.fence(i) for i in range(20)), whole)
    assert cookies(await s.take(40)) == list(range(20))
    assert await b.read("STALE") >= 1
    await s.close()
