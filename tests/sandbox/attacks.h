/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* attacks.h - what a picture tries that has taken its worker over. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* Does what `name` says. An error is how it ended: "got N" or the name of an errno value; true
 * where there is no attack of that name. */
bool attack(const char *name, Error **err);
