/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folder_text.h - what becomes of a folder's pictures, in words for people who only see the folder:
 * the text of its status file. Never waits for a disk of theirs. Any thread. */
#pragma once

#include "daemon/control/view.h"

/* Lines of 78 columns, newly allocated; NULL: the ledger cannot be read. The folder is one of
 * view->settings. */
char *folder_text(const ControlView *view, const Folder *folder);

/* The text while the daemon does not run. */
extern const char folder_text_stopped[];
