/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a picture says of itself: its dates and texts, in every form that programs write. */
#include <string.h>

#include "actions/metadata_taken.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

/* ---- dates ---- */

static void is_date(const char *text, const char *expected)
{
    g_autoptr(GDateTime) date = metadata_date(text);
    g_autofree char *shown = date ? g_date_time_format(date, "%F %T") : g_strdup("none");

    if (strcmp(shown, expected) != 0)
        fail_msg("'%s' was read as %s, not %s", text, shown, expected);
}

static void dates_are_read_in_every_form_that_programs_write(void **state)
{
    (void) state;
    is_date("2024:05:01 12:30:00", "2024-05-01 12:30:00");
    is_date("2024-05-01 12:30:00", "2024-05-01 12:30:00");
    is_date("2024/05/01 12:30:00", "2024-05-01 12:30:00");
    is_date("2024-05-01T23:30:00.75+02:00", "2024-05-01 23:30:00");
    is_date("2024-05-01T12:30Z", "2024-05-01 12:30:00");
    is_date("2024:5:1 9:05:00", "2024-05-01 09:05:00");
    is_date("20240501 123000+0200", "2024-05-01 12:30:00");
    is_date("20240501", "2024-05-01 00:00:00");
    is_date("2024-05", "2024-05-01 00:00:00");
    is_date("2024", "2024-01-01 00:00:00");
    is_date("19740000", "1974-01-01 00:00:00");
}

static void a_leap_second_is_a_time_and_nonsense_is_not_a_date(void **state)
{
    (void) state;
    is_date("2016:12:31 23:59:60", "2016-12-31 23:59:59");
    is_date("2018:02:03 99:00:00", "2018-02-03 00:00:00");
    is_date("2024:13:01 00:00:00", "none");
    is_date("2023:02:29 00:00:00", "none");
    is_date("2005:0?:03 15:31:45", "none");
    is_date("12:30", "none");
    is_date("yesterday", "none");
}

static void zeros_and_blanks_are_no_date(void **state)
{
    (void) state;
    is_date("0000:00:00 00:00:00", "none");
    is_date("    :  :     :  :  ", "none");
    is_date("", "none");
}

/* ---- texts ---- */

#define PACKET(properties)                                                                         \
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "                                                \
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "       \
    "xmlns:xmp='http://ns.adobe.com/xap/1.0/' "                                                    \
    "xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' "                                        \
    "xmlns:exif='http://ns.adobe.com/exif/1.0/' "                                                  \
    "xmlns:dc='http://purl.org/dc/elements/1.1/'>" properties                                      \
    "</rdf:Description></rdf:RDF></x:xmpmeta>"

static Metadata *of_blocks(const char *xmp, const char *iptc, size_t iptc_size)
{
    MetadataBlocks blocks = {
        .xmp = xmp ? g_bytes_new(xmp, strlen(xmp)) : NULL,
        .iptc = iptc ? g_bytes_new(iptc, iptc_size) : NULL,
    };

    return metadata_new(&blocks);
}

static void says(Metadata *metadata, const char *name, const char *expected)
{
    g_autofree char *value = metadata_value(metadata, name);

    if (g_strcmp0(value, expected) != 0)
        fail_msg("%s is '%s', not '%s'", name, value ? value : "missing", expected);
}

static void xmp_speaks_before_iptc_and_in_its_default_language(void **state)
{
    static const char iptc[] = "\x1c\x02\x78\0\x05"
                               "older"
                               "\x1c\x02\x50\0\x03"
                               "M\xfc";
    (void) state;
    g_autoptr(Metadata) metadata = of_blocks(
        PACKET("<dc:description><rdf:Alt><rdf:li xml:lang='de'>neuer</rdf:li><rdf:li "
               "xml:lang='x-default'>newer</rdf:li></rdf:Alt></dc:description><dc:subject><rdf:Bag>"
               "<rdf:li>sea</rdf:li><rdf:li>sky, blue</rdf:li></rdf:Bag></dc:subject>"),
        iptc, sizeof(iptc) - 1);

    says(metadata, "caption", "newer");
    says(metadata, "keywords", "sea, sky, blue");
    says(metadata, "title", NULL);
}

