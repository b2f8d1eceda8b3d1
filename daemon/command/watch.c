/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A page is drawn over the one before, line by line, and only where it differs: nothing flickers,
 * and a slow connection carries little. */
#include "command/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "command/client.h"
#include "command/import_status.h"
#include "command/json.h"
#include "command/screen.h"

enum { EVERY_MS = 1000, TIMEOUT_S = 5, ROWS = 24, COLUMNS = 80 };

/* The other screen, without a cursor; and back. */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[m\033[?25h\033[?1049l"

/* What a signal handler needs. */
static struct termios before;         /* of stdin */
static volatile sig_atomic_t is_raw;  /* stdin is a terminal, and `before` is how it was */
static volatile sig_atomic_t changed; /* the page has to be drawn whole */

typedef struct Watching {
    const Target *target;
    char *socket;
    cJSON *status;  /* the last answer; NULL: none is to be shown */
    char *note;     /* NULL: nothing to note */
    char *drawn;    /* what the terminal shows */
    double pid;     /* of the daemon that answered last */
    bool is_silent; /* it does not answer */
} Watching;

/* ---- the terminal ---- */

/* All of it, also where a handler interrupts it. Safe in a signal handler. */
static void put(const char *bytes, size_t length)
{
    while (length) {
        ssize_t wrote = write(STDOUT_FILENO, bytes, length);
        if (wrote < 0 && errno != EINTR)
            return;
        bytes += MAX(wrote, 0);
        length -= (size_t) MAX(wrote, 0);
    }
}

static void enter(void)
{
    struct termios raw = before;

    raw.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
    if (is_raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    put(ENTER, strlen(ENTER));
}

static void leave(void)
{
    put(LEAVE, strlen(LEAVE));
    if (is_raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void on_end(int number)
{
    leave();
    signal(number, SIG_DFL);
    raise(number);
}

/* The shell has its own screen while this one is stopped. */
static void on_pause(int number)
{
    int code = errno;

    (void) number;
    leave();
    raise(SIGSTOP);
    enter();
    changed = 1;
    errno = code;
}

static void on_resize(int number)
{
    (void) number;
    changed = 1;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler }; /* poll(2) returns at once */

    sigaction(number, &action, NULL);
}

static void open_terminal(void)
{
    is_raw = tcgetattr(STDIN_FILENO, &before) == 0;
    handle(SIGINT, on_end);
    handle(SIGTERM, on_end);
    handle(SIGHUP, on_end);
    handle(SIGQUIT, on_end);
    handle(SIGTSTP, on_pause);
    handle(SIGWINCH, on_resize);
    enter();
}

/* ---- a page ---- */

static GArray *lines_of(const Watching *watching)
{
    struct winsize size = { 0 };

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
        size = (struct winsize){ .ws_row = ROWS, .ws_col = COLUMNS };
    /* Terminals differ in what follows a character in the last column. */
    return screen_lines(watching->status, watching->note, size.ws_row, size.ws_col - 1);
}

static void draw(Watching *watching)
{
    g_autoptr(GArray) lines = lines_of(watching);
    GString *page = g_string_new("\033[H");

    for (guint i = 0; i < lines->len; i++) {
        const ScreenLine *line = &g_array_index(lines, ScreenLine, i);
        const char *paint = terminal_code(stdout, line->paint);
        g_string_append_printf(page, "%s%s%s%s\033[K", i ? "\r\n" : "", paint, line->text,
                               *paint ? "\033[m" : "");
    }
    g_string_append(page, "\033[J");
    if (changed || g_strcmp0(page->str, watching->drawn) != 0)
        put(page->str, page->len);
    changed = 0;
    g_free(watching->drawn);
    watching->drawn = g_string_free(page, FALSE);
}

/* ---- the daemon ---- */

static void note_restart(Watching *watching)
{
    double pid = json_number(watching->status, "pid");
    g_autofree char *now = clock_text(clock_wall_ms());

    if (watching->pid > 0 && pid != watching->pid) {
        g_free(watching->note);
        watching->note =
            g_strdup_printf("the daemon was restarted; it answers again since %s", now);
    } else if (watching->is_silent) {
        g_clear_pointer(&watching->note, g_free);
    }
    watching->pid = pid;
    watching->is_silent = false;
}

/* What it showed last stays: a daemon that is restarted is soon back. */
static void note_silence(Watching *watching)
{
    g_autofree char *now = clock_text(clock_wall_ms());

    if (watching->is_silent)
        return;
    g_free(watching->note);
    watching->note = g_strdup_printf(
        "the daemon does not answer since %s, it may be restarting; this is its last answer", now);
    watching->is_silent = true;
}

/* `answer` may be NULL: there was none. */
static void take(Watching *watching, const char *answer)
{
    cJSON *status = answer ? cJSON_Parse(answer) : NULL;

    if (!status) {
        note_silence(watching);
        return;
    }
    cJSON *cards = import_status_json(watching->target);
    if (cards)
        cJSON_AddItemToObject(status, "cards", cards);
    cJSON_Delete(watching->status);
    watching->status = status;
    note_restart(watching);
}

/* ---- the loop ---- */

static bool wants_end(void)
{
    char key = 0;

    return read(STDIN_FILENO, &key, 1) == 1 && (key == 'q' || key == 'Q');
}

/* Draws when the terminal has another size. False: the person ends it. */
static bool wait_a_second(Watching *watching)
{
    int64_t end_ms = clock_ms() + EVERY_MS;
    struct pollfd keys = { .fd = is_raw ? STDIN_FILENO : -1, .events = POLLIN };

    for (int64_t left_ms = EVERY_MS; left_ms > 0; left_ms = end_ms - clock_ms()) {
        if (poll(&keys, 1, (int) left_ms) > 0) {
            if (!(keys.revents & POLLIN))
                keys.fd = -1; /* the terminal is gone: a signal follows */
            else if (wants_end())
                return false;
        }
        if (changed)
            draw(watching);
    }
    return true;
}

int watch_status(const Target *target, const char *first)
{
    Watching watching = { .target = target };

    watching.socket = g_build_filename(target->runtime_dir, "control.sock", NULL);
    take(&watching, first);
    open_terminal();
    draw(&watching);
    while (wait_a_second(&watching)) {
        g_autofree char *answer = client_get(watching.socket, "/v1/status", TIMEOUT_S);
        take(&watching, answer);
        draw(&watching);
    }
    leave();
    cJSON_Delete(watching.status);
    g_free(watching.socket);
    g_free(watching.note);
    g_free(watching.drawn);
    return EXIT_SUCCESS;
}
