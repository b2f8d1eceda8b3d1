/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files of a card are one shot, and the order in which shots are numbered and copied. */
#include "daemon/import/card.h"
#include "tests/unit/check.h"

static const Import copies = { .other = IMPORT_OTHER_COPY };

/* A card of these files, in this order; NULL ends them. */
static Card *card_of(const char *const *paths)
{
    Card *card = card_new("camera", NULL);

    for (; *paths; paths++)
        card_add(card, &copies, *paths, 1, 0, false);
    card_group(card);
    return card;
}

/* "IMG_1.JPG|.JPG .CR3;...": the first file of each shot, and the tails of all; newly allocated. */
static char *shots_of(const Card *card)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < card->shots->len; i++) {
        const CardShot *shot = card->shots->pdata[i];
        const CardFile *first = shot->files->pdata[0];
        g_string_append_printf(text, "%s%s|", i ? ";" : "", first->path);
        for (guint k = 0; k < shot->files->len; k++) {
            const CardFile *file = shot->files->pdata[k];
            assert_ptr_equal(file->shot, shot);
            g_string_append_printf(text, "%s%s", k ? " " : "", file->tail);
        }
    }
    return g_string_free(text, FALSE);
}

/* Each case in both orders of listing: the shots are those of the names. */
static void groups_as(const char *files, const char *expected)
{
    g_auto(GStrv) paths = g_strsplit(files, " ", 0);

    for (int turn = 0; turn < 2; turn++) {
        g_autoptr(Card) card = card_of((const char *const *) paths);
        g_autofree char *shots = shots_of(card);
        assert_string_equal(shots, expected);
        guint count = g_strv_length(paths);
        for (guint i = 0; i < count / 2; i++) {
            char *path = paths[i];
            paths[i] = paths[count - 1 - i];
            paths[count - 1 - i] = path;
        }
    }
}

static void files_of_one_stem_are_one_shot_and_the_picture_is_its_first(void **state)
{
    (void) state;
    groups_as("D/IMG_1.CR3 D/IMG_1.JPG D/IMG_1.WAV D/IMG_1.XMP D/IMG_1.CR3.xmp D/IMG_2.JPG "
              "E/IMG_1.JPG",
              "D/IMG_1.JPG|.JPG .CR3 .CR3.xmp .WAV .XMP;D/IMG_2.JPG|.JPG;E/IMG_1.JPG|.JPG");
    groups_as("D/IMG_1.MOV D/IMG_1.HEIC D/IMG_1.AAE", "D/IMG_1.HEIC|.HEIC .MOV .AAE");
}

static void a_raw_is_before_a_film_before_all_else(void **state)
{
    (void) state;
    groups_as("a.mp4 a.dng a.srt", "a.dng|.dng .mp4 .srt");
    groups_as("a.AAE a.mp4", "a.mp4|.mp4 .AAE");
}

static void texts_beside_films_are_of_them(void **state)
{
    (void) state;
    groups_as("D/DJI_1.LRF D/DJI_1.MP4 D/DJI_1.SRT", "D/DJI_1.MP4|.MP4 .LRF .SRT");
}

static void names_that_differ_in_case_only_are_two_shots(void **state)
{
    (void) state;
    groups_as("IMG_1.JPG img_1.jpg", "IMG_1.JPG|.JPG;img_1.jpg|.jpg");
    groups_as("IMG_1.JPG IMG_1.jpg IMG_1.NEF", "IMG_1.JPG|.JPG .NEF;IMG_1.jpg|.jpg");
    groups_as("IMG_1.JPG IMG_1.NEF img_1.jpg img_1.nef", "IMG_1.JPG|.JPG .NEF;img_1.jpg|.jpg .nef");
    groups_as("IMG_1.JPG img_1.xmp", "IMG_1.JPG|.JPG .xmp");
}

static void films_of_sony_have_their_xml(void **state)
{
    (void) state;
    groups_as("CLIP/C0001.MP4 CLIP/C0001M01.XML CLIP/C0002M01.XML MEDIAPRO.XML",
              "CLIP/C0001.MP4|.MP4 M01.XML;CLIP/C0002M01.XML|.XML;MEDIAPRO.XML|.XML");
    groups_as("A/C0001.MP4 B/C0001M01.XML", "A/C0001.MP4|.MP4;B/C0001M01.XML|.XML");
    groups_as("C1.JPG C1M01.XML", "C1.JPG|.JPG;C1M01.XML|.XML");
}

