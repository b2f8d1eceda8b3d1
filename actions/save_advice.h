/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* save_advice.h - what `hotfolder check` says of a save that is right, as action.h names it. One
 * thread. */
#pragma once

#include "actions/action.h"

bool save_advice(const void *settings, Error **err);
bool save_advice_on(const void *settings, const Shape *shape, Error **err);
char *save_losses(const void *settings);
