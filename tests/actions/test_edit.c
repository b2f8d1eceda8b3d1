/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What edits make of EXIF, IPTC and XMP, and what they leave as it is. */
#include <string.h>

#include "actions/exif.h"
#include "actions/iptc.h"
#include "actions/metadata_edit.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

#define PACKET(properties)                                                                         \
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "                                                \
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "       \
    "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:my='http://example.com/my/' "                  \
    "xmlns:dc='http://purl.org/dc/elements/1.1/' xmp:Label='red' my:own='mine'>" properties        \
    "</rdf:Description></rdf:RDF></x:xmpmeta>"

static const char old_xmp[] =
    PACKET("<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>old</rdf:li><rdf:li "
           "xml:lang='de'>alt</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag>"
           "<rdf:li>sea &amp; sky</rdf:li></rdf:Bag></dc:subject>");
static const char latin_iptc[] = "\x1c\x02\x05\0\x03old"
                                 "\x1c\x02\x50\0\x05"
                                 "M\xfcler";
/* Model, and the Exif IFD with maker notes at 74 that name a byte of their own at 90. */
static const unsigned char old_exif[] = {
    'I', 'I', 42,  0,   8,    0,    0,    0,    2,    0,    0x10, 1,   2,   0,   4,   0,
    0,   0,   'C', 'a', 'm',  0,    0x69, 0x87, 4,    0,    1,    0,   0,   0,   38,  0,
    0,   0,   0,   0,   0,    0,    2,    0,    0x03, 0x90, 2,    0,   20,  0,   0,   0,
    92,  0,   0,   0,   0x7c, 0x92, 7,    0,    24,   0,    0,    0,   68,  0,   0,   0,
    0,   0,   0,   0,   'M',  'a',  'k',  'e',  'r',  0,    90,   0,   0,   0,   1,   2,
    3,   4,   5,   6,   7,    8,    9,    10,   11,   12,   13,   14,  '2', '0', '2', '4',
    ':', '0', '5', ':', '0',  '1',  ' ',  '1',  '2',  ':',  '0',  '0', ':', '0', '0', 0
};
enum { NOTES = 68, NOTES_LENGTH = 24 };

typedef enum Said { NOTHING = 0, XMP = 1, IPTC = 2, EXIF = 4, ALL = 7 } Said;

static Metadata *of(unsigned said)
{
    MetadataBlocks blocks = {
        .xmp = said & XMP ? g_bytes_new(old_xmp, strlen(old_xmp)) : NULL,
        .iptc = said & IPTC ? g_bytes_new(latin_iptc, sizeof(latin_iptc) - 1) : NULL,
        .exif = said & EXIF ? g_bytes_new(old_exif, sizeof(old_exif)) : NULL,
    };

    return metadata_new(&blocks);
}

static const MetadataTag *tag_of(const char *name)
{
    g_autoptr(Error) err = NULL;
    const MetadataTag *tag = metadata_tag_find(name, &err);

    if (!tag)
        fail_msg("%s: %s", name, err->what);
    return tag;
}

/* Takes over `metadata`. */
static Metadata *with(Metadata *metadata, const char *name, const char *text)
{
    g_autoptr(Metadata) before = metadata;
    g_autoptr(MetadataEdit) edit = metadata_edit_new(before);
    g_autoptr(Error) err = NULL;

    if (!metadata_edit_set_text(edit, tag_of(name), text, &err))
        fail_msg("%s: %s", name, err->what);
    Metadata *after = metadata_edit_end(edit, &err);
    assert_non_null(after);
    return after;
}

static void says(Metadata *metadata, const char *name, const char *expected)
{
    g_autofree char *value = metadata_value(metadata, name);

    if (g_strcmp0(value, expected) != 0)
        fail_msg("%s is '%s', not '%s'", name, value ? value : "missing", expected);
}

static void tag_says(Metadata *metadata, const char *key, const char *expected)
{
    g_autofree char *value = metadata_text(metadata, key);

    if (g_strcmp0(value, expected) != 0)
        fail_msg("%s is '%s', not '%s'", key, value ? value : "missing", expected);
}

