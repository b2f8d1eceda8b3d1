/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a file that was dropped: the probe never crashes, reads outside or hangs, and says
 * the same twice. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/camera.h"
#include "formats/film.h"
#include "formats/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    Probe probe, again;
    FilmDate date;

    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    demand(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t) size);
    demand(probe_file(fd, &probe) && probe_file(fd, &again));
    demand(probe.format == again.format && probe.complete == again.complete &&
           strcmp(probe.kind, again.kind) == 0);
    demand((probe.missing != NULL) == (probe.complete == COMPLETE_NO));
    demand(probe.format == FORMAT_NONE || size >= 2);
    g_free(camera_stamp(fd));
    demand(film_read_date(fd, &date) == (*date.text || date.utc_s));
    demand(strlen(date.text) < FILM_DATE_BYTES && date.utc_s >= 0);
    return 0;
}
