/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An XMP file beside a picture: what it says wins, and nothing of another file's pixels does. */
#include <string.h>
#include <unistd.h>

#include "actions/metadata.h"
#include "actions/sidecar.h"
#include "tests/actions/check.h"
#include "tests/actions/desk.h"

#define RDF(inside)                                                                                \
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "                                                \
    "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>" inside "</rdf:RDF></x:xmpmeta>"
#define NAMESPACES                                                                                 \
    " xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/'"         \
    " xmlns:dc='http://purl.org/dc/elements/1.1/'"                                                 \
    " xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/'"                                               \
    " xmlns:crs='http://ns.adobe.com/camera-raw-settings/1.0/'"

/* As Lightroom writes it: attributes, and what belongs to the RAW beside it. */
static const char lightroom[] =
    "<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?>" RDF(
        "<rdf:Description rdf:about=''" NAMESPACES " xmp:Rating='5' tiff:Orientation='6'"
        " xmpMM:DocumentID='ABC' crs:HasCrop='True' crs:CropLeft='0.1' crs:Exposure2012='+1'>"
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Beach &amp; sea</rdf:li></rdf:Alt>"
        "</dc:title><dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>sky</rdf:li></rdf:Bag>"
        "</dc:subject></rdf:Description>") "<?xpacket end='w'?>";

static const char own[] =
    RDF("<rdf:Description rdf:about='uuid:1'" NAMESPACES " xmp:Rating='1' xmp:Label='Red'"
        " tiff:Orientation='1'><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>IMG</rdf:li>"
        "</rdf:Alt></dc:title><dc:creator><rdf:Seq><rdf:li>Jo Doe</rdf:li></rdf:Seq></dc:creator>"
        "</rdf:Description>");

static Sidecar *sidecar_of(const char *text, int64_t most, Error **err)
{
    int fd = picture_bytes(text, strlen(text));
    Sidecar *sidecar = sidecar_read(fd, "IMG_1.xmp", most, err);

    close(fd);
    return sidecar;
}

static Metadata *of_blocks(const char *text, MetadataBlocks blocks)
{
    g_autoptr(Error) error = NULL;
    g_autoptr(Sidecar) sidecar = sidecar_of(text, 0, &error);

    if (!sidecar)
        fail_msg("%s", error->what);
    return sidecar_apply(sidecar, &blocks);
}

static Metadata *both(const char *text, const char *packet)
{
    return of_blocks(
        text, (MetadataBlocks){ .xmp = packet ? g_bytes_new(packet, strlen(packet)) : NULL });
}

static void has(Metadata *metadata, const char *tag, const char *expected)
{
    g_auto(GStrv) texts = metadata_texts(metadata, tag);
    g_autofree char *text = texts ? g_strjoinv(", ", texts) : NULL;

    if (g_strcmp0(text, expected) != 0)
        fail_msg("%s is '%s', not '%s'", tag, text ? text : "missing", expected ? expected : "");
}

static void what_the_sidecar_says_wins_and_all_else_stays(void **state)
{
    g_autoptr(Metadata) metadata = both(lightroom, own);

    (void) state;
    has(metadata, "Xmp.xmp.Rating", "5");
    has(metadata, "Xmp.dc.title", "Beach & sea");
    has(metadata, "Xmp.dc.subject", "sea, sky");
    has(metadata, "Xmp.dc.creator", "Jo Doe");
    has(metadata, "Xmp.xmp.Label", "Red");
}

static void what_it_says_of_another_file_is_left_out(void **state)
{
    g_autoptr(Metadata) metadata = both(lightroom, own);
    g_autoptr(Metadata) alone = both(lightroom, NULL);

    (void) state;
    has(metadata, "Xmp.tiff.Orientation", "1");
    has(alone, "Xmp.tiff.Orientation", NULL);
    has(alone, "Xmp.xmpMM.DocumentID", NULL);
    has(alone, "Xmp.crs.Exposure2012", NULL);
    has(alone, "Xmp.crs.HasCrop", NULL);
    has(alone, "Xmp.xmp.Rating", "5");
    has(alone, "Xmp.dc.subject", "sea, sky");
}

