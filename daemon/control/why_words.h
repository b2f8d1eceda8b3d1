/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* why_words.h - reasons of the watcher as `why` says them. Any thread. */
#pragma once

/* What people read in place of a reason, static or `reason` itself; *note is what it means for
 * them, static, NULL: it says all itself. */
const char *why_words(const char *reason, const char **note);
