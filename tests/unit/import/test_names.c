/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* names.c with a real worker, on small files of every kind that lie on cards. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/import/names.h"
#include "daemon/settings/imports_document.h"
#include "tests/unit/check.h"
#include "tests/unit/sample.h"

/* ---- what a camera writes ---- */

typedef struct Taken {
    const char *make, *model, *date, *subsec, *offset, *serial, *owner;
    int rating;
} Taken;

enum { ASCII = 2, SHORT = 3, LONG = 4 };

static void put16(GByteArray *out, unsigned value)
{
    const guint8 bytes[] = { (guint8) value, (guint8) (value >> 8) };

    g_byte_array_append(out, bytes, sizeof(bytes));
}

static void put32(GByteArray *out, unsigned value)
{
    put16(out, value & 0xffff);
    put16(out, value >> 16);
}

typedef struct Entry {
    unsigned tag;
    const char *text; /* NULL: the number */
    unsigned number;
} Entry;

/* A directory at offset `at`, its texts behind it. */
static void put_directory(GByteArray *out, const Entry *entries, size_t count)
{
    size_t said = 0;

    for (size_t i = 0; i < count; i++)
        said += entries[i].text || entries[i].number;
    unsigned behind = out->len + 2 + 12 * (unsigned) said + 4;
    g_autoptr(GByteArray) texts = g_byte_array_new();
    put16(out, (unsigned) said);
    for (size_t i = 0; i < count; i++) {
        const Entry *entry = &entries[i];
        unsigned length = entry->text ? (unsigned) strlen(entry->text) + 1 : 1;
        if (!entry->text && !entry->number)
            continue;
        put16(out, entry->tag);
        put16(out, entry->text ? ASCII : LONG);
        put32(out, length);
        if (entry->text && length <= 4) {
            guint8 inside[4] = { 0 };
            memcpy(inside, entry->text, length);
            g_byte_array_append(out, inside, 4);
            continue;
        }
        put32(out, entry->text ? behind + texts->len : entry->number);
        if (entry->text)
            g_byte_array_append(texts, (const guint8 *) entry->text, length);
    }
    put32(out, 0);
    g_byte_array_append(out, texts->data, texts->len);
}

static GByteArray *tiff_of(const Taken *taken)
{
    GByteArray *out = g_byte_array_new();
    const Entry photo[] = { { 0x9003, taken->date, 0 },
                            { 0x9011, taken->offset, 0 },
                            { 0x9291, taken->subsec, 0 },
                            { 0xa430, taken->owner, 0 },
                            { 0xa431, taken->serial, 0 } };

    g_byte_array_append(out, (const guint8 *) "II*\0\0\0\0\0", 8);
    unsigned at = out->len;
    put_directory(out, photo, G_N_ELEMENTS(photo));
    unsigned main_at = out->len;
    const Entry main[] = { { 0x010f, taken->make, 0 },
                           { 0x0110, taken->model, 0 },
                           { 0x4746, NULL, (unsigned) taken->rating },
                           { 0x8769, NULL, at } };
    put_directory(out, main, G_N_ELEMENTS(main));
    for (int i = 0; i < 4; i++)
        out->data[4 + i] = (guint8) (main_at >> (8 * i));
    return out;
}

static GByteArray *jpeg_of(const Taken *taken)
{
    g_autoptr(GByteArray) tiff = tiff_of(taken), plain = sample_jpeg();
    GByteArray *out = g_byte_array_new();
    unsigned length = tiff->len + 8;
    const guint8 head[] = { 0xff, 0xd8, 0xff, 0xe1, (guint8) (length >> 8), (guint8) length };

    g_byte_array_append(out, head, sizeof(head));
    g_byte_array_append(out, (const guint8 *) "Exif\0\0", 6);
    g_byte_array_append(out, tiff->data, tiff->len);
    g_byte_array_append(out, plain->data + 2, plain->len - 2);
    return out;
}

