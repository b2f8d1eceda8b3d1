/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* camera.h - a camera at a USB port, by libgphoto2: its files can be listed and read, and nothing
 * else. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "wire/camera.h"

typedef struct PtpCamera PtpCamera;

typedef struct PtpFile {
    const char *path; /* "/store_00010001/DCIM/100EOS/IMG_0001.JPG" */
    int64_t size, mtime_s;
    bool is_protected;
} PtpFile;

/* Why something failed; `what` is newly allocated. */
typedef struct PtpFailure {
    CameraFailure kind;
    char *what;
} PtpFailure;

void ptp_failure_clear(PtpFailure *failure);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PtpFailure, ptp_failure_clear)

/* Opens the camera at a port of libgphoto2, "usb:001,004". NULL with *failure set. */
PtpCamera *ptp_camera_open(const char *port, PtpFailure *failure);
void ptp_camera_close(PtpCamera *camera);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PtpCamera, ptp_camera_close)

const char *ptp_camera_model(const PtpCamera *camera);
const char *ptp_camera_serial(const PtpCamera *camera); /* "" for none */

/* Every file of every store; false from `found` ends it. */
bool ptp_camera_list(PtpCamera *camera, bool (*found)(void *user, const PtpFile *file), void *user,
                     PtpFailure *failure);

/* Writes a file of it to fd, which stays the caller's. */
bool ptp_camera_get(PtpCamera *camera, const char *path, int fd, PtpFailure *failure);