static void iptc_without_a_character_set_is_read_as_utf8_or_as_latin1(void **state)
{
    static const char latin[] = "\x1c\x02\x50\0\x05"
                                "M\xfcler";
    static const char utf8[] = "\x1c\x02\x50\0\x06"
                               "M\xc3\xbcler";
    (void) state;
    g_autoptr(Metadata) one = of_blocks(NULL, latin, sizeof(latin) - 1);
    g_autoptr(Metadata) other = of_blocks(NULL, utf8, sizeof(utf8) - 1);

    says(one, "author", "M\xc3\xbcler");
    says(other, "author", "M\xc3\xbcler");
}

static void iptc_is_read_in_the_character_set_that_its_block_says(void **state)
{
#define TEXTS                                                                                      \
    "\x1c\x02\x78\0\x05M\xc3\xbc\xe2\x82" /* the end has cut a character */                        \
    "\x1c\x02\x50\0\x02\xc3\xa4"
    static const char silent[] = TEXTS, utf8[] = "\x1c\x01\x5a\0\x03\x1b%G" TEXTS,
                      latin[] = "\x1c\x01\x5a\0\x03\x1b.A" TEXTS,
                      mixed[] = "\x1c\x02\x78\0\x04"
                                "Caf\xe9"
                                "\x1c\x02\x50\0\x02\xc3\xa4",
                      quoted[] = "\x1c\x02\x78\0\x03\x93x\x94";
    const struct {
        const char *block;
        size_t size;
        const char *caption, *author;
    } rows[] = {
        { silent, sizeof(silent) - 1, "M\xc3\xbc", "\xc3\xa4" },
        { utf8, sizeof(utf8) - 1, "M\xc3\xbc", "\xc3\xa4" },
        { latin, sizeof(latin) - 1, "M\u00c3\u00bc\u00e2\u201a", "\u00c3\u00a4" },
        { mixed, sizeof(mixed) - 1, "Caf\u00e9", "\u00c3\u00a4" },
        { quoted, sizeof(quoted) - 1, "\u201cx\u201d", NULL },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Metadata) metadata = of_blocks(NULL, rows[i].block, rows[i].size);
        says(metadata, "caption", rows[i].caption);
        says(metadata, "author", rows[i].author);
    }
#undef TEXTS
}

static void the_first_date_that_says_something_counts(void **state)
{
    static const char iptc[] = "\x1c\x02\x37\0\x08"
                               "20190807"
                               "\x1c\x02\x3c\0\x0b"
                               "060504+0100";
    (void) state;
    g_autoptr(Metadata) both =
        of_blocks(PACKET("<exif:DateTimeOriginal>0000-00-00T00:00:00</exif:DateTimeOriginal>"
                         "<photoshop:DateCreated> </photoshop:DateCreated>"
                         "<xmp:CreateDate>2020-01-02T03:04:05+09:00</xmp:CreateDate>"),
                  iptc, sizeof(iptc) - 1);
    g_autoptr(Metadata) iptc_only = of_blocks(NULL, iptc, sizeof(iptc) - 1);
    g_autoptr(Metadata) none = of_blocks(PACKET("<dc:format>image/jpeg</dc:format>"), NULL, 0);
    g_autoptr(GDateTime) of_both = metadata_taken(both);
    g_autoptr(GDateTime) of_iptc = metadata_taken(iptc_only);
    g_autofree char *xmp_text = g_date_time_format(of_both, "%F %T");
    g_autofree char *iptc_text = g_date_time_format(of_iptc, "%F %T");

    assert_string_equal(xmp_text, "2020-01-02 03:04:05");
    assert_string_equal(iptc_text, "2019-08-07 06:05:04");
    assert_null(metadata_taken(none));
}

/* Where the digest of IPTC says that it was changed after XMP was written. */
static void is_taken_with_newer_iptc(const char *iptc, size_t size, const char *expected)
{
    static const char xmp[] =
        PACKET("<photoshop:DateCreated>2020-01-02T03:04:05</photoshop:DateCreated>");
    MetadataBlocks blocks = {
        .xmp = g_bytes_new_static(xmp, sizeof(xmp) - 1),
        .iptc = g_bytes_new(iptc, size),
        .iptc_digest = { .said = true, .differs = true },
    };
    g_autoptr(Metadata) metadata = metadata_new(&blocks);
    g_autoptr(GDateTime) date = metadata_taken(metadata);
    g_autofree char *shown = g_date_time_format(date, "%F %T");

    assert_string_equal(shown, expected);
}

