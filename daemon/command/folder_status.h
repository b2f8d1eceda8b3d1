/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folder_status.h - what the running daemon says of one of its folders. Main thread. */
#pragma once

#include <stdbool.h>

#include "command/command.h"

typedef struct FolderStatus {
    bool answered; /* a daemon has answered */
    bool known;    /* it has the folder */
    char *state;   /* "available"; NULL: not known, as the following */
    char *reason;  /* why it is not available */
    char *method;  /* how it is watched; NULL: not yet */
    char *waiting; /* why a file of it is pending or ignored, one reason; NULL: none is */
    double queued, in_progress;
} FolderStatus;

void folder_status_clear(FolderStatus *status);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(FolderStatus, folder_status_clear)

/* Asks once; `status` need not be initialised. A daemon that does not answer in five seconds does
 * not answer. */
void folder_status_ask(const Target *target, const char *folder, FolderStatus *status);

/* Whether a person has paused it. */
bool folder_status_is_paused(const FolderStatus *status);

/* Asks until the folder is watched and available, for `timeout_ms` at most, or is paused. False
 * with the last answer. */
bool folder_status_await(const Target *target, const char *folder, int timeout_ms,
                         FolderStatus *status);

/* Whether a daemon answers there. */
bool folder_status_is_answered(const Target *target);
