/* What stands on the way from a record to an order's bytes. */
#ifndef FIREBREAK_HOT_H
#define FIREBREAK_HOT_H

/* These functions are put beside each other by the linker: between two records other code has had
 * the processor, and what lies together comes back from the far caches with fewer lines and fewer
 * translations. */
#define FB_HOT __attribute__((hot))

#endif
