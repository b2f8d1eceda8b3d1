/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dropin.h - the drop-in that opens the service's sandbox for the folders of its configuration.
 *
 * The unit lets the daemon write only its own state. The configuration alone says what else it may
 * write, and the drop-in for the unit is made from it. It names paths as they are outside of the
 * sandbox, where these functions therefore have to run. Main thread. */
#pragma once

#include "command/command.h"

/* The whole text for the settings of `config`, newly allocated; NULL after printing why there can
 * be none. quiet: nothing is printed about directories that are missing. */
char *dropin_text(const char *config, const Settings *settings, bool quiet);

/* Whether the drop-in has to bring `path` into the sandbox, which hides it. */
bool dropin_brings_in(const char *path);

/* Where the target's unit has its drop-in; newly allocated. */
char *dropin_path(const Target *target);

/* Whether the unit has the drop-in that these settings need. */
bool dropin_is_current(const Target *target, const char *config, const Settings *settings);

/* Writes the text, and lets systemd read it; the service has to be restarted afterwards. */
bool dropin_install(const Target *target, const char *text, Error **err);

/* Removes the drop-in, and its directory where nothing else is in it, and lets systemd know. */
bool dropin_remove(const Target *target, Error **err);
