"""Configuration space and the registers of BAR0: card.md, 1."""
from bench import READ_NS, case
from layout import C, CARD, COUNTERS, M32, REGISTERS, RESET, RW_BITS, RW_LEGAL, TEXT, WINDOW, identity
from words import LAYOUT

BOTH = (512, 256)
GEOMETRY = (2, 1, 10, 8)            # of run.sh: lanes, group, log2 of rows and of accounts of a lane
BELOW_MSIX = C["MSIX_TABLE"]
# A register of the session is written while none is open; SESSION itself would open one.
PLAIN = [name for name, r in REGISTERS.items() if r["access"] == "rw" and name != "SESSION"]


def legal(name, value):
    return value in RW_LEGAL[name] if name in RW_LEGAL else value & ~RW_BITS[name] == 0


def values_of(name):
    """Legal values that set and clear every bit."""
    bits = REGISTERS[name]["bits"]
    walk = [1 << i for i in range(bits)] + [RW_BITS[name] ^ 1 << i for i in range(bits) if RW_BITS[name] >> i & 1]
    if name in RW_LEGAL:
        walk += [RW_LEGAL[name][0], RW_LEGAL[name][-1]] + [RW_LEGAL[name][0] + (1 << i) for i in range(5)]
    return [v for v in walk if legal(name, v)]


@case(bits=BOTH)
async def enumeration_finds_the_card(b):
    """The root complex finds one function with the numbers of the contract, and enables it."""
    d = b.device
    assert (d.vendor_id, d.device_id, d.class_code) == (C["PCI_VENDOR"], C["PCI_DEVICE"], C["PCI_CLASS"])
    assert d.is_busmaster and not d.multifunction
    assert await d.msix_vec_count() == 1


@case()
async def bars_have_their_sizes(b):
    """BAR0 64 KiB, 32 bits, not prefetchable; BAR2 16 KiB, 64 bits, prefetchable; no other."""
    assert b.device.bar_size[0] == C["BAR0_BYTES"] and b.device.bar_raw[0] & 0xf == 0
    assert b.device.bar_size[2] == WINDOW and b.device.bar_raw[2] & 0xf == 0xc
    assert not any(b.device.bar_size[i] for i in (1, 4, 5))


@case(bits=BOTH)
async def identity_block_names_this_card(b):
    """Magic, version, layout hash and geometry are those of the contract and of the build."""
    for name, value in identity(GEOMETRY).items():
        assert await b.read(name) == value, name
    header = LAYOUT.with_name("fb_layout.vh").read_text()
    assert f"FB_LAYOUT_HASH 32'h{await b.read('LAYOUT_HASH'):08x}" in header
    assert await b.read("CLOCK_HZ") == 250_000_000
    assert await b.read("CAPABILITIES") == 3


@case(bits=BOTH)
async def registers_after_reset(b):
    """Every register reads, none as all ones; those with a value after reset have it, and there is no session."""
    got = await b.read_all(REGISTERS)
    for name, value in got.items():
        assert value != (1 << REGISTERS[name]["bits"]) - 1, name
    for name, value in RESET.items():
        assert got[name] == value, f"{name} is {got[name]}"
    for name in ("SESSION", "KILL", "WAKE", "CONSUMED", "PRODUCED", "GAPS", "STALE", "UNSUPPORTED"):
        assert got[name] == 0, f"{name} is {got[name]}"
    assert got["STATE"] == CARD["CLOSED"]


