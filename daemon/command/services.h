/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* services.h - whether another hotfolderd of this machine watches the folders of a configuration.
 *
 * The claims of those that run say it (daemon/folders/claim.h). A second one that holds its folder
 * for another one has no claim. */
#pragma once

#include "command/command.h"

/* Adds a warning to the findings for each folder that is, is inside or contains what another
 * service watches. The service that runs the configuration `config` is not another one; where
 * the target runs, only that. Main thread. */
void services_warn(const Target *target, const char *config, const Settings *settings);
