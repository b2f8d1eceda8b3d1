/* log.h - GLib's log, on which libvips and the decoders behind it speak. */
#pragma once

#include <stdbool.h>

/* `serves`: nobody reads standard error. What ends us is told to the daemon then, and complaints
 * about pictures are kept (see actions/complaint.h). */
void log_start(bool serves);
