"""The files of write.h for the peers in Python: reads a book, times batches, holds answers against the right ones.

A peer is a class with marks(symbols, u) -> accounts at level 1 or above among those it looked at, and rank(symbol) -> rows, the
first 256 of the symbol's longs. Lines of JSON go to standard output, as book.hpp prints them. Needs numpy.
"""
import json
import pathlib
import time

import numpy as np

TOP, WALK = 256, 16


class Book:
    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.name = self.dir.name
        self.tiers = []
        for line in (self.dir / "book.txt").read_text().splitlines():
            key, *words = line.split()
            if key == "tier":
                self.tiers.append([int(word) for word in words])
            else:
                setattr(self, key, [int(word) for word in words] if len(words) > 1 else int(words[0]))
        self.account = self.column("row_account", "<u4")
        self.symbol = self.column("row_symbol", "<u4")
        self.qty = self.column("row_qty", "<i8")
        self.entry = self.column("row_entry_e8", "<i8")
        self.collateral = self.column("collateral_e8", "<i8")
        self.u = self.column("symbol_u", "<u8")
        self.steps = [line.split() for line in (self.dir / "steps.txt").read_text().splitlines()]
        assert len(self.account) == self.rows and len(self.collateral) == self.accounts, "not a whole book"

    def column(self, name, kind):
        return np.fromfile(self.dir / name, dtype=kind)


def compare(got, answer, margin, ordered):
    """Differences, and how many of them the margin explains."""
    margin = set(margin.tolist())
    if ordered:
        pairs = [(a, b) for a, b in zip(got, answer.tolist()) if a != b]
        lost = abs(len(got) - len(answer))
        return len(pairs) + lost, sum(a in margin and b in margin for a, b in pairs)
    wrong = set(got) ^ set(answer.tolist())
    return len(wrong), len(wrong & margin)


def timed(work):
    start = time.perf_counter_ns()
    result = work()
    return time.perf_counter_ns() - start, result


def report(book, name, rows, times, wrong, at_margin):
    times = sorted(times)
    print(json.dumps({"book": book.name, "step": name, "rows": int(rows), "samples": len(times), "best_ns": float(times[0]),
                      "median_ns": float(times[len(times) // 2]), "wrong": wrong, "at_margin": at_margin}), flush=True)
    return wrong == at_margin


def run_step(peer, book, name, kind, rows, seconds):
    symbols, u = book.column(name + ".marks", "<u8").reshape(-1, 2).T
    answer, margin = book.column(name + ".answer", "<u4"), book.column(name + ".margin", "<u4")
    batches = WALK if kind == "walk" else 1
    moves = list(zip(np.split(symbols.astype(np.int64), batches), np.split(u, batches)))
    home = (moves[0][0], book.u[moves[0][0]])
    times, found, began = [], None, time.monotonic()
    while len(times) < 3 or (len(times) < 200 and time.monotonic() - began < seconds):
        for move in moves:
            spent, found = timed(lambda move=move: peer.marks(*move))
            if kind == "rank":
                spent, found = timed(lambda move=move: peer.rank(int(move[0][0])))
            times.append(spent)
        spent, calm = timed(lambda: peer.marks(*home))
        if kind == "breach":
            times.append(spent)
    wrong, at_margin = compare([int(x) for x in found], answer, margin, kind == "rank")
    return report(book, name, rows, times, wrong + len(calm), at_margin)


def run(peer, book, seconds):
    """True: every answer is right."""
    good = True
    for name, kind, rows in book.steps:
        if kind != "fill":
            good &= run_step(peer, book, name, kind, rows, seconds)
    return good
