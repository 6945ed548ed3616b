"""Reads, their completions, and requests that the card does not support: card.md, 7."""
import cocotb
from cocotb.triggers import Combine

from bench import READ_NS, case, within
from cocotbext.pcie.core.tlp import CplStatus, TlpType
from cocotbext.pcie.xilinx.us.interface import UsPcieFrame
from cocotbext.pcie.xilinx.us.tlp import ReqType, Tlp_us
from layout import C, CARD, REGISTERS, RW_BITS, RW_LEGAL, WINDOW
from session import Session

BOTH = (512, 256)
PATTERN = C["WINDOW_PATTERN"].to_bytes(4, "little")
BOUNDARY = 128


async def expectation(b):
    """What BAR0 holds from RING_BASE to STATUS_CYCLES: chosen values in the writable registers, which stand still."""
    image = bytearray(0x140)
    for name, register in REGISTERS.items():
        if register["access"] == "rw" and name not in ("SESSION", "KILL", "WAKE"):
            size = register["bits"] // 8
            value = RW_LEGAL[name][11] if name in RW_LEGAL else \
                int.from_bytes(b.random.randbytes(size), "little") & RW_BITS[name] & -4096
            await b.write(name, value)
            image[register["offset"]:register["offset"] + size] = value.to_bytes(size, "little")
    return bytes(image)


def first_mask(offset):
    return 0xf << (offset & 3) & 0xf


def last_mask(end):
    return 0xf >> (-end & 3)


async def read_bytes(b, window, offset, length):
    """Reads bytes with one request; checks every completion's header; the bytes."""
    dwords = ((offset + length + 3) >> 2) - (offset >> 2)
    first, last = first_mask(offset), last_mask(offset + length)
    if dwords == 1:
        first, last = first & last, 0
    request, completions = await b.raw_read(window, offset & -4, dwords, first, last)
    return completion_data(b, request, completions, offset, length)


def completion_data(b, request, completions, offset, length):
    data, at = b"", offset
    for c in completions:
        left = offset + length - at
        assert c.status == CplStatus.SC and c.fmt_type == TlpType.CPL_DATA, repr(c)
        assert (c.tag, c.requester_id, c.tc, c.attr) == (request.tag, request.requester_id, request.tc, request.attr), repr(c)
        assert c.completer_id == b.function.pcie_id and not c.ep, repr(c)
        assert c.lower_address == (request.address - (offset & -4) + at) & 0x7f, repr(c)
        assert c.byte_count == left, f"byte count {c.byte_count} with {left} to come"
        assert c.length * 4 <= BOUNDARY, f"{c.length} dwords in a completion"
        end = (at & -4) + c.length * 4
        assert end >= offset + length or end % BOUNDARY == 0, f"a completion ends at {end:#x}"
        data += bytes(c.get_data())[at & 3:][:left]
        at = end
    assert at >= offset + length, f"{len(data)} of {length} bytes came"
    return data


@case(us=2000, bits=BOTH)
async def reads_of_every_length(b):
    """1 to 4096 bytes from BAR0: split at 128 bytes, header and payload of every completion right."""
    image = await expectation(b)
    for length in [*range(1, 20), 31, 32, 33, 60, 63, 64, 65]:
        assert await read_bytes(b, b.bar0, 0x100, min(length, 0x20)) == image[0x100:0x100 + min(length, 0x20)]
    for length in (127, 128, 129, 255, 256, 257, 1023, 1024, 2047, 2048, 4095, 4096):
        data = await read_bytes(b, b.bar0, 0x4000, length)
        assert data == bytes(length)
    data = await read_bytes(b, b.bar0, 0, 4096)
    assert data[0x100:0x120] == image[0x100:0x120] and data[0x400:] == bytes(4096 - 0x400)


@case(us=2000)
async def reads_at_odd_offsets(b):
    """Every offset 0 to 3 and lengths round the dword, the beat and the boundary: lower address, byte count and bytes."""
    image = await expectation(b)
    for offset in (*range(0x100, 0x104), 0x107, 0x10f, 0x11d):
        for length in (1, 2, 3, 4, 5, 7, 8, 13, 0x120 - offset):
            if offset + length <= 0x120:
                assert await read_bytes(b, b.bar0, offset, length) == image[offset:offset + length], f"{length} at {offset:#x}"
    for offset in (0x47d, 0x47e, 0x47f, 0x480, 0x4fc, 0x57f):
        for length in (1, 2, 3, 4, 5, 130, 131, 300):
            assert await read_bytes(b, b.bar0, offset, length) == bytes(length)


