/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card is listed in full: what is left out is named, and what cannot be read is never forgotten.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/import/card.h"
#include "tests/unit/check.h"

static const Import copies = { .other = IMPORT_OTHER_COPY };
static const Import leaves = { .other = IMPORT_OTHER_LEAVE };

static Card *list_by(const char *root, const Import *import)
{
    g_autoptr(Error) error = NULL;
    Card *card = NULL;

    assert_ok(card_list(root, NULL, import, &card, &error), error);
    return card;
}

/* The paths of its files, each with a line feed; newly allocated. */
static char *paths_of(const Card *card)
{
    GString *paths = g_string_new(NULL);

    for (guint i = 0; i < card->files->len; i++) {
        const CardFile *file = card->files->pdata[i];
        g_string_append_printf(paths, "%s\n", file->path);
    }
    return g_string_free(paths, FALSE);
}

static void assert_files(const Card *card, const char *expected)
{
    g_autofree char *paths = paths_of(card);

    assert_string_equal(paths, expected);
}

static guint ignored(const Card *card, const char *what)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(card->ignored, what));
}

static const CardFile *file_of(const Card *card, const char *path)
{
    for (guint i = 0; i < card->files->len; i++) {
        const CardFile *file = card->files->pdata[i];
        if (!strcmp(file->path, path))
            return file;
    }
    return NULL;
}

static void all_files_are_listed_by_path(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "DCIM/100CANON/IMG_0002.JPG", "two");
    check_write(dir, "DCIM/100CANON/IMG_0001.CR3", "raw");
    check_write(dir, "DCIM/100CANON/IMG_0001.JPG", "");
    check_write(dir, "MISC/M0100.CTG", "bookkeeping");
    check_write(dir, "no-extension", "x");
    check_write(dir, ".hidden/photo.jpg", "x");
    g_autoptr(Card) card = list_by(dir, &copies);
    assert_files(card, ".hidden/photo.jpg\nDCIM/100CANON/IMG_0001.CR3\nDCIM/100CANON/IMG_0001.JPG\n"
                       "DCIM/100CANON/IMG_0002.JPG\nMISC/M0100.CTG\nno-extension\n");
    assert_int_equal(card->bytes, 3 + 3 + 11 + 1 + 1);
    assert_int_equal(card->unreadable->len, 0);
    assert_int_equal(g_hash_table_size(card->ignored), 0);
    assert_int_equal(card->shots->len, 5);
    check_rmdir(dir);
}

static void what_systems_leave_is_counted_file_by_file(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "DCIM/100CANON/IMG_0001.JPG", "x");
    check_write(dir, "DCIM/100CANON/._IMG_0001.JPG", "x");
    check_write(dir, "._.Trashes", "x");
    check_write(dir, ".DS_Store", "x");
    check_write(dir, "THUMBS.DB", "x");
    check_write(dir, "desktop.ini", "x");
    check_write(dir, ".Trash-1000/files/IMG_0009.JPG", "x");
    check_write(dir, ".Trash-1000/info/IMG_0009.JPG.trashinfo", "x");
    check_write(dir, "$RECYCLE.BIN/a/b.JPG", "x");
    check_write(dir, "System Volume Information/IndexerVolumeGuid", "x");
    check_write(dir, "DCIM/.thumbnails/1.jpg", "x");
    check_write(dir, "DCIM/Camera/.trashed-1714-IMG_1.jpg", "x");
    check_write(dir, "PRIVATE/M4ROOT/THMBNL/C0001T01.JPG", "x");
    check_write(dir, "DCIM/THMBNL/IMG_1.JPG", "x");
    check_write(dir, "Trash/IMG_1.JPG", "x");
    g_autoptr(Card) card = list_by(dir, &copies);
    assert_files(card, "DCIM/100CANON/IMG_0001.JPG\nDCIM/THMBNL/IMG_1.JPG\nTrash/IMG_1.JPG\n");
    assert_int_equal(ignored(card, "AppleDouble"), 2);
    assert_int_equal(ignored(card, "folder settings of macOS"), 1);
    assert_int_equal(ignored(card, "folder settings of Windows"), 2);
    assert_int_equal(ignored(card, "in the recycle bin '.Trash-1000'"), 2);
    assert_int_equal(ignored(card, "in the recycle bin '$RECYCLE.BIN'"), 1);
    assert_int_equal(ignored(card, "in the system folder 'System Volume Information'"), 1);
    assert_int_equal(ignored(card, "in the thumbnail folder 'DCIM/.thumbnails'"), 1);
    assert_int_equal(ignored(card, "in the thumbnail folder 'PRIVATE/M4ROOT/THMBNL'"), 1);
    assert_int_equal(ignored(card, "deleted on the phone"), 1);
    assert_int_equal(g_hash_table_size(card->ignored), 9);
    check_rmdir(dir);
}

