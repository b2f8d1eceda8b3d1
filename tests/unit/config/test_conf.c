/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration text: every trap of its reader, each with the message that gets a person out of it.
 */
#include <stdlib.h>

#include "config/conf.h"
#include "config/conf_text.h"
#include "tests/unit/check.h"

typedef struct Sample {
    int workers;
    char *name;
    double sigma;
    char *colour;
    char **ignore;
} Sample;

static const Param top[] = {
    INT(Sample, workers, .def = "1", .min = 1, .max = 64, .help = "how many"),
    { 0 },
};

static const Param settings[] = {
    TEXT(Sample, name, .help = "the name"),
    REAL(Sample, sigma, .def = "0.8", .min = 0.1, .max = 10, .unit = "px", .help = "how large"),
    TEXT(Sample, colour, .def = "", .help = "the colour"),
    GLOBS(Sample, ignore, .def = "", .help = "what not"),
    { 0 },
};

static const ConfSection in_folder[] = { { .name = "retry", .params = top }, { 0 } };
static const ConfSection in_file[] = {
    { .name = "folder", .titled = true, .many = true, .params = settings, .sections = in_folder },
    { .name = "defaults", .params = settings },
    { .name = "profile", .member = "action", .titled = true, .many = true, .verbatim = true },
    { 0 },
};
static const char *const calls[] = { "include", NULL };
static const ConfSection schema = { .params = top, .sections = in_file, .calls = calls };

/* What was read of a text, and what was wrong with it: a line each. */
typedef struct Reading {
    ConfNode *file;
    GPtrArray *errors;
    char *messages;
} Reading;

static Reading *read_as(const ConfSection *kind, const char *text)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    Reading *reading = g_new0(Reading, 1);

    g_ptr_array_add(names, (gpointer) (guintptr) "x.conf");
    reading->errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    reading->file = conf_read(kind, "x.conf", text, NULL, reading->errors);
    for (guint i = 0; i < reading->file->nodes->len; i++) {
        const ConfNode *node = reading->file->nodes->pdata[i];
        Sample sample = { 0 };
        if (!node->section || node->section->verbatim)
            continue;
        params_set_defaults(settings, &sample);
        conf_apply(node, &sample, reading->errors);
        params_clear(settings, &sample);
    }
    conf_sort_errors(reading->errors, names);
    reading->messages = check_error_lines(reading->errors);
    return reading;
}

static void reading_free(Reading *reading)
{
    conf_free(reading->file);
    g_ptr_array_unref(reading->errors);
    g_free(reading->messages);
    g_free(reading);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Reading, reading_free)

static void assert_reported(const char *text, const char *expected)
{
    g_autoptr(Reading) reading = read_as(&schema, text);

    assert_string_equal(reading->messages, expected);
}

static const ConfNode *node_at(const ConfNode *parent, guint index)
{
    assert_true(index < parent->nodes->len);
    return parent->nodes->pdata[index];
}

static const char *value_at(const ConfNode *node, guint index)
{
    assert_true(index < node->values->len);
    return node->values->pdata[index];
}

static void statements_come_in_the_order_they_were_written(void **state)
{
    g_autoptr(Reading) reading =
        read_as(&schema, "folder \"b\" { sigma = 2 }\n"
                         "workers = 3\n"
                         "folder a\n"
                         "{ name = 'x'  retry { workers = 5 } sigma = 1 }\n"
                         "include(\"*.conf\") folder c{}\n");
    const ConfNode *a = node_at(reading->file, 2);

    (void) state;
    assert_string_equal(reading->messages, "");
    assert_string_equal(node_at(reading->file, 0)->title, "b");
    assert_string_equal(value_at(node_at(reading->file, 1), 0), "3");
    assert_string_equal(a->title, "a");
    assert_int_equal(a->line, 3);
    assert_string_equal(node_at(a, 0)->name, "name");
    assert_string_equal(value_at(node_at(a, 0), 0), "x");
    assert_string_equal(value_at(node_at(node_at(a, 1), 0), 0), "5");
    assert_string_equal(value_at(node_at(a, 2), 0), "1");
    assert_int_equal(node_at(a, 2)->line, 4);
    assert_string_equal(value_at(node_at(reading->file, 3), 0), "*.conf");
    assert_string_equal(node_at(reading->file, 4)->title, "c");
}

