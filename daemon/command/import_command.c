/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/import_command.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/text.h"
#include "command/batch_settings.h"
#include "command/import_apart.h"
#include "command/import_guard.h"
#include "command/import_state.h"
#include "command/import_view.h"
#include "command/terminal.h"
#include "daemon/journal/journal.h"
#include "daemon/process/spawn.h"

enum { OPEN_FILES = 65536 }; /* as the units have it */

static volatile int stop; /* a signal asks for the end */

const volatile int *import_command_stop(void)
{
    return &stop;
}

static void on_stop(int number G_GNUC_UNUSED)
{
    stop = 1;
}

/* A second signal ends the process. */
static void listen_for_stop(void)
{
    struct sigaction action = { .sa_handler = on_stop, .sa_flags = SA_RESETHAND };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Each destination has a group of files open, of which a shell's limit would allow too few. */
static void raise_limit_of_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= OPEN_FILES)
        return;
    limit.rlim_cur = MIN(limit.rlim_max, OPEN_FILES);
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- which import ---- */

/* Label, else UUID, else the path: how a person knows the card. Borrowed. */
static const char *name_of(const Medium *medium, const char *path)
{
    return medium->label && *medium->label ? medium->label
           : medium->uuid && *medium->uuid ? medium->uuid
                                           : path;
}

/* A person who names a directory wants it imported, wherever it lies: what is said of media that
 * appear by themselves does not count then. NULL where every import of cards has a `when`, which
 * it does not fit. */
static const Import *first_for_a_person(const Settings *settings)
{
    for (guint i = 0; i < settings->imports->len; i++) {
        const Import *import = settings->imports->pdata[i];
        if (!import->when && import->from == IMPORT_FROM_CARDS)
            return import;
    }
    return NULL;
}

static bool choose(const ImportCommand *command, Settings *settings, const Medium *medium,
                   const Import **import, char **why, Error **err)
{
    if (command->import || (settings->imports->len == 1 && command->to)) {
        *import = settings->imports->pdata[0]; /* it is the only one of the snapshot */
        return true;
    }
    if (!import_choose(settings, command->worker, command->path, medium, import, why, err))
        return false;
    if (!*import && !command->is_service)
        *import = first_for_a_person(settings);
    return true;
}

/* ---- the run ---- */

static void report_errors(const ImportCommand *command, const GPtrArray *errors)
{
    if (!command->is_service)
        terminal_errors(errors);
    for (guint i = 0; command->is_service && i < errors->len; i++)
        journal_event(EVENT_CONFIG_ERROR, .error = errors->pdata[i]);
}

static Settings *load(const ImportCommand *command)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    Settings *settings =
        batch_import_settings(command->config, command->import, (const char *const *) command->to,
                              command->worker, errors);

    report_errors(command, errors);
    if (settings && !settings->imports->len && !command->is_service) {
        terminal_error("%s has no import; write import \"cards\" { ... } into it, or say with --to "
                       "where the copies go",
                       command->config);
        g_clear_pointer(&settings, settings_unref);
    }
    return settings;
}

/* Nothing takes the medium; `why` in a line. */
static int refuse(const ImportCommand *command, const char *card, const char *why)
{
    g_autofree char *path = text_escape(command->path);

    if (command->is_service) {
        journal_event(EVENT_CARD_IGNORED, .card = card, .source = command->path, .reason = why);
        return EXIT_SUCCESS;
    }
    terminal_error("%s: no import takes it: %s; name one with --import", path, why);
    return USAGE_ERROR;
}

static int status_of(CardState state)
{
    return state == CARD_SAFE     ? EXIT_SUCCESS
           : state == CARD_COPIED ? IMPORT_EXIT_COPIED
                                  : EXIT_FAILURE;
}

static ImportView *view_of(const ImportCommand *command, const Import *import, const char *card)
{
    if (command->is_service)
        return import_view_of_service(card);
    return command->json ? import_view_of_program(command->dry)
                         : import_view_of_person(import, command->dry);
}

