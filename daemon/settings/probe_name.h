/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* probe_name.h - how a picture is named that is sent through a folder to try it. */
#pragma once

/* Of its name; eight hexadecimal digits and .jpg follow. */
#define PROBE_PREFIX "hotfolder-probe-"

#define PROBE_DIGITS "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"

/* Its whole name, for fnmatch(3) and for GLOB of SQLite. */
#define PROBE_GLOB PROBE_PREFIX PROBE_DIGITS PROBE_DIGITS ".jpg"
