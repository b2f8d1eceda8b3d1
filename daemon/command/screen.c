/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/screen.h"

#include <string.h>

#include "command/json.h"
#include "command/span.h"

enum {
    NAME_LEAST = 8,   /* columns of a folder's name */
    NUMBERS = 49,     /* columns of what stands behind it */
    JOBS_SHARE = 4,   /* this part of the rows is for workers, at most */
    CARDS_MOST = 4,   /* of those that an import works on */
    FOLDERS_LEAST = 2 /* rows for folders before a worker gets one */
};

/* What a person has to look at comes first. */
typedef enum Rank {
    RANK_UNAVAILABLE,
    RANK_HELD,
    RANK_PAUSED,
    RANK_UNMOVED,
    RANK_FAILED,
    RANK_BUSY,
    RANK_QUIET,
} Rank;

typedef struct Shown {
    const cJSON *folder;
    Rank rank;
    guint place;  /* in the configuration */
    char *detail; /* a second line; NULL: none */
} Shown;

typedef struct Page {
    GArray *lines; /* of ScreenLine */
    int rows, columns;
} Page;

/* ---- texts ---- */

static int width_of(gunichar c)
{
    return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

static const char *after(const char *character)
{
    return character + g_utf8_skip[(unsigned char) *character];
}

int screen_width(const char *text)
{
    int columns = 0;

    for (; *text; text = after(text))
        columns += width_of(g_utf8_get_char(text));
    return columns;
}

/* The longest beginning of at most `columns`. */
static const char *end_of_head(const char *text, int columns)
{
    for (; *text; text = after(text))
        if ((columns -= width_of(g_utf8_get_char(text))) < 0)
            break;
    return text;
}

/* The longest end of at most `columns`. */
static const char *begin_of_tail(const char *text, int columns)
{
    int width = screen_width(text);

    for (; *text && width > columns; text = after(text))
        width -= width_of(g_utf8_get_char(text));
    return text;
}

char *screen_shorten(const char *text, int columns)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    if (screen_width(valid) <= columns)
        return g_steal_pointer(&valid);
    int kept = MAX(columns - 3, 0), head = kept - kept / 2;
    const char *end = end_of_head(valid, head), *tail = begin_of_tail(valid, kept - head);
    return g_strdup_printf("%.*s%.*s%s", (int) (end - valid), valid, MIN(columns, 3), "...", tail);
}

/* Cut at its end, where it is too long; newly allocated. */
static char *cut(const char *text, int columns)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);

    if (screen_width(valid) <= columns)
        return g_steal_pointer(&valid);
    const char *end = end_of_head(valid, MAX(columns - 3, 0));
    return g_strdup_printf("%.*s%.*s", (int) (end - valid), valid, MIN(columns, 3), "...");
}

/* In so many columns, with spaces behind it; newly allocated. */
static char *pad(const char *text, int columns)
{
    g_autofree char *shown = screen_shorten(text, columns);

    return g_strdup_printf("%s%*s", shown, columns - screen_width(shown), "");
}

/* ---- lines ---- */

static void line_clear(void *data)
{
    ScreenLine *line = data;

    g_free(line->text);
}

static int room(const Page *page)
{
    return page->rows - (int) page->lines->len;
}

static void add(Page *page, Paint paint, const char *text)
{
    const ScreenLine line = { cut(text, page->columns), paint };

    if (room(page) > 0)
        g_array_append_val(page->lines, line);
    else
        g_free(line.text);
}

static void add_daemon(Page *page, const cJSON *status)
{
    double left_s = json_number(status, "time_left_s");
    double waiting = json_number(status, "memory_requests");
    g_autofree char *left = span_text(left_s);
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "hotfolder %s, %.0f workers, %.0f in progress",
                           json_text(status, "version"), json_number(status, "workers"),
                           json_number(status, "in_progress"));
    if (left_s > 0)
        g_string_append_printf(text, ", %.3g pictures/s, %s left",
                               json_number(status, "pictures_per_s"), left);
    if (waiting > 0)
        g_string_append_printf(text, ", %.0f wait for memory", waiting);
    add(page, PAINT_PLAIN, text->str);
    g_string_free(text, TRUE);
}

