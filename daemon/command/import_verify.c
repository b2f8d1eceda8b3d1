/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder import verify - whether all that was copied is still what it was. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/units.h"
#include "command/import_state.h"
#include "command/import_usages.h"
#include "command/json.h"
#include "command/progress.h"
#include "command/terminal.h"
#include "daemon/import/import.h"

enum { OPTION_STATE_DIR = 256, OPTION_JSON };
enum { MOST_CARDS = 10000 };

typedef struct Verification {
    const char *directory; /* that is read now */
    Progress progress;
    cJSON *list; /* for a program; NULL: for a person */
    int64_t files, wrong;
} Verification;

/* ---- while it is read ---- */

static void show_progress(void *user, int64_t files, int64_t bytes)
{
    Verification *verification = user;

    if (verification->list || !progress_is_due(&verification->progress))
        return;
    g_autofree char *read = units_bytes_rounded(bytes);
    g_autofree char *shown = text_escape(verification->directory);
    g_autofree char *line = g_strdup_printf("%" G_GINT64_FORMAT " files, %s read, %s",
                                            verification->files + files, read, shown);
    progress_draw(&verification->progress, line);
}

static void add_wrong(Verification *verification, const char *name, const char *what,
                      const char *disk, const char *right)
{
    cJSON *entry = cJSON_CreateObject();

    json_add_text(entry, "directory", verification->directory);
    json_add_text(entry, "file", name);
    json_add_text(entry, "what", what);
    if (disk)
        json_add_text(entry, "disk", disk);
    if (right)
        json_add_text(entry, "right", right);
    cJSON_AddItemToArray(verification->list, entry);
}

static void take_wrong(void *user, const char *name, const char *what, const char *disk,
                       const char *right)
{
    Verification *verification = user;
    g_autofree char *path = g_build_filename(verification->directory, name, NULL);
    g_autofree char *shown = text_escape(path), *copy = right ? text_escape(right) : NULL;

    if (verification->list) {
        add_wrong(verification, name, what, disk, right);
        return;
    }
    progress_end(&verification->progress);
    terminal_print(stdout, PAINT_BAD, "%s", shown);
    printf(": %s%s%s%s; ", what, disk ? " (" : "", disk ? disk : "", disk ? ")" : "");
    if (copy)
        printf("the copy that is right: %s\n", copy);
    else
        puts("no copy that is right is known");
}

static bool verify(Verification *verification, const char *directory, const char *state_dir,
                   Error **err)
{
    const VerifyReporter reporter = { verification, show_progress, take_wrong };
    int64_t files = 0, wrong = 0;

    verification->directory = directory;
    if (!import_verify(directory, state_dir, &reporter, &files, &wrong, err))
        return false;
    verification->files += files;
    verification->wrong += wrong;
    if (files)
        return true;
    return error_set(err, ERROR_ENVIRONMENT, "look for what was removed from its _cards and ascmhl",
                     "the manifests of '%s' name no file, so nothing was read", directory);
}

/* ---- of a card ---- */

static bool is_called(const CardRecord *card, const char *name)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, card->id);

    return !g_strcmp0(card->name, name) || !g_strcmp0(card->uuid, name) || !strcmp(id, name);
}

/* Where the cards of this name were copied to: a new set. NULL with *err set. */
static GPtrArray *destinations_of(const Target *target, const char *state_dir, const char *name,
                                  Error **err)
{
    g_autoptr(GPtrArray) cards = NULL;
    GPtrArray *found = g_ptr_array_new_with_free_func(g_free);

    if (!import_state_cards(target, state_dir, MOST_CARDS, &cards, err))
        return found;
    for (guint i = 0; i < cards->len; i++) {
        const CardRecord *card = cards->pdata[i];
        for (char **to = card->destinations; is_called(card, name) && to && *to; to++)
            if (!g_ptr_array_find_with_equal_func(found, *to, g_str_equal, NULL))
                g_ptr_array_add(found, g_strdup(*to));
    }
    if (!found->len) {
        g_autofree char *shown = text_escape(name);
        error_set(err, ERROR_CONFIG, "`hotfolder import status` names cards",
                  "'%s' is neither a directory nor a card that was imported", shown);
    }
    return found;
}

