"""What a position is worth and what an account's level is, in rational numbers.

Nothing here is scaled: money, rates and ratios are fractions of their natural unit, and a margin ratio is a quotient that is
compared with a threshold. The integers of the contract appear only where it says `floor`, and when a result leaves.
"""
import math
from fractions import Fraction
from functools import lru_cache

MONEY = 10 ** 8
RATE = 10 ** 7
MARGIN = 10 ** 15
CALM, BANKRUPT, FAULT = 0, 7, 8


class Tier:
    def __init__(self, floor_e8, rate_e7, deduction_e15):
        self.floor = Fraction(floor_e8, MONEY)
        self.rate = Fraction(rate_e7, RATE)
        self.deduction = Fraction(deduction_e15, MARGIN)
        self.floor_e8 = floor_e8


class Threshold:
    def __init__(self, up_e7, down_e7):
        self.up, self.down = Fraction(up_e7, RATE), Fraction(down_e7, RATE)
        self.up_e7, self.down_e7 = up_e7, down_e7


class Worth:
    """Of one position: value and MM, or bad."""
    bad = False


def notional_e8(qty, u):
    """Lots times money per lot, rounded towards zero to the unit of money."""
    return math.floor(abs(qty) * Fraction(u, 2 ** 16))


@lru_cache(maxsize=200_000)
def worth_of(qty, u, tiers, addend_e7):
    worth = Worth()
    units = notional_e8(qty, u)
    if units >= 2 ** 61:
        worth.bad = True
        return worth
    notional = Fraction(units, MONEY)
    tier = [t for t in tiers if t.floor <= notional][-1]
    worth.value = notional if qty > 0 else -notional
    worth.margin = notional * (tier.rate + Fraction(addend_e7, RATE)) - tier.deduction if units else Fraction(0)
    return worth


def exact(number):
    """The integer that a fraction must be."""
    assert number.denominator == 1, number
    return number.numerator


def signed(number, bits):
    """The residue modulo 2^bits that lies nearest to zero."""
    half = 1 << bits - 1
    return (number + half) % (2 * half) - half


class Sums:
    """Equity and MM of an account, in the contract's units, and the number of its bad rows."""

    def __init__(self, collateral_e8, addend_e15, worths_and_entries):
        equity, margin, self.bad_rows = Fraction(collateral_e8, MONEY), Fraction(addend_e15, MARGIN), 0
        for worth, entry_e8 in worths_and_entries:
            if worth.bad:
                self.bad_rows += 1
            else:
                equity += worth.value - Fraction(entry_e8, MONEY)
                margin += worth.margin
        self.true_equity, self.true_margin = equity, margin
        self.equity_e8 = signed(exact(equity * MONEY), 72)
        self.mm_e15 = signed(exact(margin * MARGIN), 96)


def crossed(equity, margin, threshold, strict):
    """Is MM / equity beyond the threshold? With equity 0 any margin is."""
    if equity == 0:
        return True
    ratio = margin / equity
    return ratio > threshold if strict else ratio >= threshold


def level_of(sums, collateral_e8, damaged, thresholds, strict, last):
    if damaged or sums.bad_rows or not -2 ** 61 <= collateral_e8 < 2 ** 61:
        return FAULT
    equity, margin = sums.true_equity, sums.true_margin
    # With collateral in range neither sum wraps: the contract says so, and here it is tried.
    assert exact(equity * MONEY) == sums.equity_e8 and exact(margin * MARGIN) == sums.mm_e15
    if equity < 0:
        return BANKRUPT
    if margin <= 0:
        return CALM
    kept = {BANKRUPT: 6, FAULT: 0}.get(last, last)
    level = CALM
    for k, threshold in enumerate(thresholds, 1):
        if crossed(equity, margin, threshold.down if k <= kept else threshold.up, strict):
            level = k
    return level


def funding_e8(qty, rate):
    """What the owner of the position gets, in units of money: longs pay a positive rate."""
    paid = math.floor(abs(qty) * Fraction(abs(rate), 2 ** 16))
    return -paid if (qty > 0) == (rate > 0) else paid
