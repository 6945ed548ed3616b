// The one place where Verilator's C++ lives: fb_core behind the C table of core_shim.h.
//
// FB_LANES, FB_GROUP, FB_ROW_BITS, FB_SLOT_BITS are given by the build and equal the parameters of
// the Verilated model. FB_TRACE adds waveforms (VCD); FB_POKE adds access to the memories
// for fault tests.
#include <cerrno>
#include <cstring>
#include <new>

#include <verilated.h>
#if FB_TRACE
#include <verilated_vcd_c.h>
#endif

#include "Vfb_core.h"
#if FB_POKE
#include <string>

#include <verilated_sym_props.h>
#endif

extern "C" {
#include "core_shim.h"
}

struct fb_core {
	VerilatedContext context;
	Vfb_core top{&context};
	uint64_t cycles = 0;
#if FB_TRACE
	VerilatedVcdC *wave = nullptr;
#endif
};

namespace {

void half(fb_core *core, int level)
{
	core->top.clk_i = static_cast<uint8_t>(level);
	core->top.eval();
#if FB_TRACE
	if (core->wave)
		core->wave->dump(2 * core->cycles + (level ? 1 : 0));
#endif
}

// One clock cycle: inputs settle, outputs are sampled before the edge, then the edge.
void tick(fb_core *core, fb_core_io *io)
{
	core->top.cmd_valid_i = io->command != nullptr;
	if (io->command)
		memcpy(&core->top.cmd_i[0], io->command, sizeof *io->command);
	core->top.rec_ready_i = io->record_ready != 0;
	half(core, 0);
	io->command_taken = io->command && core->top.cmd_ready_o;
	io->record_valid = io->record_ready && core->top.rec_valid_o;
	if (io->record_valid)
		memcpy(&io->record, &core->top.rec_o[0], sizeof io->record);
	half(core, 1);
	core->cycles++;
}

fb_core *open(const char *wave_path)
{
	fb_core *core = new (std::nothrow) fb_core;
	if (!core)
		return nullptr;
#if FB_TRACE
	if (wave_path) {
		core->context.traceEverOn(true);
		core->wave = new VerilatedVcdC;
		core->top.trace(core->wave, 99);
		core->wave->open(wave_path);
	}
#else
	(void)wave_path;
#endif
	core->top.rst_i = 1;
	fb_core_io io = {};
	for (int i = 0; i < FB_CORE_RESET_CYCLES; i++)
		tick(core, &io);
	core->top.rst_i = 0;
	return core;
}

void geometry(const fb_core *, fb_core_geometry *out)
{
	out->lanes = FB_LANES;
	out->group = FB_GROUP;
	out->rows = 1u << FB_ROW_BITS;
	out->accounts = 1u << FB_SLOT_BITS;
}

uint64_t cycles(const fb_core *core)
{
	return core->cycles;
}

// 48 bits each, lowest first, in a vector of 32-bit words.
void counters(const fb_core *core, uint64_t out[FB_CORE_COUNTERS])
{
	for (unsigned k = 0; k < FB_CORE_COUNTERS; k++) {
		uint64_t count = 0;
		for (unsigned half_word = 0; half_word < 3; half_word++) {
			unsigned at = 3 * k + half_word;
			uint64_t bits = core->top.counters_o[at / 2] >> (at % 2 * 16) & 0xffff;
			count |= bits << (16 * half_word);
		}
		out[k] = count;
	}
}

#if FB_POKE
#include "poke.inc"
#else
int flip(fb_core *, int, uint32_t, uint32_t, uint32_t)
{
	return -ENOTSUP;
}
#endif

void close(fb_core *core)
{
#if FB_TRACE
	if (core && core->wave) {
		core->wave->close();
		delete core->wave;
	}
#endif
	delete core;
}

const struct fb_core_ops ops = {FB_LAYOUT_HASH, open, geometry, tick,
				cycles, flip, close, counters};

} // namespace

extern "C" __attribute__((visibility("default"))) const struct fb_core_ops *fb_core_ops(void)
{
	return &ops;
}
