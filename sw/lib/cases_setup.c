/* What a source's test sets up for all its rows, where its rows do not repeat it: as ladders are
 * for symbols. Facts of that source, under the names that rules use. */
#include <errno.h>
#include <string.h>

#include "cases_check.h"
#include "text.h"

static const struct {
	const char *source, *inputs;
} setups[] = {
	/* github drift-labs/protocol-v2 programs/drift/src/math/margin/tests.rs: 20,000 USDC,
	 * 100 SOL borrowed at 100 with a liability weight of 1.2, and an isolated perp position
	 * of 100 base bought for 11,000, with 100 USDC behind it and 10 % initial margin. */
	{ "isolated_position_margin_requirement",
	  "{\"usdc_deposit\": 20000, \"sol_borrow\": 100, \"sol_price\": 100, "
	  "\"liability_weight\": 1.2, \"isolated\": {\"base\": 100, \"quote\": -11000, "
	  "\"deposit\": 100, \"margin_ratio\": 0.1}}" },
};

bool case_setup(struct case_run *run)
{
	for (size_t i = 0; i < sizeof(setups) / sizeof(setups[0]); i++) {
		char bytes[CASE_TEXT * 2];
		struct fb_text text = { .name = "setup", .bytes = bytes,
					.length = strlen(setups[i].inputs) };
		struct fb_json json;
		if (!case_contains(run->source, setups[i].source) ||
		    text.length >= sizeof(bytes))
			continue;
		memcpy(bytes, setups[i].inputs, text.length + 1);
		if (fb_json_parse(&text, &json, NULL))
			return false;
		case_load(run, &json, 0, "");
		fb_json_free(&json);
		return true;
	}
	return false;
}
