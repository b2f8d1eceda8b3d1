/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* people.h - those who use folders: senders, renamers, readers, administrators. Each is a fiber of
 * PROCESS_WORLD with a list of chance of its own. */
#pragma once

#include <stdbool.h>

/* Starts those that the plan has. */
void people_start(void);

/* All have done what they wanted. */
bool people_done(void);
