/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A card of two files whose copies are proved in two destinations on two disks is safe. Each row of
 * the table spoils one thing of it: then it is not, and the line says why. */
#include "daemon/import/verdict.h"
#include "tests/unit/check.h"

enum { FILES = 2, PLACES = 2 };

typedef struct World {
    Card *card;
    Medium media[PLACES];
    const Medium *media_of[PLACES];
    char *disks[PLACES][2];
    char *copy_to[PLACES + 1];
    char *names[FILES];
    Import import;
    FileCopy copies[FILES][PLACES];
    Error *manifests[PLACES];
    CardRecord other;
    Outcome outcome;
    GPtrArray *errors;
} World;

static Error *error_of(World *world, const char *what)
{
    Error *error = NULL;

    error_set(&error, ERROR_ENVIRONMENT, NULL, "%s", what);
    g_ptr_array_add(world->errors, error);
    return error;
}

static FileEnd *file_of(World *world, guint index)
{
    return &g_array_index(world->outcome.files, FileEnd, index);
}

static void make_card(World *world)
{
    Card *card = g_new0(Card, 1);

    card->root = g_strdup("/media/card");
    card->medium = g_new0(Medium, 1);
    card->medium->label = g_strdup("EOS_DIGITAL");
    card->files = g_ptr_array_new();
    card->unreadable = g_ptr_array_new();
    card->ignored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    world->card = card;
}

static void make_places(World *world)
{
    static char to[][8] = { "/srv/a", "/mnt/b" }, disks[][8] = { "disk:A", "disk:B" };
    static char words[][24] = { "/dev/sda (WD Red)", "/dev/sdb (Samsung T7)" };

    for (int i = 0; i < PLACES; i++) {
        world->copy_to[i] = to[i];
        world->disks[i][0] = disks[i];
        world->media[i].disks = world->disks[i];
        world->media[i].words = words[i];
        world->media_of[i] = &world->media[i];
    }
}

static void make_files(World *world)
{
    static char paths[][12] = { "DCIM/A.JPG", "DCIM/B.MOV" }, name[] = "2024/A.JPG";

    world->outcome.files = g_array_new(FALSE, TRUE, sizeof(FileEnd));
    for (int i = 0; i < FILES; i++) {
        CardFile *file = g_new0(CardFile, 1);
        FileEnd end = { .file = file, .is_read = true, .copies = world->copies[i] };
        file->path = paths[i];
        end.content.size = file->size = 3;
        strcpy(end.content.xxh128, "06b05ab6733a618578af5f94892f3950");
        for (int place = 0; place < PLACES; place++)
            world->copies[i][place] = (FileCopy){ .name = name, .proof = PROOF_RIGHT };
        g_ptr_array_add(world->card->files, file);
        g_array_append_val(world->outcome.files, end);
    }
}

static World *world_new(void)
{
    World *world = g_new0(World, 1);

    world->errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);
    make_card(world);
    make_places(world);
    make_files(world);
    world->import =
        (Import){ .copy_to = world->copy_to, .verify = IMPORT_VERIFY_COPIES, .safe_copies = 2 };
    world->outcome.card = world->card;
    world->outcome.name = "EOS_DIGITAL";
    world->outcome.import = &world->import;
    world->outcome.media = world->media_of;
    world->outcome.manifests = world->manifests;
    world->outcome.is_listed_again = true;
    return world;
}

static void world_free(World *world)
{
    for (guint i = 0; i < world->card->files->len; i++)
        g_free(world->card->files->pdata[i]);
    g_ptr_array_unref(world->card->files);
    g_ptr_array_unref(world->card->unreadable);
    g_hash_table_unref(world->card->ignored);
    g_free(world->card->medium->label);
    g_free(world->card->medium);
    g_free(world->card->root);
    g_free(world->card);
    g_array_unref(world->outcome.files);
    g_ptr_array_unref(world->errors);
    g_free(world);
}

static CardFile *card_file(World *world, int index)
{
    return world->card->files->pdata[index];
}

/* ---- what spoils it ---- */

