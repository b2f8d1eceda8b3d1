/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as a profiles document, against the tables of the real actions. Nothing is prepared:
 * that opens files. */
#include <stdlib.h>
#include <string.h>

#include "actions/libvips.h"
#include "worker/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A save asks libvips what it can write. */
static void start(void)
{
    static bool started;
    g_autoptr(Error) error = NULL;

    if (!started && !libvips_start("fuzz_profile", &error))
        abort();
    started = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    start();
    g_autofree char *document = g_strndup((const char *) data, size);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(GPtrArray) profiles = profiles_read(document, errors);

    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        if (!error->where || !error->what || strchr(error->what, '\n') ||
            g_strcmp0(error->fix, "put values in quotes") == 0)
            abort();
    }
    for (guint i = 0; i < profiles->len; i++) {
        const Profile *profile = profiles->pdata[i];
        if (!profile->steps->len)
            abort(); /* a profile that saves nothing was let through */
    }
    return 0;
}
