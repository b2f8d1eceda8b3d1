/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Manifests as other programs read them: sha256sum checks one kind; of ASC MHL the C4 identifiers
 * are those of Python, and generations of other programs are read and kept. */
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "daemon/import/manifest.h"
#include "daemon/import/mhl.h"
#include "tests/unit/check.h"

#define CARD "2024-05-01_EOS_1234-ABCD"

typedef struct Archive {
    char *dir;
    Medium *medium;
    Error *error;
} Archive;

static int set_up(void **state)
{
    Archive *archive = g_new0(Archive, 1);

    archive->dir = check_mkdir();
    assert_ok(medium_of_path(archive->dir, &archive->medium, &archive->error), archive->error);
    *state = archive;
    return 0;
}

static int tear_down(void **state)
{
    Archive *archive = *state;

    error_free(archive->error);
    medium_free(archive->medium);
    check_rmdir(archive->dir);
    g_free(archive);
    return 0;
}

/* ---- writing ---- */

/* A copy of this name and text. */
static Content copy_of(const Archive *archive, const char *name, const char *text)
{
    g_autoptr(ContentReader) digests = content_reader_new(CONTENT_MD5 | CONTENT_SHA256);
    Content content;

    check_write(archive->dir, name, text);
    content_add(digests, text, strlen(text));
    content_end(digests, &content);
    return content;
}

/* Makes copies ("name=text"; NULL ends them) and their manifest; its path, newly allocated. */
static char *write_card(Archive *archive, ImportManifest kind, const char *card,
                        const char *const *copies)
{
    g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(ManifestFile));
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    char *path = NULL;

    for (; *copies; copies++) {
        char *name = g_strdup(*copies), *text = strchr(name, '=');
        *text = '\0';
        Content *content = g_new(Content, 1);
        *content = copy_of(archive, name, text + 1);
        g_ptr_array_add(kept, name);
        g_ptr_array_add(kept, content);
        ManifestFile file = { .name = name,
                              .content = content,
                              .mtime_ns = G_GINT64_CONSTANT(1714557600123456789) };
        g_array_append_val(files, file);
    }
    const Manifest manifest = { kind,
                                card,
                                G_GINT64_CONSTANT(1714564800000),
                                (const ManifestFile *) (void *) files->data,
                                files->len,
                                "SAFE TO FORMAT\n",
                                NULL };
    assert_ok(manifest_write(archive->dir, archive->medium, &manifest, &path, &archive->error),
              archive->error);
    return path;
}

#define COPIES(...)                                                                                \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* ---- reading ---- */

static void add_line(void *user, const ManifestFile *file)
{
    g_string_append_printf(user, "%s %" G_GINT64_FORMAT " %.4s %.4s %.4s\n", file->name,
                           file->content->size, file->content->xxh128, file->content->md5,
                           file->content->sha256);
}

/* A line a file with its size and the first digits of its digests; newly allocated. */
static char *read_all(Archive *archive)
{
    GString *lines = g_string_new(NULL);

    assert_ok(manifest_read(archive->dir, add_line, lines, &archive->error), archive->error);
    return g_string_free(lines, FALSE);
}

static int run(const char *dir, const char *command)
{
    g_autofree char *text = g_strdup(command);
    char shell[] = "/bin/sh", option[] = "-c", *argv[] = { shell, option, text, NULL };
    int status = -1;

    assert_true(g_spawn_sync(dir, argv, NULL,
                             G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                             NULL, NULL, &status, NULL));
    return status;
}

/* ---- for sha256sum ---- */

static void sha256sum_accepts_every_name(void **state)
{
    Archive *archive = *state;
    g_autofree char *path =
        write_card(archive, IMPORT_MANIFEST_SHA256, CARD,
                   COPIES("2024/a b.jpg=one", "2024/back\\slash.jpg=two", "2024/line\nfeed.jpg=3",
                          "2024/return\r=4", "2024/\xff\xfe.jpg=5", " blank.jpg=6", "*.jpg=7"));
    g_autofree char *all = NULL;

    assert_string_equal(path, "_cards/" CARD "/SHA256SUMS");
    assert_int_equal(run(archive->dir, "sha256sum --strict -c _cards/*/SHA256SUMS"), 0);
    all = read_all(archive);
    assert_non_null(strstr(all, "2024/line\nfeed.jpg -1   4e07\n"));
    assert_non_null(strstr(all, "2024/back\\slash.jpg -1   3fc4\n"));
    assert_non_null(strstr(all, "2024/return\r -1   4b22\n"));
    check_write(archive->dir, "*.jpg", "changed");
    assert_int_not_equal(run(archive->dir, "sha256sum --strict -c _cards/*/SHA256SUMS"), 0);
}

