/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor_service.h - what only a person's side of the machine shows: the systemd unit of a daemon,
 * and who may drop pictures. Main thread. */
#pragma once

#include "command/unit.h"
#include "daemon/control/finding.h"

/* Who starts the daemon of the target: its unit's manager, where the target has the directory that
 * the unit gives it. */
UnitManager doctor_manager(const Target *target);

/* The command that starts it, newly allocated. */
char *doctor_start_command(const Target *target, UnitManager manager);

/* Appends the state of the unit: whether it starts with the machine or with the login, and whether
 * its sandbox is open for the folders. */
void doctor_unit(GPtrArray *list, const Target *target, UnitManager manager, const char *config,
                 const Settings *settings);

/* Appends the memory cards and cameras that are mounted. */
void doctor_cards(GPtrArray *list);

/* Appends who may drop pictures into each folder. */
void doctor_people(GPtrArray *list, UnitManager manager, const Settings *settings);