/* Cards that an import works on: nothing may pull them. */
static void add_cards(Page *page, const cJSON *cards)
{
    const cJSON *card = NULL;
    int shown = 0;

    cJSON_ArrayForEach(card, cards)
    {
        double speed = json_number(card, "bytes_per_s") / (1024 * 1024);
        const char *state = json_text(card, "state");
        if (cJSON_IsTrue(cJSON_GetObjectItem(card, "may_be_pulled")) || shown++ >= CARDS_MOST)
            continue;
        g_autofree char *rate = speed > 0 ? g_strdup_printf(", %.0f MB/s", speed) : NULL;
        g_autofree char *line = g_strdup_printf(
            "card %s: %s, %.0f of %.0f%s; do not pull it", json_text(card, "name"), state,
            json_number(card, "done"), json_number(card, "files"), rate ? rate : "");
        add(page, strcmp(state, "held") != 0 ? PAINT_PLAIN : PAINT_NOTICE, line);
    }
}

/* ---- folders ---- */

static Rank rank_of(const cJSON *folder)
{
    const char *state = json_text(folder, "state");

    if (!strcmp(state, "unavailable"))
        return RANK_UNAVAILABLE;
    if (!strcmp(state, "held"))
        return RANK_HELD;
    if (!strcmp(state, "paused"))
        return RANK_PAUSED;
    if (json_number(folder, "unmoved") > 0)
        return RANK_UNMOVED;
    if (json_number(folder, "failed") > 0)
        return RANK_FAILED;
    return json_number(folder, "queued") + json_number(folder, "in_progress") > 0 ? RANK_BUSY
                                                                                  : RANK_QUIET;
}

static char *unmoved_detail(const cJSON *folder)
{
    const cJSON *first = cJSON_GetArrayItem(cJSON_GetObjectItem(folder, "unmoved_directories"), 0);
    const char *fix = json_text(first, "fix");

    return g_strdup_printf("%.0f originals can't be moved%s%s", json_number(folder, "unmoved"),
                           *fix ? ": " : "", fix);
}

static char *busy_detail(const cJSON *folder)
{
    double left_s = json_number(folder, "time_left_s");
    const char *oldest = json_text(folder, "oldest_queued");
    g_autofree char *left = span_text(left_s), *since = json_time(folder, "oldest_queued_since");
    g_autofree char *shown = screen_shorten(oldest, 30);

    if (left_s <= 0 && !*oldest)
        return NULL;
    if (!*oldest)
        return g_strdup_printf("%s left", left);
    return left_s > 0 ? g_strdup_printf("%s left; oldest since %s: %s", left, since, shown)
                      : g_strdup_printf("oldest since %s: %s", since, shown);
}

/* Newly allocated, or NULL. */
static char *detail_of(const cJSON *folder, Rank rank)
{
    const char *reason = json_text(folder, "reason");

    switch (rank) {
    case RANK_UNAVAILABLE:
    case RANK_HELD:
    case RANK_PAUSED:
        return *reason ? g_strdup(reason) : NULL;
    case RANK_UNMOVED:
        return unmoved_detail(folder);
    case RANK_FAILED:
    case RANK_BUSY:
    case RANK_QUIET:
        break;
    }
    return busy_detail(folder);
}

static gint by_rank(gconstpointer a, gconstpointer b)
{
    const Shown *x = a, *y = b;

    return x->rank != y->rank ? (x->rank > y->rank) - (x->rank < y->rank)
                              : (x->place > y->place) - (x->place < y->place);
}

static void shown_clear(void *data)
{
    Shown *shown = data;

    g_free(shown->detail);
}

static GArray *in_order(const cJSON *status)
{
    const cJSON *folders = cJSON_GetObjectItem(status, "folders"), *folder = NULL;
    GArray *order = g_array_new(FALSE, FALSE, sizeof(Shown));

    g_array_set_clear_func(order, shown_clear);
    cJSON_ArrayForEach(folder, folders)
    {
        Rank rank = rank_of(folder);
        const Shown shown = { folder, rank, order->len, detail_of(folder, rank) };
        g_array_append_val(order, shown);
    }
    g_array_sort(order, by_rank);
    return order;
}

static void add_folder(Page *page, const Shown *shown, bool detail)
{
    static const Paint paints[] = {
        [RANK_UNAVAILABLE] = PAINT_BAD, [RANK_HELD] = PAINT_BAD,      [RANK_PAUSED] = PAINT_NOTICE,
        [RANK_UNMOVED] = PAINT_NOTICE,  [RANK_FAILED] = PAINT_NOTICE, [RANK_BUSY] = PAINT_PLAIN,
        [RANK_QUIET] = PAINT_PLAIN,
    };
    const cJSON *folder = shown->folder;
    g_autofree char *name =
        pad(json_text(folder, "name"), MAX(page->columns - NUMBERS, NAME_LEAST));
    g_autofree char *text =
        g_strdup_printf("%s %-11s %7.0f %11.0f %8.0f %7.0f", name, json_text(folder, "state"),
                        json_number(folder, "queued"), json_number(folder, "in_progress"),
                        json_number(folder, "done"), json_number(folder, "failed"));

    add(page, paints[shown->rank], text);
    if (!detail || !shown->detail)
        return;
    g_autofree char *below = g_strconcat("  ", shown->detail, NULL);
    add(page, PAINT_PLAIN, below);
}

