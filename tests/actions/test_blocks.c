/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a level leaves of blocks that strangers wrote, and what it costs to read them. */
#include <malloc.h>
#include <string.h>

#include "actions/exif.h"
#include "actions/exif_tree.h"
#include "actions/metadata_levels.h"
#include "actions/xmp.h"
#include "tests/actions/check.h"

static const char *text_of(GBytes *bytes)
{
    static char text[4096];
    size_t size = 0;
    const void *from = bytes ? g_bytes_get_data(bytes, &size) : NULL;

    assert_true(size < sizeof(text));
    memset(text, 0, sizeof(text));
    if (from)
        memcpy(text, from, size);
    for (size_t i = 0; i < size; i++)
        text[i] = text[i] ? text[i] : '|';
    return text;
}

/* ---- texts of a PNG ---- */

static void add_text(GByteArray *to, const char *keyword)
{
    g_autofree char *value = g_strdup_printf("%s.value", keyword);
    unsigned length = (unsigned) (strlen(keyword) + 1 + strlen(value));
    uint32_t big = GUINT32_TO_BE(length), sum = 0;

    g_byte_array_append(to, (const guint8 *) &big, 4);
    g_byte_array_append(to, (const guint8 *) "tEXt", 4);
    g_byte_array_append(to, (const guint8 *) keyword, (guint) strlen(keyword) + 1);
    g_byte_array_append(to, (const guint8 *) value, (guint) strlen(value));
    g_byte_array_append(to, (const guint8 *) &sum, 4);
}

/* Whether the level keeps texts with exactly these of the keywords. */
static void keeps(MetadataLevel level, const char *kept)
{
    static const char *const keywords[] = { "Title",    "Location",   "Author",       "parameters",
                                            "Source",   "Copyright",  "author",       "Description",
                                            "Software", "Disclaimer", "Creation Time" };
    GByteArray *texts = g_byte_array_new();
    g_auto(MetadataBlocks) blocks = { 0 };

    for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++)
        add_text(texts, keywords[i]);
    blocks.png_texts = g_byte_array_free_to_bytes(texts);
    metadata_level_apply(&blocks, level);
    const char *left = text_of(blocks.png_texts);
    for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++) {
        g_autofree char *value = g_strdup_printf("|%s.value", keywords[i]);
        g_autofree char *word = g_strdup_printf(",%s,", keywords[i]);
        if (!strstr(left, value) != !strstr(kept, word))
            fail_msg("level %d: %s", (int) level, keywords[i]);
    }
}

static void a_level_keeps_the_texts_of_a_png_that_it_names(void **state)
{
    (void) state;
    keeps(METADATA_COPYRIGHT, ",Author,Copyright,");
    keeps(METADATA_SHARING, ",Author,Copyright,Title,Description,Creation Time,");
    keeps(METADATA_NONE, "");
}

/* ---- XMP ---- */

static const char remarks[] =
    "<?xpacket begin='' id='secret'?><!--secret--><?secret secret?>"
    "<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='secret'>secret<x:more>secret</x:more>"
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
    "xmlns:dc='http://purl.org/dc/elements/1.1/'>secret<!--secret-->"
    "<rdf:Description rdf:about='secret' rdf:ID='secret' xml:base='secret'>secret<?secret?>"
    "<dc:rights>m<!--secret-->ine</dc:rights></rdf:Description></rdf:RDF><?secret secret?>"
    "</x:xmpmeta><!--secret--><?xpacket end='w'?>";

static void a_level_keeps_nothing_of_xmp_but_properties(void **state)
{
    static const MetadataLevel levels[] = { METADATA_COPYRIGHT, METADATA_SHARING };
    (void) state;

    for (size_t i = 0; i < G_N_ELEMENTS(levels); i++) {
        g_auto(MetadataBlocks) blocks = { .xmp = g_bytes_new_static(remarks, strlen(remarks)) };
        metadata_level_apply(&blocks, levels[i]);
        assert_string_equal(
            text_of(blocks.xmp),
            "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
            "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
            "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" "
            "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><rdf:Description rdf:about=\"\">"
            "<dc:rights>mine</dc:rights></rdf:Description></rdf:RDF></x:xmpmeta>"
            "<?xpacket end=\"w\"?>");
    }
}

static GBytes *packet_of(const char *piece, unsigned count)
{
    GString *text = g_string_new("<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
                                 "<rdf:Description>");

    for (unsigned i = 0; i < count; i++)
        g_string_append(text, piece);
    g_string_append(text, "</rdf:Description></rdf:RDF>");
    return g_string_free_to_bytes(text);
}

/* Lists of ancestors and of strokes are long. */
static void xmp_of_as_many_elements_as_programs_write_is_read_and_no_more(void **state)
{
    enum { MANY = 100000, TOO_MANY = 300000 };
    static const char *const pieces[] = { "<a/>", "<a b='c'/>", "<a/>x", "<!---->", "<a/><?b?>" };
    (void) state;

    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autoptr(GBytes) many = packet_of(pieces[i], MANY);
        g_autoptr(GBytes) too_many = packet_of(pieces[i], TOO_MANY);
        g_autoptr(Xmp) read = xmp_new(many);
        if (!read)
            fail_msg("'%s' was not read", pieces[i]);
        assert_null(xmp_new(too_many));
    }
}

