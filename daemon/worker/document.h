/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* document.h - reads the profiles that the daemon sends on standard input. */
#pragma once

/* All of standard input, newly allocated; NULL with errno set when it cannot be read or is longer
 * than 16 MB. */
char *document_read(void);
