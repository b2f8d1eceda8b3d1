/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder try - a profile on one photo: what each step takes, what is lost, and a sheet with the
 * photo before and after it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "base/units.h"
#include "command/batch_settings.h"
#include "command/command.h"
#include "command/contact.h"
#include "command/contact_pages.h"
#include "command/json.h"
#include "command/output_file.h"
#include "command/scratch.h"
#include "command/terminal.h"
#include "daemon/process/spawn.h"

enum {
    OPTION_JSON = 256,
    COLUMNS = 2,
    CELL_WIDTH = 1000, /* pixels of the sheet for each picture, about */
    CELL_HEIGHT = 800,
    DPI = 100,
};

typedef struct Arguments {
    const char *profile, *photo, *output, *config;
    bool json;
} Arguments;

/* What became of the photo. */
typedef struct Trial {
    const Arguments *arguments;
    const char *config; /* NULL: none is read */
    char *photo;        /* absolute, without links */
    char *output;       /* of the sheet, absolute */
    char *scratch;      /* where outputs are made */
    GPtrArray *losses;  /* of char *: what formats of the profile do not keep of any picture */
    GPtrArray *steps;   /* of char *: a line each */
    GPtrArray *made;    /* of char *: outputs, as paths */
    GPtrArray *names;   /* of char *: the same as the profile names them */
    GPtrArray *sheet;   /* of char *: its path, when it is made */
    char *note;         /* what is worth knowing of the outputs, such as what they dropped; NULL */
    Error *failed;      /* why the profile cannot be done on the photo */
} Trial;

/* ---- what was typed ---- */

/* -1 to continue, else the exit status. */
static int read_arguments(int argc, char **argv, Arguments *arguments)
{
    int option = 0, status = 0;

    while ((option = usage_next(&usage_try, argc, argv, &status)) > 0) {
        if (option == OPTION_JSON)
            arguments->json = true;
        else if (option == 'c')
            arguments->config = optarg;
        else
            arguments->output = optarg;
    }
    if (option == USAGE_DONE)
        return status;
    if (argc - optind != 2)
        return usage_error(&usage_try, "give a profile and one photo");
    arguments->profile = argv[optind];
    arguments->photo = argv[optind + 1];
    return -1;
}

static char *find_photo(const char *typed, Error **err)
{
    char *path = realpath(typed, NULL);
    struct stat st;

    if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode))
        return path;
    if (path)
        error_set(err, ERROR_CONFIG, "name one photo", "it is no file");
    else
        error_errno(err, errno, "cannot find it");
    free(path);
    g_autofree char *shown = text_escape(typed);
    error_set_where(err, "%s", shown);
    return NULL;
}

/* ---- where the sheet goes ---- */