static void a_namespace_costs_memory_once(void **state)
{
    enum { LONG = 100000, ELEMENTS = 20000 };
    (void) state;
    g_autofree char *uri = g_strnfill(LONG, 'u');
    g_autoptr(GBytes) inner = packet_of("<a:b a:c=''/>", ELEMENTS);
    g_autofree char *text =
        g_strdup_printf("<x xmlns:a='%s'>%.*s</x>", uri, (int) g_bytes_get_size(inner),
                        (const char *) g_bytes_get_data(inner, NULL));
    g_autoptr(GBytes) packet = g_bytes_new(text, strlen(text));
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    g_autoptr(Xmp) xmp = xmp_new(packet);

    assert_non_null(xmp);
    assert_true(mallinfo2().uordblks + mallinfo2().hblkhd < before + (size_t) LONG * 1000);
}

/* ---- EXIF ---- */

static void put(GByteArray *to, unsigned length, uint32_t number)
{
    uint32_t little = GUINT32_TO_LE(number);

    g_byte_array_append(to, (const guint8 *) &little, length);
}

/* EXIF of `count` entries, each of them with all the bytes behind its header as its value. `step`:
 * how much the next tag is larger. */
static GBytes *greedy_exif(unsigned count, uint16_t tag, unsigned step, unsigned filling)
{
    enum { HEADER = 8, ENTRY = 12, ASCII = 2 };
    GByteArray *exif = g_byte_array_new();
    unsigned size = HEADER + 2 + count * ENTRY + 4 + filling;

    g_byte_array_append(exif, (const guint8 *) "II*", 4);
    put(exif, 4, HEADER);
    put(exif, 2, count);
    for (unsigned i = 0; i < count; i++) {
        put(exif, 2, tag + i * step);
        put(exif, 2, ASCII);
        put(exif, 4, size - HEADER);
        put(exif, 4, HEADER);
    }
    g_byte_array_set_size(exif, size);
    return g_byte_array_free_to_bytes(exif);
}

static void entries_with_the_same_bytes_get_no_more_than_there_are(void **state)
{
    enum { CAMERA_OWNER = 269 }; /* and the tags behind it */
    (void) state;
    g_autoptr(GBytes) exif = greedy_exif(4, CAMERA_OWNER, 1, 5000);
    g_auto(ExifTree) tree = { 0 };
    size_t copied = 0;

    assert_true(exif_tree_read(exif, &tree));
    assert_int_equal(tree.parts[EXIF_MAIN]->len, 1);
    for (unsigned i = 0; i < tree.parts[EXIF_MAIN]->len; i++)
        copied += g_bytes_get_size(g_array_index(tree.parts[EXIF_MAIN], ExifEntry, i).value);
    assert_true(copied <= g_bytes_get_size(exif));
}

static void a_level_takes_each_tag_once_and_no_more_than_there_is(void **state)
{
    enum { ARTIST = 0x013b, XP_TITLE = 0x9c9b };
    (void) state;
    MetadataBlocks repeated = { .exif = greedy_exif(1000, ARTIST, 0, 5000) };
    MetadataBlocks greedy = { .exif = greedy_exif(5, XP_TITLE, 1, 5000) };
    size_t sizes[] = { g_bytes_get_size(repeated.exif), g_bytes_get_size(greedy.exif) };

    metadata_level_apply(&repeated, METADATA_SHARING);
    metadata_level_apply(&greedy, METADATA_SHARING);
    assert_true(g_bytes_get_size(repeated.exif) <= sizes[0] + 32);
    assert_true(g_bytes_get_size(greedy.exif) <= sizes[1] + 32);
    metadata_blocks_clear(&repeated);
    metadata_blocks_clear(&greedy);
}

/* ---- what stands before EXIF ---- */

static void exif_is_found_behind_all_that_programs_put_before_it(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } before[] = { { "", 0 },
                   { "Exif\0\0", 6 },
                   { "Exif\0\0Exif\0\0", 12 },
                   { "\xff\xe1\0\x20"
                     "Exif\0\0",
                     10 } };
    static const char exif[] = "MM\0*\0\0\0\x08\0\0\0\0\0";

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
        char all[64];
        memcpy(all, before[i].bytes, before[i].size);
        memcpy(all + before[i].size, exif, sizeof(exif));
        g_autoptr(GBytes) found = blocks_exif(all, before[i].size + sizeof(exif));
        assert_non_null(found);
        assert_int_equal(g_bytes_get_size(found), sizeof(exif));
    }
    assert_null(blocks_exif("\xff\xe1", 2));
    assert_null(blocks_exif("\xff\xe1\0\x20"
                            "Exif\0\0",
                            10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_keeps_the_texts_of_a_png_that_it_names),
        cmocka_unit_test(a_level_keeps_nothing_of_xmp_but_properties),
        cmocka_unit_test(xmp_of_as_many_elements_as_programs_write_is_read_and_no_more),
        cmocka_unit_test(a_namespace_costs_memory_once),
        cmocka_unit_test(entries_with_the_same_bytes_get_no_more_than_there_are),
        cmocka_unit_test(a_level_takes_each_tag_once_and_no_more_than_there_is),
        cmocka_unit_test(exif_is_found_behind_all_that_programs_put_before_it),
    };

    return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