@case()
async def offsets_without_register_read_zero(b):
    """What the contract does not list reads as 0, up to the MSI-X table and behind it."""
    listed = {offset for r in TEXT["register"] for offset in range(r["offset"], r["offset"] + r["bits"] // 8, 4)}
    for base in [*range(0, 0x400, 0x100), 0x1000, 0x4000, BELOW_MSIX - 0x100, C["MSIX_PBA"] + 0x100, C["BAR0_BYTES"] - 0x100]:
        data = await b.bar0.read(base, 0x100, timeout=READ_NS)
        for at in range(0, 0x100, 4):
            assert base + at in listed or data[at:at + 4] == bytes(4), f"offset {base + at:#x} reads {data[at:at + 4].hex()}"


@case(us=4000)
async def rw_registers_hold_every_bit(b):
    """Every bit of every writable register can be set and cleared alone, and changes no other register."""
    for name in PLAIN:
        before = await b.read_all(n for n in PLAIN if n != name)
        for value in values_of(name):
            await b.write(name, value)
            got = await b.read(name)
            assert got == value, f"{name}: wrote {value:#x}, read {got:#x}"
        assert await b.read_all(before) == before, f"writing {name} changed another register"


@case()
async def ro_registers_ignore_writes(b):
    """Writes to what is read only, identity and counters included, change nothing."""
    names = [name for name, r in REGISTERS.items() if r["access"] == "ro" and name not in COUNTERS]
    before = await b.read_all(names)
    for name, register in REGISTERS.items():
        if register["access"] == "ro":
            await b.bar0.write(register["offset"], b"\x5a" * (register["bits"] // 8))
    assert await b.read_all(names) == before
    for name in COUNTERS:
        assert await b.read(name) < 0x5a5a5a5a, f"{name} took a value"


@case()
async def writes_are_absolute_and_repeat(b):
    """The same value twice is the same as once; the last of two values stays."""
    for name in PLAIN:
        first, last = values_of(name)[:2]
        for value in (first, last, last, first, first):
            await b.write(name, value)
        assert await b.read(name) == first, name


@case(bits=BOTH)
async def byte_enables_keep_the_other_bytes(b):
    """A byte that is not enabled keeps its value: every mask on one dword, holes included."""
    offset = REGISTERS["FIRST_SEQ"]["offset"]
    await b.write("FIRST_SEQ", 0x0807060504030201)
    for mask in range(16):
        old = await b.bar0.read(offset, 8, timeout=READ_NS)
        data = bytes(b.random.randrange(128) for _ in range(4))
        await b.raw_write(b.bar0, offset + 4, data, first_be=mask)
        want = bytes(data[i] if mask >> i & 1 else old[4 + i] for i in range(4))
        got = await b.bar0.read(offset, 8, timeout=READ_NS)
        assert got == old[:4] + want, f"mask {mask:#x}: {old.hex()} + {data.hex()} is {got.hex()}"


@case()
async def two_dwords_with_byte_enables(b):
    """First and last byte enables of a longer write hold at both ends, and all bytes between are taken."""
    base = REGISTERS["STATUS_BASE"]["offset"]       # STATUS_BASE and FIRST_SEQ: four dwords
    for first, last in ((0x8, 0x1), (0xc, 0x3), (0xe, 0xf), (0xf, 0x7), (0x5, 0xa)):
        old = await b.bar0.read(base, 16, timeout=READ_NS)
        data = bytes(b.random.randrange(2) * 64 for _ in range(16))
        await b.raw_write(b.bar0, base, data, first, last)
        mask = first | 0xff0 | last << 12
        want = bytes(data[i] if mask >> i & 1 else old[i] for i in range(16))
        got = await b.bar0.read(base, 16, timeout=READ_NS)
        assert got == want, f"{first:#x} {last:#x}: {got.hex()} is not {want.hex()}"


@case(bits=BOTH)
async def one_write_covers_many_registers(b):
    """Writes of 2 to 64 dwords set every register they cover, wherever they begin; read only ones between stay."""
    goal = {"RING_BASE": 0x12345000, "RING_BITS": 9, "CONSUMED": 0x77, "STATUS_BASE": 0x6543210fc0, "FIRST_SEQ": 0x55aa,
            "KILL": 1, "WAKE": 0x44, "GAP_CYCLES": 99, "STATUS_CYCLES": 999}
    identity_before = await b.read("MAGIC")
    for low, dwords in ((0x100, 13), (0x0f0, 64), (0x0c4, 64), (0x0fc, 24)):
        for name in goal:
            await b.write(name, RW_LEGAL[name][0] if name in RW_LEGAL else 0)
        image = bytearray(dwords * 4)
        for name, value in goal.items():
            at, size = REGISTERS[name]["offset"] - low, REGISTERS[name]["bits"] // 8
            image[at:at + size] = value.to_bytes(size, "little")
        await b.raw_write(b.bar0, low, bytes(image[:dwords * 4]))
        assert await b.read_all(goal) == goal, f"{dwords} dwords at {low:#x}"
    assert await b.read("MAGIC") == identity_before and await b.state() == CARD["CLOSED"]


@case()
async def out_of_range_values_are_never_all_ones(b):
    """All ones written to everything: what is kept is in range and never all ones, and no session opens."""
    for name in PLAIN:
        ones = (1 << REGISTERS[name]["bits"]) - 1
        await b.write(name, ones)
        assert await b.read(name) == (RW_LEGAL[name][-1] if name in RW_LEGAL else ones & RW_BITS[name]) != ones, name
    await b.write("SESSION", M32)
    assert await b.state() == CARD["CLOSED"] and await b.read("SESSION") == 0
    await b.flush()


@case(bits=BOTH)
async def a_write_of_no_bytes_changes_nothing(b):
    """A write whose byte enables are all clear is taken and has no effect."""
    for name in PLAIN:
        before = await b.read(name)
        await b.raw_write(b.bar0, REGISTERS[name]["offset"], b"\x24\x01\x02\x03", first_be=0)
        assert await b.read(name) == before, name
    assert await b.read("UNSUPPORTED") == 0


@case()
async def counters_add_up(b):
    """Of the core's and of the writer's counters exactly one counts in every cycle."""
    for prefix in ("CORE_", "WRITER_"):
        sums = []
        for _ in range(2):
            values = await b.read_all(n for n in COUNTERS if n.startswith(prefix))
            sums.append((b.cycle(), sum(values.values())))
            await b.cycles(777)
        (at, first), (later, second) = sums
        # Reading them one after the other takes time; the two readings take the same time.
        assert abs((second - first) - (later - at)) <= 64, f"{prefix}: {second - first} counted in {later - at} cycles"


@case()
async def high_half_belongs_to_the_low_half(b):
    """A counter read as two dwords, low first, never goes back and fits the cycles between."""
    offset = REGISTERS["WRITER_IDLE"]["offset"]
    before = None
    for _ in range(10):
        low = int.from_bytes(await b.bar0.read(offset, 4, timeout=READ_NS), "little")
        high = int.from_bytes(await b.bar0.read(offset + 4, 4, timeout=READ_NS), "little")
        value, at = high << 32 | low, b.cycle()
        assert high == 0 and (before is None or 0 < value - before[0] <= at - before[1] + 64), (before, value)
        before = value, at


@case()
async def msix_table_is_in_bar0(b):
    """The one vector's entry holds address, data and mask; after reset it is masked."""
    table = C["MSIX_TABLE"]
    entry = await b.bar0.read(table, 16, timeout=READ_NS)
    assert entry[12] & 1 == 1, "the vector is not masked after reset"
    want = (0x1234_5678_9abc_def0).to_bytes(8, "little") + (0xcafe1234).to_bytes(4, "little") + bytes(4)
    await b.bar0.write(table, want)
    assert await b.bar0.read(table, 16, timeout=READ_NS) == want
    assert await b.bar0.read(C["MSIX_PBA"], 8, timeout=READ_NS) == bytes(8)
