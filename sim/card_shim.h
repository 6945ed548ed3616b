/* C face of the Verilated card: the endpoint (hw/pcie/fb_card.v) behind the user interface of the
 * UltraScale+ PCIE4 block, 512 bits wide. build/libfbcardN.so (N = lanes) holds one Verilated model
 * and this one symbol. One clock cycle is one call of tick(). The root complex behind it is
 * sim/root.h.
 *
 * build/libfbcardN-256.so is the card with a bus of 256 bits: of a beat it has the lower half, its
 * tuser is that width's, and sim/root.h does not speak it. */
#ifndef FIREBREAK_CARD_SHIM_H
#define FIREBREAK_CARD_SHIM_H

#include <stdint.h>

#include "core_shim.h"

struct fb_card_model;

/* One beat of a stream. tuser: CQ 183, CC 81, RQ 137 bits, lowest first; the rest is 0. */
struct fb_card_beat {
	uint32_t data[16];
	uint32_t user[6];
	uint16_t keep;
	uint8_t last;
};

/* What crosses the user interface in one cycle. */
struct fb_card_io {
	/* in */
	const struct fb_card_beat *cq;  /* NULL: not valid. Keep offering until taken. */
	uint8_t cc_ready, rq_ready;
	uint8_t max_payload;            /* cfg_max_payload: 0 is 128 bytes */
	uint8_t posted_headers;         /* cfg_fc_ph with cfg_fc_sel = transmit credits available */
	uint16_t posted_data;           /* cfg_fc_pd, in units of 16 bytes */
	uint8_t bus_master;             /* bit 2 of cfg_function_status */
	uint8_t msix_enable, msix_mask;
	uint8_t flr;                    /* cfg_flr_in_process[0] */
	uint8_t reset;                  /* user_reset */
	/* out */
	uint8_t cq_taken;               /* the beat of cq was taken; cq may be NULL: CQ is ready */
	/* a beat is on the output, taken or not; cc and rq are written only then */
	uint8_t cc_offered, rq_offered;
	uint8_t cc_valid;               /* cc was on the output and was taken (cc_ready was high) */
	uint8_t rq_valid;
	uint8_t np_request;             /* pcie_cq_np_req */
	uint8_t credit_select;          /* cfg_fc_sel */
	uint8_t flr_done;
	struct fb_card_beat cc, rq;
};

#define FB_CARD_RESET_CYCLES 4          /* spent in open() */

struct fb_card_model_ops {
	uint32_t abi;                   /* FB_LAYOUT_HASH of the build */
	struct fb_card_model *(*open)(const char *wave_path /* NULL: no waveform */);
	void (*geometry)(const struct fb_card_model *, struct fb_core_geometry *);
	void (*tick)(struct fb_card_model *, struct fb_card_io *);
	uint64_t (*cycles)(const struct fb_card_model *);
	void (*close)(struct fb_card_model *);
};

/* The one exported symbol. */
const struct fb_card_model_ops *fb_card_model_ops(void);
typedef const struct fb_card_model_ops *(*fb_card_model_ops_fn)(void);

#endif
