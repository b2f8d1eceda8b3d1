/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder list - the pictures that the service knows, the newest change first. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command/client.h"
#include "command/json.h"
#include "command/place.h"
#include "command/since.h"
#include "command/terminal.h"

enum {
    OPTION_JSON = 256,
    OPTION_STATE,
    OPTION_FOLDER,
    OPTION_SINCE,
    OPTION_REASON,
    OPTION_LIMIT,
    LIMIT = 100,
    PAGE = 1000, /* that the daemon gives at once */
    LIMIT_MAX = 1000000
};

typedef struct Query {
    const char *state, *folder, *reason, *since, *limit;
    bool json;
    int64_t since_s, most;
} Query;

/* ---- the question ---- */

static char *add_number(char *request, const char *name, int64_t number)
{
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);

    return client_add(request, name, text);
}

/* Newly allocated. */
static char *request_of(const Target *target, const Query *query, int64_t most, const char *after)
{
    g_autofree char *folder = query->folder ? place_folder(target, query->folder) : NULL;
    char *request = g_strdup("/v1/list");

    request = client_add(request, "folder", folder);
    request = client_add(request, "state", query->state);
    request = client_add(request, "reason", query->reason);
    request = client_add(request, "after", after);
    if (query->since)
        request = add_number(request, "since", query->since_s);
    return add_number(request, "limit", MIN(most, PAGE));
}

/* Takes the pictures of `page` behind those of `all`. */
static void append(cJSON *all, cJSON *page)
{
    cJSON *from = cJSON_GetObjectItem(page, "pictures");
    cJSON *to = cJSON_GetObjectItem(all, "pictures");

    while (cJSON_GetArraySize(from))
        cJSON_AddItemToArray(to, cJSON_DetachItemFromArray(from, 0));
    cJSON_DeleteItemFromObject(all, "next");
    cJSON *next = cJSON_DetachItemFromObject(page, "next");
    if (next)
        cJSON_AddItemToObject(all, "next", next);
}

/* As many as were asked for, page by page; NULL after a message. */
static cJSON *ask(const Target *target, const Query *query)
{
    cJSON *all = NULL;
    int64_t left = query->most;

    do {
        g_autofree char *next = all ? g_strdup(json_text(all, "next")) : NULL;
        g_autofree char *request = request_of(target, query, left, next);
        g_autofree char *answer = client_ask(target, request, NULL, 0);
        cJSON *page = answer ? json_answer(answer) : NULL;
        if (!page) {
            cJSON_Delete(all);
            return NULL;
        }
        if (all) {
            append(all, page);
            cJSON_Delete(page);
        } else {
            all = page;
        }
        left = query->most - cJSON_GetArraySize(cJSON_GetObjectItem(all, "pictures"));
    } while (left > 0 && *json_text(all, "next"));
    return all;
}

/* ---- the answer ---- */

static Paint paint_of(const char *state)
{
    if (!strcmp(state, "done"))
        return PAINT_GOOD;
    return !strcmp(state, "failed") || !strcmp(state, "held") ? PAINT_BAD : PAINT_PLAIN;
}

static void show_picture(const cJSON *picture)
{
    g_autofree char *time = json_time(picture, "changed");
    const char *state = json_text(picture, "state"), *reason = json_text(picture, "reason");
    const char *path = json_text(picture, "path");

    printf("%-16s ", time);
    terminal_print(stdout, paint_of(state), "%-11s", state);
    if (*path)
        printf(" %s", path);
    else /* its folder was removed */
        printf(" %s (folder '%s')", json_text(picture, "source"), json_text(picture, "folder"));
    printf("%s%s", *reason ? ": " : "", reason);
    if (*json_text(picture, "next_attempt")) {
        g_autofree char *next = json_time(picture, "next_attempt");
        printf(" (next attempt: %s)", next);
    }
    putchar('\n');
}

