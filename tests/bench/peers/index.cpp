// The strongest published idea in software: a trigger index. Each account has a band around the
// unit values at which it was last judged; while all its symbols stay inside, it cannot have
// reached a threshold, and no mark touches it. Leaving a band costs an exact judgement and a new
// band. The idea, with bands for cross margin, is that of perp-risk-engine (github.com/Andrewx24,
// Rust, ordered sets); no line of it is used. Here: two heaps a symbol, stale entries left in until
// they come to the top or are half of it, cheaper than sets; judged in integers, so exact.
//
// The band: with move k of every symbol equity falls by at most k N, and MM rises by at most k N
// times the highest rate, if the ladder has no jump. So k = (T E - MM) / (N (T + rate)), less a
// margin for floors.
//
// usage: index DIR BOOK SECONDS
#include <queue>

#include "book.hpp"

struct Edge {
	uint64_t u;
	uint32_t account, generation;
};

struct Lower { // of a max-heap: the highest lower edge on top
	bool operator()(const Edge &a, const Edge &b) const { return a.u < b.u; }
};

struct Upper {
	bool operator()(const Edge &a, const Edge &b) const { return a.u > b.u; }
};

struct Index {
	struct Sums {
		int64_t equity_e8, gross_e8;
		__int128 mm_e15;
	};
	Book b; // a copy: fills change it
	std::vector<uint64_t> u;
	std::vector<uint32_t> first, generation, stamp, held; // first row; edges that count
	std::vector<std::vector<Edge>> lower, upper;
	std::vector<std::vector<uint32_t>> longs; // rows of a symbol
	std::vector<char> breach;
	std::vector<uint32_t> watch, touched;
	uint32_t batch = 0;

	explicit Index(const Book &book)
		: b(book), u(b.u), first(b.accounts + 1), generation(b.accounts), stamp(b.accounts),
		  held(b.symbols), lower(b.symbols), upper(b.symbols), longs(b.symbols),
		  breach(b.accounts)
	{
		for (uint32_t i = b.rows; i-- > 0;)
			first[b.account[i]] = i;
		first[b.accounts] = b.rows;
		for (uint32_t i = 0; i < b.rows; i++) {
			held[b.symbol[i]]++;
			if (b.qty[i] > 0)
				longs[b.symbol[i]].push_back(i);
		}
		for (uint32_t a = 0; a < b.accounts; a++)
			put(a, judge(a));
	}

	int64_t value(uint32_t i) const
	{
		__int128 lots = b.qty[i] < 0 ? -b.qty[i] : b.qty[i];
		int64_t notional_e8 = static_cast<int64_t>(lots * u[b.symbol[i]] >> 16);
		return b.qty[i] < 0 ? -notional_e8 : notional_e8;
	}

	Sums judge(uint32_t a) const
	{
		Sums s = { b.collateral_e8[a], 0, 0 };
		for (uint32_t i = first[a]; i < first[a + 1]; i++) {
			int64_t value_e8 = value(i);
			int64_t notional_e8 = value_e8 < 0 ? -value_e8 : value_e8;
			size_t k = b.tiers.size() - 1;
			while (k > 0 && b.tiers[k].floor_e8 > notional_e8)
				k--;
			s.equity_e8 += value_e8 - b.entry_e8[i];
			s.gross_e8 += notional_e8;
			s.mm_e15 += static_cast<__int128>(notional_e8) * b.tiers[k].rate_e7 -
				    b.tiers[k].deduction_e15;
		}
		return s;
	}

	bool beyond(const Sums &s, uint32_t up_e7) const
	{
		return s.mm_e15 >= static_cast<__int128>(s.equity_e8) * up_e7;
	}

