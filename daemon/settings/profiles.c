/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/profiles.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/text.h"
#include "config/conf_text.h"
#include "daemon/files/fileid.h"
#include "daemon/settings/programs.h"

enum {
    ANSWER_MAX = 4 * 1024 * 1024, /* bytes of errors */
    ERRORS_MAX = 10000,
    PART_MAX = 1000, /* characters of each part of one */
};

/* ---- text ---- */

/* `text` with each run of blanks outside of quotes made one, to compare profiles by more than their
 * layout. Newly allocated. */
static char *normalized(const char *text)
{
    GString *out = g_string_new(NULL);
    char quote = 0;

    for (const char *c = text; *c; c++) {
        if (!quote && g_ascii_isspace(*c)) {
            if (out->len && out->str[out->len - 1] != ' ')
                g_string_append_c(out, ' ');
            continue;
        }
        if (quote && *c == '\\' && c[1])
            g_string_append_c(out, *c++);
        else if (*c == quote)
            quote = 0;
        else if (!quote && (*c == '"' || *c == '\''))
            quote = *c;
        g_string_append_c(out, *c);
    }
    return g_string_free(out, FALSE);
}

ProfileText *profile_text_new(const ConfNode *node)
{
    ProfileText *profile = g_new0(ProfileText, 1);
    g_autofree char *text = normalized(node->text);

    profile->name = g_strdup(node->title);
    profile->file = g_strdup(node->file);
    profile->line = node->line;
    profile->text = g_strdup(node->text);
    profile->hash = fileid_text_hash(text);
    return profile;
}

static bool is_comment(const char *line)
{
    return line[strspn(line, " \t")] == '#';
}

/* "# web - photos for a page." of the profile web: "photos for a page". */
static char *purpose_of(const char *name, const char *comment)
{
    g_autofree char *line = g_strdup(comment + strspn(comment, " \t#"));
    g_autofree char *start = g_strdup_printf("%s - ", name);
    const char *text = g_str_has_prefix(g_strchomp(line), start) ? line + strlen(start) : line;

    return g_strndup(text, strlen(text) - g_str_has_suffix(text, "."));
}

char *profile_text_purpose(const ProfileText *profile)
{
    g_autofree char *text = NULL;

    if (!g_file_get_contents(profile->file, &text, NULL, NULL))
        return g_strdup("");
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    int own = MIN(profile->line, (int) g_strv_length(lines)) - 1, first = own;
    while (first > 0 && is_comment(lines[first - 1]))
        first--;
    return first < own ? purpose_of(profile->name, lines[first]) : g_strdup("");
}

char *profiles_document(const GPtrArray *profiles, const GPtrArray *programs)
{
    g_autofree char *known = profiles->len ? programs_document(programs) : NULL;
    GString *document = g_string_new(known);

    for (guint i = 0; i < profiles->len; i++) {
        const ProfileText *profile = profiles->pdata[i];
        g_autofree char *position = conftext_line(profile->file, profile->line);

        g_string_append_printf(document, "%s%s\n", position, profile->text);
    }
    return g_string_free(document, FALSE);
}

/* ---- the check by a worker ---- */

/* A memory file with the document, open at its start; -1 with errno set. A pipe would have to be
 * written while the answer is read. */
static int document_file(const char *document)
{
    int fd = memfd_create("profiles", MFD_CLOEXEC);
    size_t length = strlen(document);

    for (size_t done = 0; fd >= 0 && done < length;) {
        ssize_t put = pwrite(fd, document + done, length - done, (off_t) done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            close(fd);
            return -1;
        }
        done += (size_t) put;
    }
    return fd;
}

/* Starts `worker --check` with these two descriptors; 0 or an errno value. No signal is blocked in
 * it, as some are in our main thread. */