static int show(const Query *query, cJSON *answer)
{
    const cJSON *picture = NULL;

    if (query->json) {
        json_print(answer);
        return EXIT_SUCCESS;
    }
    cJSON_ArrayForEach(picture, cJSON_GetObjectItem(answer, "pictures")) show_picture(picture);
    if (*json_text(answer, "next"))
        fprintf(stderr, "hotfolder: there may be more; --limit %" G_GINT64_FORMAT " shows them\n",
                MIN(10 * query->most, LIMIT_MAX));
    if (!cJSON_GetArraySize(cJSON_GetObjectItem(answer, "pictures")))
        fprintf(stderr,
                "hotfolder: %s; `hotfolder status` counts files that are pending, or ignored by "
                "themselves, and `hotfolder why` tells of one\n",
                !g_strcmp0(query->state, "ignored") ? "none was cancelled or undone"
                                                    : "the service knows no such picture");
    cJSON_Delete(answer);
    return EXIT_SUCCESS;
}

/* ---- the command line ---- */

static int read_options(int argc, char **argv, Query *query, int *status)
{
    const char **const texts[] = { [OPTION_STATE - OPTION_JSON] = &query->state,
                                   [OPTION_FOLDER - OPTION_JSON] = &query->folder,
                                   [OPTION_SINCE - OPTION_JSON] = &query->since,
                                   [OPTION_REASON - OPTION_JSON] = &query->reason,
                                   [OPTION_LIMIT - OPTION_JSON] = &query->limit };
    int option = 0;

    while ((option = usage_next(&usage_list, argc, argv, status)) > 0) {
        if (option == OPTION_JSON)
            query->json = true;
        else
            *texts[option - OPTION_JSON] = optarg;
    }
    return option;
}

static bool read_limit(Query *query)
{
    query->most = LIMIT;
    return !query->limit ||
           g_ascii_string_to_signed(query->limit, 10, 1, LIMIT_MAX, &query->most, NULL);
}

static int run_list(int argc, char **argv, const Target *target)
{
    Query query = { 0 };
    int status = 0;

    if (read_options(argc, argv, &query, &status) == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_list, "unexpected argument '%s'", argv[optind]);
    if (query.since && !since_read(query.since, (int64_t) time(NULL), &query.since_s))
        return usage_error(&usage_list, "'%s' is no time that has passed; give it %s", query.since,
                           SINCE_HELP);
    if (!read_limit(&query))
        return usage_error(&usage_list, "--limit is wrong; give 1 to %d", LIMIT_MAX);
    cJSON *answer = ask(target, &query);
    return answer ? show(&query, answer) : EXIT_FAILURE;
}

static const UsageOption options[] = {
    { OPTION_STATE, COMPLETE_WITH_NOTHING, "state", "STATE",
      "only those that are queued, held, 'in progress', done, failed or ignored" },
    { OPTION_FOLDER, COMPLETE_WITH_NOTHING, "folder", "FOLDER",
      "only those of this folder: its name or its directory" },
    { OPTION_SINCE, COMPLETE_WITH_NOTHING, "since", "TIME",
      "only those that have changed since then: " SINCE_HELP },
    { OPTION_REASON, COMPLETE_WITH_NOTHING, "reason", "TEXT",
      "only those whose error is of this kind (transient, picture, config, environment or "
      "internal), or has this in its text" },
    { OPTION_LIMIT, COMPLETE_WITH_NOTHING, "limit", "NUMBER", "how many at most; default 100" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print them as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "the daemon has answered, also where no picture fits" },
    { 1, "there is no such folder or state, or no daemon answers" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_list = {
    .name = "hotfolder list",
    .arguments = "",
    .summary = "list the pictures that the service knows",
    .text =
        "Lists pictures, the newest change first: when it was, the state, the path of the "
        "original where it arrived, and why it is in that state. Only those that were ready are "
        "listed: `hotfolder status` counts files that are pending or ignored by themselves, and "
        "`hotfolder why` tells of one. A finished picture is known for as long as `history` says.",
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_list,
};
