/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder sheet - many pictures on one page: contact sheets, index prints. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/batch_settings.h"
#include "command/command.h"
#include "command/contact.h"
#include "command/contact_pages.h"
#include "command/display.h"
#include "command/json.h"
#include "command/output_file.h"
#include "command/results.h"
#include "command/terminal.h"
#include "daemon/process/spawn.h"

enum {
    OPTION_JSON = 256,
    OPTION_COLUMNS,
    OPTION_ROWS,
    OPTION_CAPTION,
    OPTION_HEADER,
    OPTION_PAGE,
    OPTION_DPI,
    OPTION_PROFILE,
    OPTION_REPLACE,
    CELLS_MAX = 100, /* columns, or rows */
    DPI_MIN = 30,
    DPI_MAX = 2400,
    JOBS_MAX = 256,
};

/* ---- what was typed ---- */

typedef struct Arguments {
    SheetSize size;
    int jobs;
    const char *caption, *header, *page, *profile, *output, *config;
    char **paths;
    bool replace, verbose, json;
} Arguments;

static bool read_number(const char *option, const char *text, int least, int most, int *number)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    if (!*text || *end || value < least || value > most) {
        terminal_error("--%s %s: give a number from %d to %d", option, text, least, most);
        return false;
    }
    *number = (int) value;
    return true;
}

static bool take_number(int option, const char *value, Arguments *arguments)
{
    switch (option) {
    case OPTION_COLUMNS:
        return read_number("columns", value, 1, CELLS_MAX, &arguments->size.columns);
    case OPTION_ROWS:
        return read_number("rows", value, 1, CELLS_MAX, &arguments->size.rows);
    case OPTION_DPI:
        return read_number("dpi", value, DPI_MIN, DPI_MAX, &arguments->size.dpi);
    default:
        return read_number("jobs", value, 1, JOBS_MAX, &arguments->jobs);
    }
}

/* The place of an option's value; NULL: it is a number, or has none. */
static const char **text_of(int option, Arguments *arguments)
{
    switch (option) {
    case OPTION_CAPTION:
        return &arguments->caption;
    case OPTION_HEADER:
        return &arguments->header;
    case OPTION_PAGE:
        return &arguments->page;
    case OPTION_PROFILE:
        return &arguments->profile;
    case 'o':
        return &arguments->output;
    case 'c':
        return &arguments->config;
    default:
        return NULL;
    }
}

static bool take_option(int option, const char *value, Arguments *arguments)
{
    const char **text = text_of(option, arguments);

    if (text)
        *text = value;
    else if (option == OPTION_REPLACE)
        arguments->replace = true;
    else if (option == OPTION_JSON)
        arguments->json = true;
    else if (option == 'v')
        arguments->verbose = true;
    else
        return take_number(option, value, arguments);
    return true;
}

/* -1 to continue, else the exit status. */
static int read_arguments(int argc, char **argv, Arguments *arguments)
{
    int option = 0, status = 0;

    while ((option = usage_next(&usage_sheet, argc, argv, &status)) > 0)
        if (!take_option(option, optarg, arguments))
            return USAGE_ERROR;
    if (option == USAGE_DONE)
        return status;
    if (optind == argc)
        return usage_error(&usage_sheet, "give the pictures, or their directory");
    arguments->paths = argv + optind;
    arguments->size.has_header = arguments->header && *arguments->header;
    arguments->size.has_captions = *arguments->caption;
    return -1;
}

/* ---- before a picture is read ---- */

static bool refuse_format(const Arguments *arguments, Error **err)
{
    return error_set(err, ERROR_CONFIG, "end its name in .jpg, .png or .tif",
                     "--output %s: a sheet is a JPEG, PNG or TIFF", arguments->output);
}

static bool plan(const Arguments *arguments, SheetLayout *layout, Error **err)
{
    SheetSize size = arguments->size;

    if (!sheet_read_page(arguments->page, &size, err))
        return error_set_where(err, "--page %s", arguments->page);
    return sheet_layout(&size, layout, err);
}

static bool check(const Arguments *arguments, const Target *target, const char *output,
                  SheetLayout *layout, Error **err)
{
    return plan(arguments, layout, err) &&
           (pages_format(output) || refuse_format(arguments, err)) &&
           output_file_allowed(output, arguments->config, target, err) &&
           pages_may_be_placed(output, arguments->replace, err);
}

