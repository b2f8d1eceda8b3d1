/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder import forget, assignment - what is remembered of cards, and for the next ones. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/command.h"
#include "command/import_state.h"
#include "command/import_usages.h"
#include "command/terminal.h"

enum { OPTION_STATE_DIR = 256, OPTION_END };
enum { MOST_CARDS = 10000 };

static int report(const Error *error)
{
    g_autofree char *text = error_text(error);

    terminal_error("%s", text);
    return EXIT_FAILURE;
}

/* The catalog that an import by hand would write. */
static bool open_catalog(const Target *target, const char *given, Catalog **catalog, Error **err)
{
    g_autofree char *directory = import_state_dir(target, given);

    import_state_prepare(directory);
    if (!catalog_open(directory, false, catalog, err))
        return false;
    if (catalog_damaged_copy(*catalog))
        import_state_say_damaged(catalog_damaged_copy(*catalog));
    return true;
}

/* ---- forget ---- */

/* A card may also be named by the directory that it was read from, as a person types it. */
static bool forget_source(Catalog *catalog, const char *typed, unsigned *count, Error **err)
{
    g_autofree char *source = g_canonicalize_filename(typed, NULL);
    g_autoptr(GPtrArray) cards = NULL;
    bool ok = catalog_cards(catalog, MOST_CARDS, &cards, err);

    for (guint i = 0; ok && i < cards->len; i++) {
        const CardRecord *card = cards->pdata[i];
        g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, card->id);
        unsigned one = 0;
        if (!g_strcmp0(card->source, source))
            ok = catalog_forget(catalog, id, &one, err);
        *count += one;
    }
    return ok;
}

static int forget(const Target *target, const char *state_dir, const char *card)
{
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(Error) error = NULL;
    g_autofree char *shown = text_escape(card);
    unsigned count = 0;

    if (!open_catalog(target, state_dir, &catalog, &error) ||
        !catalog_forget(catalog, card, &count, &error) ||
        (!count && !forget_source(catalog, card, &count, &error)))
        return report(error);
    if (!count) {
        terminal_error("'%s': no such card; `hotfolder import status` names them", shown);
        return EXIT_FAILURE;
    }
    printf("%u %s called '%s' forgotten; the next import reads %s again\n", count,
           count == 1 ? "card" : "cards", shown, count == 1 ? "it" : "them");
    return EXIT_SUCCESS;
}

static int run_forget(int argc, char **argv, const Target *target)
{
    const char *state_dir = NULL;
    int option = 0, status = 0;

    while ((option = usage_next(&usage_import_forget, argc, argv, &status)) > 0)
        state_dir = optarg;
    if (option == USAGE_DONE)
        return status;
    if (optind == argc)
        return usage_error(&usage_import_forget, "name a card");
    if (optind + 1 < argc)
        return usage_error(&usage_import_forget, "unexpected argument '%s'", argv[optind + 1]);
    return forget(target, state_dir, argv[optind]);
}

/* ---- assignment ---- */

static bool show_assignment(Catalog *catalog, Error **err)
{
    g_autofree char *text = NULL;

    if (!catalog_assignment(catalog, &text, err))
        return false;
    g_autofree char *shown = text ? text_escape(text) : NULL;
    puts(shown ? shown : "there is no assignment");
    return true;
}

static bool set_assignment(Catalog *catalog, const char *text, Error **err)
{
    g_autofree char *shown = text ? text_escape(text) : NULL;

    if (!catalog_set_assignment(catalog, text, err))
        return false;
    if (shown)
        printf("{assignment} is '%s' for each card from now on\n", shown);
    else
        puts("the assignment has ended");
    return true;
}

static int assign(const Target *target, const char *state_dir, const char *text, bool end)
{
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(Error) error = NULL;

    if (!open_catalog(target, state_dir, &catalog, &error))
        return report(error);
    bool ok =
        text || end ? set_assignment(catalog, text, &error) : show_assignment(catalog, &error);
    return ok ? EXIT_SUCCESS : report(error);
}

static int run_assignment(int argc, char **argv, const Target *target)
{
    const char *state_dir = NULL;
    bool end = false;
    int option = 0, status = 0;

    while ((option = usage_next(&usage_import_assignment, argc, argv, &status)) > 0) {
        if (option == OPTION_STATE_DIR)
            state_dir = optarg;
        end |= option == OPTION_END;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind + 1 < argc || (end && optind < argc))
        return usage_error(&usage_import_assignment,
                           "give one TEXT, in quotes where it has spaces, or --end");
    if (optind < argc && !*argv[optind])
        return usage_error(&usage_import_assignment, "the text is empty; --end ends an assignment");
    return assign(target, state_dir, optind < argc ? argv[optind] : NULL, end);
}

/* ---- usage ---- */

#define STATE_DIR                                                                                  \
    {                                                                                              \
        OPTION_STATE_DIR, COMPLETE_WITH_DIRECTORIES, "state-dir", "DIR",                           \
            "where it is remembered; default as of `hotfolder import`"                             \
    }

static const UsageOption forget_options[] = { STATE_DIR, { 0 } };

static const UsageOption assignment_options[] = {
    STATE_DIR,
    { OPTION_END, COMPLETE_WITH_NOTHING, "end", NULL, "from now on there is none" },
    { 0 },
};

static const UsageExit forget_exits[] = {
    { 0, "it is forgotten" },
    { 1, "no such card is remembered, or what is remembered cannot be written" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

static const UsageExit assignment_exits[] = {
    { 0, "it is so, or is shown" },
    { 1, "what is remembered cannot be read or written" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_import_forget = {
    .name = "hotfolder import forget",
    .arguments = "CARD",
    .summary = "forget a card, so that it is read again in full",
    .text = "Forgets what is remembered of CARD: its name, its UUID, or its number, as `hotfolder "
            "import status --json` has them, or the directory that it was read from. Its copies "
            "stay where they are, and the next import "
            "of the card finds them: nothing is copied twice.",
    .options = forget_options,
    .exits = forget_exits,
    .outer = &usage_hotfolder,
    .run = run_forget,
};

const Usage usage_import_assignment = {
    .name = "hotfolder import assignment",
    .arguments = "[TEXT]",
    .summary = "say what is photographed: {assignment} in names",
    .text = "Says what {assignment} stands for in the names of what is imported from now on, as in "
            "`hotfolder import assignment \"Smith wedding\"`. Without TEXT it is shown.",
    .options = assignment_options,
    .exits = assignment_exits,
    .outer = &usage_hotfolder,
    .run = run_assignment,
};
