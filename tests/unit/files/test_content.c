/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The digests of what passes by; the expected ones are those of xxhsum -H2, md5sum and sha256sum.
 */
#include "daemon/files/content.h"
#include "tests/unit/check.h"

static void digests_of_nothing_and_of_abc(void **state)
{
    g_autoptr(ContentReader) reader = content_reader_new(CONTENT_MD5 | CONTENT_SHA256);
    Content content;

    (void) state;
    content_end(reader, &content);
    assert_int_equal(content.size, 0);
    assert_string_equal(content.xxh128, "99aa06d3014798d86001c324468d497f");
    assert_string_equal(content.md5, "d41d8cd98f00b204e9800998ecf8427e");
    assert_string_equal(content.sha256,
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    content_add(reader, "a", 1);
    content_add(reader, "bc", 2);
    content_end(reader, &content);
    assert_int_equal(content.size, 3);
    assert_string_equal(content.xxh128, "06b05ab6733a618578af5f94892f3950");
    assert_string_equal(content.md5, "900150983cd24fb0d6963f7d28e17f72");
    assert_string_equal(content.sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void only_what_was_asked_for_is_made(void **state)
{
    g_autoptr(ContentReader) reader = content_reader_new(0);
    Content content, other;

    (void) state;
    content_add(reader, "abc", 3);
    content_end(reader, &content);
    assert_string_equal(content.md5, "");
    assert_string_equal(content.sha256, "");
    content_add(reader, "abd", 3);
    content_end(reader, &other);
    assert_false(content_same(&content, &other));
    content_add(reader, "abc", 3);
    content_end(reader, &other);
    assert_true(content_same(&content, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_of_nothing_and_of_abc),
        cmocka_unit_test(only_what_was_asked_for_is_made),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
