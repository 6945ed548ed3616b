"""What the tests know of the card: numbers from hw/contract/layout.toml, meaning from hw/contract/card.md."""
import tomllib

from words import LAYOUT, Layout

L = Layout()
TEXT = tomllib.loads(LAYOUT.read_text())
C = L.const
CARD, FAULT = L.enum["CARD"], L.enum["FAULT"]
SLOTS, WORD = C["WINDOW_SLOTS"], C["WORD_BYTES"]
WINDOW = SLOTS * WORD
M32, M64 = (1 << 32) - 1, (1 << 64) - 1

REGISTERS = {r["name"]: r for r in TEXT["register"]}
COUNTERS = [name for name in REGISTERS if name.startswith(("CORE_", "WRITER_"))]

# Bits that the writable registers keep, and what they hold after reset. No register may hold all ones: the highest bit of
# CONSUMED and FIRST_SEQ reads as 0.
RW_BITS = {
    "RING_BASE": M64 & -4096, "RING_BITS": 0x1f, "CONSUMED": M32 >> 1, "STATUS_BASE": M64 & -64, "FIRST_SEQ": M64 >> 1,
    "SESSION": M32,
    "KILL": 1, "WAKE": (1 << 31) - 1, "GAP_CYCLES": (1 << 25) - 1, "STATUS_CYCLES": (1 << 25) - 1,
}
RW_LEGAL = {
    "RING_BITS": range(C["RING_BITS_LEAST"], C["RING_BITS_MOST"] + 1),
    "GAP_CYCLES": range(64, (1 << 24) + 1), "STATUS_CYCLES": range(256, (1 << 24) + 1),
}
RESET = {"GAP_CYCLES": 16384, "STATUS_CYCLES": 65536, "RING_BITS": C["RING_BITS_LEAST"]}


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc_table()


def crc32c(data):
    crc = M32
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xff]
    return crc ^ M32


def check_of_record(word, nonce):
    return crc32c(word[:C["CHECKED_BYTES"]]) ^ nonce


def number(word, offset, size):
    return int.from_bytes(word[offset:offset + size], "little")


def changes_of(record):
    """A record without what belongs to the transport; of a LEVEL_PAIR the two LEVEL records in it (contract.md, 4)."""
    word = L.records["LEVEL_PAIR"].unpack(record)
    if word["kind"] != L.records["LEVEL_PAIR"].number:
        return [record[:56]]
    first = dict(level=word["level"] & 15, level_before=word["level_before"] & 15, class_id=word["level"] >> 4,
                 account=word["account"])
    second = dict(level=word["flags"] >> 4, level_before=word["flags"] & 15, class_id=word["level_before"] >> 4,
                  account=word["second"])
    return [L.record("LEVEL", seq=word["seq"], equity=word["equity"][i], mm=word["mm_hi"][i] << 64 | word["mm_lo"][i], **own)[:56]
            for i, own in enumerate((first, second))]


def identity(dut_parameters):
    """What the identity block must say; the rest of it is the build's own."""
    lanes, group, row_bits, slot_bits = dut_parameters
    return {"MAGIC": TEXT["contract"]["magic"], "VERSION": TEXT["contract"]["version"], "LANES": lanes, "GROUP": group,
            "ROWS_PER_LANE": 1 << row_bits, "ACCOUNTS_PER_LANE": 1 << slot_bits, "SLOTS": SLOTS}