static bool is_same_directory(const char *a, const char *b)
{
    struct stat one, other;

    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static bool refuse_beside(const char *path, const char *photo, Error **err)
{
    g_autofree char *directory = g_path_get_dirname(path), *its = g_path_get_dirname(photo);
    g_autofree char *shown = text_escape(its);

    return !is_same_directory(directory, its) ||
           error_set(err, ERROR_CONFIG, "name a file elsewhere",
                     "the sheet would lie beside the photo, in '%s'", shown);
}

static bool may_write(const char *path, const Trial *trial, const Target *target, Error **err)
{
    return refuse_beside(path, trial->photo, err) &&
           output_file_allowed(path, trial->arguments->config, target, err);
}

/* In the working directory, unless that has the photo, is watched or may not be written: then where
 * temporary files go. */
static char *usual_place(const Trial *trial, const Target *target)
{
    g_autofree char *base = g_path_get_basename(trial->photo);
    char *dot = strrchr(base, '.');
    g_autoptr(Error) ignored = NULL;

    if (dot && dot != base)
        *dot = '\0';
    g_autofree char *name = g_strdup_printf("try-%s.jpg", base);
    g_autofree char *here = g_canonicalize_filename(name, NULL);
    if (may_write(here, trial, target, &ignored))
        return g_steal_pointer(&here);
    return g_build_filename(g_get_tmp_dir(), name, NULL);
}

static bool choose_output(Trial *trial, const Target *target, Error **err)
{
    const char *typed = trial->arguments->output;

    trial->output = typed ? g_canonicalize_filename(typed, NULL) : usual_place(trial, target);
    if (!pages_format(trial->output))
        return error_set(err, ERROR_CONFIG, "end its name in .jpg, .png or .tif",
                         "--output %s: a sheet is a JPEG, PNG or TIFF", typed);
    return may_write(trial->output, trial, target, err) && page_may_replace(trial->output, err);
}

/* ---- the profile on the photo ---- */

static void take_losses(Trial *trial, const Settings *settings)
{
    for (guint i = 0; i < settings->losses->len; i++) {
        const NamedOutput *loss = settings->losses->pdata[i];
        if (!strcmp(loss->profile, trial->arguments->profile))
            g_ptr_array_add(trial->losses, g_strdup(loss->name));
    }
}

static void take_steps(void *user, const char *source G_GNUC_UNUSED, char **outputs G_GNUC_UNUSED,
                       const char *note G_GNUC_UNUSED, char **plan)
{
    Trial *trial = user;

    for (char **line = plan; line && *line; line++)
        g_ptr_array_add(trial->steps, g_strdup(*line));
}

static void take_outputs(void *user, const char *source G_GNUC_UNUSED, char **outputs,
                         const char *note, char **plan G_GNUC_UNUSED)
{
    Trial *trial = user;

    for (char **output = outputs; output && *output; output++) {
        g_ptr_array_add(trial->made, g_build_filename(trial->scratch, "made", *output, NULL));
        g_ptr_array_add(trial->names, g_strdup(*output));
    }
    g_free(trial->note);
    trial->note = g_strdup(note);
}

static void take_failed(void *user, const char *source G_GNUC_UNUSED, const Error *error)
{
    Trial *trial = user;

    if (!trial->failed)
        trial->failed = error_copy(error);
}

typedef void TakeDone(void *user, const char *source, char **outputs, const char *note,
                      char **plan);

/* Once more on the photo. False after errors of the configuration, or with *err where it could not
 * be done; a photo that fails is in `failed`. */
static bool run_once(Trial *trial, const char *directory, bool measures, TakeDone *done,
                     Error **err)
{
    g_autofree char *output = g_build_filename(trial->scratch, directory, NULL);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    char *paths[] = { trial->photo, NULL };
    const BatchOptions options = { .paths = paths, .measures = measures, .worker = process_new() };
    BatchReporter reporter = batch_quiet_reporter();
    BatchCounts counts = { 0 };
    bool interrupted = false;
    Settings *settings =
        batch_settings(trial->config, trial->arguments->profile, output, options.worker, errors);

    terminal_errors(errors);
    if (!settings) {
        process_free(options.worker);
        return false;
    }
    if (!measures)
        take_losses(trial, settings);
    reporter.user = trial;
    reporter.done = done;
    reporter.failed = take_failed;
    return batch_run(settings, &options, &reporter, &counts, &interrupted, err) &&
           (!interrupted || error_set(err, ERROR_TRANSIENT, NULL, "interrupted; nothing is made"));
}

/* ---- the sheet ---- */

static bool draw(Contact *contact, const Trial *trial, char **paths, const char *caption, bool made,
                 Error **err)
{
    const ContactPictures pictures = {
        .paths = paths, .caption = caption, .config = made ? NULL : trial->config, .rare = made
    };
    g_autoptr(Error) first = NULL;
    BatchReporter quiet = batch_quiet_reporter();
    BatchCounts counts = { 0 };

    quiet.user = &first;
    return contact_draw(contact, &pictures, &quiet, &counts, err);
}

/* Braces are doubled, since those of a header hold values. */
static char *header_of(const Trial *trial)
{
    g_auto(GStrv) open = g_strsplit(trial->arguments->profile, "{", -1);
    g_autofree char *opened = g_strjoinv("{{", open);
    g_auto(GStrv) closed = g_strsplit(opened, "}", -1);

    return g_strjoinv("}}", closed);
}

static bool make_sheet(Trial *trial, Error **err)
{
    int rows = ((int) trial->made->len + COLUMNS) / COLUMNS;
    const SheetSize size = { .columns = COLUMNS,
                             .rows = rows,
                             .dpi = DPI,
                             .width = COLUMNS * CELL_WIDTH,
                             .height = rows * CELL_HEIGHT,
                             .has_header = true,
                             .has_captions = true };
    g_autofree char *header = header_of(trial);
    const ContactPages pages = { header, trial->output, true };
    char *photo[] = { trial->photo, NULL };
    SheetLayout layout = { 0 };
    g_autoptr(Contact) contact =
        sheet_layout(&size, &layout, err) ? contact_new(&layout, 1, err) : NULL;

    g_ptr_array_add(trial->made, NULL);
    bool ok = contact &&
              draw(contact, trial, photo, "before: {name}, {source.width} x {source.height}", false,
                   err) &&
              draw(contact, trial, (char **) trial->made->pdata,
                   "after: {name}, {source.width} x {source.height}", true, err);
    g_ptr_array_set_size(trial->made, (gint) trial->made->len - 1);
    return ok && contact_write(contact, &pages, trial->sheet, err);
}

/* ---- what is shown ---- */

static int64_t bytes_of(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? (int64_t) st.st_size : 0;
}

static void show(const Trial *trial)
{
    g_autofree char *photo = text_escape(trial->photo);
    g_autofree char *before = units_bytes_rounded(bytes_of(trial->photo));

    printf("%s, %s\n", photo, before);
    for (guint i = 0; i < trial->steps->len; i++)
        printf("    %s\n", (const char *) trial->steps->pdata[i]);
    for (guint i = 0; i < trial->made->len; i++) {
        g_autofree char *name = text_escape(trial->names->pdata[i]);
        g_autofree char *size = units_bytes_rounded(bytes_of(trial->made->pdata[i]));
        printf("-> %s, %s\n", name, size);
    }
    for (guint i = 0; i < trial->losses->len; i++)
        printf("note: %s\n", (const char *) trial->losses->pdata[i]);
    if (trial->note)
        printf("of this photo: %s\n", trial->note);
    if (trial->sheet->len) {
        g_autofree char *sheet = text_escape(trial->sheet->pdata[0]);
        printf("before and after: %s\n", sheet);
    } else if (!trial->made->len) {
        puts("the profile makes no output of it: there is no sheet");
    }
}

static void add_texts(cJSON *json, const char *name, const GPtrArray *texts)
{
    cJSON *list = cJSON_AddArrayToObject(json, name);

    for (guint i = 0; i < texts->len; i++) {
        g_autofree char *shown = text_escape(texts->pdata[i]);
        cJSON_AddItemToArray(list, cJSON_CreateString(shown));
    }
}

static void show_json(const Trial *trial, const Error *error)
{
    cJSON *json = cJSON_CreateObject();

    json_add_text(json, "profile", trial->arguments->profile);
    json_add_text(json, "photo", trial->photo);
    cJSON_AddNumberToObject(json, "bytes", (double) bytes_of(trial->photo));
    add_texts(json, "steps", trial->steps);
    cJSON *outputs = cJSON_AddArrayToObject(json, "outputs");
    for (guint i = 0; i < trial->made->len; i++) {
        cJSON *output = cJSON_CreateObject();
        json_add_text(output, "name", trial->names->pdata[i]);
        cJSON_AddNumberToObject(output, "bytes", (double) bytes_of(trial->made->pdata[i]));
        cJSON_AddItemToArray(outputs, output);
    }
    add_texts(json, "losses", trial->losses);
    if (trial->note)
        json_add_text(json, "note", trial->note);
    if (trial->sheet->len)
        json_add_text(json, "sheet", trial->sheet->pdata[0]);
    if (error)
        cJSON_AddItemToObject(json, "error", json_error(error));
    json_print(json);
}

/* ---- the command ---- */

static int report(const Trial *trial, const Error *error)
{
    const Error *why = trial->failed ? trial->failed : error;

    if (trial->arguments->json)
        show_json(trial, why);
    else if (trial->failed)
        terminal_error_about(trial->photo, PAINT_BAD, trial->failed);
    else
        show(trial);
    if (error && !trial->arguments->json) {
        g_autofree char *text = error_text(error);
        terminal_error("%s", text);
    }
    return why ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Outputs as they will be, and then each step by itself: a step that is measured keeps others from
 * being joined with it. */
static int try_photo(Trial *trial)
{
    g_autoptr(Error) error = NULL;

    if (!run_once(trial, "made", false, take_outputs, &error) && !error)
        return USAGE_ERROR;
    bool ok = !error && !trial->failed && run_once(trial, "measured", true, take_steps, &error) &&
              !trial->failed;
    if (ok && trial->made->len)
        make_sheet(trial, &error);
    return report(trial, error);
}

static void trial_clear(Trial *trial)
{
    if (trial->scratch)
        scratch_remove(trial->scratch);
    g_ptr_array_unref(trial->losses);
    g_ptr_array_unref(trial->steps);
    g_ptr_array_unref(trial->made);
    g_ptr_array_unref(trial->names);
    g_ptr_array_unref(trial->sheet);
    free(trial->photo);
    g_free(trial->output);
    g_free(trial->scratch);
    g_free(trial->note);
    error_free(trial->failed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Trial, trial_clear)

static int run_try(int argc, char **argv, const Target *target)
{
    Arguments arguments = { 0 };
    g_autoptr(Error) wrong = NULL;
    int status = read_arguments(argc, argv, &arguments);

    if (status >= 0)
        return status;
    g_auto(Trial) trial = { .arguments = &arguments,
                            .losses = g_ptr_array_new_with_free_func(g_free),
                            .steps = g_ptr_array_new_with_free_func(g_free),
                            .made = g_ptr_array_new_with_free_func(g_free),
                            .names = g_ptr_array_new_with_free_func(g_free),
                            .sheet = g_ptr_array_new_with_free_func(g_free) };
    trial.config = target_readable_config(target, arguments.config);
    if (!(trial.photo = find_photo(arguments.photo, &wrong)) ||
        !choose_output(&trial, target, &wrong) || !(trial.scratch = scratch_new(NULL, &wrong))) {
        g_autofree char *text = error_text(wrong);
        terminal_error("%s", text);
        return USAGE_ERROR;
    }
    spawn_start();
    status = try_photo(&trial);
    spawn_stop();
    return status;
}

static const UsageOption options[] = {
    { 'o', COMPLETE_WITH_FILES, "output", "FILE",
      "the sheet, a .jpg, .png or .tif (default ./try-STEM.jpg, by the name of the photo)" },
    { 'c', COMPLETE_WITH_FILES, "config", "FILE", "read profiles from this configuration too" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the result as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the profile was tried" },
    { 1, "it cannot be done on this photo, or the sheet was not made" },
    { USAGE_ERROR, "wrong usage or configuration" },
    { 0 },
};

const Usage usage_try = {
    .name = "hotfolder try",
    .arguments = "PROFILE PHOTO",
    .summary = "try a profile on one photo, and see it before and after",
    .text =
        "Shows what a profile makes of a photo: for each step the size of the picture before and "
        "after it, its time and how much memory the picture then takes; each output and its size; "
        "what the formats do not keep, and what was dropped of this photo. The photo is not "
        "changed, and no output stays. A sheet shows the photo and each output beside each other. "
        "It never lies beside the photo, nor in a hot folder: where the working directory is one "
        "of "
        "these, it goes to $TMPDIR, else /tmp. An earlier sheet of that name is replaced, another "
        "file is not. For the times, each step is done by itself; in a folder and in `hotfolder "
        "run` steps flow into each other, and take less together.",
    .first = COMPLETE_WITH_PROFILES,
    .rest = COMPLETE_WITH_FILES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_try,
};
