/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies are read again years later: what is missing or changed is named, with a copy that is still
 * right, as far as the catalog knows one. */
#include "daemon/import/import.h"
#include "daemon/import/manifest.h"
#include "tests/unit/check.h"

typedef struct Archive {
    char *dir, *one, *two, *card, *state; /* two destinations, a card, the catalog */
    GString *said;                        /* a line for each file that is wrong */
    int64_t files, wrong, seen;
    Error *error;
} Archive;

static int set_up(void **state)
{
    Archive *archive = g_new0(Archive, 1);

    archive->dir = check_mkdir();
    archive->one = g_build_filename(archive->dir, "one", NULL);
    archive->two = g_build_filename(archive->dir, "two", NULL);
    archive->card = g_build_filename(archive->dir, "card", NULL);
    archive->state = g_build_filename(archive->dir, "state", NULL);
    archive->said = g_string_new(NULL);
    *state = archive;
    return 0;
}

static int tear_down(void **state)
{
    Archive *archive = *state;

    g_string_free(archive->said, TRUE);
    error_free(archive->error);
    g_free(archive->one);
    g_free(archive->two);
    g_free(archive->card);
    g_free(archive->state);
    check_rmdir(archive->dir);
    g_free(archive);
    return 0;
}

/* ---- what was imported ---- */

static Content content_of(const char *text)
{
    g_autoptr(ContentReader) digests = content_reader_new(CONTENT_MD5 | CONTENT_SHA256);
    Content content;

    content_add(digests, text, strlen(text));
    content_end(digests, &content);
    return content;
}

static Catalog *open_catalog(Archive *archive)
{
    Catalog *catalog = NULL;

    assert_ok(catalog_open(archive->state, false, &catalog, &archive->error), archive->error);
    return catalog;
}

/* A copy of a text in both destinations, which the catalog knows. */
static void copy_to_both(Archive *archive, const char *name, const char *text)
{
    g_autoptr(Catalog) catalog = open_catalog(archive);
    const Content content = content_of(text);

    check_write(archive->one, name, text);
    check_write(archive->two, name, text);
    assert_ok(catalog_add_copy(catalog, &content, archive->one, name, &archive->error),
              archive->error);
    assert_ok(catalog_add_copy(catalog, &content, archive->two, name, &archive->error),
              archive->error);
    assert_ok(catalog_flush(catalog, &archive->error), archive->error);
}

static void write_manifest(Archive *archive, ImportManifest kind, const char *name,
                           const char *text)
{
    g_autoptr(Medium) medium = NULL;
    g_autofree char *path = NULL;
    Content content = content_of(text);
    const ManifestFile file = { .name = name, .content = &content };
    const Manifest manifest = { kind, "CARD", 0, &file, 1, "", NULL };

    assert_ok(medium_of_path(archive->one, &medium, &archive->error), archive->error);
    assert_ok(manifest_write(archive->one, medium, &manifest, &path, &archive->error),
              archive->error);
}

/* ---- verifying ---- */

static void take_progress(void *user, int64_t files, int64_t bytes)
{
    Archive *archive = user;

    assert_true(bytes >= 0);
    archive->seen = files;
}

static void take_wrong(void *user, const char *name, const char *what, const char *disk,
                       const char *right)
{
    Archive *archive = user;

    assert_true(*disk);
    g_string_append_printf(archive->said, "%s: %s; %s\n", name, what,
                           right ? right + strlen(archive->dir) : "-");
}

static bool verify(Archive *archive, const char *directory)
{
    const VerifyReporter reporter = { archive, take_progress, take_wrong };

    g_string_truncate(archive->said, 0);
    return import_verify(directory, archive->state, &reporter, &archive->files, &archive->wrong,
                         &archive->error);
}

static void assert_said(Archive *archive, const char *directory, int64_t files,
                        const char *expected)
{
    assert_ok(verify(archive, directory), archive->error);
    assert_string_equal(archive->said->str, expected);
    assert_int_equal(archive->files, files);
    assert_int_equal(archive->wrong != 0, *expected != '\0');
}

static void a_manifest_is_enough(void **state)
{
    Archive *archive = *state;

    check_write(archive->one, "a.jpg", "one");
    write_manifest(archive, IMPORT_MANIFEST_ASCMHL, "a.jpg", "one");
    assert_said(archive, archive->one, 1, "");
    assert_int_equal(archive->seen, 1);
    check_write(archive->one, "a.jpg", "two");
    assert_said(archive, archive->one, 1, "a.jpg: another content; -\n");
    check_write(archive->one, "a.jpg", "three");
    assert_said(archive, archive->one, 1, "a.jpg: another content: 5 bytes instead of 3; -\n");
}

