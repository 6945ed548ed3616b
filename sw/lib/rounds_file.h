/* rounds.csv: the public chain of a run's rounds of deleveraging, a line each link. See
 * <firebreak/evidence.h>. */
#ifndef ROUNDS_FILE_H
#define ROUNDS_FILE_H

#include "evidence.h"
#include "report_sink.h"

struct fb_rounds {
	struct fb_evidence *evidence;
	struct fb_sink sink;
};

/* Creates DIRECTORY/rounds.csv and looks on from now on, as the waterfall's only tap. */
int fb_rounds_open(struct fb_waterfall *waterfall, const char *directory, struct fb_rounds **out,
		   struct fb_error *error);
/* The run is over: seals what is open, closes the file. Before the summary is written. */
int fb_rounds_finish(struct fb_rounds *rounds, struct fb_error *error);
void fb_rounds_close(struct fb_rounds *rounds);

/* Its first line. */
#define FB_ROUNDS_COLUMNS                                                                          \
	"link,round,sequence,time,time_us,symbol,side,needs,need_lots,need_value_e8,own_lots,"     \
	"ranked,depth,asked_lots,moved_lots,moved_value_e8,unit_value,fund_before_e8,"             \
	"fund_after_e8,order,ranked_lots,shared_lots,root,before,chain"

#endif
