/* Made-up accounts; see generate.c. */
#ifndef FIREBREAK_GENERATE_H
#define FIREBREAK_GENERATE_H

#include <firebreak/inputs.h>

/* `spec` is N,seed=S[,symbols=K]; `source` is the whole text, for errors. */
int fb_accounts_generate(const char *source, const char *spec, const struct fb_rules *rules,
			 const uint64_t *start_e8, struct fb_accounts *out, struct fb_error *error);

#endif
