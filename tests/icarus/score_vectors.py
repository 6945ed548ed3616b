#!/usr/bin/env python3
"""Vectors for score_tb.v: rows and what section 6 of hw/contract/contract.md says of them, in plain integers.

usage: score_vectors.py DIR [SEED [ROWS]]     ROWS: random rows besides the fixed cases

Writes DIR/vectors.hex, a command or a row a line in the layout of score_tb.v; DIR/fractions.hex, the fraction of L for each of
the 2^17 mantissas; DIR/count.txt, the number of lines. The table of the logarithm is not read but computed here, with decimals.
"""
import decimal
import itertools
import pathlib
import random
import sys

decimal.getcontext().prec = 40
LOSS, ZERO, PROFIT = 1, 2, 3
OPERANDS = 7
ALL_KEYS = (1 << 32) - 1
# Widths of the operands that a row and its account bring; the signed ones may be below 0.
FIELDS = {"entry": (62, True), "notional": (61, False), "equity": (72, True), "mm": (96, True), "margin": (88, True),
          "coll": (72, True)}


def chords():
    """base and slope of the 128 segments, in 2^-22: ends on log2(1 + s/128), base raised by 78."""
    ends = [(1 + decimal.Decimal(s) / 128).ln() / decimal.Decimal(2).ln() * 2 ** 22 for s in range(129)]
    return [(int(a.to_integral_value()) + 78, int((b - a).to_integral_value())) for a, b in zip(ends, ends[1:])]


CHORDS = chords()


