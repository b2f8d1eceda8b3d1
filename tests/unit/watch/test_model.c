/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events are hints: whatever becomes of them, the end is the same, only later.
 *
 * A seed makes a story: people and programs work in a folder while the watcher takes its turns, and
 * a share of the events (none, some, all) is lost, doubled, late or shuffled. In the end what the
 * watcher offered, left and waits for is compared with what lies in the folder. The clock is given,
 * so a story of many minutes takes milliseconds.
 *
 *     test_watch_model             HOTFOLDER_STORIES stories (default 2000)
 *     test_watch_model SEED        one of them, printed step by step */
#include <dirent.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/unit/watch/mangle.h"
#include "tests/unit/watch/story.h"

enum {
    STORIES = 2000,
    STEPS = 100,
    TURNS_MAX = 20000, /* a watcher that never comes to rest */
    RECONCILE_MS = 300000,
    INCOMPLETE_MS = 10000,
    SOON_MS = 45000, /* where no event is lost everything is known by then, without such a scan */
};

/* ---- the watcher's time ---- */

static void turns(Story *story, int most)
{
    for (int i = 0; i < most; i++)
        if (!engine_turn(story->engine) && mangle_next_ms() > clock_ms())
            return;
    if (most == TURNS_MAX)
        fail_msg("story %u: the watcher never comes to rest", story->seed);
}

/* Lets everything happen that is due until then, as the thread does in its sleep. */
static void pass(Story *story, int64_t ms)
{
    int64_t until_ms = clock_ms() + ms;

    for (;;) {
        int64_t next_ms = 0, now = 0;

        turns(story, TURNS_MAX);
        next_ms = MIN(engine_next_ms(story->engine), mangle_next_ms());
        now = clock_ms();
        if (now >= until_ms)
            return;
        mangle_sleep(MAX(MIN(next_ms, until_ms) - now, 1));
    }
}

/* ---- the end ---- */

typedef struct Expected {
    Story *story;
    GHashTable *counts; /* reason -> files that are left or wait */
    int directories;
} Expected;

static void count(GHashTable *counts, const char *reason, int by)
{
    int sum = GPOINTER_TO_INT(g_hash_table_lookup(counts, reason)) + by;

    g_hash_table_replace(counts, g_strdup(reason), GINT_TO_POINTER(sum));
}

static void expect_offer(const Story *story, const char *source, const char *path)
{
    Completion offer;

    if (!fake_offer(story->intake, source, &offer))
        fail_msg("story %u: '%s' was never offered", story->seed, source);
    if (offer.hash != hash_of(path))
        fail_msg("story %u: of '%s' an older content was offered last", story->seed, source);
}

static const char *reason_of(const Story *story, const char *name, const char *path)
{
    static const char *const reasons[KINDS] = {
        [TEXT] = "text", [UNKNOWN] = "unknown", [EMPTY] = "empty"
    };
    struct stat st;
    uint64_t hash = 0;
    gpointer kind = NULL;

    assert_int_equal(lstat(path, &st), 0);
    if (g_str_has_suffix(name, ".part"))
        return "unfinished transfer";
    if (g_str_has_suffix(name, "~"))
        return "backup copy";
    if (!S_ISREG(st.st_mode))
        return S_ISLNK(st.st_mode) ? "symbolic link" : "FIFO";
    hash = hash_of(path);
    kind = g_hash_table_lookup(story->contents, &hash);
    if (!kind)
        fail_msg("story %u: '%s' has a content that was never written", story->seed, path);
    if (kind && st.st_size && g_str_has_suffix(name, ".jpg")) /* its name promises a picture */
        return NULL;
    return kind ? reasons[GPOINTER_TO_INT(kind) - 1] : NULL;
}

static void expect(Expected *expected, const char *source, const char *name, const char *path)
{
    const char *reason = reason_of(expected->story, name, path);

    if (reason)
        count(expected->counts, reason, 1);
    else
        expect_offer(expected->story, source, path);
}