/* The settings that have the profile that prepares pictures; NULL after its errors. */
static Settings *load_profile(const char *config, const char *profile)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    Process *worker = process_new();
    Settings *settings = batch_settings(config, profile, "/", worker, errors);

    process_free(worker);
    terminal_errors(errors);
    return settings;
}

/* ---- the sheet ---- */

typedef struct Sheet {
    const Arguments *arguments;
    SheetLayout layout;
    ContactPictures pictures;
    char *output;     /* absolute */
    GPtrArray *names; /* of the pages that were made */
    BatchCounts counts;
    bool interrupted;
    Error *error; /* why nothing was made */
} Sheet;

static bool make(Sheet *sheet, const BatchReporter *reporter)
{
    const ContactPages pages = { sheet->arguments->header, sheet->output,
                                 sheet->arguments->replace };
    g_autoptr(Contact) contact = contact_new(&sheet->layout, sheet->arguments->jobs, &sheet->error);
    bool ok = contact && (!pages.header || contact_check(contact, &pages, &sheet->error)) &&
              contact_draw(contact, &sheet->pictures, reporter, &sheet->counts, &sheet->error);

    if (ok && contact_count(contact))
        ok = contact_write(contact, &pages, sheet->names, &sheet->error);
    sheet->interrupted = contact && contact_is_interrupted(contact);
    return ok;
}

static int status_of(const Sheet *sheet)
{
    if (sheet->error && sheet->error->kind == ERROR_CONFIG)
        return USAGE_ERROR;
    return !sheet->error && !sheet->counts.failed && sheet->names->len ? EXIT_SUCCESS
                                                                       : EXIT_FAILURE;
}

static void make_for_a_program(Sheet *sheet)
{
    g_autoptr(Results) results = results_new();
    BatchReporter reporter = results_reporter(results);

    make(sheet, &reporter);
    cJSON *json = results_json(results, &sheet->counts, sheet->interrupted, sheet->error);
    cJSON *pages = cJSON_AddArrayToObject(json, "pages");
    for (guint i = 0; i < sheet->names->len; i++) {
        g_autofree char *shown = text_escape(sheet->names->pdata[i]);
        cJSON_AddItemToArray(pages, cJSON_CreateString(shown));
    }
    json_print(json);
}

static void show_pages(const Sheet *sheet)
{
    g_autofree char *first = sheet->names->len ? text_escape(sheet->names->pdata[0]) : NULL;
    g_autofree char *last = sheet->names->len > 1
                                ? g_path_get_basename(sheet->names->pdata[sheet->names->len - 1])
                                : NULL;
    g_autofree char *shown = last ? text_escape(last) : NULL;

    if (!first)
        printf("no picture was found: no sheet is made\n");
    else
        printf("%d picture%s on %u page%s%s -> %s%s%s\n", sheet->counts.found,
               sheet->counts.found == 1 ? "" : "s", sheet->names->len, shown ? "s" : "",
               sheet->counts.failed ? ", not all of them shown" : "", first, shown ? " ... " : "",
               shown ? shown : "");
}

static void make_for_a_person(Sheet *sheet)
{
    g_autoptr(Display) display = display_new(sheet->arguments->verbose, false);
    BatchReporter reporter = display_reporter(display);
    bool made = make(sheet, &reporter);

    display_end_progress(display);
    if (made) {
        show_pages(sheet);
        return;
    }
    g_autofree char *text = error_text(sheet->error);
    terminal_error("%s", text);
}

static int make_sheet(const Arguments *arguments, const Target *target, Sheet *sheet)
{
    g_autoptr(Error) wrong = NULL;
    g_autoptr(Settings) prepare = NULL;
    const char *config = target_readable_config(target, arguments->config);

    if (!check(arguments, target, sheet->output, &sheet->layout, &wrong)) {
        g_autofree char *text = error_text(wrong);
        terminal_error("%s", text);
        return USAGE_ERROR;
    }
    if (arguments->profile && !(prepare = load_profile(config, arguments->profile)))
        return USAGE_ERROR;
    sheet->pictures = (ContactPictures){
        .paths = arguments->paths,
        .caption = arguments->caption,
        .config = config,
        .prepare = prepare ? settings_find_profile(prepare, arguments->profile) : NULL,
    };
    spawn_start();
    if (arguments->json)
        make_for_a_program(sheet);
    else
        make_for_a_person(sheet);
    spawn_stop();
    return status_of(sheet);
}