@case(bits=BOTH)
async def a_read_of_no_bytes_gets_one_dword(b):
    """A read without byte enables is answered with one dword, so that a host can flush its writes."""
    for window in (b.bar0, b.bar2):
        _, (c,) = await b.raw_read(window, 0x40, 1, first_be=0)
        assert c.status == CplStatus.SC and c.length == 1 and c.byte_count == 1, repr(c)


@case(us=1000, bits=BOTH)
async def window_reads_as_pattern_without_effect(b):
    """Every dword of BAR2 reads as the pattern, before and while half a command lies there, which then still acts."""
    s = await Session(b).open()
    await s.reset_core()
    word, at = s.word(s.fence(77)), s.slot(s.next)
    await b.bar2.write(at, word[:36])
    for offset, length in ((0, 4096), (WINDOW - 512, 512), (at, 64), (at + 5, 23), (3, 4093)):
        data = await read_bytes(b, b.bar2, offset, length)
        assert data == (PATTERN * 1100)[offset & 3:][:length]
    await s.quiet()
    await b.bar2.write(at + 36, word[36:])
    fence, _ = await s.take(2)
    assert fence[16] == 77
    await s.close()


@case(bits=BOTH)
async def tag_class_and_attributes_come_back(b):
    """Completions carry tag, traffic class, attributes and requester of their request."""
    for tc, attr in ((0, 0), (3, 1), (7, 2), (0, 4), (5, 7)):
        request, completions = await b.raw_read(b.bar0, 0, 70, tc=tc, attr=attr)
        data = completion_data(b, request, completions, 0, 280)
        assert data[:8] == (await b.read("MAGIC")).to_bytes(8, "little")


@case(us=1000)
async def sixty_four_reads_in_flight(b):
    """64 requests at once, more than there are buffers: np_req holds them back and every one is answered right."""
    image = await expectation(b)
    answers = {}

    async def one(i):
        offset, length = 0x100 + i % 29, 1 + i % 3
        answers[i] = await read_bytes(b, b.bar0, offset, length) == image[offset:offset + length]
    await within(Combine(*[cocotb.start_soon(one(i)) for i in range(64)]), 20000, "64 reads")
    assert len(answers) == 64 and all(answers.values())


@case(us=2000, bits=BOTH)
async def reads_while_a_thousand_writes_stream(b):
    """Reads are answered while 1,000 commands stream through the window, and the commands all act."""
    s = await Session(b, bits=8).open()
    await s.reset_core()
    reads, done = 0, False

    async def reader():
        nonlocal reads
        while not done:
            assert (await b.read("SLOTS")) == C["WINDOW_SLOTS"]
            reads += 1
    reading = cocotb.start_soon(reader())
    taking = cocotb.start_soon(s.take(2000))
    await s.send(s.fence(i) for i in range(1000))
    records = await within(taking, 60000, "2,000 records")
    done = True
    await reading
    assert [r[16] | r[17] << 8 for r in records[::2]] == list(range(1000)) and reads > 20
    await s.close()


@case(us=1000)
async def completions_wait_for_a_slow_root(b):
    """With CC stopped three cycles of four the completions are the same, and writes go on."""
    b.pause(cc=iter(lambda: b.random.random() < 0.75, None))
    image = await expectation(b)
    assert await read_bytes(b, b.bar0, 0x101, 31) == image[0x101:0x120]
    assert await read_bytes(b, b.bar2, 2, 600) == (PATTERN * 200)[2:602]


# --- unsupported -------------------------------------------------------------------------------------------------------------

async def inject(b, kind, bar, offset=0x10, data=b"", dwords=1, first_be=0xf, last_be=0):
    """A request that the root complex would not send, put where the hard block hands it over; its completion."""
    tlp = Tlp_us()
    tlp.fmt_type = kind
    tlp.requester_id, tlp.tag = b.rc.pcie_id, await b.rc.alloc_tag()
    tlp.address, tlp.length, tlp.first_be, tlp.last_be = 0x1000 + offset, dwords, first_be, last_be
    tlp.bar_id, tlp.bar_aperture, tlp.data = bar, 16, bytearray(data)
    while b.model.cq_np_req_count == 0:
        await b.cycles(1)
    b.model.cq_np_req_count -= 1
    await b.model.cq_source.send(tlp.pack_us_cq())
    completion = await b.rc.recv_cpl(tlp.tag, READ_NS, "ns")
    b.rc.release_tag(tlp.tag)
    assert completion is not None, f"no completion for {kind}"
    return completion


async def inject_posted(b, request_type, bar, dwords=1):
    """A posted request of any type, straight onto CQ."""
    frame = UsPcieFrame()
    frame.data = [0x1000, 0, dwords | request_type << 11, bar << 16 | 16 << 19] + [0x5a5a5a5a] * dwords
    frame.byte_en = [0] * 4 + [0xf] * dwords
    frame.first_be, frame.last_be = 0xf, 0xf if dwords > 1 else 0
    frame.update_parity()
    await b.model.cq_source.send(frame)


