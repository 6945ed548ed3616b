/* The log: what is written comes back, nothing wrong passes, nothing is lost silently. */
#include "model_kit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <firebreak/log.h>

#include "temp_kit.h"

static char path[512]; /* of the log */
static struct fb_rules rules, read_rules;
static const struct fb_log_config config = { .accounts = 10, .rows = 20, .ahead = 3, .epoch = 1 };

static void make_rules(void)
{
	memset(&rules, 0, sizeof(rules));
	fb_rules_preset(&rules);
	snprintf(rules.venue, sizeof(rules.venue), "somewhere");
	rules.thresholds = 2;
	rules.threshold[0] = (struct fb_threshold){ 8000000, 7500000, "warning" };
	rules.threshold[1] = (struct fb_threshold){ 10000000, 9500000, "liquidation" };
	rules.strict = true;
	rules.liquidate_level = 2;
	rules.liquidation_fee_e7 = 50000;
	rules.taker_fee_e7 = 5000;
	rules.policy = (struct fb_policy){
		.tier_from = 3,
		.reduce_share_e7 = 1,
		.distance_e7 = 2,
		.backstop_window_us = 1000000,
		.cancel_level = 2, .cut_share_e7 = 1, .tries = 1, .timeout_ms = 1
	};
	rules.ladders = 1;
	rules.ladder[0].tiers = 2;
	rules.ladder[0].tier[1] = (struct fb_tier){ 200000, 5, (unsigned __int128)1 << 80 };
	rules.symbols = 1;
	snprintf(rules.symbol[0].name, FB_NAME_MAX, "BTCUSDT");
	rules.symbol[0].lot_e8 = 10000;
}

static union fb_command command(uint64_t seq)
{
	union fb_command c = c_mark((uint16_t)(seq % 3), U_ONE + seq);
	c.header.seq = seq;
	return c;
}

/* A closed log of three commands, an observation and an order. */
static void write_log(void)
{
	struct fb_error error = { "" };
	struct fb_log *log;
	make_rules();
	snprintf(path, sizeof(path), "%s", temp_path("log"));
	ck_assert_msg(fb_log_create(path, &rules, &config, &log, &error) == 0, "%s", error.text);
	for (uint64_t seq = 1; seq <= 3; seq++) {
		union fb_command c = command(seq);
		ck_assert_int_eq(fb_log_put(log, FB_LOG_COMMAND, seq, &c, sizeof(c), &error), 0);
	}
	struct fb_log_observe observe = { .digest = 5, .count = 1 };
	struct fb_log_order order = { .id = { .sequence = 3, .epoch = 1 },
				      .account = 9,
				      .verb = FB_VERB_HOLD };
	ck_assert_int_eq(fb_log_put(log, FB_LOG_OBSERVE, 3, &observe, sizeof(observe), &error), 0);
	ck_assert_int_eq(fb_log_put(log, FB_LOG_ORDER, 3, &order, sizeof(order), &error), 0);
	ck_assert_int_eq(fb_log_put(log, FB_LOG_END, 3, NULL, 0, &error), 0);
	ck_assert_int_eq(fb_log_close(log, &error), 0);
}

static uint8_t *slurp(size_t *size)
{
	static uint8_t bytes[1 << 16];
	FILE *f = fopen(path, "rb");
	ck_assert_ptr_nonnull(f);
	*size = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return bytes;
}