static void the_copy_that_is_right_is_named(void **state)
{
    Archive *archive = *state;

    copy_to_both(archive, "a.jpg", "one");
    write_manifest(archive, IMPORT_MANIFEST_SHA256, "a.jpg", "one");
    assert_said(archive, archive->one, 1, "");
    check_write(archive->one, "a.jpg", "0ne");
    assert_said(archive, archive->one, 1, "a.jpg: another content; /two/a.jpg\n");
    check_write(archive->two, "a.jpg", "0ne");
    assert_said(archive, archive->one, 1, "a.jpg: another content; -\n");
}

static void a_missing_file_is_found_by_its_manifest(void **state)
{
    Archive *archive = *state;
    g_autofree char *path = g_build_filename(archive->one, "a.jpg", NULL);

    copy_to_both(archive, "a.jpg", "one");
    write_manifest(archive, IMPORT_MANIFEST_ASCMHL, "a.jpg", "one");
    assert_int_equal(unlink(path), 0);
    assert_said(archive, archive->one, 1, "a.jpg: missing; /two/a.jpg\n");
}

static void a_destination_without_a_manifest_is_known_to_the_catalog(void **state)
{
    Archive *archive = *state;

    copy_to_both(archive, "a.jpg", "one");
    copy_to_both(archive, "b.jpg", "two");
    assert_said(archive, archive->two, 2, "");
    check_write(archive->two, "b.jpg", "2wo");
    assert_said(archive, archive->two, 2, "b.jpg: another content; /one/b.jpg\n");
}

/* Records the card as it is. */
static void import_card(Archive *archive)
{
    g_autoptr(Catalog) catalog = open_catalog(archive);
    g_autoptr(Card) card = NULL;
    const Import everything = { .other = IMPORT_OTHER_COPY };
    const char *const to[] = { archive->one, NULL };
    CardRecord *record = NULL;
    Medium *medium = NULL;
    bool known = true;

    assert_ok(medium_of_path(archive->card, &medium, &archive->error), archive->error);
    assert_ok(card_list(archive->card, medium, &everything, &card, &archive->error),
              archive->error);
    assert_ok(catalog_find(catalog, card, "cards", to, &record, &known, &archive->error),
              archive->error);
    for (guint i = 0; i < card->files->len; i++) {
        const CardFile *file = card->files->pdata[i];
        g_autofree char *text = check_read(archive->card, file->path);
        const Content content = content_of(text);
        assert_ok(catalog_add_file(catalog, record->id, file, &content, 1, &archive->error),
                  archive->error);
    }
    assert_ok(catalog_flush(catalog, &archive->error), archive->error);
    card_record_free(record);
}

/* A byte of a file that keeps its size and time. */
static void rot(const char *dir, const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    struct stat st;

    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(pwrite(fd, "X", 1, 1), 1);
    const struct timespec times[] = { st.st_atim, st.st_mtim };
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static void a_card_is_compared_with_what_was_read_of_it(void **state)
{
    Archive *archive = *state;

    check_write(archive->card, "DCIM/100/a.jpg", "one");
    check_write(archive->card, "DCIM/100/b.jpg", "two");
    copy_to_both(archive, "2024/b.jpg", "two");
    import_card(archive);
    assert_said(archive, archive->card, 2, "");
    rot(archive->card, "DCIM/100/b.jpg");
    check_write(archive->card, "DCIM/100/c.jpg", "three");
    assert_said(archive, archive->card, 3,
                "DCIM/100/b.jpg: another content; /one/2024/b.jpg\n"
                "DCIM/100/c.jpg: new, or changed: it was not imported; -\n");
}

static void a_directory_that_is_not_known_is_an_error(void **state)
{
    Archive *archive = *state;

    check_write(archive->card, "DCIM/100/a.jpg", "one");
    assert_false(verify(archive, archive->card));
    assert_int_equal(archive->error->kind, ERROR_CONFIG);
    g_clear_pointer(&archive->error, error_free);
    copy_to_both(archive, "a.jpg", "one");
    assert_false(verify(archive, archive->card));
    assert_int_equal(archive->error->kind, ERROR_CONFIG);
}

#define OF_ARCHIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_ARCHIVE(a_manifest_is_enough),
        OF_ARCHIVE(the_copy_that_is_right_is_named),
        OF_ARCHIVE(a_missing_file_is_found_by_its_manifest),
        OF_ARCHIVE(a_destination_without_a_manifest_is_known_to_the_catalog),
        OF_ARCHIVE(a_card_is_compared_with_what_was_read_of_it),
        OF_ARCHIVE(a_directory_that_is_not_known_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
