/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory as the source of an import. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "daemon/files/beneath.h"
#include "daemon/import/import.h"

typedef struct Directory {
    ImportSource source;
    const char *root;
    dev_t device; /* of the root, when the import began */
    char *block;  /* the name of its block device, behind this struct; "": it has none */
} Directory;

static int open_file(void *user, const CardFile *file, Error **err)
{
    const Directory *directory = user;
    int fd = beneath_open(directory->root, file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0) {
        int code = errno;
        g_autofree char *path = text_escape(file->path);
        error_errno(err, code, "cannot open '%s'", path);
    }
    return fd;
}

/* A card that was pulled may still be mounted: then its device is gone, or nothing can be listed.
 */
static bool is_there(void *user)
{
    const Directory *directory = user;
    g_autofree char *block = g_strconcat("/sys/class/block/", directory->block, NULL);
    struct stat st;

    if (stat(directory->root, &st) < 0 || st.st_dev != directory->device ||
        (*directory->block && access(block, F_OK) < 0))
        return false;
    DIR *dir = opendir(directory->root);
    if (!dir)
        return errno == EMFILE || errno == ENFILE || errno == ENOMEM;
    errno = 0;
    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    bool ok = readdir(dir) || errno == 0;
    closedir(dir);
    return ok;
}

static bool list(void *user, const Import *import, Card **card, Error **err)
{
    const Directory *directory = user;
    Medium *medium = NULL;

    return medium_of_path(directory->root, &medium, err) &&
           card_list(directory->root, medium, import, card, err);
}

/* One block of memory, for g_free(). */
static Directory *directory_new(const char *root, const char *block)
{
    gsize length = strlen(block) + 1;
    Directory *directory = g_malloc0(sizeof(Directory) + length);

    directory->block = (char *) (directory + 1);
    memcpy(directory->block, block, length);
    directory->root = root;
    return directory;
}

ImportSource *import_directory(const char *root)
{
    g_autoptr(Error) error = NULL; /* the listing reports it */
    g_autoptr(Medium) medium = NULL;
    struct stat st;

    medium_of_path(root, &medium, &error);
    Directory *directory = directory_new(root, medium && medium->device ? medium->device : "");
    directory->device = stat(root, &st) == 0 ? st.st_dev : 0;
    directory->source = (ImportSource){
        .files = { .user = directory, .open = open_file, .is_there = is_there },
        .root = root,
        .list = list,
    };
    return &directory->source;
}