static void spit(const uint8_t *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

/* Reads the log as a replay that expects what write_log wrote. The first error, or 0 at the end. */
static int read_all(struct fb_error *error)
{
	struct fb_log_config got;
	struct fb_log *log;
	struct fb_log_entry entry;
	int err = fb_log_open(path, &read_rules, &got, &log, error);
	if (err)
		return err;
	for (uint64_t seq = 1; seq <= 3 && !err; seq++) {
		union fb_command c = command(seq);
		err = fb_log_put(log, FB_LOG_COMMAND, seq, &c, sizeof(c), error);
	}
	struct fb_log_observe observe = { .digest = 5, .count = 1 };
	struct fb_log_order order = { .id = { .sequence = 3, .epoch = 1 },
				      .account = 9,
				      .verb = FB_VERB_HOLD };
	if (!err)
		err = fb_log_put(log, FB_LOG_OBSERVE, 3, &observe, sizeof(observe), error);
	if (!err)
		err = fb_log_put(log, FB_LOG_ORDER, 3, &order, sizeof(order), error);
	if (!err)
		err = fb_log_put(log, FB_LOG_END, 3, NULL, 0, error);
	if (!err)
		err = fb_log_peek(log, &entry, error);
	fb_log_close(log, NULL);
	return err;
}

START_TEST(crc_is_the_published_one)
{
	ck_assert_uint_eq(fb_log_crc(0, "123456789", 9), UINT64_C(0x995dc9bbdf1939fa));
	ck_assert_uint_eq(fb_log_crc(fb_log_crc(0, "1234", 4), "56789", 5),
			  UINT64_C(0x995dc9bbdf1939fa));
}
END_TEST

START_TEST(what_is_written_comes_back)
{
	struct fb_error error = { "" };
	write_log();
	ck_assert_msg(read_all(&error) == 0, "%s", error.text);
	ck_assert_int_eq(memcmp(&rules, &read_rules, sizeof(rules)), 0);
	unlink(path);
}
END_TEST

/* No flipped bit passes; none hangs or crashes the reader. */
START_TEST(every_bit_is_covered)
{
	struct fb_error error;
	size_t size;
	write_log();
	uint8_t *bytes = slurp(&size);
	for (size_t bit = 0; bit < 8 * size; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		spit(bytes, size);
		int err = read_all(&error);
		if (err != -EBADMSG && err != -EPIPE)
			ck_abort_msg("bit %zu of byte %zu went unseen: %d", bit % 8, bit / 8, err);
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	unlink(path);
}
END_TEST

/* A file cut anywhere is torn, and says so, unless nothing of it is a log. */
START_TEST(every_cut_is_a_torn_tail)
{
	struct fb_error error;
	size_t size;
	write_log();
	uint8_t *bytes = slurp(&size);
	for (size_t keep = 0; keep < size; keep++) {
		spit(bytes, keep);
		int err = read_all(&error);
		if (err != (keep < 64 ? -EBADMSG : -EPIPE))
			ck_abort_msg("cut to %zu bytes: %d: %s", keep, err, error.text);
		if (keep >= 64)
			ck_assert(strstr(error.text, "torn tail") ||
				  strstr(error.text, "not closed"));
	}
	unlink(path);
}
END_TEST

/* A last entry that is whole but wrong is a torn write; a wrong one before it is damage. */
START_TEST(tears_and_damage_are_told_apart)
{
	struct fb_error error;
	size_t size;
	write_log();
	uint8_t *bytes = slurp(&size);
	bytes[size - 1] ^= 1;
	spit(bytes, size);
	ck_assert_int_eq(read_all(&error), -EPIPE);
	bytes[size - 1] ^= 1;
	bytes[size - 30] ^= 1; /* END has 24 bytes */
	spit(bytes, size);
	ck_assert_int_eq(read_all(&error), -EBADMSG);
	unlink(path);
}
END_TEST

START_TEST(a_command_out_of_sequence_is_damage)
{
	struct fb_error error = { "" };
	struct fb_log *log;
	write_log();
	ck_assert_int_eq(fb_log_create(path, &rules, &config, &log, &error), 0);
	union fb_command c = command(1);
	fb_log_put(log, FB_LOG_COMMAND, 1, &c, sizeof(c), &error);
	c = command(3);
	fb_log_put(log, FB_LOG_COMMAND, 3, &c, sizeof(c), &error);
	ck_assert_int_eq(fb_log_close(log, &error), 0);
	struct fb_log_config got;
	struct fb_log_entry entry;
	ck_assert_int_eq(fb_log_open(path, &read_rules, &got, &log, &error), 0);
	c = command(1);
	ck_assert_int_eq(fb_log_put(log, FB_LOG_COMMAND, 1, &c, sizeof(c), &error), 0);
	ck_assert_int_eq(fb_log_peek(log, &entry, &error), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "out of sequence"));
	fb_log_close(log, NULL);
	unlink(path);
}
END_TEST

START_TEST(the_first_divergence_is_named)
{
	struct fb_error error;
	struct fb_log_config got;
	struct fb_log *log;
	write_log();
	ck_assert_int_eq(fb_log_open(path, &read_rules, &got, &log, &error), 0);
	ck_assert_uint_eq(got.rows, 20);
	union fb_command c = command(1);
	ck_assert_int_eq(fb_log_put(log, FB_LOG_COMMAND, 1, &c, sizeof(c), &error), 0);
	c = command(2);
	c.marks.mark[0] += 1 << 12;
	ck_assert_int_eq(fb_log_put(log, FB_LOG_COMMAND, 2, &c, sizeof(c), &error), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "sequence 2"));
	ck_assert_ptr_nonnull(strstr(error.text, "u 65538"));
	ck_assert_ptr_nonnull(strstr(error.text, "u 65539"));
	fb_log_close(log, NULL);
	unlink(path);
}
END_TEST

