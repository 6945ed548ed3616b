/* What a rule pack says of prices, funding and the state of the market: the sections [index],
 * [mark], [funding], [breakers] and [adaptive] as numbers. sw/rules/README.md says what each key
 * means; <firebreak/mark.h>, funding.h, breakers.h and adaptive.h say how they are used.
 *
 * Ratios are in 1e-7, times in microseconds, money in 1e-8. All zero is a pack without these
 * sections, except where a preset is named in the README.
 */
#ifndef FIREBREAK_CONDITIONS_H
#define FIREBREAK_CONDITIONS_H

#include <stdint.h>

/* Exchanges by the names that Tardis gives them: spot markets may be constituents of an index,
 * perpetuals candidates for a mark. */
#define FB_SPOT_EXCHANGES 18u
#define FB_PERPETUAL_EXCHANGES 21u
const char *fb_spot_exchange(unsigned i);
const char *fb_perpetual_exchange(unsigned i);

enum fb_index_method {
	FB_INDEX_VOLUME = 0, /* mean of the trades, by volume */
	FB_INDEX_WEIGHTED,   /* mean of each source's newest price, by weight */
	FB_INDEX_MEDIAN,     /* median of them, by weight */
};
struct fb_index_rules {
	uint64_t method;
	uint64_t outlier_e7; /* further from the median: weight 0. 0: no such guard */
	uint64_t outliers;   /* with more of them than this the median stands for the mean */
	uint64_t stale_us;   /* older: weight 0. 0: no such guard */
	uint64_t weight[FB_SPOT_EXCHANGES];
};

/* What a mark is made of: the median of the candidates that there are. */
enum fb_candidate {
	FB_MARK_NONE = 0,
	FB_MARK_DERIVED,    /* index + basis, 1/16 a second: where the venue's mark is not known */
	FB_MARK_INDEX,
	FB_MARK_FUNDING,    /* index x (1 + rate x time to funding / interval) */
	FB_MARK_AVERAGE,    /* index + mean of (mid - index) over a window */
	FB_MARK_EMA,	    /* index + exponential mean of (mid - index) */
	FB_MARK_FAIR,	    /* index x (1 + exponential mean of mid / index - 1) */
	FB_MARK_LAST,
	FB_MARK_BOOK,	    /* median of best bid, best ask and last */
	FB_MARK_MID,
	FB_MARK_PERPETUALS, /* median of other venues' perpetuals, by weight */
	FB_MARK_BOOK_EMA,   /* exponential mean of BOOK */
	FB_CANDIDATES
};
struct fb_mark_rules {
	uint64_t first, second, third; /* enum fb_candidate */
	uint64_t fallback;	       /* joins where only two of the three are there */
	uint64_t points, sample_us;    /* of the window of AVERAGE */
	uint64_t ema_us, fallback_ema_us; /* time constants, of EMA and FAIR, and of BOOK_EMA */
	uint64_t clamp_e7; /* of the index: how far EMA and FAIR may be from it; 0: as they are */
	uint64_t weight[FB_PERPETUAL_EXCHANGES];
};

enum fb_funding_schedule { FB_FUNDING_NONE = 0, FB_FUNDING_INSTANTS, FB_FUNDING_CONTINUOUS };
enum fb_funding_average {
	FB_AVERAGE_MEAN = 0,
	FB_AVERAGE_WEIGHTED, /* the k-th sample counts k times */
	FB_AVERAGE_EMA,
	FB_AVERAGE_NEWEST,
};
enum fb_funding_premium {
	FB_PREMIUM_MARK = 0, /* (mark - index) / index */
	FB_PREMIUM_LAST,
	FB_PREMIUM_BOOK, /* (max(0, bid - index) - max(0, index - ask)) / index */
};
struct fb_funding_rules {
	uint64_t schedule;
	uint64_t interval_us; /* between two payments; continuous: the longest step */
	uint64_t offset_us;   /* of the first payment of a day from midnight UTC */
	uint64_t period_us;   /* what a rate is for */
	int64_t interest_e7;  /* of a period */
	uint64_t clamp_e7;    /* of interest - premium */
	uint64_t cap_e7;      /* of one payment; continuous: of a period. 0: none */
	uint64_t average;
	uint64_t ema_us; /* time constant */
	uint64_t sample_us;
	uint64_t premium;
	uint64_t at_index; /* 1: paid on the index price, 0: on the mark */
};

struct fb_breaker_rules {
	uint64_t window_us;		 /* of decline and rise */
	uint64_t decline_e7, rise_e7;	 /* from the highest, lowest mark of the window; 0: none */
	uint64_t rate_us;		 /* of orders and notional */
	uint64_t orders, notional_e8;	 /* closing orders, their notional; 0: none */
	uint64_t stale_us;		 /* without a mark; 0: none */
	uint64_t crossed;		 /* 1: bid >= ask freezes */
	uint64_t apart_e7;		 /* last and index further apart; 0: none */
	uint64_t band_e7;		 /* limits of orders around the mark; 0: none */
	uint64_t cooldown_us;
	uint64_t venue_after;		 /* so many symbols frozen freeze all; 0: never */
};

#define FB_ADAPTIVE_POINTS 4u
enum fb_adapted { FB_ADAPT_DEPTH = 0, FB_ADAPT_CUT, FB_ADAPT_SLIPPAGE, FB_ADAPT_FEES, FB_ADAPTED };
struct fb_adaptive_rules {
	uint64_t on;
	uint64_t return_us, memory_us; /* a return is over this; time constant of their squares */
	uint64_t at_e7[FB_ADAPTIVE_POINTS]; /* volatility of a return, rising */
	/* What each parameter is multiplied with there. */
	uint64_t factor_e7[FB_ADAPTED][FB_ADAPTIVE_POINTS];
	uint64_t depth_memory_us;      /* of usual depth; 0: depth does not count */
	uint64_t thin_e7, thin_floor_e7; /* depth / usual depth: below thin the share falls with
					    it, down to floor */
};

#endif
