/* School arithmetic on limbs of 64 bits; division is Knuth's algorithm D (The Art of Computer
 * Programming, volume 2, section 4.3.1). */
#include <assert.h>
#include <string.h>

#include "natural.h"

static void trim(struct natural *n)
{
	while (n->limbs > 0 && n->limb[n->limbs - 1] == 0)
		n->limbs--;
}

void natural_set(struct natural *out, unsigned __int128 x)
{
	out->limb[0] = (uint64_t)x;
	out->limb[1] = (uint64_t)(x >> 64);
	out->limbs = 2;
	trim(out);
}

void natural_load(struct natural *out, const uint64_t *limb, unsigned limbs)
{
	assert(limbs <= NATURAL_LIMBS);
	memcpy(out->limb, limb, limbs * sizeof(*limb));
	out->limbs = limbs;
	trim(out);
}

int natural_compare(const struct natural *a, const struct natural *b)
{
	if (a->limbs != b->limbs)
		return a->limbs < b->limbs ? -1 : 1;
	for (unsigned i = a->limbs; i-- > 0;)
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	return 0;
}

bool natural_is(const struct natural *a, uint64_t x)
{
	return x == 0 ? a->limbs == 0 : a->limbs == 1 && a->limb[0] == x;
}

void natural_add(struct natural *out, const struct natural *a, const struct natural *b)
{
	unsigned limbs = a->limbs > b->limbs ? a->limbs : b->limbs;
	unsigned __int128 carry = 0;
	for (unsigned i = 0; i < limbs; i++) {
		carry += i < a->limbs ? a->limb[i] : 0;
		carry += i < b->limbs ? b->limb[i] : 0;
		out->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry != 0) {
		assert(limbs < NATURAL_LIMBS);
		out->limb[limbs++] = (uint64_t)carry;
	}
	out->limbs = limbs;
}

void natural_subtract(struct natural *out, const struct natural *a, const struct natural *b)
{
	unsigned limbs = a->limbs;
	uint64_t borrow = 0;
	for (unsigned i = 0; i < limbs; i++) {
		uint64_t x = a->limb[i], y = i < b->limbs ? b->limb[i] : 0;
		uint64_t difference = x - y - borrow;
		borrow = x < y || (x == y && borrow);
		out->limb[i] = difference;
	}
	assert(borrow == 0 && b->limbs <= limbs);
	out->limbs = limbs;
	trim(out);
}

void natural_scale(struct natural *out, const struct natural *a, uint64_t factor, uint64_t more)
{
	unsigned limbs = a->limbs;
	unsigned __int128 carry = more;
	for (unsigned i = 0; i < limbs; i++) {
		carry += (unsigned __int128)a->limb[i] * factor;
		out->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry != 0) {
		assert(limbs < NATURAL_LIMBS);
		out->limb[limbs++] = (uint64_t)carry;
	}
	out->limbs = limbs;
	trim(out);
}

void natural_multiply(struct natural *out, const struct natural *a, const struct natural *b)
{
	unsigned limbs = a->limbs + b->limbs;
	assert(limbs <= NATURAL_LIMBS && out != a && out != b);
	memset(out->limb, 0, limbs * sizeof(*out->limb));
	for (unsigned i = 0; i < a->limbs; i++) {
		unsigned __int128 carry = 0;
		for (unsigned k = 0; k < b->limbs; k++) {
			carry += (unsigned __int128)a->limb[i] * b->limb[k] + out->limb[i + k];
			out->limb[i + k] = (uint64_t)carry;
			carry >>= 64;
		}
		out->limb[i + b->limbs] = (uint64_t)carry;
	}
	out->limbs = limbs;
	trim(out);
}

void natural_power_of_ten(struct natural *out, unsigned n)
{
	natural_set(out, 1);
	for (; n > 0; n--)
		natural_scale(out, out, 10, 0);
}

static void shift_left(struct natural *out, const struct natural *a, unsigned bits)
{
	/* bits < 64 */
	uint64_t carry = 0;
	for (unsigned i = 0; i < a->limbs; i++) {
		uint64_t x = a->limb[i];
		out->limb[i] = x << bits | carry;
		carry = bits == 0 ? 0 : x >> (64 - bits);
	}
	out->limbs = a->limbs;
	if (carry != 0) {
		assert(out->limbs < NATURAL_LIMBS);
		out->limb[out->limbs++] = carry;
	}
}

static void shift_right(struct natural *n, unsigned bits)
{
	unsigned whole = bits / 64, part = bits % 64;
	assert(whole <= n->limbs);
	for (unsigned i = whole; i < n->limbs; i++) {
		uint64_t above = i + 1 < n->limbs ? n->limb[i + 1] : 0;
		n->limb[i - whole] = n->limb[i] >> part | (part == 0 ? 0 : above << (64 - part));
	}
	n->limbs -= whole;
	trim(n);
}

