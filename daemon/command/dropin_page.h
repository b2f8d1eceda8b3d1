/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* dropin_page.h - the drop-in by which hotfolder-page.socket listens where http { } says. Main
 * thread. */
#pragma once

#include "base/error.h"
#include "daemon/settings/notices.h"

#define DROPIN_PAGE_SOCKET "hotfolder-page.socket"
#define DROPIN_PAGE        "/etc/systemd/system/hotfolder-page.socket.d/listen.conf"

/* The whole text; newly allocated. */
char *dropin_page_text(const Http *http);

/* Whether hotfolder-page.socket listens there, with the drop-in or without it. */
bool dropin_page_is_current(const Http *http);

/* Whether this machine has that address at the moment. systemd listens there in any case. */
bool dropin_page_is_here(const Http *http);

/* Writes it; where http is NULL, removes what was written before. systemd has to reload. */
bool dropin_page_install(const Http *http, Error **err);
