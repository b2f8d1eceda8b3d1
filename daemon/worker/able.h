/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* able.h - `hotfolder-worker --able`: what this computer's libraries let a worker do. */
#pragma once

/* Prints an object: the formats that it `reads` and `writes`, as their words, and whether there are
 * `fonts`. Exit status. */
int worker_able(void);
