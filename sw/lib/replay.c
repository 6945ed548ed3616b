/* A run from its log alone: see <firebreak/run.h>.
 *
 * Every entry of the log is either an input, which is fed to the host again, or something the host
 * must come to by itself. The host writes to the log as ever, but the log is open for reading and
 * compares (fb_log_put): the first entry that differs stops the replay. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"
#include "lights.h"
#include "rounds_file.h"
#include "run_conditions.h"

#define PROGRESS_EVERY 4096 /* entries */

static int unexpected(struct fb_host *h, const struct fb_log_entry *entry)
{
	return fb_error_set(h->error, -EBADMSG,
			    "first divergence at sequence %llu: logged: an entry of type %u at "
			    "offset %llu; now: nothing",
			    (unsigned long long)entry->seq, entry->type,
			    (unsigned long long)entry->offset);
}

static int feed_events(struct fb_host *h, const struct fb_log_entry *entry)
{
	static const size_t head = sizeof(int64_t);
	struct fb_event event[FB_EVENTS_MAX];
	int64_t at_us;
	size_t bytes = entry->length - head;
	if (entry->length <= head || bytes % sizeof(event[0]) || bytes > sizeof(event) ||
	    !h->book->sealed)
		return unexpected(h, entry);
	memcpy(&at_us, entry->payload, head);
	memcpy(event, entry->payload + head, bytes);
	return fb_host_events(h, at_us, event, bytes / sizeof(event[0]));
}

static int feed_prices(struct fb_host *h, const struct fb_log_entry *entry)
{
	struct fb_log_price price[FB_SYMBOLS];
	if (entry->length == 0 || entry->length % sizeof(price[0]) || entry->length > sizeof(price))
		return unexpected(h, entry);
	memcpy(price, entry->payload, entry->length);
	return fb_host_prices(h, price, entry->length / sizeof(price[0]));
}

static int feed_counted(struct fb_host *h, const struct fb_log_entry *entry)
{
	struct fb_log_counted price[FB_SYMBOLS];
	if (entry->length == 0 || entry->length % sizeof(price[0]) || entry->length > sizeof(price))
		return unexpected(h, entry);
	memcpy(price, entry->payload, entry->length);
	return fb_host_counted(h, price, entry->length / sizeof(price[0]));
}

/* Feeds one entry that must be an input, or the point where the host decides. */
static int feed(struct fb_host *h, const struct fb_log_entry *entry)
{
	union fb_command command;
	union fb_record fault;
	int64_t time_us;
	struct fb_log_operator operator;
	uint32_t account[2]; /* and its owner */
	uint16_t symbols[FB_ROWS_PER_ACCOUNT];
	switch (entry->type) {
	case FB_LOG_TIME:
		if (entry->length != sizeof(time_us))
			return unexpected(h, entry);
		memcpy(&time_us, entry->payload, sizeof(time_us));
		return fb_host_time(h, time_us);
	case FB_LOG_EXPECT:
		if (entry->length < sizeof(account) ||
		    entry->length > sizeof(account) + sizeof(symbols))
			return unexpected(h, entry);
		memcpy(account, entry->payload, sizeof(account));
		memcpy(symbols, entry->payload + sizeof(account), entry->length - sizeof(account));
		return fb_host_expect(h, account[0], account[1], symbols,
				      (entry->length - sizeof(account)) / sizeof(symbols[0]));
	case FB_LOG_COMMAND:
		memcpy(&command, entry->payload, sizeof(command));
		return fb_host_command(h, &command, (command.header.flags & FB_FLAG_MORE) != 0);
	case FB_LOG_OBSERVE: return h->pendings > 0 ? fb_host_observe(h) : unexpected(h, entry);
	case FB_LOG_LOADED: return h->book->sealed ? unexpected(h, entry) : fb_host_loaded(h);
	case FB_LOG_FAULT:
		if (entry->length != sizeof(fault))
			return unexpected(h, entry);
		memcpy(&fault, entry->payload, sizeof(fault));
		return fb_host_fault(h, &fault);
	case FB_LOG_EVENTS: return feed_events(h, entry);
	case FB_LOG_PRICES: return feed_prices(h, entry);
	case FB_LOG_COUNTED: return feed_counted(h, entry);
	case FB_LOG_OPERATOR:
		if (entry->length != sizeof(operator))
			return unexpected(h, entry);
		memcpy(&operator, entry->payload, sizeof(operator));
		return fb_host_operator(h, operator.what, operator.account);
	case FB_LOG_ADVICE:
		if (entry->length != sizeof(account[0]))
			return unexpected(h, entry);
		memcpy(account, entry->payload, sizeof(account[0]));
		return fb_host_put_anew(h, account[0]);
	case FB_LOG_END:
		return h->book->sealed && h->pendings == 0 ? fb_host_end(h) : unexpected(h, entry);
	default: return unexpected(h, entry);
	}
}

static int replay(struct fb_host *h, const struct fb_replay_options *o,
		  const struct fb_replay_watch *watch)
{
	struct fb_log_entry entry;
	uint64_t entries = 0;
	int got;
	while ((got = fb_log_peek(h->log, &entry, h->error)) > 0) {
		int err = feed(h, &entry);
		if (!err && watch)
			err = watch->fed(watch->context, &entry);
		if (err)
			return err;
		if (o->progress && entries++ % PROGRESS_EVERY == 0)
			o->progress(o->progress_context, entry.offset, fb_log_bytes(h->log),
				    &h->summary);
	}
	return got;
}

int fb_replay(const struct fb_replay_options *o, struct fb_summary *summary,
	      struct fb_divergence *divergence, char note[128], struct fb_error *error)
{
	return fb_replay_watched(o, NULL, summary, divergence, note, error);
}

int fb_replay_watched(const struct fb_replay_options *o, const struct fb_replay_watch *watch,
		      struct fb_summary *summary, struct fb_divergence *divergence, char note[128],
		      struct fb_error *error)
{
	struct fb_log_config config;
	struct fb_host_options options = { .engine = o->engine,
					   .check = o->check,
					   .delay_seed = o->delay_seed };
	struct fb_rounds *rounds = NULL;
	struct fb_lights_file *lights = NULL;
	struct fb_rules *rules = malloc(sizeof(*rules));
	struct fb_host *h = calloc(1, sizeof(*h));
	note[0] = '\0';
	error->text[0] = '\0';
	int err = rules && h ? fb_log_open(o->log, rules, &config, &h->log, error)
			     : fb_error_set(error, -ENOMEM, "out of memory");
	if (!err) {
		h->replaying = true;
		err = fb_host_open(h, rules, &config, &options, error);
	}
	if (!err && o->out)
		err = fb_report_open(o->out, rules, &h->report, error);
	if (!err && o->out)
		err = fb_rounds_open(h->waterfall, o->out, &rounds, error);
	if (!err && o->out)
		err = fb_lights_file_open(h, o->out, &lights, error);
	if (!err && watch)
		err = watch->opened(watch->context, h);
	if (!err)
		err = replay(h, o, watch);
	if (!err && rounds)
		err = fb_rounds_finish(rounds, error);
	if (!err)
		err = fb_lights_file_finish(lights, error);
	if (!err && h->report)
		err = fb_report_finish(h->report, &h->summary, note, error);
	if (h) {
		*summary = h->summary;
		*divergence = h->divergence;
		fb_rounds_close(rounds);
		fb_lights_file_close(lights);
		fb_host_close(h);
	}
	free(h);
	free(rules);
	return err;
}
