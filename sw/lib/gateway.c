/* Verbs by name and by function. */
#include <assert.h>
#include <errno.h>

#include <firebreak/gateway.h>

const char *fb_verb_name(enum fb_verb verb)
{
	switch (verb) {
	case FB_VERB_HOLD: return "hold";
	case FB_VERB_CANCEL_ALL: return "cancel_all";
	case FB_VERB_REDUCE: return "reduce";
	case FB_VERB_TAKEOVER: return "takeover";
	case FB_VERB_ADL_PAIR: return "adl_pair";
	case FB_VERB_FUND_MOVE: return "fund_move";
	case FB_VERB_RELEASE: return "release";
	}
	return "?";
}

int fb_gateway_send(struct fb_gateway *gateway, const struct fb_order *order, struct fb_ack *ack)
{
	int (*function)(struct fb_gateway *, const struct fb_order *, struct fb_ack *) = NULL;
	switch ((enum fb_verb)order->verb) {
	case FB_VERB_HOLD: function = gateway->ops->hold; break;
	case FB_VERB_CANCEL_ALL: function = gateway->ops->cancel_all; break;
	case FB_VERB_REDUCE: function = gateway->ops->reduce; break;
	case FB_VERB_TAKEOVER: function = gateway->ops->takeover; break;
	case FB_VERB_ADL_PAIR: function = gateway->ops->adl_pair; break;
	case FB_VERB_FUND_MOVE: function = gateway->ops->fund_move; break;
	case FB_VERB_RELEASE: function = gateway->ops->release; break;
	}
	assert(function);
	int err = function(gateway, order, ack);
	if (err)
		return err;
	/* All or nothing in this version; and never more than was asked, nor below the limit. */
	if (ack->qty != 0 && ack->qty != order->qty)
		return -EPROTO;
	if (order->verb == FB_VERB_REDUCE && ack->qty != 0 && ack->value_e8 < order->value_e8)
		return -EPROTO;
	return 0;
}
