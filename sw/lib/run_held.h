/* The engine is told who is held: a held account takes no part in RANK.
 *
 * The waterfall holds and releases; what it decides is seen at the next events of the venue, and
 * the ACCOUNT commands go out with what these lead to, in the order of the accounts' numbers. So
 * they come from sequenced inputs like every other command, and a replay sends the same.
 *
 * ACCOUNT carries the level that the engine reported last (SET_LEVEL), or the account would be
 * reported afresh; of an account that the host judges it carries the host's, for commands must not
 * depend on what an engine that erred says. With batches in flight the engine may know a newer
 * level; then it takes the older from the command, and reports again what differs. The host does
 * the same where it takes that batch up. */
#ifndef RUN_HELD_H
#define RUN_HELD_H

#include <stdbool.h>
#include <stdint.h>

struct fb_book;
struct fb_host;
struct fb_sort_key;
struct fb_batch;
union fb_command;

struct fb_held {
	uint32_t *list, lists, lists_max;
	struct fb_sort_key *key, *scratch;
	/* levels sent and not taken up; ring */
	struct fb_held_level {
		uint64_t seq;
		uint32_t account;
		uint8_t level;
	} *sent;
	uint64_t sents, taken, sents_max;
};

int fb_held_open(struct fb_held *held, uint32_t accounts);
void fb_held_close(struct fb_held *held);
/* The account may have been held or released. */
void fb_held_look(struct fb_held *held, struct fb_book *book, uint32_t account);
/* Sends what has changed; `command` is one of the commands that events lead to. */
int fb_held_send(struct fb_host *host, int (*command)(void *context, union fb_command *command));
/* This batch is being taken up: the engine has the levels that were sent with it. */
void fb_held_observe(struct fb_host *host, const struct fb_batch *batch);

#endif
