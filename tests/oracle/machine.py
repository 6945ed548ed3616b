"""The contract's state machine, for comparison: every account is judged at the end of every batch, nothing is indexed.

Written from hw/contract/contract.md alone. `take` gives the machine one 64-byte command; what it answers is collected in
`batches`, each a list of decision records and its BATCH_END, and in `faults`, the words that came out of sequence.
"""
from collections import Counter

import judge
import rank
from words import hash_word

TABLES = {"symbol": "SYMBOLS", "ladder": "LADDERS", "tier": "TIERS", "class_id": "CLASSES"}


class Account:
    def __init__(self):
        self.collateral = self.addend = self.class_id = self.role = self.held = self.level = 0
        self.unknown = self.damaged = False


class Row:
    addend = flags = 0

    def __init__(self, account, symbol):
        self.account, self.symbol = account, symbol


class Class:
    def __init__(self):
        self.thresholds, self.strict = [], False


class Machine:
    def __init__(self, layout, accounts_max, rows_max):
        self.layout, self.accounts_max, self.rows_max = layout, accounts_max, rows_max
        self.batches, self.faults = [], []
        self.seen = Counter()               # what the stream reached: a test of the stream
        self.forget(1)

    def forget(self, next_seq):
        self.next_seq = next_seq
        self.accounts, self.rows, self.symbols = {}, {}, {}
        self.ladders, self.classes = {}, {}
        self.open = False
        self.commands = self.rejects = 0
        self.covered, self.uncovered = [], []

    # -- taking a command ---------------------------------------------------------------------------------------------

    def take(self, word):
        head = self.layout.header.unpack(word)
        shape = self.layout.by_op.get(head["op"])
        more = head["flags"] & self.layout.enum["FLAG"]["MORE"]
        if shape and shape.name == "RESET":
            self.seen["reset in a batch" if self.open else "reset"] += 1
            dropped = self.uncovered + self.covered
            self.forget((head["seq"] + 1) % 2 ** 64)
            self.uncovered = dropped
            self.commands, more = 1, 0
        elif head["seq"] != self.next_seq:
            self.seen["sequence fault"] += 1
            self.faults.append((self.next_seq, head["seq"]))
            return
        else:
            self.next_seq = (self.next_seq + 1) % 2 ** 64
            self.commands += 1
            self.obey(shape, word, head["seq"])
        self.open = bool(more)
        if not self.open:
            self.end_batch(head["seq"])

    def obey(self, shape, word, seq):
        fields = shape.unpack(word) if shape else None
        reason = self.refusal(shape, fields) if shape else "OPCODE"
        self.seen[f"reject {reason}" if reason else shape.name] += 1
        if reason:
            self.rejects += 1
            self.covered.append(self.layout.record("REJECT", seq=seq, reason=self.layout.enum["REJECT"][reason], op=word[8]))
        else:
            getattr(self, "do_" + shape.name.lower())(fields)

    def refusal(self, shape, fields):
        """The reason, or None. The order is that of section 2 of the contract."""
        if shape.name in self.layout.alone and (self.open or fields["flags"] & self.layout.enum["FLAG"]["MORE"]):
            return "IN_BATCH"
        removal = shape.name == "ACCOUNT" and fields["flags"] & self.layout.enum["FLAG"]["REMOVE"]
        if not removal:
            if shape.name in ("MARKS", "CLASS") and not 1 <= fields["count"] <= (5 if shape.name == "MARKS" else 3):
                return "COUNT"
            if not self.in_range(shape, fields):
                return "RANGE"
        for check in (self.table_refusals, self.removal_refusals if removal else self.structure_refusals):
            for reason, refused in check(shape.name, fields):
                if refused():
                    return reason
        return None

    def in_range(self, shape, fields):
        """Widths and tables as the layout has them, and the rules that it cannot express."""
        for name in self.layout.own[shape.name]:
            field, value = shape.fields[name], fields[name]
            if name == "level" and not fields["flags"] & self.layout.enum["FLAG"]["SET_LEVEL"]:
                continue
            if name == "mark":
                if any((m & 0xfff) >= 1024 or m >> 12 == 0 for m in value[:fields["count"]]):
                    return False
                continue
            for v in value[:fields["count"]] if field.count else [value]:
                if not field.fits(v) or v >= self.layout.const.get(TABLES.get(name), v + 1):
                    return False
        if shape.name == "CLASS":
            return fields["first"] + fields["count"] <= 6
        if shape.name == "ACCOUNT":
            return not fields["flags"] & self.layout.enum["FLAG"]["SET_LEVEL"] or fields["level"] <= 8
        if shape.name == "SYMBOL":
            return fields["u"] != 0
        if shape.name == "RANK":
            packed = fields["profit_c"], fields["loss_c"]
            return 1 <= fields["exclude_level"] <= 8 and all(rank.coefficients(p) for p in packed)
        return shape.name != "FUNDING" or abs(fields["rate"]) < 2 ** 52

    def table_refusals(self, name, f):
        """Step 7, as pairs of a reason and a question."""
        if name == "MARKS":
            yield "SYMBOL", lambda: any(m & 0xfff not in self.symbols for m in f["mark"][:f["count"]])
        if name in ("POSITION", "FILL", "FUNDING", "RANK"):
            yield "SYMBOL", lambda: f["symbol"] not in self.symbols
        if name == "SYMBOL":
            yield "LADDER", lambda: not self.ladders.get(f["ladder"])
        if name == "LADDER":
            yield "LADDER", lambda: not self.tier_is_next(f)
        if name == "ACCOUNT" and not f["flags"] & self.layout.enum["FLAG"]["REMOVE"]:
            yield "CLASS", lambda: f["class_id"] not in self.classes
        if name == "CLASS":
            yield "CLASS", lambda: not self.pairs_are_next(f)

    def tier_is_next(self, f):
        tiers = self.ladders.get(f["ladder"], ())
        if f["tier"] == 0:
            return f["floor"] == 0 and f["deduction"] == 0
        return f["tier"] == len(tiers) and f["floor"] > tiers[-1].floor_e8

    def pairs_are_next(self, f):
        written = self.classes[f["class_id"]].thresholds if f["class_id"] in self.classes else []
        if f["first"] not in (0, len(written)):
            return False
        ups = [t.up_e7 for t in written[:f["first"]]] + f["up"][:f["count"]]
        return ups == sorted(ups) and all(d <= u for u, d in zip(f["up"][:f["count"]], f["down"]))

    def structure_refusals(self, name, f):
        """Step 8."""
        if name == "LADDER":
            yield "LADDER_BOUND", lambda: any(s["ladder"] == f["ladder"] for s in self.symbols.values())
        if name == "CLASS":
            yield "CLASS_BOUND", lambda: any(a.class_id == f["class_id"] for a in self.accounts.values())
        if name in ("POSITION", "FILL", "COLLATERAL"):
            yield "NO_ACCOUNT", lambda: f["account"] not in self.accounts
        if name in ("POSITION", "FILL"):
            row, empty = self.rows.get(f["position"]), f["qty"] == 0 and f["entry"] == 0
            yield "NO_POSITION", lambda: (row.account, row.symbol) != (f["account"], f["symbol"]) if row else empty
            yield "FULL", lambda: not row and (len(self.rows) >= self.rows_max or self.account_is_full(f["account"]))
        if name == "ACCOUNT":
            yield "FULL", lambda: f["account"] not in self.accounts and len(self.accounts) >= self.accounts_max

    def account_is_full(self, account):
        full = len(self.rows_of(account)) >= self.layout.const["ROWS_PER_ACCOUNT"]
        self.seen["account full"] += full
        return full

    def removal_refusals(self, name, f):
        yield "NO_ACCOUNT", lambda: f["account"] not in self.accounts
        yield "HAS_POSITIONS", lambda: bool(self.rows_of(f["account"]))

    # -- commands -----------------------------------------------------------------------------------------------------

    def do_marks(self, f):
        for mark in f["mark"][:f["count"]]:
            self.symbols[mark & 0xfff]["u"] = mark >> 12

    def do_position(self, f):
        row = self.rows.setdefault(f["position"], Row(f["account"], f["symbol"]))
        row.addend, row.flags = f["addend"], f["row_flags"] & self.layout.enum["ROW"]["NO_RANK"]
        self.put_row(row, f)

    def do_fill(self, f):
        row = self.rows.setdefault(f["position"], Row(f["account"], f["symbol"]))
        self.pay(f["account"], f["delta"])
        self.put_row(row, f)

    def put_row(self, row, f):
        row.qty, row.entry = f["qty"], f["entry"]
        if row.qty == 0 and row.entry == 0:
            del self.rows[f["position"]]
        self.accounts[f["account"]].unknown = True

    def pay(self, account, delta):
        total = self.accounts[account].collateral + delta
        self.accounts[account].collateral = judge.signed(total, 72)
        self.seen["collateral wraps"] += total != self.accounts[account].collateral

    def do_account(self, f):
        flags = self.layout.enum["FLAG"]
        if f["flags"] & flags["REMOVE"]:
            del self.accounts[f["account"]]
            return
        a = self.accounts.setdefault(f["account"], Account())
        a.collateral, a.addend, a.class_id, a.role, a.held = (f[n] for n in ("collateral", "addend", "class_id", "role", "held"))
        a.damaged = False
        a.unknown = not f["flags"] & flags["SET_LEVEL"]
        if not a.unknown:
            a.level = f["level"]

    def do_collateral(self, f):
        self.pay(f["account"], f["delta"])
        self.accounts[f["account"]].unknown = True

    def do_class(self, f):
        if f["first"] == 0:
            self.classes[f["class_id"]] = Class()
        c = self.classes[f["class_id"]]
        c.thresholds = c.thresholds + [judge.Threshold(*pair) for pair in zip(f["up"][:f["count"]], f["down"])]
        c.strict = bool(f["strict"])

    def do_symbol(self, f):
        self.symbols[f["symbol"]] = {"ladder": f["ladder"], "u": f["u"]}

    def do_ladder(self, f):
        before = self.ladders.get(f["ladder"], ()) if f["tier"] else ()
        self.ladders[f["ladder"]] = before + (judge.Tier(f["floor"], f["rate"], f["deduction"]),)

    def do_funding(self, f):
        total = rows = 0
        for row in self.rows.values():
            if row.symbol != f["symbol"]:
                continue
            rows += 1
            amount = judge.funding_e8(row.qty, f["rate"])
            if abs(amount) < 2 ** 61:
                self.pay(row.account, amount)
                total += amount
            else:
                self.seen["funding damage"] += 1
                self.accounts[row.account].damaged = True
        self.covered.append(self.layout.record("FUNDING", seq=f["seq"], sum=total, rows=rows, symbol=f["symbol"]))

    def do_hash(self, f):
        within = {i for i in self.accounts if not f["span"] or (i - f["first"]) % 2 ** 32 < f["span"]}
        row_items = [self.layout.item(
            "ROW", row_flags=r.flags, symbol=r.symbol, account=r.account, position=p, addend=r.addend, qty=r.qty, entry=r.entry)
            for p, r in self.rows.items() if r.account in within]
        self.seen["hash of some"] += 0 < len(within) < len(self.accounts)
        symbols = sum(hash_word(self.layout.item("SYMBOL", symbol=i, ladder=s["ladder"], u=s["u"]))
                      for i, s in self.symbols.items())
        self.covered.append(self.layout.record(
            "HASH", seq=f["seq"], accounts_hash=sum(hash_word(self.account_item(i, self.accounts[i])) for i in within),
            rows_hash=sum(map(hash_word, row_items)), symbols_hash=symbols, accounts=len(within), rows=len(row_items),
            symbols=len(self.symbols)))

    def account_item(self, account_id, a):
        sums = self.sums_of(account_id)
        return self.layout.item(
            "ACCOUNT", level=a.level, flags=a.unknown + 2 * a.damaged + 4 * a.held + 8 * a.role, class_id=a.class_id,
            account=account_id, bad_rows=sums.bad_rows, equity_lo=sums.equity_e8, equity_hi=sums.equity_e8 >> 64,
            mm_lo=sums.mm_e15, mm_hi=sums.mm_e15 >> 64, collateral_lo=a.collateral, collateral_hi=a.collateral >> 64,
            addend_lo=a.addend, addend_hi=(a.addend >> 64) % 2 ** 24)

    def do_snapshot(self, f):
        for i, a in self.accounts.items():
            if a.level:
                self.covered.append(self.evidence("SNAPSHOT", f["seq"], i, a, self.sums_of(i), level=a.level))

    def do_audit(self, f):
        pass                                # nothing is kept that an audit could compare

    def why_excluded(self, row, sums, exclude_level):
        a = self.accounts[row.account]
        reasons = {"bad": self.worth(row).bad, "no rank": row.flags, "role": a.role, "held": a.held, "damaged": a.damaged,
                   "equity": sums.equity_e8 <= 0, "level": a.level >= exclude_level}
        return [reason for reason, holds in reasons.items() if holds]

    def rank_key(self, row, sums, f):
        """The row's key under a RANK command, or None: it takes no part."""
        why = self.why_excluded(row, sums, f["exclude_level"])
        if why:
            self.seen["excluded: " + "".join(why) if len(why) == 1 else "excluded twice"] += 1
            return None
        worth, a = self.worth(row), self.accounts[row.account]
        value = judge.exact(worth.value * judge.MONEY)
        pnl = value - row.entry
        if pnl == 0:
            return rank.key(rank.ZERO, rank.log(max(abs(value), 1)))
        operands = (abs(pnl), abs(row.entry), abs(value), sums.equity_e8, sums.mm_e15,
                    judge.exact(worth.margin * judge.MARGIN), max(a.collateral, f["floor"]))
        sign_class, packed = (rank.PROFIT, f["profit_c"]) if pnl > 0 else (rank.LOSS, f["loss_c"])
        return rank.key(sign_class, rank.score(operands, packed))

    def ranked(self, f):
        """Key, position, row and its account's sums of every row that takes part."""
        side = [(p, r) for p, r in self.rows.items() if r.symbol == f["symbol"] and r.qty and (r.qty < 0) == bool(f["side"])]
        of_account = {r.account: [] for _, r in side}
        for row in self.rows.values():
            if row.account in of_account:
                of_account[row.account].append(row)
        sums = {account: self.sums_of(account, rows) for account, rows in of_account.items()}
        for position, row in side:
            key = self.rank_key(row, sums[row.account], f)
            if key is not None:
                yield key, position, row, sums[row.account]

    def in_rank_range(self, f):
        cursor = rank.order(f["cursor_key"], f["cursor_account"])
        for key, position, row, sums in self.ranked(f):
            if not f["class_mask"] << 1 >> key // rank.CLASS & 1:
                continue
            cut = "from" if key < f["from"] else "cursor" if rank.order(key, row.account) <= cursor else ""
            self.seen[f"rank class {key // rank.CLASS}"] += 1
            self.seen[f"cut by {cut}" if cut else "in range"] += 1
            self.seen["at from"] += key == f["from"]
            self.seen["at cursor's key"] += key == f["cursor_key"]
            if not cut:
                yield key, position, row, sums

    def do_rank(self, f):
        if f["mode"] == self.layout.enum["RANK"]["SELECT"]:
            for key, position, row, sums in self.in_rank_range(f):
                self.covered.append(self.layout.record(
                    "NOMINEE", seq=f["seq"], account=row.account, position=position, key=key, qty=row.qty, entry=row.entry,
                    equity=sums.equity_e8))
            return
        rows, lots = Counter(), Counter()
        for key, _, row, _ in self.in_rank_range(f):
            bucket = rank.bucket(key, f["from"], f["zoom"])
            rows[bucket] += 1
            lots[bucket] += abs(row.qty)
            self.seen["last bucket"] += bucket == rank.BUCKETS - 1
            self.seen["bucket between"] += 0 < bucket < rank.BUCKETS - 1
        for first in sorted({bucket - bucket % 3 for bucket in rows}):
            three = range(first, first + 3)
            self.covered.append(self.layout.record(
                "RANK_HIST", seq=f["seq"], first=first, rows=[rows[b] for b in three],
                qty=[min(lots[b], rank.LOTS_MAX) for b in three]))

    def do_fence(self, f):
        self.covered.append(self.layout.record("FENCE", seq=f["seq"], cookie=f["cookie"]))

    # -- the end of a batch -------------------------------------------------------------------------------------------

    def rows_of(self, account):
        return [r for r in self.rows.values() if r.account == account]

    def worth(self, row):
        symbol = self.symbols[row.symbol]
        return judge.worth_of(row.qty, symbol["u"], self.ladders[symbol["ladder"]], row.addend)

    def sums_of(self, account, rows=None):
        a = self.accounts[account]
        rows = self.rows_of(account) if rows is None else rows
        return judge.Sums(a.collateral, a.addend, ((self.worth(r), r.entry) for r in rows))

    def level_of(self, account, sums):
        a = self.accounts[account]
        c = self.classes[a.class_id]
        return judge.level_of(sums, a.collateral, a.damaged, c.thresholds, c.strict, a.level)

    def evidence(self, kind, seq, account_id, a, sums, **more):
        return self.layout.record(
            kind, seq=seq, account=account_id, equity=sums.equity_e8, mm=sums.mm_e15, bad_rows=sums.bad_rows,
            class_id=a.class_id, damaged=a.damaged, **more)

    def end_batch(self, seq):
        rows = {account: [] for account in self.accounts}
        for row in self.rows.values():
            rows[row.account].append(row)
        for i, a in self.accounts.items():
            sums = self.sums_of(i, rows[i])
            level = self.level_of(i, sums)
            if level != a.level or a.unknown and level:
                self.seen[f"level {a.level} -> {level}"] += 1
                self.covered.append(self.evidence("LEVEL", seq, i, a, sums, level=level, level_before=a.level))
            a.level, a.unknown = level, False
        end = self.layout.record("BATCH_END", seq=seq, count=len(self.covered), rejects=self.rejects, commands=self.commands,
                                 digest=sum(map(hash_word, self.covered)))
        self.batches.append((self.uncovered + self.covered, end))
        self.covered, self.uncovered = [], []
        self.commands = self.rejects = 0
