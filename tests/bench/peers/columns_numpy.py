"""numpy: the book as columns of doubles, a batch as a handful of vector operations.

usage: columns_numpy.py DIR BOOK SECONDS

A batch of one symbol touches the rows of that symbol and adds differences to their accounts; any other revalues every row and
sums by account, whose rows lie together (add.reduceat; bincount takes three times as long).
"""
import sys

import numpy as np

import bookfile


class Numpy:
    def __init__(self, book):
        self.account, self.symbol = book.account.astype(np.int64), book.symbol.astype(np.int64)
        self.qty, self.entry = book.qty.astype(float), book.entry.astype(float)
        self.price = book.u.astype(float) / 65536
        self.call, self.liquidation = (t / 1e7 for t in book.up_e7)
        self.lines = [(rate / 1e7, deduction / 1e7) for _, rate, deduction in book.tiers]
        self.first = np.flatnonzero(np.diff(self.account, prepend=-1))
        self.own = book.collateral - np.add.reduceat(self.entry, self.first)
        self.of_symbol = [np.flatnonzero(self.symbol == s) for s in range(book.symbols)]
        self.touched = [np.unique(self.account[rows]) for rows in self.of_symbol]
        self.sweep()

    def maintenance(self, value):
        """The ladder has no jumps and its rates rise, so the largest of its lines is the tier's."""
        notional = np.abs(value)
        mm = notional * self.lines[0][0]
        for rate, deduction in self.lines[1:]:
            np.maximum(mm, notional * rate - deduction, out=mm)
        return mm

    def sweep(self):
        self.value = self.qty * self.price[self.symbol]
        self.mm = self.maintenance(self.value)
        self.equity = self.own + np.add.reduceat(self.value, self.first)
        self.account_mm = np.add.reduceat(self.mm, self.first)

    def marks(self, symbols, u):
        self.price[symbols] = u.astype(float) / 65536
        if len(symbols) > 1:
            self.sweep()
            return np.flatnonzero(self.account_mm >= self.equity * self.call)
        rows, accounts = self.of_symbol[symbols[0]], self.touched[symbols[0]]
        value = self.qty[rows] * self.price[symbols[0]]
        mm = self.maintenance(value)
        np.add.at(self.equity, self.account[rows], value - self.value[rows])
        np.add.at(self.account_mm, self.account[rows], mm - self.mm[rows])
        self.value[rows], self.mm[rows] = value, mm
        return accounts[self.account_mm[accounts] >= self.equity[accounts] * self.call]

    def rank(self, symbol):
        rows = self.of_symbol[symbol]
        profit, equity = self.value[rows] - self.entry[rows], self.equity[self.account[rows]]
        part = (self.qty[rows] > 0) & (profit > 0) & (equity > 0)
        part &= self.account_mm[self.account[rows]] < equity * self.liquidation
        rows, score = rows[part], profit[part] / equity[part]
        if len(rows) > bookfile.TOP:
            best = np.argpartition(-score, bookfile.TOP)[:bookfile.TOP]
            rows, score = rows[best], score[best]
        return rows[np.argsort(-score, kind="stable")]


def main():
    book = bookfile.Book(f"{sys.argv[1]}/{sys.argv[2]}")
    return not bookfile.run(Numpy(book), book, float(sys.argv[3]))


if __name__ == "__main__":
    sys.exit(main())
