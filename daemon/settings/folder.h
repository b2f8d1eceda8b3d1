/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* folder.h - the folders of a draft: each setting comes from the section, else from `defaults`,
 * else it is built in. */
#pragma once

#include "daemon/settings/draft.h"

/* Adds every folder of the files; and checks whether they feed each other. */
void draft_add_folders(Draft *draft);
void draft_check_folders(Draft *draft);

/* The one folder of a batch, newly allocated. Its limits are those of `defaults`; its outputs
 * belong to the person who runs it. A picture is tried twice, as another one may have taken its
 * worker down, and never later: the person waits. */
Folder *draft_batch_folder(Draft *draft, const char *path, const char *output);
