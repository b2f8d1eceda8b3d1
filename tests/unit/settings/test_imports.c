/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sections of camera import: what they are by default, and which ones are refused. */
#include <glib/gstdio.h>
#include <unistd.h>

#include "daemon/settings/import_sections.h"
#include "daemon/settings/load.h"
#include "tests/unit/settings/bench.h"

/* An import of that name, with settings more. */
#define IMPORT(more) "import \"cards\" { copy_to = { \"@/a\", \"@/b\" } " more " }\n"

static const Import *first(const Bench *bench)
{
    assert_true(bench->settings->imports->len > 0);
    return bench->settings->imports->pdata[0];
}

static void an_import_needs_only_directories(void **state)
{
    static const ImportOrder order[] = { IMPORT_ORDER_PROTECTED, IMPORT_ORDER_RATED,
                                         IMPORT_ORDER_JPEG, IMPORT_ORDER_NEWEST };
    Bench *bench = *state;
    g_autofree char *a = g_build_filename(bench->dir, "a", NULL);

    assert_reported(bench, IMPORT(""), "");
    const Import *import = first(bench);
    assert_string_equal(import->name, "cards");
    assert_int_equal(import->from, IMPORT_FROM_CARDS);
    assert_null(import->path);
    assert_null(import->when);
    assert_null(import->ignore[0]);
    assert_string_equal(import->copy_to[0], a);
    assert_null(import->copy_to[2]);
    assert_string_equal(import->pattern, "{day:%Y/%Y-%m-%d|undated}/{camera}-{shot}.{ext}");
    assert_int_equal(import->day_starts, 0);
    assert_int_equal(import->orders, IMPORT_ORDERS);
    assert_memory_equal(import->order, order, sizeof(order));
    assert_int_equal(import->other, IMPORT_OTHER_COPY);
    assert_int_equal(import->verify, IMPORT_VERIFY_COPIES);
    assert_int_equal(import->safe_copies, 2);
    assert_int_equal(import->manifest, IMPORT_MANIFEST_ASCMHL);
    assert_int_equal(import->duplicates, IMPORT_DUPLICATES_SKIP);
    assert_null(import->then);
    assert_true(import->eject);
    assert_int_equal(import->line, 1);
}

static void each_setting_of_an_import_is_read(void **state)
{
    Bench *bench = *state;

    assert_reported(bench,
                    FOLDER("inbox", "") "import \"phones\" {\n"
                                        "  from = \"/media/phone/\"  when = \"{size > 0}\"\n"
                                        "  ignore = { \"BACKUP*\", \"1234-ABCD\" }\n"
                                        "  copy_to = \"@/a\"\n"
                                        "  name = \"{day|x}/{shot}.{ext}\"  day_starts = 04:30\n"
                                        "  order = { newest, jpeg }  other = leave  verify = all\n"
                                        "  safe_copies = 1  manifest = sha256  duplicates = copy\n"
                                        "  then = \"inbox\"  eject = no  min_free = 1GB\n"
                                        "}\n",
                    "");
    const Import *import = first(bench);
    assert_int_equal(import->from, IMPORT_FROM_PATH);
    assert_string_equal(import->path, "/media/phone");
    assert_string_equal(import->when, "{size > 0}");
    assert_string_equal(import->ignore[1], "1234-ABCD");
    assert_int_equal(import->day_starts, 4 * 60 + 30);
    assert_int_equal(import->orders, 2);
    assert_int_equal(import->order[0], IMPORT_ORDER_NEWEST);
    assert_int_equal(import->order[1], IMPORT_ORDER_JPEG);
    assert_int_equal(import->other, IMPORT_OTHER_LEAVE);
    assert_int_equal(import->verify, IMPORT_VERIFY_ALL);
    assert_int_equal(import->safe_copies, 1);
    assert_int_equal(import->manifest, IMPORT_MANIFEST_SHA256);
    assert_int_equal(import->duplicates, IMPORT_DUPLICATES_COPY);
    assert_string_equal(import->then, "inbox");
    assert_false(import->eject);
    assert_int_equal(import->min_free, 1 << 30);
    assert_int_equal(import->name_line, 6);
    assert_int_equal(bench->settings->advice->len, 0);
}

