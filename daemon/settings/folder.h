/* folder.h - the folders of a draft: what a section says, over what `defaults` say, over what is
 * built in. */
#pragma once

#include "daemon/settings/draft.h"

/* Every folder of the files, and whether they feed each other. */
void draft_add_folders(Draft *draft);

/* The one folder of a batch, newly allocated, whose limits are those of `defaults`, and whose
 * outputs are those of the person who runs it. Nothing waits there: a picture is tried twice, since
 * its worker may have been taken down by another one, and that is all. */
Folder *draft_batch_folder(Draft *draft, const char *path, const char *output);
