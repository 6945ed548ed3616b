"""The rank of section 6: a logarithm, keys, and the order of rows.

Nothing is read from the generated tables: base and slope of a segment are computed here, in integers, from the numbers in
tools/log2.py's docstring and constants, and a coefficient is a small signed number, not a nibble.
"""
from functools import lru_cache

SEGMENTS, LOW, FINE, OFFSET = 128, 1 << 10, 22, 78
MIDDLE, CLASS = 1 << 27, 1 << 28
EXCLUDED, LOSS, ZERO, PROFIT = range(4)
BUCKETS, LOTS_MAX = 256, (1 << 64) - 1


def exact_log2(numerator, denominator, bits):
    """floor(log2(numerator / denominator) x 2^bits) of a ratio in [1, 2): a bit for each squaring."""
    room = 4 * bits + 64
    x, result = (numerator << room) // denominator, 0
    for _ in range(bits):
        x = x * x >> room
        result *= 2
        if x >> room + 1:
            x >>= 1
            result += 1
    return result


@lru_cache(maxsize=None)
def end(s):
    """log2 of a segment's lower end in 2^-22, rounded."""
    if s == SEGMENTS:
        return 1 << FINE
    return exact_log2(SEGMENTS + s, SEGMENTS, FINE + 20) + (1 << 19) >> 20


@lru_cache(maxsize=None)
def segment(s):
    # The slope is the difference of the ends before they are rounded, which may differ by one from that of the rounded ends.
    fine = [exact_log2(SEGMENTS + k, SEGMENTS, FINE + 20) if k < SEGMENTS else 1 << FINE + 20 for k in (s, s + 1)]
    return end(s) + OFFSET, fine[1] - fine[0] + (1 << 19) >> 20


@lru_cache(maxsize=100_000)
def log(x):
    """2^16 log2 x, as the contract cuts it."""
    whole = x.bit_length() - 1
    mantissa = (x << 17 >> whole) % (1 << 17)
    base, slope = segment(mantissa // LOW)
    return (whole << 16) + (base * LOW + slope * (mantissa % LOW) >> 16)


def coefficients(packed):
    """The seven numbers, or None: one of them is not in -2..2, or there is an eighth."""
    known = {0: 0, 1: 1, 2: 2, 14: -2, 15: -1}
    nibbles = [known.get(packed // 16 ** i % 16) for i in range(7)]
    return None if None in nibbles or packed >= 16 ** 7 else nibbles


def key(sign_class, score):
    assert -MIDDLE < score < MIDDLE
    return sign_class * CLASS + score + MIDDLE


def score(operands, packed):
    return sum(c * log(max(x, 1)) for c, x in zip(coefficients(packed), operands, strict=True))


def order(row_key, account):
    """Smaller comes first: keys down, accounts up."""
    return -row_key, account


def bucket(row_key, low, zoom):
    return min((row_key - low) // 2 ** zoom, BUCKETS - 1)
