// The files of peers/write.h as a C++ peer takes them, its answers held against the right ones, and
// the times of its batches as lines of JSON: the same harness for every peer in C++.
//
// A peer is a class with
//   Peer(const Book &)
//   void marks(const Mark *, size_t, std::vector<uint32_t> &breached)
//                   all marks of a batch at once; accounts found at level 1 or above
//   void rank(uint32_t symbol, std::vector<uint32_t> &rows)       the first 256 of its longs
//   bool fill(uint32_t row, int64_t qty, int64_t entry_e8)        false: it has no such thing
//
// usage of each program: PEER DIR BOOK SECONDS   exit status 1: an answer is wrong beyond the margin
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

constexpr size_t TOP = 256, WALK = 16;

struct Tier {
	int64_t floor_e8, rate_e7, deduction_e15;
};

struct Mark {
	uint64_t symbol, u;
};

struct Fill {
	uint64_t row;
	int64_t qty, entry_e8;
};

struct Step {
	std::string name, kind;
	uint32_t rows;
	std::vector<Mark> to, back; // walk: `to` is WALK batches
	std::vector<uint32_t> answer, margin;
	std::vector<Fill> fills;
};

struct Book {
	std::string dir, name;
	uint32_t rows, accounts, symbols, up_e7[2];
	std::vector<Tier> tiers;
	std::vector<uint32_t> account, symbol;
	std::vector<int64_t> qty, entry_e8, collateral_e8;
	std::vector<uint64_t> u;
	std::vector<Step> steps;
};

[[noreturn]] static void fail(const std::string &what)
{
	fprintf(stderr, "%s\n", what.c_str());
	exit(2);
}

template <class T> static std::vector<T> column(const Book &b, const std::string &name)
{
	std::ifstream f(b.dir + "/" + name, std::ios::binary | std::ios::ate);
	if (!f)
		fail("cannot read " + b.dir + "/" + name);
	std::vector<T> v(static_cast<size_t>(f.tellg()) / sizeof(T));
	f.seekg(0);
	f.read(reinterpret_cast<char *>(v.data()), static_cast<std::streamsize>(v.size() * sizeof(T)));
	return v;
}

static void read_steps(Book &b)
{
	std::ifstream f(b.dir + "/steps.txt");
	Step s;
	while (f >> s.name >> s.kind >> s.rows) {
		s.to = column<Mark>(b, s.name + ".marks");
		s.back = s.to;
		for (Mark &m : s.back)
			m.u = b.u[m.symbol];
		s.answer = column<uint32_t>(b, s.name + ".answer");
		s.margin = column<uint32_t>(b, s.name + ".margin");
		s.fills.clear();
		if (s.kind == "fill")
			s.fills = column<Fill>(b, s.name + ".fills");
		b.steps.push_back(s);
	}
	if (b.steps.empty())
		fail("no steps in " + b.dir);
}

static Book read_book(const std::string &dir, const std::string &name)
{
	Book b;
	std::ifstream f(dir + "/" + name + "/book.txt");
	std::string line, key;
	b.dir = dir + "/" + name;
	b.name = name;
	while (std::getline(f, line)) {
		std::istringstream words(line);
		Tier t;
		words >> key;
		if (key == "rows")
			words >> b.rows;
		else if (key == "accounts")
			words >> b.accounts;
		else if (key == "symbols")
			words >> b.symbols;
		else if (key == "up_e7")
			words >> b.up_e7[0] >> b.up_e7[1];
		else if (key == "tier" && words >> t.floor_e8 >> t.rate_e7 >> t.deduction_e15)
			b.tiers.push_back(t);
	}
	b.account = column<uint32_t>(b, "row_account");
	b.symbol = column<uint32_t>(b, "row_symbol");
	b.qty = column<int64_t>(b, "row_qty");
	b.entry_e8 = column<int64_t>(b, "row_entry_e8");
	b.collateral_e8 = column<int64_t>(b, "collateral_e8");
	b.u = column<uint64_t>(b, "symbol_u");
	if (b.tiers.empty() || b.account.size() != b.rows || b.qty.size() != b.rows)
		fail("not a whole book: " + b.dir);
	read_steps(b);
	return b;
}

// ---- answers ----

struct Verdict {
	size_t wrong, at_margin; // differences, and how many of them the margin explains
};

static Verdict compare_sets(std::vector<uint32_t> got, const Step &s)
{
	std::set<uint32_t> margin(s.margin.begin(), s.margin.end());
	std::vector<uint32_t> differ;
	std::sort(got.begin(), got.end());
	std::set_symmetric_difference(got.begin(), got.end(), s.answer.begin(), s.answer.end(),
				      std::back_inserter(differ));
	size_t near = 0;
	for (uint32_t a : differ)
		near += margin.count(a);
	return { differ.size(), near };
}

