/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder retry, cancel, reprocess - what a person wants of pictures that the service knows. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "command/json.h"
#include "command/many.h"
#include "command/question.h"
#include "command/terminal.h"
#include "daemon/control/answer.h"

enum { OPTION_JSON = 256, OPTION_ALL, OPTION_FOLDER, OPTION_REASON };

/* What was asked for. */
typedef struct Wish {
    bool all, json;
    const char *folder, *reason;
} Wish;

/* How an answer is shown that refuses nothing as a whole. */
typedef void Show(const cJSON *answer);

/* An answer that knows no such picture is shown as the others are. */
static cJSON *ask_path(const Target *target, const char *request, const char *typed)
{
    return question_ask(target, request, question_of_path(target, typed), ANSWER_UNKNOWN);
}

static bool is_refused(const cJSON *answer)
{
    return cJSON_GetObjectItem(answer, "error") != NULL;
}

/* ---- the answer ---- */

/* `path` is that of an answer: safe to show. */
static void show_refusal(const cJSON *object, const char *path)
{
    const char *fix = json_text(object, "fix");

    terminal_error("%s%s%s%s%s", path, *path ? ": " : "", json_text(object, "error"),
                   *fix ? "; " : "", fix);
}

static void show_refusals(const cJSON *answer)
{
    const cJSON *refusals = cJSON_GetObjectItem(answer, "refusals"), *one = NULL;
    double more = json_number(answer, "refused") - cJSON_GetArraySize(refusals);

    cJSON_ArrayForEach(one, refusals) show_refusal(one, json_text(one, "path"));
    if (more > 0)
        terminal_error("and %.0f more", more);
}

