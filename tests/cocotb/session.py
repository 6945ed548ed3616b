"""A small driver: one session of the card, its ring and status line in host memory, commands out, records in (card.md, 2 to 5).

It reads the card's memory and nothing else, as a driver does; watch.py looks over the card's shoulder."""
from cocotb.triggers import First, Timer

from bench import CYCLE_NS
from layout import C, CARD, L, M32, SLOTS, WINDOW, WORD, changes_of, check_of_record, crc32c, number

GUARD = 0xAA
PAGE = 4096
GAP, FENCE, RESET = L.enum["FAULT"]["GAP"], L.commands["FENCE"], L.commands["RESET"]
MOST_PIECE = 64
nonces = iter(range(0x51000001, 0x7fffffff, 0x10203))


class Session:
    def __init__(self, bench, bits=C["RING_BITS_LEAST"], first=1, nonce=None, above_4g=False):
        self.bench, self.bits, self.size, self.first = bench, bits, 1 << bits, first
        self.nonce = next(nonces) if nonce is None else nonce
        self.next = first           # sequence of the next command to be sent
        self.taken = 0              # records taken from the ring
        self.consumed_sent = 0      # highest CONSUMED that was sent
        self.lag = max(1, self.size // 4)       # CONSUMED is written after so many records
        # What watch.py keeps of this session.
        self.seen, self.lines, self.since_status, self.most_before_status = [], [], 0, 0
        self.make_memory(above_4g)

    def make_memory(self, above_4g):
        """Guard, ring, guard with the status line inside, guard. The ring is aligned to a page, not to its size."""
        room = 4 * PAGE
        while room < self.size * WORD + 3 * PAGE:
            room *= 2
        pool = self.bench.rc.mem_pool
        if above_4g:
            pool = self.bench.rc.mem_address_space.create_pool(0x7_0000_0000, 0x1_0000_0000)
        region = pool.alloc_region(room)
        self.memory, base = region.mem, region.get_absolute_address(0)
        self.memory[0:room] = bytes([GUARD]) * room
        self.ring = PAGE
        self.status = PAGE + self.size * WORD + PAGE // 2 + WORD
        self.ring_address, self.status_address = base + self.ring, base + self.status
        self.memory[self.ring:self.ring + self.size * WORD] = bytes(self.size * WORD)
        self.memory[self.status:self.status + WORD] = bytes(WORD)

    def check_guards(self):
        m, end = self.memory, self.ring + self.size * WORD
        for low, high in ((0, self.ring), (end, self.status), (self.status + WORD, len(m))):
            assert m[low:high].count(GUARD) == high - low, f"guard bytes changed between {low:#x} and {high:#x}"

    # --- open and close --------------------------------------------------------------------------------------------------

    async def configure(self):
        b = self.bench
        await b.write("RING_BASE", self.ring_address)
        await b.write("RING_BITS", self.bits)
        await b.write("STATUS_BASE", self.status_address)
        await b.write("FIRST_SEQ", self.first)

    async def open(self, cycles=2000):
        await self.configure()
        self.bench.watch.session = self
        await self.bench.write("SESSION", self.nonce)
        await self.wait_status(lambda line: line["state"] in (CARD["RUNNING"], CARD["KILLED"]), cycles)
        return self

    async def close(self, cycles=2000):
        """Closed when the card says so; a read comes behind every write that went before it."""
        await self.bench.write("SESSION", 0)
        await self.bench.wait_for("STATE", CARD["CLOSED"], cycles)
        await self.bench.flush()
        self.bench.watch.session = None
        self.check_guards()

    # --- status line -----------------------------------------------------------------------------------------------------

    def line(self):
        word = self.memory[self.status:self.status + WORD]
        if not number(word, 56, 4) or number(word, C["CHECKED_BYTES"], 4) != check_of_record(word, self.nonce):
            return None
        return L.records["STATUS"].unpack(word)

    async def wait_status(self, wanted, cycles=5000):
        end = self.bench.cycle() + cycles
        while not ((line := self.line()) and wanted(line)):
            await self.arrival(end, f"status line is {line}")
        return line

    async def arrival(self, end, what):
        """Something was written, or the deadline has passed."""
        left = end - self.bench.cycle()
        assert left > 0, f"deadline in cycle {end}: {what}"
        self.bench.watch.arrived.clear()
        await First(self.bench.watch.arrived.wait(), Timer(left * CYCLE_NS, "ns"))

    # --- commands --------------------------------------------------------------------------------------------------------

    def word(self, command, seq=None, nonce=None):
        """A command as it goes to the card: sequence, nonce and check word are put in."""
        word = bytearray(command)
        word[0:8] = (self.next if seq is None else seq).to_bytes(8, "little")
        word[56:60] = (self.nonce if nonce is None else nonce).to_bytes(4, "little")
        word[60:64] = crc32c(word[:60]).to_bytes(4, "little")
        return bytes(word)

    @staticmethod
    def slot(seq):
        return seq % SLOTS * WORD

    async def credit(self, seq, cycles=20000):
        await self.wait_status(lambda line: seq < line["credit"], cycles)

    async def send(self, commands, cycles=20000):
        """Every command in one piece, each as soon as there is credit for it."""
        for command in commands:
            await self.credit(self.next, cycles)
            await self.bench.bar2.write(self.slot(self.next), self.word(command))
            self.next += 1

    async def send_cut(self, commands, cut, group=8, cycles=20000):
        """Groups of commands as pieces in any order. cut(random, data, offset) gives the pieces of neighbouring slots."""
        commands, at = list(commands), 0
        while at < len(commands):
            n = min(group, len(commands) - at, SLOTS - self.next % SLOTS)
            await self.credit(self.next + n - 1, cycles)
            image = b"".join(self.word(commands[at + i], self.next + i) for i in range(n))
            pieces = cut(self.bench.random, image, self.slot(self.next))
            for offset, data in pieces:
                await self.bench.bar2.write(offset, data)
            self.next += n
            at += n

    def fence(self, cookie):
        return FENCE.pack(op=FENCE.number, cookie=cookie)

    async def reset_core(self, cycles=20000):
        """RESET, and the record that it is done."""
        seq = self.next
        await self.send([RESET.pack(op=RESET.number)])
        (end,) = await self.take(1, cycles)
        assert end[8] == L.records["BATCH_END"].number and number(end, 0, 8) == seq, L.show_record(end)

    # --- records ---------------------------------------------------------------------------------------------------------

    def peek(self):
        """The next record of the ring, or None while it is not there whole."""
        at = self.ring + self.taken % self.size * WORD
        word = self.memory[at:at + WORD]
        there = number(word, 56, 4) == (self.taken + 1) & M32
        return word if there and number(word, C["CHECKED_BYTES"], 4) == check_of_record(word, self.nonce) else None

    async def take_levels(self, count, cycles=20000):
        """The words of a batch of that many level changes, alone or two in a word, and its BATCH_END, last."""
        words = await self.take(1, cycles)
        while words[-1][8] != L.records["BATCH_END"].number:
            words += await self.take(1, cycles)
        changes = [change for word in words[:-1] for change in changes_of(word)]
        assert len(changes) == count == number(words[-1], 16, 4), f"{len(changes)} of {count} changes"
        return words

    async def take(self, count, cycles=20000):
        """The next count records, each within so many cycles of the one before it."""
        got = []
        end = self.bench.cycle() + cycles
        while len(got) < count:
            word = self.peek()
            if word is None:
                await self.arrival(end, f"{len(got)} of {count} records came")
                continue
            got.append(word)
            self.taken += 1
            end = self.bench.cycle() + cycles
            if self.taken - self.consumed_sent >= self.lag:
                await self.consume()
        return got

    async def consume(self):
        self.consumed_sent = self.taken
        await self.bench.write("CONSUMED", self.taken & M32)

    async def quiet(self, cycles=500):
        """No record comes for so many cycles."""
        await self.bench.cycles(cycles)
        assert self.peek() is None, f"a record nobody asked for: {L.show_record(self.peek())}"


def whole(random, image, offset):
    """Every slot as one piece, in any order."""
    pieces = [(offset + at, image[at:at + WORD]) for at in range(0, len(image), WORD)]
    random.shuffle(pieces)
    return pieces


def cut_words(random, image, offset):
    """Pieces of 4 to 64 bytes that begin and end anywhere, also across slots, in any order."""
    pieces, at = [], 0
    while at < len(image):
        length = min(random.randint(4, MOST_PIECE), len(image) - at)
        pieces.append((offset + at, image[at:at + length]))
        at += length
    random.shuffle(pieces)
    return pieces


def cut_again(random, image, offset):
    """As cut_words, but pieces overlap, and some come twice, as long as their slots cannot have acted."""
    pieces = cut_words(random, image, offset)
    for _ in range(len(pieces) // 2):
        at = random.randrange(len(image))
        piece = offset + at, image[at:at + random.randint(1, MOST_PIECE)]
        pieces.insert(random.randrange(len(pieces)), piece)
    return pieces


assert WINDOW == SLOTS * WORD and CARD["CLOSED"]
