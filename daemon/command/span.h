/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* span.h - how long something takes, for people. */
#pragma once

/* "4 s", "3 min", "2 h 10 min"; newly allocated. */
char *span_text(double seconds);
