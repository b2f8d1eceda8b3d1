/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hotfolder-page - shows hotfolder in a browser. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "daemon/settings/load.h"
#include "page/confine.h"
#include "page/listener.h"
#include "page/server.h"
#include "page/usage.h"

enum {
    LOOK_MS = 1000,           /* between two looks at the configuration, without a connection */
    END_MS = 5 * 1000,        /* for the answers that it still owes */
    REFUSED_US = 1200 * 1000, /* before it ends in vain: the unit may start 10 times in 10 s */
    IDLE_MS = 10 * 60 * 1000, /* systemd starts it again for the next browser */
};

typedef struct Page {
    Sources *sources; /* what the configuration and the token were read from */
    Http *http;
    Token *token; /* NULL: none is asked for */
    Guard guard;
    Forward *forward;
    Hub *hub;
    Server *server;
    bool given; /* systemd holds the socket */
    int signals;
} Page;

static void page_clear(Page *page)
{
    server_stop(page->server);
    hub_free(page->hub);
    forward_free(page->forward);
    token_free(page->token);
    if (page->http)
        http_free(page->http);
    sources_free(page->sources);
    if (page->signals >= 0)
        close(page->signals);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Page, page_clear)

static void report(const Error *error)
{
    g_autofree char *text = error_text(error);

    fprintf(stderr, "hotfolder-page: %s\n", text);
}

/* ---- what it needs ---- */

static bool read_settings(Page *page, const char *config)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    page->http = settings_load_http(config, page->sources, errors);
    for (guint i = 0; i < errors->len; i++)
        report(errors->pdata[i]);
    if (!errors->len && !page->http)
        fprintf(stderr,
                "hotfolder-page: %s: there is no http { }, so that there is no page; write http { "
                "} for the page on 127.0.0.1:8480\n",
                config);
    return page->http && !errors->len;
}

static bool read_token(Page *page, Error **err)
{
    const char *file = page->http->token_file;

    if (!file)
        return true;
    sources_add(page->sources, file);
    page->token = token_read(file, err);
    return page->token;
}

/* The socket that systemd has passed; -1: none, -2: several. */
static int given_socket(void)
{
    int count = sd_listen_fds(1);

    if (count > 1)
        return -2;
    return count == 1 ? SD_LISTEN_FDS_START : -1;
}

static int catch_signals(void)
{
    static const struct sigaction ignored = { .sa_handler = SIG_IGN };
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGPIPE, &ignored, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool start(Page *page, int given, const char *runtime, Error **err)
{
    g_autofree char *socket = g_build_filename(runtime, "control.sock", NULL);

    if (given < -1)
        return error_set(err, ERROR_CONFIG, "leave one ListenStream= in hotfolder-page.socket",
                         "systemd has passed several sockets");
    if (!read_token(page, err))
        return false;
    page->guard = (Guard){ page->http->hosts, page->token, page->http->steer };
    page->given = given >= 0;
    int listener = listener_take(page->http, given, err);
    if (listener < 0)
        return false;
    page->signals = catch_signals();
    page->forward = forward_new(socket);
    page->hub = hub_new(page->forward, page->http->steer);
    page->server = server_start(listener, &page->guard, page->forward, page->hub, err);
    return page->server;
}

/* ---- the loop ---- */

static bool has_stopped(const Page *page)
{
    struct signalfd_siginfo signal = { 0 };

    return read(page->signals, &signal, sizeof(signal)) > 0;
}

/* When it ends by itself, as no browser is connected. */
static int64_t end_of(const Page *page)
{
    int64_t since_ms = server_idle_since(page->server);

    return page->given && since_ms != CLOCK_NEVER ? since_ms + IDLE_MS : CLOCK_NEVER;
}

/* Waits until something has to be done, until that time at the most. */
static void wait_until(const Page *page, int64_t until_ms)
{
    const int fds[] = { server_fd(page->server), page->signals };

    until_ms = MIN(until_ms, MIN(server_until(page->server), hub_until(page->hub)));
    forward_wait(page->forward, fds, G_N_ELEMENTS(fds),
                 until_ms == CLOCK_NEVER ? -1 : MAX(until_ms - clock_ms(), 0));
}

static void turn(const Page *page)
{
    forward_turn(page->forward);
    hub_turn(page->hub, clock_ms());
    server_turn(page->server);
}

/* What it has read may not hold any more, and it can read no file: another process has to. */
static int end_with_changes(const Page *page)
{
    int64_t until_ms = clock_ms() + END_MS;

    fprintf(stderr, "hotfolder-page: the configuration, or the token, has changed; %s\n",
            page->given ? "the next connection starts the page with it"
                        : "start hotfolder-page again");
    server_end(page->server);
    while (!server_has_ended(page->server) && clock_ms() < until_ms) {
        turn(page);
        if (!server_has_ended(page->server))
            wait_until(page, until_ms);
        if (has_stopped(page))
            return EXIT_SUCCESS;
    }
    return page->given ? EXIT_SUCCESS : PAGE_CHANGED;
}

/* Each connection is looked at before it is taken. Returns the exit status. */
static int serve(const Page *page)
{
    while (!has_stopped(page) && clock_ms() < end_of(page)) {
        wait_until(page, page->given ? end_of(page) : clock_ms() + LOOK_MS);
        if (sources_have_changed(page->sources))
            return end_with_changes(page);
        turn(page);
    }
    return EXIT_SUCCESS;
}

/* The next connection starts it again: not more often than systemd lets a socket do that. */
static int refuse(int given)
{
    if (given >= 0)
        g_usleep(REFUSED_US);
    return USAGE_ERROR;
}

static int run(const char *config, const char *runtime)
{
    g_auto(Page) page = { .sources = sources_new(), .signals = -1 };
    g_autoptr(Error) error = NULL;

    int given = given_socket();

    if (!read_settings(&page, config))
        return refuse(given);
    if (!start(&page, given, runtime, &error)) {
        report(error);
        return error->kind == ERROR_CONFIG ? USAGE_ERROR : EXIT_FAILURE;
    }
    confine_page();
    sd_notify(0, "READY=1");
    int status = serve(&page);
    sd_notify(0, "STOPPING=1");
    return status;
}

int main(int argc, char **argv)
{
    g_autofree char *config = paths_config();
    g_autofree char *runtime = paths_daemon_dir();
    int option = 0, status = 0;

    while ((option = usage_next(&usage_hotfolder_page, argc, argv, &status)) > 0) {
        if (option == 'c') {
            g_free(config);
            config = g_canonicalize_filename(optarg, NULL);
        } else {
            g_free(runtime);
            runtime = g_strdup(optarg);
        }
    }
    if (option == USAGE_DONE)
        return status;
    if (optind < argc)
        return usage_error(&usage_hotfolder_page, "unexpected argument '%s'", argv[optind]);
    return run(config, runtime);
}