static void packet_has(Metadata *metadata, const char *part)
{
    GBytes *xmp = metadata_blocks(metadata)->xmp;
    g_autofree char *text = g_strndup(g_bytes_get_data(xmp, NULL), g_bytes_get_size(xmp));

    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static void a_picture_that_says_nothing_gets_xmp_alone(void **state)
{
    (void) state;
    g_autoptr(Metadata) metadata = with(of(NOTHING), "title", "D\u00fcne & <Meer>");

    says(metadata, "title", "D\u00fcne & <Meer>");
    assert_null(metadata_blocks(metadata)->exif);
    assert_null(metadata_blocks(metadata)->iptc);
}

static void what_xml_does_not_allow_gives_way(void **state)
{
    (void) state;
    g_autoptr(Metadata) metadata = with(of(NOTHING), "title", "a\x01\uFFFE\uFFFF\tb");

    packet_has(metadata, ">a \uFFFD\uFFFD\tb<");
}

static void an_empty_packet_says_nothing(void **state)
{
    MetadataBlocks blocks = { .xmp = g_bytes_new(NULL, 0) };
    (void) state;
    g_autoptr(Metadata) metadata = with(metadata_new(&blocks), "title", "new");

    says(metadata, "title", "new");
}

static void what_is_not_edited_stays(void **state)
{
    (void) state;
    g_autoptr(Metadata) metadata = with(of(ALL), "title", "new");

    packet_has(metadata, "my:own=\"mine\"");
    packet_has(metadata, "<rdf:li xml:lang=\"de\">alt</rdf:li>");
    says(metadata, "title", "new");
    says(metadata, "keywords", "sea & sky");
    says(metadata, "author", "M\u00fcler");
    g_auto(GStrv) iptc = metadata_dataset(metadata, IPTC_DATASET(2, 5));
    assert_string_equal(iptc[0], "new");
    gsize size = 0;
    const void *exif = g_bytes_get_data(metadata_blocks(metadata)->exif, &size);
    assert_int_equal(size, sizeof(old_exif));
    assert_memory_equal(exif, old_exif, sizeof(old_exif));
}

static void maker_notes_stay_where_they_are(void **state)
{
    (void) state;
    Metadata *metadata = of(EXIF);
    static const char *const rows[][2] = { { "exif.Artist", "J\u00fcrgen" },
                                           { "exif.LensModel", "50 mm, f/1.8" },
                                           { "exif.DateTimeOriginal", "2025-12-31T23:59:58" },
                                           { "exif.GPSLatitude", "50 48 59/2" },
                                           { "exif.GPSLatitudeRef", "N" },
                                           { "exif.ExposureTime", "1/250" },
                                           { "exif.FNumber", "2.8" },
                                           { "exif.UserComment", "Gr\u00fc\u00dfe" },
                                           { "exif.XPTitle", "D\u00fcne" } };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        metadata = with(metadata, rows[i][0], rows[i][1]);
    const unsigned char *exif = g_bytes_get_data(metadata_blocks(metadata)->exif, NULL);
    assert_memory_equal(exif + NOTES, old_exif + NOTES, NOTES_LENGTH);
    tag_says(metadata, "Exif.Image.Model", "Cam");
    tag_says(metadata, "Exif.Image.Artist", "J\u00fcrgen");
    tag_says(metadata, "Exif.Photo.LensModel", "50 mm, f/1.8");
    tag_says(metadata, "Exif.Photo.DateTimeOriginal", "2025:12:31 23:59:58");
    tag_says(metadata, "Exif.GPSInfo.GPSLatitude", "50/1 48/1 59/2");
    tag_says(metadata, "Exif.GPSInfo.GPSVersionID", "2 3 0 0");
    tag_says(metadata, "Exif.Photo.ExposureTime", "1/250");
    tag_says(metadata, "Exif.Photo.FNumber", "28/10");
    metadata_free(metadata);
}

static void many_edits_take_no_more_room_than_one(void **state)
{
    (void) state;
    Metadata *once = with(of(EXIF), "exif.Artist", "Jo");
    Metadata *often = metadata_ref(once);

    for (int i = 0; i < 100; i++) {
        often = with(often, "exif.LensModel", i & 1 ? "" : "a lens that is long enough");
        often = with(often, "exif.Artist", i & 1 ? "Jo" : "Somebody with a longer name");
    }
    assert_true(g_bytes_equal(metadata_blocks(once)->exif, metadata_blocks(often)->exif));
    metadata_free(once);
    metadata_free(often);
}

static void a_friendly_name_is_written_where_the_picture_has_it(void **state)
{
    (void) state;
    g_autoptr(Metadata) metadata = with(of(ALL), "author", "Ji\u0159\u00ed");

    tag_says(metadata, "Exif.Image.Artist", "Ji\u0159\u00ed");
    tag_says(metadata, "Xmp.dc.creator", "Ji\u0159\u00ed");
    g_auto(GStrv) iptc = metadata_dataset(metadata, IPTC_DATASET(2, 80));
    assert_string_equal(iptc[0], "Ji\u0159\u00ed");
}

static void lists_grow_without_repeating_and_an_empty_text_deletes(void **state)
{
    static const char *const more[] = { "dawn", "sea & sky", "", NULL };
    (void) state;
    g_autoptr(Metadata) before = of(XMP | IPTC);
    g_autoptr(MetadataEdit) edit = metadata_edit_new(before);
    g_autoptr(Error) err = NULL;

    assert_true(metadata_edit_append(edit, tag_of("keywords"), more, &err));
    assert_true(metadata_edit_set_text(edit, tag_of("title"), "", &err));
    g_autoptr(Metadata) metadata = metadata_edit_end(edit, &err);
    says(metadata, "keywords", "sea & sky, dawn");
    says(metadata, "title", NULL);
    says(before, "title", "old");
    g_auto(GStrv) title = metadata_dataset(metadata, IPTC_DATASET(2, 5));
    assert_null(title);
    assert_true(metadata_edits(metadata)->removes);
}

static void a_list_that_another_block_has_grows_in_every_block(void **state)
{
    static const char *const more[] = { "Ann", NULL };
    (void) state;
    g_autoptr(Metadata) before = with(of(XMP | IPTC | EXIF), "exif.Artist", "Bob");
    g_autoptr(MetadataEdit) edit = metadata_edit_new(before);
    g_autoptr(Error) err = NULL;

    assert_true(metadata_edit_append(edit, tag_of("author"), more, &err));
    g_autoptr(Metadata) metadata = metadata_edit_end(edit, &err);
    says(metadata, "author", "M\u00fcler, Ann");
    tag_says(metadata, "Exif.Image.Artist", "M\u00fcler; Ann");
    g_auto(GStrv) iptc = metadata_dataset(metadata, IPTC_DATASET(2, 80));
    assert_string_equal(iptc[0], "M\u00fcler");
    assert_string_equal(iptc[1], "Ann");
    assert_null(iptc[2]);
}

static void languages_and_fields_of_structures_are_written_alone(void **state)
{
    (void) state;
    Metadata *metadata = of(XMP);

    metadata = with(metadata, "title-de", "neu");
    metadata = with(metadata, "xmp.dc.description-fr-CA", "l'eau");
    metadata = with(metadata, "xmp.iptc.CreatorWorkEmail", "jo@example.com");
    metadata = with(metadata, "xmp.iptc.CreatorCity", "Brno");
    says(metadata, "title", "old");
    packet_has(metadata, "<rdf:li xml:lang=\"de\">neu</rdf:li>");
    packet_has(metadata, "xml:lang=\"fr-CA\"");
    tag_says(metadata, "Xmp.iptc.CreatorContactInfo/Iptc4xmpCore:CiEmailWork", "jo@example.com");
    tag_says(metadata, "Xmp.iptc.CreatorContactInfo/Iptc4xmpCore:CiAdrCity", "Brno");
    metadata_free(metadata);
}

static void a_long_text_stays_whole_in_xmp_and_leaves_exif(void **state)
{
    enum { LENGTH = 70000 };
    (void) state;
    g_autofree char *text = g_strnfill(LENGTH, 'x');
    g_autoptr(Metadata) metadata = with(of(IPTC | EXIF), "caption", text);
    g_auto(GStrv) iptc = metadata_dataset(metadata, IPTC_DATASET(2, 120));

    says(metadata, "caption", text);
    assert_int_equal(strlen(iptc[0]), 2000);
    tag_says(metadata, "Exif.Image.ImageDescription", NULL);
    g_autoptr(MetadataEdit) edit = metadata_edit_new(metadata);
    g_autoptr(Error) err = NULL;
    assert_true(metadata_edit_set_text(edit, tag_of("exif.ImageDescription"), text, &err));
    assert_null(metadata_edit_end(edit, &err));
    assert_non_null(strstr(err->what, "65527"));
}

static void what_no_tag_can_hold_is_refused(void **state)
{
    static const char *const names[] = { "titel", "exif.Orientation", "exif.Nonsense",
                                         "xmp.nonsense.title", "Exif.Canon.ModelID" };
    static const char *const values[][2] = { { "rating", "good" },
                                             { "exif.ISO", "70000" },
                                             { "exif.FNumber", "2,8 or so" },
                                             { "fnumber", "wide" } };
    (void) state;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(Error) err = NULL;
        if (metadata_tag_find(names[i], &err))
            fail_msg("%s was found", names[i]);
        assert_int_equal(err->kind, ERROR_CONFIG);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autoptr(Error) err = NULL;
        if (metadata_tag_check(tag_of(values[i][0]), values[i][1], &err))
            fail_msg("%s took %s", values[i][0], values[i][1]);
        assert_int_equal(err->kind, ERROR_PICTURE);
    }
}

int main(void)
{
    g_autoptr(Error) err = NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_that_says_nothing_gets_xmp_alone),
        cmocka_unit_test(what_xml_does_not_allow_gives_way),
        cmocka_unit_test(an_empty_packet_says_nothing),
        cmocka_unit_test(what_is_not_edited_stays),
        cmocka_unit_test(maker_notes_stay_where_they_are),
        cmocka_unit_test(many_edits_take_no_more_room_than_one),
        cmocka_unit_test(a_friendly_name_is_written_where_the_picture_has_it),
        cmocka_unit_test(lists_grow_without_repeating_and_an_empty_text_deletes),
        cmocka_unit_test(a_list_that_another_block_has_grows_in_every_block),
        cmocka_unit_test(languages_and_fields_of_structures_are_written_alone),
        cmocka_unit_test(a_long_text_stays_whole_in_xmp_and_leaves_exif),
        cmocka_unit_test(what_no_tag_can_hold_is_refused),
    };

    if (!libvips_start("test_edit", &err) || !metadata_start(&err))
        return 1;
    int failed = cmocka_run_group_tests_name("edit", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
