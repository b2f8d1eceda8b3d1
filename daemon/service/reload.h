/* reload.h - a new configuration for the running service, and what the journal says about it. The
 * main thread only. */
#pragma once

#include "daemon/service/service_internal.h"

/* Takes the configuration as it is now; false when it has mistakes (of Error), which are appended:
 * then the old one stays. */
bool reload_settings(Service *service, GPtrArray *mistakes);

/* The configuration has no folder. */
void reload_report_no_folders(const Settings *settings);

/* What is not wrong, and yet a person may not have meant it. A folder that can't be worked for is
 * not looked at: it may lie on a share that does not answer. */
void reload_report_warnings(const Service *service);

void reload_report_mistakes(const GPtrArray *mistakes);
