/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reasons.h - why a file is pending, or ignored for what it is: the texts by which one room counts
 * and another one explains. Reasons that are names' are rows of daemon/settings/ignore.c. */
#pragma once

/* pending */
#define REASON_NEW        "new"
#define REASON_EMPTY      "empty"
#define REASON_WRITTEN    "still being written"
#define REASON_CHANGES    "still changing"
#define REASON_DOWNLOADED "still being downloaded"
#define REASON_CUT        "incomplete"
#define REASON_MAYBE_CUT  "may be incomplete"
#define REASON_LOCKED     "locked by another program"
#define REASON_REPLACED   "replaced or renamed while in progress"
#define REASON_LEDGER     "the ledger cannot be written"
#define REASON_PICTURE    "waits for its picture"
#define REASON_RAW        "waits for its RAW"
#define REASON_SIDECAR    "waits for its sidecar"

/* ignored */
#define REASON_LINK      "symbolic link"
#define REASON_HARD_LINK "hard link to another user's file"
#define REASON_DIRECTORY "directory"
#define REASON_FIFO      "FIFO"
#define REASON_SOCKET    "socket"
#define REASON_DEVICE    "device"
#define REASON_UNKNOWN   "unknown"
#define REASON_ALONE     "companion without a picture"
#define REASON_OWN_NAME  "directory with a name that hotfolder uses"
