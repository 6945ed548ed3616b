/* `fakecard:` the driver of a card over the unit tests' card in plain C (tests/unit/fake_card.h),
 * whose core is the model: what the driver does with a bad link, without any RTL. */
#ifndef COSIM_FAKECARD_H
#define COSIM_FAKECARD_H

#include <firebreak/engine.h>

/* args: seed, lose, flip, split, repeat, torn, stale, no_room (percent), ring=BITS, and the
 * driver's own. */
int fakecard_open(const char *args, struct fb_engine **out, struct fb_error *error);

#endif
