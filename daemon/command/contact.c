/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/contact.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/batch_settings.h"
#include "command/contact_pages.h"
#include "command/folder_file.h"
#include "command/page_file.h"
#include "command/scratch.h"
#include "command/sheet_profiles.h"

/* A picture, and the file of its cell. */
typedef struct Cell {
    char *source;
    char *file; /* NULL: not drawn yet */
} Cell;

struct Contact {
    SheetLayout layout;
    char *directory;
    GPtrArray *cells; /* of Cell, in the order of the sheet */
    int workers;
    unsigned batches;
    bool interrupted;
};

static void cell_free(void *data)
{
    Cell *cell = data;

    g_free(cell->source);
    g_free(cell->file);
    g_free(cell);
}

/* ---- the room ---- */

Contact *contact_new(const SheetLayout *layout, int workers, Error **err)
{
    g_autofree char *directory = scratch_new(NULL, err);
    if (!directory)
        return NULL;
    Contact *contact = g_new0(Contact, 1);
    contact->layout = *layout;
    contact->directory = g_steal_pointer(&directory);
    contact->cells = g_ptr_array_new_with_free_func(cell_free);
    contact->workers = workers;
    return contact;
}

void contact_free(Contact *contact)
{
    if (!contact)
        return;
    scratch_remove(contact->directory);
    g_free(contact->directory);
    g_ptr_array_unref(contact->cells);
    g_free(contact);
}

unsigned contact_count(const Contact *contact)
{
    return contact->cells->len;
}

bool contact_is_interrupted(const Contact *contact)
{
    return contact->interrupted;
}

static bool refuse_interrupted(Error **err)
{
    return error_set(err, ERROR_TRANSIENT, "run the command again", "interrupted; nothing is made");
}

static bool check_signals(Contact *contact, Error **err)
{
    sigset_t pending;

    sigpending(&pending);
    contact->interrupted |= sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
    return !contact->interrupted || refuse_interrupted(err);
}

/* ---- a batch ---- */

/* What a batch makes, and of what. */
typedef struct Work {
    const char *output; /* a directory */
    const char *config;
    char *profile;     /* as text */
    const char *words; /* the option that says what is written; NULL: none does */
    char **paths;
} Work;

/* What is wrong with a text, without the setting that it is in: `text = "{x", column 1: ...`. */
static const char *wrong_words(const char *what)
{
    const char *column = g_str_has_prefix(what, "text = ") ? strstr(what, "\", column ") : NULL;
    const char *colon = column ? strstr(column, ": ") : NULL;

    return colon ? colon + 2 : NULL;
}

/* The first error. The place of one in a text of ours says nothing. */
static bool take_first(const GPtrArray *errors, const Work *work, Error **err)
{
    const Error *first = errors->pdata[0];
    const char *words = work->words ? wrong_words(first->what) : NULL;

    if (words)
        return error_set(err, ERROR_CONFIG, first->fix, "%s: %s", work->words, words);
    return error_set(err, first->kind, first->fix, "%s", first->what);
}

static Settings *settings_of(Contact *contact, const Work *work, Process *worker, Error **err)
{
    g_autofree char *name = g_strdup_printf("%u.conf", contact->batches++);
    g_autofree char *file = g_build_filename(contact->directory, name, NULL);
    g_autofree char *text = g_strconcat(work->config, work->profile, NULL);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GError) failure = NULL;

    if (!g_file_set_contents(file, text, -1, &failure)) {
        error_set(err, ERROR_ENVIRONMENT, NULL, "%s", failure->message);
        return NULL;
    }
    Settings *settings = batch_settings(file, SHEET_PROFILE, work->output, worker, errors);
    if (!settings)
        take_first(errors, work, err);
    else if (contact->workers)
        settings->workers = contact->workers;
    return settings;
}

static bool run(Contact *contact, const Work *work, const BatchReporter *reporter,
                BatchCounts *counts, Error **err)
{
    const BatchOptions options = { .paths = work->paths, .worker = process_new() };
    bool interrupted = false;
    Settings *settings =
        check_signals(contact, err) ? settings_of(contact, work, options.worker, err) : NULL;

    if (!settings) {
        process_free(options.worker);
        return false;
    }
    if (!batch_run(settings, &options, reporter, counts, &interrupted, err))
        return false;
    contact->interrupted |= interrupted;
    return !interrupted || refuse_interrupted(err);
}

/* ---- the cells of pictures ---- */

/* Who hears of a batch of cells, before the caller's reporter does. */
typedef struct Drawing {
    Contact *contact;
    const char *output;
    const BatchReporter *outer;
    GHashTable *cells; /* the source -> its Cell, borrowed */
} Drawing;

static void on_progress(void *user, const BatchCounts *counts)
{
    const Drawing *drawing = user;

    drawing->outer->progress(drawing->outer->user, counts);
}

/* A picture that was named twice has one cell. */
static void on_found(void *user, const char *source)
{
    const Drawing *drawing = user;
    Cell *cell = NULL;

    if (g_hash_table_contains(drawing->cells, source))
        return;
    cell = g_new0(Cell, 1);
    cell->source = g_strdup(source);
    g_ptr_array_add(drawing->contact->cells, cell);
    g_hash_table_insert(drawing->cells, cell->source, cell);
}