/* Frees the answer, which may be NULL. */
static int finish(cJSON *answer, const Wish *wish, Show *show)
{
    if (!answer)
        return EXIT_FAILURE;
    bool refused = is_refused(answer);
    bool whole = !refused && json_number(answer, "refused") == 0 && many_is_whole(answer);

    if (wish->json) {
        json_print(answer);
        return whole ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (refused)
        show_refusal(answer, "");
    else
        show(answer);
    show_refusals(answer);
    cJSON_Delete(answer);
    return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int ask_paths(const Target *target, const char *request, char **paths, const Wish *wish,
                     Show *show)
{
    int status = EXIT_SUCCESS;

    for (; *paths; paths++)
        if (finish(ask_path(target, request, *paths), wish, show) != EXIT_SUCCESS)
            status = EXIT_FAILURE;
    return status;
}

static const char *pictures(double count)
{
    return count == 1 ? "picture" : "pictures";
}

/* ---- the command line ---- */

static int read_options(const Usage *usage, int argc, char **argv, Wish *wish, int *status)
{
    int option = 0;

    while ((option = usage_next(usage, argc, argv, status)) > 0) {
        if (option == OPTION_JSON)
            wish->json = true;
        else if (option == OPTION_ALL)
            wish->all = true;
        else if (option == OPTION_FOLDER)
            wish->folder = optarg;
        else
            wish->reason = optarg;
    }
    return option;
}

/* ---- retry ---- */

static void show_count(double retried)
{
    printf("queued again: %.0f %s\n", retried, pictures(retried));
}

static void show_retried(const cJSON *answer)
{
    show_count(json_number(answer, "retried"));
}

/* Shown once, after all paths. */
static void show_nothing(const cJSON *answer)
{
    (void) answer;
}

static int retry_paths(const Target *target, char **paths, const Wish *wish)
{
    double retried = 0;
    int status = EXIT_SUCCESS;

    for (; *paths; paths++) {
        cJSON *answer = ask_path(target, "/v1/retry", *paths);
        retried += json_number(answer, "retried");
        if (finish(answer, wish, show_nothing) != EXIT_SUCCESS)
            status = EXIT_FAILURE;
    }
    if (!wish->json && retried > 0)
        show_count(retried);
    return status;
}

static int retry_many(const Target *target, const Wish *wish)
{
    const Many many = { "/v1/retry", "retried", "queued again", ANSWER_UNKNOWN };
    cJSON *question = cJSON_CreateObject();

    if (wish->all)
        cJSON_AddTrueToObject(question, "all");
    if (wish->folder)
        question_add_folder(question, target, wish->folder);
    if (wish->reason)
        json_add_text(question, "reason", wish->reason);
    return finish(many_ask(target, &many, question), wish, show_retried);
}

static int run_retry(int argc, char **argv, const Target *target)
{
    Wish wish = { 0 };
    int status = 0;

    if (read_options(&usage_retry, argc, argv, &wish, &status) == USAGE_DONE)
        return status;
    bool many = wish.all || wish.folder || wish.reason, paths = optind < argc;
    if (many == paths)
        return usage_error(&usage_retry, "give paths, or else --all, --folder or --reason");
    return many ? retry_many(target, &wish) : retry_paths(target, argv + optind, &wish);
}

/* ---- cancel ---- */

static void show_cancelled(const cJSON *answer)
{
    g_autofree char *bytes = text_unescape(json_text(answer, "path"));
    g_autofree char *word = text_shell_word(bytes ? bytes : json_text(answer, "path"));

    printf("cancelled: %s, which was %s; it stays there, and `hotfolder retry %s` takes it\n",
           json_text(answer, "path"), json_text(answer, "was"), word);
}

static int run_cancel(int argc, char **argv, const Target *target)
{
    Wish wish = { 0 };
    int status = 0;

    if (read_options(&usage_cancel, argc, argv, &wish, &status) == USAGE_DONE)
        return status;
    if (optind == argc)
        return usage_error(&usage_cancel, "name a picture");
    return ask_paths(target, "/v1/cancel", argv + optind, &wish, show_cancelled);
}

/* ---- reprocess ---- */

static void show_reprocessed(const cJSON *answer)
{
    double queued = json_number(answer, "queued"), unchanged = json_number(answer, "unchanged");

    printf("queued again: %.0f %s", queued, pictures(queued));
    if (unchanged > 0)
        printf("; %.0f would become the same, and %s", unchanged,
               unchanged == 1 ? "stays as it is" : "stay as they are");
    putchar('\n');
}

static int run_reprocess(int argc, char **argv, const Target *target)
{
    const Many many = { "/v1/reprocess", "queued", "queued again", ANSWER_UNKNOWN };
    Wish wish = { 0 };
    int status = 0;

    if (read_options(&usage_reprocess, argc, argv, &wish, &status) == USAGE_DONE)
        return status;
    if (optind == argc)
        return usage_error(&usage_reprocess, "name a folder");
    if (optind + 1 < argc)
        return usage_error(&usage_reprocess, "unexpected argument '%s'", argv[optind + 1]);
    cJSON *question = cJSON_CreateObject();
    question_add_folder(question, target, argv[optind]);
    if (wish.all)
        cJSON_AddTrueToObject(question, "all");
    return finish(many_ask(target, &many, question), &wish, show_reprocessed);
}

/* ---- usage ---- */

#define JSON                                                                                       \
    {                                                                                              \
        OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the daemon's answers as JSON"     \
    }

static const UsageOption retry_options[] = {
    { OPTION_ALL, COMPLETE_WITH_NOTHING, "all", NULL,
      "all that have failed, or wait for their next attempt" },
    { OPTION_FOLDER, COMPLETE_WITH_NOTHING, "folder", "FOLDER", "those of this folder" },
    { OPTION_REASON, COMPLETE_WITH_NOTHING, "reason", "TEXT",
      "those whose error is of this kind (transient, picture, config, environment or internal), or "
      "has this in its text" },
    JSON,
    { 0 },
};

static const UsageOption cancel_options[] = { JSON, { 0 } };

static const UsageOption reprocess_options[] = {
    { OPTION_ALL, COMPLETE_WITH_NOTHING, "all", NULL,
      "also pictures that would become the same: another file that the profile names has changed" },
    JSON,
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "all that was asked for was done" },
    { 1, "a picture was refused, or no daemon answers: standard error says why" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_retry = {
    .name = "hotfolder retry",
    .arguments = "PATH...|--all",
    .summary = "try pictures again that have failed, or were cancelled",
    .text = "Queues a picture again, with all its attempts and with the numbers that it had. The "
            "original of one that has failed comes back from failed/, and its report is removed. "
            "One that waits for its next attempt is tried now. PATH is that of the original, where "
            "it arrived or in failed/."
            "\n\n"
            "Without a path all are tried again that fit: those that have failed, and those that "
            "wait for their next attempt; none that a person has cancelled or undone. " MANY_STOPS
            "\n\n"
            "A picture is refused where its original was changed, renamed or removed, and where "
            "a new file has its name. What is done is not tried again: `hotfolder reprocess` makes "
            "its outputs again. " CLIENT_WHO_MAY,
    .first = COMPLETE_WITH_FILES,
    .rest = COMPLETE_WITH_FILES,
    .options = retry_options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_retry,
};

const Usage usage_cancel = {
    .name = "hotfolder cancel",
    .arguments = "PATH...",
    .summary = "take pictures out of the queue",
    .text =
        "Nothing is made of a picture that is queued or in progress. Its original stays where "
        "it is, and is ignored, also under another name and after a restart, until "
        "`hotfolder retry` takes it or a new content comes under its name. The outputs of an "
        "attempt that was in progress never appear, and its worker is ended. A picture whose "
        "outputs are being published is refused: wait, and use `hotfolder undo`. " CLIENT_WHO_MAY,
    .first = COMPLETE_WITH_FILES,
    .rest = COMPLETE_WITH_FILES,
    .options = cancel_options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_cancel,
};

const Usage usage_reprocess = {
    .name = "hotfolder reprocess",
    .arguments = "FOLDER",
    .summary = "make the outputs of a folder again",
    .text =
        "Queues the pictures of FOLDER (its name or its directory) that are done, and would become "
        "something else now: their profile was changed, or the folder has another one, or the "
        "original was changed in done/. Originals come back from done/ or the trash, and go there "
        "again."
        "\n\n"
        "New outputs take the place of those that were made before, whatever `exists` says, and "
        "keep their numbers. An output that a person has changed stays, and a note in the journal "
        "names it. Outputs that the profile no longer makes stay, too. A picture whose original is "
        "gone is refused, and its outputs stay."
        "\n\n" MANY_STOPS " " CLIENT_WHO_MAY,
    .first = COMPLETE_WITH_DIRECTORIES,
    .options = reprocess_options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_reprocess,
};
