/* The simulated link as a port of the card driver (sw/lib/card_port.h): host memory, and a root
 * complex (root.h) with the Verilated card behind it. It behaves as a machine does: after the link
 * has gone down stores are lost without a word and loads give all ones. */
#ifndef FIREBREAK_SIM_PORT_H
#define FIREBREAK_SIM_PORT_H

#include <firebreak/error.h>

#include "../sw/lib/card_port.h"
#include "root.h"

/* args: what follows "sim:", "key=value,..." or "":
 *   lanes=8          which card: build/libfbcardN.so
 *   seed=0           of faults
 *   emit=line        how a command is stored: line (64 bytes at once), dwords (16 of 4), bytes8
 *                    (8 of 8)
 *   ring=12          log2 of the records in the ring
 *   wave=PATH        a card that writes this waveform
 * and every knob of struct fb_root_faults by its name, such as split=50 or drop_at=100000.
 * 0; -EINVAL: malformed; -ENOENT: the card is not built; -ENOMEM. */
int fb_sim_port_open(const char *args, struct fb_card_port **out, struct fb_error *error);
/* The same with a card that the caller brings; lanes and wave are ignored. */
int fb_sim_port_open_ops(const struct fb_card_model_ops *ops, const char *args,
			 struct fb_card_port **out, struct fb_error *error);

/* What lies behind a port of fb_sim_port_open: the root complex, and how many interrupts came. */
struct fb_root *fb_sim_port_root(struct fb_card_port *port);
uint64_t fb_sim_port_interrupts(const struct fb_card_port *port);

#endif