static void a_wrong_import_says_where_and_what_to_do(void **state)
{
    static const struct {
        const char *text, *said;
    } wrong[] = {
        { "import \"c\" { }\n",
          "@/main.conf:1: import \"c\" needs copy_to; write copy_to = ...: the directories that "
          "each get a copy of every file, at most 16 ({ \"/path\", ... }, whole paths of "
          "directories, from /)\n" },
        { "import \"c\" { copy_to = { } }\n",
          "@/main.conf:1: copy_to = { }: no copy would be made; give at least one directory\n" },
        { "import \"c\" { copy_to = { \"/a\", \"/a/\" } }\n",
          "@/main.conf:1: copy_to = /a/: it is there already; give { \"/path\", ... }, whole "
          "paths of directories, from /\n" },
        { "import \"c\" { copy_to = { \"/a/b\", \"/a\" } }\n",
          "@/main.conf:1: copy_to = { ... }: /a/b lies in /a; give directories that lie beside "
          "each other\n" },
        { IMPORT("from = card"),
          "@/main.conf:1: from = card: not an absolute path (did you mean cards?); give cards, "
          "ptp, or the whole path of a directory, from /; default cards\n" },
        { IMPORT("from = \"@\""),
          "@/main.conf:1: copy_to = @/a: a card is not copied to itself, and `from` is @; copy to "
          "another place\n"
          "@/main.conf:1: copy_to = @/b: a card is not copied to itself, and `from` is @; copy to "
          "another place\n" },
        { IMPORT("order = { jpeg, jpeg }"),
          "@/main.conf:1: order = jpeg: it is there already; give { ... } of protected, rated, "
          "jpeg, newest; default { protected, rated, jpeg, newest }\n" },
        { IMPORT("order = { jpg }"),
          "@/main.conf:1: order = jpg: no such choice (did you mean jpeg?); give { ... } of "
          "protected, rated, jpeg, newest; default { protected, rated, jpeg, newest }\n" },
        { IMPORT("day_starts = 24:00"),
          "@/main.conf:1: day_starts = 24:00: no time of a day; give 00:00 to 23:59; default "
          "00:00\n" },
        { IMPORT("\n when = \"{size > }\"\n name = \"{stem}.jpg\""),
          "@/main.conf:2: when = \"{size > }\", column 9: the formula ends where a value should "
          "be; write a value or a number there, or remove what is before it\n"
          "@/main.conf:3: name = \"{stem}.jpg\", it does not end in .{ext}: each file of a shot "
          "keeps its own extension; end it with .{ext}, as in "
          "{day:%Y-%m-%d|undated}/{stem}.{ext}\n" },
        { IMPORT("safe_copies = 0"),
          "@/main.conf:1: safe_copies = 0: too small; give 1 to 16; default 2\n" },
        { IMPORT("then = \"inbos\"") FOLDER("inbox", ""),
          "@/main.conf:1: then = inbos: no such folder; did you mean inbox?\n" },
        { IMPORT("verif = all"),
          "@/main.conf:1: verif: no such setting in import; did you mean verify?\n" },
        { IMPORT("") IMPORT(""),
          "@/main.conf:2: import \"cards\" is set twice, first at @/main.conf:1; give "
          "each one a different name\n" },
        { "import \"a/b\" { copy_to = \"@/a\" safe_copies = 1 }\n",
          "@/main.conf:1: import a/b: this is no name; give up to 64 characters, without / and "
          "\", and no dot as the first one\n" },
        { FOLDER("in", "") "import \"c\" { copy_to = { \"@/in/x\", \"@/b\" } }\n",
          "@/main.conf:2: copy_to = @/in/x: folder \"in\" watches it, and would take the copies "
          "away; copy to a directory that no folder watches; `then` hands pictures to a folder\n" },
    };
    Bench *bench = *state;

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_reported(bench, wrong[i].text, wrong[i].said);
}

static void an_import_with_which_no_card_is_ever_safe_is_advised_on(void **state)
{
    Bench *bench = *state;

    assert_reported(
        bench, "import \"c\" { copy_to = \"@/a\" when = \"{size > 1}\" }\n" IMPORT("verify = size"),
        "");
    g_autofree char *said = error_lines(bench, bench->settings->advice);
    assert_string_equal(said,
                        "@/main.conf:1: safe_copies = 2: copy_to has 1 directory, so that no card "
                        "will ever be safe to format; add a directory on another disk, or lower "
                        "it\n"
                        "@/main.conf:2: verify = size: no copy is proved, so that no card will "
                        "ever be safe to format; write verify = copies\n");
}

