/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* conversation.h - the daemon's side of the conversation with the worker that decodes a picture.
 *
 * A picture may have taken its worker over: nothing that a worker says is believed where the daemon
 * can know better, and each request is answered once. */
#pragma once

#include "daemon/jobs/job.h"

/* Hands the source to the worker, answers its requests for outputs and memory,
 * and waits for its result until the folder's deadline. True: every output is staged, and closed.
 * A worker that crashes, hangs or breaks the protocol is killed, and job->render.crash says so. On
 * the pool thread that owns `process`. */
bool conversation_run(Job *job, Process *process, Error **err);
