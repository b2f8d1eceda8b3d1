/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a level leaves of blocks that strangers wrote, and what it costs to read them. */
#include <string.h>

#include "actions/metadata_levels.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_keeps_the_texts_of_a_png_that_it_names),
        cmocka_unit_test(a_level_keeps_nothing_of_xmp_but_properties),
    };

    return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