START_TEST(another_contract_is_refused)
{
	struct fb_error error;
	size_t size;
	write_log();
	uint8_t *bytes = slurp(&size);
	bytes[12] ^= 1;
	uint64_t crc = fb_log_crc(0, bytes, 56);
	memcpy(bytes + 56, &crc, sizeof(crc));
	spit(bytes, size);
	ck_assert_int_eq(read_all(&error), -EBADMSG);
	ck_assert_ptr_nonnull(strstr(error.text, "layout hash"));
	unlink(path);
}
END_TEST

/* Writes `n` commands; what cannot be written must come out, at the latest at the close. */
static int fill(const char *where, uint64_t n, struct fb_error *error)
{
	struct fb_log *log;
	int err = fb_log_create(where, &rules, &config, &log, error);
	if (err)
		return err;
	for (uint64_t seq = 1; seq <= n && !err; seq++) {
		union fb_command c = command(seq);
		err = fb_log_put(log, FB_LOG_COMMAND, seq, &c, sizeof(c), error);
	}
	int closed = fb_log_close(log, error);
	return closed ? closed : err;
}

/* Appending writes to the file only when there is no room, and relief only from 64 KiB on; what is
 * read back is the same, wherever the file was written to. */
START_TEST(the_buffer_is_bounded_and_loses_nothing)
{
	struct fb_error error = { "" };
	struct fb_log *log;
	struct fb_log_config config_read;
	struct fb_log_entry entry;
	struct stat status;
	static uint8_t payload[FB_LOG_PAYLOAD_MAX];
	make_rules();
	snprintf(path, sizeof(path), "%s", temp_path("log"));
	ck_assert_int_eq(fb_log_create(path, &rules, &config, &log, &error), 0);
	ck_assert_int_eq(fb_log_relieve(log, &error), 0);
	ck_assert(stat(path, &status) == 0 && status.st_size == 0);
	for (uint64_t seq = 1; seq <= 3000; seq++) {
		union fb_command c = command(seq);
		ck_assert_int_eq(fb_log_put(log, FB_LOG_COMMAND, seq, &c, sizeof(c), &error), 0);
		if (seq % 1000 == 0) {
			ck_assert(stat(path, &status) == 0);
			off_t before = status.st_size;
			ck_assert_int_eq(fb_log_relieve(log, &error), 0);
			ck_assert(stat(path, &status) == 0 && status.st_size > before);
		}
	}
	ck_assert_uint_eq(fb_log_stalls(log), 0);
	for (unsigned i = 0; i < 20; i++) {
		memset(payload, (int)i, sizeof(payload));
		ck_assert_int_eq(fb_log_put(log, FB_LOG_EVENTS, 3000, payload, sizeof(payload),
					    &error), 0);
	}
	ck_assert_uint_ge(fb_log_stalls(log), 2);
	ck_assert_int_eq(fb_log_put(log, FB_LOG_END, 3000, NULL, 0, &error), 0);
	ck_assert_int_eq(fb_log_close(log, &error), 0);

	ck_assert_int_eq(fb_log_open(path, &read_rules, &config_read, &log, &error), 0);
	for (uint64_t seq = 1; seq <= 3000; seq++) {
		union fb_command c = command(seq);
		ck_assert_int_eq(fb_log_put(log, FB_LOG_COMMAND, seq, &c, sizeof(c), &error), 0);
	}
	for (unsigned i = 0; i < 20; i++) {
		memset(payload, (int)i, sizeof(payload));
		ck_assert_int_eq(fb_log_put(log, FB_LOG_EVENTS, 3000, payload, sizeof(payload),
					    &error), 0);
	}
	ck_assert_int_eq(fb_log_put(log, FB_LOG_END, 3000, NULL, 0, &error), 0);
	ck_assert_int_eq(fb_log_peek(log, &entry, &error), 0);
	fb_log_close(log, NULL);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
	struct fb_error error = { "" };
	make_rules();
	ck_assert_int_eq(fill("/dev/full", 100000, &error), -ENOSPC);
	ck_assert_ptr_nonnull(strstr(error.text, "/dev/full"));
	/* Few enough entries to fit the buffer: the error comes at the close. */
	struct fb_log *log;
	ck_assert_int_eq(fb_log_create("/dev/full", &rules, &config, &log, &error), 0);
	ck_assert_int_eq(fb_log_put(log, FB_LOG_END, 0, NULL, 0, &error), 0);
	ck_assert_int_eq(fb_log_close(log, &error), -ENOSPC);
}
END_TEST