static void divide_by_limb(const struct natural *a, uint64_t b, struct natural *quotient,
			   struct natural *remainder)
{
	unsigned __int128 rest = 0;
	for (unsigned i = a->limbs; i-- > 0;) {
		rest = rest << 64 | a->limb[i];
		quotient->limb[i] = (uint64_t)(rest / b);
		rest %= b;
	}
	quotient->limbs = a->limbs;
	trim(quotient);
	natural_set(remainder, rest);
}

/* One digit of the quotient: how often v goes into the n + 1 limbs at u, which lose it. v's top bit
 * is set, so that the guess from two limbs is at most one too large after its correction. */
static uint64_t divide_digit(uint64_t *u, const struct natural *v)
{
	unsigned n = v->limbs;
	uint64_t top = v->limb[n - 1], second = v->limb[n - 2];
	unsigned __int128 head = (unsigned __int128)u[n] << 64 | u[n - 1];
	unsigned __int128 guess = head / top, rest = head % top;
	while (guess >> 64 != 0 || guess * second > (rest << 64 | u[n - 2])) {
		guess--;
		rest += top;
		if (rest >> 64 != 0)
			break;
	}
	unsigned __int128 carry = 0;
	uint64_t borrow = 0;
	for (unsigned i = 0; i <= n; i++) {
		carry += i < n ? guess * v->limb[i] : 0;
		uint64_t part = (uint64_t)carry, x = u[i];
		carry >>= 64;
		u[i] = x - part - borrow;
		borrow = x < part || (x == part && borrow);
	}
	if (borrow) {
		guess--;
		carry = 0;
		for (unsigned i = 0; i <= n; i++) {
			carry += (unsigned __int128)u[i] + (i < n ? v->limb[i] : 0);
			u[i] = (uint64_t)carry;
			carry >>= 64;
		}
	}
	return (uint64_t)guess;
}

void natural_divide(const struct natural *a, const struct natural *b, struct natural *quotient,
		    struct natural *remainder)
{
	assert(b->limbs > 0);
	if (natural_compare(a, b) < 0) {
		quotient->limbs = 0;
		natural_load(remainder, a->limb, a->limbs);
		return;
	}
	if (b->limbs == 1) {
		divide_by_limb(a, b->limb[0], quotient, remainder);
		return;
	}
	struct natural v;
	unsigned shift = (unsigned)__builtin_clzll(b->limb[b->limbs - 1]);
	assert(a->limbs < NATURAL_LIMBS);
	shift_left(&v, b, shift);
	shift_left(remainder, a, shift);
	if (remainder->limbs == a->limbs)
		remainder->limb[remainder->limbs++] = 0;
	quotient->limbs = a->limbs - b->limbs + 1;
	for (unsigned i = quotient->limbs; i-- > 0;)
		quotient->limb[i] = divide_digit(remainder->limb + i, &v);
	trim(quotient);
	trim(remainder);
	shift_right(remainder, shift);
}

static unsigned trailing_zeros(const struct natural *n)
{
	unsigned i = 0;
	while (n->limb[i] == 0)
		i++;
	return 64 * i + (unsigned)__builtin_ctzll(n->limb[i]);
}

static void make_odd(struct natural *n)
{
	shift_right(n, trailing_zeros(n));
}

/* Binary: subtract and halve. Factors of two are taken out first and put back at the end. */
void natural_gcd(struct natural *a, struct natural *b, struct natural *out)
{
	if (a->limbs == 0 || b->limbs == 0) {
		const struct natural *other = a->limbs == 0 ? b : a;
		natural_load(out, other->limb, other->limbs);
		return;
	}
	unsigned twos_a = trailing_zeros(a), twos_b = trailing_zeros(b);
	unsigned twos = twos_a < twos_b ? twos_a : twos_b;
	make_odd(a);
	make_odd(b);
	for (int order; (order = natural_compare(a, b)) != 0;) {
		struct natural *large = order > 0 ? a : b;
		natural_subtract(large, large, order > 0 ? b : a);
		make_odd(large);
	}
	natural_load(out, a->limb, a->limbs);
	for (; twos >= 32; twos -= 32)
		natural_scale(out, out, UINT64_C(1) << 32, 0);
	natural_scale(out, out, UINT64_C(1) << twos, 0);
}

/* Newton from above: the first step that does not fall is the root. */
void natural_root(const struct natural *a, struct natural *out)
{
	struct natural next, rest;
	if (a->limbs == 0) {
		out->limbs = 0;
		return;
	}
	natural_set(out, 1);
	for (unsigned i = 0; i < (a->limbs + 1) / 2; i++) {
		natural_scale(out, out, UINT64_C(1) << 32, 0);
		natural_scale(out, out, UINT64_C(1) << 32, 0);
	}
	for (;;) {
		natural_divide(a, out, &next, &rest);
		natural_add(&next, &next, out);
		shift_right(&next, 1);
		if (natural_compare(&next, out) >= 0)
			return;
		natural_load(out, next.limb, next.limbs);
	}
}
