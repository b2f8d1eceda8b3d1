/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/services.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "command/client.h"
#include "command/findings.h"
#include "daemon/settings/feedback.h"

#define PROGRAM "hotfolderd\n" /* as /proc/PID/comm has it */
#define SOCKET  "/control.sock"

enum {
    LISTENS = 1 << 16, /* __SO_ACCEPTCON, a flag of /proc/net/unix */
    EACH_S = 5,
    FOLDERS_MAX = 1000,
    ALL_US = 20 * 1000000, /* any user may have programs of this name */
};

/* A service that runs, and what it answered. */
typedef struct Service {
    pid_t pid;
    char *runtime_dir;   /* absolute */
    char *configuration; /* absolute */
    cJSON *status;       /* see daemon/service/control.c */
} Service;

static void service_free(void *data)
{
    Service *service = data;

    g_free(service->runtime_dir);
    g_free(service->configuration);
    cJSON_Delete(service->status);
    g_free(service);
}

/* ---- control sockets ---- */

/* A file of the process in /proc, newly allocated; NULL where it may not be read. */
static char *read_proc(const char *pid, const char *name)
{
    g_autofree char *path = g_build_filename("/proc", pid, name, NULL);
    char *text = NULL;

    return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

static bool is_daemon(const char *pid)
{
    g_autofree char *name = g_ascii_isdigit(*pid) ? read_proc(pid, "comm") : NULL;

    return !g_strcmp0(name, PROGRAM);
}

/* `path` as the process sees it, newly allocated; NULL: not known. */
static char *absolute(const char *pid, const char *path)
{
    g_autofree char *link = g_build_filename("/proc", pid, "cwd", NULL);
    g_autofree char *directory = *path == '/' ? NULL : g_file_read_link(link, NULL);

    return *path == '/' || directory ? g_canonicalize_filename(path, directory) : NULL;
}

/* The path of a control socket that this line of /proc/net/unix tells of, borrowed; else NULL. */
static const char *socket_of(const char *line)
{
    unsigned flags = 0;
    int at = 0;

    if (sscanf(line, "%*s %*s %*s %x %*s %*s %*s %n", &flags, &at) != 1 || !(flags & LISTENS))
        return NULL;
    return g_str_has_suffix(line + at, SOCKET) ? line + at : NULL;
}

/* The table is that of the process's network name space. The unit has one of its own; in a common
 * one the table has the sockets of others, too. */
static void add_sockets(GPtrArray *sockets, const char *pid)
{
    g_autofree char *table = read_proc(pid, "net/unix");
    g_auto(GStrv) lines = g_strsplit(table ? table : "", "\n", -1);

    for (char **line = lines; *line; line++) {
        const char *path = socket_of(*line);
        g_autofree char *socket = path ? absolute(pid, path) : NULL;
        if (socket && !g_ptr_array_find_with_equal_func(sockets, socket, g_str_equal, NULL))
            g_ptr_array_add(sockets, g_steal_pointer(&socket));
    }
}

static GPtrArray *find_sockets(void)
{
    GPtrArray *sockets = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
    const char *pid = NULL;

    while (processes && (pid = g_dir_read_name(processes)))
        if (is_daemon(pid))
            add_sockets(sockets, pid);
    return sockets;
}

/* ---- services ---- */

/* The process that listens on the socket; 0 where this user may not ask it. */
static pid_t listener(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct ucred peer = { 0 };
    socklen_t size = sizeof(peer);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return 0;
    if (g_strlcpy(address.sun_path, path, sizeof(address.sun_path)) >= sizeof(address.sun_path) ||
        connect(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        peer.pid = 0;
    close(fd);
    return peer.pid;
}

static void add_service(GPtrArray *services, const char *socket)
{
    pid_t pid = listener(socket);
    g_autofree char *number = g_strdup_printf("%d", (int) pid);
    g_autofree char *answer = is_daemon(number) ? client_get(socket, "/v1/status", EACH_S) : NULL;
    cJSON *status = answer ? cJSON_Parse(answer) : NULL;
    const char *file = cJSON_GetStringValue(cJSON_GetObjectItem(status, "configuration"));
    Service *service = g_new0(Service, 1);

    *service = (Service){ .pid = pid,
                          .runtime_dir = g_path_get_dirname(socket),
                          .configuration = file ? absolute(number, file) : NULL,
                          .status = status };
    if (service->configuration)
        g_ptr_array_add(services, service);
    else
        service_free(service);
}

static GPtrArray *find_services(void)
{
    GPtrArray *services = g_ptr_array_new_with_free_func(service_free);
    g_autoptr(GPtrArray) sockets = find_sockets();
    int64_t until_us = g_get_monotonic_time() + ALL_US;

    for (guint i = 0; i < sockets->len && g_get_monotonic_time() < until_us; i++)
        add_service(services, sockets->pdata[i]);
    return services;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return !strcmp(a, b) ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* The service that runs this configuration, borrowed; NULL: none. */
static const Service *find_own(const GPtrArray *services, const Target *target, const char *config)
{
    g_autofree char *file = g_canonicalize_filename(config, NULL);
    const Service *own = NULL;

    for (guint i = 0; i < services->len; i++) {
        const Service *service = services->pdata[i];
        if (is_same_file(service->configuration, file) &&
            (!own || is_same_file(service->runtime_dir, target->runtime_dir)))
            own = service;
    }
    return own;
}

/* ---- folders ---- */

/* From its status; that of an older version does not have "recursive". Any user's program can
 * answer: what has more folders is no hotfolder. */
static void add_theirs(GArray *folders, const Service *service)
{
    const cJSON *list = cJSON_GetObjectItem(service->status, "folders"), *item = NULL;

    if (cJSON_GetArraySize(list) > FOLDERS_MAX)
        return;
    cJSON_ArrayForEach(item, list)
    {
        FeedbackFolder folder = {
            .name = cJSON_GetStringValue(cJSON_GetObjectItem(item, "name")),
            .path = cJSON_GetStringValue(cJSON_GetObjectItem(item, "path")),
            .recursive = !cJSON_IsFalse(cJSON_GetObjectItem(item, "recursive")),
            .path_file = service->configuration,
        };
        if (folder.name && folder.path && *folder.path == '/')
            g_array_append_val(folders, folder);
    }
}

static void add_ours(GArray *folders, const Settings *settings)
{
    for (guint i = 0; i < settings->folders->len; i++) {
        const Folder *folder = settings->folders->pdata[i];
        FeedbackFolder ours = { .name = folder->name,
                                .path = folder->path,
                                .recursive = folder->recursive,
                                .path_file = folder->file,
                                .path_line = folder->line };
        g_array_append_val(folders, ours);
    }
}

/* An error without a line is one of their configuration. */
static void compare(const Service *service, const Settings *settings)
{
    g_autoptr(GArray) folders = g_array_new(FALSE, FALSE, sizeof(FeedbackFolder));
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func((GDestroyNotify) error_free);

    add_theirs(folders, service);
    add_ours(folders, settings);
    feedback_check((const FeedbackFolder *) (const void *) folders->data, folders->len, errors);
    for (guint i = 0; i < errors->len; i++) {
        const Error *error = errors->pdata[i];
        if (error->where && !strcmp(error->where, service->configuration))
            continue;
        g_autofree char *shown = text_escape(error->what);
        g_autofree char *what = g_strdup_printf("warning: another hotfolder runs (process %d): %s",
                                                (int) service->pid, shown);
        findings_add(error->where, NULL, what,
                     "give each a directory of its own, or stop one of the two");
    }
}

void services_warn(const Target *target, const char *config, const Settings *settings)
{
    g_autoptr(GPtrArray) services = find_services();
    const Service *own = find_own(services, target, config);

    for (guint i = 0; i < services->len; i++)
        if (services->pdata[i] != own)
            compare(services->pdata[i], settings);
}