static int file_with(const void *bytes, size_t length)
{
    int fd = memfd_create("file", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    return fd;
}

/* Of a test that frees none of it. */
#define OWN(text) ((char *) (uintptr_t) (text))

/* ---- an import, and a card's shots ---- */

typedef struct Bench {
    Settings *settings;
    Import *import;
    Namer *namer;
} Bench;

static const NameWords words = { "EOS_DIGITAL", "Smith wedding" };

static Bench bench_new(const char *name, const char *when, int day_starts, const NameWords *said)
{
    Bench bench = { .settings = settings_new("hotfolder.conf") };
    Camera camera = { OWN("Z9-A"), OWN("6001234"),        OWN("+1min 12s"),
                      OWN("Ann"),  OWN("hotfolder.conf"), 20 };
    Camera other = { OWN("Z9-B"), OWN("6005678"), NULL, NULL, NULL, 0 };
    g_autoptr(GPtrArray) imports = g_ptr_array_new(), cameras = g_ptr_array_new();

    bench.import = g_new0(Import, 1);
    *bench.import = (Import){ .name = OWN("cards \"1\""),
                              .pattern = g_strdup(name),
                              .when = g_strdup(when),
                              .day_starts = day_starts,
                              .file = OWN("hotfolder.conf"),
                              .line = 12 };
    g_ptr_array_add(imports, bench.import);
    g_ptr_array_add(cameras, &camera);
    g_ptr_array_add(cameras, &other);
    bench.settings->profiles_text = imports_document(imports, cameras);
    bench.namer = namer_new(bench.settings, bench.import, said);
    return bench;
}

static void bench_clear(Bench *bench)
{
    namer_free(bench->namer);
    settings_unref(bench->settings);
    g_free(bench->import->pattern);
    g_free(bench->import->when);
    g_free(bench->import);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

typedef struct Shot {
    CardFile file;
    CardShot shot;
    int fd;
} Shot;

static void shot_begin(Shot *shot, const char *path, const void *bytes, size_t length)
{
    *shot = (Shot){ .file = { .path = OWN(path),
                              .size = (int64_t) length,
                              .mtime_ns = INT64_C(86400) * 1000000000,
                              .kind = shot_kind(path) },
                    .fd = bytes ? file_with(bytes, length) : -1 };
    shot->shot.files = g_ptr_array_new();
    shot->file.shot = &shot->shot;
    g_ptr_array_add(shot->shot.files, &shot->file);
}

static void shot_end(Shot *shot)
{
    ShotFacts *said = &shot->shot.facts;

    g_ptr_array_unref(shot->shot.files);
    g_free(shot->shot.stem);
    g_free(said->taken), g_free(said->corrected), g_free(said->camera);
    g_free(said->serial), g_free(said->note);
    if (shot->fd >= 0)
        close(shot->fd);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shot, shot_end)

static void read_and_name(Bench *bench, Shot *shot)
{
    g_autoptr(Error) error = NULL;

    assert_ok(namer_read(bench->namer, &shot->shot, shot->fd, -1, &error), error);
    assert_ok(namer_name(bench->namer, &shot->shot, shot->fd, -1, &error), error);
}

static const char by_day[] = "{day:%Y/%Y-%m-%d|undated}/{camera}-{shot}.{ext}";

static const Taken nikon = { .make = "NIKON CORPORATION",
                             .model = "NIKON Z 9",
                             .date = "2024:05:01 12:00:00",
                             .subsec = "05",
                             .offset = "+02:00",
                             .serial = "3002217",
                             .owner = "Jo",
                             .rating = 4 };

static void a_photo_is_called_by_its_day_camera_and_number(void **state)
{
    g_auto(Bench) bench = bench_new(by_day, NULL, 0, &words);
    g_autoptr(GByteArray) jpeg = jpeg_of(&nikon);
    g_auto(Shot) shot = { 0 };

    (void) state;
    shot_begin(&shot, "DCIM/100NCZ_9/DSC_0123.JPG", jpeg->data, jpeg->len);
    read_and_name(&bench, &shot);
    assert_string_equal(shot.shot.stem, "2024/2024-05-01/NIKON Z 9-0123");
    const ShotFacts *said = &shot.shot.facts;
    assert_true(said->is_read && said->is_dated && said->is_zoned);
    assert_int_equal(said->taken_s, 1714564800);
    assert_int_equal(said->subsec_ns, 50000000);
    assert_int_equal(said->offset_s, 7200);
    assert_string_equal(said->taken, "2024-05-01 12:00:00.05+02:00");
    assert_null(said->corrected);
    assert_int_equal(said->rating, 4);
    assert_string_equal(said->camera, "NIKON Z 9");
    assert_string_equal(said->serial, "3002217");
    assert_null(said->note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_photo_is_called_by_its_day_camera_and_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