static void a_card_that_comes_again_keeps_its_lines(void **state)
{
    Archive *archive = *state;
    g_autofree char *first =
        write_card(archive, IMPORT_MANIFEST_SHA256, CARD, COPIES("a.jpg=one", "b.jpg=two"));
    g_autofree char *second =
        write_card(archive, IMPORT_MANIFEST_SHA256, CARD, COPIES("b.jpg=new", "c.jpg=three"));
    g_autofree char *text = check_read(archive->dir, second);

    assert_string_equal(first, second);
    assert_int_equal(run(archive->dir, "sha256sum --strict -c _cards/*/SHA256SUMS"), 0);
    assert_int_equal(run(archive->dir, "test $(cat _cards/*/SHA256SUMS | wc -l) = 3"), 0);
    assert_non_null(strstr(text, "  a.jpg\n"));
}

static void a_report_is_written_without_a_manifest(void **state)
{
    Archive *archive = *state;
    g_autofree char *path = write_card(archive, IMPORT_MANIFEST_NONE, CARD, COPIES("a.jpg=one"));
    g_autofree char *report = check_read(archive->dir, "_cards/" CARD "/report.txt");

    assert_null(path);
    assert_string_equal(report, "SAFE TO FORMAT\n");
    assert_false(manifest_is_there(archive->dir));
    assert_false(manifest_read(archive->dir, add_line, NULL, &archive->error));
    assert_int_equal(archive->error->kind, ERROR_CONFIG);
}

/* ---- ASC MHL ---- */

static void each_card_is_a_generation(void **state)
{
    Archive *archive = *state;
    g_autofree char *first = write_card(archive, IMPORT_MANIFEST_ASCMHL, CARD,
                                        COPIES("a & <b>.jpg=one", "again.jpg=two"));
    g_autofree char *second = write_card(archive, IMPORT_MANIFEST_ASCMHL, "OTHER",
                                         COPIES("again.jpg=two", "changed.jpg=3"));
    g_autofree char *third =
        write_card(archive, IMPORT_MANIFEST_ASCMHL, "THIRD", COPIES("changed.jpg=4"));
    g_autofree char *one = check_read(archive->dir, first), *two = NULL, *three = NULL;
    g_autofree char *all = read_all(archive);

    two = check_read(archive->dir, second);
    three = check_read(archive->dir, third);
    assert_string_equal(first, "ascmhl/0001_" CARD "_2024-05-01_120000Z.mhl");
    assert_string_equal(second, "ascmhl/0002_OTHER_2024-05-01_120000Z.mhl");
    assert_non_null(strstr(one, ">a &amp; &lt;b&gt;.jpg</path>"));
    assert_non_null(strstr(one, "<md5 action=\"original\">f97c5d29941bfb1b2fdab0874906ab82</md5>"));
    assert_non_null(strstr(two, "<md5 action=\"verified\">b8a9f715dbb64fd5c56e7783c6820a61</md5>"));
    assert_non_null(strstr(two, "action=\"original\""));
    assert_non_null(strstr(three, "action=\"failed\""));
    assert_string_equal(all, "a & <b>.jpg 3 0a1c f97c \n"
                             "again.jpg 3 35d5 b8a9 \n"
                             "changed.jpg 1 4759 a87f \n");
    assert_int_equal(run(archive->dir, "test \"$(ls -A ascmhl | wc -l)\" = 4"), 0);
}

static void names_that_xml_cannot_say_keep_their_bytes(void **state)
{
    Archive *archive = *state;
    g_autofree char *path =
        write_card(archive, IMPORT_MANIFEST_ASCMHL, CARD,
                   COPIES("2024/\xff.jpg=one", "bell\a.jpg=two", "a\nb\r\tc=3", " x =4"));
    g_autofree char *text = check_read(archive->dir, path), *all = read_all(archive);

    assert_true(g_utf8_validate(text, -1, NULL));
    assert_non_null(strstr(text, ">2024/\xef\xbf\xbd.jpg</path>"));
    assert_non_null(strstr(all, "2024/\xff.jpg 3 "));
    assert_non_null(strstr(all, "bell\a.jpg 3 "));
    assert_non_null(strstr(all, "a\nb\r\tc 1 "));
    assert_non_null(strstr(all, " x  1 "));
}

