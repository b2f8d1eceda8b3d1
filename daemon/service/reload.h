/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* reload.h - takes a new configuration while the service runs, and reports about configurations.
 *
 * The main thread only. A reload blocks it while the configuration is read. */
#pragma once

#include "daemon/service/service_internal.h"

/* Reads the configuration again. False: it has errors, which are appended (of Error); the old one
 * stays. True: the folders that cannot be used now are appended. */
bool reload_settings(Service *service, GPtrArray *errors);

/* Reports a configuration without a folder. */
void reload_report_no_folders(const Settings *settings);

/* Reports unfinished pictures of folders that the configuration does not have: it may have lost
 * them while no daemon ran. */
void reload_report_unconfigured(const Service *service);

/* Reports what is valid but may not be intended: folders that every user may write to. Skips a
 * folder that is unavailable or held: its share may not respond. */
void reload_report_warnings(const Service *service);

/* Reports each error (of Error). */
void reload_report_errors(const GPtrArray *errors);
