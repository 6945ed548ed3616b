// The Verilator C++ of the card: fb_card behind the C table of card_shim.h.
//
// FB_LANES, FB_GROUP, FB_ROW_BITS, FB_SLOT_BITS are given by the build and equal the parameters of
// the Verilated model, whose bus may be narrower than a beat of card_shim.h. FB_TRACE adds
// waveforms (VCD).
#include <cstring>
#include <new>

#include <verilated.h>
#if FB_TRACE
#include <verilated_vcd_c.h>
#endif

#include "Vfb_card.h"

extern "C" {
#include "card_shim.h"
}

struct fb_card_model {
	VerilatedContext context;
	Vfb_card top{&context};
	uint64_t cycles = 0;
#if FB_TRACE
	VerilatedVcdC *wave = nullptr;
#endif
};

namespace {

enum { TRANSMIT_CREDITS = 4, MEMORY_ENABLE = 3, BUS_MASTER = 4 };

void half(fb_card_model *card, int level)
{
	card->top.user_clk_i = static_cast<uint8_t>(level);
	card->top.eval();
#if FB_TRACE
	if (card->wave)
		card->wave->dump(2 * card->cycles + (level ? 1 : 0));
#endif
}

// A port of any width: the lowest bits of the words, the others are 0.
template <typename Port>
void set_port(Port &port, const uint32_t *words)
{
	memcpy(&port, words, sizeof port);
}

template <typename Port>
void get_port(uint32_t *words, size_t bytes, const Port &port)
{
	memset(words, 0, bytes);
	memcpy(words, &port, sizeof port);
}

void give(Vfb_card &top, const fb_card_io *io)
{
	top.user_reset_i = io->reset != 0;
	top.s_axis_cq_tvalid_i = io->cq != nullptr;
	if (io->cq) {
		set_port(top.s_axis_cq_tdata_i, io->cq->data);
		set_port(top.s_axis_cq_tuser_i, io->cq->user);
		top.s_axis_cq_tkeep_i = io->cq->keep;
		top.s_axis_cq_tlast_i = io->cq->last;
	}
	top.m_axis_cc_tready_i = io->cc_ready != 0;
	top.m_axis_rq_tready_i = io->rq_ready != 0;
	top.cfg_max_payload_i = io->max_payload;
	// Another selection of cfg_fc_sel would show something else than credits to send.
	bool transmit = top.cfg_fc_sel_o == TRANSMIT_CREDITS;
	top.cfg_fc_ph_i = transmit ? io->posted_headers : 0;
	top.cfg_fc_pd_i = transmit ? io->posted_data : 0;
	top.cfg_function_status_i =
		static_cast<uint16_t>(MEMORY_ENABLE | (io->bus_master ? BUS_MASTER : 0));
	top.cfg_interrupt_msix_enable_i = io->msix_enable != 0;
	top.cfg_interrupt_msix_mask_i = io->msix_mask != 0;
	top.cfg_flr_in_process_i = io->flr != 0;
}

template <typename Data, typename User>
void copy_beat(fb_card_beat *out, const Data &data, const User &user, uint16_t keep, int last)
{
	get_port(out->data, sizeof out->data, data);
	get_port(out->user, sizeof out->user, user);
	out->keep = keep;
	out->last = static_cast<uint8_t>(last);
}

void take(Vfb_card &top, fb_card_io *io)
{
	io->cq_taken = top.s_axis_cq_tready_o;
	io->cc_offered = top.m_axis_cc_tvalid_o;
	io->rq_offered = top.m_axis_rq_tvalid_o;
	io->cc_valid = io->cc_offered && io->cc_ready;
	io->rq_valid = io->rq_offered && io->rq_ready;
	io->np_request = top.pcie_cq_np_req_o;
	io->credit_select = top.cfg_fc_sel_o;
	io->flr_done = top.cfg_flr_done_o & 1;
	if (io->cc_offered)
		copy_beat(&io->cc, top.m_axis_cc_tdata_o, top.m_axis_cc_tuser_o,
			  top.m_axis_cc_tkeep_o, top.m_axis_cc_tlast_o);
	if (io->rq_offered)
		copy_beat(&io->rq, top.m_axis_rq_tdata_o, top.m_axis_rq_tuser_o,
			  top.m_axis_rq_tkeep_o, top.m_axis_rq_tlast_o);
}

// One clock cycle: inputs settle, outputs are sampled before the edge, then the edge.
void tick(fb_card_model *card, fb_card_io *io)
{
	give(card->top, io);
	half(card, 0);
	take(card->top, io);
	half(card, 1);
	card->cycles++;
}

fb_card_model *open(const char *wave_path)
{
	fb_card_model *card = new (std::nothrow) fb_card_model;
	if (!card)
		return nullptr;
#if FB_TRACE
	if (wave_path) {
		card->context.traceEverOn(true);
		card->wave = new VerilatedVcdC;
		card->top.trace(card->wave, 99);
		card->wave->open(wave_path);
	}
#else
	(void)wave_path;
#endif
	fb_card_io io = {};
	io.reset = 1;
	for (int i = 0; i < FB_CARD_RESET_CYCLES; i++)
		tick(card, &io);
	return card;
}

void geometry(const fb_card_model *, fb_core_geometry *out)
{
	out->lanes = FB_LANES;
	out->group = FB_GROUP;
	out->rows = 1u << FB_ROW_BITS;
	out->accounts = 1u << FB_SLOT_BITS;
}

uint64_t cycles(const fb_card_model *card)
{
	return card->cycles;
}

void close(fb_card_model *card)
{
#if FB_TRACE
	if (card && card->wave) {
		card->wave->close();
		delete card->wave;
	}
#endif
	delete card;
}

const struct fb_card_model_ops ops = {FB_LAYOUT_HASH, open, geometry, tick, cycles, close};

} // namespace

extern "C" __attribute__((visibility("default")))
const struct fb_card_model_ops *fb_card_model_ops(void)
{
	return &ops;
}
