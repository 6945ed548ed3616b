/* Step 8 of taking a command, and the placement fields: what the driver of a core writes into a
 * command that steps 1 to 7 accept. */
#ifndef FIREBREAK_CORE_PLACE_H
#define FIREBREAK_CORE_PLACE_H

#include <firebreak/layout.h>

#include "placement.h"
#include "structure.h"

/* Decides step 8. Accepted: the structure changes with the command, and the word's placement
 * fields are filled in. Refused: nothing changes and the caller hands the reject to the card in
 * place_reject. RESET is not for here. */
enum fb_reject fb_core_place(struct fb_structure *structure, struct fb_placement *placement,
			     union fb_command *word);

/* Rows that an accepted command values anew: marks, funding, rebinding of a symbol. */
uint64_t fb_core_revaluations(const struct fb_structure *structure,
			      const union fb_command *command);

#endif
