/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/import_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/text.h"
#include "command/terminal.h"

#define CATALOG "import.db"

char *import_state_dir(const Target *target, const char *given)
{
    g_autofree char *service = paths_instance_state_dir(target->instance);

    if (given)
        return g_canonicalize_filename(given, NULL);
    return access(service, W_OK | X_OK) == 0 ? g_steal_pointer(&service) : paths_state_dir();
}

static bool has_catalog(const char *directory)
{
    g_autofree char *file = g_build_filename(directory, CATALOG, NULL);

    return access(file, R_OK) == 0;
}

char *import_state_dir_to_read(const Target *target, const char *given)
{
    g_autofree char *service = paths_instance_state_dir(target->instance);

    if (given)
        return g_canonicalize_filename(given, NULL);
    return has_catalog(service) ? g_steal_pointer(&service) : paths_state_dir();
}

/* root reads what the service's user has, but that user could not write what is root's. */
void import_state_prepare(const char *directory)
{
    g_autofree char *file = g_build_filename(directory, CATALOG, NULL);
    struct stat st;

    if (geteuid() != 0 || stat(directory, &st) < 0 || st.st_uid == 0)
        return;
    int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return; /* it is there already */
    if (fchown(fd, st.st_uid, st.st_gid) < 0)
        unlink(file);
    close(fd);
}

void import_state_say_damaged(const char *copy)
{
    g_autofree char *shown = text_escape(copy);

    terminal_error("what was remembered of cards was damaged, and is kept as '%s'; each card is "
                   "read again in full; check the disk of that directory",
                   shown);
}

/* Adds the cards of a directory that this user may read; there may be none. */
static bool add_cards(const char *directory, unsigned most, GPtrArray *cards, Error **err)
{
    g_autoptr(Catalog) catalog = NULL;
    g_autoptr(GPtrArray) found = NULL;

    if (!has_catalog(directory))
        return true;
    if (!catalog_open(directory, true, &catalog, err))
        return false;
    if (!catalog)
        return true;
    if (!catalog_cards(catalog, most, &found, err))
        return false;
    g_ptr_array_extend_and_steal(cards, g_steal_pointer(&found));
    return true;
}

static int compare_newest(gconstpointer a, gconstpointer b)
{
    const CardRecord *first = *(CardRecord *const *) a, *second = *(CardRecord *const *) b;

    return (first->began_ms < second->began_ms) - (first->began_ms > second->began_ms);
}

static bool add_all(const Target *target, const char *given, unsigned most, GPtrArray *cards,
                    Error **err)
{
    g_autofree char *service = paths_instance_state_dir(target->instance);
    g_autofree char *own = paths_state_dir();

    if (given)
        return add_cards(given, most, cards, err);
    return add_cards(service, most, cards, err) &&
           (!g_strcmp0(service, own) || add_cards(own, most, cards, err));
}

bool import_state_cards(const Target *target, const char *given, unsigned most, GPtrArray **cards,
                        Error **err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify) card_record_free);

    if (!add_all(target, given, most, all, err))
        return false;
    g_ptr_array_sort(all, compare_newest);
    if (all->len > most)
        g_ptr_array_remove_range(all, most, all->len - most);
    *cards = g_steal_pointer(&all);
    return true;
}