static void expect_below(Expected *expected, const char *source)
{
    g_autofree char *top = g_build_filename(expected->story->inbox, source, NULL);
    DIR *listing = opendir(top);
    const struct dirent *entry = NULL;

    expected->directories++;
    assert_non_null(listing);
    /* cppcheck-suppress readdirCalled ; one thread */
    while ((entry = readdir(listing))) {
        g_autofree char *path = g_build_filename(top, entry->d_name, NULL);
        g_autofree char *below =
            *source ? g_build_filename(source, entry->d_name, NULL) : g_strdup(entry->d_name);

        if (*entry->d_name == '.' || strcmp(below, "done") == 0)
            continue;
        if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
            expect_below(expected, below);
        else
            expect(expected, below, entry->d_name, path);
    }
    closedir(listing);
}

static void subtract(GHashTable *counts, const GArray *rows)
{
    for (guint i = 0; i < rows->len; i++)
        count(counts, g_array_index(rows, ReasonCount, i).reason,
              -g_array_index(rows, ReasonCount, i).files);
}

/* No content that was still being written, and none twice but with another one in between. */
static void check_offers(const Story *story)
{
    g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    Completion offer;

    for (int i = 0; fake_offer_at(story->intake, i, &offer); i++) {
        const uint64_t *before = g_hash_table_lookup(last, offer.source);

        if (!g_hash_table_contains(story->contents, &offer.hash))
            fail_msg("story %u: '%s' was offered while it was written", story->seed, offer.source);
        if (before && *before == offer.hash)
            fail_msg("story %u: '%s' was offered twice", story->seed, offer.source);
        g_hash_table_replace(last, offer.source, g_memdup2(&offer.hash, sizeof(offer.hash)));
    }
}

/* With `all` also what is left and waits: only a scan finds a directory that was moved away. */
static void check_end(Story *story, bool all)
{
    g_autoptr(GHashTable) counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Expected expected = { story, counts, 0 };
    WatchReport report = watched_report(story->engine->watched);
    GHashTableIter iter;
    gpointer reason = NULL, left = NULL;

    check_offers(story);
    expect_below(&expected, "");
    subtract(counts, report.ignored_by_reason);
    subtract(counts, report.pending_by_reason);
    watch_report_clear(&report);
    if (all && story->calm && report.directories != expected.directories)
        fail_msg("story %u: %d of %d directories are watched", story->seed, report.directories,
                 expected.directories);
    g_hash_table_iter_init(&iter, counts);
    while (all && g_hash_table_iter_next(&iter, &reason, &left))
        if (left)
            fail_msg("story %u: files that are '%s': %d too few are known", story->seed,
                     (const char *) reason, GPOINTER_TO_INT(left));
    assert_int_equal(health_get(story->health, "inbox", NULL), HEALTH_AVAILABLE);
    assert_int_equal(fake_unflushed(story->intake), 0);
}

/* ---- a story ---- */

static double share(Story *story)
{
    static const double shares[] = { 0, 0, 0.1, 0.5, 1 };
    int chosen = pick(story, G_N_ELEMENTS(shares) + 1);

    return chosen < (int) G_N_ELEMENTS(shares) ? shares[chosen] : g_rand_double(story->rand);
}

static Mangle some_mangle(Story *story)
{
    Mangle how = { .shut = 0 };

    story->calm = pick(story, 4) == 0;
    if (!story->calm)
        how = (Mangle){ share(story), share(story), share(story), share(story), 0, 0 };
    mangle_tick(story->calm || pick(story, 3) ? 0 : pick(story, 30)); /* a slow machine */
    how.shut = pick(story, 4) ? 0 : 0.3;
    how.limit = pick(story, 4) ? 0 : 1 + pick(story, 4);
    return how;
}