static void nomedia_hides_no_album_of_dcim(void **state)
{
    static const char *const taken[] = { "", "DCIM/", "dcim/", "DCIM/Camera/", "PRIVATE/AVCHD/" };
    static const char *const left[] = { "DCIM/Camera/cache/", "Android/media/", "WhatsApp/" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(taken) + G_N_ELEMENTS(left); i++) {
        bool is_taken = i < G_N_ELEMENTS(taken);
        const char *at = is_taken ? taken[i] : left[i - G_N_ELEMENTS(taken)];
        g_autofree char *mark = g_strconcat(at, ".nomedia", NULL);
        g_autofree char *photo = g_strconcat(at, "deep/IMG_1.jpg", NULL);
        char *dir = check_mkdir();
        check_write(dir, mark, "");
        check_write(dir, photo, "x");
        g_autoptr(Card) card = list_by(dir, &copies);
        assert_int_equal(card->files->len, is_taken);
        g_autofree char *reason =
            g_strdup_printf("in '%.*s', which has .nomedia", (int) strlen(at) - !is_taken, at);
        assert_int_equal(ignored(card, is_taken ? ".nomedia" : reason), is_taken ? 1 : 2);
        check_rmdir(dir);
    }
}

static void links_and_special_files_are_counted_and_never_followed(void **state)
{
    char *dir = check_mkdir(), *elsewhere = check_mkdir();
    g_autofree char *link = g_build_filename(dir, "a.jpg", NULL);
    g_autofree char *tree = g_build_filename(dir, "DCIM", NULL);
    g_autofree char *pipe = g_build_filename(dir, "pipe.jpg", NULL);
    struct sockaddr_un name = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void) state;
    check_write(elsewhere, "photo.jpg", "x");
    assert_int_equal(symlink("/etc/passwd", link), 0);
    assert_int_equal(symlink(elsewhere, tree), 0);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    g_snprintf(name.sun_path, sizeof(name.sun_path), "%s/socket.jpg", dir);
    assert_int_equal(bind(fd, (const struct sockaddr *) &name, sizeof(name)), 0);
    g_autoptr(Card) card = list_by(dir, &copies);
    assert_int_equal(card->files->len, 0);
    assert_int_equal(ignored(card, "symbolic link"), 2);
    assert_int_equal(ignored(card, "pipe"), 1);
    assert_int_equal(ignored(card, "socket"), 1);
    assert_false(card_is_of_camera(dir));
    close(fd);
    check_rmdir(dir);
    check_rmdir(elsewhere);
}

static void names_are_bytes(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "DCIM/\xff\xfe.jpg", "x");
    check_write(dir, "DCIM/a\nb.jpg", "x");
    g_autoptr(Card) card = list_by(dir, &copies);
    assert_files(card, "DCIM/a\nb.jpg\nDCIM/\xff\xfe.jpg\n");
    check_rmdir(dir);
}

static void a_file_whose_owner_may_not_write_it_is_protected(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *raw = g_build_filename(dir, "DCIM/IMG_1.CR3", NULL);

    (void) state;
    check_write(dir, "DCIM/IMG_1.CR3", "x");
    check_write(dir, "DCIM/IMG_1.JPG", "x");
    check_write(dir, "DCIM/IMG_2.JPG", "x");
    assert_int_equal(chmod(raw, 0577), 0);
    g_autoptr(Card) card = list_by(dir, &copies);
    const CardShot *first = card->shots->pdata[0], *second = card->shots->pdata[1];
    assert_true(file_of(card, "DCIM/IMG_1.CR3")->is_protected);
    assert_false(file_of(card, "DCIM/IMG_1.JPG")->is_protected);
    assert_true(first->is_protected);
    assert_false(second->is_protected);
    check_rmdir(dir);
}

static void time_and_size_are_those_of_the_file_system(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *path = g_build_filename(dir, "a.jpg", NULL);
    const struct timespec times[] = { { 0, UTIME_OMIT }, { -5, 7 } };

    (void) state;
    check_write(dir, "a.jpg", "four");
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    g_autoptr(Card) card = list_by(dir, &copies);
    assert_int_equal(file_of(card, "a.jpg")->size, 4);
    assert_int_equal(file_of(card, "a.jpg")->mtime_ns, INT64_C(-5000000000) + 7);
    check_rmdir(dir);
}