static void on_done(void *user, const char *source, char **outputs, const char *note, char **plan)
{
    const Drawing *drawing = user;
    Cell *cell = g_hash_table_lookup(drawing->cells, source);

    if (cell && !cell->file && outputs && *outputs)
        cell->file = g_build_filename(drawing->output, *outputs, NULL);
    drawing->outer->done(drawing->outer->user, source, NULL, note, plan);
}

static void on_failed(void *user, const char *source, const Error *error)
{
    const Drawing *drawing = user;

    drawing->outer->failed(drawing->outer->user, source, error);
}

static void on_ignored(void *user, const char *path, const char *reason)
{
    const Drawing *drawing = user;

    drawing->outer->ignored(drawing->outer->user, path, reason);
}

static void on_without(void *user, const char *typed)
{
    const Drawing *drawing = user;

    drawing->outer->without(drawing->outer->user, typed);
}

static char *config_text(const ContactPictures *pictures)
{
    g_autofree char *config =
        pictures->config ? g_canonicalize_filename(pictures->config, NULL) : NULL;

    if (config)
        return folder_file_include(config);
    return g_strdup(pictures->rare
                        ? "defaults { accept = { jpeg, png, webp, gif, tiff, heif, avif, "
                          "bmp, jxl, jp2 } }\n"
                        : "");
}

static bool draw_pictures(Contact *contact, const ContactPictures *pictures,
                          const BatchReporter *reporter, BatchCounts *counts, Error **err)
{
    g_autofree char *name = g_strdup_printf("cells-%u", contact->batches);
    g_autofree char *output = g_build_filename(contact->directory, name, NULL);
    g_autofree char *config = config_text(pictures);
    g_autofree char *profile =
        sheet_profile_of_cells(&contact->layout, pictures->caption, pictures->prepare);
    g_autoptr(GHashTable) cells = g_hash_table_new(g_str_hash, g_str_equal);
    Drawing drawing = { contact, output, reporter, cells };
    const BatchReporter listens = { .user = &drawing,
                                    .progress = on_progress,
                                    .done = on_done,
                                    .failed = on_failed,
                                    .ignored = on_ignored,
                                    .without = on_without,
                                    .found = on_found };
    const Work work = { output, config, profile, "--caption", pictures->paths };

    return run(contact, &work, &listens, counts, err);
}

/* ---- the cells of pictures that failed ---- */

enum { STAND_IN_SIDE = 8, STAND_IN_GREY = 0xec };

/* Drops what is no file of a picture, such as a directory that cannot be read. */
static void drop_others(Contact *contact)
{
    for (guint i = contact->cells->len; i > 0; i--) {
        const Cell *cell = contact->cells->pdata[i - 1];
        struct stat st;
        if (!cell->file && (stat(cell->source, &st) < 0 || !S_ISREG(st.st_mode)))
            g_ptr_array_remove_index(contact->cells, i - 1);
    }
}

/* A grey picture of the same name, in a directory that is called by the number of the cell. */
static char *stand_in(const char *directory, guint index, const Cell *cell, Error **err)
{
    g_autofree char *number = g_strdup_printf("%u", index);
    g_autofree char *place = g_build_filename(directory, number, NULL);
    g_autofree char *name = g_path_get_basename(cell->source);
    g_autofree char *path = g_build_filename(place, name, NULL);
    g_auto(PageFile) page = { .fd = -1 };

    if (g_mkdir_with_parents(place, 0700) < 0) {
        error_errno(err, errno, "cannot make '%s'", place);
        return NULL;
    }
    return page_file_new(path, STAND_IN_SIDE, STAND_IN_SIDE, STAND_IN_GREY, &page, err)
               ? g_steal_pointer(&path)
               : NULL;
}

/* By the number in its path. */
static void take_stand_in(void *user, const char *source, char **outputs,
                          const char *note G_GNUC_UNUSED, char **plan G_GNUC_UNUSED)
{
    const Drawing *drawing = user;
    g_autofree char *place = g_path_get_dirname(source), *number = g_path_get_basename(place);
    guint64 index = g_ascii_strtoull(number, NULL, 10);

    if (index >= drawing->contact->cells->len || !outputs || !*outputs)
        return;
    Cell *cell = drawing->contact->cells->pdata[index];
    g_free(cell->file);
    cell->file = g_build_filename(drawing->output, *outputs, NULL);
}

/* One without a cell: its name may be none that a caption takes. */
static void miss_stand_in(void *user G_GNUC_UNUSED, const char *source G_GNUC_UNUSED,
                          const Error *error G_GNUC_UNUSED)
{
}