async def alive(b):
    assert await b.read("MAGIC") == 0x4b52425245524946
    assert await read_bytes(b, b.bar2, 0, 8) == PATTERN * 2


REFUSED = {
    "io_read": (TlpType.IO_READ, b""), "io_write": (TlpType.IO_WRITE, bytes(4)),
    "locked_read": (TlpType.MEM_READ_LOCKED, b""), "fetch_add": (TlpType.FETCH_ADD, bytes(4)),
    "swap": (TlpType.SWAP, bytes(4)), "compare_and_swap": (TlpType.CAS, bytes(8)),
}


@case(bits=BOTH, each={"kind": list(REFUSED)})
async def refused_with_unsupported_request(b, kind):
    """I/O, locked reads and atomics get one completion: unsupported request, no data; it is counted and the bus lives."""
    fmt, data = REFUSED[kind]
    for n in range(3):
        c = await inject(b, fmt, 0, data=data, dwords=max(1, len(data) // 4), last_be=0xf if len(data) > 4 else 0)
        assert c.status == CplStatus.UR and not c.get_data(), repr(c)
        assert c.completer_id == b.function.pcie_id and c.requester_id == b.rc.pcie_id, repr(c)
        assert await b.read("UNSUPPORTED") == n + 1
    await alive(b)


@case()
async def reads_of_no_bar_of_ours_are_refused(b):
    """A memory read of a BAR that the card does not have gets unsupported request too."""
    for bar in (1, 3, 4, 5, 6):
        c = await inject(b, TlpType.MEM_READ, bar, dwords=4, last_be=0xf)
        assert c.status == CplStatus.UR and not c.get_data(), repr(c)
    assert await b.read("UNSUPPORTED") == 5
    await alive(b)


@case(bits=BOTH)
async def posted_requests_of_no_use_are_dropped(b):
    """Messages and writes to other BARs change nothing and are counted; nothing comes back; the bus lives."""
    before = await b.read_all(n for n in REGISTERS if REGISTERS[n]["access"] == "rw")
    n = 0
    for kind, bar, dwords in ((ReqType.MSG, 0, 1), (ReqType.MSG_VENDOR, 0, 4), (ReqType.MSG_ATS, 0, 16),
                              (ReqType.MEM_WRITE, 4, 1), (ReqType.MEM_WRITE, 1, 31), (ReqType.MEM_WRITE, 6, 16)):
        await inject_posted(b, kind, bar, dwords)
        n += 1
        await b.flush()
        assert await b.read("UNSUPPORTED") == n, f"{kind!r} to BAR{bar}"
    assert await b.read_all(before) == before
    await alive(b)


@case(bits=BOTH)
async def damaged_writes_are_dropped(b):
    """A register write that the block marks as damaged (discontinue) changes nothing and is counted."""
    address = b.bar0.get_absolute_address(REGISTERS["FIRST_SEQ"]["offset"])
    for n, dwords in enumerate((1, 2, 13), 1):
        frame = UsPcieFrame()
        frame.data = [address & 0xffffffff, address >> 32, dwords | ReqType.MEM_WRITE << 11, 16 << 19] + [0x11] * dwords
        frame.byte_en = [0] * 4 + [0xf] * dwords
        frame.first_be, frame.last_be, frame.discontinue = 0xf, 0xf if dwords > 1 else 0, True
        frame.update_parity()
        await b.model.cq_source.send(frame)
        await b.flush()
        assert await b.read("FIRST_SEQ") == 0 and await b.read("UNSUPPORTED") == n
    await b.write("FIRST_SEQ", 5)
    assert await b.read("FIRST_SEQ") == 5 and await b.state() == CARD["CLOSED"]


@case(us=1000)
async def unsupported_between_commands(b):
    """Unsupported requests of all kinds between the pieces of commands disturb neither."""
    s = await Session(b).open()
    await s.reset_core()
    for i in range(20):
        word, at = s.word(s.fence(i)), s.slot(s.next)
        await b.bar2.write(at, word[:20])
        fmt, data = list(REFUSED.values())[i % len(REFUSED)]
        c = await inject(b, fmt, 2, data=data, dwords=max(1, len(data) // 4), last_be=0xf if len(data) > 4 else 0)
        assert c.status == CplStatus.UR
        await inject_posted(b, ReqType.MSG, 2, 8)
        await b.bar2.write(at + 20, word[20:])
        s.next += 1
        fence, _ = await s.take(2)
        assert fence[16] == i
    assert await b.read("UNSUPPORTED") == 40
    await s.close()