static void comments_do_not_move_the_lines_after_them(void **state)
{
    (void) state;
    assert_reported("# one\n"
                    "/* two\n three\n four */ // five\n"
                    "## six \"\n"
                    "/*\n*\n*/\n"
                    "folder \"a\" { sigma = 22 } # seven\n",
                    "x.conf:9: sigma = 22: too large; give 0.1 to 10 px; default 0.8\n");
}

static void a_comment_mark_inside_quotes_is_no_comment(void **state)
{
    g_autoptr(Reading) reading = read_as(&schema, "folder \"a\" { colour = \"#ff0000\"\n"
                                                  "name = '/* // */' } /* \"{ */");
    const ConfNode *folder = node_at(reading->file, 0);

    (void) state;
    assert_string_equal(reading->messages, "");
    assert_string_equal(value_at(node_at(folder, 0), 0), "#ff0000");
    assert_string_equal(value_at(node_at(folder, 1), 0), "/* // */");
}

static void a_file_cut_off_inside_a_section_is_refused_with_the_line_it_opened(void **state)
{
    (void) state;
    assert_reported(
        "workers = 2\nfolder \"a\" {\n  sigma = 1\n",
        "x.conf:2: the section folder that opens here is never closed; close it with }\n");
    assert_reported(
        "profile \"a\" {\n  scale {\n",
        "x.conf:1: the section profile that opens here is never closed; close it with }\n");
    assert_reported(
        "folder \"a\" { ignore = { \"x\",\n",
        "x.conf:1: the list ignore that opens here is never closed; close it with }\n"
        "x.conf:1: the section folder that opens here is never closed; close it with }\n");
}

static void a_missing_brace_is_found_where_it_is_missing(void **state)
{
    g_autoptr(Reading) reading = read_as(&schema, "folder \"a\" {\n"
                                                  "  sigma = 1\n"
                                                  "profile \"p\" {\n"
                                                  "  save {\n"
                                                  "folder \"b\" { sigma = 2 }\n");

    (void) state;
    assert_string_equal(
        reading->messages,
        "x.conf:1: the section folder that opens here is never closed; close it with }\n"
        "x.conf:3: the section profile that opens here is never closed; close it with }\n");
    assert_int_equal(reading->file->nodes->len, 1);
    assert_string_equal(node_at(reading->file, 0)->title, "b");
}

