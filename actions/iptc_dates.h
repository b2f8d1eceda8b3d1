/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* iptc_dates.h - dates and times as IPTC writes them. Any thread. */
#pragma once

#include <glib.h>

/* Texts for a dataset, newly allocated: where it holds a date, "2024-05-01" as 20240501; a time,
 * "12:30:00+02:00" or that of "2024-05-01T12:30:00+02:00", as 123000+0200. All others, and what is
 * no date, stay. */
GStrv iptc_forms(unsigned dataset, const char *const *texts);