static int run_sheet(int argc, char **argv, const Target *target)
{
    Arguments arguments = { .size = { .columns = 5, .rows = 7, .dpi = 300 },
                            .caption = "{name}",
                            .page = "a4",
                            .output = "index.jpg" };
    int status = read_arguments(argc, argv, &arguments);

    if (status >= 0)
        return status;
    g_autofree char *output = g_canonicalize_filename(arguments.output, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    Sheet sheet = { .arguments = &arguments, .output = output, .names = names };
    status = make_sheet(&arguments, target, &sheet);
    error_free(sheet.error);
    return status;
}

static const UsageOption options[] = {
    { 'o', COMPLETE_WITH_FILES, "output", "FILE",
      "the sheet, a .jpg, .png or .tif (default ./index.jpg); pictures that need more than one "
      "page "
      "are on index-1.jpg, index-2.jpg and so on" },
    { OPTION_COLUMNS, COMPLETE_WITH_NOTHING, "columns", "N", "pictures in a row (default 5)" },
    { OPTION_ROWS, COMPLETE_WITH_NOTHING, "rows", "N", "rows on a page (default 7)" },
    { OPTION_CAPTION, COMPLETE_WITH_NOTHING, "caption", "TEXT",
      "what stands below each picture, with the values of hotfolder-profiles(7), as in \"{stem} "
      "{taken:%d.%m.%Y}\" (default {name}); a value that a picture lacks is left out; \"\": "
      "nothing" },
    { OPTION_HEADER, COMPLETE_WITH_NOTHING, "header", "TEXT",
      "what stands at the top of each page; {page} is its number and {pages} how many there are, "
      "and {date:%d.%m.%Y} is today" },
    { OPTION_PAGE, COMPLETE_WITH_NOTHING, "page", "SIZE",
      "a4, a3, letter, or width x height as in 297x210mm, 8x10in or 2480x3508 pixels (default "
      "a4)" },
    { OPTION_DPI, COMPLETE_WITH_NOTHING, "dpi", "N", "pixels to an inch of paper (default 300)" },
    { OPTION_PROFILE, COMPLETE_WITH_PROFILES, "profile", "PROFILE",
      "show each picture as this profile makes it, except what its branches do" },
    { OPTION_REPLACE, COMPLETE_WITH_NOTHING, "replace", NULL,
      "replace pages of an earlier sheet; without this nothing is made where one is" },
    { 'j', COMPLETE_WITH_NOTHING, "jobs", "N",
      "how many pictures are processed at the same time (default: one for each core)" },
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", "read profiles from this configuration too" },
    { 'v', COMPLETE_WITH_NOTHING, "verbose", NULL,
      "name every ignored file and the reason, not only the first ten" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the result as JSON, at the end" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the sheet shows every picture" },
    { 1, "some pictures could not be shown, there was none, or nothing was made" },
    { USAGE_ERROR, "wrong usage or configuration" },
    { 0 },
};

const Usage usage_sheet = {
    .name = "hotfolder sheet",
    .arguments = "FILE|DIR...",
    .summary = "lay pictures out on pages: contact sheets, index prints",
    .text = "Makes contact sheets of pictures and of whole directory trees, in the order of the "
            "tree, on every core. Each picture is upright, in sRGB, on white, and as large as its "
            "cell allows; a small one stays small. A picture that cannot be read has a cell that "
            "says so, and is a line on the standard error. Originals are never changed. Files that "
            "are no pictures are ignored, and so are pictures that hotfolder made, such as an "
            "earlier sheet; name one to show it all the same. All pages appear when the last one "
            "is done, or none. While it works, plain pixels of them lie below $TMPDIR, else "
            "/var/tmp: 26 MB for each page of A4 with 300 dpi.",
    .first = COMPLETE_WITH_FILES,
    .rest = COMPLETE_WITH_FILES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_sheet,
};
