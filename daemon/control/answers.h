/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* answers.h - the functions of control_routes: each fills an answer. A file of this room has those
 * of one family; openapi.json says what their fields mean. */
#pragma once

#include "daemon/control/answer.h"
#include "daemon/control/request.h"
#include "daemon/control/view.h"

/* status.c */
void answer_status(const ControlView *view, const Request *request, Answer *answer);

/* metrics.c */
void answer_metrics(const ControlView *view, const Request *request, Answer *answer);

/* pause.c */
void answer_pause(const ControlView *view, const Request *request, Answer *answer);
void answer_resume(const ControlView *view, const Request *request, Answer *answer);

/* notify.c: the senders, for the status; and a notice that is a test. */
void notify_add_status(const ControlView *view, cJSON *status);
void answer_notify(const ControlView *view, const Request *request, Answer *answer);

/* scan.c */
void answer_scan(const ControlView *view, const Request *request, Answer *answer);

/* list.c */
void answer_list(const ControlView *view, const Request *request, Answer *answer);

/* preview.c */
void answer_preview(const ControlView *view, const Request *request, Answer *answer);

/* cards.c */
void answer_cards(const ControlView *view, const Request *request, Answer *answer);

/* retry.c */
void answer_retry(const ControlView *view, const Request *request, Answer *answer);

/* cancel.c */
void answer_cancel(const ControlView *view, const Request *request, Answer *answer);

/* reprocess.c */
void answer_reprocess(const ControlView *view, const Request *request, Answer *answer);

/* doctor.c */
void answer_doctor(const ControlView *view, const Request *request, Answer *answer);

/* undo.c */
void answer_undo(const ControlView *view, const Request *request, Answer *answer);

/* reload.c */
void answer_reload(const ControlView *view, const Request *request, Answer *answer);

/* why.c */
void answer_why(const ControlView *view, const Request *request, Answer *answer);
