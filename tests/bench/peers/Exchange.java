// exchange-core (github.com/exchange-core/exchange-core) with the same book in it. It checks margin
// before an order and has no liquidation engine, so nobody is found by it; measured is what it does:
//
//   fill     a resting order and one that takes it whole, both checked, matched and booked
//   refused  an order that its margin check refuses
//   report   what one account holds, as asked through its API: what a liquidation engine beside it
//            would have to ask, account by account
//
// All as throughput, commands pipelined. Checked: every refused order is refused, every fill fills,
// and the accounts asked hold what the book says.
//
// usage: java Exchange.java DIR BOOK SECONDS ROWS     the first ROWS positions; accounts get what margin they need
import exchange.core2.core.ExchangeApi;
import exchange.core2.core.ExchangeCore;
import exchange.core2.core.common.*;
import exchange.core2.core.common.api.*;
import exchange.core2.core.common.api.binary.BatchAddSymbolsCommand;
import exchange.core2.core.common.api.reports.*;
import exchange.core2.core.common.cmd.*;
import exchange.core2.core.common.config.*;
import java.io.IOException;
import java.nio.*;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.*;
import java.util.concurrent.locks.LockSupport;

public class Exchange {
	static final int COIN = 1;
	static final long MAKER = 1_000_000_000L;
	static final int CHUNK = 5000, ASKED = 500; // commands, reports to a sample

	final Path dir;
	final String book;
	final long[] account, symbol, qty, u;
	final long accounts;
	final ExchangeApi api;
	final ExchangeCore core;
	final AtomicLong done = new AtomicLong(), refused = new AtomicLong(), odd = new AtomicLong(),
			 traded = new AtomicLong();
	long order = 1, sent = 0;

	Exchange(Path folder, String name, long rows) throws Exception {
		dir = folder.resolve(name);
		book = name;
		long[] all = column("row_account", 4);
		int n = (int)Math.min(rows, all.length); // whole accounts
		while (n < all.length && all[n] == all[n - 1])
			n++;
		account = Arrays.copyOf(all, n);
		symbol = Arrays.copyOf(column("row_symbol", 4), n);
		qty = Arrays.copyOf(column("row_qty", 8), n);
		u = column("symbol_u", 8);
		accounts = account[account.length - 1] + 1;
		PerformanceConfiguration speed = PerformanceConfiguration.throughputPerformanceBuilder()
			.matchingEnginesNum(1).riskEnginesNum(1).threadFactory(Thread::new)
			.waitStrategy(CoreWaitStrategy.BLOCKING).build();
		core = ExchangeCore.builder().resultsConsumer((cmd, seq) -> take(cmd))
			.exchangeConfiguration(ExchangeConfiguration.defaultBuilder()
				.performanceCfg(speed).build()).build();
		core.startup();
		api = core.getApi();
	}

	long[] column(String name, int width) throws IOException {
		ByteBuffer b = ByteBuffer.wrap(Files.readAllBytes(dir.resolve(name)));
		b.order(ByteOrder.LITTLE_ENDIAN);
		long[] out = new long[b.remaining() / width];
		for (int i = 0; i < out.length; i++)
			out[i] = width == 4 ? b.getInt() : b.getLong();
		return out;
	}

	void take(OrderCommand cmd) {
		if (cmd.resultCode == CommandResultCode.RISK_NSF)
			refused.incrementAndGet();
		else if (cmd.resultCode != CommandResultCode.SUCCESS &&
			 cmd.resultCode != CommandResultCode.ACCEPTED)
			odd.incrementAndGet();
		cmd.processMatcherEvents(e -> {
			if (e.eventType == MatcherEventType.TRADE)
				traded.incrementAndGet();
		});
		done.incrementAndGet();
	}

	void send(ApiCommand c) {
		api.submitCommand(c);
		sent++;
	}

	// Everything that was sent has come back.
	void settle() {
		long until = System.nanoTime() + 60_000_000_000L;
		while (done.get() < sent) {
			if (System.nanoTime() > until)
				throw new IllegalStateException("no answer for a minute");
			LockSupport.parkNanos(20_000); // its threads need the cores
		}
	}

	long price(int s) {
		return u[s] >> 16;
	}

	ApiPlaceOrder place(long uid, int s, OrderAction action, OrderType type, long size) {
		return ApiPlaceOrder.builder().uid(uid).orderId(order++).price(price(s))
			.reservePrice(price(s)).size(size).action(action).orderType(type).symbol(s)
			.userCookie(0).build();
	}

	// A position of the book, from the maker.
	void fill(int row, long size) {
		int s = (int)symbol[row];
		boolean buys = qty[row] > 0;
		send(place(MAKER, s, buys ? OrderAction.ASK : OrderAction.BID, OrderType.GTC, size));
		send(place(account[row] + 1, s, buys ? OrderAction.BID : OrderAction.ASK, OrderType.IOC,
			   size));
	}

	void user(long uid, long balance) {
		send(ApiAddUser.builder().uid(uid).build());
		send(ApiAdjustUserBalance.builder().uid(uid).currency(COIN).amount(balance)
			.transactionId(uid).build());
	}