static void films_of_gopro_have_their_small_copies(void **state)
{
    (void) state;
    groups_as("GX010001.MP4 GX020001.MP4 GL010001.LRV GX010001.THM",
              "GX010001.MP4|.MP4 .LRV .THM;GX020001.MP4|.MP4");
    groups_as("GH010001.MP4 GL010001.LRV", "GH010001.MP4|.MP4 .LRV");
    groups_as("GX010001.MP4 GX010001.LRV GL010001.LRV", "GL010001.LRV|.LRV;GX010001.MP4|.MP4 .LRV");
}

static void a_name_without_an_extension_is_its_stem(void **state)
{
    (void) state;
    groups_as("a .hidden D/b.", ".hidden|;D/b.|.;a|");
}

/* A name as cameras, people and programs may write it, of so few that many are of one shot. */
static char *random_name(GRand *random)
{
    static const char *const stems[] = { "IMG_1",    "img_1",    "Img_1",    "C0001", "C0001M01",
                                         "GX010001", "GL010001", "GH010001", "a",     ".a" };
    static const char *const tails[] = { ".JPG", ".jpg", ".NEF", ".NEF.xmp", ".xmp",
                                         ".XMP", ".MP4", ".LRV", ".THM",     ".XML",
                                         ".srt", "",     ".",    ".tar.gz",  ".jpg.jpg" };

    return g_strdup_printf("%s/%s%s", g_rand_boolean(random) ? "D" : "d",
                           stems[g_rand_int_range(random, 0, G_N_ELEMENTS(stems))],
                           tails[g_rand_int_range(random, 0, G_N_ELEMENTS(tails))]);
}

static Card *card_of_names(GHashTable *names, GRand *random)
{
    guint count = 0;
    g_autofree gpointer *keys = g_hash_table_get_keys_as_array(names, &count);
    Card *card = card_new("camera", NULL);

    for (guint i = count; i > 0; i--) {
        guint k = (guint) g_rand_int_range(random, 0, (int) i);
        card_add(card, &copies, keys[k], 1, 0, false);
        keys[k] = keys[i - 1];
    }
    card_group(card);
    return card;
}

static void assert_is_a_shot(const CardShot *shot)
{
    g_autoptr(GHashTable) tails = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    assert_true(shot->files->len > 0);
    for (guint i = 0; i < shot->files->len; i++) {
        const CardFile *file = shot->files->pdata[i];
        assert_ptr_equal(file->shot, shot);
        assert_true(g_str_has_suffix(file->path, file->tail));
        assert_null(strchr(file->tail, '/'));
        assert_true(g_hash_table_add(tails, g_ascii_strdown(file->tail, -1)));
    }
}

/* No two files of a shot get one name, whatever the names are, and no file is in two. */
static void any_names_make_shots_whose_files_keep_apart(void **state)
{
    GRand *random = g_rand_new_with_seed(25);

    (void) state;
    for (int turn = 0; turn < 200; turn++) {
        g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        for (int i = g_rand_int_range(random, 1, 60); i > 0; i--)
            g_hash_table_add(names, random_name(random));
        g_autoptr(Card) card = card_of_names(names, random);
        g_autoptr(Card) again = card_of_names(names, random);
        g_autofree char *shots = shots_of(card), *same = shots_of(again);
        guint files = 0;
        for (guint i = 0; i < card->shots->len; i++) {
            const CardShot *shot = card->shots->pdata[i];
            assert_is_a_shot(shot);
            files += shot->files->len;
        }
        assert_int_equal(files, g_hash_table_size(names));
        assert_string_equal(shots, same);
        assert_true(card->listing == again->listing);
    }
    g_rand_free(random);
}

/* ---- orders ---- */

enum { SHOTS = 60 };

