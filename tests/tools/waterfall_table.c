/* waterfall_table: the table of the waterfall as Markdown, for sw/waterfall.md. Names come from the
 * library; only the codes of the matrix are made here.
 *
 * First a matrix of codes, events as rows, states as columns; then for each state the events that
 * can come, those with the same consequence together. Exit code 1: a code is missing, or the
 * output was refused. */
#include <stdio.h>
#include <string.h>

#include <firebreak/waterfall.h>

#define EVENTS_COLUMNS 90 /* of the events in one row */

static const char state_code[FB_STATES][3] = {
	[FB_CALM] = "ca",	 [FB_WARNED] = "wa",	   [FB_CALLED] = "mc",
	[FB_CLEARING] = "cl",	 [FB_CLEARED] = "cd",	   [FB_UNWINDING] = "un",
	[FB_HOLDING] = "ho",	 [FB_HELD] = "he",	   [FB_CANCELLING] = "cn",
	[FB_READY] = "rd",	 [FB_REDUCING] = "re",	   [FB_WITHDRAWING] = "wi",
	[FB_TAKING_OVER] = "to", [FB_DELEVERAGING] = "de", [FB_SETTLING] = "se",
	[FB_RELEASING] = "rl",	 [FB_CLOSED] = "co",	   [FB_STUCK] = "st",
};

/* What follows an action: the state stays, is the cell's, or depends on what is found. */
enum follows { STAYS, IS_NEXT, DEPENDS };

static const struct {
	char code;
	enum follows follows;
	const char *meaning;
} actions[FB_ACTIONS] = {
	[FB_DO_NEVER] = { 0, STAYS, "" },
	[FB_DO_NOTHING] = { '.', STAYS, "taken note of, if at all, in counts" },
	[FB_DO_GO] = { 'g', IS_NEXT, "only the state changes" },
	[FB_DO_NOTE] = { 'n', IS_NEXT, "to the account's holder" },
	[FB_DO_JUDGE] = { 'j', STAYS, "the account is judged at this decision" },
	[FB_DO_HOLD] = { 'H', IS_NEXT, "HOLD: no new orders" },
	[FB_DO_CLEAR] = { 'K', IS_NEXT, "CANCEL_ALL of an account that may still trade" },
	[FB_DO_CANCEL] = { 'C', IS_NEXT, "CANCEL_ALL of a held account" },
	[FB_DO_STEP] = { 's', DEPENDS, "cut, reduce, take over, deleverage or settle" },
	[FB_DO_WITHDRAW] = { 'W', IS_NEXT, "CANCEL_ALL of reductions still open" },
	[FB_DO_RELEASE] = { 'R', IS_NEXT, "RELEASE: the account may trade again" },
	[FB_DO_UNWIND] = { 'U', IS_NEXT, "a house sells what it holds, a part at a time" },
	[FB_DO_AGAIN] = { 'a', STAYS, "the very same order, under the same id" },
	[FB_DO_STOP] = { 'X', IS_NEXT, "to the operator; the account waits for a resume" },
	[FB_DO_RESUME] = { 'b', DEPENDS, "held: to held, or withdrawing while orders are open; "
					 "else to calm" },
};

static const struct fb_cell *cell(unsigned state, unsigned happening)
{
	return &fb_waterfall_table[state][happening];
}

static const char *state_name(unsigned state)
{
	return fb_state_name((enum fb_state)state);
}

static void print_field(const struct fb_cell *c)
{
	char text[] = "    ";
	if (actions[c->action].code)
		text[0] = actions[c->action].code;
	if (actions[c->action].follows == IS_NEXT)
		memcpy(text + 2, state_code[c->next], 2);
	printf("%s|", text);
}

static void print_matrix(void)
{
	printf("| %-24s |", "event");
	for (unsigned s = 0; s < FB_STATES; s++)
		printf(" %s |", state_code[s]);
	printf("\n|%.26s|", "-----------------------------");
	for (unsigned s = 0; s < FB_STATES; s++)
		printf("----|");
	for (unsigned h = 0; h < FB_HAPPENINGS; h++) {
		printf("\n| %-24s |", fb_happening_name((enum fb_happening)h));
		for (unsigned s = 0; s < FB_STATES; s++)
			print_field(cell(s, h));
	}
	printf("\n\nAn empty field cannot come: answers come to open orders only, and the state "
	       "says which orders can be open;\nrefusals come where something is sent. If one "
	       "came, it would be counted as a violation and change nothing.\n\n");
}

static void print_codes(void)
{
	printf("| code | state | | code | action | that is |\n|---|---|---|---|---|---|\n");
	/* The first action cannot come and has no code. */
	for (unsigned i = 0; i < FB_STATES || i + 1 < FB_ACTIONS; i++) {
		if (i < FB_STATES)
			printf("| %s | %s | ", state_code[i], state_name(i));
		else
			printf("| | | ");
		unsigned a = i + 1;
		if (a < FB_ACTIONS)
			printf("| `%c` | %s | %s |\n", actions[a].code,
			       fb_action_name((enum fb_action)a), actions[a].meaning);
		else
			printf("| | | |\n");
	}
	printf("\nThe second half of a field is the state that follows; without it the state "
	       "stays, or (`%c`, `%c`) depends on what is found.\n",
	       actions[FB_DO_STEP].code, actions[FB_DO_RESUME].code);
}

static bool same(const struct fb_cell *a, const struct fb_cell *b)
{
	return a->action == b->action && a->next == b->next;
}

/* What happens, and what follows, as the end of a row. */
static void print_consequence(const struct fb_cell *c)
{
	enum follows follows = actions[c->action].follows;
	printf(" | %s | %s |\n", fb_action_name((enum fb_action)c->action),
	       follows == STAYS	    ? "stays"
	       : follows == IS_NEXT ? state_name(c->next)
				    : "as found");
}

/* The row of this event and of all later ones with the same consequence. */
static void print_rows(unsigned state, unsigned first)
{
	const struct fb_cell *c = cell(state, first);
	size_t used = 0;
	for (unsigned h = first; h < FB_HAPPENINGS; h++) {
		const char *name = fb_happening_name((enum fb_happening)h);
		if (!same(c, cell(state, h)))
			continue;
		if (used > 0 && used + strlen(name) > EVENTS_COLUMNS) {
			print_consequence(c);
			used = 0;
		}
		used += (size_t)printf(used > 0 ? ", %s" : "| %s", name);
	}
	print_consequence(c);
}

static void print_state(unsigned state)
{
	printf("\n### %s (%s)\n\n| event | what happens | next state |\n|---|---|---|\n",
	       state_name(state), state_code[state]);
	for (unsigned h = 0; h < FB_HAPPENINGS; h++) {
		unsigned before = 0;
		while (before < h && !same(cell(state, before), cell(state, h)))
			before++;
		if (before == h && cell(state, h)->action != FB_DO_NEVER)
			print_rows(state, h);
	}
}

/* A state or an action that is new in the library needs a code here. */
static bool all_have_codes(void)
{
	bool all = true;
	for (unsigned s = 0; s < FB_STATES; s++)
		all = all && state_code[s][0] != 0;
	for (unsigned a = FB_DO_NEVER + 1; a < FB_ACTIONS; a++)
		all = all && actions[a].code != 0;
	return all;
}

int main(void)
{
	if (!all_have_codes()) {
		fprintf(stderr, "waterfall_table: a state or an action has no code\n");
		return 1;
	}
	print_matrix();
	print_codes();
	for (unsigned s = 0; s < FB_STATES; s++)
		print_state(s);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
