/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/import/ptp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/import/ptp_process.h"

/* What is kept of files that were downloaded. */
enum { KEPT_FILES = 200 };
#define KEPT_BYTES (2 * (int64_t) 1024 * 1024 * 1024)

#define NS_A_SECOND ((int64_t) 1000000000)

typedef struct Download {
    char *path;
    int64_t size;
    int fd;
} Download;

struct Ptp {
    char *port, *spool, *words;
    PtpProcess *process;
    ImportSource source;
    GMutex lock; /* of all below, and of the process */
    GQueue kept; /* of Download, the oldest first */
    int64_t kept_bytes;
    bool is_listed;
    uint64_t listing; /* of the first listing */
    bool is_gone;
};

/* ---- its listing ---- */

typedef struct Listing {
    Card *card;
    const Import *import;
} Listing;

static void add_file(void *user, const char *path, int64_t size, int64_t mtime_s, bool is_protected)
{
    const Listing *listing = user;
    const char *below = path + strspn(path, "/");
    g_autofree char *shown = text_escape(below);
    Error *error = NULL;

    if (size < 0) {
        error_set(&error, ERROR_ENVIRONMENT, NULL, "the camera does not say how large '%s' is",
                  shown);
        g_ptr_array_add(listing->card->unreadable, error);
        return;
    }
    CardFile *file =
        card_add(listing->card, listing->import, below, size, mtime_s * NS_A_SECOND, is_protected);
    file->handle = g_strdup(path);
}

static bool list_locked(Ptp *ptp, const Import *import, Card **card, Error **err)
{
    g_autoptr(Card) made = card_new(ptp->words, ptp_medium(ptp));
    Listing listing = { made, import };

    if (!ptp_process_list(ptp->process, add_file, &listing, err))
        return false;
    card_group(made);
    *card = g_steal_pointer(&made);
    return true;
}

static bool list(void *user, const Import *import, Card **card, Error **err)
{
    Ptp *ptp = user;

    g_mutex_lock(&ptp->lock);
    bool listed = list_locked(ptp, import, card, err);
    if (listed && !ptp->is_listed) {
        ptp->is_listed = true;
        ptp->listing = (*card)->listing;
    }
    g_mutex_unlock(&ptp->lock);
    return listed;
}

/* ---- its files ---- */

static void download_free(void *data)
{
    Download *download = data;

    close(download->fd);
    g_free(download->path);
    g_free(download);
}

/* Another open file of the same bytes, which has a place of its own to read at. */
static int open_again(const Download *download, Error **err)
{
    g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", download->fd);
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        error_errno(err, errno, "cannot open what was downloaded");
    return fd;
}

static const Download *find_kept(const Ptp *ptp, const char *path)
{
    for (const GList *at = ptp->kept.head; at; at = at->next)
        if (!strcmp(((const Download *) at->data)->path, path))
            return at->data;
    return NULL;
}

static void keep(Ptp *ptp, Download *download)
{
    g_queue_push_tail(&ptp->kept, download);
    ptp->kept_bytes += download->size;
    while (ptp->kept.length > 1 &&
           (ptp->kept.length > KEPT_FILES || ptp->kept_bytes > KEPT_BYTES)) {
        Download *oldest = g_queue_pop_head(&ptp->kept);
        ptp->kept_bytes -= oldest->size;
        download_free(oldest);
    }
}

/* The same camera, with the same files? */
static bool is_the_same(Ptp *ptp, Error **err)
{
    static const Import any = { .other = IMPORT_OTHER_COPY };
    g_autoptr(Card) card = NULL;

    if (!list_locked(ptp, &any, &card, err))
        return false;
    return card->listing == ptp->listing ||
           error_set(err, ERROR_ENVIRONMENT, "start the import again",
                     "the camera at %s has other files than before", ptp->port);
}