static void a_camera_is_read(void **state)
{
    Bench *bench = *state;

    assert_reported(bench,
                    "camera \"Z9-A\" { serial = \"6001234\"  clock = \"+1min 12s\"  owner = "
                    "\"Ann\" }\ncamera \"R5\" { serial = 17 }\n",
                    "");
    assert_int_equal(bench->settings->cameras->len, 2);
    const Camera *camera = bench->settings->cameras->pdata[0];
    assert_string_equal(camera->name, "Z9-A");
    assert_string_equal(camera->serial, "6001234");
    assert_string_equal(camera->clock, "+1min 12s");
    assert_string_equal(camera->owner, "Ann");
    camera = bench->settings->cameras->pdata[1];
    assert_null(camera->clock);
    assert_null(camera->owner);
    assert_int_equal(camera->line, 2);
}

static void a_wrong_camera_says_where_and_what_to_do(void **state)
{
    static const struct {
        const char *text, *said;
    } wrong[] = {
        { "camera \"a\" { serial = \"\" }\n",
          "@/main.conf:1: serial = \"\": it is empty; give what `exiftool -SerialNumber` shows of "
          "its pictures\n" },
        { "camera \"a\" { serial = 1 }\ncamera \"b\" { serial = 1 }\n",
          "@/main.conf:2: serial = 1: camera \"a\" (@/main.conf:1) has it, too; remove one of both "
          "cameras\n" },
        { "camera \"a\" {\n serial = 1\n clock = \"+1m\" }\n",
          "@/main.conf:3: clock = +1m: m may be minutes or months; give a sign and numbers with s, "
          "min, h, days, weeks, months or years: \"+1h 30min\"\n" },
        { "camera \"a\" { }\n",
          "@/main.conf:1: camera \"a\" needs serial; write serial = ...: its serial number, as "
          "the metadata of its pictures says it (text in quotes)\n" },
    };
    Bench *bench = *state;

    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
        assert_reported(bench, wrong[i].text, wrong[i].said);
}

/* ---- for one card ---- */

static Settings *load_import(Bench *bench, const char *file, const char *name,
                             const char *const *copy_to)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *path = file ? g_build_filename(bench->dir, file, NULL) : NULL;
    Settings *settings = settings_load_import(path, NULL, name, copy_to, errors);

    g_free(bench->messages);
    bench->messages = error_lines(bench, errors);
    return settings;
}

static void an_import_by_hand_needs_no_configuration(void **state)
{
    static const char *const one[] = { "/a", NULL };
    static const char *const three[] = { "/a", "/b", "/c", NULL };
    Bench *bench = *state;

    for (int i = 0; i < 2; i++) {
        g_autoptr(Settings) settings = load_import(bench, NULL, NULL, i ? three : one);
        assert_string_equal(bench->messages, "");
        assert_int_equal(settings->imports->len, 1);
        const Import *import = settings->imports->pdata[0];
        assert_string_equal(import->name, "by hand");
        assert_string_equal(import->copy_to[0], "/a");
        assert_int_equal(import->safe_copies, i ? 2 : 1);
        assert_false(import->eject);
        assert_null(import->file);
    }
}

static void an_import_of_the_configuration_is_chosen_by_its_name(void **state)
{
    static const char *const elsewhere[] = { "/elsewhere", NULL };
    Bench *bench = *state;

    put(bench, "main.conf",
        FOLDER("in", "") IMPORT(
            "then = in verify = all") "import \"phones\" { copy_to = \"/p\" safe_copies = 1 }\n"
                                      "camera \"a\" { serial = 1 }\n");
    g_autoptr(Settings) all = load_import(bench, "main.conf", NULL, NULL);
    assert_string_equal(bench->messages, "");
    assert_int_equal(all->imports->len, 2);
    assert_non_null(settings_find_folder(all, "in"));
    g_autoptr(Settings) phones = load_import(bench, "main.conf", "phones", NULL);
    assert_int_equal(phones->imports->len, 1);
    assert_string_equal(((const Import *) phones->imports->pdata[0])->name, "phones");
    assert_int_equal(phones->cameras->len, 1);
    g_autoptr(Settings) other = load_import(bench, "main.conf", "cards", elsewhere);
    const Import *import = other->imports->pdata[0];
    assert_string_equal(import->copy_to[0], "/elsewhere");
    assert_int_equal(import->verify, IMPORT_VERIFY_ALL);
    assert_null(import->then);
    assert_null(load_import(bench, "main.conf", "phone", NULL));
    assert_string_equal(bench->messages, "phone: no such import; did you mean phones?\n");
}

