/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* previews.h - previews for people who look at pictures, one after the other, so that the pictures
 * in progress are hardly slowed.
 *
 * A thread of its own has a worker process of its own, of low priority. That ends when nothing was
 * asked for for half a minute. The callers wait; a file on a disk that does not respond makes all
 * of them wait, but no picture. */
#pragma once

#include "daemon/jobs/preview.h"

typedef struct Previews Previews;

/* The budget is borrowed. */
Previews *previews_start(Budget *budget);

/* Makes the preview of a file, whose descriptor is taken over; newly referenced. Any thread that
 * may wait for half a minute. NULL with an error as preview_make() says; also TRANSIENT where many
 * wait already. */
GBytes *previews_get(Previews *previews, const PreviewFile *file, Error **err);

/* Ends the worker and all waits: from now on no preview is made. */
void previews_stop(Previews *previews);

/* After the last previews_get(). */
void previews_free(Previews *previews);
