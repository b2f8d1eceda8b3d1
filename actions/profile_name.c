/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/profile_name.h"

#include <glib.h>
#include <lcms2.h>

/* Each maker of profiles adds his own words to these. */
static const struct {
    const char *begins, *name;
} names[] = {
    { "sRGB", "sRGB" },
    { "Adobe RGB", "Adobe RGB" },
    { "AdobeRGB", "Adobe RGB" },
    { "Display P3", "Display P3" },
    { "ProPhoto", "ProPhoto RGB" },
};

static char *description_of(const void *profile, size_t size)
{
    enum { MOST = 256 };
    char text[MOST] = "";
    cmsHPROFILE opened = cmsOpenProfileFromMem(profile, (cmsUInt32Number) size);

    if (!opened)
        return NULL;
    cmsGetProfileInfoASCII(opened, cmsInfoDescription, "en", "US", text, MOST);
    cmsCloseProfile(opened);
    text[MOST - 1] = '\0';
    return g_strdup(g_strstrip(text));
}

char *profile_name(const void *profile, size_t size)
{
    g_autofree char *said = description_of(profile, size);

    if (!said || !*said)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_has_prefix(said, names[i].begins))
            return g_strdup(names[i].name);
    return g_utf8_make_valid(said, -1);
}
