/* See run_standby.h. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run_host.h"

#define SENT_FIRST 4096

int fb_standby_open(struct fb_host *h, const char *uri)
{
	struct fb_standby *s = &h->standby;
	memset(s, 0, sizeof(*s));
	if (!uri || strcmp(uri, FB_STANDBY_NONE) == 0)
		return 0;
	char room[FB_LINK_URI_ROOM];
	snprintf(s->uri, sizeof(s->uri), "%s", fb_link_uri(uri, &h->config, room));
	s->room = SENT_FIRST;
	s->sent = malloc(s->room * sizeof(*s->sent));
	return s->sent ? fb_book_open(h->config.accounts, h->config.rows, 0, &s->taken) : -ENOMEM;
}

void fb_standby_close(struct fb_standby *s)
{
	fb_book_close(s->taken);
	free(s->sent);
	s->taken = NULL;
	s->sent = NULL;
}

static int grow(struct fb_host *h)
{
	struct fb_standby *s = &h->standby;
	union fb_command *more = malloc(2 * s->room * sizeof(*more));
	if (!more)
		return fb_error_set(h->error, -ENOMEM, "no memory for %llu commands in flight",
				    (unsigned long long)(2 * s->room));
	for (uint64_t i = 0; i < s->sents; i++)
		more[i] = s->sent[(s->first + i) % s->room];
	free(s->sent);
	s->sent = more;
	s->first = 0;
	s->room *= 2;
	return 0;
}

int fb_standby_sent(struct fb_host *h, const union fb_command *c)
{
	struct fb_standby *s = &h->standby;
	if (!s->sent)
		return 0;
	int err = s->sents == s->room ? grow(h) : 0;
	if (!err)
		s->sent[(s->first + s->sents++) % s->room] = *c;
	return err;
}

int fb_standby_taken(struct fb_host *h, const struct fb_batch *batch)
{
	struct fb_standby *s = &h->standby;
	int err = 0;
	while (s->sents > 0 && !err) {
		const union fb_command *c = &s->sent[s->first];
		if (c->header.seq > batch->last)
			break;
		err = fb_book_apply(s->taken, c, h->error);
		if (c->header.op == FB_OP_AUDIT)
			s->audits = c->audit.mode == 1;
		s->first = (s->first + 1) % s->room;
		s->sents--;
	}
	return err;
}

static uint64_t now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What people must know of it. */
static void note(struct fb_host *h)
{
	struct fb_summary *s = &h->summary;
	struct fb_engine_info info;
	fb_engine_info(h->engine.engine, &info);
	s->failovers++;
	s->failover_seq = h->standby.taken->seq;
	snprintf(s->failover_from, sizeof(s->failover_from), "%s", info.uri);
	snprintf(s->failover_why, sizeof(s->failover_why), "%.319s",
		 *info.why ? info.why : h->error->text);
}

/* One attempt: open, load, compare, send. */
static int replace(struct fb_host *h)
{
	struct fb_standby *s = &h->standby;
	struct fb_error why = { "" };
	fb_engine_close(h->engine.engine);
	h->engine.engine = NULL;
	fb_link_forget(&h->engine);
	h->sign_of_life = false; /* of this one there was none yet */
	int err = fb_engine_open(s->uri, &h->engine.engine, &why);
	if (err)
		return fb_error_set(h->error, err, "engine dead: %.200s; standby: %.200s",
				    h->summary.failover_why, why.text);
	err = fb_standby_load(h);
	for (uint64_t i = 0; i < s->sents && !err; i++)
		err = fb_link_submit(&h->engine, &s->sent[(s->first + i) % s->room], h->error);
	return err;
}

int fb_standby_take_over(struct fb_host *h)
{
	struct fb_standby *s = &h->standby;
	uint64_t started_us = now_us();
	int err = -EIO;
	while (h->engine.dead) {
		if (!*s->uri || h->summary.failovers == FB_STANDBY_MOST)
			return -EIO;
		note(h);
		err = replace(h);
	}
	h->summary.failover_us += now_us() - started_us;
	if (!err)
		h->error->text[0] = '\0';
	return err;
}
