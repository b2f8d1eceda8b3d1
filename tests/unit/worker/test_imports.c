/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is wrong in the names and formulas of imports, before any card is there. */
#include "tests/unit/check.h"
#include "worker/imports.h"
#include "worker/profile.h"

/* The errors of a document, a line each; newly allocated. */
static char *errors_of(const char *document)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GPtrArray) profiles = profiles_read(document, errors);

    assert_non_null(profiles);
    return check_error_lines(errors);
}

static void says(const char *document, const char *expected)
{
    g_autofree char *lines = errors_of(document);

    assert_string_equal(lines, expected);
}

/* The first error is in line 3 of h.conf, and says this. */
static void name_says(const char *name, const char *expected)
{
    g_autofree char *document =
        g_strdup_printf("#line 2 \"h.conf\"\nimport \"cards\" {\nname = \"%s\"\n}\n", name);
    g_autofree char *lines = errors_of(document);

    if (!g_str_has_prefix(lines, "h.conf:3: name = \"") || !strstr(lines, expected))
        fail_msg("%s: '%s' does not say '%s'", name, lines, expected);
}

static void names_that_are_right_have_no_error(void **state)
{
    static const char *const names[] = {
        "{day:%Y/%Y-%m-%d|undated}/{camera}-{shot}.{ext}",
        "{taken:%Y|{mtime:%Y}}/{name}",
        "{day|undated}/{assignment|{card}}/{seq.card:4}-{stem}.{ext}",
        "{dir}/{stem}-{size}-{subsec|}-{title:slug|}.{ext}",
        "{default(exif.LensModel, 'none'):upper}/{name}",
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *document = g_strdup_printf("import \"cards\" { name = \"%s\" }", names[i]);
        says(document, "");
        assert_non_null(imports_find("cards"));
        assert_null(imports_find("cards")->failure);
    }
    imports_forget();
}

static void a_date_in_a_name_says_what_stands_for_it(void **state)
{
    (void) state;
    name_says("{day:%Y}/{name}", "{day} has no |: a file may say no date; write {day|undated}");
    name_says("x/{taken}/{name}", "{taken} has no |: a file may say no date");
    name_says("{day|{taken}}/{name}", "{taken} has no |");
    name_says("{title|{day:%Y}}/{name}", "{day} has no |");
}

static void a_name_ends_in_the_extension_of_its_file(void **state)
{
    static const char wrong[] = "it does not end in .{ext}: each file of a shot keeps its own "
                                "extension; end it with .{ext}";

    (void) state;
    name_says("{stem}.jpg", wrong);
    name_says("{stem}", wrong);
    name_says("{stem}{ext}", wrong);
    name_says("{stem}.{ext:lower}", wrong);
    name_says("{name:upper}", wrong);
    name_says("{stem}.{ext}.bak", wrong);
}

static void what_needs_pixels_a_folder_or_the_whole_file_is_not_known(void **state)
{
    static const char *const facts_of_others[] = { "width", "pixels",       "landscape", "space",
                                                   "dpi",   "source.width", "pages",     "format",
                                                   "hash",  "folder",       "profile",   "now",
                                                   "seq",   "seq.day",      "date",      "depth" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(facts_of_others); i++) {
        g_autofree char *name = g_strdup_printf("{%s}/{name}", facts_of_others[i]);
        g_autofree char *said =
            g_strdup_printf("{%s} is not known when a card is imported", facts_of_others[i]);
        name_says(name, said);
    }
    name_says("{seq:4}-{name}", "write {seq.card}, the number of the shot on its card");
    name_says("{round(random(1, 9))}-{name}", "a repeated import would give other names");
    name_says("{dya|x}/{name}", "unknown value 'dya'; did you mean day?");
}

static void a_profile_does_not_know_the_values_of_imports(void **state)
{
    static const char *const names[] = { "day", "card", "assignment", "seq.card" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *document = g_strdup_printf(
            "profile \"p\" { text { text = \"{%s}\" } save { name = \"x.jpg\" } }", names[i]);
        g_autofree char *lines = errors_of(document);
        g_autofree char *said = g_strdup_printf("{%s} is for names of imports; write it in the "
                                                "`name` of an import, or leave it out",
                                                names[i]);
        if (!strstr(lines, said))
            fail_msg("'%s' does not say '%s'", lines, said);
    }
}

static void a_formula_of_media_knows_media_alone(void **state)
{
    static const struct {
        const char *when, *said;
    } rows[] = {
        { "{matches(label, 'EOS*')}", NULL },
        { "{size > 32000000000 and removable}", NULL },
        { "removable", NULL },
        { "{camera == 'x'}", "column 2: unknown value 'camera'; choose label, uuid, maker, size or "
                             "removable" },
        { "{labl == 'x'}", "did you mean label?" },
        { "{exif.Make == 'x'}", "unknown value 'exif.Make'" },
        { "{label}", "it does not say yes or no; compare it" },
        { "{random(1, 2) > 1}", "it does not say yes or no" },
        { "{removable} x", "something stands behind the formula" },
        { "{removable", "something stands behind the formula" },
        { "{label = 'x'}", "write == to compare" },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *document =
            g_strdup_printf("import \"cards\" { name = \"{name}\" when = \"%s\" }", rows[i].when);
        g_autofree char *lines = errors_of(document);
        if (rows[i].said ? !strstr(lines, rows[i].said) : *lines != '\0')
            fail_msg("%s: '%s'", rows[i].when, lines);
    }
}

static void each_mistake_of_an_import_is_named_in_its_line(void **state)
{
    (void) state;
    says("#line 12 \"h.conf\"\nimport \"cards\" {\nname = \"{width}.{ext}\"\n\nwhen = "
         "\"{label}\"\n}\n",
         "h.conf:13: name = \"{width}.{ext}\", column 2: {width} is not known when a card is "
         "imported; use what names of files and their metadata say, or leave it out\n"
         "h.conf:15: when = \"{label}\", it does not say yes or no; compare it with something, as "
         "in "
         "{matches(label, 'EOS*')}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_right_have_no_error),
        cmocka_unit_test(a_date_in_a_name_says_what_stands_for_it),
        cmocka_unit_test(a_name_ends_in_the_extension_of_its_file),
        cmocka_unit_test(what_needs_pixels_a_folder_or_the_whole_file_is_not_known),
        cmocka_unit_test(a_profile_does_not_know_the_values_of_imports),
        cmocka_unit_test(a_formula_of_media_knows_media_alone),
        cmocka_unit_test(each_mistake_of_an_import_is_named_in_its_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
