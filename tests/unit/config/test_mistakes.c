/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mistakes of which a message says the column and what to write. */
#include "config/conf.h"
#include "tests/unit/check.h"

typedef struct Sample {
    char *name;
    double sigma;
} Sample;

static const Param settings[] = {
    TEXT(Sample, name, .def = "", .help = "the name"),
    REAL(Sample, sigma, .def = "0.8", .min = 0.1, .max = 10, .unit = "px", .help = "how large"),
    { 0 },
};

static const ConfSection in_folder[] = {
    { .name = "retry", .params = settings },
    { 0 },
};
static const ConfSection in_file[] = {
    { .name = "folder", .titled = true, .many = true, .params = settings, .sections = in_folder },
    { 0 },
};
static const ConfSection schema = { .sections = in_file };

static bool take(void *user G_GNUC_UNUSED, const Param *param G_GNUC_UNUSED,
                 const char *text G_GNUC_UNUSED, Error **err G_GNUC_UNUSED)
{
    return true;
}

static void assert_reported(const char *text, const char *expected)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(ConfNode) file = conf_read(&schema, "x.conf", text, NULL, errors);

    for (guint i = 0; i < file->nodes->len; i++) {
        Sample sample = { 0 };
        const ConfNode *node = file->nodes->pdata[i];
        if (node->section)
            conf_apply_formulas(node, &sample, take, NULL, errors);
        params_clear(settings, &sample);
    }
    g_autofree char *messages = check_error_lines(errors);
    assert_string_equal(messages, expected);
}

static void texts_that_touch_are_to_be_one_text(void **state)
{
    (void) state;
    assert_reported("folder \"a\" { name = \"{stem}\".jpg sigma = 99 }\n",
                    "x.conf:1: column 29: name = \"{stem}\".jpg: more than one value; "
                    "write one text: name = \"{stem}.jpg\"\n"
                    "x.conf:1: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
    assert_reported("folder \"\u00e4\" { name = 'a''b' }\nfolder \"b\" {\n\tname = \"c\"\"d\" }\n",
                    "x.conf:1: column 24: name = 'a''b': more than one value; write one text: name "
                    "= \"ab\"; or \"a'b\" where the quote belongs to it\n"
                    "x.conf:3: column 12: name = \"c\"\"d\": more than one value; write one text: "
                    "name = \"cd\"; or 'c\"d' where the quote belongs to it\n");
    assert_reported("folder \"a\" { name = \"a\" \"b\" }\n",
                    "x.conf:1: column 25: name = \"a\" \"b\": more than one value; write it as one "
                    "word, or put all of it in quotes\n");
}

static void a_list_where_one_value_stands_is_to_be_one_value(void **state)
{
    (void) state;
    assert_reported("folder \"a\" { name = { \"a\", \"b\" } sigma = 99 }\n",
                    "x.conf:1: name = { \"a\" ... }: it takes one value, not a list; "
                    "write one: name = \"a\"\n"
                    "x.conf:1: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
    assert_reported("folder \"a\" { name = { /srv/a,\n /srv/b } sigma = 99 }\n",
                    "x.conf:1: name = { /srv/a ... }: it takes one value, not a list; "
                    "write one: name = /srv/a\n"
                    "x.conf:2: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
    assert_reported("folder \"a\" { name = { \"a\", \n sigma = 99 }\n",
                    "x.conf:1: name = { \"a\" ... }: it takes one value, not a list; "
                    "write one: name = \"a\"\n"
                    "x.conf:2: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
}

static void the_settings_of_a_section_stand_in_braces(void **state)
{
    (void) state;
    assert_reported("folder \"a\" { retry ( ) }\n",
                    "x.conf:1: column 20: ( after retry: its settings stand in braces; write retry "
                    "{ ... }\n");
    assert_reported(
        "/* a comment\n of two lines */ folder(\"a\")\n",
        "x.conf:2: column 24: ( after folder: its settings stand in braces; write folder "
        "\"NAME\" { ... }\n");
    assert_reported("folder \"a\" {\n  retry = {}\n}\n",
                    "x.conf:2: column 9: retry is a section, not a setting; write retry { ... }\n");
}

static void a_formula_without_braces_gets_them(void **state)
{
    (void) state;
    assert_reported("folder \"a\" { sigma = \"{width / 2}\" }\n", "");
    assert_reported(
        "folder \"a\" { sigma = \"width / 2\" }\n",
        "x.conf:1: column 14: sigma = width / 2: a formula stands between { and }; write "
        "sigma = \"{width / 2}\"\n");
    assert_reported(
        "folder \"a\" {\n  sigma = \"camera == \\\"X\\\"\" }\n",
        "x.conf:2: column 3: sigma = camera == \"X\": a formula stands between { and }; "
        "write sigma = \"{camera == 'X'}\"\n");
    assert_reported("folder \"a\" { sigma = much }\n",
                    "x.conf:1: sigma = much: not a number; give 0.1 to 10 px; default 0.8\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_that_touch_are_to_be_one_text),
        cmocka_unit_test(a_list_where_one_value_stands_is_to_be_one_value),
        cmocka_unit_test(the_settings_of_a_section_stand_in_braces),
        cmocka_unit_test(a_formula_without_braces_gets_them),
    };

    return cmocka_run_group_tests_name("mistakes", tests, NULL, NULL);
}
