/* healthcheck.h - whether a folder can be worked for: its output takes files, its originals can
 * move. */
#pragma once

#include "daemon/folders/health.h"
#include "daemon/settings/snapshot.h"

enum { WORLD_PATIENCE_MS = 2000 };

/* Tries it out: makes an unnamed file of `need` bytes, but of no more than 4 MB, since whoever
 * drops a file says how large it is, in the output directory and lets it go. False with the reason.
 * A watched directory that is missing is the watcher's business: no error.
 */
bool world_check(const Folder *folder, int64_t need, Error **err);

/* The same from a thread that must not wait for a share that does not answer: of many at once, all
 * begin before the first one's answer is waited for, until the same time (on clock_ms()). Without
 * one by then the answer is that. A reference of settings, which has the folder, is taken. */
typedef struct WorldTrial WorldTrial;
WorldTrial *world_begin(Settings *settings, const Folder *folder, int64_t need);
bool world_end(WorldTrial *trial, int64_t until_ms, Error **err); /* frees the trial */

/* One alone, for two seconds. */
bool world_try(Settings *settings, const Folder *folder, int64_t need, Error **err);

/* Whether its directories answer within two seconds, whatever the answer is: what lies on a share
 * whose server is gone does not. Any thread. */
bool world_answers(const Folder *folder);

/* Whether one of them is being asked still since a trial that nobody waits for any more. */
bool world_is_silent(const Folder *folder);

/* What to say of one that does not, newly allocated. */
char *world_silence(const Folder *folder);

/* Whether the output's file system has min_free bytes and a few files to spare. Cheap: asked before
 * each picture. A directory that is missing is no error here. */
bool world_room(const Folder *folder, Error **err);

/* All folders of `settings`, which takes two seconds at most, however many shares do not answer. */

/* Holds those that can't be worked for, with their reason; one that is away is the watcher's. */
void worlds_look(Settings *settings, Health *health);

/* Tries those that are held and whose time has come; where it works again they are on trial. */
void worlds_try_held(Settings *settings, Health *health);
