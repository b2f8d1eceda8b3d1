/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dropin_file.h - how the file of a drop-in is written. Main thread. */
#pragma once

#include "base/error.h"

/* Writes the text of a drop-in; systemd does not know of it yet. */
bool dropin_write(const char *path, const char *text, Error **err);
