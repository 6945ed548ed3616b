/* SHA-256 against the vectors of FIPS 180-4 and NIST's examples; Merkle trees against those of
 * Certificate Transparency (the reference test data of RFC 6962). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sw/lib/merkle.h"

static void expect_hex(const fb_digest found, const char *expected)
{
	char text[65];
	for (int i = 0; i < 32; i++)
		sprintf(text + 2 * i, "%02x", found[i]);
	ck_assert_str_eq(text, expected);
}

/* `times` times the same piece. */
static void expect_hash(const char *piece, unsigned times, const char *expected)
{
	struct fb_sha256 sha;
	fb_digest out;
	fb_sha256_begin(&sha);
	for (unsigned i = 0; i < times; i++)
		fb_sha256_add(&sha, piece, strlen(piece));
	fb_sha256_end(&sha, out);
	expect_hex(out, expected);
}

START_TEST(published_hashes)
{
	expect_hash("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect_hash("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect_hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	expect_hash("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmn"
		    "opqklmnopqrlmnopqrsmnopqrstnopqrstu",
		    1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
	expect_hash("a", 1000000,
		    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* However it is cut into pieces, and around the length where padding needs another block. */
START_TEST(pieces)
{
	char text[200];
	memset(text, 'x', sizeof(text));
	for (size_t length = 50; length < 140; length++)
		for (size_t cut = 0; cut <= length; cut += 7) {
			struct fb_sha256 one, two;
			fb_digest a, b;
			fb_sha256_begin(&one);
			fb_sha256_add(&one, text, length);
			fb_sha256_end(&one, a);
			fb_sha256_begin(&two);
			fb_sha256_add(&two, text, cut);
			fb_sha256_add(&two, text, length - cut);
			fb_sha256_end(&two, b);
			ck_assert_mem_eq(a, b, sizeof(a));
		}
}
END_TEST

/* The block function of this processor against the portable one, over a chain of blocks. */
START_TEST(both_block_functions)
{
	fb_sha256_block *x86 = fb_sha256_block_x86();
	uint32_t a[8], b[8], x = 1;
	uint8_t block[64];
	if (!x86)
		return; /* nothing to compare: fb_sha256 is the portable one, and checked above */
	memset(a, 0x5a, sizeof(a));
	memcpy(b, a, sizeof(a));
	for (unsigned turn = 0; turn < 10000; turn++) {
		for (unsigned i = 0; i < 64; i++) {
			x = x * 1664525 + 1013904223;
			block[i] = turn % 7 ? (uint8_t)(x >> 24) : turn % 2 ? 0xff : 0;
		}
		x86(a, block);
		fb_sha256_block_portable(b, block);
		ck_assert_mem_eq(a, b, sizeof(a));
	}
}
END_TEST

START_TEST(numbers_are_little_endian)
{
	struct fb_sha256 sha;
	fb_digest out;
	fb_sha256_begin(&sha);
	fb_sha256_number(&sha, 0x636261, 3);
	fb_sha256_end(&sha, out);
	expect_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

static void leaf(const void *data, size_t length, fb_digest out)
{
	static const uint8_t prefix = FB_MERKLE_LEAF;
	struct fb_sha256 sha;
	fb_sha256_begin(&sha);
	fb_sha256_add(&sha, &prefix, 1);
	fb_sha256_add(&sha, data, length);
	fb_sha256_end(&sha, out);
}

START_TEST(published_roots)
{
	static const char *const data[8] = { "",
					     "\x00",
					     "\x10",
					     "\x20\x21",
					     "\x30\x31",
					     "@ABC",
					     "PQRSTUVW",
					     "`abcdefghijklmno" };
	static const size_t length[8] = { 0, 1, 1, 2, 2, 4, 8, 16 };
	static const char *const expected[8] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	};
	for (uint32_t n = 1; n <= 8; n++) {
		fb_digest hash[8], root;
		for (uint32_t i = 0; i < n; i++)
			leaf(data[i], length[i], hash[i]);
		fb_merkle_root(hash, n, 0, NULL, root);
		expect_hex(root, expected[n - 1]);
	}
}
END_TEST

static void make_leaves(fb_digest *hash, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		leaf(&i, sizeof(i), hash[i]);
}

/* From every leaf of every size to the root; not from a wrong place, leaf, path or size. */
START_TEST(paths)
{
	static fb_digest hash[70];
	for (uint32_t n = 1; n <= 70; n++)
		for (uint32_t i = 0; i < n; i++) {
			struct fb_merkle_path path;
			fb_digest root, other, own, found;
			leaf(&i, sizeof(i), own);
			leaf("other", 5, other);
			make_leaves(hash, n);
			fb_merkle_root(hash, n, i, &path, root);
			ck_assert(fb_merkle_climb(own, i, n, &path, found));
			ck_assert_mem_eq(found, root, sizeof(root));
			ck_assert(fb_merkle_climb(other, i, n, &path, found));
			ck_assert_mem_ne(found, root, sizeof(root));
			ck_assert(!fb_merkle_climb(own, n, n, &path, found));
			if (n == 1)
				continue;
			ck_assert(!fb_merkle_climb(own, i ^ 1, n, &path, found) ||
				  memcmp(found, root, sizeof(root)) != 0);
			path.step[path.length - 1][31] ^= 1;
			ck_assert(fb_merkle_climb(own, i, n, &path, found));
			ck_assert_mem_ne(found, root, sizeof(root));
			path.length--;
			ck_assert(!fb_merkle_climb(own, i, n, &path, found));
			path.length += 2;
			ck_assert(!fb_merkle_climb(own, i, n, &path, found));
		}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("merkle");
	TCase *tests = tcase_create("merkle");
	tcase_add_test(tests, published_hashes);
	tcase_add_test(tests, pieces);
	tcase_add_test(tests, both_block_functions);
	tcase_add_test(tests, numbers_are_little_endian);
	tcase_add_test(tests, published_roots);
	tcase_add_test(tests, paths);
	tcase_set_timeout(tests, 30);
	suite_add_tcase(suite, tests);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
