"""A slot with a card in it: cocotbext-pcie's hard block and root complex, host memory, and a watch on what the card writes."""
import functools
import logging
import os
import random

import cocotb
from cocotb.triggers import ClockCycles, FallingEdge, SimTimeoutError, with_timeout
from cocotb.utils import get_sim_time
from cocotbext.axi import AxiStreamBus
from cocotbext.pcie.core import RootComplex
from cocotbext.pcie.core.tlp import Tlp, TlpType
from cocotbext.pcie.xilinx.us import UltraScalePlusPcieDevice

from layout import C, REGISTERS, WINDOW
from watch import Watch

BITS = int(os.environ["FB_BITS"])
CYCLE_NS = 4
READ_NS = 40000             # longest a read may take
LINK = {512: (3, 16), 256: (3, 8)}
FLUSH_CYCLES = 200          # what was posted has arrived by then
RULES = [f"{stream}: {rule}" for stream in ("RQ", "CC") for rule in (
    "an offer was changed or taken back", "tvalid fell inside a packet", "tkeep has holes", "sop, eop or its pointer is wrong")]


class Warnings(logging.Handler):
    """The models complain in their log: a packet dropped, a page crossed. Such a complaint fails the case."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.text = []

    def emit(self, record):
        self.text.append(record.getMessage())


class Block(UltraScalePlusPcieDevice):
    """The model without two of its loops, which run in every cycle and drive nothing that the card has."""

    async def _run_cfg_ctrl_logic(self):
        self.config_space_enable = True

    async def _run_rq_seq_num_logic(self):
        while True:
            await self.rq_seq_num.get()


class Bench:
    def __init__(self, dut, max_payload=512, own_credits=False, headers=None, data=None):
        """headers, data: posted credits of the root port. own_credits: the case drives cfg_fc_ph and cfg_fc_pd itself."""
        self.dut = dut
        self.bits = len(dut.s_axis_cq_tdata)
        self.random = random.Random(cocotb.RANDOM_SEED)
        self.log = logging.getLogger("cocotb.card")
        self.warnings = self.listen()
        self.expected_warnings = 0
        self.vector_address = None
        self.rc = RootComplex()
        self.rc.tag_count = 256
        self.model = self.make_model(max_payload, own_credits)
        self.function = self.model.functions[0]
        self.configure_function()
        self.port = self.rc.make_port()
        self.credits = self.port.downstream_port.fc_state[0]
        for account, credits in ((self.credits.ph, headers), (self.credits.pd, data)):
            if credits:
                account.rx_initial_allocation = account.rx_credits_allocated = credits
        self.port.connect(self.model)
        self.watch = Watch(self)
        self.packets = []       # (cycle in which its last beat was taken, frame)
        self.tap()
        # The case before may have left the card in the middle of a packet, whose rest must not reach this model.
        self.model.rq_sink.pause = self.model.cc_sink.pause = True

    def listen(self):
        pcie = logging.getLogger("cocotb.pcie")
        pcie.setLevel(logging.WARNING)
        pcie.propagate = False
        logging.getLogger("cocotb.card_tb").setLevel(logging.WARNING)
        for handler in list(pcie.handlers):
            pcie.removeHandler(handler)
        warnings = Warnings()
        pcie.addHandler(warnings)
        return warnings

    def make_model(self, max_payload, own_credits):
        dut = self.dut
        generation, width = LINK[self.bits]
        credits = {} if own_credits else {"cfg_fc_ph": dut.cfg_fc_ph, "cfg_fc_pd": dut.cfg_fc_pd, "cfg_fc_sel": dut.cfg_fc_sel}
        dut.cfg_flr_in_process.value = 0
        return Block(
            pcie_generation=generation, pcie_link_width=width, user_clk_frequency=250e6, max_payload_size=max_payload,
            enable_extended_tag=True, pf0_msix_enable=True, pf0_msix_table_size=0, pf0_msix_table_bir=0,
            pf0_msix_table_offset=C["MSIX_TABLE"], pf0_msix_pba_bir=0, pf0_msix_pba_offset=C["MSIX_PBA"],
            user_clk=dut.user_clk, user_reset=dut.user_reset, cq_bus=AxiStreamBus.from_prefix(dut, "s_axis_cq"),
            cc_bus=AxiStreamBus.from_prefix(dut, "m_axis_cc"), rq_bus=AxiStreamBus.from_prefix(dut, "m_axis_rq"),
            pcie_cq_np_req=dut.pcie_cq_np_req, cfg_function_status=dut.cfg_function_status, cfg_max_payload=dut.cfg_max_payload,
            cfg_interrupt_msix_enable=dut.cfg_interrupt_msix_enable, cfg_interrupt_msix_mask=dut.cfg_interrupt_msix_mask,
            **credits)

    def configure_function(self):
        """What a bitstream sets in the hard block: card.md, 1."""
        f = self.function
        f.vendor_id, f.device_id, f.class_code = C["PCI_VENDOR"], C["PCI_DEVICE"], C["PCI_CLASS"]
        f.configure_bar(0, C["BAR0_BYTES"], ext=False, prefetch=False)
        f.configure_bar(2, WINDOW, ext=True, prefetch=True)

    def tap(self):
        """Notes when the last beat of each packet was taken."""
        sink, take = self.model.rq_sink, self.model.rq_sink._sink_frame

        def noted(frame):
            self.packets.append((self.cycle(), frame))
            take(frame)
        sink._sink_frame = noted

    async def start(self):
        await FallingEdge(self.dut.user_reset)
        self.model.rq_sink.pause = self.model.cc_sink.pause = False
        await self.rc.enumerate()
        self.device = self.rc.find_device(self.function.pcie_id)
        await self.device.enable_device()
        await self.device.set_master()
        self.bar0, self.bar2 = self.device.bar_window[0], self.device.bar_window[2]
        self.warnings.text.clear()      # enumeration asks for devices that are not there

    def finish(self):
        assert not self.watch.faults, "\n".join(self.watch.faults[:5])
        broken = int(self.dut.broken.value)
        assert not broken, f"rules of the streams broken: {[RULES[i] for i in range(8) if broken >> i & 1]}"
        text = self.warnings.text
        assert len(text) == self.expected_warnings, f"the models complain {len(text)} times: {text[:3]}"

    @staticmethod
    def cycle():
        return int(get_sim_time("ns")) // CYCLE_NS

    async def cycles(self, n):
        await ClockCycles(self.dut.user_clk, n)

    async def flush(self):
        await self.cycles(FLUSH_CYCLES)

    def pause(self, **channels):
        """pause(rq=iterator of booleans, ...): channels named cq, cc, rq stop taking or giving where the iterator says so."""
        ends = {"cq": self.model.cq_source, "cc": self.model.cc_sink, "rq": self.model.rq_sink}
        for name, generator in channels.items():
            if generator is None:
                ends[name].clear_pause_generator()
                ends[name].pause = False
            else:
                ends[name].set_pause_generator(generator)

    # --- registers -------------------------------------------------------------------------------------------------------

    async def read(self, name):
        register = REGISTERS[name]
        data = await self.bar0.read(register["offset"], register["bits"] // 8, timeout=READ_NS)
        return int.from_bytes(data, "little")

    async def read_all(self, names):
        return {name: await self.read(name) for name in names}

    async def write(self, name, value):
        register = REGISTERS[name]
        await self.bar0.write(register["offset"], value.to_bytes(register["bits"] // 8, "little"))

    async def state(self):
        return await self.read("STATE")

    async def wait_for(self, name, value, cycles=2000):
        """Reads the register until it has the value; a deadline of so many cycles."""
        end = self.cycle() + cycles
        while (got := await self.read(name)) != value:
            assert self.cycle() < end, f"{name} is {got:#x}, not {value:#x}, after {cycles} cycles"

    # --- single packets --------------------------------------------------------------------------------------------------

    def request(self, kind, window, offset, dwords, first_be=0xf, last_be=None, data=b"", attr=0, tc=0):
        tlp = Tlp()
        address = window.get_absolute_address(offset)
        tlp.fmt_type = kind[address > 0xffffffff] if isinstance(kind, tuple) else kind
        tlp.requester_id = self.rc.pcie_id
        tlp.address, tlp.length, tlp.first_be = address, dwords, first_be
        tlp.last_be = (0xf if dwords > 1 else 0) if last_be is None else last_be
        tlp.attr, tlp.tc, tlp.data = type(tlp.attr)(attr), type(tlp.tc)(tc), bytearray(data)
        return tlp

    async def raw_write(self, window, offset, data, first_be=0xf, last_be=None):
        """One write packet with any byte enables; data in whole dwords."""
        kind = (TlpType.MEM_WRITE, TlpType.MEM_WRITE_64)
        await self.rc.send(self.request(kind, window, offset, len(data) // 4, first_be, last_be, data))

    async def raw_read(self, window, offset, dwords, first_be=0xf, last_be=None, **fields):
        """One read packet; the request and its completions as they came."""
        kind = (TlpType.MEM_READ, TlpType.MEM_READ_64)
        request = self.request(kind, window, offset, dwords, first_be, last_be, **fields)
        return request, await self.rc.perform_nonposted_operation(request, READ_NS, "ns")


def case(us=400, bits=(512,), each=None, **options):
    """A cocotb test whose body gets a started bench. us: simulated microseconds it may take; bits: the widths it runs at;
    each: parameters and their values, a case for every combination; the rest goes to Bench."""
    def decorate(body):
        @functools.wraps(body)
        async def run(dut, **parameters):
            bench = Bench(dut, **options)
            await bench.start()
            await body(bench, **parameters)
            bench.finish()
        wanted = cocotb.test(timeout_time=us, timeout_unit="us", skip=BITS not in bits)
        return wanted(cocotb.parametrize(**each)(run) if each else run)
    return decorate


async def within(awaitable, cycles, what):
    try:
        return await with_timeout(awaitable, cycles * CYCLE_NS, "ns")
    except SimTimeoutError:
        raise AssertionError(f"{what}: not after {cycles} cycles") from None
