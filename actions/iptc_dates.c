/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/iptc_dates.h"

#include <stdbool.h>
#include <string.h>

#include "actions/iptc.h"
#include "actions/metadata_taken.h"

static bool is_one_of(unsigned dataset, const unsigned *sets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (sets[i] == dataset)
            return true;
    return false;
}

static char *date_of(const char *text)
{
    g_autoptr(GDateTime) date = metadata_date(text);

    return date ? g_date_time_format(date, "%Y%m%d") : g_strdup(text);
}

/* Behind a date, if there is one. */
static char *time_of(const char *text)
{
    const char *at = strpbrk(text, "T "), *start = at ? at + 1 : text;
    g_autofree char *plain = g_strdup(start);
    char *to = plain;
    size_t digits = 0;

    for (const char *from = plain; *from; from++)
        if (*from != ':')
            *to++ = *from;
    *to = '\0';
    if (g_str_has_suffix(plain, "Z"))
        plain[strlen(plain) - 1] = '\0';
    digits = strspn(plain, "0123456789");
    const char *zone = strpbrk(plain, "+-");
    if (digits != 4 && digits != 6)
        return g_strdup(text);
    return g_strdup_printf("%.*s%s%s", (int) digits, plain, digits == 4 ? "00" : "",
                           zone ? zone : "+0000");
}

static char *form_of(unsigned dataset, const char *text)
{
    static const unsigned dates[] = {
        IPTC_DATASET(1, 70), IPTC_DATASET(2, 30), IPTC_DATASET(2, 37),
        IPTC_DATASET(2, 47), IPTC_DATASET(2, 55), IPTC_DATASET(2, 62)
    };
    static const unsigned times[] = { IPTC_DATASET(1, 80), IPTC_DATASET(2, 35), IPTC_DATASET(2, 38),
                                      IPTC_DATASET(2, 60), IPTC_DATASET(2, 63) };

    if (is_one_of(dataset, dates, G_N_ELEMENTS(dates)))
        return date_of(text);
    return is_one_of(dataset, times, G_N_ELEMENTS(times)) ? time_of(text) : g_strdup(text);
}

GStrv iptc_forms(unsigned dataset, const char *const *texts)
{
    g_autoptr(GStrvBuilder) forms = g_strv_builder_new();

    for (; texts && *texts; texts++) {
        g_autofree char *form = form_of(dataset, *texts);
        g_strv_builder_add(forms, form);
    }
    return g_strv_builder_end(forms);
}
