#include "actions/libvips.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actions/complaint.h"

/* --- start and end --- */

static bool maps_code(int protection, int flags, int fd)
{
    enum { SIZE = 4096 };
    /* cppcheck-suppress invalidFunctionArg ; -1: no file is behind it */
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

bool image_start(const char *program, Error **err)
{
    /* No picture becomes a temporary file: there is no place for one. */
    g_setenv("VIPS_DISC_THRESHOLD", "1000g", TRUE);
    if (!may_write_code())
        g_setenv("VIPS_NOVECTOR", "1", TRUE);
    if (vips_init(program))
        return error_vips(err, "start libvips");
    /* A replaced file of the same name would come out of the cache as the old picture. */
    vips_cache_set_max(0);
    vips_concurrency_set(1); /* a picture each for the processes, not a process for each picture */
    vips_block_untrusted_set(TRUE);
    return true;
}

void image_stop(void)
{
    vips_shutdown();
}

/* --- errors --- */

/* Whether the kernel said so. libvips gives its words a line of their own; but what a picture says
 * may be quoted in a message of GLib's ("Invalid URI: No space left on device", of an SVG), line
 * breaks too, and a picture must not have its folder held. */
static bool kernel_said(const char *said, int code)
{
    g_autofree char *words = g_strdup_printf("unix error: %s\n", g_strerror(code));

    return strstr(said, words) && !strstr(said, "glib: ");
}

/* A thread that could not be started, for want of tasks or of memory for its stack; AVIF's encoder
 * tells no reason, but it is one of these that it fails for. */
static bool tells_of_shortage(const char *said)
{
    return strstr(said, "Error creating thread") || strstr(said, "unable to create thread") ||
           strstr(said, g_strerror(EAGAIN)) || strstr(said, "Encoder plugin generated an error");
}

/* libvips tells everything in words; these say that neither the picture nor a setting is to blame.
 */
static ErrorKind kind_of(const char *said)
{
    static const int world[] = { ENOSPC, EDQUOT, EIO, EROFS, ESTALE };

    if (strstr(said, "out of memory") || strstr(said, g_strerror(ENOMEM)))
        return ERROR_MEMORY;
    if (tells_of_shortage(said))
        return ERROR_LATER;
    for (size_t i = 0; i < G_N_ELEMENTS(world); i++)
        if (kernel_said(said, world[i]))
            return ERROR_WORLD;
    return ERROR_IMAGE;
}

static const char *fix_of(ErrorKind kind)
{
    switch (kind) {
    case ERROR_WORLD:
        return "free space or repair the disk; work goes on by itself";
    case ERROR_IMAGE:
        return "see whether a viewer opens it; if not, copy or export it again";
    case ERROR_LATER:
        return ERROR_VIPS_SHORTAGE;
    case ERROR_MEMORY: /* what it may take, the daemon knows */
    case ERROR_SETUP:
    case ERROR_BUG:
        break;
    }
    return NULL;
}

/* libvips' lines as one, each of them once; newly allocated. Where it gives no error, it may have
 * warned. */
static char *one_line(const char *said)
{
    g_autofree char *warned = *said ? NULL : complaint_of_decoder();
    g_auto(GStrv) lines = g_strsplit(warned ? warned : said, "\n", -1);
    g_autoptr(GString) line = g_string_new(NULL);

    for (char **l = lines; *l; l++)
        if (*g_strstrip(*l) && !strstr(line->str, *l))
            g_string_append_printf(line, "%s%s", line->len ? "; " : "", *l);
    if (!line->len)
        g_string_append(line, "no reason given");
    return g_utf8_make_valid(line->str, (gssize) line->len);
}

bool error_vips_hushed_up(void)
{
    const char *said = vips_error_buffer();

    return kind_of(said) != ERROR_IMAGE ||
           (strstr(said, "unix error: ") && !strstr(said, "glib: "));
}

bool error_vips(Error **err, const char *doing)
{
    g_autofree char *said = vips_error_buffer_copy(); /* and cleared */
    g_autofree char *line = one_line(said);
    ErrorKind kind = kind_of(said);

    return error_set(err, kind, fix_of(kind), "cannot %s: %s", doing, line);
}
