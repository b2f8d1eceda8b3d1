/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder import status - cards now and lately. */
#include "command/import_status.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "command/import_state.h"
#include "command/import_text.h"
#include "command/import_usages.h"
#include "command/json.h"
#include "command/terminal.h"
#include "daemon/control/cards.h"

enum { OPTION_STATE_DIR = 256, OPTION_JSON };
enum { FIELD = 12 };

#define WEEK_MS (INT64_C(7) * 24 * 60 * 60 * 1000)

static Paint paint_of(CardState state)
{
    return state == CARD_SAFE                                                    ? PAINT_GOOD
           : state == CARD_READING || state == CARD_HELD || state == CARD_COPIED ? PAINT_NOTICE
                                                                                 : PAINT_BAD;
}

/* ---- the word ---- */

static void show_lines(const char *title, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (char **line = lines; *line; line++) {
        g_autofree char *shown = text_escape(*line);
        if (**line)
            printf("  %-*s %s\n", FIELD, line == lines ? title : "", shown);
    }
}

static void show_time(const char *title, int64_t wall_ms, int64_t now_ms)
{
    g_autofree char *when = import_text_when(wall_ms, now_ms);

    if (wall_ms)
        printf("  %-*s %s\n", FIELD, title, when);
}

static void show_card(const CardRecord *card, int64_t now_ms)
{
    g_autofree char *name = text_escape(card->name), *pull = import_text_pull(card);
    g_autofree char *progress = import_text_progress(card, card_record_speed(card, now_ms));

    printf("%s: ", name);
    terminal_print(stdout, paint_of(card->state), "%s", card_state_word(card->state));
    putchar('\n');
    show_lines("files", progress);
    if (card->verdict)
        show_lines("verdict", card->verdict);
    if (card->reason && card->state != CARD_SAFE &&
        !(card->verdict && strstr(card->verdict, card->reason)))
        show_lines("reason", card->reason);
    if (card->source)
        show_lines("read from", card->source);
    show_time("began", card->began_ms, now_ms);
    show_time("ended", card->ended_ms, now_ms);
    printf("  %-*s %s\n", FIELD, "card", pull);
}

static void show_cards(const GPtrArray *cards)
{
    int64_t now_ms = clock_wall_ms();

    if (!cards->len)
        puts("no card was imported yet");
    for (guint i = 0; i < cards->len; i++) {
        if (i)
            putchar('\n');
        show_card(cards->pdata[i], now_ms);
    }
}

static int run_status(int argc, char **argv, const Target *target)
{
    const char *state_dir = NULL;
    g_autoptr(GPtrArray) cards = NULL;
    g_autoptr(Error) error = NULL;
    bool json = false;
    int option = 0, status = 0;

    while ((option = usage_next(&usage_import_status, argc, argv, &status)) > 0) {
        if (option == OPTION_STATE_DIR)
            state_dir = optarg;
        json |= option == OPTION_JSON;
    }
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_import_status, "unexpected argument '%s'", argv[optind]);
    if (!import_state_cards(target, state_dir, CARDS_LISTED, &cards, &error)) {
        g_autofree char *text = error_text(error);
        terminal_error("%s", text);
        return EXIT_FAILURE;
    }
    if (json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddItemToObject(object, "cards", cards_json(cards));
        json_print(object);
    } else {
        show_cards(cards);
    }
    return EXIT_SUCCESS;
}

/* ---- for `hotfolder status` ---- */

static bool is_recent(const CardRecord *card, int64_t now_ms)
{
    return card->state == CARD_READING || card->state == CARD_HELD ||
           now_ms - MAX(card->began_ms, card->ended_ms) < WEEK_MS;
}

/* NULL: there is none. */
static GPtrArray *recent_cards(const Target *target)
{
    GPtrArray *cards = NULL;
    g_autoptr(Error) unused = NULL;
    int64_t now_ms = clock_wall_ms();

    if (!import_state_cards(target, NULL, CARDS_LISTED, &cards, &unused))
        return NULL;
    for (guint i = cards->len; i > 0; i--)
        if (!is_recent(cards->pdata[i - 1], now_ms))
            g_ptr_array_remove_index(cards, i - 1);
    if (!cards->len)
        g_clear_pointer(&cards, g_ptr_array_unref);
    return cards;
}

void import_status_print(const Target *target)
{
    g_autoptr(GPtrArray) cards = recent_cards(target);
    int64_t now_ms = clock_wall_ms();

    for (guint i = 0; cards && i < cards->len; i++) {
        const CardRecord *card = cards->pdata[i];
        g_autofree char *name = text_escape(card->name), *state = import_text_state(card, now_ms);
        g_autofree char *when = import_text_when(MAX(card->began_ms, card->ended_ms), now_ms);
        g_autofree char *pull = import_text_pull(card);
        printf("%scard %s, %s: %s; %s\n", i ? "" : "\n", name, when, state, pull);
    }
}

cJSON *import_status_json(const Target *target)
{
    g_autoptr(GPtrArray) cards = recent_cards(target);

    return cards ? cards_json(cards) : NULL;
}

/* ---- usage ---- */

static const UsageOption options[] = {
    { OPTION_STATE_DIR, COMPLETE_WITH_DIRECTORIES, "state-dir", "DIR",
      "only the cards that are remembered there" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print them as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "they are shown, also where there is none" },
    { 1, "what is remembered of them cannot be read" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_import_status = {
    .name = "hotfolder import status",
    .arguments = "",
    .summary = "show the cards that are read now, and those of before",
    .text = "Shows each card: how far it is, its verdict, where its files are, and whether it may "
            "be pulled. These are the cards of the service, where you may read what it remembers, "
            "and those that you have imported by hand.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_status,
};
