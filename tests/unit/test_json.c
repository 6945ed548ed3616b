/* The JSON reader: what it takes, what it refuses and where it says so. */
#include "../../sw/lib/json.h"
#include "inputs_kit.h"

static int parse(const char *bytes, struct fb_json *json, struct fb_text *text,
		 struct fb_error *error)
{
	*text = (struct fb_text){ (char *)(uintptr_t)"t.json", (char *)(uintptr_t)bytes,
				  strlen(bytes) };
	return fb_json_parse(text, json, error);
}

START_TEST(a_tree_of_all_types)
{
	struct fb_error error;
	struct fb_json json;
	struct fb_text text;
	uint32_t a, b;
	char name[32];

	ck_assert_int_eq(parse("\t{\"a\": [1, -2.5e+3, true, false, null],\r\n"
			       " \"b\\/\\u0041\\u00e9\\n\": {}, \"c\": \"\"}",
			       &json, &text, &error),
			 0);
	ck_assert_int_eq(json.node[0].type, FB_JSON_OBJECT);
	a = fb_json_member(&json, 0, "a");
	ck_assert_int_eq(json.node[a].type, FB_JSON_ARRAY);
	b = json.node[json.node[a].child].next;
	ck_assert_int_eq(json.node[b].type, FB_JSON_NUMBER);
	ck_assert_mem_eq(text.bytes + json.node[b].at, "-2.5e+3", json.node[b].length);
	b = json.node[b].next;
	ck_assert_int_eq(json.node[b].type, FB_JSON_TRUE);
	ck_assert_int_eq(json.node[json.node[b].next].type, FB_JSON_FALSE);
	b = json.node[a].next;
	ck_assert_int_eq(json.node[b].type, FB_JSON_OBJECT);
	ck_assert_uint_eq(json.node[b].child, 0);
	ck_assert_int_eq(fb_json_unescape(&json, json.node[b].key, json.node[b].key_length, name,
					  sizeof(name)),
			 0);
	ck_assert_str_eq(name, "b/A\xc3\xa9\n");
	ck_assert_int_eq(
		fb_json_unescape(&json, json.node[b].key, json.node[b].key_length, name, 6),
		-ENAMETOOLONG);
	ck_assert_uint_eq(fb_json_member(&json, 0, "d"), 0);
	ck_assert_uint_eq(fb_json_member(&json, a, "a"), 0);
	fb_json_free(&json);
}
END_TEST

START_TEST(what_is_refused_and_where)
{
	static const struct {
		const char *bytes, *place, *words;
	} bad[] = {
		{ "", "1:1", "a JSON value, found the end" },
		{ "{\"a\":1", "1:7", "a comma or }, found the end" },
		{ "[1,\n 2,]", "2:4", "a JSON value" },
		{ "[1 2]", "1:4", "a comma or ]" },
		{ "{\"a\" 1}", "1:6", "a colon" },
		{ "{a:1}", "1:2", "a name in quotes" },
		{ "{\"a\":1,\"b\":2,\n\"a\":3}", "2:2", "distinct names" },
		{ "[01]", "1:3", "a comma or ]" },
		{ "[1.]", "1:4", "a digit" },
		{ "[-]", "1:3", "a digit" },
		{ "[1e]", "1:4", "a digit" },
		{ "[+1]", "1:2", "a JSON value" },
		{ "[NaN]", "1:2", "a JSON value" },
		{ "[tru]", "1:2", "a JSON value" },
		{ "\"abc", "1:5", "the end of a string" },
		{ "\"a\nb\"", "1:3", "control characters" },
		{ "\"\\x\"", "1:3", "an escape" },
		{ "\"\\u12g4\"", "1:6", "four hexadecimal digits" },
		{ "[] []", "1:4", "nothing after the value" },
		{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]", "1:33", "32 levels" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct fb_error error = { "" };
		struct fb_json json;
		struct fb_text text;

		ck_assert_msg(parse(bad[i].bytes, &json, &text, &error) == -EINVAL, "%s",
			      bad[i].bytes);
		kit_error_at(&error, bad[i].place, bad[i].words);
	}
}
END_TEST

/* Names that are equal only once escapes are undone are different names here: no reader looks for
 * one that needs an escape, and the text of both is shown. A byte 0 cannot be a name. */
START_TEST(no_byte_0_in_a_string)
{
	struct fb_error error;
	struct fb_json json;
	struct fb_text text;
	char out[8];

	ck_assert_int_eq(parse("\"a\\u0000b\"", &json, &text, &error), 0);
	ck_assert_int_eq(fb_json_unescape(&json, json.node[0].at, json.node[0].length, out, 8),
			 -EINVAL);
	fb_json_free(&json);
}
END_TEST

static void fill(TCase *tcase)
{
	tcase_add_test(tcase, a_tree_of_all_types);
	tcase_add_test(tcase, what_is_refused_and_where);
	tcase_add_test(tcase, no_byte_0_in_a_string);
}

int main(void)
{
	return kit_run("json", fill);
}
