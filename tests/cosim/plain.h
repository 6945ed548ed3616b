/* Plain commands for the tests that build their own bank: one function each, no randomness. `more`:
 * the batch goes on. */
#ifndef COSIM_PLAIN_H
#define COSIM_PLAIN_H

#include "stream.h"

/* Class 0: thresholds 50 %, 80 % and 100 % without hysteresis, >=. Ladder 0: one tier of 1 %. One
 * batch. */
void plain_tables(struct stream_writer *w);
void plain_symbol(struct stream_writer *w, uint16_t symbol, uint64_t u, bool more);
void plain_account(struct stream_writer *w, uint32_t account, int64_t collateral_e8, bool more);
void plain_position(struct stream_writer *w, uint32_t account, uint32_t position, uint16_t symbol,
		    int64_t qty, int64_t entry_e8, bool more);
void plain_fill(struct stream_writer *w, uint32_t account, uint32_t position, uint16_t symbol,
		int64_t qty, int64_t entry_e8, bool more);
void plain_mark(struct stream_writer *w, uint16_t symbol, uint64_t u, bool more);
/* Up to FB_MARKS_PER_WORD marks, symbols counted upwards from first, all at the same u. */
void plain_marks(struct stream_writer *w, uint16_t first, unsigned n, uint64_t u, bool more);
void plain_lone(struct stream_writer *w, uint8_t op);
/* Every row of the symbol's longs, by PnL x equity; class LOSS by nothing. */
void plain_rank(struct stream_writer *w, uint16_t symbol, enum fb_rank mode);

#endif
