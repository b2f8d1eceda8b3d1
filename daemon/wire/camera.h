/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* camera.h - the messages between an import and a hotfolder-ptp, which talks to one camera.
 *
 * It is started as `hotfolder-ptp --serve PORT`, PORT as libgphoto2 writes it: "usb:001,004". The
 * socket is descriptor 3, and HOTFOLDER_PARENT is the import's process id. It opens the camera, and
 * says HELLO or FAILED. Then it answers one request at a time: LIST with a FILE for each file and
 * LISTED, GET, which brings the file to write into, with GOT; or either with FAILED. It ends when
 * the socket closes. It has no request that changes anything on a camera.
 *
 * Paths are bytes ("ay", with their final NUL); texts are UTF-8. */
#pragma once

#include <glib.h>

typedef enum CameraMessage {
    CAMERA_HELLO = 1,
    CAMERA_LIST,
    CAMERA_FILE,
    CAMERA_LISTED,
    CAMERA_GET,
    CAMERA_GOT,
    CAMERA_FAILED,
    CAMERA_COUNT
} CameraMessage;

/* Why it failed. */
typedef enum CameraFailure {
    CAMERA_GONE,    /* or busy: another try may succeed, with a new process */
    CAMERA_ABSENT,  /* there is none at that port */
    CAMERA_HELD,    /* another program has it */
    CAMERA_REFUSED, /* the camera does not give this file */
    CAMERA_FAILURES
} CameraFailure;

/* GVariant types of the bodies. */
/* clang-format off */
#define CAMERA_FORMATS                                                                             \
    {                                                                                              \
        [CAMERA_HELLO] = "(sss)", /* wire_version() of these; the camera's model; its serial       \
                                     number, "" where it says none */                              \
        [CAMERA_LIST] = "()",                                                                      \
        [CAMERA_FILE] = "(ayxxb)", /* path; bytes; seconds since 1970, as the camera's clock showed \
                                      them; whether the camera protects it */                      \
        [CAMERA_LISTED] = "()",                                                                    \
        [CAMERA_GET] = "(ay)",                                                                     \
        [CAMERA_GOT] = "()",                                                                       \
        [CAMERA_FAILED] = "(us)", /* CameraFailure; what happened */                               \
    }
/* clang-format on */
