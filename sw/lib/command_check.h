/* Steps 1 to 7 of taking a command (hw/contract/contract.md, section 2): what can be decided from
 * the word itself and from the tables of symbols, ladders and classes. The card checks the same;
 * the driver must know the outcome beforehand, because a refused command must not change what the
 * driver believes to exist.
 */
#ifndef FIREBREAK_COMMAND_CHECK_H
#define FIREBREAK_COMMAND_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <firebreak/layout.h>

struct fb_check {
	uint64_t next_seq;
	bool batch_open;
	bool symbol_defined[FB_SYMBOLS];
	uint8_t ladder_tiers[FB_LADDERS];     /* tiers written */
	uint64_t ladder_floor[FB_LADDERS];    /* of the last tier */
	uint8_t class_pairs[FB_CLASSES];      /* thresholds written */
	uint32_t class_up[FB_CLASSES];        /* of the last pair */
};

/* A command without the expected sequence: it is ignored whole. */
#define FB_CHECK_IGNORED (-1)

/* The state after RESET. */
void fb_check_reset(struct fb_check *check, uint64_t next_seq);

/* What steps 1 to 7 say: FB_CHECK_IGNORED, or an enum fb_reject. Changes nothing. */
int fb_check_command(const struct fb_check *check, const union fb_command *command);

/* Takes note that a command (not an ignored one) was taken, and of its outcome after step 8. */
void fb_check_taken(struct fb_check *check, const union fb_command *command, enum fb_reject reject);

/* Commands whose words carry placement fields. */
bool fb_command_placed(uint8_t op);
/* True when a batch ends with this command, refused or not. */
bool fb_command_closes(const union fb_command *command);

#endif
