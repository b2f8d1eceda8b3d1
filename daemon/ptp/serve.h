/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* serve.h - answers what an import asks of a camera; see wire/camera.h. */
#pragma once

#include "base/error.h"

/* Serves the camera at that port until the socket closes: then true. */
bool ptp_serve(int socket, const char *port, Error **err);
