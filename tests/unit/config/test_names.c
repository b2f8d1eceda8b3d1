/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings and sections by other names, in configuration text. */
#include "config/conf.h"
#include "tests/unit/check.h"

typedef struct Sample {
    int workers;
    char *name, *colour;
    double sigma;
} Sample;

static const Param top[] = {
    INT(Sample, workers, .def = "1", .min = 1, .max = 64, .help = "how many"),
    { 0 },
};

static const Param settings[] = {
    TEXT(Sample, name, .def = "", .help = "the name"),
    TEXT(Sample, colour, .def = "", .also = "paint", .help = "the colour"),
    REAL(Sample, sigma, .def = "0.8", .min = 0.1, .max = 10, .unit = "px", .help = "how large"),
    { 0 },
};

static const ConfSection in_folder[] = {
    { .name = "grey", .aliases = "desaturate", .many = true, .params = settings },
    { 0 },
};
static const ConfSection in_file[] = {
    { .name = "folder", .titled = true, .many = true, .params = settings, .sections = in_folder },
    { .name = "defaults", .params = settings },
    { 0 },
};
static const ConfSection schema = { .params = top, .sections = in_file };

static ConfNode *read_text(const char *text, char **messages)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GPtrArray) files = g_ptr_array_new();
    ConfNode *file = conf_read(&schema, "x.conf", text, NULL, errors);

    g_ptr_array_add(files, (gpointer) (guintptr) "x.conf");
    for (guint i = 0; i < file->nodes->len; i++) {
        Sample sample = { 0 };
        const ConfNode *node = file->nodes->pdata[i];
        if (node->section)
            conf_apply(node, &sample, errors);
        params_clear(settings, &sample);
    }
    conf_sort_errors(errors, files);
    *messages = check_error_lines(errors);
    return file;
}

static void assert_reported(const char *text, const char *expected)
{
    g_autofree char *messages = NULL;
    g_autoptr(ConfNode) file = read_text(text, &messages);

    assert_non_null(file);
    assert_string_equal(messages, expected);
}

static void another_name_of_a_setting_is_read_as_the_setting(void **state)
{
    static const char text[] =
        "/* c */ defaults { name = \"color = 1\" paint = \"a\"\n sigma = 2 }\n"
        "folder \"a\" { color = \"b\" gray { } name = x }\n"
        "folder \"color\" { colour = \"c\" }\nworkers = 3\n";
    static const char *const colours[] = { "a", "b", "c" };
    g_autofree char *messages = NULL;
    g_autoptr(ConfNode) file = read_text(text, &messages);

    (void) state;
    assert_string_equal(messages, "");
    assert_int_equal(file->nodes->len, G_N_ELEMENTS(colours) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(colours); i++) {
        const ConfNode *node = conf_find(file->nodes->pdata[i], "colour");
        assert_non_null(node);
        assert_string_equal(node->values->pdata[0], colours[i]);
    }
}

static void a_setting_by_two_of_its_names_is_set_twice(void **state)
{
    (void) state;
    assert_reported(
        "defaults { paint = \"a\"\n colour = \"b\" }\n",
        "x.conf:2: colour is set twice, first at x.conf:1, as paint; keep one of them\n");
    assert_reported(
        "defaults { colour = \"a\"\n color = \"b\" }\n",
        "x.conf:2: colour is set twice, as color, first at x.conf:1; keep one of them\n");
}

static void an_error_after_another_name_has_its_own_line(void **state)
{
    (void) state;
    assert_reported(
        "folder \"a\" { color = \"a\" color = \"b\"\n paint += 3\n paint\n sigma = 99 }\n"
        "folder \"a\" { color = \"a\" }\nfolder \"b\" { paint = \"a\" sigma = 99 }\n",
        "x.conf:1: colour is set twice, as color, first at x.conf:1, as color; keep one of them\n"
        "x.conf:2: colour += ...: not a list; write = instead\n"
        "x.conf:3: no = after paint; write paint = VALUE\n"
        "x.conf:4: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n"
        "x.conf:5: folder \"a\" is set twice, first at x.conf:1; give each one a different name\n"
        "x.conf:6: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
}

static const ConfNode *node_at(const ConfNode *parent, guint index)
{
    assert_true(index < parent->nodes->len);
    return parent->nodes->pdata[index];
}

static void a_section_in_american_spelling_is_the_section(void **state)
{
    static const char text[] =
        "folder \"a\" { gray { paint = \"x\" } gray { sigma = 2 } sigma = 3 }\n";
    g_autofree char *messages = NULL;
    g_autoptr(ConfNode) file = read_text(text, &messages);
    const ConfNode *folder = node_at(file, 0);

    (void) state;
    assert_string_equal(messages, "");
    assert_string_equal(node_at(folder, 0)->name, "grey");
    assert_string_equal(node_at(folder, 1)->name, "grey");
    assert_string_equal(node_at(folder, 2)->values->pdata[0], "3");
}

static void the_name_of_another_program_is_an_error_that_says_ours(void **state)
{
    (void) state;
    assert_reported("folder \"a\" {\n Desaturate { sigma = 99 }\n gray { colou = 1 } }\n",
                    "x.conf:2: Desaturate is called grey here; write grey { ... }; `hotfolder "
                    "actions Desaturate` explains it\n"
                    "x.conf:3: colou: no such setting in grey; did you mean colour?\n");
    assert_reported("folder \"a\" { gray = 2 color { } }\n",
                    "x.conf:1: column 19: grey is a section, not a setting; write grey { ... }\n"
                    "x.conf:1: color is a setting, not a section; write color = VALUE\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_name_of_a_setting_is_read_as_the_setting),
        cmocka_unit_test(a_setting_by_two_of_its_names_is_set_twice),
        cmocka_unit_test(an_error_after_another_name_has_its_own_line),
        cmocka_unit_test(a_section_in_american_spelling_is_the_section),
        cmocka_unit_test(the_name_of_another_program_is_an_error_that_says_ours),
    };

    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