START_TEST(a_file_limit_is_an_error)
{
	struct fb_error error = { "" };
	struct rlimit limit;
	make_rules();
	snprintf(path, sizeof(path), "%s", temp_path("log"));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = 100000;
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_int_eq(fill(path, 100000, &error), -EFBIG);
	/* The last write of all is short: half of what the close flushes. */
	ck_assert_int_eq(fill(path, 1200, &error), -EFBIG);
	ck_assert_int_eq(fill(path, 1000, &error), 0);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
	unlink(path);
}
END_TEST

START_TEST(rules_out_of_range_are_refused)
{
	static uint8_t packed[4096];
	size_t length;
	make_rules();
	ck_assert_int_eq(fb_log_rules_pack(&rules, packed, sizeof(packed), &length), 0);
	ck_assert_int_eq(fb_log_rules_unpack(packed, length, &read_rules), 0);
	for (size_t cut = 0; cut < length; cut++)
		ck_assert_int_eq(fb_log_rules_unpack(packed, cut, &read_rules), -EBADMSG);
	ck_assert_int_eq(fb_log_rules_pack(&rules, packed, length - 1, &length), -ENOSPC);
	packed[FB_NAME_MAX] = 7; /* thresholds: at most 6 */
	ck_assert_int_eq(fb_log_rules_unpack(packed, sizeof(packed), &read_rules), -EBADMSG);
}
END_TEST

int main(void)
{
	const struct kit_case cases[] = {
		{ "crc", crc_is_the_published_one },
		{ "round trip", what_is_written_comes_back },
		{ "bits", every_bit_is_covered },
		{ "cuts", every_cut_is_a_torn_tail },
		{ "tears", tears_and_damage_are_told_apart },
		{ "sequence", a_command_out_of_sequence_is_damage },
		{ "divergence", the_first_divergence_is_named },
		{ "contract", another_contract_is_refused },
		{ "buffer", the_buffer_is_bounded_and_loses_nothing },
		{ "disk full", a_full_disk_is_an_error },
		{ "file limit", a_file_limit_is_an_error },
		{ "rules", rules_out_of_range_are_refused },
	};
	temp_open("log");
	int status = kit_main("host: log", cases, sizeof(cases) / sizeof(cases[0]));
	temp_close();
	return status;
}