	// A new band, or a place on the list of those that are judged at every batch.
	void put(uint32_t a, const Sums &s)
	{
		bool before = breach[a];
		breach[a] = beyond(s, b.up_e7[0]);
		generation[a]++;
		if (breach[a]) {
			if (!before)
				watch.push_back(a);
			return;
		}
		double t = b.up_e7[0] / 1e7,
		       rate = static_cast<double>(b.tiers.back().rate_e7) / 1e7,
		       gross = static_cast<double>(s.gross_e8) + 1,
		       mm = static_cast<double>(s.mm_e15) / 1e7,
		       room = t * static_cast<double>(s.equity_e8) - mm,
		       k = (room - 20) / (gross * (t + rate)) * (1 - 1e-6);
		k = std::max(0.0, std::min(k, 0.999));
		for (uint32_t i = first[a]; i < first[a + 1]; i++) {
			uint32_t s1 = b.symbol[i];
			double now = static_cast<double>(u[s1]);
			Edge low = { static_cast<uint64_t>(now * (1 - k)) + 1, a, generation[a] },
			     high = { static_cast<uint64_t>(now * (1 + k)), a, generation[a] };
			push(lower[s1], Lower(), low, held[s1]);
			push(upper[s1], Upper(), high, held[s1]);
		}
	}

	template <class Order>
	void push(std::vector<Edge> &heap, Order order, Edge e, uint32_t most)
	{
		if (heap.size() >= 2 * static_cast<size_t>(most) + 64) {
			auto stale = [&](const Edge &x) {
				return x.generation != generation[x.account];
			};
			heap.erase(std::remove_if(heap.begin(), heap.end(), stale), heap.end());
			std::make_heap(heap.begin(), heap.end(), order);
		}
		heap.push_back(e);
		std::push_heap(heap.begin(), heap.end(), order);
	}

	// Accounts whose edge has been passed: out of the heap, and to be judged.
	template <class Order, class Passed>
	void leave(std::vector<Edge> &heap, Order order, Passed passed)
	{
		while (!heap.empty() && passed(heap[0].u)) {
			touch(heap[0]);
			std::pop_heap(heap.begin(), heap.end(), order);
			heap.pop_back();
		}
	}

	void touch(const Edge &e)
	{
		if (e.generation != generation[e.account] || stamp[e.account] == batch)
			return;
		stamp[e.account] = batch;
		touched.push_back(e.account);
	}

	void marks(const Mark *m, size_t n, std::vector<uint32_t> &breached)
	{
		batch++;
		touched.clear();
		touched.swap(watch);
		for (size_t k = 0; k < n; k++) {
			uint64_t s = m[k].symbol, now = m[k].u;
			u[s] = now;
			leave(lower[s], Lower(), [now](uint64_t edge) { return edge > now; });
			leave(upper[s], Upper(), [now](uint64_t edge) { return edge < now; });
		}
		for (uint32_t a : touched) {
			breach[a] = 0;
			put(a, judge(a));
			if (breach[a])
				breached.push_back(a);
		}
	}

	void rank(uint32_t symbol, std::vector<uint32_t> &rows)
	{
		std::vector<std::pair<double, uint32_t>> c;
		for (uint32_t i : longs[symbol]) {
			int64_t profit_e8 = value(i) - b.entry_e8[i];
			if (profit_e8 <= 0)
				continue;
			Sums s = judge(b.account[i]);
			if (s.equity_e8 > 0 && !beyond(s, b.up_e7[1]))
				c.push_back({ -static_cast<double>(profit_e8) /
						      static_cast<double>(s.equity_e8), i });
		}
		size_t n = std::min(TOP, c.size());
		std::nth_element(c.begin(), c.begin() + static_cast<ptrdiff_t>(n), c.end());
		std::sort(c.begin(), c.begin() + static_cast<ptrdiff_t>(n));
		for (size_t i = 0; i < n; i++)
			rows.push_back(c[i].second);
	}

	bool fill(uint32_t row, int64_t qty, int64_t entry_e8)
	{
		b.qty[row] = qty;
		b.entry_e8[row] = entry_e8;
		put(b.account[row], judge(b.account[row]));
		return true;
	}
};

int main(int argc, char **argv)
{
	if (argc != 4)
		fail("usage: index DIR BOOK SECONDS");
	return !run<Index>(read_book(argv[1], argv[2]), atof(argv[3]));
}