static Verdict compare_order(const std::vector<uint32_t> &got, const Step &s)
{
	std::set<uint32_t> margin(s.margin.begin(), s.margin.end());
	Verdict v = { 0, 0 };
	for (size_t i = 0; i < std::max(got.size(), s.answer.size()); i++) {
		if (i < got.size() && i < s.answer.size() && got[i] == s.answer[i])
			continue;
		v.wrong++;
		if (i < got.size() && i < s.answer.size())
			v.at_margin += margin.count(got[i]) && margin.count(s.answer[i]);
	}
	return v;
}

// ---- times ----

static double now_ns()
{
	auto t = std::chrono::steady_clock::now().time_since_epoch();
	return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(t).count());
}

static bool report(const Book &b, const Step &s, std::vector<double> ns, Verdict v)
{
	std::sort(ns.begin(), ns.end());
	printf("{\"book\": \"%s\", \"step\": \"%s\", \"rows\": %u, \"samples\": %zu, "
	       "\"best_ns\": %.1f, \"median_ns\": %.1f, \"wrong\": %zu, \"at_margin\": %zu}\n",
	       b.name.c_str(), s.name.c_str(), s.rows, ns.size(), ns[0], ns[ns.size() / 2], v.wrong,
	       v.at_margin);
	fflush(stdout);
	return v.wrong == v.at_margin;
}

// There and back, timed apart, or `together` times where one is too short for a clock.
template <class Peer> static bool time_breach(Peer &peer, const Book &b, const Step &s, double seconds)
{
	std::vector<uint32_t> found, none;
	std::vector<double> ns;
	peer.marks(s.to.data(), s.to.size(), found);
	Verdict v = compare_sets(found, s);
	double began = now_ns();
	peer.marks(s.back.data(), s.back.size(), none);
	v.wrong += none.size(); // everybody is calm there
	unsigned together = now_ns() - began < 5000 ? 50 : 1;
	while (ns.size() < 6 || (ns.size() < 200 && now_ns() - began < seconds * 1e9)) {
		double start = now_ns();
		for (unsigned k = 0; k < together; k++) {
			found.clear();
			peer.marks(s.to.data(), s.to.size(), found);
			peer.marks(s.back.data(), s.back.size(), found);
		}
		ns.push_back((now_ns() - start) / (2 * together));
	}
	return report(b, s, ns, v);
}

template <class Peer> static bool time_walk(Peer &peer, const Book &b, const Step &s, double seconds)
{
	std::vector<uint32_t> found;
	std::vector<double> ns;
	double began = now_ns();
	const size_t n = s.to.size() / WALK;
	while (ns.empty() || (ns.size() + WALK < 200 && now_ns() - began < seconds * 1e9))
		for (size_t i = 0; i < WALK; i++) {
			found.clear();
			double start = now_ns();
			peer.marks(&s.to[i * n], n, found);
			ns.push_back(now_ns() - start);
		}
	Verdict v = compare_sets(found, s);
	found.clear();
	peer.marks(s.back.data(), n, found);
	v.wrong += found.size();
	return report(b, s, ns, v);
}

template <class Peer> static bool time_rank(Peer &peer, const Book &b, const Step &s, double seconds)
{
	std::vector<uint32_t> found, rows;
	std::vector<double> ns;
	double began = now_ns();
	while (ns.size() < 6 || (ns.size() < 200 && now_ns() - began < seconds * 1e9)) {
		peer.marks(s.back.data(), s.back.size(), found);
		peer.marks(s.to.data(), s.to.size(), found);
		rows.clear();
		double start = now_ns();
		peer.rank(static_cast<uint32_t>(s.to[0].symbol), rows);
		ns.push_back(now_ns() - start);
	}
	Verdict v = compare_order(rows, s);
	peer.marks(s.back.data(), s.back.size(), found);
	return report(b, s, ns, v);
}

template <class Peer> static bool time_fill(Peer &peer, const Book &b, const Step &s)
{
	std::vector<uint32_t> found;
	std::vector<double> ns;
	const size_t group = 20; // fills to a sample
	for (size_t i = 0; i + group <= s.fills.size(); i += group) {
		double start = now_ns();
		for (size_t k = i; k < i + group; k++)
			if (!peer.fill(static_cast<uint32_t>(s.fills[k].row), s.fills[k].qty,
				       s.fills[k].entry_e8))
				return true; // it does not do fills
		ns.push_back((now_ns() - start) / group);
	}
	peer.marks(s.to.data(), s.to.size(), found);
	return report(b, s, ns, compare_sets(found, s));
}

template <class Peer> static bool run(const Book &b, double seconds)
{
	Peer peer(b);
	bool good = true;
	for (const Step &s : b.steps) {
		if (s.kind == "breach")
			good &= time_breach(peer, b, s, seconds);
		else if (s.kind == "walk")
			good &= time_walk(peer, b, s, seconds);
		else if (s.kind == "rank")
			good &= time_rank(peer, b, s, seconds);
		else
			good &= time_fill(peer, b, s);
	}
	return good;
}
