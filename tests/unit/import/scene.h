/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* scene.h - whole imports of a small card into two directories, with a real worker. */
#pragma once

#include <stdio.h>
#include <unistd.h>

#include "daemon/import/import.h"
#include "daemon/settings/load.h"
#include "tests/unit/check.h"

/* A card, two destinations, and what an import of it said. */
typedef struct Scene {
    char *root; /* of all directories */
    char *card, *a, *b, *inbox, *state;
    const char *from; /* what the configuration says; NULL: `card` */
    const char *more; /* settings of the import; "": min_free = 0 */
    int stop_after;   /* reports of progress; 0: never */
    int reports;
    volatile int stop;
    char *appears; /* a directory that is made when the card is held for it */
    char *held;    /* the reason of that */
    GString *planned, *troubles;
    char *said; /* the configuration that `settings` were read of */
    Settings *settings;
    Process *worker; /* that has checked them */
    CardRecord *record;
    Verdict *verdict;
    bool nothing_new;
} Scene;

static inline Scene *scene_new(void)
{
    Scene *scene = g_new0(Scene, 1);
    const char *const names[] = { "card", "a", "b", "inbox" };
    char **const paths[] = { &scene->card, &scene->a, &scene->b, &scene->inbox };

    scene->root = check_mkdir_on_disk();
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        *paths[i] = g_build_filename(scene->root, names[i], NULL);
        assert_int_equal(g_mkdir(*paths[i], 0755), 0);
    }
    scene->state = g_build_filename(scene->root, "state", NULL);
    scene->more = "";
    scene->worker = process_new();
    scene->planned = g_string_new(NULL);
    scene->troubles = g_string_new(NULL);
    return scene;
}

static inline void forget_result(Scene *scene)
{
    card_record_free(scene->record);
    verdict_free(scene->verdict);
    scene->record = NULL;
    scene->verdict = NULL;
    scene->reports = 0;
    scene->stop = 0;
    g_string_truncate(scene->planned, 0);
    g_string_truncate(scene->troubles, 0);
}

static inline void scene_free(Scene *scene)
{
    forget_result(scene);
    g_string_free(scene->planned, TRUE);
    g_string_free(scene->troubles, TRUE);
    g_free(scene->card);
    g_free(scene->a);
    g_free(scene->b);
    g_free(scene->inbox);
    g_free(scene->state);
    g_free(scene->held);
    g_free(scene->said);
    process_free(scene->worker);
    settings_unref(scene->settings);
    check_rmdir(scene->root);
    g_free(scene);
}

/* ---- an import ---- */

static inline void progress(void *user, const CardRecord *record)
{
    Scene *scene = user;

    if (record->state == CARD_HELD && scene->appears) {
        g_free(scene->held);
        scene->held = g_strdup(record->reason);
        assert_int_equal(g_mkdir(scene->appears, 0755), 0);
        g_clear_pointer(&scene->appears, g_free);
    }
    if (scene->stop_after && ++scene->reports >= scene->stop_after)
        scene->stop = 1;
}

static inline void planned(void *user, const CardFile *file, const char *name)
{
    Scene *scene = user;

    g_string_append_printf(scene->planned, "%s -> %s\n", file->path, name);
}

static inline void trouble(void *user, const CardFile *file, const char *destination,
                           const Error *error)
{
    Scene *scene = user;
    g_autofree char *text = error_text(error);

    g_string_append_printf(scene->troubles, "%s in %s: %s\n", file->path,
                           destination ? destination : "the card", text);
}

static inline void not_handed(void *user, const CardFile *file, const char *folder,
                              const Error *error)
{
    Scene *scene = user;
    g_autofree char *text = error_text(error);

    g_string_append_printf(scene->troubles, "%s copied, not in %s: %s\n", file->path, folder, text);
}

static inline char *configuration(const Scene *scene)
{
    return g_strdup_printf(
        "folder \"inbox\" {\n path = \"%s\"\n recursive = yes\n output = \"%s/out\"\n"
        " profile = web\n}\n"
        "import \"cards\" {\n from = \"%s\"\n copy_to = { \"%s\", \"%s\" }\n"
        " name = \"{day:%%Y|undated}/{shot}.{ext}\"\n safe_copies = 1\n order = jpeg\n%s\n}\n",
        scene->inbox, scene->root, scene->from ? scene->from : scene->card, scene->a, scene->b,
        *scene->more ? scene->more : "min_free = 0");
}