/* Facts as a card may have them, and a worse mixture than any has. */
static void make_facts(GRand *random, CardShot *shot)
{
    ShotFacts *facts = &shot->facts;
    CardFile *first = shot->files->pdata[0];

    facts->is_dated = g_rand_int_range(random, 0, 5) > 0;
    facts->taken_s = 1700000000 + 1800 * g_rand_int_range(random, 0, 6);
    facts->subsec_ns = g_rand_int_range(random, 0, 2) * 500000000;
    facts->is_zoned = g_rand_boolean(random);
    facts->offset_s = 3600 * g_rand_int_range(random, -2, 3);
    facts->rating = g_rand_int_range(random, -1, 6);
    shot->is_protected = g_rand_boolean(random);
    first->mtime_ns = g_rand_int_range(random, 0, 4);
}

static Card *random_card(GRand *random)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    for (int i = 0; i < SHOTS; i++)
        g_ptr_array_add(paths,
                        g_strdup_printf("%02d.%s", i, i % 3 ? i % 2 ? "JPG" : "CR3" : "MOV"));
    g_ptr_array_add(paths, NULL);
    Card *card = card_of((const char *const *) paths->pdata);
    for (guint i = 0; i < card->shots->len; i++)
        make_facts(random, card->shots->pdata[i]);
    return card;
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static void the_order_of_numbers_is_total(void **state)
{
    GRand *random = g_rand_new_with_seed(22);

    (void) state;
    for (int turn = 0; turn < 20; turn++) {
        g_autoptr(Card) card = random_card(random);
        int32_t usual = card_usual_offset(card);
        for (guint i = 0; i < SHOTS; i++) {
            for (guint k = 0; k < SHOTS; k++) {
                const CardShot *a = card->shots->pdata[i], *b = card->shots->pdata[k];
                int order = sign(card_compare_taken(a, b, usual));
                assert_int_equal(order, -sign(card_compare_taken(b, a, usual)));
                assert_true((order == 0) == (i == k));
                for (guint m = 0; order < 0 && m < SHOTS; m++) {
                    const CardShot *c = card->shots->pdata[m];
                    if (card_compare_taken(b, c, usual) < 0)
                        assert_true(card_compare_taken(a, c, usual) < 0);
                }
            }
        }
    }
    g_rand_free(random);
}

static void numbers_are_those_of_the_order_and_none_is_drawn_twice(void **state)
{
    GRand *random = g_rand_new_with_seed(23);

    (void) state;
    for (int turn = 0; turn < 20; turn++) {
        g_autoptr(Card) card = random_card(random);
        bool drawn[SHOTS + 10] = { false };
        CardShot *known = card->shots->pdata[7];
        known->number = 3;
        card_number(card, 10);
        assert_int_equal(known->number, 3);
        for (guint i = 0; i < SHOTS; i++) {
            const CardShot *a = card->shots->pdata[i];
            assert_in_range(a->number, 3, SHOTS + 8);
            assert_false(drawn[a->number]);
            drawn[a->number] = true;
            for (guint k = 0; k < SHOTS && a != known; k++) {
                const CardShot *b = card->shots->pdata[k];
                if (b != known)
                    assert_true((a->number < b->number) ==
                                (card_compare_taken(a, b, card_usual_offset(card)) < 0));
            }
        }
    }
    g_rand_free(random);
}

static void set_time(Card *card, guint at, int64_t taken_s, bool is_zoned, int32_t offset_s)
{
    CardShot *shot = card->shots->pdata[at];

    shot->facts.is_dated = true;
    shot->facts.taken_s = taken_s;
    shot->facts.is_zoned = is_zoned;
    shot->facts.offset_s = offset_s;
}

/* Their clocks showed 12:00, 11:00, and 11:30 without a zone: by clocks and instants in turn the
 * first would be before the second, this one before the third, and that one before the first. */
static void a_clock_without_a_zone_has_that_of_the_others(void **state)
{
    g_autoptr(Card) card =
        card_of((const char *const[]){ "a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", NULL });

    (void) state;
    set_time(card, 0, 43200, true, 7200);
    set_time(card, 1, 39600, true, 0);
    set_time(card, 2, 41400, false, 0);
    set_time(card, 3, 50000, true, 7200);
    assert_int_equal(card_usual_offset(card), 7200);
    card_number(card, 1);
    static const int64_t numbers[] = { 2, 3, 1, 4, 5 }; /* 10:00, 11:00, 9:30, 11:53, undated */
    for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
        assert_int_equal(((const CardShot *) card->shots->pdata[i])->number, numbers[i]);
}

