/* Memory behind which a device may vanish.
 *
 * When a card is removed, or its driver's grip on it is taken away, the kernel unmaps its BARs and
 * the next access raises SIGBUS. For a guarded mapping the handler puts ordinary memory full of
 * ones in its place and notes it: the access is done again and ends, reads give all ones as from a
 * dead link, writes go nowhere, and the port says -ENODEV.
 *
 * Why not sigsetjmp around each access: it would cost every command some nanoseconds on the path
 * that matters, and this costs nothing until it happens. A fault elsewhere goes to whatever
 * handler there was. */
#ifndef FIREBREAK_GUARD_H
#define FIREBREAK_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#define FB_GUARDS 32

struct fb_guard;

/* base and length are whole pages. 0, or -ENOSPC: FB_GUARDS are in use. */
int fb_guard_add(void *base, size_t length, struct fb_guard **out);
bool fb_guard_tripped(const struct fb_guard *guard);
/* Before the memory is unmapped. With the last one the signal's handler is what it was. */
void fb_guard_remove(struct fb_guard *guard);

#endif