static int run_viewed(const ImportRun *run, const ImportSource *source, const ImportView *view,
                      bool *eject)
{
    CardRecord *record = NULL;
    g_autoptr(Verdict) verdict = NULL;
    g_autoptr(Error) error = NULL;
    bool nothing_new = false;

    if (!import_guard_run(run, source, view, &record, &verdict, &nothing_new, &error)) {
        view->failed(view->reporter.user, error);
        return error->kind == ERROR_CONFIG ? USAGE_ERROR : EXIT_FAILURE;
    }
    view->end(view->reporter.user, record, verdict, nothing_new);
    *eject = run->import->eject && record->state != CARD_INTERRUPTED;
    int status = run->dry ? EXIT_SUCCESS : status_of(record->state);
    card_record_free(record);
    return status;
}

static int run_chosen(const ImportCommand *command, Settings *settings, const Import *import,
                      const char *card, bool *eject)
{
    g_autofree ImportSource *directory = command->source ? NULL : import_directory(command->path);
    g_autoptr(ImportView) view = view_of(command, import, card);
    ImportRun run = { .settings = settings,
                      .worker = command->worker,
                      .import = import,
                      .state_dir = command->state_dir,
                      .run_dir = command->run_dir,
                      .dry = command->dry,
                      .waits = command->is_service,
                      .stop = &stop };

    if (command->is_service)
        journal_event(EVENT_CARD_FOUND, .card = card, .source = command->path,
                      .reason = import->name);
    if (!command->dry)
        import_state_prepare(command->state_dir);
    return run_viewed(&run, command->source ? command->source : directory, view, eject);
}

static int fail(const ImportCommand *command, const char *card, const Error *error)
{
    if (command->is_service)
        journal_event(EVENT_CARD_FAILED, .card = card, .error = error);
    else
        terminal_error_about(command->path, PAINT_BAD, error);
    return error->kind == ERROR_CONFIG ? USAGE_ERROR : EXIT_FAILURE;
}

static int run_medium(const ImportCommand *command, Settings *settings, const Medium *medium,
                      bool *eject)
{
    const char *card = name_of(medium, command->path);
    const Import *import = NULL;
    g_autofree char *why = NULL;
    g_autoptr(Error) error = NULL;

    if (!choose(command, settings, medium, &import, &why, &error))
        return fail(command, card, error);
    return import ? run_chosen(command, settings, import, card, eject)
                  : refuse(command, card, why ? why : "the configuration has none");
}

static int run_settings(const ImportCommand *command, Settings *settings, bool *eject)
{
    g_autoptr(Medium) medium = NULL;
    g_autoptr(Error) error = NULL;

    if (!command->path) {
        terminal_error("import '%s' is not of a directory; give the one that the card is mounted "
                       "at",
                       command->import);
        return USAGE_ERROR;
    }
    if (command->medium)
        return run_medium(command, settings, command->medium, eject);
    return medium_of_path(command->path, &medium, &error)
               ? run_medium(command, settings, medium, eject)
               : fail(command, command->path, error);
}

static int load_and_run(ImportCommand *command, bool *eject)
{
    int status = EXIT_FAILURE;
    g_autoptr(Settings) settings = load(command);

    if (!settings)
        return USAGE_ERROR;
    if (!command->is_service && import_apart_begin(settings, command->worker, &status))
        return status;
    if (!command->path) /* the import that was named is the only one of the snapshot */
        command->path = ((const Import *) settings->imports->pdata[0])->path;
    listen_for_stop();
    raise_limit_of_files();
    spawn_start();
    status = run_settings(command, settings, eject);
    process_end(command->worker, NULL);
    spawn_stop();
    return status;
}

int import_command_run(const ImportCommand *command, bool *eject)
{
    bool unused = false;
    ImportCommand whole = *command;

    whole.worker = process_new();
    int status = load_and_run(&whole, eject ? eject : &unused);
    process_free(whole.worker);
    return status;
}
