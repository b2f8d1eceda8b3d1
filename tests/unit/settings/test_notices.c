/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sections of notices and of the page: what they are by default, and which ones are refused. */
#include <glib/gstdio.h>

#include "daemon/settings/load.h"
#include "tests/unit/settings/bench.h"

/* In the texts of these tests @ is the directory: that of an address is written \x40. */

static const Notice *first(const Bench *bench)
{
    assert_true(bench->settings->notices->len > 0);
    return bench->settings->notices->pdata[0];
}

static void a_notice_needs_only_a_word_and_a_way(void **state)
{
    Bench *bench = *state;

    assert_reported(bench, "notify \"desk\" { on = failed  mail = \"desk\\x40example.org\" }\n",
                    "");
    const Notice *notice = first(bench);
    assert_string_equal(notice->name, "desk");
    assert_int_equal(notice->on, 1 << NOTICE_FAILED);
    assert_null(notice->folders);
    assert_int_equal(notice->idle_ms, 30 * 1000);
    assert_int_equal(notice->every_ms, 10 * 60 * 1000);
    assert_null(notice->run);
    assert_string_equal(notice->mail, "desk@example.org");
    assert_null(notice->post);
    assert_int_equal(notice->line, 1);
    assert_null(bench->settings->http);
}

static void each_setting_of_a_notice_is_read(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench,
        FOLDER("inbox", "")
            FOLDER("more", "") "notify \"desk\" {\n"
                               "  on = { failed, held, resumed, done, idle, card }\n"
                               "  folders = { \"inbox\", \"more\" }  idle = 1min  every = 0s\n"
                               "  run = { \"/bin/sh\", \"-c\", \"true\" }\n"
                               "  mail = \"a\\x40example.org, b\\x40[::1],root\\x40localhost\"\n"
                               "  post = \"https://example.org:8443/hook?a=%20b#c\"\n"
                               "}\n"
                               "notify \"Büro\" { on = card  post = \"HTTP://[::1]:80\" }\n",
        "");
    const Notice *notice = first(bench);
    assert_int_equal(notice->on, (1 << NOTICE_KINDS) - 1);
    assert_string_equal(notice->folders[0], "inbox");
    assert_string_equal(notice->folders[1], "more");
    assert_null(notice->folders[2]);
    assert_int_equal(notice->idle_ms, 60 * 1000);
    assert_int_equal(notice->every_ms, 0);
    assert_string_equal(notice->run[2], "true");
    assert_null(notice->run[3]);
    assert_string_equal(notice->post, "https://example.org:8443/hook?a=%20b#c");
    assert_int_equal(bench->settings->notices->len, 2);
    assert_int_equal(bench->settings->advice->len, 0);
}

static void each_kind_and_way_has_its_word(void **state)
{
    static const char *const words[] = { "failed", "held", "resumed", "done", "idle", "card" };

    (void) state;
    for (int kind = 0; kind < NOTICE_KINDS; kind++)
        assert_string_equal(notice_kind_word((NoticeKind) kind), words[kind]);
    assert_string_equal(notice_way_word(NOTICE_RUN), "run");
    assert_string_equal(notice_way_word(NOTICE_MAIL), "mail");
    assert_string_equal(notice_way_word(NOTICE_POST), "post");
}

#define NOTICE(more) "notify \"n\" { on = failed " more " }\n"
#define NO_ADDRESS                                                                                 \
    ": this is no mail address; give name@example.org, several with commas between; only the "     \
    "address, in ASCII\n"

