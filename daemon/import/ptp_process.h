/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ptp_process.h - a hotfolder-ptp as an import sees it: a camera that can be listed and read; see
 * wire/camera.h. It is started again where the camera was gone or busy. One thread at a time. */
#pragma once

#include "base/error.h"

typedef struct PtpProcess PtpProcess;

/* `port`: "usb:001,004". A stop (*stop is not 0) ends every wait with an error. Errors: CONFIG
 * where another program has the camera, with the command that takes it away; ENVIRONMENT. */
PtpProcess *ptp_process_new(const char *port, const volatile int *stop, Error **err);
void ptp_process_free(PtpProcess *process);

const char *ptp_process_model(const PtpProcess *process);
const char *ptp_process_serial(const PtpProcess *process); /* "" for none */

typedef void PtpFound(void *user, const char *path, int64_t size, int64_t mtime_s,
                      bool is_protected);

/* Every file; `path` begins with a slash. */
bool ptp_process_list(PtpProcess *process, PtpFound *found, void *user, Error **err);

/* Writes the file into fd, which stays the caller's. *gone: the camera does not answer any more;
 * ptp_process_again() may help. */
bool ptp_process_get(PtpProcess *process, const char *path, int fd, bool *gone, Error **err);

/* Ends it, and starts it again, several times with longer and longer waits. */
bool ptp_process_again(PtpProcess *process, Error **err);
