/* world.h - whether a folder can be worked for: its output takes files, its originals can move. */
#pragma once

#include "daemon/settings.h"

/* Tries it out: makes an unnamed file of `need` bytes in the output directory and lets it go.
 * False with the reason. A watched directory that is missing is the watcher's business: no error.
 */
bool world_check(const Folder *folder, int64_t need, Error **err);
