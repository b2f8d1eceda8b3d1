/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder undo - puts originals back, and their outputs into the trash. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command/json.h"
#include "command/many.h"
#include "command/question.h"
#include "command/since.h"

enum { OPTION_JSON = 256, OPTION_LAST, OPTION_SINCE, OPTION_FOLDER };

/* What was asked for. */
typedef struct Wish {
    bool last, json;
    const char *since, *folder;
} Wish;

/* ---- the answer ---- */

static void show_refusal(const cJSON *refusal)
{
    const char *fix = json_text(refusal, "fix");

    fprintf(stderr, "hotfolder: %s: not undone: %s%s%s\n", json_text(refusal, "path"),
            json_text(refusal, "error"), *fix ? "; " : "", fix);
}

static void show(const cJSON *answer)
{
    const cJSON *one = NULL;
    int listed = cJSON_GetArraySize(cJSON_GetObjectItem(answer, "pictures"));
    int undone = (int) json_number(answer, "undone");

    cJSON_ArrayForEach(one, cJSON_GetObjectItem(answer, "pictures"))
    {
        int outputs = (int) json_number(one, "outputs");
        printf("undone: %s (%d output%s in the trash)\n", json_text(one, "path"), outputs,
               outputs == 1 ? " is" : "s are");
    }
    if (undone > listed)
        printf("undone: %d more\n", undone - listed);
    if (!undone && json_number(answer, "refused") == 0 && many_is_whole(answer))
        puts("undone: nothing, as the folder has done no picture since then");
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(answer, "refusals")) show_refusal(one);
    int more = (int) json_number(answer, "refused") -
               cJSON_GetArraySize(cJSON_GetObjectItem(answer, "refusals"));
    if (more > 0)
        fprintf(stderr, "hotfolder: not undone: %d more\n", more);
}

/* Frees the answer, which may be NULL. */
static int finish(cJSON *answer, const Wish *wish)
{
    if (!answer)
        return EXIT_FAILURE;
    bool whole = json_number(answer, "refused") == 0 && many_is_whole(answer);

    if (wish->json) {
        json_print(answer);
    } else {
        show(answer);
        cJSON_Delete(answer);
    }
    return whole ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- the question ---- */

static int ask(const Target *target, cJSON *question, const Wish *wish)
{
    const Many many = { "/v1/undo", "undone", "undone", 0 };

    return finish(many_ask(target, &many, question), wish);
}

/* Each has one answer: Ctrl-C ends the command, and not only the question about one of them. */
static int undo_paths(const Target *target, char **paths, const Wish *wish)
{
    int status = EXIT_SUCCESS;

    for (; *paths; paths++) {
        cJSON *question = question_of_path(target, *paths);
        if (finish(question_ask(target, "/v1/undo", question, 0), wish) != EXIT_SUCCESS)
            status = EXIT_FAILURE;
    }
    return status;
}

static int undo_many(const Target *target, const Wish *wish, int64_t since_s)
{
    cJSON *question = cJSON_CreateObject();

    if (wish->folder)
        question_add_folder(question, target, wish->folder);
    if (wish->last)
        cJSON_AddTrueToObject(question, "last");
    else
        cJSON_AddNumberToObject(question, "since", (double) since_s);
    return ask(target, question, wish);
}

/* ---- the command line ---- */

static int read_options(int argc, char **argv, Wish *wish, int *status)
{
    int option = 0;

    while ((option = usage_next(&usage_undo, argc, argv, status)) > 0) {
        if (option == OPTION_JSON)
            wish->json = true;
        else if (option == OPTION_LAST)
            wish->last = true;
        else if (option == OPTION_SINCE)
            wish->since = optarg;
        else
            wish->folder = optarg;
    }
    return option;
}

static int run_undo(int argc, char **argv, const Target *target)
{
    Wish wish = { 0 };
    int status = 0;
    int64_t since_s = 0;

    if (read_options(argc, argv, &wish, &status) == USAGE_DONE)
        return status;
    bool paths = optind < argc;
    if (paths + wish.last + (wish.since != NULL) != 1)
        return usage_error(&usage_undo, "give paths, or --last, or --since with --folder");
    if (paths && wish.folder)
        return usage_error(&usage_undo, "--folder is for --last and --since");
    if (wish.since && !wish.folder)
        return usage_error(&usage_undo, "--since needs --folder");
    if (wish.since && !since_read(wish.since, (int64_t) time(NULL), &since_s))
        return usage_error(&usage_undo, "'%s' is no time that has passed; give it %s", wish.since,
                           SINCE_HELP);
    return paths ? undo_paths(target, argv + optind, &wish) : undo_many(target, &wish, since_s);
}

static const UsageOption options[] = {
    { OPTION_LAST, COMPLETE_WITH_NOTHING, "last", NULL, "undo the picture that was done last" },
    { OPTION_SINCE, COMPLETE_WITH_NOTHING, "since", "TIME",
      "undo all that a folder has done since then, the newest first: " SINCE_HELP },
    { OPTION_FOLDER, COMPLETE_WITH_NOTHING, "folder", "FOLDER",
      "of this folder only; --since needs it" },
    { OPTION_JSON, COMPLETE_WITH_NOTHING, "json", NULL, "print the daemon's answers as JSON" },
    { 0 },
};

static const UsageExit exits[] = {
    { 0, "all that was asked for was undone" },
    { 1, "a picture was not undone: standard error names each, and why" },
    { USAGE_ERROR, "wrong usage" },
    { 0 },
};

const Usage usage_undo = {
    .name = "hotfolder undo",
    .arguments = "[PATH]...",
    .summary = "take finished pictures back",
    .text =
        "Takes the outputs of a finished picture to the trash and puts its original back to where "
        "it arrived, from done/ or the trash, or leaves it there. Nothing new is made of it: it "
        "is ignored until `hotfolder retry` or a change of the file. PATH is that of the "
        "original, where it arrived or where it lies now, or that of an output."
        "\n\n"
        "A picture is undone whole, or nothing of it is moved. It is refused where one of its "
        "outputs or its original was changed, renamed or removed since, where a program writes to "
        "one of them, where a new file has the name of the original, where the trash was emptied "
        "or "
        "lies on another disk, and where another folder has made a picture of an output: "
        "undo that one first. The message names the file. A crash in between is no exception: the "
        "next start goes on. A file that an output replaced (`exists = replace`) does not come "
        "back, and neither does what was mailed or copied elsewhere."
        "\n\n"
        "The trash is that of the disk where the service may use it, else trash/ in the output "
        "directory: where that is published, remove what must not be seen."
        "\n\n" MANY_STOPS " " CLIENT_WHO_MAY,
    .first = COMPLETE_WITH_FILES,
    .rest = COMPLETE_WITH_FILES,
    .options = options,
    .exits = exits,
    .outer = &usage_hotfolder,
    .run = run_undo,
};