/* The expected ones are of Python: hashlib.sha512, and base 58 by its integers. */
static void c4_is_that_of_others(void **state)
{
    g_autofree char *empty = mhl_c4("", 0), *abc = mhl_c4("abc", 3);

    (void) state;
    assert_string_equal(empty, "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hB"
                               "XmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT");
    assert_string_equal(abc, "c45S4rnaTNWonxss1u8LzsaJdEph1AJhWUF4sh2waXKMs"
                             "utyfAxg4ybUeuXVWS9HdNcEypmeXn8FZGonD4w1rj9DZp");
}

static void add_generation(const Archive *archive, const char *name, const char *body)
{
    g_autofree char *path = g_build_filename("ascmhl", name, NULL);
    g_autofree char *text = g_strdup_printf(
        "<?xml version=\"1.0\"?>\n<m:hashlist version=\"2.0\" xmlns:m=\"urn:ASC:MHL:v2.0\">%s"
        "</m:hashlist>\n",
        body);
    g_autofree char *c4 = mhl_c4(text, strlen(text));
    g_autofree char *chain = check_read(archive->dir, "ascmhl/" MHL_CHAIN);
    g_autofree char *longer = mhl_add_link(chain, mhl_number(name), name, c4);

    check_write(archive->dir, path, text);
    check_write(archive->dir, "ascmhl/" MHL_CHAIN, longer);
}

static void generations_of_other_programs_are_read_and_kept(void **state)
{
    Archive *archive = *state;
    g_autofree char *last = NULL, *text = NULL, *all = NULL;

    g_free(write_card(archive, IMPORT_MANIFEST_ASCMHL, CARD,
                      COPIES("a.jpg=one", "b.jpg=two", "c.jpg=3")));
    add_generation(
        archive, "0002_other.mhl",
        "<m:processinfo><m:process>in-place</m:process><m:roothash><m:content><m:md5>00</m:md5>"
        "</m:content></m:roothash><m:ignore><m:pattern>*.tmp</m:pattern></m:ignore>"
        "</m:processinfo><m:hashes>"
        "<m:hash><m:path>a.jpg</m:path><m:md5>f97c5d29941bfb1b2fdab0874906ab82</m:md5></m:hash>"
        "<m:hash><m:path>new.jpg</m:path><m:md5>b8a9f715dbb64fd5c56e7783c6820a61</m:md5>"
        "<m:previousPath>b.jpg</m:previousPath></m:hash>"
        "<m:hash><m:path>c.jpg</m:path><m:c4>c4x</m:c4></m:hash>"
        "<m:directoryhash><m:path>dir</m:path><m:content><m:md5>00</m:md5></m:content>"
        "</m:directoryhash></m:hashes>");
    last = write_card(archive, IMPORT_MANIFEST_ASCMHL, "NEXT", COPIES("d.jpg=four"));
    text = check_read(archive->dir, last);
    all = read_all(archive);
    assert_string_equal(last, "ascmhl/0003_NEXT_2024-05-01_120000Z.mhl");
    assert_non_null(strstr(text, "<pattern>*.tmp</pattern>"));
    assert_non_null(strstr(text, "<pattern>_cards</pattern>"));
    assert_string_equal(all, "a.jpg 3 0a1c f97c \n"
                             "c.jpg 1 5fcd eccb \n"
                             "d.jpg 4 8cb7 8cba \n"
                             "new.jpg -1  b8a9 \n");
}

static void assert_damaged(Archive *archive, const char *says)
{
    GString *lines = g_string_new(NULL);
    g_autofree char *text = NULL;

    assert_false(manifest_read(archive->dir, add_line, lines, &archive->error));
    text = error_text(archive->error);
    if (!strstr(text, says))
        print_error("%s\n", text);
    assert_non_null(strstr(text, says));
    g_clear_pointer(&archive->error, error_free);
    g_string_free(lines, TRUE);
}

static void damaged_manifests_are_named(void **state)
{
    Archive *archive = *state;
    g_autofree char *path = write_card(archive, IMPORT_MANIFEST_ASCMHL, CARD, COPIES("a.jpg=one"));
    g_autofree char *text = check_read(archive->dir, path), *file = NULL;

    file = g_build_filename(archive->dir, path, NULL);
    text[strlen(text) / 2] ^= 1;
    check_write(archive->dir, path, text);
    assert_damaged(archive, "0001_" CARD);
    assert_int_equal(unlink(file), 0);
    assert_damaged(archive, "is missing");
    check_write(archive->dir, "ascmhl/" MHL_CHAIN, "<ascmhldirectory>");
    assert_damaged(archive, MHL_CHAIN);
}

