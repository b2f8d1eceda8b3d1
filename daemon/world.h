/* world.h - whether a folder can be worked for: its output takes files, its originals can move. */
#pragma once

#include "daemon/settings.h"

/* Tries it out: makes an unnamed file of `need` bytes, but of no more than 4 MB, since whoever
 * drops a file says how large it is, in the output directory and lets it go. False with the reason.
 * A watched directory that is missing is the watcher's business: no error.
 */
bool world_check(const Folder *folder, int64_t need, Error **err);

/* The same from a thread that must not wait for a share that does not answer: after two seconds the
 * answer is that, until there is another. A reference of settings, which has the folder, is taken.
 */
bool world_try(Settings *settings, const Folder *folder, int64_t need, Error **err);

/* Whether its directories answer within two seconds, whatever the answer is: what lies on a share
 * whose server is gone does not. Any thread. */
bool world_answers(const Folder *folder);

/* Whether the output's file system has min_free bytes and a few files to spare. Cheap: asked before
 * each picture. A directory that is missing is no error here. */
bool world_room(const Folder *folder, Error **err);
