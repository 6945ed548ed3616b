"""DuckDB: the book as tables, a batch as an update of the marks and one query.

usage: columns_duckdb.py DIR BOOK SECONDS

One thread, in memory, doubles. The query for one symbol looks at the accounts that hold it only. Nothing is kept between batches
but the marks.
"""
import sys

import duckdb

import bookfile

TABLES = """
create table position as select account, symbol, row_id, qty::double as qty, entry::double as entry from rows_in;
create table account as select account, any_value(c.collateral) - sum(p.entry) as own
  from position p join accounts_in c using (account) group by account;
create table mark as select symbol, u / 65536 as price from marks_in;
create table holder as select distinct symbol, account from position
"""
# Value and MM of a row; the ladder has no jumps and its rates rise, so the largest of its lines is the tier's.
SUMS = """
select account, own + value as equity, mm from account join
  (select p.account, sum(p.qty * m.price) as value, sum(greatest({lines})) as mm
   from position p join mark m using (symbol) {where} group by p.account) using (account)
"""
BREACH = "select account from ({sums}) where mm >= equity * {call}"
RANK = """
with s as ({sums})
select p.row_id from position p join mark m using (symbol) join s using (account)
where p.symbol = {symbol} and p.qty > 0 and p.qty * m.price > p.entry and s.equity > 0 and s.mm < s.equity * {liquidation}
order by (p.qty * m.price - p.entry) / s.equity desc, abs(p.qty) desc, p.account, p.row_id limit {top}
"""
HOLDERS = "where p.account in (select account from holder where symbol = {symbol})"


class DuckDB:
    def __init__(self, book):
        np = bookfile.np
        self.db = duckdb.connect(":memory:", config={"threads": 1})
        self.call, self.liquidation = (t / 1e7 for t in book.up_e7)
        self.lines = ", ".join(f"abs(p.qty * m.price) * {rate / 1e7!r} - {cut / 1e7!r}" for _, rate, cut in book.tiers)
        self.db.register("rows_in", {"account": book.account, "symbol": book.symbol, "qty": book.qty, "entry": book.entry,
                                     "row_id": np.arange(book.rows, dtype=np.uint32)})
        self.db.register("accounts_in", {"account": np.arange(book.accounts, dtype=np.uint32), "collateral": book.collateral})
        self.db.register("marks_in", {"symbol": np.arange(book.symbols, dtype=np.uint32), "u": book.u.astype(float)})
        for statement in TABLES.split(";"):
            self.db.execute(statement)

    def sums(self, where):
        return SUMS.format(lines=self.lines, where=where)

    def ask(self, query):
        return next(iter(self.db.execute(query).fetchnumpy().values()))

    def marks(self, symbols, u):
        self.db.register("new", {"symbol": symbols, "price": u.astype(float) / 65536})
        self.db.execute("update mark set price = new.price from new where new.symbol = mark.symbol")
        where = HOLDERS.format(symbol=symbols[0]) if len(symbols) == 1 else ""
        return self.ask(BREACH.format(sums=self.sums(where), call=self.call))

    def rank(self, symbol):
        sums = self.sums(HOLDERS.format(symbol=symbol))
        return self.ask(RANK.format(sums=sums, symbol=symbol, liquidation=self.liquidation, top=bookfile.TOP))


def main():
    book = bookfile.Book(f"{sys.argv[1]}/{sys.argv[2]}")
    return not bookfile.run(DuckDB(book), book, float(sys.argv[3]))


if __name__ == "__main__":
    sys.exit(main())
