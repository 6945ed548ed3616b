/* See run_link.h. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mix.h"
#include "run_link.h"
#include "sort.h"

static uint32_t draw(struct fb_link *link, uint32_t n)
{
	return fb_mix_below(fb_mix(link->delay_seed + link->drawn++), n);
}

#define CPU_MOST (1u << 26) /* accounts, and rows, that `cpu` may have */

static uint32_t within(uint32_t n)
{
	return n < 1 ? 1 : n < CPU_MOST ? n : CPU_MOST;
}

const char *fb_link_uri(const char *uri, const struct fb_log_config *config,
			char room[FB_LINK_URI_ROOM])
{
	if (uri && *uri)
		return uri;
	snprintf(room, FB_LINK_URI_ROOM, "cpu:accounts=%u,rows=%u", within(config->accounts),
		 within(config->rows));
	return room;
}

int fb_link_open(struct fb_link *link, const char *uri, size_t room, uint64_t delay_seed,
		 struct fb_error *error)
{
	memset(link, 0, sizeof(*link));
	link->delay_seed = delay_seed;
	link->room = room;
	link->record = aligned_alloc(sizeof(*link->record), room * sizeof(*link->record));
	link->key = malloc(room * sizeof(*link->key));
	link->scratch = malloc(room * sizeof(*link->scratch));
	bool room_for_all = link->record && link->key && link->scratch;
	int err = room_for_all ? fb_engine_open(uri, &link->engine, error)
			       : fb_error_set(error, -ENOMEM, "engine '%s': out of memory", uri);
	if (err)
		fb_link_close(link);
	return err;
}

void fb_link_close(struct fb_link *link)
{
	fb_engine_close(link->engine);
	free(link->record);
	free(link->key);
	free(link->scratch);
	link->key = link->scratch = NULL;
	link->engine = NULL;
	link->record = NULL;
}

/* Kinds of records that are service, one bit each. */
#define SERVICE (1u << FB_REC_FAULT | 1u << FB_REC_AUDIT | 1u << FB_REC_STATUS)
_Static_assert(FB_REC_FAULT < 32 && FB_REC_AUDIT < 32 && FB_REC_STATUS < 32, "bits of a word");

static inline bool is_service(const union fb_record *record)
{
	return record->header.kind < 32 && (SERVICE >> record->header.kind & 1) != 0;
}

static bool is_rotation(const union fb_record *record)
{
	return record->header.kind == FB_REC_AUDIT && record->audit.finding == FB_AUDIT_ROTATION;
}

/* One sign of life is as good as many: they must not crowd out what counts. */
static void put_aside(struct fb_link *link, const union fb_record *record)
{
	if (record->header.kind == FB_REC_STATUS)
		return;
	for (unsigned i = 0; i < link->faults && is_rotation(record); i++)
		if (is_rotation(&link->fault[i]))
			return;
	if (link->faults == FB_LINK_FAULTS)
		link->overflow = true;
	else
		link->fault[link->faults++] = *record;
}

/* Keeps decision records, with the transport's fields cleared; puts faults and findings aside. */
static void sort_in(struct fb_link *link, size_t got)
{
	size_t to = link->have, end = link->have + got;
	for (size_t i = to; i < end; i++) {
		union fb_record *record = &link->record[i];
		record->header.generation = record->header.check = 0;
		if (record->header.kind != FB_REC_LEVEL && is_service(record))
			put_aside(link, record);
		else if (to++ != i)
			link->record[to - 1] = *record;
	}
	link->have = to;
}

static int died(struct fb_link *link, int err, struct fb_error *error)
{
	struct fb_engine_info info;
	fb_engine_info(link->engine, &info);
	link->dead = true;
	return fb_error_set(error, err, "engine: dead: %s", *info.why ? info.why : strerror(-err));
}

