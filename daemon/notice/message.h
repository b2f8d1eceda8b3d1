/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* message.h - a notice as a mail. Any thread. */
#pragma once

#include <time.h>

/* The mail as `sendmail -t` reads it, newly allocated: RFC 5322 with the text in UTF-8, and lines
 * of at most 998 bytes. `to` are addresses, with commas between; who it is from, the mail server
 * says. Nothing in these texts begins another line of the head. */
char *message_write(const char *to, const char *subject, const char *text, time_t now);