static void a_wrong_notice_says_where_and_what_to_do(void **state)
{
    static const struct {
        const char *text, *said;
    } wrong[] = {
        { "notify \"n\" { mail = \"a\\x40b\" }\n",
          "@/main.conf:1: notify \"n\" needs on; write on = ...: what it is about ({ ... } of "
          "failed, held, resumed, done, idle, card)\n" },
        { "notify \"n\" { on = { }  mail = \"a\\x40b\" }\n",
          "@/main.conf:1: on = { }: it is about nothing; give at least one word, as { failed, held "
          "}\n" },
        { "notify \"n\" { on = heldd  mail = \"a\\x40b\" }\n",
          "@/main.conf:1: on = heldd: no such choice (did you mean held?); give { ... } of "
          "failed, held, resumed, done, idle, card\n" },
        { NOTICE(""),
          "@/main.conf:1: notify n: it goes to no one; add mail = \"desk@example.org\", run = { "
          "\"/path/of/a/program\" } or post = \"https://...\"\n" },
        { NOTICE("\n mail = \"a\\x40b\"") NOTICE("mail = \"a\\x40b\""),
          "@/main.conf:3: notify \"n\" is set twice, first at @/main.conf:1; give each one a "
          "different name\n" },
        { FOLDER("inbox", "") NOTICE("mail = \"a\\x40b\"\n folders = { \"inbox\", \"imbox\" }"),
          "@/main.conf:3: folders = imbox: no such folder; did you mean inbox?\n" },
        { NOTICE("mail = \"a\\x40b\"  folders = \"\""),
          "@/main.conf:1: folders = \"\": no such folder; give the name of a folder\n" },
        { NOTICE("mail = \"a\\x40b\"  folders = { }"),
          "@/main.conf:1: folders = { }: it is about no "
          "folder; remove it: then the notice is about "
          "all folders\n" },
        { NOTICE("run = { }"),
          "@/main.conf:1: run: it is empty; give { \"/path/of/a/program\", \"argument\", ... }\n" },
        { NOTICE("run = { \"/bin/true\", \"a\\xff\" }"),
          "@/main.conf:1: run: a\\xff is not UTF-8; write a script that has it, and name that\n" },
        { NOTICE("run = { \"tell\" }"),
          "@/main.conf:1: run: tell is not the whole path of a program; begin it with /, as in "
          "\"/usr/bin/pngquant\"\n" },
        { NOTICE("run = \"@/tell\""),
          "@/main.conf:1: run: '@/tell': No such file or directory; install it, or correct its "
          "path\n" },
        { NOTICE("mail = \"desk\""),
          "@/main.conf:1: mail = desk: this is no mail address; write desk@localhost for a user of "
          "this machine, else name@example.org\n" },
        { NOTICE("mail = \"\""), "@/main.conf:1: mail = \"\"" NO_ADDRESS },
        { NOTICE("mail = \"a\\x40b.c\\nBcc: d\\x40e.f\""),
          "@/main.conf:1: mail = a@b.c\\x0aBcc: d@e.f" NO_ADDRESS },
        { NOTICE("mail = \"Desk <a\\x40b.c>\""), "@/main.conf:1: mail = Desk <a@b.c>" NO_ADDRESS },
        { NOTICE("post = \"file:///etc/passwd\""),
          "@/main.conf:1: post = ...: only http and https are known; give "
          "https://HOST/PATH\n" },
        { NOTICE("post = \"https:///x\""),
          "@/main.conf:1: post = ...: it names no host; give https://HOST/PATH\n" },
        { NOTICE("post = \"https://a.b/c d\""),
          "@/main.conf:1: post = ...: it has a character that no URL has; give "
          "https://HOST/PATH\n" },
        { NOTICE("post = \"https://user:password\\x40a.b:99999/secret\""),
          "@/main.conf:1: post = ...: this is no URL; give https://HOST/PATH\n" },
        { NOTICE("mail = \"a\\x40b\"  every = 2d  idle = 0s"),
          "@/main.conf:1: every = 2d: too large; give 0 to 1d; default 10min\n"
          "@/main.conf:1: idle = 0s: too small; give 1s to 1d; default 30s\n" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_reported(*state, wrong[i].text, wrong[i].said);
}

static void a_program_that_others_can_change_is_refused(void **state)
{
    Bench *bench = *state;
    g_autofree char *file = g_build_filename(bench->dir, "tell", NULL);

    put(bench, "tell", "#!/bin/sh\n");
    assert_int_equal(g_chmod(file, 0757), 0);
    assert_reported(
        bench, NOTICE("run = \"@/tell\""),
        "@/main.conf:1: run: all users of this machine may change '@/tell', and thereby "
        "what hotfolder does; chmod o-w @/tell\n");
    assert_int_equal(g_chmod(file, 0755), 0);
    assert_reported(bench, NOTICE("run = \"@/tell\""), "");
}

static void a_folder_with_an_error_is_not_called_missing(void **state)
{
    assert_reported(
        *state, FOLDER("inbox", "quiet = soon") NOTICE("mail = \"a\\x40b\" folders = inbox"),
        "@/main.conf:1: quiet = soon: not a number with a unit; give 0 to 1h; default 2s\n");
}

/* ---- the page ---- */

static void write_token(const Bench *bench, const char *text, int mode)
{
    g_autofree char *file = g_build_filename(bench->dir, "token", NULL);

    put(bench, "token", text);
    assert_int_equal(g_chmod(file, mode), 0);
}

static void the_page_listens_on_this_machine_alone_by_default(void **state)
{
    Bench *bench = *state;

    assert_reported(bench, "\nhttp { }\n", "");
    const Http *http = bench->settings->http;
    assert_string_equal(http->listen, "127.0.0.1:8480");
    assert_true(http->is_loopback);
    assert_null(http->token_file);
    assert_null(http->hosts[0]);
    assert_true(http->steer);
    assert_int_equal(http->line, 2);
}

static void each_setting_of_the_page_is_read(void **state)
{
    Bench *bench = *state;
    g_autofree char *token = g_build_filename(bench->dir, "token", NULL);

    write_token(bench, "0123456789abcdef\n", 0640);
    assert_reported(bench,
                    "http { listen = \"[2001:db8::1]:8480\"  token_file = \"@/token\"\n"
                    "  hosts = { \"photos.example.org\" }  steer = no }\n",
                    "");
    const Http *http = bench->settings->http;
    assert_string_equal(http->listen, "[2001:db8::1]:8480");
    assert_false(http->is_loopback);
    assert_string_equal(http->token_file, token);
    assert_string_equal(http->hosts[0], "photos.example.org");
    assert_null(http->hosts[1]);
    assert_false(http->steer);
    assert_int_equal(bench->settings->advice->len, 0);
}

static void loopback_is_known_in_each_form(void **state)
{
    static const char *const loopback[] = { "127.0.0.1:1", "127.255.0.1:65535", "[::1]:80",
                                            "[::ffff:127.0.0.1]:80" };
    static const char *const other[] = { "0.0.0.0:80", "128.0.0.1:80", "[::]:80",
                                         "[::ffff:10.0.0.1]:80" };
    Bench *bench = *state;

    write_token(bench, "0123456789abcdef\n", 0640);
    for (size_t i = 0; i < G_N_ELEMENTS(loopback); i++) {
        g_autofree char *text = g_strdup_printf("http { listen = \"%s\" }\n", loopback[i]);
        assert_reported(bench, text, "");
        assert_true(bench->settings->http->is_loopback);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(other); i++) {
        g_autofree char *text =
            g_strdup_printf("http { listen = \"%s\" token_file = \"@/token\" }\n", other[i]);
        assert_reported(bench, text, "");
        assert_false(bench->settings->http->is_loopback);
    }
}

#define LISTEN(text) "http { listen = \"" text "\" }\n"
#define NO_LISTEN(text)                                                                            \
    "@/main.conf:1: listen = " text ": this is no address with a port; give ADDRESS:PORT, as "     \
    "\"127.0.0.1:8480\" or \"[::1]:8480\"; no name\n"
#define NEEDS_TOKEN(text)                                                                          \
    "@/main.conf:1: listen = " text ": other machines reach this address, and no token is asked "  \
    "for; add token_file = \"/etc/hotfolder/page.token\", or listen on 127.0.0.1\n"

static void a_wrong_page_says_where_and_what_to_do(void **state)
{
    static const struct {
        const char *text, *said;
    } wrong[] = {
        { LISTEN("localhost:80"), NO_LISTEN("localhost:80") },
        { LISTEN("127.0.0.1"), NO_LISTEN("127.0.0.1") },
        { LISTEN("127.0.0.1:0"), NO_LISTEN("127.0.0.1:0") },
        { LISTEN("127.0.0.1:65536"), NO_LISTEN("127.0.0.1:65536") },
        { LISTEN("127.0.0.1:+80"), NO_LISTEN("127.0.0.1:+80") },
        { LISTEN("::1:80"), NO_LISTEN("::1:80") },
        { LISTEN("[]:80"), NO_LISTEN("[]:80") },
        { LISTEN("]:80"), NO_LISTEN("]:80") },
        { LISTEN(":80"), NO_LISTEN(":80") },
        { LISTEN(""), NO_LISTEN("\"\"") },
        { LISTEN("0.0.0.0:80"), NEEDS_TOKEN("0.0.0.0:80") },
        { LISTEN("[::]:80"), NEEDS_TOKEN("[::]:80") },
        { "http { }\nhttp { }\n",
          "@/main.conf:2: http is set twice, first at @/main.conf:1; keep one of them\n" },
        { "http { hosts = { \"a.b:80\" } }\n",
          "@/main.conf:1: hosts = a.b:80: this is no name of a host; give names as "
          "\"photos.example.org\", without a port\n" },
        { "http { token_file = \"token\" }\n",
          "@/main.conf:1: token_file = token: not an absolute path; give the whole path of a file, "
          "from /\n" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_reported(*state, wrong[i].text, wrong[i].said);
}

/* The advice on the settings that were read last, as `hotfolder check` shows it. */
static void assert_advised(const Bench *bench, const char *said)
{
    assert_int_equal(bench->settings->advice->len, 1);
    g_autofree char *text = error_text(bench->settings->advice->pdata[0]);
    g_autoptr(GString) shown = g_string_new(text);
    g_string_replace(shown, bench->dir, "@", 0);
    assert_string_equal(shown->str, said);
}

#define NO_TOKEN(why)                                                                              \
    "@/main.conf:1: token_file = @/token: " why                                                    \
    "; write one that only hotfolder-page reads: head -c 24 /dev/urandom | base64 | sudo install " \
    "-m 640 -g hotfolder-page /dev/stdin @/token"

static void a_token_that_protects_nothing_is_advised_on(void **state)
{
    static const struct {
        const char *token;
        int mode;
        const char *said;
    } wrong[] = {
        { "", 0640, NO_TOKEN("it is empty") },
        { "\n", 0640, NO_TOKEN("it is empty") },
        { "0123456789abcde\n\n", 0640, NO_TOKEN("the token is shorter than 16 characters") },
        { "0123456789abcdef\n", 0644, NO_TOKEN("all users of this machine can read it") },
        { "0123456789abcdef\n", 0642, NO_TOKEN("all users of this machine can change it") },
        { "0123456789abcdef\nx\n", 0640,
          NO_TOKEN("it has more than one line of printable characters without spaces") },
    };
    Bench *bench = *state;

    assert_reported(bench, "http { token_file = \"@/token\" }\n", "");
    assert_advised(bench, NO_TOKEN("no such file"));
    assert_reported(bench, "http { token_file = \"/dev/null\" }\n", "");
    assert_advised(bench, "@/main.conf:1: token_file = /dev/null: not a regular file; give the "
                          "path of a file that has the token alone, as "
                          "\"/etc/hotfolder/page.token\"");
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        write_token(bench, wrong[i].token, wrong[i].mode);
        assert_reported(bench, "http { token_file = \"@/token\" }\n", "");
        assert_advised(bench, wrong[i].said);
    }
}

static void what_is_right_and_surprises_is_advised(void **state)
{
    static const struct {
        const char *text, *said;
    } rows[] = {
        { "http { steer = yes }\n",
          "steer = yes without token_file: every user of this machine may pause, retry and undo" },
        { NOTICE("mail = \"a\\x40b\" idle = 1min"), "idle does nothing: `on` does not have idle" },
        { FOLDER("inbox", "") "notify \"n\" { on = card mail = \"a\\x40b\" folders = inbox }\n",
          "folders does nothing: `on` has only card, and cards belong to no folder" },
    };
    Bench *bench = *state;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_reported(bench, rows[i].text, "");
        assert_int_equal(bench->settings->advice->len, 1);
        assert_string_equal(((const Error *) bench->settings->advice->pdata[0])->what,
                            rows[i].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_notice_needs_only_a_word_and_a_way, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_setting_of_a_notice_is_read, set_up, tear_down),
        cmocka_unit_test(each_kind_and_way_has_its_word),
        cmocka_unit_test_setup_teardown(a_wrong_notice_says_where_and_what_to_do, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_program_that_others_can_change_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_folder_with_an_error_is_not_called_missing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_page_listens_on_this_machine_alone_by_default, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(each_setting_of_the_page_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(loopback_is_known_in_each_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_page_says_where_and_what_to_do, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_that_protects_nothing_is_advised_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_right_and_surprises_is_advised, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