static bool verify_all(Verification *verification, const Target *target, const char *given,
                       const char *what, Error **err)
{
    g_autofree char *state_dir = import_state_dir_to_read(target, given);

    if (g_file_test(what, G_FILE_TEST_IS_DIR)) {
        g_autofree char *directory = g_canonicalize_filename(what, NULL);
        return verify(verification, directory, state_dir, err);
    }
    g_autoptr(GPtrArray) directories = destinations_of(target, given, what, err);
    for (guint i = 0; i < directories->len; i++) {
        g_autoptr(Error) error = NULL;
        if (!verify(verification, directories->pdata[i], state_dir, &error) && !*err)
            *err = g_steal_pointer(&error);
    }
    return !*err;
}

/* ---- the result ---- */

static void print_json(Verification *verification, const Error *error)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddBoolToObject(object, "ok", !error && !verification->wrong);
    cJSON_AddNumberToObject(object, "files", (double) verification->files);
    cJSON_AddItemToObject(object, "wrong", verification->list);
    if (error)
        cJSON_AddItemToObject(object, "error", json_error(error));
    json_print(object);
}

static void print_result(Verification *verification, const Error *error)
{
    g_autofree char *text = error ? error_text(error) : NULL;

    progress_end(&verification->progress);
    if (error)
        terminal_error("%s", text);
    else if (verification->wrong)
        terminal_print(stdout, PAINT_BAD,
                       "%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " files are not right\n",
                       verification->wrong, verification->files);
    else
        terminal_print(stdout, PAINT_GOOD, "all %" G_GINT64_FORMAT " files are right\n",
                       verification->files);
}

static int run_verify(int argc, char **argv, const Target *target)
{
    Verification verification = { .progress = progress_new() };
    const char *state_dir = NULL;
    g_autoptr(Error) error = NULL;
    bool json = false;
    int option = 0, status = 0;

    while ((option = usage_next(&usage_import_verify, argc, argv, &status)) > 0) {
        if (option == OPTION_STATE_DIR)
            state_dir = optarg;
        json |= option == OPTION_JSON;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind == argc)
        return usage_error(&usage_import_verify, "give a directory with copies, or a card");
    if (optind + 1 < argc)
        return usage_error(&usage_import_verify, "unexpected argument '%s'", argv[optind + 1]);
    verification.list = json ? cJSON_CreateArray() : NULL;
    bool ok = verify_all(&verification, target, state_dir, argv[optind], &error);
    if (json)
        print_json(&verification, error);
    else
        print_result(&verification, error);
    return ok && !verification.wrong              ? EXIT_SUCCESS
           : error && error->kind == ERROR_CONFIG ? USAGE_ERROR
                                                  : EXIT_FAILURE;
}

/* ---- usage ---- */

static const UsageOption options[] = {
    { OPTION_STATE_DIR, COMPLETE_WITH_DIRECTORIES, "state-dir", "DIR",
      "where it is remembered what has been copied; default as of `hotfolder import`" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the result as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "every file is there, and is what it was" },
    { 1, "a file is missing or is another one, or cannot be read" },
    { USAGE_ERROR, "wrong usage: there is no such card, or nothing was imported there" },
    { 0 },
};

const Usage usage_import_verify = {
    .name = "hotfolder import verify",
    .arguments = "CARD|DIR",
    .summary = "read copies again, and compare them with their manifests",
    .text = "Reads every file of the directory DIR again that its manifests name (ascmhl/ or "
            "_cards/), and says which is missing or has changed, on which disk, and where a copy "
            "is that is still right. It needs no configuration, and on another computer nothing "
            "but the disk. CARD is the name of a card or its UUID: then each directory that it was "
            "copied to is read.",
    .first = COMPLETE_WITH_DIRECTORIES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_verify,
};
