/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ptp.h - a camera at a USB port as the source of an import.
 *
 * A file of it is downloaded into a file without a name in the spool directory when it is opened
 * first, and kept there for a while, as its metadata is read before it is copied. Where the camera
 * is gone in the middle it is connected again; if it then has other files than before, it is
 * another card, and the import ends as if that was pulled. Any thread may open files. */
#pragma once

#include "daemon/import/import.h"

typedef struct Ptp Ptp;

/* `spool`: a directory. Errors: CONFIG where another program has the camera, ENVIRONMENT. */
Ptp *ptp_open(const char *port, const char *spool, const volatile int *stop, Error **err);
void ptp_close(Ptp *ptp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ptp, ptp_close)

/* Borrowed. */
const ImportSource *ptp_source(const Ptp *ptp);

/* What stands for its medium: model and serial number, and no disk. Newly allocated. */
Medium *ptp_medium(const Ptp *ptp);
