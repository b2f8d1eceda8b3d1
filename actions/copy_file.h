/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* copy_file.h - copies the bytes of a file. Any thread. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* All bytes of `from`, whose position stays, to `to`, from its position on. */
bool copy_file(int from, int to, Error **err);