static void iptc_that_is_newer_gives_the_day_and_xmp_of_that_day_its_time(void **state)
{
    static const char same[] = "\x1c\x02\x37\0\x08"
                               "20200102";
    static const char other[] = "\x1c\x02\x37\0\x08"
                                "20200103";
    (void) state;
    is_taken_with_newer_iptc(same, sizeof(same) - 1, "2020-01-02 03:04:05");
    is_taken_with_newer_iptc(other, sizeof(other) - 1, "2020-01-03 00:00:00");
}

static void damaged_blocks_say_nothing_and_end_nothing(void **state)
{
    static const char iptc[] = "\x1c\x02\x78\xff\xff"
                               "cut";
    (void) state;
    MetadataBlocks blocks = {
        .exif = g_bytes_new_static("II*\0\xff\xff\xff\x7f\0\0\0\0\0\0", 14),
        .xmp = g_bytes_new_static("<x:xmpmeta", 10),
        .iptc = g_bytes_new_static(iptc, sizeof(iptc) - 1),
    };
    g_autoptr(Metadata) metadata = metadata_new(&blocks);

    static const char *const names[] = { "title", "caption", "author", "keywords", "iso" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        says(metadata, names[i], NULL);
    assert_null(metadata_taken(metadata));
}

static void a_damaged_block_does_not_silence_another_one(void **state)
{
    static const char packet[] =
        PACKET("<dc:subject><rdf:Bag><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>");
    /* its directory lies nowhere */
    static const char exif[] = "MM\0*\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    (void) state;
    MetadataBlocks blocks = {
        .exif = g_bytes_new_static(exif, sizeof(exif) - 1),
        .xmp = g_bytes_new_static(packet, sizeof(packet) - 1),
    };
    g_autoptr(Metadata) metadata = metadata_new(&blocks);

    says(metadata, "caption", NULL);
    says(metadata, "keywords", "sea");
}

static void what_lies_behind_a_packet_does_not_spoil_it(void **state)
{
    static const char text[] =
        PACKET("<dc:source>card 7</dc:source><dc:subject><rdf:Bag><rdf:li>sea"
               "</rdf:li></rdf:Bag></dc:subject>") "</rdf:RDF></x:xmpmeta>";
    (void) state;
    g_autoptr(Metadata) metadata = of_blocks(text, NULL, 0);

    says(metadata, "keywords", "sea");
}

static void the_smallest_block_is_read(void **state)
{
    static const char exif[] = "MM\0*\0\0\0\10\0\1\x01\x0e\0\2\0\0\0\4sea\0\0\0\0";
    (void) state;
    MetadataBlocks blocks = { .exif = g_bytes_new_static(exif, sizeof(exif) - 1) };
    g_autoptr(Metadata) metadata = metadata_new(&blocks);

    says(metadata, "caption", "sea");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read_in_every_form_that_programs_write),
        cmocka_unit_test(a_leap_second_is_a_time_and_nonsense_is_not_a_date),
        cmocka_unit_test(zeros_and_blanks_are_no_date),
        cmocka_unit_test(xmp_speaks_before_iptc_and_in_its_default_language),
        cmocka_unit_test(iptc_without_a_character_set_is_read_as_utf8_or_as_latin1),
        cmocka_unit_test(iptc_is_read_in_the_character_set_that_its_block_says),
        cmocka_unit_test(the_first_date_that_says_something_counts),
        cmocka_unit_test(iptc_that_is_newer_gives_the_day_and_xmp_of_that_day_its_time),
        cmocka_unit_test(damaged_blocks_say_nothing_and_end_nothing),
        cmocka_unit_test(a_damaged_block_does_not_silence_another_one),
        cmocka_unit_test(what_lies_behind_a_packet_does_not_spoil_it),
        cmocka_unit_test(the_smallest_block_is_read),
    };

    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_metadata", &error) || !metadata_start(&error))
        return 1;
    int failed = cmocka_run_group_tests_name("metadata", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