static void a_manifest_names_nothing_outside(void **state)
{
    Archive *archive = *state;

    add_generation(archive, "0001_x.mhl",
                   "<m:hashes><m:hash><m:path>../../etc/shadow</m:path><m:md5>00</m:md5></m:hash>"
                   "</m:hashes>");
    assert_damaged(archive, "'../../etc/shadow'");
}

/* ---- two imports at once ---- */

static gpointer write_ten(gpointer user)
{
    const Archive *archive = user;

    for (unsigned i = 0; i < 10; i++) {
        const Content content = { .size = 1, .xxh128 = "00", .md5 = "00" };
        const ManifestFile file = { .name = "a.jpg", .content = &content };
        const Manifest manifest = { IMPORT_MANIFEST_ASCMHL, CARD, 0, &file, 1, "", NULL };
        g_autoptr(Error) error = NULL;
        g_autofree char *path = NULL;
        if (!manifest_write(archive->dir, archive->medium, &manifest, &path, &error))
            return GINT_TO_POINTER(1);
    }
    return NULL;
}

static void imports_take_turns(void **state)
{
    Archive *archive = *state;
    GThread *threads[2] = { g_thread_new("one", write_ten, archive),
                            g_thread_new("two", write_ten, archive) };
    g_autofree char *chain = NULL;
    g_autoptr(GPtrArray) links = NULL;

    for (unsigned i = 0; i < G_N_ELEMENTS(threads); i++)
        assert_null(g_thread_join(threads[i]));
    chain = check_read(archive->dir, "ascmhl/" MHL_CHAIN);
    assert_ok(mhl_parse_chain(chain, strlen(chain), &links, &archive->error), archive->error);
    assert_int_equal(links->len, 20);
    for (guint i = 0; i < links->len; i++)
        assert_int_equal(((const MhlLink *) links->pdata[i])->number, i + 1);
    assert_int_equal(run(archive->dir, "test \"$(ls -A ascmhl | wc -l)\" = 21"), 0);
}

static int64_t passes_ms; /* of the clock, each time that it is asked */

/* NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming): of the linker */
int64_t __real_clock_ms(void);
int64_t __wrap_clock_ms(void);
int64_t __wrap_clock_ms(void)
{
    static int64_t passed_ms;

    if (passes_ms) /* no other thread is there then */
        passed_ms += passes_ms;
    return __real_clock_ms() + passed_ms;
}
/* NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming) */

static void assert_gets_no_turn(Archive *archive, int stop, const char *said)
{
    const volatile int flag = stop;
    const Manifest manifest = {
        .kind = IMPORT_MANIFEST_ASCMHL, .card = CARD, .report = "", .stop = &flag
    };
    g_autofree char *path = NULL;
    g_autoptr(Error) error = NULL;

    assert_false(manifest_write(archive->dir, archive->medium, &manifest, &path, &error));
    assert_non_null(strstr(error->what, said));
    assert_false(check_exists(archive->dir, "ascmhl/" MHL_CHAIN));
}

static void a_turn_that_does_not_come_is_not_waited_for_for_ever(void **state)
{
    Archive *archive = *state;

    check_write(archive->dir, "ascmhl/.hotfolder-lock", "");
    g_autofree char *path = g_build_filename(archive->dir, "ascmhl/.hotfolder-lock", NULL);
    int other = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(other, LOCK_EX), 0);
    assert_gets_no_turn(archive, 1, "the import was stopped");
    passes_ms = 50000;
    assert_gets_no_turn(archive, 0, "for two minutes");
    passes_ms = 0;
    close(other);
}

#define OF_ARCHIVE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_ARCHIVE(sha256sum_accepts_every_name),
        OF_ARCHIVE(a_card_that_comes_again_keeps_its_lines),
        OF_ARCHIVE(a_report_is_written_without_a_manifest),
        OF_ARCHIVE(each_card_is_a_generation),
        OF_ARCHIVE(names_that_xml_cannot_say_keep_their_bytes),
        cmocka_unit_test(c4_is_that_of_others),
        OF_ARCHIVE(generations_of_other_programs_are_read_and_kept),
        OF_ARCHIVE(damaged_manifests_are_named),
        OF_ARCHIVE(a_manifest_names_nothing_outside),
        OF_ARCHIVE(imports_take_turns),
        OF_ARCHIVE(a_turn_that_does_not_come_is_not_waited_for_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