static inline bool start_check(void *user, const char *document, bool fonts, int answer,
                               Error **err)
{
    return process_start_check(user, document, fonts, answer, err);
}

static inline bool end_check(void *user, Error **err)
{
    return process_end_check(user, err);
}

/* A worker checks them, and makes the names then: once, as long as they are the same. */
static inline void read_settings(Scene *scene)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autofree char *file = g_build_filename(scene->root, "hotfolder.conf", NULL);
    g_autofree char *text = configuration(scene);
    const ProfileChecker checker = { scene->worker, start_check, end_check };

    if (!g_strcmp0(text, scene->said))
        return;
    check_write(scene->root, "hotfolder.conf", text);
    process_end(scene->worker, NULL);
    settings_unref(scene->settings);
    scene->settings = settings_load_import(file, &checker, "cards", NULL, errors);
    g_autofree char *lines = check_error_lines(errors);
    assert_string_equal(lines, "");
    assert_non_null(scene->settings);
    process_keep_checked(scene->worker, scene->settings);
    g_free(scene->said);
    scene->said = g_steal_pointer(&text);
}

static inline bool try_run(Scene *scene, bool dry, Error **err)
{
    g_autofree ImportSource *source = import_directory(scene->card);
    const ImportReporter reporter = {
        .user = scene,
        .progress = progress,
        .planned = planned,
        .trouble = trouble,
        .not_handed = not_handed,
    };
    read_settings(scene);
    const ImportRun how = {
        .settings = scene->settings,
        .worker = scene->worker,
        .import = scene->settings->imports->pdata[0],
        .state_dir = scene->state,
        .dry = dry,
        .waits = scene->appears,
        .stop = &scene->stop,
    };

    forget_result(scene);
    return import_run(&how, source, &reporter, &scene->record, &scene->verdict, &scene->nothing_new,
                      err);
}

static inline void run(Scene *scene, bool dry)
{
    Error *error = NULL;

    assert_ok(try_run(scene, dry, &error), error);
}

/* ---- what is there ---- */

static inline int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static inline void list_into(GPtrArray *names, const char *root, const char *below)
{
    g_autofree char *path = g_build_filename(root, below, NULL);
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *one = *below ? g_build_filename(below, name, NULL) : g_strdup(name);
        g_autofree char *full = g_build_filename(root, one, NULL);
        if (g_str_has_prefix(one, "_cards") || g_str_has_prefix(one, "ascmhl"))
            continue;
        if (g_file_test(full, G_FILE_TEST_IS_DIR))
            list_into(names, root, one);
        else
            g_ptr_array_add(names, g_steal_pointer(&one));
    }
    if (dir)
        g_dir_close(dir);
}

/* "NAME=TEXT NAME=TEXT", sorted, of all files; newly allocated. */
static inline char *files_of(const char *root)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    GString *all = g_string_new(NULL);

    list_into(names, root, "");
    g_ptr_array_sort(names, by_text);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *text = check_read(root, names->pdata[i]);
        g_string_append_printf(all, "%s%s=%s", i ? " " : "", (const char *) names->pdata[i], text);
    }
    return g_string_free(all, FALSE);
}

static inline void assert_files(const char *root, const char *expected)
{
    g_autofree char *files = files_of(root);

    assert_string_equal(files, expected);
}

static inline void fill_card(const Scene *scene)
{
    check_write(scene->card, "DCIM/100X/A_0001.JPG", "one");
    check_write(scene->card, "DCIM/100X/A_0001.XMP", "stars");
    check_write(scene->card, "DCIM/100X/A_0002.JPG", "two");
    check_write(scene->card, "DCIM/100X/A_0003.MOV", "film");
    check_write(scene->card, "notes.bin", "?");
}

static const char filled[] G_GNUC_UNUSED =
    "undated/0001.JPG=one undated/0001.XMP=stars "
    "undated/0002.JPG=two undated/0003.MOV=film undated/notes.bin=?";
