/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* unit.h - the systemd unit that a daemon runs as, and what systemctl does with it. Main thread. */
#pragma once

#include "command/command.h"

/* Who starts the daemon. */
typedef enum UnitManager {
    UNIT_BY_HAND, /* a person or another program */
    UNIT_SYSTEM,  /* the machine's systemd */
    UNIT_USER,    /* the systemd of this user */
} UnitManager;

/* "hotfolder.service", or "hotfolder@NAME.service" of an instance; newly allocated. */
char *unit_name(const Target *target);

/* Whether the manager runs now: a container may have no systemd, a login no systemd of its user. */
bool unit_is_managed(UnitManager manager);

/* `systemctl VERB UNIT`, of the user's systemd with --user, as a person would type it; newly
 * allocated. `verb` may have options; `unit` may be NULL. */
char *unit_command(UnitManager manager, const char *verb, const char *unit);

/* Runs it, and returns when it has ended. False with what systemctl says. */
bool unit_call(UnitManager manager, const char *verb, const char *unit, Error **err);

/* Whether systemctl answers yes to the question `verb`: "is-active", "is-enabled". */
bool unit_asks(UnitManager manager, const char *verb, const char *unit);

/* Writes a drop-in of a unit, and its directory; systemd does not know of it yet. */
bool unit_write(const char *path, const char *text, Error **err);
