// A liquidation engine as published ones are written: a vector of structs in double, walked from
// end to end at every mark, the ladder walked for every position, deleveraging by a full sort.
// Written after what FLOX (github.com/FLOX-Foundation/flox, backtest/liquidation_engine.h)
// documents of itself; no line of it is used. Cross: accounts that hold their positions. Isolated:
// positions with a margin of their own.
//
// Kinder than the published one: a batch of many marks is one walk, where that walks once a mark;
// nothing is closed, so the fund and the positions erased from the vector cost nothing here.
//
// usage: loop cross|isolated DIR BOOK SECONDS
#include "book.hpp"

struct Ladder {
	struct Step {
		double floor, rate, deduction;
	};
	std::vector<Step> step;
	explicit Ladder(const Book &b)
	{
		for (const Tier &t : b.tiers)
			step.push_back({ static_cast<double>(t.floor_e8),
					 static_cast<double>(t.rate_e7) / 1e7,
					 static_cast<double>(t.deduction_e15) / 1e7 });
	}
	double maintenance(double notional) const
	{
		const Step *at = &step[0];
		for (const Step &s : step) {
			if (s.floor > notional)
				break;
			at = &s;
		}
		return notional * at->rate - at->deduction;
	}
};

static double price_of(uint64_t u)
{
	return static_cast<double>(u) / 65536;
}

struct Candidate {
	double score;
	uint32_t row;
};

static void sort_all(std::vector<Candidate> &c, std::vector<uint32_t> &rows)
{
	std::sort(c.begin(), c.end(),
		  [](const Candidate &a, const Candidate &b) { return a.score > b.score; });
	for (size_t i = 0; i < c.size() && i < TOP; i++)
		rows.push_back(c[i].row);
}

struct Cross {
	struct Position {
		uint32_t symbol, row;
		double quantity, entry;
	};
	struct Account {
		double collateral, equity, maintenance;
		std::vector<Position> positions;
	};
	Ladder ladder;
	double call, liquidation;
	std::vector<double> price;
	std::vector<Account> accounts;
	std::vector<std::pair<uint32_t, size_t>> where; // of a row

	explicit Cross(const Book &b)
		: ladder(b), call(b.up_e7[0] / 1e7), liquidation(b.up_e7[1] / 1e7),
		  accounts(b.accounts), where(b.rows)
	{
		for (uint64_t u : b.u)
			price.push_back(price_of(u));
		for (uint32_t a = 0; a < b.accounts; a++)
			accounts[a].collateral = static_cast<double>(b.collateral_e8[a]);
		for (uint32_t i = 0; i < b.rows; i++) {
			std::vector<Position> &p = accounts[b.account[i]].positions;
			where[i] = { b.account[i], p.size() };
			p.push_back({ b.symbol[i], i, static_cast<double>(b.qty[i]),
				      static_cast<double>(b.entry_e8[i]) });
		}
	}

	void marks(const Mark *m, size_t n, std::vector<uint32_t> &breached)
	{
		for (size_t k = 0; k < n; k++)
			price[m[k].symbol] = price_of(m[k].u);
		for (uint32_t a = 0; a < accounts.size(); a++) {
			Account &account = accounts[a];
			double equity = account.collateral, maintenance = 0;
			for (const Position &p : account.positions) {
				double value = p.quantity * price[p.symbol];
				equity += value - p.entry;
				maintenance += ladder.maintenance(value < 0 ? -value : value);
			}
			account.equity = equity;
			account.maintenance = maintenance;
			if (maintenance >= equity * call)
				breached.push_back(a);
		}
	}

	void rank(uint32_t symbol, std::vector<uint32_t> &rows)
	{
		std::vector<Candidate> c;
		for (const Account &account : accounts) {
			if (account.equity <= 0 ||
			    account.maintenance >= account.equity * liquidation)
				continue;
			for (const Position &p : account.positions) {
				double profit = p.quantity * price[p.symbol] - p.entry;
				if (p.symbol == symbol && p.quantity > 0 && profit > 0)
					c.push_back({ profit / account.equity, p.row });
			}
		}
		sort_all(c, rows);
	}

	bool fill(uint32_t row, int64_t qty, int64_t entry_e8)
	{
		Position &p = accounts[where[row].first].positions[where[row].second];
		p.quantity = static_cast<double>(qty);
		p.entry = static_cast<double>(entry_e8);
		return true;
	}
};

struct Isolated {
	struct Position {
		uint32_t account, symbol;
		double quantity, entry, margin;
	};
	Ladder ladder;
	double call;
	std::vector<double> price;
	std::vector<char> moved; // symbols of the batch
	std::vector<Position> positions;

	explicit Isolated(const Book &b) : ladder(b), call(b.up_e7[0] / 1e7), moved(b.symbols)
	{
		for (uint64_t u : b.u)
			price.push_back(price_of(u));
		for (uint32_t i = 0; i < b.rows; i++)
			positions.push_back({ b.account[i], b.symbol[i],
					      static_cast<double>(b.qty[i]),
					      static_cast<double>(b.entry_e8[i]),
					      static_cast<double>(b.collateral_e8[b.account[i]]) });
	}

	void marks(const Mark *m, size_t n, std::vector<uint32_t> &breached)
	{
		std::fill(moved.begin(), moved.end(), 0);
		for (size_t k = 0; k < n; k++) {
			price[m[k].symbol] = price_of(m[k].u);
			moved[m[k].symbol] = 1;
		}
		for (const Position &p : positions) {
			if (!moved[p.symbol])
				continue;
			double value = p.quantity * price[p.symbol];
			double equity = p.margin + value - p.entry;
			if (ladder.maintenance(value < 0 ? -value : value) >= equity * call)
				breached.push_back(p.account);
		}
	}

	void rank(uint32_t, std::vector<uint32_t> &) {}
	bool fill(uint32_t, int64_t, int64_t) { return false; }
};

int main(int argc, char **argv)
{
	std::string kind = argc == 5 ? argv[1] : "";
	if (kind != "cross" && kind != "isolated")
		fail("usage: loop cross|isolated DIR BOOK SECONDS");
	Book book = read_book(argv[2], argv[3]);
	double seconds = atof(argv[4]);
	return !(kind == "cross" ? run<Cross>(book, seconds) : run<Isolated>(book, seconds));
}