static void begin(Story *story, guint32 seed)
{
    Mangle none = { .shut = 0 };

    story->seed = seed;
    story->rand = g_rand_new_with_seed(seed);
    story->dir = check_mkdir();
    story->inbox = g_build_filename(story->dir, "inbox", NULL);
    story->away = g_build_filename(story->dir, "away", NULL);
    story->out = g_build_filename(story->dir, "out", NULL);
    assert_int_equal(mkdir(story->inbox, 0755), 0);
    assert_int_equal(mkdir(story->out, 0755), 0);
    story->contents = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    for (int i = 0; i < WRITERS; i++)
        story->writers[i].fd = -1;
    story->settings = fake_settings("inbox", story->inbox, NULL, NULL);
    story->settings->reconcile_ms = RECONCILE_MS;
    ((Folder *) story->settings->folders->pdata[0])->incomplete_ms = INCOMPLETE_MS;
    story->intake = fake_intake_new();
    fake_intake_remembers(story->intake);
    story->health = health_new();
    story_begin(story);
    mangle_tick(0);
    mangle_set(&none, story->rand);
    story->port = events_port_new(NULL, -1);
    story->engine = engine_new(story->settings, story->settings->folders->pdata[0], story->port,
                               story->intake, story->health);
    engine_turn(story->engine);
}

static void end(Story *story)
{
    engine_free(story->engine);
    events_port_free(story->port);
    settings_unref(story->settings);
    fake_intake_free(story->intake);
    health_free(story->health);
    fake_journal_clear();
    g_hash_table_destroy(story->contents);
    check_rmdir(story->dir);
    g_free(story->inbox);
    g_free(story->away);
    g_free(story->out);
    g_rand_free(story->rand);
}

/* All writers have ended; the folder is where it belongs, and everything can be watched. */
static void tidy(Story *story, Mangle *how)
{
    how->limit = 0;
    how->shut = 0;
    mangle_set(how, story->rand);
    fake_intake_refuses(story->intake, 0, ERROR_TRANSIENT);
    story_end(story);
}

static void tell(guint32 seed, bool shown)
{
    Story story = { .shown = shown };
    Mangle how;

    begin(&story, seed);
    how = some_mangle(&story);
    mangle_set(&how, story.rand);
    if (pick(&story, 3) == 0) /* what events name is more than is remembered */
        story.engine->common.hints_max = 1 + (unsigned) pick(&story, 4);
    say(&story, "lost %.2f twice %.2f late %.2f shuffled %.2f shut %.2f limit %d", how.lost,
        how.twice, how.late, how.shuffled, how.shut, how.limit);
    for (int i = 0; i < STEPS; i++) {
        do_something(&story);
        if (pick(&story, 3) == 0)
            turns(&story, pick(&story, 6));
        if (pick(&story, 4) == 0)
            pass(&story, pick(&story, 20) ? pick(&story, 3000) : pick(&story, 2 * RECONCILE_MS));
    }
    tidy(&story, &how);
    if (story.calm) {
        pass(&story, SOON_MS);
        check_end(&story, false);
    }
    pass(&story, INT64_C(3) * RECONCILE_MS);
    check_end(&story, true);
    end(&story);
}

static guint32 only;

static void whatever_becomes_of_events_the_end_is_the_same(void **state)
{
    const char *wanted = g_getenv("HOTFOLDER_STORIES");
    guint32 stories = wanted ? (guint32) atoi(wanted) : STORIES;

    (void) state;
    for (guint32 seed = 1; seed <= stories && !only; seed++)
        tell(seed, false);
    if (only)
        tell(only, true);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_becomes_of_events_the_end_is_the_same),
    };

    if (access("/dev/shm", W_OK) == 0) /* where nothing waits for a disk */
        g_setenv("TMPDIR", "/dev/shm", FALSE);
    if (argc > 1)
        only = (guint32) strtoul(argv[1], NULL, 10);
    return cmocka_run_group_tests_name("watch model", tests, NULL, NULL);
}
