/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* log.h - receives GLib's log, which libvips and its decoders write to. */
#pragma once

#include <stdbool.h>

/* With `serves`, standard error has no reader: a fatal message is sent to the daemon, and warnings
 * about pictures are kept (see actions/warnings.h). Called once, before any thread starts. */
void log_redirect(bool serves);
