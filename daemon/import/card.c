/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists a card. The shots of it are made in card_shots.c, their order in card_order.c. */
#include "daemon/import/card.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden.h"
#include "base/text.h"
#include "daemon/files/beneath.h"

enum {
    ENTRIES_MAX = 1000000, /* files and directories; the largest cards have a tenth of that */
    DEPTH_MAX = 50,        /* directories in each other; cameras and phones make ten at most */
    SHOWN = 60,            /* bytes of such a path in a message */
};

/* ---- what is left out ---- */

typedef struct Rule {
    const char *pattern; /* for fnmatch(3), in any case */
    bool directory;      /* of directories; else of files */
    const char *what;
} Rule;

static const Rule rules[] = {
    { ".Trash*", true, "recycle bin" },
    { "$RECYCLE.BIN", true, "recycle bin" },
    { "RECYCLER", true, "recycle bin" },
    { ".Spotlight-V100", true, "system folder" },
    { ".fseventsd", true, "system folder" },
    { ".TemporaryItems", true, "system folder" },
    { "System Volume Information", true, "system folder" },
    { "__MACOSX", true, "archive leftover" },
    { ".thumbnails", true, "thumbnail folder" },
    { "._*", false, "AppleDouble" },
    { ".DS_Store", false, "folder settings of macOS" },
    { "Thumbs.db", false, "folder settings of Windows" },
    { "desktop.ini", false, "folder settings of Windows" },
    { ".nomedia", false, ".nomedia" },
    { ".trashed-*", false, "deleted on the phone" },
    { HIDDEN_PREFIX "*", false, "temporary file of hotfolder" },
};

static const char *find_rule(const char *name, bool directory)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        if (rules[i].directory == directory &&
            fnmatch(rules[i].pattern, name, FNM_CASEFOLD | FNM_NOESCAPE) == 0)
            return rules[i].what;
    return NULL;
}

/* Whether `path` is the directory, or lies in it. */
static bool is_in(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    return !strncasecmp(path, directory, length) && (!path[length] || path[length] == '/');
}

/* Sony's: the pictures lie in CLIP and DCIM. */
static bool is_thumbnail_folder(const char *path)
{
    return !strcasecmp(path, "PRIVATE/M4ROOT/THMBNL") || !strcasecmp(path, "M4ROOT/THMBNL");
}

static const char *rule_of_directory(const char *path, const char *name)
{
    return is_thumbnail_folder(path) ? "thumbnail folder" : find_rule(name, true);
}

/* Whether .nomedia in this directory hides it from us, too. */
static bool may_be_hidden(const char *path)
{
    const char *below = is_in(path, "DCIM") ? strchr(path, '/') : NULL;

    if (!*path || is_in(path, "PRIVATE") || is_in(path, "MP_ROOT") || is_in(path, "M4ROOT"))
        return false;
    return !is_in(path, "DCIM") || (below && strchr(below + 1, '/'));
}

static void count_ignored(Card *card, const char *what)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(card->ignored, what));

    g_hash_table_insert(card->ignored, g_strdup(what), GUINT_TO_POINTER(count + 1));
}

/* ---- the card ---- */

static void file_free(void *data)
{
    CardFile *file = data;

    g_free(file->path);
    g_free(file->handle);
    g_free(file);
}

static void shot_free(void *data)
{
    CardShot *shot = data;

    g_ptr_array_unref(shot->files);
    g_free(shot->facts.taken);
    g_free(shot->facts.corrected);
    g_free(shot->facts.camera);
    g_free(shot->facts.serial);
    g_free(shot->facts.note);
    g_free(shot->stem);
    g_free(shot);
}

static void free_error(void *error)
{
    error_free(error);
}

Card *card_new(const char *root, Medium *medium)
{
    Card *card = g_new0(Card, 1);

    card->root = g_strdup(root);
    card->medium = medium;
    card->files = g_ptr_array_new_with_free_func(file_free);
    card->shots = g_ptr_array_new_with_free_func(shot_free);
    card->unreadable = g_ptr_array_new_with_free_func(free_error);
    card->ignored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return card;
}

void card_free(Card *card)
{
    if (!card)
        return;
    g_ptr_array_unref(card->shots);
    g_ptr_array_unref(card->files);
    g_ptr_array_unref(card->unreadable);
    g_hash_table_destroy(card->ignored);
    if (card->medium)
        medium_free(card->medium);
    g_free(card->root);
    g_free(card);
}

