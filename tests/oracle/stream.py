"""Random command streams that aim at edges.

The stream is drawn while the oracle's machine runs along, so that a command can be computed from the state it will meet: a
collateral that puts MM at a threshold exactly, or one unit to either side; a mark that puts a notional on a tier's floor or at
the end of the range; a rate whose funding is just too large. One command in a dozen is then spoiled.
"""
import random

MONEY, QTY, U, NOTIONAL = 1 << 61, 1 << 47, 1 << 52, 1 << 61   # one beyond the largest
ADDEND, RATE, DEDUCTION = 1 << 87, 1 << 24, 1 << 85
ONE = 1 << 16                                                   # unit value 1


class Stream:
    def __init__(self, seed, layout, machine, commands):
        self.random, self.layout, self.machine = random.Random(seed), layout, machine
        self.threshold_max = (1 << layout.const["THRESHOLD_BITS"]) - 1
        self.flags = layout.enum["FLAG"]
        self.words = []
        self.more = 0                   # commands before the open batch ends
        roll = self.random.random()
        # Large ids and tables are rare: reuse is what finds faults.
        self.account_ids = self.ids(40 if roll < 0.1 else 12)
        self.position_ids = self.ids(120 if roll < 0.1 else 40)
        self.symbol_ids = self.random.sample(range(1024), 6) + [0, 1023]
        self.ladder_ids = self.random.sample(range(256), 4) + [0, 255]
        self.define()
        if seed % 25 == 1:
            self.whale()
        if seed % 25 == 2:
            self.go_around()
        prologue = len(self.words)
        while len(self.words) < prologue + commands:
            self.step()
        for name in ("FENCE", "HASH", "SNAPSHOT", "HASH"):  # the first may end an open batch: then it is refused
            self.emit(self.layout.command(name, seq=self.machine.next_seq))

    def ids(self, n):
        return [0, 2 ** 32 - 1] + [self.random.getrandbits(32) for _ in range(n // 2)] + list(range(1, n // 2))

    # -- numbers --------------------------------------------------------------------------------------------------------

    def size(self, bound):
        """Below the bound, every order of magnitude as likely as any other."""
        return self.random.getrandbits(bound.bit_length()) % bound >> self.random.randrange(bound.bit_length())

    def signed_size(self, bound):
        """In [-bound, bound), one in ten at an end or about zero."""
        if self.random.random() < 0.1:
            return self.random.choice((-bound, -bound + 1, bound - 1, bound - 2, -1, 0, 1))
        return self.size(bound) * self.random.choice((-1, 1))

    def unit_value(self):
        roll = self.random.random()
        if roll < 0.5:                  # a price like others, with fraction
            return ONE + self.random.randrange(-ONE // 2, ONE)
        return self.random.choice((1, 2, ONE - 1, ONE, ONE + 1, U - 1, U - 2)) if roll < 0.6 else self.size(U - 1) + 1

    def seldom(self, most):
        """0, one time in five something else."""
        return self.random.randint(1, most) if self.random.random() < 0.2 else 0

    def nudge(self):
        return self.random.choice((-1, 0, 0, 1))

    def pick(self, known, ids):
        """An id in use if there is one, else, and sometimes anyway, any."""
        known = list(known)
        return self.random.choice(known) if known and self.random.random() < 0.95 else self.random.choice(ids)

    def account(self):
        return self.pick(self.machine.accounts, self.account_ids)

    def symbol(self):
        return self.pick(self.machine.symbols, self.symbol_ids)

    def row(self):
        rows = list(self.machine.rows.items())
        return self.random.choice(rows) if rows else (None, None)

    # -- sending --------------------------------------------------------------------------------------------------------

    def emit(self, word):
        self.words.append(word)
        self.machine.take(word)

    def send(self, name, flags=0, **values):
        if self.more > 0:
            self.more -= 1
            flags |= self.flags["MORE"]
        word = self.layout.command(name, seq=self.machine.next_seq, flags=flags, **values)
        if self.random.random() < 0.08:
            word = self.spoil(word)
        self.emit(word)

    def spoil(self, word):
        """One thing wrong, or noise where it does not matter; the next command is drawn from what really happened."""
        shape, word, roll = self.layout.by_op[word[8]], bytearray(word), self.random.random()
        own = [shape.fields[n] for n in self.layout.own[shape.name]]
        if roll < 0.1:
            word[8] = self.random.choice((0x00, 0x0a, 0x0f, 0x10, 0x11, 0x16, 0xff))
        elif roll < 0.25:
            seq = self.machine.next_seq + self.random.choice((-1, 1, 2 ** 32, 2 ** 63))
            shape.fields["seq"].write(word, seq)
        elif roll < 0.35:
            shape.fields["count"].write(word, self.random.choice((0, 4, 6, 255)))
        elif roll < 0.45:
            shape.fields["account"].write(word, self.random.getrandbits(32))
        elif roll < 0.55:
            word[9] ^= self.random.choice((1, 8, 0xf8, 2, 4))
        elif own and roll < 0.9:
            field = self.random.choice(own)
            low, high = (-(1 << field.bits - 1), 1 << field.bits - 1) if field.signed else (0, 1 << field.bits)
            value = self.random.choice((low - 1, low, low + 1, 0, high - 1, high, high + 1, self.random.getrandbits(field.bits)))
            field.write(word, [value] * field.count if field.count else value)
        else:
            used = {at for f in shape.fields.values() for at in range(f.offset, f.offset + f.size * (f.count or 1))}
            for at in set(range(64)) - used - set(range(48, 64)):   # placement and transport belong to others
                word[at] = self.random.getrandbits(8)
        return bytes(word)

    # -- what is sent ---------------------------------------------------------------------------------------------------

    def define(self):
        for ladder in self.ladder_ids:
            self.new_ladder(ladder)
        for class_id in range(3):
            self.new_class(class_id)
        for symbol in self.symbol_ids:
            self.new_symbol(symbol)
        for account in self.random.sample(self.account_ids, 6):
            self.put_account(account)

    def new_ladder(self, ladder):
        tiers = self.random.choice((1, 1, 2, 3, 5, 16))
        rise = self.random.choice((1, 1000, 10 ** 9, NOTIONAL >> 5))
        floor = rate = deduction = 0
        continuous = self.random.random() < 0.5
        for tier in range(tiers):
            before, rate = rate, self.random.choice((0, RATE - 1, self.size(RATE), self.size(RATE)))
            if tier:
                floor += 1 + self.random.randrange(rise) if self.random.random() < 0.98 else 0
                deduction = deduction + floor * (rate - before) if continuous else self.size(DEDUCTION)
            deduction = max(0, min(deduction, DEDUCTION - 1))
            self.send("LADDER", ladder=ladder, tier=tier, rate=rate, floor=min(floor, NOTIONAL - 1), deduction=deduction)

    def new_class(self, class_id):
        up, up_down = 0, []
        for _ in range(self.random.randrange(1, 7)):
            up = min(up + self.random.choice((0, self.size(1 << 22), self.size(1 << 25))), self.threshold_max)
            up_down.append((up, self.random.choice((up, up - self.random.randrange(up + 1) // 4, self.random.randrange(up + 1)))))
        for first in range(0, len(up_down), 3):
            pairs = up_down[first:first + 3]
            self.send("CLASS", count=len(pairs), class_id=class_id, first=first, strict=self.random.randrange(2),
                      up=[p[0] for p in pairs], down=[p[1] for p in pairs])

    def new_symbol(self, symbol):
        self.send("SYMBOL", symbol=symbol, ladder=self.random.choice(self.ladder_ids), u=self.unit_value())

    def put_account(self, account=None, **values):
        values = {"collateral": self.signed_size(MONEY), "addend": self.signed_size(self.random.choice((1, 1 << 60, ADDEND))),
                  "class_id": self.random.randrange(3), "role": self.seldom(3), "held": self.seldom(1),
                  "level": self.random.choice((*range(9), *range(10))), **values}
        flags = self.flags["SET_LEVEL"] if self.random.random() < 0.3 else 0
        self.send("ACCOUNT", flags, account=self.account() if account is None else account, **values)

    def put_position(self, account=None, position=None, symbol=None, **values):
        m, name = self.machine, self.random.choice(("POSITION", "POSITION", "FILL"))
        if position is None:
            position = self.random.choice(self.position_ids)
            account, symbol = self.account(), self.symbol()
        if position in m.rows and self.random.random() < 0.95:
            account, symbol = m.rows[position].account, m.rows[position].symbol
        qty = values.get("qty", self.signed_size(self.random.choice((4, 10 ** 4, 10 ** 9, QTY))))
        u = m.symbols[symbol]["u"] if symbol in m.symbols else ONE
        value = qty * u >> 16           # an entry near the value keeps equity near the collateral
        near = value + self.signed_size(1000) if -MONEY < value < MONEY else 0
        entry = values.get("entry", self.random.choice((near, near, near, self.signed_size(MONEY))))
        if self.random.random() < 0.1:
            qty = entry = 0
        more = {"delta": self.signed_size(MONEY >> 20)} if name == "FILL" else {
            "addend": self.random.choice((0, 0, self.size(RATE), RATE - 1)), "row_flags": self.seldom(3)}
        self.send(name, account=account, position=position, symbol=symbol, qty=qty, entry=entry, **more)

    def marks(self):
        n = self.random.randrange(1, 6)
        self.send("MARKS", count=n, mark=[self.unit_value() << 12 | self.symbol() for _ in range(n)])

    def mark(self, symbol, u):
        if 0 < u < U:
            self.send("MARKS", count=1, mark=[u << 12 | symbol])

    # -- aims -----------------------------------------------------------------------------------------------------------

    def aim_notional(self, row, target):
        """Puts the notional of a row at the target or just below it, by price or by quantity. Rounding up qty x u gives the least
        that reaches the target, one less falls short of it."""
        position, r = row
        u, short = self.machine.symbols[r.symbol]["u"], self.random.randrange(2)
        if self.random.random() < 0.5 and r.qty:
            self.mark(r.symbol, -(-(target << 16) // abs(r.qty)) - short)
            return
        qty = -(-(target << 16) // u) - short
        if 0 < qty < QTY:
            self.put_position(r.account, position, r.symbol, qty=qty * self.random.choice((-1, 1)))

    def aim_tier(self):
        row = self.row()
        if row[1]:
            tiers = self.machine.ladders[self.machine.symbols[row[1].symbol]["ladder"]]
            self.aim_notional(row, self.random.choice(tiers).floor_e8 + self.nudge())

    def aim_bad(self):
        position, row = self.row()
        if row:
            self.round(position, row)
            if position in self.machine.rows:
                self.aim_notional((position, row), NOTIONAL)

    def round(self, position, row):
        """Sometimes: makes the quantity a power of two, so that products meet the end of the range exactly."""
        if self.random.random() < 0.5:
            qty = self.random.choice((-1, 1)) << self.random.randrange(25, 47)
            self.put_position(row.account, position, row.symbol, qty=qty)

    def aimed(self):
        """An account and its sums, or None."""
        account = self.account()
        return (account, self.machine.sums_of(account)) if account in self.machine.accounts else (None, None)

    def aim_threshold(self):
        """MM = equity x T exactly, or one unit beside it: by the addend, which is as fine as MM, or by the collateral."""
        account, sums = self.aimed()
        if account is None:
            return
        a = self.machine.accounts[account]
        threshold = self.random.choice(self.machine.classes[a.class_id].thresholds)
        ratio = self.random.choice((threshold.up_e7, threshold.down_e7))
        if self.random.random() < 0.5 and ratio:
            self.add(account, sums.mm_e15 // ratio + self.nudge() - sums.equity_e8)
            return
        equity = self.size(MONEY)
        collateral = a.collateral + equity - sums.equity_e8
        addend = a.addend + equity * ratio + self.nudge() - sums.mm_e15
        if -MONEY <= collateral < MONEY and -ADDEND <= addend < ADDEND:
            self.put_account(account, class_id=a.class_id, collateral=collateral, addend=addend)

    def aim_equity_zero(self):
        account, sums = self.aimed()
        if account is not None:
            self.add(account, self.random.choice((-1, 0, 1)) - sums.equity_e8)

    def aim_mm_zero(self):
        account, sums = self.aimed()
        if account is None:
            return
        a = self.machine.accounts[account]
        addend = a.addend - sums.mm_e15 + self.nudge()
        if -ADDEND <= addend < ADDEND:
            self.put_account(account, class_id=a.class_id, addend=addend, collateral=self.size(MONEY))

    def aim_collateral_range(self):
        account, _ = self.aimed()
        if account is not None:
            target = self.random.choice((MONEY - 1, MONEY, -MONEY, -MONEY - 1))
            self.add(account, target - self.machine.accounts[account].collateral)

    def add(self, account, delta):
        """By one or two commands of one batch, if the sum is in reach."""
        if -MONEY <= delta < MONEY:
            self.send("COLLATERAL", account=account, delta=delta)
        elif -2 * MONEY <= delta < 2 * MONEY - 1:
            self.more += 1
            self.send("COLLATERAL", account=account, delta=delta // 2)
            self.send("COLLATERAL", account=account, delta=delta - delta // 2)

    def aim_funding(self):
        """The least rate whose amount is out of range, or the greatest that is not."""
        position, row = self.row()
        if not row:
            return
        self.round(position, row)
        row = self.machine.rows.get(position)
        if row and row.qty:
            rate = -(-(NOTIONAL << 16) // abs(row.qty)) - self.random.randrange(2)
            if rate < U:
                self.send("FUNDING", symbol=row.symbol, rate=rate * self.random.choice((-1, 1)))

    def funding(self):
        self.send("FUNDING", symbol=self.symbol(), rate=self.signed_size(self.random.choice((ONE, 1 << 30, U - 1))))

    def deposit(self):
        self.send("COLLATERAL", account=self.account(), delta=self.signed_size(self.random.choice((100, 10 ** 9, MONEY))))

    def remove(self):
        account = self.account()
        positions = [p for p, r in self.machine.rows.items() if r.account == account]
        if len(positions) <= 3:
            for p in positions:
                self.send("POSITION", account=account, position=p, symbol=self.machine.rows[p].symbol
                          if p in self.machine.rows else 0)
        self.send("ACCOUNT", self.flags["REMOVE"], account=account, collateral=self.random.getrandbits(64))

    def churn(self):
        """Accounts that come and go inside one batch: an engine that lists whom a batch touched must not run over."""
        self.more = 80
        while self.more > 0:
            account = self.random.choice(self.account_ids)
            self.put_account(account)
            if not self.machine.rows_of(account):
                self.send("ACCOUNT", self.flags["REMOVE"], account=account)

    def batch(self):
        self.more = self.random.choice((1, 2, 5, 20))

    def stand_alone(self):
        if self.random.random() < 0.8:  # mostly where it is allowed
            self.more = 0
            if self.machine.open:
                return
        name = self.random.choice(("HASH", "SNAPSHOT", "FENCE", "AUDIT"))
        values = {"mode": self.random.randrange(2)} if name == "AUDIT" else {}
        if name == "HASH" and self.random.random() < 0.5:
            first, other = self.account() + self.nudge(), self.account()
            spans = 1, 2, other - first, self.random.getrandbits(32), 2 ** 32 - 1
            values = {"first": first, "span": self.random.choice(spans)}
        self.send(name, **values)

    def coefficients(self):
        roll = self.random.random()
        if roll < 0.2:                  # as far as a score can go
            return self.random.choice((0x2222222, 0xeeeeeee, 0))
        one = roll < 0.5                # one operand, or all
        chosen = self.random.randrange(7)
        return sum(self.random.choice((0, 1, 2, 14, 15)) << 4 * i for i in range(7) if not one or i == chosen)

    def rank(self):
        """A ranking whose range ends at keys that rows have, or beside them."""
        self.more = 0
        if self.machine.open and self.random.random() < 0.95:
            return
        symbol, side = self.symbol(), self.random.randrange(2)
        _, row = self.row()
        if row and row.qty and self.random.random() < 0.9:
            symbol, side = row.symbol, int(row.qty < 0)
        f = {"symbol": symbol, "side": side, "mode": self.random.randrange(2), "profit_c": self.coefficients(),
             "loss_c": self.coefficients(), "exclude_level": self.random.choice((1, 3, 7, 8, 8)),
             "class_mask": self.random.choice((7, 7, 7, self.random.randrange(8))),
             "zoom": self.random.choice((0, 16, 20, 31, self.random.randrange(32))),
             "floor": self.random.choice((0, self.size(NOTIONAL))), "from": 0, "cursor_key": 2 ** 32 - 1, "cursor_account": 0}
        ranked = [(key, row.account) for key, _, row, _ in self.machine.ranked(f)]
        if ranked and self.random.random() < 0.7:
            below = self.random.choice((0, 0, 1, -1, self.size(1 << 30), self.size(1 << 20)))
            f["from"] = max(self.random.choice(ranked)[0] - below, 0) % 2 ** 30
            if self.random.random() < 0.7:  # the row in any bucket, not only the first or last
                f["zoom"] = max(abs(below).bit_length() - self.random.randrange(1, 9), 0)
            if self.random.random() < 0.2:  # the end of the last bucket but one, and of the last
                f["zoom"] = self.random.randrange(18)
                below = (self.random.randrange(254, 258) << f["zoom"]) - self.random.randrange(2)
                f["from"] = max(self.random.choice(ranked)[0] - below, 0)
        if ranked and self.random.random() < 0.6:
            f["cursor_key"], account = self.random.choice(ranked)
            f["cursor_key"] += self.random.choice((0, 0, 0, 1, -1))
            f["cursor_account"] = max(account + self.nudge(), 0)
        self.send("RANK", **f)

    def reset(self):
        if self.random.random() < 0.05:
            seq = self.random.choice((self.machine.next_seq, self.random.getrandbits(63), 2 ** 64 - 3))
            self.emit(self.layout.command("RESET", seq=seq, flags=self.random.randrange(2)))
            self.define()

    def whale(self):
        """One account with as many rows as fit, and some that do not."""
        account, symbol = self.account(), self.symbol()
        qty, entry = self.random.choice(((QTY - 1, -MONEY), (1000, 1000)))
        self.more = 1000
        for position in range(1000, 1600):
            self.put_position(account, position, symbol, qty=qty, entry=entry)
        self.more = 0

    def go_around(self):
        """Collateral once around its 2^72: 2^11 steps of 2^61, and back in range."""
        account = self.random.choice(list(self.machine.accounts))
        self.more, steps = 3000, 0
        while steps < 2048 or abs(self.machine.accounts[account].collateral) > MONEY:
            steps += 1
            self.send("COLLATERAL", account=account, delta=MONEY - 1)
        self.more = 0
        self.send("COLLATERAL", account=account, delta=2048)

    KINDS = (("marks", 14), ("put_position", 16), ("put_account", 6), ("deposit", 5), ("funding", 4), ("aim_tier", 8),
             ("aim_bad", 3), ("aim_threshold", 14), ("aim_equity_zero", 4), ("aim_mm_zero", 3), ("aim_collateral_range", 2),
             ("aim_funding", 2), ("remove", 2), ("batch", 8), ("stand_alone", 6), ("rank", 6), ("reset", 1), ("churn", 0.2))

    def step(self):
        kind, = self.random.choices([k for k, _ in self.KINDS], [w for _, w in self.KINDS])
        getattr(self, kind)()
        roll = self.random.random()
        if roll < 0.02:
            self.new_symbol(self.symbol())
        elif roll < 0.03:
            self.new_ladder(self.random.choice(self.ladder_ids))
        elif roll < 0.04:
            self.new_class(self.random.randrange(5))
