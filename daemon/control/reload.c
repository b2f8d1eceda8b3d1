/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/control/answers.h"

void answer_reload(const ControlView *view, const Request *request, Answer *answer)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    (void) request;
    if (view->reload(view->user, errors)) {
        cJSON_AddNumberToObject(answer->json, "folders", view->settings->folders->len);
        answer_add_errors(answer, "problems", errors);
    } else {
        answer_refuse(answer, ANSWER_WRONG, "correct them, and reload again",
                      "the configuration has errors; the old one stays in use");
        answer_add_errors(answer, "errors", errors);
    }
}
