/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* check_imports.h - whether the imports of a configuration could do their work: a user may write
 * where they copy to, and their inbox takes hard links. What is wrong becomes a finding
 * (findings.h). Main thread. */
#pragma once

#include "command/check_folders.h"

/* How many imports cannot be used. */
unsigned check_imports(const Settings *settings, const CheckUser *user);