static int start_check(const char *worker, int in, int out, pid_t *pid)
{
    char *argv[] = { g_strdup(worker), g_strdup("--check"), NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    int code = 0;

    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    code = posix_spawn(pid, worker, &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    g_free(argv[0]);
    g_free(argv[1]);
    return code;
}

/* Waits for fd to become readable; false when the deadline (clock_ms) passes first. */
static bool wait_readable(int fd, int64_t deadline)
{
    struct pollfd poller = { .fd = fd, .events = POLLIN };

    for (;;) {
        int64_t left = deadline - clock_ms();
        int ready = poll(&poller, 1, (int) CLAMP(left, 0, INT_MAX));

        if (ready > 0)
            return true;
        if (left <= 0 || (ready < 0 && errno != EINTR))
            return false;
    }
}

/* Reads fd to its end; false when that takes too long, or the answer is too long. */
static bool read_answer(int fd, int64_t deadline, GString *answer)
{
    char buffer[4096];

    while (wait_readable(fd, deadline)) {
        ssize_t got = read(fd, buffer, sizeof(buffer));

        if (got == 0)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        if (got > 0)
            g_string_append_len(answer, buffer, got);
        if (answer->len > ANSWER_MAX)
            return false;
    }
    return false;
}

/* Waits for the worker, and kills it at the deadline. Its status as waitpid(2) gives it. */
static int wait_for_exit(pid_t pid, int64_t deadline)
{
    int watcher = pidfd_open(pid, 0);
    int status = -1;

    if (watcher < 0 || !wait_readable(watcher, deadline))
        kill(pid, SIGKILL);
    if (watcher >= 0)
        close(watcher);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void parse_name(char **fields, GPtrArray *names)
{
    g_autofree char *name = g_strcompress(fields[3]), *where = text_shorten(fields[1], PART_MAX);

    g_ptr_array_add(names, named_output_new(fields[2], name, where));
}

/* A line of two fields: a file, a track, that a profile draws text, or what the sandbox lacks. */
static void parse_pair(char **fields, Settings *settings)
{
    g_autofree char *path = g_strcompress(fields[1]), *where = text_shorten(fields[0], PART_MAX);

    if (!strcmp(where, "fonts")) {
        settings->profiles_draw_text = true;
        return;
    }
    if (!strcmp(where, "track")) {
        g_ptr_array_add(settings->tracks, g_steal_pointer(&path));
        return;
    }
    if (*where) {
        g_ptr_array_add(settings->files, named_file_new(path, where));
        return;
    }
    g_free(settings->sandbox_lacks);
    settings->sandbox_lacks = text_shorten(fields[1], PART_MAX);
}

/* Three fields: where, what, and the remedy. */
static void parse_error(char **fields, GPtrArray *errors)
{
    g_autofree char *what = text_shorten(fields[1], PART_MAX);
    g_autofree char *fix = text_shorten(fields[2], PART_MAX);
    Error *error = NULL;

    error_set(&error, ERROR_CONFIG, *fix ? fix : NULL, "%s", what);
    error->where = text_shorten(fields[0], PART_MAX);
    g_ptr_array_add(errors, error);
}

/* A line of four fields: advice, an output, what it loses, or what renames originals. */
static void parse_four(char **fields, Settings *settings)
{
    if (!strcmp(fields[0], "advice"))
        parse_error(fields + 1, settings->advice);
    else if (!strcmp(fields[0], "renames"))
        parse_name(fields, settings->renames);
    else
        parse_name(fields, !strcmp(fields[0], "loses") ? settings->losses : settings->names);
}

/* One line of the answer; see worker/check.h. Its texts are made safe for a terminal. */
static bool parse_line(const char *line, Settings *settings, GPtrArray *errors)
{
    g_auto(GStrv) fields = g_strsplit(line, "\x1f", 4);

    switch (g_strv_length(fields)) {
    case 2:
        parse_pair(fields, settings);
        return true;
    case 3:
        parse_error(fields, errors);
        return true;
    case 4:
        parse_four(fields, settings);
        return true;
    default:
        return false;
    }
}

static bool parse_answer(const GString *answer, Settings *settings, GPtrArray *errors)
{
    g_auto(GStrv) lines = g_strsplit(answer->str, "\n", ERRORS_MAX + 1);
    bool right = strlen(answer->str) == answer->len;

    for (char **line = lines; *line; line++)
        if (**line)
            right = parse_line(*line, settings, errors) && right;
    return right;
}

static char *status_text(int status)
{
    if (WIFSIGNALED(status))
        return g_strdup_printf("it was killed by signal %d (%s)", WTERMSIG(status),
                               sigdescr_np(WTERMSIG(status)));
    return g_strdup_printf("it ended with status %d", WEXITSTATUS(status));
}

/* `fix` may be NULL. Always false. */
static bool report_failed(GPtrArray *errors, const char *worker, const char *why, const char *fix)
{
    g_autofree char *shown = text_escape(worker);
    Error *error = NULL;

    error_set(&error, ERROR_CONFIG, fix ? fix : "install hotfolder again, or report this",
              "cannot check the profiles with %s: %s", shown, why);
    g_ptr_array_add(errors, error);
    return false;
}

static bool report_failure(GPtrArray *errors, const char *worker, const char *why)
{
    return report_failed(errors, worker, why, NULL);
}

/* It could not be started, by errno. */
static bool report_start(GPtrArray *errors, const char *worker, int code)
{
    return report_failed(errors, worker, g_strerror(code), paths_worker_fix(code));
}

/* After its answer was read, `whole` or not, until the deadline. */
static bool judge(const char *worker, const GString *answer, bool whole, Settings *settings,
                  GPtrArray *errors)
{
    guint before = errors->len;

    if (!whole)
        return report_failed(errors, worker, "it did not answer in time",
                             "try again when this machine has less to do, or report this");
    if (!parse_answer(answer, settings, errors))
        return report_failure(errors, worker, "its answer is not valid");
    return errors->len == before;
}

static bool run_check(const char *worker, int in, const int pipe[2], int64_t timeout_ms,
                      Settings *settings, GPtrArray *errors)
{
    g_autoptr(GString) answer = g_string_new(NULL);
    g_autofree char *how = NULL;
    int64_t deadline = clock_ms() + timeout_ms;
    pid_t pid = 0;
    int code = start_check(worker, in, pipe[1], &pid);

    close(pipe[1]); /* the answer then ends when the worker does */
    if (code != 0)
        return report_start(errors, worker, code);
    bool whole = read_answer(pipe[0], deadline, answer);
    int status = wait_for_exit(pid, whole ? deadline : 0);
    if (!judge(worker, answer, whole, settings, errors))
        return false;
    if (status == 0)
        return true;
    how = status_text(status);
    return report_failure(errors, worker, how);
}

static bool run_checker(const char *worker, const ProfileChecker *checker, const char *document,
                        const int pipe[2], int64_t timeout_ms, Settings *settings,
                        GPtrArray *errors)
{
    g_autoptr(GString) answer = g_string_new(NULL);
    g_autoptr(Error) why = NULL;
    bool started =
        checker->start(checker->user, document, settings_draw_text(settings), pipe[1], &why);

    close(pipe[1]);
    if (!started)
        return report_failed(errors, worker, why->what, why->fix);
    bool whole = read_answer(pipe[0], clock_ms() + timeout_ms, answer);
    return judge(worker, answer, whole, settings, errors) &&
           (checker->end(checker->user, &why) ||
            report_failed(errors, worker, why->what, why->fix));
}

bool profiles_check(const char *worker, const ProfileChecker *checker, const char *document,
                    int64_t timeout_ms, Settings *settings, GPtrArray *errors)
{
    int in = checker ? -1 : document_file(document);
    int pipe[2] = { -1, -1 };
    bool right = false;

    if ((!checker && in < 0) || pipe2(pipe, O_CLOEXEC) != 0)
        report_start(errors, worker, errno);
    else
        right = checker ? run_checker(worker, checker, document, pipe, timeout_ms, settings, errors)
                        : run_check(worker, in, pipe, timeout_ms, settings, errors);
    if (pipe[0] >= 0)
        close(pipe[0]);
    if (in >= 0)
        close(in);
    return right;
}