/* Root reads everything: as another user. */
static Card *list_as_a_user(const char *root)
{
    uid_t user = geteuid();

    assert_int_equal(chmod(root, 0755), 0);
    if (user == 0)
        assert_int_equal(seteuid(65534), 0);
    Card *card = list_by(root, &copies);
    assert_int_equal(seteuid(user), 0);
    return card;
}

/* Of the second one the names can be read, and nothing else. Another user has to get there, which
 * TMPDIR may not let him. */
static void a_directory_that_cannot_be_listed_is_not_forgotten(void **state)
{
    static const char *const paths[] = { "DCIM/102", "DCIM/101", "lost+found" };
    static const mode_t modes[] = { 0, 0444, 0 };
    char *dir = check_mkdir_on_disk();

    (void) state;
    check_write(dir, "DCIM/100/IMG_1.JPG", "x");
    check_write(dir, "DCIM/101/IMG_1.JPG", "x");
    check_write(dir, "DCIM/102/IMG_1.JPG", "x");
    check_write(dir, "lost+found/#12", "x");
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *path = g_build_filename(dir, paths[i], NULL);
        assert_int_equal(chmod(path, modes[i]), 0);
    }
    g_autoptr(Card) card = list_as_a_user(dir);
    g_autofree char *errors = check_error_lines(card->unreadable);
    assert_non_null(strstr(errors, "cannot read 'DCIM/102': Permission denied;"));
    assert_non_null(strstr(errors, "cannot read 'DCIM/101/IMG_1.JPG': Permission denied;"));
    assert_int_equal(card->unreadable->len, 2);
    assert_int_equal(ignored(card, "in 'lost+found', which only root can read"), 1);
    assert_files(card, "DCIM/100/IMG_1.JPG\n");
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *path = g_build_filename(dir, paths[i], NULL);
        assert_int_equal(chmod(path, 0700), 0);
    }
    check_rmdir(dir);
}

static void a_root_that_is_not_there_is_an_error_of_the_environment(void **state)
{
    g_autoptr(Error) error = NULL;
    Card *card = NULL;

    (void) state;
    assert_false(card_list("/nonexistent/card", NULL, &copies, &card, &error));
    assert_int_equal(error->kind, ERROR_ENVIRONMENT);
    assert_null(card);
}