static void names_that_stand_around_the_descriptions_count(void **state)
{
    static const char around[] =
        "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:xmp='http://ns.adobe.com/xap/1.0/'><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about=''>"
        "<xmp:Rating>-1</xmp:Rating></rdf:Description></rdf:RDF></x:xmpmeta>";
    g_autoptr(Metadata) metadata = both(around, own);
    g_autoptr(Metadata) alone = both(around, NULL);

    (void) state;
    has(metadata, "Xmp.xmp.Rating", "-1");
    has(alone, "Xmp.xmp.Rating", "-1");
}

/* A program that knows no XMP wrote IPTC last. */
static void iptc_that_is_newer_than_the_files_xmp_is_older_than_the_sidecar(void **state)
{
    static const char iptc[] = "\x1c\x02\x05\0\x05older\x1c\x02\x5a\0\x08"
                               "Brighton";

    (void) state;
    g_autoptr(Metadata) metadata =
        of_blocks(lightroom, (MetadataBlocks){ .xmp = g_bytes_new(own, strlen(own)),
                                               .iptc = g_bytes_new(iptc, sizeof(iptc) - 1),
                                               .iptc_digest = { .said = true, .differs = true } });
    g_autofree char *title = metadata_value(metadata, "title");
    g_autofree char *keywords = metadata_value(metadata, "keywords");
    g_autofree char *city = metadata_value(metadata, "city");
    assert_string_equal(title, "Beach & sea");
    assert_string_equal(keywords, "sea, sky");
    assert_string_equal(city, "Brighton");
}

static void a_packet_that_cannot_be_read_gives_way(void **state)
{
    g_autoptr(Metadata) metadata = both(lightroom, "<x:xmpmeta><rdf:RDF");

    (void) state;
    has(metadata, "Xmp.xmp.Rating", "5");
}

static void only_a_crop_of_its_own_is_one(void **state)
{
    static const struct {
        const char *text;
        bool crops;
    } rows[] = {
        { lightroom, true },
        { RDF("<rdf:Description rdf:about=''" NAMESPACES " crs:HasCrop='False'/>"), false },
        { RDF("<rdf:Description rdf:about=''" NAMESPACES "><crs:HasCrop>true</crs:HasCrop>"
              "</rdf:Description>"),
          true },
        { own, false },
    };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Error) error = NULL;
        g_autoptr(Sidecar) sidecar = sidecar_of(rows[i].text, 0, &error);
        assert_non_null(sidecar);
        assert_string_equal(sidecar_name(sidecar), "IMG_1.xmp");
        assert_int_equal(sidecar_crops(sidecar), rows[i].crops);
    }
}

static void what_is_no_xmp_or_too_large_is_named(void **state)
{
    static const char *const bad[] = { "", "rating: 5", "<html><p/></html>", "<x:xmpmeta>" };

    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(Error) error = NULL;
        assert_null(sidecar_of(bad[i], 0, &error));
        assert_int_equal(error->kind, ERROR_PICTURE);
        assert_string_equal(error->what, "IMG_1.xmp is no XMP");
    }
    g_autoptr(Error) error = NULL;
    assert_null(sidecar_of(lightroom, 100, &error));
    assert_string_equal(error->what, "IMG_1.xmp has more than 100B, which max_metadata allows");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_sidecar_says_wins_and_all_else_stays),
        cmocka_unit_test(what_it_says_of_another_file_is_left_out),
        cmocka_unit_test(names_that_stand_around_the_descriptions_count),
        cmocka_unit_test(iptc_that_is_newer_than_the_files_xmp_is_older_than_the_sidecar),
        cmocka_unit_test(a_packet_that_cannot_be_read_gives_way),
        cmocka_unit_test(only_a_crop_of_its_own_is_one),
        cmocka_unit_test(what_is_no_xmp_or_too_large_is_named),
    };
    g_autoptr(Error) error = NULL;

    if (!libvips_start("test_sidecar", &error) || !metadata_start(&error))
        return 1;
    int failed = cmocka_run_group_tests_name("sidecar", tests, NULL, NULL);
    libvips_stop();
    return failed;
}
