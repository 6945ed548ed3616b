"""A watch on host memory: every write of the card is judged when it arrives, whatever the case is about (card.md, 4 to 7)."""
from cocotb.triggers import Event
from cocotbext.pcie.core.tlp import TlpType

from layout import C, CARD, L, M32, WORD, check_of_record, number

STATUS_KIND = L.records["STATUS"].number


class Watch:
    def __init__(self, bench):
        self.bench = bench
        self.faults = []
        self.messages = []          # interrupts: (address, data)
        self.session = None         # whose memory may be written now
        self.arrived = Event()
        for kind in (TlpType.MEM_WRITE, TlpType.MEM_WRITE_64):
            bench.rc.register_rx_tlp_handler(kind, self.on_write)
        for kind in (TlpType.MEM_READ, TlpType.MEM_READ_64, TlpType.IO_READ, TlpType.IO_WRITE):
            bench.rc.register_rx_tlp_handler(kind, self.on_other)

    def fault(self, text):
        self.faults.append(f"{self.bench.cycle()}: {text}")

    async def on_other(self, tlp):
        self.fault(f"the card sent something that is no memory write: {tlp!r}")

    async def on_write(self, tlp):
        self.judge(tlp)
        await self.bench.rc.handle_mem_write_tlp(tlp)
        self.arrived.set()

    def judge(self, tlp):
        if tlp.attr or tlp.tc or tlp.at or tlp.ep:
            self.fault(f"attributes on a write: {tlp!r}")
        if tlp.requester_id != self.bench.function.pcie_id:
            self.fault(f"written in the name of {tlp.requester_id}")
        data = bytes(tlp.get_data())
        if tlp.length == 1 and tlp.address == self.bench.vector_address:
            if tlp.first_be != 0xf or tlp.last_be:
                self.fault(f"byte enables of an interrupt: {tlp!r}")
            self.messages.append((tlp.address, number(data, 0, 4)))
            return
        if tlp.length * 4 != WORD or tlp.address % WORD or (tlp.first_be, tlp.last_be) != (0xf, 0xf):
            self.fault(f"not one whole word: {tlp!r}")
            return
        s = self.session
        if s is None:
            self.fault(f"written outside a session: {tlp!r}")
        elif tlp.address == s.status_address:
            self.judge_status(s, data)
        elif s.ring_address <= tlp.address < s.ring_address + s.size * WORD:
            self.judge_record(s, tlp.address, data)
        else:
            self.fault(f"written outside ring, status line and vector: {tlp!r}")

    def judge_record(self, s, address, data):
        n = len(s.seen)
        s.seen.append(data)
        s.since_status += 1
        if address != s.ring_address + WORD * (n % s.size):
            self.fault(f"record {n} at offset {address - s.ring_address:#x} of the ring")
        if number(data, 56, 4) != (n + 1) & M32:
            self.fault(f"record {n} has generation {number(data, 56, 4)}")
        if number(data, C["CHECKED_BYTES"], 4) != check_of_record(data, s.nonce):
            self.fault(f"record {n} has a bad check word")
        if n - s.consumed_sent >= s.size:
            self.fault(f"record {n} overwrites one that was not consumed")

    def judge_status(self, s, data):
        line = L.records["STATUS"].unpack(data)
        before = s.lines[-1][1] if s.lines else None
        s.lines.append((self.bench.cycle(), line))
        s.most_before_status = max(s.most_before_status, s.since_status)
        s.since_status = 0
        if data[8] != STATUS_KIND or line["check"] != check_of_record(data, s.nonce):
            self.fault(f"status line of kind {data[8]:#x} or with a bad check word")
        if line["generation"] != len(s.lines):
            self.fault(f"status line {len(s.lines)} has generation {line['generation']}")
        if line["session"] != s.nonce or line["state"] not in (CARD["RUNNING"], CARD["KILLED"]):
            self.fault(f"status line of session {line['session']:#x} in state {line['state']}")
        if line["produced"] > len(s.seen):
            self.fault(f"status line says {line['produced']} records, {len(s.seen)} were written")
        if before and (line["credit"] < before["credit"] or line["produced"] < before["produced"] or
                       line["heartbeat"] <= before["heartbeat"] or line["gaps"] < before["gaps"]):
            self.fault(f"status line goes back: {before} {line}")
