/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* confine.h - the page's own wall: after it, the program opens no file. Main thread. */
#pragma once

/* Where the kernel has landlock; the unit's walls stand in any case. Sockets still connect. */
void confine_page(void);