static bool draw_stand_ins(Contact *contact, const char *caption, GPtrArray *paths, Error **err)
{
    g_autofree char *name = g_strdup_printf("cells-%u", contact->batches);
    g_autofree char *output = g_build_filename(contact->directory, name, NULL);
    g_autofree char *profile =
        sheet_profile_of_failed(&contact->layout, caption, "this picture cannot be shown");
    Drawing drawing = { .contact = contact, .output = output };
    BatchReporter quiet = batch_quiet_reporter();
    const Work work = { output, "", profile, "--caption", (char **) paths->pdata };
    BatchCounts counts = { 0 };

    quiet.user = &drawing;
    quiet.done = take_stand_in;
    quiet.failed = miss_stand_in;
    return run(contact, &work, &quiet, &counts, err);
}

static bool draw_failed(Contact *contact, const char *caption, Error **err)
{
    g_autofree char *name = g_strdup_printf("failed-%u", contact->batches);
    g_autofree char *directory = g_build_filename(contact->directory, name, NULL);
    g_autoptr(GPtrArray) paths = g_ptr_array_new_null_terminated(0, g_free, TRUE);

    drop_others(contact);
    for (guint i = 0; i < contact->cells->len; i++) {
        const Cell *cell = contact->cells->pdata[i];
        char *path = cell->file ? NULL : stand_in(directory, i, cell, err);
        if (!cell->file && !path)
            return false;
        if (path)
            g_ptr_array_add(paths, path);
    }
    return !paths->len || draw_stand_ins(contact, caption, paths, err);
}

bool contact_draw(Contact *contact, const ContactPictures *pictures, const BatchReporter *reporter,
                  BatchCounts *counts, Error **err)
{
    return draw_pictures(contact, pictures, reporter, counts, err) &&
           draw_failed(contact, pictures->caption, err);
}

/* ---- pages ---- */

/* The cell's file is not needed any more then. */
static bool lay_cell(const Contact *contact, const PageFile *page, guint index, Error **err)
{
    const Cell *cell = contact->cells->pdata[index];
    const SheetLayout *layout = &contact->layout;
    SheetPoint at = sheet_cell(layout, index);
    const PageArea area = { at.x, at.y, layout->cell_width, layout->cell_height };

    if (!cell->file) /* its cell could not be drawn either */
        return true;
    if (!page_file_lay(page, cell->file, &area, err))
        return false;
    unlink(cell->file);
    return true;
}

static bool lay_page(Contact *contact, const char *directory, unsigned number, Error **err)
{
    g_autofree char *name = g_strdup_printf("page-%06u.tif", number);
    g_autofree char *path = g_build_filename(directory, name, NULL);
    const SheetLayout *layout = &contact->layout;
    guint first = (number - 1) * sheet_cells(layout);
    guint end = MIN(first + sheet_cells(layout), contact->cells->len);
    g_auto(PageFile) page = { .fd = -1 };
    bool ok = check_signals(contact, err) &&
              page_file_new(path, layout->width, layout->height, UINT8_MAX, &page, err);

    for (guint i = first; ok && i < end; i++)
        ok = lay_cell(contact, &page, i, err);
    return ok;
}

static const char pages_config[] = "defaults { max_pixels = 1000MP }\n";

static char *pages_profile(const Contact *contact, const ContactPages *pages)
{
    return sheet_profile_of_pages(&contact->layout, pages->header ? pages->header : "",
                                  sheet_pages(&contact->layout, contact->cells->len),
                                  pages_format(pages->output));
}

bool contact_check(Contact *contact, const ContactPages *pages, Error **err)
{
    g_autofree char *profile = pages_profile(contact, pages);
    const Work work = { contact->directory, pages_config, profile, "--header", NULL };
    if (!sheet_check_header(pages->header, err))
        return false;
    Process *worker = process_new();
    g_autoptr(Settings) settings = settings_of(contact, &work, worker, err);
    process_free(worker);
    return settings;
}

/* False where the batch that encodes them has not made each one. */
static bool encode(Contact *contact, const ContactPages *pages, char *from, const char *to,
                   Error **err)
{
    g_autofree char *profile = pages_profile(contact, pages);
    g_autoptr(Error) failed = NULL;
    BatchReporter quiet = batch_quiet_reporter();
    char *paths[] = { from, NULL };
    const Work work = { to, pages_config, profile, "--header", paths };
    BatchCounts counts = { 0 };

    quiet.user = &failed;
    if (!run(contact, &work, &quiet, &counts, err))
        return false;
    if (failed)
        *err = g_steal_pointer(&failed);
    return !*err;
}

bool contact_write(Contact *contact, const ContactPages *pages, GPtrArray *names, Error **err)
{
    unsigned count = sheet_pages(&contact->layout, contact->cells->len);
    g_autofree char *from = g_build_filename(contact->directory, "pages", NULL);
    g_autofree char *directory = g_path_get_dirname(pages->output);
    g_autofree char *to = NULL;
    bool ok = mkdir(from, 0700) == 0 || error_errno(err, errno, "cannot make '%s'", from);

    for (unsigned page = 1; ok && page <= count; page++)
        ok = lay_page(contact, from, page, err);
    ok = ok && (to = scratch_new(directory, err)) && encode(contact, pages, from, to, err) &&
         pages_place(to, pages->output, count, pages->replace, names, err);
    if (to)
        scratch_remove(to);
    return ok;
}