static int poll(struct fb_link *link, size_t most, int *idle, struct fb_error *error)
{
	size_t room = link->room - link->have;
	*idle = 0;
	if (room == 0)
		return fb_error_set(error, -ENOBUFS,
				    "engine: more than %zu records wait; this is a bug of the host",
				    link->room);
	int got = fb_engine_poll(link->engine, link->record + link->have, room < most ? room : most,
				 idle);
	if (got < 0)
		return died(link, got, error);
	sort_in(link, (size_t)got);
	return got;
}

int fb_link_submit(struct fb_link *link, const union fb_command *command, struct fb_error *error)
{
	int idle, err;
	for (uint32_t n = link->delay_seed ? draw(link, 3) : 0; n > 0; n--)
		if ((err = poll(link, 1 + draw(link, 16), &idle, error)) < 0)
			return err;
	while ((err = fb_engine_submit(link->engine, command)) == -EAGAIN)
		if ((err = poll(link, SIZE_MAX, &idle, error)) < 0)
			return err;
	if (err == -EIO)
		return died(link, err, error);
	return err ? fb_error_set(error, err, "engine: command %llu: %s",
				  (unsigned long long)command->header.seq, strerror(-err))
		   : 0;
}

/* Up to the first BATCH_END: is there one? */
static bool scan(struct fb_link *link)
{
	size_t at = link->scanned;
	uint8_t kind = FB_REC_LEVEL;
	for (; at < link->have; at++) {
		kind = link->record[at].header.kind;
		if (kind == FB_REC_BATCH_END)
			break;
		link->others |= kind != FB_REC_LEVEL;
	}
	link->scanned = at;
	return at < link->have;
}

int fb_link_wait(struct fb_link *link, uint64_t seq, size_t *n, struct fb_error *error)
{
	int idle = 0;
	while (!scan(link)) {
		if (idle)
			return fb_error_set(error, -EPROTO,
					    "engine: idle, but the batch that ends with command "
					    "%llu has no BATCH_END",
					    (unsigned long long)seq);
		int got =
			poll(link, link->delay_seed ? 1 + draw(link, 64) : SIZE_MAX, &idle, error);
		if (got < 0)
			return got;
		idle = idle && got == 0;
	}
	*n = link->scanned + 1;
	if (link->record[link->scanned].header.seq != seq)
		return fb_error_set(
			error, -EPROTO,
			"engine: expected the end of the batch of command %llu, found %llu",
			(unsigned long long)seq,
			(unsigned long long)link->record[link->scanned].header.seq);
	return 0;
}

void fb_link_forget(struct fb_link *link)
{
	link->have = link->scanned = 0;
	link->faults = 0;
	link->others = link->overflow = link->dead = false;
}

static int by_bytes(const void *record, uint32_t a, uint32_t b)
{
	const union fb_record *r = record;
	return memcmp(&r[a], &r[b], sizeof(*r));
}

/* Moves each record to where its key stands, once, along the cycles. */
static void permute(union fb_record *record, struct fb_sort_key *key, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		union fb_record first = record[i];
		size_t to = i, from;
		while ((from = key[to].index) != i) {
			record[to] = record[from];
			key[to].index = (uint32_t)to;
			to = from;
		}
		record[to] = first;
		key[to].index = (uint32_t)to;
	}
}

void fb_link_sort(struct fb_link *link, size_t n)
{
	bool rises = true;
	if (n < 2)
		return;
	for (size_t i = 0; i < n; i++) {
		link->key[i] = (struct fb_sort_key){
			.key = (uint64_t)link->record[i].header.kind << 32 |
			       link->record[i].header.account,
			.index = (uint32_t)i,
		};
		rises = rises && (i == 0 || link->key[i - 1].key < link->key[i].key);
	}
	if (rises)
		return;
	fb_sort_keys(link->key, link->scratch, n);
	fb_sort_ties(link->key, n, by_bytes, link->record);
	permute(link->record, link->key, n);
}

void fb_link_take(struct fb_link *link, size_t n)
{
	assert(n <= link->have);
	if (link->have > n)
		memmove(link->record, link->record + n, (link->have - n) * sizeof(*link->record));
	link->have -= n;
	link->scanned = 0;
	link->others = false;
}
