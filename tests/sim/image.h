/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* image.h - the daemon's memory, as the start of its process finds it.
 *
 * The rooms are one object (CMakeLists.txt), whose variables lie in sections of their own. A daemon
 * that starts again after a kill finds them as they were at first; what it had allocated is lost.
 */
#pragma once

/* At the start of a history's process: keeps a copy. */
void image_keep(void);

/* Puts the copy back. No fiber of the daemon may be left. */
void image_restore(void);

/* Thread-local variables belong to a fiber: the scheduler exchanges them. size bytes at
 * image_tls().
 */
void *image_tls(void);
unsigned long image_tls_size(void);
