/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* services.h - whether another hotfolderd of this machine watches the folders of a configuration.
 *
 * Each hotfolderd that runs is asked for its status over its control socket, as far as this user
 * may ask it: root may ask all, a member of the group hotfolder the system's service, any user the
 * own ones. That disturbs none of them, and a folder needs no file or lock for it: an open one
 * would keep its disk from being unmounted. */
#pragma once

#include "command/command.h"

/* Adds a warning to the findings for each folder that is, is inside or contains what another
 * service watches. The service that runs the configuration `config` is not another one; where
 * several do, it is that of the target. Takes 30 seconds at most where a service does not respond.
 * Main thread. */
void services_warn(const Target *target, const char *config, const Settings *settings);
