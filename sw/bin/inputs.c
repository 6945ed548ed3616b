/* From the command line's inputs to a run's. */
#include "inputs.h"

struct fb_run_options inputs_of(const struct inputs *i)
{
	return (struct fb_run_options){
		.marks = i->marks.text,
		.marks_n = i->marks.n,
		.accounts = i->accounts,
		.brackets = i->brackets,
		.market = i->market,
		.out = i->out,
		.from_us = i->from_us,
		.to_us = i->to_us,
		.step_us = (int64_t)i->step_ms * 1000,
		.fund_e8 = i->fund_e8,
		.backstop_e8 = i->backstop_e8,
		.progress = show_progress,
	};
}
