/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/files/portable.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/files/filename.h"

static bool is_forbidden(char sign)
{
    return strchr("<>:\"\\|?*", sign) || g_ascii_iscntrl(sign);
}

/* Each byte that is no UTF-8 becomes one `_`. */
static void replace_invalid(char *name)
{
    const char *end = NULL;

    while (!g_utf8_validate(name, -1, &end)) {
        name += end - name;
        *name = '_';
    }
}

/* The length of the word that Windows takes for a device, with any extension; else 0. */
static size_t device_length(const char *name)
{
    static const char *const devices[] = { "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$" };
    size_t length = strcspn(name, ".");

    while (length && name[length - 1] == ' ')
        length--;
    for (size_t i = 0; i < G_N_ELEMENTS(devices); i++)
        if (strlen(devices[i]) == length && !g_ascii_strncasecmp(name, devices[i], length))
            return length;
    /* a digit may be a superscript one there: of two bytes */
    bool port = !g_ascii_strncasecmp(name, "COM", 3) || !g_ascii_strncasecmp(name, "LPT", 3);
    const char *digit = name + 3;
    bool numbered = (length == 4 && *digit >= '1' && *digit <= '9') ||
                    (length == 5 && (!strncmp(digit, "¹", 2) || !strncmp(digit, "²", 2) ||
                                     !strncmp(digit, "³", 2)));
    return port && numbered ? length : 0;
}

/* Takes over `name`, a component that is not empty. */
static char *portable_name(char *name)
{
    g_autofree char *owned = name;
    char *last = name + strlen(name) - 1;

    replace_invalid(name);
    for (char *sign = name; *sign; sign++)
        if (is_forbidden(*sign))
            *sign = '_';
    if (*last == '.' || *last == ' ')
        *last = '_';
    size_t device = device_length(name);
    if (!device)
        return g_steal_pointer(&owned);
    g_autofree char *word = g_strdup_printf("%.*s_%s", (int) device, name, name + device);
    return filename_shorten(word, FILENAME_BYTES);
}

char *portable_path(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (char **part = parts; *part; part++)
        if (**part)
            *part = portable_name(*part);
    return g_strjoinv("/", parts);
}