static bool get(Ptp *ptp, const CardFile *file, int fd, Error **err)
{
    g_autoptr(Error) why = NULL;
    bool gone = false;

    if (ptp_process_get(ptp->process, file->handle, fd, &gone, &why))
        return true;
    if (!gone) {
        *err = g_steal_pointer(&why);
        return false;
    }
    if (ptp_process_again(ptp->process, err) && is_the_same(ptp, err) && !ftruncate(fd, 0) &&
        !lseek(fd, 0, SEEK_SET) && ptp_process_get(ptp->process, file->handle, fd, &gone, err))
        return true;
    ptp->is_gone = true;
    return *err ? false : error_errno(err, errno, "cannot download again");
}

/* What came has to be what the listing said. */
static bool is_whole(const CardFile *file, int fd, Error **err)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && st.st_size == file->size)
        return true;
    return error_set(err, ERROR_ENVIRONMENT, NULL,
                     "the camera gave another number of bytes than it had said");
}

static int download(Ptp *ptp, const CardFile *file, Error **err)
{
    int fd = open(ptp->spool, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (fd < 0) {
        error_errno(err, errno, "cannot make a file in '%s' for what a camera gives", ptp->spool);
        return -1;
    }
    if (!get(ptp, file, fd, err) || !is_whole(file, fd, err)) {
        close(fd);
        return -1;
    }
    Download *made = g_new(Download, 1);
    *made = (Download){ g_strdup(file->handle), file->size, fd };
    int again = open_again(made, err);
    keep(ptp, made);
    return again;
}

static int open_file(void *user, const CardFile *file, Error **err)
{
    Ptp *ptp = user;

    g_mutex_lock(&ptp->lock);
    const Download *kept = find_kept(ptp, file->handle);
    int fd = kept ? open_again(kept, err) : download(ptp, file, err);
    g_mutex_unlock(&ptp->lock);
    return fd;
}

static bool is_there(void *user)
{
    Ptp *ptp = user;

    g_mutex_lock(&ptp->lock);
    bool there = !ptp->is_gone;
    g_mutex_unlock(&ptp->lock);
    return there;
}

/* ---- the source ---- */

Ptp *ptp_open(const char *port, const char *spool, const volatile int *stop, Error **err)
{
    PtpProcess *process = ptp_process_new(port, stop, err);

    if (!process)
        return NULL;
    Ptp *ptp = g_new0(Ptp, 1);
    ptp->port = g_strdup(port);
    ptp->spool = g_strdup(spool);
    ptp->process = process;
    ptp->words = g_strdup_printf("%s at %s", ptp_process_model(process), port);
    g_mutex_init(&ptp->lock);
    g_queue_init(&ptp->kept);
    ptp->source = (ImportSource){ .files = { .user = ptp, .open = open_file, .is_there = is_there },
                                  .root = ptp->words,
                                  .list = list,
                                  .is_of_camera = true };
    return ptp;
}

void ptp_close(Ptp *ptp)
{
    if (!ptp)
        return;
    ptp_process_free(ptp->process);
    g_queue_clear_full(&ptp->kept, download_free);
    g_mutex_clear(&ptp->lock);
    g_free(ptp->port);
    g_free(ptp->spool);
    g_free(ptp->words);
    g_free(ptp);
}

const ImportSource *ptp_source(const Ptp *ptp)
{
    return &ptp->source;
}

Medium *ptp_medium(const Ptp *ptp)
{
    Medium *medium = g_new0(Medium, 1);
    const char *serial = ptp_process_serial(ptp->process);

    medium->uuid = *serial ? g_strdup(serial) : NULL;
    medium->label = g_strdup(ptp_process_model(ptp->process));
    medium->maker = g_strdup(medium->label);
    medium->type = g_strdup("ptp");
    medium->removable = true;
    medium->disks = g_new0(char *, 1);
    medium->backing = g_new0(char *, 1);
    medium->words = g_strdup(ptp->words);
    return medium;
}