/* Shuffled listings of one card give one order; the files of a shot are together. */
static void the_order_of_copying_is_that_of_the_card_and_of_no_listing(void **state)
{
    static const ImportOrder all[] = { IMPORT_ORDER_PROTECTED, IMPORT_ORDER_RATED,
                                       IMPORT_ORDER_JPEG, IMPORT_ORDER_NEWEST };
    GRand *random = g_rand_new_with_seed(24);

    (void) state;
    for (int turn = 0; turn < 20; turn++) {
        g_autoptr(Card) card = random_card(random);
        Import import = { .orders = (unsigned) g_rand_int_range(random, 0, 5) };
        for (unsigned i = 0; i < import.orders; i++)
            import.order[i] = all[g_rand_int_range(random, 0, 4)];
        g_autoptr(GPtrArray) first = card_in_order(card, &import);
        for (guint i = card->shots->len - 1; i > 0; i--) {
            guint k = (guint) g_rand_int_range(random, 0, (int) i + 1);
            gpointer shot = card->shots->pdata[i];
            card->shots->pdata[i] = card->shots->pdata[k];
            card->shots->pdata[k] = shot;
        }
        g_autoptr(GPtrArray) second = card_in_order(card, &import);
        assert_int_equal(first->len, SHOTS);
        for (guint i = 0; i < SHOTS; i++)
            assert_ptr_equal(first->pdata[i], second->pdata[i]);
    }
    g_rand_free(random);
}

static char *order_of(const Card *card, const Import *import)
{
    g_autoptr(GPtrArray) files = card_in_order(card, import);
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < files->len; i++)
        g_string_append_printf(text, "%s ", ((const CardFile *) files->pdata[i])->path);
    return g_string_free(text, FALSE);
}

static void protected_rated_jpeg_and_newest_come_first(void **state)
{
    const Import import = { .orders = 4,
                            .order = { IMPORT_ORDER_PROTECTED, IMPORT_ORDER_RATED,
                                       IMPORT_ORDER_JPEG, IMPORT_ORDER_NEWEST } };
    const Import none = { .orders = 0 };
    g_autoptr(Card) card = card_of((const char *const[]){
        "a.mov", "b.mov", "c.cr3", "d.jpg", "d.cr3", "e.jpg", "f.jpg", "g.cr3", "h.cr3", NULL });

    (void) state;
    set_time(card, 2, 5, false, 0);
    set_time(card, 3, 6, false, 0);
    set_time(card, 4, 7, false, 0);
    ((CardShot *) card->shots->pdata[5])->facts.rating = -1;
    ((CardShot *) card->shots->pdata[6])->facts.rating = 5;
    ((CardShot *) card->shots->pdata[7])->is_protected = true;
    ((CardFile *) card->files->pdata[1])->mtime_ns = 9;
    g_autofree char *order = order_of(card, &import), *paths = order_of(card, &none);
    assert_string_equal(order, "h.cr3 g.cr3 e.jpg d.jpg d.cr3 c.cr3 b.mov a.mov f.jpg ");
    assert_string_equal(paths, "a.mov b.mov c.cr3 d.jpg d.cr3 e.jpg f.jpg g.cr3 h.cr3 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_one_stem_are_one_shot_and_the_picture_is_its_first),
        cmocka_unit_test(a_raw_is_before_a_film_before_all_else),
        cmocka_unit_test(texts_beside_films_are_of_them),
        cmocka_unit_test(names_that_differ_in_case_only_are_two_shots),
        cmocka_unit_test(films_of_sony_have_their_xml),
        cmocka_unit_test(films_of_gopro_have_their_small_copies),
        cmocka_unit_test(a_name_without_an_extension_is_its_stem),
        cmocka_unit_test(any_names_make_shots_whose_files_keep_apart),
        cmocka_unit_test(the_order_of_numbers_is_total),
        cmocka_unit_test(numbers_are_those_of_the_order_and_none_is_drawn_twice),
        cmocka_unit_test(a_clock_without_a_zone_has_that_of_the_others),
        cmocka_unit_test(the_order_of_copying_is_that_of_the_card_and_of_no_listing),
        cmocka_unit_test(protected_rated_jpeg_and_newest_come_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
