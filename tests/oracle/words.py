"""The 64-byte words of the contract, read from hw/contract/layout.toml: building, taking apart, hashing."""
import pathlib
import re
import tomllib

LAYOUT = pathlib.Path(__file__).resolve().parents[2] / "hw/contract/layout.toml"
BYTES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i64": 8, "i128": 16, "u128": 16}
CRC64_XZ = 0xC96C5795D7870F42       # ECMA-182, reflected
M64 = (1 << 64) - 1


class Field:
    def __init__(self, spec):
        self.name, self.offset, kind, bits = spec[:4]
        kind, count = re.fullmatch(r"(\w+?)(?:\[(\d+)\])?", kind).groups()
        self.size, self.count = BYTES[kind], int(count) if count else None
        self.signed = bits < 0 or kind[0] == "i"
        self.bits = abs(bits) or 8 * self.size

    def read(self, word):
        values = [int.from_bytes(word[at:at + self.size], "little", signed=self.signed)
                  for at in range(self.offset, self.offset + self.size * (self.count or 1), self.size)]
        return values if self.count else values[0]

    def write(self, word, value):
        """Numbers that do not fit the container are cut, as a cast would."""
        for i, v in enumerate(value if self.count else [value]):
            at = self.offset + i * self.size
            word[at:at + self.size] = (v % (1 << 8 * self.size)).to_bytes(self.size, "little")

    def fits(self, value):
        """Is the number inside the field's width, which may be narrower than its container?"""
        low, high = (-(1 << self.bits - 1), 1 << self.bits - 1) if self.signed else (0, 1 << self.bits)
        return low <= value < high


class Shape:
    """One kind of word: its number (opcode or kind), and its fields by name."""

    def __init__(self, name, number, *groups):
        self.name, self.number = name, number
        self.fields = {f.name: f for f in map(Field, (spec for group in groups for spec in group))}

    def pack(self, **values):
        word = bytearray(64)
        for name, value in values.items():
            self.fields[name].write(word, value)
        return bytes(word)

    def unpack(self, word):
        return {name: f.read(word) for name, f in self.fields.items()}


class Layout:
    def __init__(self):
        text = tomllib.loads(LAYOUT.read_text())
        self.const = {name: entry["value"] for name, entry in text["const"].items()}
        self.enum = {e["name"]: {v[0]: v[1] for v in e["values"]} for e in text["enum"]}
        header, record_header = text["command_header"]["fields"], text["record_header"]["fields"]
        placement = text["placement"]["fields"]
        self.commands = {e["name"]: Shape(e["name"], e["op"], header, e["fields"], placement if e.get("placed") else [])
                         for e in text["command"]}
        self.records = {e["name"]: Shape(e["name"], e["kind"], record_header, e["fields"]) for e in text["record"]}
        self.items = {e["name"]: Shape(e["name"], e["kind"], e["fields"]) for e in text["item"]}
        self.by_op = {s.number: s for s in self.commands.values()}
        self.by_kind = {s.number: s for s in self.records.values()}
        self.header = Shape("header", None, header)
        self.record_header = Shape("header", None, record_header)
        self.own = {e["name"]: [f[0] for f in e["fields"]] for e in text["command"]}
        self.alone = {e["name"] for e in text["command"] if not e["batch"]}
        self.service = {e["kind"] for e in text["record"] if not e["decision"]}

    def command(self, name, **values):
        return self.commands[name].pack(op=self.commands[name].number, **values)

    def record(self, name, **values):
        return self.records[name].pack(kind=self.records[name].number, **values)

    def item(self, name, **values):
        return self.items[name].pack(kind=self.items[name].number, **values)

    def show(self, word, by_number):
        """One line for people: the kind and every field that is not 0."""
        number = word[8]
        shape = by_number.get(number)
        if shape is None:
            return f"{number:#04x} {word.hex()}"
        values = (f"{name}={value}" for name, value in shape.unpack(word).items() if value and name not in ("op", "kind"))
        return " ".join((shape.name, *values))

    def show_command(self, word):
        return self.show(word, self.by_op)

    def show_record(self, word):
        return self.show(word, self.by_kind)


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (CRC64_XZ if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc_table()


def hash_word(word):
    crc = M64
    for byte in word[:56]:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xff]
    x = crc ^ M64
    x ^= x >> 32
    x = x + (x << 21) & M64
    x ^= x >> 29
    x = x + (x << 37) & M64
    return x ^ x >> 32