static void a_brace_or_quote_or_comment_too_many_is_reported(void **state)
{
    (void) state;
    assert_reported(
        "workers = 2\n}\n",
        "x.conf:2: this } has no matching {; remove it, or add the missing { above it\n");
    assert_reported("folder \"a\" { name = \"x\n sigma = 99 }\n",
                    "x.conf:1: name = \"x: the quote is not closed on this line; close it with \"\n"
                    "x.conf:2: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
    assert_reported("folder \"a\" { name = 'x\n}\n"
                    "profile \"p\" {\n  \u00fc { enabled = {has(keywords, 'web)} }\n}\n",
                    "x.conf:1: name = 'x: the quote is not closed on this line; close it with '\n"
                    "x.conf:4: column 32: the quote is not closed on this line; close it with '\n");
    assert_reported("folder \"a\" {\n/* sigma = 1 }\n",
                    "x.conf:2: the comment that opens here is never closed; close it with */\n");
}

static void a_setting_or_section_said_twice_is_refused(void **state)
{
    (void) state;
    assert_reported("workers = 1\n\nworkers = 2\n",
                    "x.conf:3: workers is set twice, first at x.conf:1; keep one of them\n");
    assert_reported("folder \"a\" { sigma = 1\n sigma = 1 }\n",
                    "x.conf:2: sigma is set twice, first at x.conf:1; keep one of them\n");
    assert_reported("folder \"a\" { retry {}\n retry {} }\ndefaults {}\ndefaults {}\n",
                    "x.conf:2: retry is set twice, first at x.conf:1; keep one of them\n"
                    "x.conf:4: defaults is set twice, first at x.conf:3; keep one of them\n");
}

static void two_sections_of_one_name_are_refused_with_both_lines(void **state)
{
    (void) state;
    assert_reported(
        "folder \"a\" {}\nfolder \"b\" {}\nfolder a {}\n",
        "x.conf:3: folder \"a\" is set twice, first at x.conf:1; give each one a different name\n");
    assert_reported("profile \"a\" {}\nprofile \"a\" {}\n",
                    "x.conf:2: profile \"a\" is set twice, first at x.conf:1; give each one a "
                    "different name\n");
}

static void an_unquoted_hash_asks_for_quotes(void **state)
{
    (void) state;
    assert_reported(
        "folder \"a\" { colour = #ff0000 } # and the section is closed\nworkers = 99\n",
        "x.conf:1: colour = #ff0000: a # starts a comment; put it in quotes: \"#ff0000\"\n");
    assert_reported("folder \"a\" { colour = # red\n}\n",
                    "x.conf:1: colour has no value; write colour = VALUE\n");
    assert_reported("folder \"a\" { colour = red#dark\n}\n",
                    "x.conf:1: colour = red: a # starts a comment; "
                    "put the value in quotes, or a space before the comment\n");
}

static void an_unquoted_star_or_template_asks_for_quotes(void **state)
{
    (void) state;
    assert_reported(
        "folder \"a\" { ignore = { *.tmp, ok } }\n",
        "x.conf:1: ignore = *.tmp: not allowed without quotes; put it in quotes: \"*.tmp\"\n");
    assert_reported("folder \"a\" { name = {dir}/{stem}.jpg sigma = 99 }\n",
                    "x.conf:1: name = {dir}/{stem}.jpg: { } need quotes; "
                    "put it in quotes: name = \"{dir}/{stem}.jpg\"\n"
                    "x.conf:1: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
    assert_reported("folder \"a\" { name = {min(sigma, 20)}px sigma = 99 }\n",
                    "x.conf:1: name = {min(sigma, 20)}px: { } need quotes; "
                    "put it in quotes: name = \"{min(sigma, 20)}px\"\n"
                    "x.conf:1: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
    assert_reported("folder \"a\" { name = a{dir}b }\n",
                    "x.conf:1: column 22: name = a{dir}b: more than one value; "
                    "write it as one word, or put all of it in quotes\n");
    assert_reported("include(conf.d/*.conf)\n",
                    "x.conf:1: include takes one argument, in quotes and parentheses; "
                    "write include(\"...\")\n");
}

#define NO_SEMICOLON "a ; is not needed; end a setting with a space or a new line\n"

static void signs_that_quotes_do_not_cure_name_their_cure(void **state)
{
    (void) state;
    assert_reported("folder \"a\" { sigma = 2; }\n", "x.conf:1: sigma = 2;: " NO_SEMICOLON);
    assert_reported("folder \"a\" { name = \"b\"; sigma = 99 };\n",
                    "x.conf:1: column 24: name = \"b\";: " NO_SEMICOLON "x.conf:1: ;: " NO_SEMICOLON
                    "x.conf:1: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
    assert_reported("folder \"a\" { sigma = 2;x = b\n name = a;b\n colour = Price: 5;50 }\n",
                    "x.conf:1: sigma = 2;x: " NO_SEMICOLON
                    "x.conf:1: unexpected =; write NAME = VALUE, or NAME { ... }\n"
                    "x.conf:2: name = a;b: not allowed without quotes; put it in quotes: \"a;b\"\n"
                    "x.conf:3: column 18: colour = Price: 5;50: more than one value; "
                    "write it as one word, or put all of it in quotes\n");
    assert_reported("folder \"a\" { name = ~/in }\n",
                    "x.conf:1: name = ~/in: ~ is not understood; write the whole path, from /\n");
    assert_reported("folder \"a\" { name = a~ }\n",
                    "x.conf:1: name = a~: not allowed without quotes; put it in quotes: \"a~\"\n");
}

static void a_value_of_two_words_asks_for_quotes(void **state)
{
    (void) state;
    assert_reported("folder \"a\" { sigma = 2 px name = my nice photo.jpg\nretry {} }\n",
                    "x.conf:1: column 24: sigma = 2 px: more than one value; "
                    "write it as one word, or put all of it in quotes\n"
                    "x.conf:1: column 37: name = my nice photo.jpg: more than one value; "
                    "write it as one word, or put all of it in quotes\n");
}

static void quotes_inside_of_the_same_quotes_ask_for_the_other_ones(void **state)
{
    (void) state;
    assert_reported(
        "folder \"a\" { name = \"{if(grey, \"a\", \"b\")}\" sigma = 99 }\n",
        "x.conf:1: column 33: name = \"{if(grey, \"a\", \"b\")}\": more than one value; "
        "write single quotes inside of the double ones\n"
        "x.conf:1: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
    assert_reported("folder \"a\" { name = '{if(grey, 'a', 'b')}' }\n",
                    "x.conf:1: column 33: name = '{if(grey, 'a', 'b')}': more than one value; "
                    "write double quotes around the single ones\n");
}

static void the_environment_is_never_filled_in(void **state)
{
    g_autoptr(Reading) reading =
        read_as(&schema, "folder \"a\" { name = '${HOME}' colour = \"\\${HOME}\" }");

    (void) state;
    assert_reported("folder \"a\" { name = \"${HOME}/x\" }\n",
                    "x.conf:1: name = \"${HOME}/x\": environment variables are not expanded; "
                    "write the value, or \\${ for a literal ${\n");
    assert_reported("folder \"a\" { name = ${HOME} }\n",
                    "x.conf:1: name = ${HOME}: environment variables are not expanded; "
                    "write the value\n");
    assert_string_equal(reading->messages, "");
    assert_string_equal(value_at(node_at(node_at(reading->file, 0), 0), 0), "${HOME}");
    assert_string_equal(value_at(node_at(node_at(reading->file, 0), 1), 0), "${HOME}");
}

static void escapes_are_read_and_unknown_ones_refused(void **state)
{
    g_autoptr(Reading) reading =
        read_as(&schema, "folder \"a\" { name = \"\\\\ \\\" \\x41\\n\" colour = 'a\\b\\'\\\\' }");

    (void) state;
    assert_string_equal(reading->messages, "");
    assert_string_equal(value_at(node_at(node_at(reading->file, 0), 0), 0), "\\ \" A\n");
    assert_string_equal(value_at(node_at(node_at(reading->file, 0), 1), 0), "a\\b'\\");
    assert_reported("folder \"a\" { name = \"C:\\dir\" }\n",
                    "x.conf:1: name = \"C:\\dir\": unknown escape after a backslash; "
                    "write \\\\ for a backslash, or use single quotes\n");
    assert_reported("folder \"a\" { name = \"x\\x00y\" }\n",
                    "x.conf:1: name = \"x\\x5cx00y\": \\x00 is not allowed in a text; "
                    "write \\\\ for a backslash, or use single quotes\n");
}

static void curly_quotes_ask_for_straight_ones(void **state)
{
    (void) state;
    assert_reported("folder \"a\" { name = \u201cmy web\u201d\ncolour = \u2018red\"s\u2019 }\n"
                    "folder \u201cb\u201d { sigma = 1 }\n"
                    "profile \u201eweb\" {\n scale { }\n}\n",
                    "x.conf:1: name = \u201cmy web\u201d: these quotes are curly; "
                    "write straight ones: \"\n"
                    "x.conf:2: colour = \u2018red\"s\u2019: these quotes are curly; "
                    "write straight ones: \"\n"
                    "x.conf:3: folder \u201cb\u201d: these quotes are curly; "
                    "write straight ones: \"\n"
                    "x.conf:4: profile \u201eweb\": these quotes are curly; "
                    "write straight ones: \"\n");
    assert_reported("folder \"a\" { name = \u2019t-Hart colour = d\u2019or }\n"
                    "folder \"b\" { name = \"\u201cweb\u201d\" }\n",
                    "");
}

static void a_comma_between_settings_is_to_be_removed(void **state)
{
    (void) state;
    assert_reported("workers = 3,\n"
                    "folder \"a\" { name = x, sigma = 1,colour = red, }\n"
                    "folder \"b\" {\nname = x,y\n}\n",
                    "x.conf:1: unexpected ,; remove the comma\n"
                    "x.conf:2: unexpected ,; remove the comma\n"
                    "x.conf:4: unexpected ,; put the whole value in quotes\n");
}

static void lists_take_commas_and_may_be_extended(void **state)
{
    g_autoptr(Reading) reading = read_as(&schema, "folder \"a\" { ignore = { \"*.a\", b,\n 'c', }\n"
                                                  "ignore += \"d\" ignore += {} }\n");
    const ConfNode *folder = node_at(reading->file, 0);
    Sample sample = { 0 };

    (void) state;
    assert_string_equal(reading->messages, "");
    conf_apply(folder, &sample, NULL);
    g_autofree char *all = g_strjoinv(" ", sample.ignore);
    assert_string_equal(all, "*.a b c d");
    params_clear(settings, &sample);
    assert_reported("folder \"a\" { ignore = { \"x\" \"y\" } }\n",
                    "x.conf:1: a comma is missing before \"y\"; put a comma between two items\n");
    assert_reported("folder \"a\" { sigma += 2 }\n",
                    "x.conf:1: sigma += ...: not a list; write = instead\n");
    assert_reported("folder \"a\" { ignore = { \"x\"\n sigma = 99 }\n",
                    "x.conf:1: the list ignore that opens here is never closed; close it with }\n"
                    "x.conf:2: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n");
}

static void an_unknown_name_is_guessed_or_shown_its_place(void **state)
{
    (void) state;
    assert_reported("worker = 1\n", "x.conf:1: worker: no such setting; did you mean workers?\n");
    assert_reported("fodler \"a\" { x = { } }\n",
                    "x.conf:1: fodler: no such setting; did you mean folder?\n");
    assert_reported("sigma = 1\n",
                    "x.conf:1: sigma: no such setting; move it into folder \"NAME\" { ... }\n");
    assert_reported("defaults { workers = 1 }\n",
                    "x.conf:1: workers: no such setting in defaults; "
                    "move it outside of all sections, or add the missing } before it\n");
    assert_reported("zzz(\"x\") workers = 2\n",
                    "x.conf:1: zzz: no such setting; "
                    "choose one of: workers, folder, defaults, profile, include\n");
}

static void sections_settings_and_calls_are_not_mixed_up(void **state)
{
    (void) state;
    assert_reported("folder \"a\" { retry = 3\n sigma {}\n retry }\n",
                    "x.conf:1: column 20: retry is a section, not a setting; write retry { ... }\n"
                    "x.conf:2: sigma is a setting, not a section; write sigma = VALUE\n"
                    "x.conf:3: no { after retry; write its settings in { }\n");
    assert_reported("folder {}\ndefaults \"x\" {}\nfolder \"\" {}\nfolder \"a\\x41\" {}\n",
                    "x.conf:1: folder has no name; write folder \"NAME\" { ... }\n"
                    "x.conf:2: defaults takes no name; remove the name\n"
                    "x.conf:3: folder: the name is empty; choose another name\n"
                    "x.conf:4: folder: the name contains a backslash; choose another name\n");
    assert_reported("include \"x\"\ninclude()\nworkers\nworkers =\n",
                    "x.conf:1: include needs parentheses; write it as include(\"conf.d/*.conf\")\n"
                    "x.conf:2: include takes one argument, in quotes and parentheses; "
                    "write include(\"...\")\n"
                    "x.conf:3: no = after workers; write workers = VALUE\n"
                    "x.conf:4: workers has no value; write workers = VALUE\n");
}

static void every_error_is_reported_in_one_run(void **state)
{
    (void) state;
    assert_reported(
        "workers = many, = {\n"
        "folder \"a\" { sigam = 1 sigma = 99\n"
        "  colour = #fff\n"
        "}}\n"
        "folder \"a\" { name = \"open\n"
        "  ignore = { \"x\" \"y\", * }\n"
        "}\n"
        "nothing \"here\" { }\n",
        "x.conf:1: unexpected ,; remove the comma\n"
        "x.conf:2: sigam: no such setting in folder; did you mean sigma?\n"
        "x.conf:2: sigma = 99: too large; give 0.1 to 10 px; default 0.8\n"
        "x.conf:3: colour = #fff: a # starts a comment; put it in quotes: \"#fff\"\n"
        "x.conf:4: this } has no matching {; remove it, or add the missing { above it\n"
        "x.conf:5: folder \"a\" is set twice, first at x.conf:2; give each one a different name\n"
        "x.conf:5: name = \"open: the quote is not closed on this line; close it with \"\n"
        "x.conf:6: a comma is missing before \"y\"; put a comma between two items\n"
        "x.conf:6: ignore = *: not allowed without quotes; put it in quotes: \"*\"\n"
        "x.conf:8: nothing: no such setting; "
        "choose one of: workers, folder, defaults, profile, include\n");
}

static void a_verbatim_section_keeps_its_text_without_comments(void **state)
{
    g_autoptr(Reading) reading = read_as(&schema, "# first\nprofile \"p\" { scale { /* { */ } # }\n"
                                                  "  save { name = \"}\" } }\n"
                                                  "workers = 4\n");
    const ConfNode *profile = node_at(reading->file, 0);

    (void) state;
    assert_string_equal(reading->messages, "");
    assert_int_equal(profile->line, 2);
    assert_string_equal(profile->text, "profile \"p\" { scale {         }    \n"
                                       "  save { name = \"}\" } }");
    assert_string_equal(value_at(node_at(reading->file, 1), 0), "4");
}

static void a_placed_text_tells_the_lines_of_its_files(void **state)
{
    static const ConfSection placed = { .params = top,
                                        .sections = in_file,
                                        .line_directives = true };
    g_autofree char *line = conftext_line("/etc/a \"b\".conf", 40);
    g_autofree char *text =
        g_strdup_printf("workers = 1\n%s\nworkers = 2\n#line 7 nonsense\n"
                        "folder \"x\" {}\n#line 3 \"z.conf\"\nfolder \"x\" {}\n",
                        line);
    g_autoptr(Reading) reading = read_as(&placed, text);

    (void) state;
    assert_string_equal(line, "#line 40 \"/etc/a %22b%22.conf\"\n");
    assert_string_equal(reading->messages,
                        "/etc/a \"b\".conf:41: workers is set twice, first at x.conf:1; "
                        "keep one of them\n"
                        "z.conf:3: folder \"x\" is set twice, first at /etc/a \"b\".conf:43; "
                        "give each one a different name\n");
}

static void what_several_files_say_is_said_once_in_all_of_them(void **state)
{
    g_autoptr(GHashTable) set_at = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(ConfNode) one = conf_read(&schema, "1.conf", "\nworkers = 1", set_at, errors);
    g_autoptr(ConfNode) two = conf_read(&schema, "2.conf", "workers = 1", set_at, errors);
    g_autofree char *messages = NULL;

    (void) state;
    assert_int_equal(one->nodes->len, 1);
    assert_int_equal(two->nodes->len, 0);
    assert_int_equal(errors->len, 1);
    messages = error_text(errors->pdata[0]);
    assert_string_equal(messages,
                        "2.conf:1: workers is set twice, first at 1.conf:2; keep one of them");
}

static void what_is_needed_is_asked_for_once(void **state)
{
    g_autoptr(Reading) reading = read_as(
        &schema, "folder \"a\" {}\nfolder \"b\" { name = \"\\q\" }\ndefaults { name = x }\n");
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *messages = NULL;

    (void) state;
    assert_int_equal(reading->errors->len, 1); /* the escape */
    conf_require(node_at(reading->file, 0), node_at(reading->file, 2), errors);
    conf_require(node_at(reading->file, 1), NULL, errors); /* said, though wrongly */
    assert_int_equal(errors->len, 0);
    conf_require(node_at(reading->file, 0), NULL, errors);
    messages = error_text(errors->pdata[0]);
    assert_string_equal(messages, "x.conf:1: folder \"a\" needs name; "
                                  "write name = ...: the name (text in quotes)");
}

static void a_needed_setting_that_is_misspelt_is_one_error(void **state)
{
    g_autoptr(Reading) reading = read_as(&schema, "folder \"a\" { nmme = x }\n");
    g_autofree char *message = NULL;

    (void) state;
    conf_require(node_at(reading->file, 0), NULL, reading->errors);
    assert_int_equal(reading->errors->len, 1);
    message = error_text(reading->errors->pdata[0]);
    assert_string_equal(message, "x.conf:1: nmme: no such setting in folder; did you mean name?");
}

static void files_are_loaded_if_they_are_text(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "a.conf", NULL);
    g_autofree char *fifo = g_build_filename(dir, "fifo", NULL);
    g_autofree char *text = NULL;
    Error *error = NULL;

    (void) state;
    check_write(dir, "a.conf", "\xef\xbb\xbfworkers = 1\r\n");
    assert_ok(conf_load(path, &text, &error), error);
    assert_reported(text, ""); /* neither the mark of an editor nor \r is in the way */
    assert_true(g_file_set_contents(path, "a\0b", 3, NULL));
    assert_false(conf_load(path, &text, &error));
    assert_non_null(strstr(error->what, "is not a text file"));
    g_clear_pointer(&error, error_free);
    assert_false(conf_load(dir, &text, &error));
    assert_non_null(strstr(error->what, "is a directory"));
    assert_string_equal(error->fix, "name a file");
    g_clear_pointer(&error, error_free);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_false(conf_load(fifo, &text, &error)); /* and does not wait for its writer */
    g_clear_pointer(&error, error_free);
    check_rmdir(dir);
}

static void an_error_does_not_spoil_the_next_text(void **state)
{
    (void) state;
    for (int i = 0; i < 3; i++) {
        assert_reported("folder \"a\" { name = \"x\n",
                        "x.conf:1: name = \"x: the quote is not closed on this "
                        "line; close it with \"\n"
                        "x.conf:1: the section folder that opens here is "
                        "never closed; close it with }\n");
        assert_reported("folder \"a\" { name = \"x\" }\n", "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_come_in_the_order_they_were_written),
        cmocka_unit_test(comments_do_not_move_the_lines_after_them),
        cmocka_unit_test(a_comment_mark_inside_quotes_is_no_comment),
        cmocka_unit_test(a_file_cut_off_inside_a_section_is_refused_with_the_line_it_opened),
        cmocka_unit_test(a_missing_brace_is_found_where_it_is_missing),
        cmocka_unit_test(a_brace_or_quote_or_comment_too_many_is_reported),
        cmocka_unit_test(a_setting_or_section_said_twice_is_refused),
        cmocka_unit_test(two_sections_of_one_name_are_refused_with_both_lines),
        cmocka_unit_test(an_unquoted_hash_asks_for_quotes),
        cmocka_unit_test(an_unquoted_star_or_template_asks_for_quotes),
        cmocka_unit_test(signs_that_quotes_do_not_cure_name_their_cure),
        cmocka_unit_test(a_value_of_two_words_asks_for_quotes),
        cmocka_unit_test(quotes_inside_of_the_same_quotes_ask_for_the_other_ones),
        cmocka_unit_test(the_environment_is_never_filled_in),
        cmocka_unit_test(escapes_are_read_and_unknown_ones_refused),
        cmocka_unit_test(curly_quotes_ask_for_straight_ones),
        cmocka_unit_test(a_comma_between_settings_is_to_be_removed),
        cmocka_unit_test(lists_take_commas_and_may_be_extended),
        cmocka_unit_test(an_unknown_name_is_guessed_or_shown_its_place),
        cmocka_unit_test(sections_settings_and_calls_are_not_mixed_up),
        cmocka_unit_test(every_error_is_reported_in_one_run),
        cmocka_unit_test(a_verbatim_section_keeps_its_text_without_comments),
        cmocka_unit_test(a_placed_text_tells_the_lines_of_its_files),
        cmocka_unit_test(what_several_files_say_is_said_once_in_all_of_them),
        cmocka_unit_test(what_is_needed_is_asked_for_once),
        cmocka_unit_test(a_needed_setting_that_is_misspelt_is_one_error),
        cmocka_unit_test(files_are_loaded_if_they_are_text),
        cmocka_unit_test(an_error_does_not_spoil_the_next_text),
    };

    return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