static void cannot_read(World *world)
{
    file_of(world, 0)->error = error_of(world, "cannot read: Input/output error");
    file_of(world, 0)->is_read = false;
}

static void not_read(World *world)
{
    file_of(world, 1)->is_read = false;
}

static void other_size(World *world)
{
    file_of(world, 1)->content.size = 2;
}

static void left(World *world)
{
    card_file(world, 1)->is_left = true;
}

static void reread_all(World *world)
{
    world->import.verify = IMPORT_VERIFY_ALL;
    file_of(world, 0)->second = PROOF_RIGHT;
}

static void reread_from_a_cache(World *world)
{
    reread_all(world);
    file_of(world, 1)->second = PROOF_CACHED;
}

static void only_sizes(World *world)
{
    world->import.verify = IMPORT_VERIFY_SIZE;
    for (int i = 0; i < FILES; i++)
        for (int place = 0; place < PLACES; place++)
            world->copies[i][place].proof = PROOF_NONE;
}

static void only_sizes_and_proofs(World *world)
{
    world->import.verify = IMPORT_VERIFY_SIZE;
}

static void no_copy(World *world)
{
    world->copies[1][1] = (FileCopy){ .error = error_of(world, "No space left on device") };
}

static void no_proof(World *world)
{
    world->copies[1][1].proof = PROOF_NONE;
}

static void wrong(World *world)
{
    world->copies[0][1].proof = PROOF_WRONG;
}

static void missing(World *world)
{
    world->copies[0][1].proof = PROOF_MISSING;
}

static void failed(World *world)
{
    world->copies[0][0].proof = PROOF_FAILED;
    world->copies[0][0].error = error_of(world, "Input/output error");
}

static void cached(World *world)
{
    world->copies[0][0].proof = PROOF_CACHED;
}

static void one_disk(World *world)
{
    world->disks[1][0] = world->disks[0][0];
}

static void unknown_disk(World *world)
{
    world->disks[1][0] = NULL;
}

static void three_wanted(World *world)
{
    world->import.safe_copies = 3;
}

static void no_directory(World *world)
{
    g_ptr_array_add(world->card->unreadable, error_of(world, "cannot list 'DCIM/101'"));
}

static void new_file(World *world)
{
    world->outcome.first_new = "DCIM/C.JPG";
}

static void not_listed(World *world)
{
    world->outcome.is_listed_again = false;
}

static void no_manifest(World *world)
{
    world->manifests[1] = error_of(world, "cannot write '/mnt/b/ascmhl'");
}

static void no_files(World *world)
{
    g_array_set_size(world->outcome.files, 0);
}

static void pulled(World *world)
{
    world->outcome.interrupted = "the card is not there any more";
    world->outcome.is_listed_again = false;
    world->copies[1][0].name = NULL;
}

static void full(World *world)
{
    world->outcome.held = "/mnt/b needs 12 GB more";
}

