/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* serve.h - answers the one request that comes on a socket; see wire/notice.h. One thread. */
#pragma once

#include "base/error.h"

/* False with *err where it could not be answered: who asked is gone. */
bool notice_serve(int socket, Error **err);
