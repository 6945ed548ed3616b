/* What each state must do with each event, as the words of <firebreak/waterfall.h> and the steps of
 * the waterfall say, and independently of the table in the library.
 *
 * A field is what is done and the code of the state that follows; with the letter alone the state
 * stays, or (s, b) depends on what is found.
 *
 *   -  cannot come: answers come to open orders, refusals where something is sent, and without hold
 *      an account cannot be flat; a house is judged calm or bankrupt only, and has no own orders
 *   =  nothing          j  to be judged        a  sent again          g  only the state changes
 *   n  notice           x  alarm               h  HOLD                k  CANCEL_ALL without hold
 *   c  CANCEL_ALL       w  CANCEL_ALL of what is open                 r  RELEASE
 *   u  a house reduces  s  the next step       b  back from stuck */
#ifndef WATERFALL_EXPECT_H
#define WATERFALL_EXPECT_H

#include <check.h>
#include <string.h>

#include <firebreak/waterfall.h>

static const char state_codes[] = "ca wa mc cl cd un ho he cn rd re wi to de se rl co st ";

/* clang-format off */
static const char *const expected_cells[FB_HAPPENINGS] = {
    /*                   ca  wa  mc  cl  cd  un  ho  he  cn  rd  re  wi  to  de  se  rl  co  st */
    [FB_SEEN_CALM]      ="=   nca nca =   nca =   =   rrl =   rrl wwi =   =   =   =   =   rrl =",
    [FB_SEEN_WARN]      ="nwa =   gwa =   gwa -   =   rrl =   rrl wwi =   =   =   =   =   rrl =",
    [FB_SEEN_CALL]      ="nmc nmc =   =   gmc -   =   rrl =   rrl wwi =   =   =   =   =   rrl =",
    [FB_SEEN_CLEAR]     ="kcl kcl kcl =   =   -   =   rrl =   rrl wwi =   =   =   =   =   rrl =",
    [FB_SEEN_CUT]       ="hho hho hho =   hho -   =   ccn =   s   =   =   =   =   =   =   grd =",
    [FB_SEEN_BREACH]    ="hho hho hho =   hho -   =   ccn =   s   =   =   =   =   =   =   grd =",
    [FB_SEEN_BANKRUPT]  ="hho hho hho =   hho =   =   ccn =   s   =   =   =   =   =   =   grd =",
    [FB_SEEN_FLAT]      ="-   -   -   -   -   -   -   ccn =   s   =   =   =   =   =   =   =   =",
    [FB_HOLD_DONE]      ="-   -   -   -   -   -   ghe -   -   -   -   -   -   -   -   -   -   -",
    [FB_HOLD_REJECTED]  ="-   -   -   -   -   -   gmc -   -   -   -   -   -   -   -   -   -   -",
    [FB_CANCEL_DONE]    ="-   -   -   gcd -   -   -   -   grd -   -   -   -   -   -   -   -   -",
    [FB_CANCEL_REJECTED]="-   -   -   nmc -   -   -   -   ghe -   -   -   -   -   -   -   -   -",
    [FB_RELEASE_DONE]   ="-   -   -   -   -   -   -   -   -   -   -   -   -   -   -   gca -   -",
    [FB_RELEASE_REJECTED]="-  -   -   -   -   -   -   -   -   -   -   -   -   -   -   ghe -   -",
    [FB_FILLED]         ="-   -   -   -   -   j   -   -   -   -   j   j   -   -   -   -   -   j",
    [FB_ORDER_DONE]     ="-   -   -   -   -   =   -   -   -   -   =   =   =   =   =   -   -   =",
    [FB_ORDERS_DONE]    ="-   -   -   -   -   gca -   -   -   -   grd grd grd grd grd -   -   =",
    [FB_USER_FILLED]    ="j   j   j   j   j   -   j   j   j   j   j   j   j   j   j   j   j   j",
    [FB_DEPOSITED]      ="j   j   j   j   j   -   j   j   j   j   j   j   j   j   j   j   j   j",
    [FB_UNWIND_DUE]     ="uun -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -   -",
    [FB_TIMED_OUT]      ="-   -   -   a   -   a   a   -   a   -   a   a   a   a   a   a   -   a",
    [FB_REFUSED]        ="xst xst xst -   xst -   -   xst -   xst xst -   -   -   -   -   xst -",
    [FB_DEFERRED]       ="=   =   =   =   =   =   =   =   =   =   =   =   =   =   =   =   =   =",
    [FB_RESUMED]        ="=   =   =   =   =   =   =   =   =   =   =   =   =   =   =   =   =   b",
};
/* clang-format on */

struct expected {
	char does;
	enum fb_state next; /* FB_STATES: as the letter says */
};

static inline enum fb_state coded_state(const char *code)
{
	for (unsigned s = 0; s < FB_STATES; s++)
		if (memcmp(state_codes + 3 * s, code, 2) == 0)
			return (enum fb_state)s;
	ck_abort_msg("no state has the code %.2s", code);
}

static inline struct expected expected_of(enum fb_state state, enum fb_happening happening)
{
	const char *field = expected_cells[happening];
	for (unsigned s = 0; s < (unsigned)state; s++) {
		field += strcspn(field, " ");
		field += strspn(field, " ");
	}
	ck_assert_msg(*field != 0, "%s: too few fields", fb_happening_name(happening));
	bool stays = field[1] == 0 || field[1] == ' ';
	return (struct expected){ *field, stays ? FB_STATES : coded_state(field + 1) };
}

#endif