static const struct {
    void (*spoil)(World *world);
    CardState state;
    int unsafe;
    const char *line;
} faults[] = {
    { cannot_read, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/A.JPG': cannot read: Input/output error" },
    { not_read, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/B.MOV': was not read in this insertion" },
    { other_size, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/B.MOV': changed while it was read: import the "
      "card again" },
    { left, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/B.MOV': is not copied, by other = leave; "
      "formatting would lose it" },
    { reread_all, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/B.MOV': a second reading of the card did not give "
      "the same" },
    { reread_from_a_cache, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/B.MOV': a second reading may come from a cache: "
      "give verify = copies" },
    { only_sizes, CARD_NOT_SAFE, 2,
      "NOT SAFE: 2 of 2 files are not safe: verify = size reads no copy back: give verify = "
      "copies" },
    { only_sizes_and_proofs, CARD_NOT_SAFE, 0,
      "NOT SAFE: verify = size reads no copy back: give verify = copies" },
    { no_copy, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/B.MOV': no copy in '/mnt/b': No space left on "
      "device" },
    { no_proof, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/B.MOV': the copy '/mnt/b/2024/A.JPG' was not read "
      "back" },
    { wrong, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/A.JPG': the copy '/mnt/b/2024/A.JPG' is not what "
      "the card gave: move it away, look at its disk, import again" },
    { missing, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/A.JPG': the copy '/mnt/b/2024/A.JPG' is not there "
      "any more: import the card again" },
    { failed, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/A.JPG': the copy '/srv/a/2024/A.JPG' cannot be "
      "read back: Input/output error" },
    { cached, CARD_NOT_SAFE, 1,
      "NOT SAFE: 1 of 2 files is not safe: 'DCIM/A.JPG': the copy '/srv/a/2024/A.JPG' is not "
      "provable here: what is read may come from a cache" },
    { one_disk, CARD_NOT_SAFE, 2,
      "NOT SAFE: 2 of 2 files are not safe: the copies are on 1 physical disk, and safe_copies is "
      "2: '/srv/a' on /dev/sda (WD Red), '/mnt/b' on /dev/sdb (Samsung T7)" },
    { unknown_disk, CARD_NOT_SAFE, 2,
      "NOT SAFE: 2 of 2 files are not safe: the copies are on 1 physical disk, and safe_copies is "
      "2: '/srv/a' on /dev/sda (WD Red), '/mnt/b' on /dev/sdb (Samsung T7)" },
    { three_wanted, CARD_NOT_SAFE, 2,
      "NOT SAFE: 2 of 2 files are not safe: the copies are on 2 physical disks, and safe_copies is "
      "3: '/srv/a' on /dev/sda (WD Red), '/mnt/b' on /dev/sdb (Samsung T7)" },
    { no_directory, CARD_NOT_SAFE, 0, "NOT SAFE: cannot list 'DCIM/101'" },
    { new_file, CARD_NOT_SAFE, 0,
      "NOT SAFE: 'DCIM/C.JPG' changed on the card meanwhile: import it again" },
    { not_listed, CARD_NOT_SAFE, 0, "NOT SAFE: the card could not be listed again at the end" },
    { no_manifest, CARD_NOT_SAFE, 0, "NOT SAFE: cannot write '/mnt/b/ascmhl'" },
    { no_files, CARD_NOT_SAFE, 0, "NOT SAFE: no file was found on it" },
    { pulled, CARD_INTERRUPTED, 1,
      "NOT SAFE: interrupted at 1 of 2: the card is not there any more" },
    { full, CARD_HELD, 0, "NOT SAFE: held: /mnt/b needs 12 GB more" },
};

static void each_fault_makes_the_card_not_safe_and_is_named(void **state)
{
    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        World *world = world_new();
        faults[i].spoil(world);
        Verdict *verdict = verdict_of(&world->outcome);
        assert_string_equal(verdict->line, faults[i].line);
        assert_int_equal(verdict->state, faults[i].state);
        assert_int_equal(verdict->unsafe, faults[i].unsafe);
        verdict_free(verdict);
        world_free(world);
    }
}

/* Two faults together are never safe either, whichever hides the other. */
static void no_pair_of_faults_is_safe(void **state)
{
    (void) state;
    for (size_t i = 0; i < G_N_ELEMENTS(faults); i++) {
        for (size_t other = 0; other < G_N_ELEMENTS(faults); other++) {
            World *world = world_new();
            faults[i].spoil(world);
            if (faults[i].spoil != no_files) /* a later one finds none */
                faults[other].spoil(world);
            Verdict *verdict = verdict_of(&world->outcome);
            assert_true(g_str_has_prefix(verdict->line, "NOT SAFE: "));
            assert_int_not_equal(verdict->state, CARD_SAFE);
            verdict_free(verdict);
            world_free(world);
        }
    }
}

static char *line_of(World *world, CardState expected)
{
    Verdict *verdict = verdict_of(&world->outcome);
    char *line = g_strdup(verdict->line);

    assert_int_equal(verdict->state, expected);
    assert_int_equal(verdict->done, FILES);
    assert_int_equal(verdict->reasons->len, 0);
    verdict_free(verdict);
    return line;
}

static void a_card_whose_copies_are_proved_is_safe(void **state)
{
    World *world = world_new();
    g_autofree char *line = line_of(world, CARD_SAFE);

    (void) state;
    assert_string_equal(line, "SAFE TO FORMAT: 2 of 2 files on 2 disks (/dev/sda (WD Red), "
                              "/dev/sdb (Samsung T7))");
    file_of(world, 0)->is_read = false;
    file_of(world, 0)->is_trusted = true;
    g_autofree char *trusted = line_of(world, CARD_SAFE);
    assert_string_equal(trusted, line);
    world_free(world);
}

static void one_copy_may_be_enough(void **state)
{
    World *world = world_new();

    (void) state;
    world->import.safe_copies = 1;
    world->copies[0][0].proof = PROOF_CACHED;
    g_autofree char *line = line_of(world, CARD_SAFE);
    assert_string_equal(line, "SAFE TO FORMAT: 2 of 2 files on 1 disk (/dev/sdb (Samsung T7))");
    world_free(world);
}

static void what_is_left_out_and_the_card_that_it_mirrors_are_named(void **state)
{
    static char other[] = "NIKON A";
    World *world = world_new();

    (void) state;
    world->other.name = other;
    world->outcome.mirrors = &world->other;
    world->outcome.mirrored = 2;
    g_hash_table_insert(world->card->ignored, g_strdup("AppleDouble"), GUINT_TO_POINTER(3));
    g_autofree char *line = line_of(world, CARD_SAFE);
    assert_true(g_str_has_suffix(line,
                                 "); card EOS_DIGITAL mirrors card NIKON A: 2 of 2; left out: 3 "
                                 "AppleDouble"));
    world_free(world);
}

static void a_camera_is_never_safe(void **state)
{
    World *world = world_new();

    (void) state;
    world->outcome.is_of_camera = true;
    g_autofree char *line = line_of(world, CARD_COPIED);
    assert_string_equal(line, "COPIED, not proved: put the card into a reader (2 of 2 files)");
    world->copies[0][1].proof = PROOF_WRONG;
    Verdict *verdict = verdict_of(&world->outcome);
    assert_int_equal(verdict->state, CARD_NOT_SAFE);
    verdict_free(verdict);
    world_free(world);
}

static void reasons_are_cut_and_counted(void **state)
{
    World *world = world_new();

    (void) state;
    for (int i = 0; i < VERDICT_REASONS + 3; i++)
        no_directory(world);
    Verdict *verdict = verdict_of(&world->outcome);
    assert_int_equal(verdict->reasons->len, VERDICT_REASONS);
    assert_string_equal(verdict->line, "NOT SAFE: cannot list 'DCIM/101'; and 12 more");
    verdict_free(verdict);
    world_free(world);
}

static void the_report_names_each_file_and_its_copies(void **state)
{
    World *world = world_new();

    (void) state;
    wrong(world);
    Verdict *verdict = verdict_of(&world->outcome);
    g_autofree char *report = verdict_report(verdict, &world->outcome, 0, 1000);
    assert_true(g_str_has_prefix(report, verdict->line));
    assert_non_null(strstr(report, "  DCIM/A.JPG  3 bytes  xxh128 "
                                   "06b05ab6733a618578af5f94892f3950\n"
                                   "    /srv/a/2024/A.JPG: read back from its disk\n"
                                   "    /mnt/b/2024/A.JPG: WRONG: another content\n"));
    assert_non_null(strstr(report, "\n  /srv/a on /dev/sda (WD Red)\n"));
    verdict_free(verdict);
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_makes_the_card_not_safe_and_is_named),
        cmocka_unit_test(no_pair_of_faults_is_safe),
        cmocka_unit_test(a_card_whose_copies_are_proved_is_safe),
        cmocka_unit_test(one_copy_may_be_enough),
        cmocka_unit_test(what_is_left_out_and_the_card_that_it_mirrors_are_named),
        cmocka_unit_test(a_camera_is_never_safe),
        cmocka_unit_test(reasons_are_cut_and_counted),
        cmocka_unit_test(the_report_names_each_file_and_its_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
