/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A notice as a mail; tests/system/delivering.py has it read by another program. */
#include <glib.h>
#include <string.h>

#include "notice/message.h"
#include "tests/unit/check.h"

static const time_t noon = 1700000000; /* 2023-11-14 22:13:20 UTC */

static int use_utc(void **state)
{
    (void) state;
    g_setenv("TZ", "UTC", TRUE);
    tzset();
    return 0;
}

static void a_mail_has_its_head_and_its_text(void **state)
{
    g_autofree char *mail = message_write("desk@example.org", "12 failed", "One\nTwo\n", noon);

    (void) state;
    assert_string_equal(mail, "To: desk@example.org\n"
                              "Subject: 12 failed\n"
                              "Date: Tue, 14 Nov 2023 22:13:20 +0000\n"
                              "Auto-Submitted: auto-generated\n"
                              "MIME-Version: 1.0\n"
                              "Content-Type: text/plain; charset=utf-8\n"
                              "Content-Transfer-Encoding: 8bit\n"
                              "\n"
                              "One\n"
                              "Two\n");
}

static void each_address_has_a_line_of_its_own(void **state)
{
    g_autofree char *mail = message_write("a@b.c,  d@e.f", "x", "", noon);

    (void) state;
    assert_true(g_str_has_prefix(mail, "To: a@b.c,\n d@e.f\nSubject: x\n"));
    assert_true(g_str_has_suffix(mail, ": 8bit\n\n"));
}

/* How many lines of the head begin with a name. */
static unsigned fields(const char *mail)
{
    g_autofree char *head = g_strndup(mail, (gsize) (strstr(mail, "\n\n") - mail));
    g_auto(GStrv) lines = g_strsplit(head, "\n", -1);
    unsigned count = 0;

    for (char **line = lines; *line; line++)
        count += **line != ' ';
    return count;
}

static void no_text_begins_another_line_of_the_head(void **state)
{
    g_autofree char *usual = message_write("a@b.c", "x", "y", noon);
    g_autofree char *hostile =
        message_write("a@b.c\nBcc: d@e.f", "x\r\nBcc: g@h.i\r\n\r\nBody", "y", noon);

    (void) state;
    assert_int_equal(fields(usual), 7);
    assert_int_equal(fields(hostile), 7);
    assert_null(strstr(hostile, "\nBcc"));
    assert_true(g_str_has_suffix(hostile, "\n\ny\n"));
}

static void no_line_is_too_long_whatever_a_text_has(void **state)
{
    g_autoptr(GString) text = g_string_new("a"); /* so that cuts fall between the bytes of ö */
    g_autoptr(GString) subject = g_string_new(NULL);

    (void) state;
    for (int i = 0; i < 3000; i++)
        g_string_append(text, "ö");
    for (int i = 0; i < 100; i++)
        g_string_append(subject, "Größe ");
    g_autofree char *mail = message_write("a@b.c", subject->str, text->str, noon);
    g_auto(GStrv) lines = g_strsplit(mail, "\n", -1);
    assert_true(g_utf8_validate(mail, -1, NULL));
    for (char **line = lines; *line; line++) {
        assert_true(strlen(*line) <= 998);
        if (strstr(*line, "=?UTF-8?Q?")) /* RFC 2047 has 76 for a line with an encoded word */
            assert_true(strlen(*line) <= 76 + strlen("Subject: "));
    }
}

static void bytes_that_are_no_text_do_no_harm(void **state)
{
    g_autofree char *mail = message_write("a@b.c", "\xff\x01=?x?=", "a\rb\r\nc\xfe", noon);

    (void) state;
    assert_true(g_utf8_validate(mail, -1, NULL));
    assert_non_null(strstr(mail, "\n\na\nb\nc"));
    assert_non_null(strstr(mail, "Subject: =?UTF-8?Q?"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mail_has_its_head_and_its_text),
        cmocka_unit_test(each_address_has_a_line_of_its_own),
        cmocka_unit_test(no_text_begins_another_line_of_the_head),
        cmocka_unit_test(no_line_is_too_long_whatever_a_text_has),
        cmocka_unit_test(bytes_that_are_no_text_do_no_harm),
    };

    return cmocka_run_group_tests(tests, use_utc, NULL);
}