def fraction(m):
    base, slope = CHORDS[m // 1024]
    return (base * 1024 + slope * (m % 1024)) // 2 ** 16


def log2(x):
    x = max(x, 1)
    e = x.bit_length() - 1
    return e * 2 ** 16 + fraction(x * 2 ** 17 // 2 ** e - 2 ** 17)


class Command:
    def __init__(self, side=0, mask=7, level=8, profit=(0,) * 7, loss=(0,) * 7, lowest=0, key=ALL_KEYS, account=0, floor=0):
        self.side, self.mask, self.level, self.profit, self.loss = side, mask, level, profit, loss
        self.lowest, self.key, self.account, self.floor = lowest, key, account, floor

    def line(self):
        nibbles = [sum((c & 15) << 4 * i for i, c in enumerate(cs)) for cs in (self.profit, self.loss)]
        fields = [(self.side, 1), (self.mask, 3), (self.level, 4), (nibbles[0], 28), (nibbles[1], 28), (self.lowest, 30),
                  (self.key, 32), (self.account, 32), (self.floor, 61)]
        return 1 << 708 | pack(fields)


def pack(fields):
    word = 0
    for value, bits in fields:
        word = word << bits | value & (1 << bits) - 1
    return word


class Row:
    """A row of an account that takes part, with operands 1 where nothing is said."""
    def __init__(self, **facts):
        self.valid, self.sign, self.mag, self.entry, self.notional, self.equity = 1, 0, 1, 1, 1, 1
        self.mm, self.margin, self.coll, self.account, self.position = 1, 1, 1, 1, 1
        self.known, self.role, self.held, self.damaged, self.broken, self.level = 1, 0, 0, 0, 0, 0
        self.bad, self.class_id, self.addend, self.unknown = 0, 0, 0, 0
        self.set(**facts)

    def set(self, **facts):
        assert all(hasattr(self, name) for name in facts)
        self.__dict__.update(facts)
        return self

    def pnl(self):
        return (-self.notional if self.sign else self.notional) - self.entry

    def excluded(self, command):
        return not (self.valid and self.known and self.role == 0 and not self.held and not self.damaged and not self.broken
                    and self.equity > 0 and self.level < command.level)

    def key(self, command):
        pnl = self.pnl()
        kind = ZERO if pnl == 0 else PROFIT if pnl > 0 else LOSS
        operands = (abs(pnl), abs(self.entry), self.notional, self.equity, self.mm, self.margin, max(self.coll, command.floor))
        if kind == ZERO:
            score = log2(self.notional)
        else:
            score = sum(c * log2(x) for c, x in zip(command.profit if kind == PROFIT else command.loss, operands))
        assert abs(score) < 1 << 27
        return (kind << 28) + score + (1 << 27)

    def hit(self, command):
        if self.excluded(command) or self.mag == 0 or self.sign != command.side:
            return False
        key = self.key(command)
        return bool(command.mask >> (key >> 28) - 1 & 1 and key >= command.lowest
                    and (key < command.key or key == command.key and self.account > command.account))

    def line(self, command):
        hit = self.hit(command)
        state = pack([(self.unknown, 1), (self.level, 4), (self.broken, 1), (self.coll, 72), (self.addend, 88), (self.known, 1),
                      (self.damaged, 1), (self.held, 1), (self.role, 2), (self.class_id, 4), (self.bad, 9), (self.equity, 72),
                      (self.account, 32), (self.mm, 96)])
        return pack([(0, 1), (hit, 1), (self.key(command) if hit else 0, 30), (self.valid, 1), (self.sign, 1), (self.mag, 48),
                     (self.entry, 62), (self.position, 32), (self.notional, 61), (self.margin, 88), (state, 384)])


def limits(name):
    bits, signed = FIELDS[name]
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def edges(name):
    """0, the ends, powers of two and their neighbours, of both signs where there are two."""
    low, high = limits(name)
    near = {0, low, low + 1, high, high - 1} | {(1 << k) + step for k in range(high.bit_length()) for step in (-1, 0, 1)}
    return sorted(x for x in near | {-x for x in near} if low <= x <= high)


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines, self.rows, self.hits = [], 0, 0

    def put(self, command, rows):
        self.lines.append(command.line())
        for row in rows:
            self.lines.append(row.line(command))
            self.rows += 1
            self.hits += row.hit(command)

    # ---- random rows and commands ----
    def money(self, name, bits=None):
        """Any magnitude is as likely as any other."""
        low, high = limits(name)
        x = self.random.getrandbits(self.random.randint(0, bits or high.bit_length()))
        return -x if low < 0 and self.random.random() < 0.3 else x

    def row(self, side=None, **facts):
        """Takes part unless the facts say otherwise; fields that rank does not read are anything."""
        r = self.random
        row = Row(**{name: self.money(name) for name in FIELDS})
        row.set(sign=r.getrandbits(1) if side is None else side, mag=r.getrandbits(r.randint(1, 48)) | 1 << r.randrange(48),
                account=r.getrandbits(32), position=r.getrandbits(32), level=r.randrange(8), bad=r.getrandbits(9),
                class_id=r.getrandbits(4), addend=r.getrandbits(88), unknown=r.getrandbits(1))
        if r.random() < 0.3:        # a small PnL, as in life
            row.entry = -row.notional if row.sign else row.notional
            row.entry += r.choice((0, 0, 1, -1, r.getrandbits(20), -r.getrandbits(20)))
            row.entry = min(max(row.entry, limits("entry")[0]), limits("entry")[1])
        row.equity = abs(row.equity) or 1
        return row.set(**facts)

    def coefficients(self):
        return tuple(self.random.randint(-2, 2) for _ in range(OPERANDS))

    def command(self, **facts):
        fixed = {"side": self.random.getrandbits(1), "profit": self.coefficients(), "loss": self.coefficients(),
                 "floor": self.random.choice((0, 1, (1 << 61) - 1, self.random.getrandbits(self.random.randint(1, 61))))}
        return Command(**{**fixed, **facts})

    # ---- the cases ----
    def one_operand_each(self):
        """Every edge of every operand, alone in the score."""
        sources = ("entry", "entry", "notional", "equity", "mm", "margin", "coll")
        for operand, c in itertools.product(range(OPERANDS), (1, -1, 2, -2)):
            alone = tuple(c if i == operand else 0 for i in range(OPERANDS))
            side = self.random.getrandbits(1)
            rows = [self.row(side, **{sources[operand]: x}) for x in edges(sources[operand])]
            if operand == 0:        # PnL runs through its own edges: +-(2^62 - 1) at most
                for x in (s * ((1 << k) + d) for k in range(63) for d in (-1, 0, 1) for s in (1, -1)):
                    notional = min(abs(x) // 2, (1 << 61) - 1)
                    entry = (-notional if side else notional) - x
                    if -(1 << 61) <= entry < 1 << 61:
                        rows.append(self.row(side, notional=notional, entry=entry))
            self.put(Command(side=side, profit=alone, loss=alone), rows)

    def all_at_their_ends(self):
        ends = {name: sorted({0, 1, *limits(name)}) for name in FIELDS} | {"equity": [1, limits("equity")[1]]}
        for side, c, floor in itertools.product((0, 1), (1, 2, -2), (0, 1, (1 << 61) - 1)):
            self.put(Command(side=side, profit=(c,) * 7, loss=(-c,) * 7, floor=floor),
                     [self.row(side, **dict(zip(ends, values))) for values in itertools.product(*ends.values())
                      if self.random.random() < 0.25 or floor == 1])

    def each_exclusion(self):
        ways = [{"valid": 0}, {"known": 0}, {"role": 1}, {"role": 2}, {"role": 3}, {"held": 1}, {"damaged": 1}, {"broken": 1},
                {"equity": 0}, {"equity": -1}, {"equity": limits("equity")[0]}, {"equity": 1}, {"mag": 0}, {"mag": 1},
                {"mag": 1 << 47}, {"sign": 0}, {"sign": 1}, {}]
        for side in (0, 1):
            self.put(self.command(side=side), [self.row(side, **way) for way in ways for _ in range(3)])
        for level in range(1, 9):
            command = self.command(level=level)
            self.put(command, [self.row(command.side, level=now) for now in range(16)])

    def each_class(self):
        for mask, side in itertools.product(range(8), (0, 1)):
            rows = [self.row(side) for _ in range(8)]
            for row in rows[:4]:
                row.entry = -row.notional if side else row.notional
            self.put(self.command(side=side, mask=mask), rows + [self.row(side, notional=0, entry=0)])

    def ranges(self):
        """from and cursor next to the key of one of the rows."""
        for _ in range(80):
            command = self.command()
            rows = [self.row(command.side, account=self.random.choice((0, 1, 77, ALL_KEYS, self.random.getrandbits(32))))
                    for _ in range(5)]
            key, account = rows[0].key(command), rows[0].account
            for lowest in (key - 1, key, key + 1):
                command.lowest = lowest
                self.put(command, rows)
            command.lowest = 0
            for cursor, step in itertools.product((key - 1, key, key + 1, key | 1 << 30, key | 1 << 31), (-1, 0, 1)):
                command.key, command.account = cursor, account + step & ALL_KEYS
                self.put(command, rows)

    def anything(self, count):
        while count > 0:
            command = self.command()
            r = self.random
            if r.random() < 0.5:
                command.mask, command.level = r.getrandbits(3), r.randint(1, 8)
            if r.random() < 0.4:
                command.lowest, command.key, command.account = r.getrandbits(30), r.getrandbits(30), r.getrandbits(32)
            rows = [self.row(command.side if r.random() < 0.9 else None) for _ in range(r.randint(1, 60))]
            for row in rows:
                if r.random() < 0.1:
                    row.set(**r.choice(({"valid": 0}, {"known": 0}, {"held": 1}, {"role": 2}, {"damaged": 1}, {"broken": 1})))
            self.put(command, rows)
            count -= len(rows)


def main():
    folder = pathlib.Path(sys.argv[1])
    writer = Writer(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    writer.one_operand_each()
    writer.all_at_their_ends()
    writer.each_exclusion()
    writer.each_class()
    writer.ranges()
    writer.anything(int(sys.argv[3]) if len(sys.argv) > 3 else 8000)
    writer.put(Command(), [writer.row(0) for _ in range(8)])    # the reset finds a hit in every stage
    assert writer.hits * 2 > writer.rows and writer.hits + 1000 < writer.rows
    (folder / "vectors.hex").write_text("".join(f"{line:x}\n" for line in writer.lines))
    (folder / "fractions.hex").write_text("".join(f"{fraction(m):x}\n" for m in range(1 << 17)))
    (folder / "count.txt").write_text(f"{len(writer.lines)}\n")


if __name__ == "__main__":
    main()
