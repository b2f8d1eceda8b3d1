/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a path is decides which file answers: why_file.c, why_place.c. */
#include "daemon/control/answers.h"
#include "daemon/control/json.h"
#include "daemon/control/places.h"
#include "daemon/control/why_internal.h"

/* root: its directory, or its output directory. */
static void find_folder(Question *question, const Folder *folder, const char *root)
{
    question->folder = folder;
    question->health = health_get(question->view->health, folder->name, &question->health_reason);
    json_add_text(question->answer->json, "folder", folder->name);
    if (question->health == HEALTH_UNAVAILABLE) /* its disk may hang */
        question->look.result = LOOK_SILENT;
    else
        question->look = why_look(root, question->inside);
}

/* Whether it is a directory, also one that is gone and had pictures in it. */
static bool is_directory(const Question *question)
{
    g_autoptr(Error) unknown = NULL;
    LedgerCounts counts = { 0 };

    if (question->look.result == LOOK_THERE)
        return S_ISDIR(question->look.st.st_mode);
    return ledger_summary(question->view->ledger, question->folder->name, question->inside, &counts,
                          &unknown) &&
           counts.queued + ledger_in_progress(&counts) + counts.done + counts.failed +
                   counts.cancelled >
               0;
}

/* A folder may watch where another one's outputs appear. */
static void tell_input(Question *question)
{
    if (*question->inside == '\0')
        why_folder(question);
    else if (places_is_reserved(question->inside))
        why_original(question);
    else if (is_directory(question))
        why_directory(question);
    else
        why_file(question);
}

static void tell_output(Question *question)
{
    if (*question->inside == '\0' || !why_made(question))
        why_output_directory(question);
}

void answer_why(const ControlView *view, const Request *request, Answer *answer)
{
    Question question = { .view = view, .path = request_text(request, "path"), .answer = answer };
    const char *input = NULL, *output = NULL;
    const Folder *watched = places_of_input(view->settings, question.path, &input);
    const Folder *target = places_of_output(view->settings, question.path, &output);

    question.notes = cJSON_CreateArray();
    json_add_text(answer->json, "path", question.path);
    question.inside = watched ? input : output;
    if (watched)
        find_folder(&question, watched, watched->path);
    else if (target)
        find_folder(&question, target, target->output);
    if (watched)
        tell_input(&question);
    else if (target)
        tell_output(&question);
    else
        why_elsewhere(&question);
    if (watched && target && *output && !question.failed)
        why_note_made(&question);
    if (question.failed)
        cJSON_Delete(question.notes);
    else
        cJSON_AddItemToObject(answer->json, "notes", question.notes);
    g_free(question.health_reason);
}
