/* The published figures, in the order in which they are shown. See <firebreak/paper.h>. */
#include <errno.h>

#include "paper_figure.h"

int fb_paper_read(const char *directory, struct fb_paper *out, struct fb_error *error)
{
	struct paper_reader r = { .directory = directory, .error = error, .paper = out };
	out->figures = 0;
	int err = paper_table(&r, "policy_per_wave_metrics.csv", &r.policy);
	if (err)
		return err;
	if (r.policy.rows > FB_PAPER_WAVES)
		err = fb_error_set(error, -EINVAL, "%s: expected at most %d waves, found %zu",
				   r.policy.text.name, FB_PAPER_WAVES, r.policy.rows);
	if (!err)
		err = paper_waves(&r);
	if (!err)
		err = paper_totals(&r);
	fb_columns_free(&r.policy);
	return err;
}