/* How many lines all take with the second lines of those up to `rank`. */
static int height(const GArray *order, Rank rank)
{
    int lines = (int) order->len;

    for (guint i = 0; i < order->len; i++) {
        const Shown *shown = &g_array_index(order, Shown, i);
        lines += shown->detail && shown->rank <= rank;
    }
    return lines;
}

/* Second lines have room where all folders have; those that need a person have theirs before. */
static void add_folders(Page *page, const GArray *order, int most)
{
    Rank detailed = height(order, RANK_QUIET) <= most ? RANK_QUIET : RANK_UNMOVED;
    int last = page->rows - room(page) + most;
    guint i = 0;

    for (; i < order->len; i++) {
        const Shown *shown = &g_array_index(order, Shown, i);
        bool detail = shown->detail && shown->rank <= detailed, rest = i + 1 < order->len;
        if ((int) page->lines->len + 1 + detail + rest > last) {
            detail = false;
            if ((int) page->lines->len + 1 + rest > last)
                break;
        }
        add_folder(page, shown, detail);
    }
    if (i == order->len)
        return;
    g_autofree char *more = g_strdup_printf("and %u more %s: `hotfolder status`", order->len - i,
                                            order->len - i == 1 ? "folder" : "folders");
    add(page, PAINT_PLAIN, more);
}

static void add_titles(Page *page)
{
    g_autofree char *name = pad("folder", MAX(page->columns - NUMBERS, NAME_LEAST));
    g_autofree char *text = g_strdup_printf("%s %-11s %7s %11s %8s %7s", name, "state", "queued",
                                            "in progress", "done", "failed");

    add(page, PAINT_PLAIN, "");
    add(page, PAINT_PLAIN, text);
}

/* ---- workers ---- */

static void add_job(Page *page, const cJSON *job)
{
    const char *waits = json_text(job, "waits_for");
    g_autofree char *time = span_text(json_number(job, "for_s"));
    g_autofree char *end =
        g_strdup_printf(", for %s%s%s", time, *waits ? ", waits for " : "", waits);
    g_autofree char *folder = screen_shorten(json_text(job, "folder"), page->columns / 4);
    g_autofree char *begin = g_strdup_printf("worker: %s: ", folder);
    int left = page->columns - screen_width(begin) - screen_width(end);
    g_autofree char *picture = screen_shorten(json_text(job, "picture"), MAX(left, NAME_LEAST));
    g_autofree char *text = g_strconcat(begin, picture, end, NULL);

    add(page, PAINT_PLAIN, text);
}

static void add_jobs(Page *page, const cJSON *jobs, int most)
{
    int all = cJSON_GetArraySize(jobs), shown = all <= most ? all : most - 1;

    if (most < 1 || !all)
        return;
    add(page, PAINT_PLAIN, "");
    for (int i = 0; i < shown; i++)
        add_job(page, cJSON_GetArrayItem(jobs, i));
    if (shown == all)
        return;
    g_autofree char *more =
        g_strdup_printf("and %d more %s", all - shown, all - shown == 1 ? "worker" : "workers");
    add(page, PAINT_PLAIN, more);
}

/* ---- the page ---- */

GArray *screen_lines(const cJSON *status, const char *note, int rows, int columns)
{
    Page page = { g_array_new(FALSE, FALSE, sizeof(ScreenLine)), MAX(rows, 1), MAX(columns, 1) };
    const cJSON *jobs = cJSON_GetObjectItem(status, "jobs");

    g_array_set_clear_func(page.lines, line_clear);
    if (note)
        add(&page, PAINT_NOTICE, note);
    if (!status)
        return page.lines;
    g_autoptr(GArray) order = in_order(status);
    add_daemon(&page, status);
    add_cards(&page, cJSON_GetObjectItem(status, "cards"));
    add_titles(&page);
    int workers = MIN(cJSON_GetArraySize(jobs), rows / JOBS_SHARE);
    int for_jobs = workers ? workers + 1 : 0;
    if (room(&page) - for_jobs < FOLDERS_LEAST)
        for_jobs = 0;
    if (order->len)
        add_folders(&page, order, room(&page) - for_jobs);
    else
        add(&page, PAINT_NOTICE, "no folder is configured: `hotfolder add PATH` sets one up");
    add_jobs(&page, jobs, for_jobs - 1);
    return page.lines;
}
