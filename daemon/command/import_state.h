/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import_state.h - the state directories whose catalog of cards a command reads or writes. Main
 * thread. */
#pragma once

#include "command/command.h"
#include "daemon/import/catalog.h"

/* Where an import by hand remembers cards: in `given`, else in the service's directory where that
 * can be written, else in the user's own. Newly allocated. */
char *import_state_dir(const Target *target, const char *given);

/* Whose catalog says what is known of cards, for reading it: the first of these three that has one,
 * else the last. Newly allocated. */
char *import_state_dir_to_read(const Target *target, const char *given);

/* Before a catalog is opened there for writing: where root is about to make one in the service's
 * directory, it shall belong to the service's user. */
void import_state_prepare(const char *directory);

/* Says on the standard error that a damaged catalog is kept as `copy`. */
void import_state_say_damaged(const char *copy);

/* Every card that is remembered where this user may read it, the newest first, at most `most`: of
 * `given` alone, else of the service and of the user's own imports. Array of CardRecord. False with
 * *err set where a catalog cannot be read. */
bool import_state_cards(const Target *target, const char *given, unsigned most, GPtrArray **cards,
                        Error **err);