static void twenty_thousand_files_are_in_one_directory(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *dcim = g_build_filename(dir, "DCIM", NULL);
    char name[32];

    (void) state;
    assert_int_equal(mkdir(dcim, 0700), 0);
    int at = open(dcim, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < 20000; i++) {
        g_snprintf(name, sizeof(name), "%05d.%s", i / 2, i % 2 ? "JPG" : "NEF");
        close(openat(at, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    }
    close(at);
    g_autoptr(Card) card = list_by(dir, &copies);
    assert_int_equal(card->files->len, 20000);
    assert_int_equal(card->shots->len, 10000);
    check_rmdir(dir);
}

/* Our file systems know the end of a directory: a broken one gives an entry again and again. */
static bool is_endless;

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): of the linker */
struct dirent64 *__real_readdir64(DIR *dir);
struct dirent64 *__wrap_readdir64(DIR *dir);
struct dirent64 *__wrap_readdir64(DIR *dir)
{
    static struct dirent64 again = { .d_name = "." };

    return is_endless ? &again : __real_readdir64(dir);
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static void is_no_card(const char *dir, const char *said)
{
    g_autoptr(Error) error = NULL;
    Card *card = NULL;

    assert_false(card_list(dir, NULL, &copies, &card, &error));
    assert_null(card);
    assert_int_equal(error->kind, ERROR_CONFIG);
    assert_non_null(strstr(error->what, said));
}

static void a_directory_without_an_end_is_no_card(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    is_endless = true;
    is_no_card(dir, "' is no card: it has more than 1000000 files and directories");
    is_endless = false;
    check_rmdir(dir);
}

static void directories_without_an_end_are_no_card(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *way = g_strdup("DCIM");

    (void) state;
    for (int i = 1; i < 50; i++) {
        char *deeper = g_strconcat(way, "/DCIM", NULL);
        g_free(way);
        way = deeper;
    }
    g_autofree char *file = g_strconcat(way, "/A.JPG", NULL);
    g_autofree char *deeper = g_strconcat(way, "/DCIM/B.JPG", NULL);
    check_write(dir, file, "x");
    g_autoptr(Card) card = list_by(dir, &copies);
    assert_int_equal(card->files->len, 1);
    check_write(dir, deeper, "x");
    is_no_card(dir, "more than 50 directories lie in each other, at 'DCIM/DCIM/");
    check_rmdir(dir);
}

static void a_card_of_a_camera_has_one_of_its_directories(void **state)
{
    static const char *const paths[] = { "DCIM/a", "dcim/a", "PRIVATE/a", "MP_ROOT/a", "M4ROOT/a" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
        char *dir = check_mkdir();
        assert_false(card_is_of_camera(dir));
        check_write(dir, "Photos/DCIM/a", "x");
        assert_false(card_is_of_camera(dir));
        check_write(dir, paths[i], "x");
        assert_true(card_is_of_camera(dir));
        check_rmdir(dir);
    }
    char *dir = check_mkdir();
    check_write(dir, "DCIM", "a file");
    assert_false(card_is_of_camera(dir));
    assert_false(card_is_of_camera("/nonexistent"));
    check_rmdir(dir);
}

static void what_is_left_is_listed_and_not_copied(void **state)
{
    char *dir = check_mkdir();

    (void) state;
    check_write(dir, "DCIM/IMG_1.HEIC", "xx");
    check_write(dir, "DCIM/IMG_1.MOV", "xx");
    check_write(dir, "DCIM/IMG_2.MOV", "x");
    check_write(dir, "DCIM/IMG_2.THM", "x");
    check_write(dir, "DCIM/IMG_3.CR3", "xx");
    check_write(dir, "DCIM/note.txt", "x");
    g_autoptr(Card) card = list_by(dir, &leaves);
    assert_int_equal(card->files->len, 6);
    assert_int_equal(card->shots->len, 2);
    assert_int_equal(card->bytes, 6);
    assert_false(file_of(card, "DCIM/IMG_1.MOV")->is_left);
    assert_true(file_of(card, "DCIM/IMG_2.MOV")->is_left);
    assert_true(file_of(card, "DCIM/IMG_2.THM")->is_left);
    assert_true(file_of(card, "DCIM/note.txt")->is_left);
    assert_null(file_of(card, "DCIM/note.txt")->shot);
    check_rmdir(dir);
}

static void what_is_new_is_named(void **state)
{
    char *dir = check_mkdir();
    g_autofree char *last = g_build_filename(dir, "DCIM/c.jpg", NULL);

    (void) state;
    check_write(dir, "DCIM/b.jpg", "x");
    check_write(dir, "DCIM/c.jpg", "x");
    g_autoptr(Card) before = list_by(dir, &copies);
    assert_null(card_first_new(before, before));
    check_write(dir, "DCIM/a.jpg", "x");
    g_autoptr(Card) more = list_by(dir, &copies);
    assert_string_equal(card_first_new(before, more), "DCIM/a.jpg");
    assert_null(card_first_new(more, before)); /* gone is not new */
    assert_true(before->listing != more->listing);
    check_write(dir, "DCIM/c.jpg", "longer");
    g_autoptr(Card) longer = list_by(dir, &copies);
    assert_string_equal(card_first_new(more, longer), "DCIM/c.jpg");
    const struct timespec times[] = { { 0, UTIME_OMIT }, { 5, 0 } };
    assert_int_equal(utimensat(AT_FDCWD, last, times, 0), 0);
    g_autoptr(Card) older = list_by(dir, &copies);
    assert_string_equal(card_first_new(longer, older), "DCIM/c.jpg");
    check_rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_files_are_listed_by_path),
        cmocka_unit_test(what_systems_leave_is_counted_file_by_file),
        cmocka_unit_test(nomedia_hides_no_album_of_dcim),
        cmocka_unit_test(links_and_special_files_are_counted_and_never_followed),
        cmocka_unit_test(names_are_bytes),
        cmocka_unit_test(a_file_whose_owner_may_not_write_it_is_protected),
        cmocka_unit_test(time_and_size_are_those_of_the_file_system),
        cmocka_unit_test(a_directory_that_cannot_be_listed_is_not_forgotten),
        cmocka_unit_test(a_root_that_is_not_there_is_an_error_of_the_environment),
        cmocka_unit_test(twenty_thousand_files_are_in_one_directory),
        cmocka_unit_test(a_directory_without_an_end_is_no_card),
        cmocka_unit_test(directories_without_an_end_are_no_card),
        cmocka_unit_test(a_card_of_a_camera_has_one_of_its_directories),
        cmocka_unit_test(what_is_left_is_listed_and_not_copied),
        cmocka_unit_test(what_is_new_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
