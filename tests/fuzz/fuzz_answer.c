/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a worker that was taken over (a watermark is decoded, too) may answer to `--check`: it is
 * read to its end, and each error in it is a line that can be shown to people; nonsense is never
 * taken for "no errors". */
#include <stdlib.h>

#include "daemon/settings/profiles.c" /* NOLINT(bugprone-suspicious-include): one at a time */

enum { SHOWN_MAX = 4000, SOON_MS = 5000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds)
        abort();
}

/* What was escaped before has only its backslashes escaped again. */
static void can_be_shown(const char *text)
{
    g_autofree char *safe = text_escape(text);
    g_auto(GStrv) parts = g_strsplit(safe, "\\x5cx", -1);
    g_autofree char *once = g_strjoinv("\\x", parts);

    demand(strlen(text) <= SHOWN_MAX && !strcmp(text, once));
}

static void errors_can_be_shown(const GPtrArray *errors)
{
    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        can_be_shown(error->where);
        can_be_shown(error->what);
        if (error->fix)
            can_be_shown(error->fix);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    g_autoptr(Settings) settings = settings_new("answer");
    g_autoptr(GString) answer = g_string_new(NULL);
    static int fd = -1;

    if (fd < 0)
        fd = memfd_create("answer", MFD_CLOEXEC);
    demand(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t) size &&
           lseek(fd, 0, SEEK_SET) == 0);
    demand(read_answer(fd, clock_ms() + SOON_MS, answer) && answer->len == size);
    bool sense = parse_answer(answer, settings, errors);

    errors_can_be_shown(errors);
    errors_can_be_shown(settings->advice);
    for (guint i = 0; i < settings->files->len; i++)
        can_be_shown(((const NamedFile *) settings->files->pdata[i])->where);
    for (guint i = 0; i < settings->names->len; i++)
        can_be_shown(((const NamedOutput *) settings->names->pdata[i])->where);
    for (guint i = 0; i < settings->losses->len; i++)
        can_be_shown(((const NamedOutput *) settings->losses->pdata[i])->where);
    if (settings->sandbox_lacks)
        can_be_shown(settings->sandbox_lacks);
    bool blank = true;
    for (size_t i = 0; i < size; i++)
        blank = blank && data[i] == '\n';
    bool said = errors->len || settings->advice->len || settings->files->len ||
                settings->names->len || settings->losses->len || settings->sandbox_lacks ||
                settings->profiles_draw_text;
    demand(blank == (sense && !said));
    return 0;
}
