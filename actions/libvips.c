/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "actions/libvips.h"

#include <errno.h>
#include <fcntl.h>
#include <gmodule.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/damage.h"
#include "actions/decoder_words.h"
#include "actions/warnings.h"

/* ---- start and end ---- */

static bool maps_code(int protection, int flags, int fd)
{
    enum { SIZE = 4096 };
    /* cppcheck-suppress invalidFunctionArg ; -1: it has no file */
    void *page = mmap(NULL, SIZE, protection, flags, fd, 0);

    return page != MAP_FAILED && munmap(page, SIZE) == 0;
}

/* Memory that is writable and executable, or a file that is both, by two mappings. */
static bool may_write_code(void)
{
    int fd = open(g_get_tmp_dir(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    bool may = maps_code(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1) ||
               (fd >= 0 && maps_code(PROT_READ | PROT_EXEC, MAP_SHARED, fd));

    if (fd >= 0)
        close(fd);
    return may;
}

/* Whether we open libvips' modules: else it has opened them all, or has none. */
static bool opens_modules;

static char *modules_directory(void)
{
    return g_strdup_printf("%s/vips-modules-%d.%d", VIPS_LIBDIR, vips_version(0), vips_version(1));
}

/* The module stays for as long as the process. Without it the formats in it do not exist. */
static void open_module(const char *name)
{
    g_autofree char *directory = modules_directory();
    g_autofree char *path = g_strdup_printf("%s/vips-%s.so", directory, name);

    if (!g_module_open(path, G_MODULE_BIND_LAZY))
        g_debug("%s", g_module_error());
}

/* libvips opens all of its modules where it finds them: half of the time that its start takes is
 * theirs, and ImageMagick's looks at each file. It searches below VIPSHOME; where that is given, or
 * this libvips has no modules, it does as it likes. */
static bool start_with_few_modules(const char *program)
{
    g_autofree char *directory = modules_directory();

    opens_modules = !g_getenv("VIPSHOME") && g_file_test(directory, G_FILE_TEST_IS_DIR);
    if (opens_modules)
        g_setenv("VIPSHOME", "/nonexistent", TRUE);
    bool started = vips_init(program) == 0;
    if (opens_modules) {
        g_unsetenv("VIPSHOME");
        open_module("heif");
    }
    return started;
}

/* Stands before GLib's for libvips, which alone waits with a limit in a process that handles
 * pictures: its idle threads end after 15 s. In 8.14 (iofuncs/threadset.c) one that is given work
 * at that moment is freed while that is put into it; the work is lost, or the process crashes
 * (corrected in 8.15.4). Here they wait until the end. */
__attribute__((visibility("default"))) gboolean g_cond_wait_until(GCond *cond, GMutex *mutex,
                                                                  gint64 end_time G_GNUC_UNUSED)
{
    g_cond_wait(cond, mutex);
    return TRUE;
}

bool libvips_start(const char *program, Error **err)
{
    /* No picture becomes a temporary file: the sandbox has none. */
    g_setenv("VIPS_DISC_THRESHOLD", "1000g", TRUE);
    if (!may_write_code())
        g_setenv("VIPS_NOVECTOR", "1", TRUE);
    if (!start_with_few_modules(program))
        return libvips_error(err, "start libvips");
    /* A replaced file of the same name would come out of the cache as the old picture. */
    vips_cache_set_max(0);
    vips_concurrency_set(1); /* parallel work is one picture a process */
    vips_block_untrusted_set(TRUE);
    return true;
}

bool libvips_make_ready(const char *base, const char *operation)
{
    static const char *const modules[][2] = { { "jxl", "jxl" }, { "pdf", "poppler" } };

    if (vips_type_find(base, operation))
        return true;
    for (size_t i = 0; opens_modules && i < G_N_ELEMENTS(modules); i++)
        if (g_str_has_prefix(operation, modules[i][0])) {
            open_module(modules[i][1]);
            vips_block_untrusted_set(TRUE); /* what is in it */
        }
    return vips_type_find(base, operation) != 0;
}

VipsImage *libvips_in_order(VipsImage *decoder, int height)
{
    VipsImage *rows = NULL;

    if (vips_sequential(decoder, &rows, "tile_height", height, NULL))
        return NULL;
    vips_image_set_int(rows, VIPS_META_SEQUENTIAL, 1);
    return rows;
}

void libvips_stop(void)
{
    vips_shutdown();
}

/* ---- errors ---- */

/* Whether the message has the error `code` of a system call. libvips gives it a line of its own;
 * but a message of GLib's may quote the picture, with its line breaks ("Invalid URI: No space left
 * on device", of an SVG), and a picture must not get its folder held. */
static bool is_system_error(const char *message, int code)
{
    g_autofree char *words = g_strdup_printf("unix error: %s\n", g_strerror(code));

    return strstr(message, words) && !strstr(message, "glib: ");
}

/* Whether a thread could not be started, for lack of tasks or of memory for its stack. AVIF's
 * encoder gives no reason, but these are why it fails. */
static bool is_thread_shortage(const char *message)
{
    return strstr(message, "Error creating thread") || strstr(message, "unable to create thread") ||
           strstr(message, g_strerror(EAGAIN)) ||
           strstr(message, "Encoder plugin generated an error");
}

/* libvips reports everything as text; these texts are not about the picture or a setting. */
static ErrorKind kind_of_message(const char *message)
{
    static const int storage_errors[] = { ENOSPC, EDQUOT, EIO, EROFS, ESTALE };

    if (strstr(message, "out of memory") || strstr(message, g_strerror(ENOMEM)))
        return ERROR_MEMORY;
    if (is_thread_shortage(message))
        return ERROR_TRANSIENT;
    for (size_t i = 0; i < G_N_ELEMENTS(storage_errors); i++)
        if (is_system_error(message, storage_errors[i]))
            return ERROR_ENVIRONMENT;
    return ERROR_PICTURE;
}

static const char *fix_of_kind(ErrorKind kind)
{
    switch (kind) {
    case ERROR_ENVIRONMENT:
        return "free space or repair the disk; hotfolder then continues";
    case ERROR_PICTURE:
        return "open it in a viewer; if that fails, copy or export it again";
    case ERROR_TRANSIENT:
        return LIBVIPS_SHORTAGE_FIX;
    case ERROR_MEMORY: /* the daemon knows its limit, and adds the remedy */
    case ERROR_CONFIG:
    case ERROR_INTERNAL:
    case ERROR_TAKEN:
        break;
    }
    return NULL;
}

/* In one line; without any, libvips' first warning. */
static char *words_of(const char *message, const char **fix)
{
    g_autofree char *warning = *message ? NULL : warnings_take_decoder();
    g_autofree char *words = decoder_words(warning ? warning : message, fix);

    return *words ? g_steal_pointer(&words) : g_strdup("no reason given");
}

bool libvips_has_hidden_error(void)
{
    const char *message = vips_error_buffer();

    return kind_of_message(message) != ERROR_PICTURE ||
           (strstr(message, "unix error: ") && !strstr(message, "glib: "));
}

bool libvips_error(Error **err, const char *doing)
{
    g_autofree char *message = vips_error_buffer_copy(); /* and cleared */
    const char *fix = NULL, *known = NULL;
    g_autofree char *words = words_of(message, &known);
    g_autofree char *damage = damage_take(&fix);
    ErrorKind kind = kind_of_message(message);

    if (damage && kind == ERROR_PICTURE)
        return error_set(err, ERROR_PICTURE, fix, "%s", damage);
    if (known && kind == ERROR_PICTURE)
        return error_set(err, ERROR_PICTURE, known, "%s", words);
    if (damage_is_of_source())
        doing = "read the picture";
    return error_set(err, kind, fix_of_kind(kind), "cannot %s: %s", doing, words);
}