/* card_group() takes those back that belong to a picture. */
CardFile *card_add(Card *card, const Import *import, const char *path, int64_t size,
                   int64_t mtime_ns, bool is_protected)
{
    CardFile *file = g_new0(CardFile, 1);

    file->path = g_strdup(path);
    file->tail = file->path + strlen(path);
    file->size = size;
    file->mtime_ns = mtime_ns;
    file->is_protected = is_protected;
    file->kind = shot_kind(path);
    file->is_left =
        import->other == IMPORT_OTHER_LEAVE && file->kind != SHOT_PICTURE && file->kind != SHOT_RAW;
    g_ptr_array_add(card->files, file);
    return file;
}

/* ---- its listing ---- */

/* A directory that is still to be listed. */
typedef struct Place {
    char *path; /* below the root; "" is the root */
    char *left; /* what its files are counted as; NULL: they are taken */
} Place;

typedef struct Listing {
    Card *card;
    const Import *import;
    GQueue places;
    guint entries;
    char *too_deep; /* a directory; NULL: none */
} Listing;

static void place_free(Place *place)
{
    g_free(place->path);
    g_free(place->left);
    g_free(place);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Place, place_free)

static void free_place(void *place)
{
    place_free(place);
}

static unsigned depth_of(const char *path)
{
    unsigned depth = *path != 0;

    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

static void push(Listing *listing, const char *path, const char *left)
{
    if (depth_of(path) > DEPTH_MAX) {
        if (!listing->too_deep)
            listing->too_deep = g_strdup(path);
        return;
    }
    Place *place = g_new0(Place, 1);
    place->path = g_strdup(path);
    place->left = g_strdup(left);
    g_queue_push_tail(&listing->places, place);
}

/* The folder in which fsck(8) of ext4 keeps what it found is for root alone. */
static void add_unreadable(Listing *listing, const Place *place, const char *path, int code)
{
    g_autofree char *shown = text_escape(*path ? path : "/");
    Error *error = NULL;

    if (!strcmp(path, "lost+found") && code == EACCES) {
        count_ignored(listing->card, "in 'lost+found', which only root can read");
        return;
    }
    if (place->left) {
        count_ignored(listing->card, place->left);
        return;
    }
    error_errno(&error, code, "cannot read '%s'", shown);
    g_ptr_array_add(listing->card->unreadable, error);
}

static void add_directory(Listing *listing, const Place *place, const char *path, const char *name)
{
    const char *what = place->left ? NULL : rule_of_directory(path, name);

    if (what) {
        g_autofree char *shown = text_escape(path);
        g_autofree char *left = g_strdup_printf("in the %s '%s'", what, shown);
        push(listing, path, left);
    } else {
        push(listing, path, place->left);
    }
}

static const char *word_of_special(mode_t mode)
{
    if (S_ISLNK(mode))
        return "symbolic link";
    return S_ISFIFO(mode) ? "pipe" : S_ISSOCK(mode) ? "socket" : "device";
}

/* A program that puts another file in its place, and sets its time, cannot set this one. */
static bool knows_changes(const Medium *medium)
{
    static const char *const types[] = { "ext2", "ext3",  "ext4",    "xfs", "btrfs",
                                         "f2fs", "tmpfs", "overlay", NULL };

    return medium && medium->type && g_strv_contains(types, medium->type);
}

static void add_file(Listing *listing, const Place *place, const char *path, const char *name,
                     const struct stat *st)
{
    const char *what = place->left;

    if (!what)
        what = S_ISREG(st->st_mode) ? find_rule(name, false) : word_of_special(st->st_mode);
    if (what) {
        count_ignored(listing->card, what);
        return;
    }
    CardFile *file = card_add(listing->card, listing->import, path, st->st_size,
                              (int64_t) st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
                              !(st->st_mode & S_IWUSR));
    if (knows_changes(listing->card->medium))
        file->changed_ms = st->st_ctim.tv_sec * 1000LL + st->st_ctim.tv_nsec / 1000000;
}

static void add_entry(Listing *listing, const Place *place, int dir_fd, const char *name)
{
    g_autofree char *path = *place->path ? beneath_path(place->path, name) : g_strdup(name);
    struct stat st;

    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        add_unreadable(listing, place, path, errno);
    else if (S_ISDIR(st.st_mode))
        add_directory(listing, place, path, name);
    else
        add_file(listing, place, path, name, &st);
}

static void hide(Place *place, int dir_fd)
{
    struct stat st;

    if (place->left || !may_be_hidden(place->path) ||
        fstatat(dir_fd, ".nomedia", &st, AT_SYMLINK_NOFOLLOW) < 0)
        return;
    g_autofree char *shown = text_escape(place->path);
    place->left = g_strdup_printf("in '%s', which has .nomedia", shown);
}

/* Of a card nothing vanishes: what is listed and not there is an error, too. */
static void list_place(Listing *listing, Place *place)
{
    int fd = beneath_open(listing->card->root, place->path, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry = NULL;

    if (!dir) {
        add_unreadable(listing, place, place->path, errno);
        if (fd >= 0)
            close(fd);
        return;
    }
    hide(place, fd);
    /* cppcheck-suppress readdirCalled ; no other thread reads this stream */
    while (listing->entries++ <= ENTRIES_MAX && (errno = 0, entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            add_entry(listing, place, fd, entry->d_name);
    if (errno)
        add_unreadable(listing, place, place->path, errno);
    closedir(dir);
}

static bool check_root(const char *root, Error **err)
{
    g_autofree char *shown = text_escape(root);
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        int code = errno;
        error_errno(err, code, "cannot list '%s'", shown);
        (*err)->kind = ERROR_ENVIRONMENT;
        return false;
    }
    close(fd);
    return true;
}

static bool is_too_large(const Listing *listing)
{
    return listing->too_deep || listing->entries > ENTRIES_MAX;
}

/* A whole computer, or a file system that is broken or shows itself again in itself. */
static bool refuse_size(const Listing *listing, Error **err)
{
    static const char fix[] = "give the directory that the card is mounted at";
    g_autofree char *root = text_escape(listing->card->root);

    if (!listing->too_deep)
        return error_set(err, ERROR_CONFIG, fix,
                         "'%s' is no card: it has more than %d files and directories", root,
                         ENTRIES_MAX);
    g_autofree char *start = g_strndup(listing->too_deep, SHOWN);
    g_autofree char *shown = text_escape(start);
    return error_set(err, ERROR_CONFIG,
                     "check its file system, or give the directory that the card is mounted at",
                     "'%s' is no card: more than %d directories lie in each other, at '%s...'",
                     root, DEPTH_MAX, shown);
}

bool card_list(const char *root, Medium *medium, const Import *import, Card **card, Error **err)
{
    g_autoptr(Card) made = card_new(root, medium);
    Listing listing = { .card = made, .import = import, .places = G_QUEUE_INIT };

    *card = NULL;
    if (!check_root(root, err))
        return false;
    push(&listing, "", NULL);
    while (!g_queue_is_empty(&listing.places) && !is_too_large(&listing)) {
        g_autoptr(Place) place = g_queue_pop_head(&listing.places);
        list_place(&listing, place);
    }
    bool ok = !is_too_large(&listing) || refuse_size(&listing, err);
    g_queue_clear_full(&listing.places, free_place);
    g_free(listing.too_deep);
    if (!ok)
        return false;
    card_group(made);
    *card = g_steal_pointer(&made);
    return true;
}

/* ---- questions ---- */

bool card_is_of_camera(const char *root)
{
    static const char *const names[] = { "DCIM", "PRIVATE", "MP_ROOT", "M4ROOT" };
    g_autoptr(GDir) dir = g_dir_open(root, 0, NULL);
    const char *name = NULL;

    while (dir && (name = g_dir_read_name(dir))) {
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
            struct stat st;
            if (!g_ascii_strcasecmp(name, names[i]) && beneath_stat(root, name, &st) &&
                S_ISDIR(st.st_mode))
                return true;
        }
    }
    return false;
}

/* Both are by path. */
const char *card_first_new(const Card *before, const Card *now)
{
    guint at = 0;

    for (guint i = 0; i < now->files->len; i++) {
        const CardFile *file = now->files->pdata[i], *old = NULL;
        int order = 1;
        for (; at < before->files->len; at++) {
            old = before->files->pdata[at];
            order = strcmp(old->path, file->path);
            if (order >= 0)
                break;
        }
        if (at == before->files->len || order != 0 || old->size != file->size ||
            old->mtime_ns != file->mtime_ns)
            return file->path;
    }
    return NULL;
}