static void directories_that_are_one_by_a_link_are_refused_for_a_card(void **state)
{
    Bench *bench = *state;
    g_autofree char *a = g_build_filename(bench->dir, "a", NULL);
    g_autofree char *b = g_build_filename(bench->dir, "b", NULL);
    const char *const both[] = { a, b, NULL };

    assert_int_equal(g_mkdir(a, 0700), 0);
    assert_int_equal(symlink(a, b), 0);
    assert_null(load_import(bench, NULL, NULL, both));
    assert_string_equal(bench->messages,
                        "@/a lies in @/b; give directories that lie beside each other\n");
}

static void the_document_of_a_worker_has_what_names_need(void **state)
{
    Bench *bench = *state;

    put(bench, "main.conf",
        "camera \"Z9\" { serial = 17 owner = \"\\\"A\\\" \\\\ B\" }\n"
        "import \"c\" {\n copy_to = \"/p\"\n"
        " day_starts = 4:05\n\n when = \"{size > 1}\"\n safe_copies = 1 }\n");
    g_autoptr(Settings) settings = load_import(bench, "main.conf", NULL, NULL);
    assert_string_equal(bench->messages, "");
    g_autofree char *line = g_strdup_printf("\"%s/main.conf\"", bench->dir);
    g_auto(GStrv) parts = g_strsplit(settings->profiles_text, line, -1);
    g_autofree char *document = g_strjoinv("F", parts);
    assert_string_equal(document, "#line 1 F\n"
                                  "camera \"Z9\" {\n"
                                  "    serial = \"17\"\n"
                                  "    owner = \"\\\"A\\\" \\\\ B\"\n"
                                  "}\n"
                                  "#line 2 F\n"
                                  "import \"c\" {\n"
                                  "    day_starts = 245\n"
                                  "#line 2 F\n"
                                  "    name = \"{day:%Y/%Y-%m-%d|undated}/{camera}-{shot}.{ext}\"\n"
                                  "#line 6 F\n"
                                  "    when = \"{size > 1}\"\n"
                                  "}\n");
}

static void assert_has_import(const Bench *bench, const char *text, bool has)
{
    g_autofree char *file = g_build_filename(bench->dir, "look.conf", NULL);

    assert_true(g_file_set_contents(file, text, -1, NULL));
    assert_int_equal(settings_have_import(file), has);
}

static void a_quick_look_says_whether_there_is_an_import(void **state)
{
    Bench *bench = *state;
    g_autofree char *included = g_build_filename(bench->dir, "more.conf", NULL);
    g_autofree char *include = g_strdup_printf("include(\"%s\")\n", included);

    assert_true(g_file_set_contents(included, "import \"a\" { copy_to = \"/x\" }\n", -1, NULL));
    assert_has_import(bench, "", false);
    assert_has_import(bench, "# import \"a\" {}\n", false);
    assert_has_import(bench, "import \"a\" {}\n", true); /* also one with a mistake */
    assert_has_import(bench, include, true);
    assert_false(settings_have_import("/nowhere/hotfolder.conf"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_import_needs_only_directories),
        TEST(each_setting_of_an_import_is_read),
        TEST(a_wrong_import_says_where_and_what_to_do),
        TEST(an_import_with_which_no_card_is_ever_safe_is_advised_on),
        TEST(a_camera_is_read),
        TEST(a_wrong_camera_says_where_and_what_to_do),
        TEST(an_import_by_hand_needs_no_configuration),
        TEST(an_import_of_the_configuration_is_chosen_by_its_name),
        TEST(directories_that_are_one_by_a_link_are_refused_for_a_card),
        TEST(the_document_of_a_worker_has_what_names_need),
        TEST(a_quick_look_says_whether_there_is_an_import),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
