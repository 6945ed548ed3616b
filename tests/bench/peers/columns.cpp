// The book in columns of doubles, swept from end to end by what a compiler makes of plain loops: no
// index, nothing remembered, nothing exact. How fast one core can be that only recomputes.
//
// Rows lie in the order of accounts, so an account is a run of them. MM of a ladder without jumps
// whose rates rise is the largest of its tiers' lines, which needs no search. A batch of one symbol
// only sweeps the accounts that hold it.
//
// usage: columns DIR BOOK SECONDS
#include "book.hpp"

#include <cmath>

struct Columns {
	std::vector<double> price, qty, entry, collateral, value, mm, equity, maintenance;
	std::vector<uint32_t> symbol, first, account;
	std::vector<std::vector<uint32_t>> longs, holders;
	std::vector<double> rate, deduction;
	double call, liquidation, rate0;

	explicit Columns(const Book &b)
		: qty(b.qty.begin(), b.qty.end()), entry(b.entry_e8.begin(), b.entry_e8.end()),
		  collateral(b.collateral_e8.begin(), b.collateral_e8.end()), value(b.rows),
		  mm(b.rows), equity(b.accounts), maintenance(b.accounts), symbol(b.symbol),
		  first(b.accounts + 1), account(b.account), longs(b.symbols), holders(b.symbols),
		  call(b.up_e7[0] / 1e7), liquidation(b.up_e7[1] / 1e7)
	{
		for (uint64_t u : b.u)
			price.push_back(static_cast<double>(u) / 65536);
		for (const Tier &t : b.tiers) {
			rate.push_back(static_cast<double>(t.rate_e7) / 1e7);
			deduction.push_back(static_cast<double>(t.deduction_e15) / 1e7);
		}
		rate0 = rate[0];
		for (uint32_t i = b.rows; i-- > 0;)
			first[account[i]] = i;
		first[b.accounts] = b.rows;
		for (uint32_t i = 0; i < b.rows; i++) {
			std::vector<uint32_t> &h = holders[symbol[i]];
			if (b.qty[i] > 0)
				longs[symbol[i]].push_back(i);
			if (h.empty() || h.back() != account[i])
				h.push_back(account[i]);
		}
	}

	void value_rows(uint32_t from, uint32_t to)
	{
		const double *__restrict p = price.data(), *__restrict q = qty.data();
		const uint32_t *__restrict s = symbol.data();
		double *__restrict v = value.data(), *__restrict m = mm.data();
		for (uint32_t i = from; i < to; i++) {
			v[i] = q[i] * p[s[i]];
			m[i] = std::abs(v[i]) * rate0;
		}
		for (size_t k = 1; k < rate.size(); k++) {
			const double r = rate[k], d = deduction[k];
			for (uint32_t i = from; i < to; i++) {
				double line = std::abs(v[i]) * r - d;
				m[i] = line > m[i] ? line : m[i];
			}
		}
	}

	void judge(uint32_t a, std::vector<uint32_t> &breached)
	{
		double e = collateral[a], m = 0;
		for (uint32_t i = first[a]; i < first[a + 1]; i++) {
			e += value[i] - entry[i];
			m += mm[i];
		}
		equity[a] = e;
		maintenance[a] = m;
		if (m >= e * call)
			breached.push_back(a);
	}

	void marks(const Mark *m, size_t n, std::vector<uint32_t> &breached)
	{
		for (size_t k = 0; k < n; k++)
			price[m[k].symbol] = static_cast<double>(m[k].u) / 65536;
		if (n == 1) {
			for (uint32_t a : holders[m[0].symbol]) {
				value_rows(first[a], first[a + 1]);
				judge(a, breached);
			}
			return;
		}
		const uint32_t chunk = 512; // accounts; what they need stays in the first cache
		for (uint32_t a = 0; a < equity.size(); a += chunk) {
			uint32_t end = std::min(a + chunk, static_cast<uint32_t>(equity.size()));
			value_rows(first[a], first[end]);
			for (uint32_t i = a; i < end; i++)
				judge(i, breached);
		}
	}

	void rank(uint32_t s, std::vector<uint32_t> &rows)
	{
		std::vector<std::pair<double, uint32_t>> c;
		for (uint32_t i : longs[s]) {
			double profit = value[i] - entry[i], e = equity[account[i]];
			if (profit > 0 && e > 0 && maintenance[account[i]] < e * liquidation)
				c.push_back({ -profit / e, i });
		}
		auto end = c.begin() + static_cast<ptrdiff_t>(std::min(TOP, c.size()));
		std::nth_element(c.begin(), end, c.end());
		std::sort(c.begin(), end);
		for (auto i = c.begin(); i != end; i++)
			rows.push_back(i->second);
	}

	bool fill(uint32_t row, int64_t q, int64_t entry_e8)
	{
		qty[row] = static_cast<double>(q);
		entry[row] = static_cast<double>(entry_e8);
		return true;
	}
};

int main(int argc, char **argv)
{
	if (argc != 4)
		fail("usage: columns DIR BOOK SECONDS");
	return !run<Columns>(read_book(argv[1], argv[2]), atof(argv[3]));
}