	void load() throws Exception {
		List<CoreSymbolSpecification> list = new ArrayList<>();
		for (int s = 0; s < u.length; s++) // 0.5 % of the first price a lot
			list.add(CoreSymbolSpecification.builder().symbolId(s)
				.type(SymbolType.FUTURES_CONTRACT).baseCurrency(100 + s).quoteCurrency(COIN)
				.baseScaleK(1).quoteScaleK(1).takerFee(0).makerFee(0)
				.marginBuy(price(s) / 200).marginSell(price(s) / 200).build());
		api.submitBinaryDataAsync(new BatchAddSymbolsCommand(list)).get(60, TimeUnit.SECONDS);
		Thread.sleep(100);
		done.set(0);
		odd.set(0);
		long[] gross = new long[(int)accounts];
		for (int i = 0; i < qty.length; i++)
			gross[(int)account[i]] += Math.abs(qty[i]) * price((int)symbol[i]);
		user(MAKER, Long.MAX_VALUE / 4);
		for (int a = 0; a < accounts; a++)
			user(a + 1, gross[a] / 10 + 100);
		settle();
		for (int i = 0; i < qty.length; i++)
			fill(i, Math.abs(qty[i]));
		settle();
		if (traded.get() != qty.length || odd.get() != 0 || refused.get() != 0)
			throw new IllegalStateException("the book could not be traded into it: " + traded +
				" of " + qty.length + " trades, " + refused + " refused, " + odd + " odd");
	}

	void report(String step, List<Double> ns, long wrong) {
		Collections.sort(ns);
		System.out.printf(Locale.ROOT, "{\"book\": \"%s\", \"step\": \"%s\", \"rows\": 1, " +
			"\"samples\": %d, \"best_ns\": %.1f, \"median_ns\": %.1f, \"wrong\": %d, " +
			"\"at_margin\": 0}%n", book, step, ns.size(), ns.get(0), ns.get(ns.size() / 2), wrong);
	}

	interface Work {
		void chunk(int round) throws Exception;
	}

	List<Double> time(double seconds, int each, Work work) throws Exception {
		List<Double> ns = new ArrayList<>();
		work.chunk(0); // warm
		long began = System.nanoTime();
		for (int i = 1; ns.size() < 5 || System.nanoTime() - began < seconds * 1e9; i++) {
			long start = System.nanoTime();
			work.chunk(i);
			ns.add((double)(System.nanoTime() - start) / each);
		}
		return ns;
	}

	// Accounts in turn; wrong: those whose positions are not the book's.
	long reports(int round) throws Exception {
		List<CompletableFuture<SingleUserReportResult>> asked = new ArrayList<>();
		for (int k = 0; k < ASKED; k++)
			asked.add(api.processReport(new SingleUserReportQuery(uid(round, k)), k));
		long wrong = 0;
		for (int k = 0; k < ASKED; k++) {
			SingleUserReportResult r = asked.get(k).get(60, TimeUnit.SECONDS);
			Map<Integer, Long> held = positions.get((int)(uid(round, k) - 1));
			Map<Integer, Long> said = new HashMap<>();
			r.getPositions().forEachKeyValue((s, p) ->
				said.put(s, p.openVolume * (p.direction == PositionDirection.LONG ? 1 : -1)));
			wrong += said.equals(held) ? 0 : 1;
		}
		return wrong;
	}

	long uid(int round, int k) {
		return ((long)round * CHUNK + k) % accounts + 1;
	}

	final List<Map<Integer, Long>> positions = new ArrayList<>();

	void note() {
		for (int a = 0; a < accounts; a++)
			positions.add(new HashMap<>());
		for (int i = 0; i < qty.length; i++)
			positions.get((int)account[i]).merge((int)symbol[i], qty[i], Long::sum);
		for (Map<Integer, Long> m : positions)
			m.values().removeIf(v -> v == 0);
	}

	boolean run(double seconds) throws Exception {
		load();
		note();
		long[] wrong = { 0 };
		List<Double> ns = time(seconds, ASKED, round -> wrong[0] += reports(round));
		long bad = wrong[0];
		report("report", ns, wrong[0]);
		done.set(sent); // answers to reports were counted, too
		refused.set(0);
		long before = sent;
		ns = time(seconds, CHUNK, round -> {
			for (int k = 0; k < CHUNK; k++)
				send(place(uid(round, k), (int)symbol[k % symbol.length], OrderAction.BID,
					   OrderType.GTC, 1L << 40));
			settle();
		});
		bad += Math.abs(sent - before - refused.get());
		report("refused", ns, sent - before - refused.get());
		traded.set(0);
		before = sent;
		ns = time(seconds, CHUNK, round -> {
			for (int k = 0; k < CHUNK; k++)
				fill((int)(((long)round * CHUNK + k) * 7919 % qty.length), 1);
			settle();
		});
		bad += Math.abs((sent - before) / 2 - traded.get());
		report("fill", ns, (sent - before) / 2 - traded.get());
		return bad == 0;
	}

	public static void main(String[] args) throws Exception {
		Exchange x = new Exchange(Paths.get(args[0]), args[1], Long.parseLong(args[3]));
		boolean good = x.run(Double.parseDouble(args[2]));
		System.out.flush();
		Runtime.getRuntime().halt(good ? 0 : 1); // its threads do not end by themselves
	}
}
