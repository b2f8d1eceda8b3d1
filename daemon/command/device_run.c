/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command/device_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command/check_folders.h"
#include "command/device_mount.h"
#include "command/terminal.h"
#include "config/usage.h"

enum { MESSAGE_BYTES = 4096 };

/* What the second process asks for, in a byte; an answer begins with one too, and its text. */
enum {
    ASK_MOUNT = 'm',
    ASK_EJECT = 'e',
    ASK_LEAVE = 'l', /* another byte is the status */
    ANSWER_ROOT = '+',
    ANSWER_CONFIG = 'c',
    ANSWER_ERROR = '-'
};

struct DeviceCard {
    int socket;
};

/* ---- the second process ---- */

bool device_card_mount(DeviceCard *card, char **root, Error **err)
{
    char question = ASK_MOUNT, answer[MESSAGE_BYTES] = "";
    ssize_t length = -1;

    if (send(card->socket, &question, 1, MSG_NOSIGNAL) == 1)
        length = recv(card->socket, answer, sizeof(answer) - 1, 0);
    if (length < 1)
        return error_errno(err, length ? errno : ECONNRESET, "the card cannot be mounted");
    if (*answer != ANSWER_ROOT)
        return error_set(err, *answer == ANSWER_CONFIG ? ERROR_CONFIG : ERROR_ENVIRONMENT, NULL,
                         "%s", answer + 1);
    *root = g_strdup(answer + 1);
    return true;
}

void device_card_eject(DeviceCard *card)
{
    char question = ASK_EJECT;

    (void) send(card->socket, &question, 1, MSG_NOSIGNAL);
}

void device_card_leave(DeviceCard *card, int status)
{
    char question[] = { ASK_LEAVE, (char) status };

    (void) send(card->socket, question, sizeof(question), MSG_NOSIGNAL);
}

/* What root's environment says of root. */
static void forget_root(void)
{
    static const char *const names[] = { "HOME",           "XDG_CONFIG_HOME",
                                         "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
                                         "LOGNAME",        "USER" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_unsetenv(names[i]);
}

/* Becomes the service's user, for good. */
static bool give_up_rights(const CheckUser *user, pid_t parent)
{
    forget_root();
    if (setgid(user->group) != 0 || setuid(user->id) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
        setuid(0) == 0) {
        terminal_error("cannot become the user " SERVICE_USER ": %s", g_strerror(errno));
        return false;
    }
    return getppid() == parent;
}

static int be_second(int socket, const CheckUser *user, pid_t parent,
                     int (*work)(DeviceCard *card, void *data), void *data)
{
    DeviceCard card = { socket };
    sigset_t none;

    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
    return give_up_rights(user, parent) ? work(&card, data) : EXIT_FAILURE;
}

/* ---- the first process ---- */

typedef struct First {
    const char *name;
    CheckUser user;
    int socket, signals;
    pid_t child;
    Device *device;     /* NULL: it was not asked for */
    DeviceMount *mount; /* the same */
    bool ejects;
    bool is_left; /* the second process hangs, and has said its status */
    int status;
} First;

static bool mount_it(First *first, Error **err)
{
    return device_find(first->name, &first->device, err) &&
           device_may_be_card(first->device, err) &&
           device_mount(first->device, first->user.id, first->user.group, &first->mount, err);
}

static void answer_mount(First *first)
{
    g_autoptr(Error) error = NULL;
    g_autofree char *text = NULL, *answer = NULL;

    if (!first->device && mount_it(first, &error))
        answer = g_strdup_printf("%c%s", ANSWER_ROOT, first->mount->root);
    else if (error) {
        text = error_text(error);
        answer = g_strdup_printf("%c%s", error->kind == ERROR_CONFIG ? ANSWER_CONFIG : ANSWER_ERROR,
                                 text);
    } else
        answer = g_strdup_printf("%cit was mounted already", ANSWER_ERROR);
    (void) send(first->socket, answer, MIN(strlen(answer), MESSAGE_BYTES - 1), MSG_NOSIGNAL);
}

/* False: the second process has closed its end. */
static bool answer(First *first)
{
    char question[2] = { 0 };

    if (recv(first->socket, question, sizeof(question), 0) < 1)
        return false;
    if (*question == ASK_MOUNT)
        answer_mount(first);
    first->ejects = first->ejects || *question == ASK_EJECT;
    first->is_left = *question == ASK_LEAVE;
    first->status = (unsigned char) question[1];
    return !first->is_left;
}

static void pass_on_signal(const First *first)
{
    struct signalfd_siginfo signal;

    if (read(first->signals, &signal, sizeof(signal)) == (ssize_t) sizeof(signal))
        (void) kill(first->child, SIGTERM);
}

/* Serves the second process until it ends; its exit status. */
static int serve(First *first)
{
    struct pollfd ready[] = { { .fd = first->signals, .events = POLLIN },
                              { .fd = first->socket, .events = POLLIN } };
    int status = 0;

    while (poll(ready, G_N_ELEMENTS(ready), -1) >= 0 || errno == EINTR) {
        if (ready[0].revents)
            pass_on_signal(first);
        if (ready[1].revents && !answer(first))
            break;
    }
    if (first->is_left)
        return first->status;
    while (waitpid(first->child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    terminal_error("%s: the import has ended by signal %d (%s)", first->name, WTERMSIG(status),
                   g_strsignal(WTERMSIG(status)));
    return EXIT_FAILURE;
}

/* Says whether the card may be pulled. */
static void let_go(First *first)
{
    g_autoptr(Error) error = NULL;
    bool ejected = false;

    device_unmount(first->mount);
    if (!first->ejects)
        return;
    if (!device_eject(first->device, first->mount, &ejected, &error))
        terminal_error_about(first->device->node, PAINT_NOTICE, error);
    else
        terminal_error("%s: %s; pull it", first->device->node,
                       ejected ? "ejected" : "not in use any more");
}

static int be_first(First *first)
{
    int status = serve(first);

    if (first->mount)
        let_go(first);
    device_mount_free(first->mount);
    device_free(first->device);
    return status;
}

/* ---- both ---- */

static bool prepare(First *first, int sockets[2], Error **err)
{
    sigset_t ends;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    first->user = check_service_user();
    if (!first->user.id)
        return error_set(err, ERROR_ENVIRONMENT, "run: systemd-sysusers",
                         "this machine has no user '" SERVICE_USER "'");
    if (!device_mount_begin(err))
        return false;
    if (pthread_sigmask(SIG_BLOCK, &ends, NULL) != 0 ||
        (first->signals = signalfd(-1, &ends, SFD_CLOEXEC)) < 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
        return error_errno(err, errno, "no second process can be started");
    return true;
}

int device_run(const char *device, int (*work)(DeviceCard *card, void *user), void *user)
{
    First first = { .name = device };
    g_autoptr(Error) error = NULL;
    pid_t parent = getpid();
    int sockets[2] = { -1, -1 };

    if (geteuid() != 0) {
        terminal_error("--device needs root: run systemctl start hotfolder-import@%s", device);
        return USAGE_ERROR;
    }
    if (!prepare(&first, sockets, &error)) {
        terminal_error_about(device, PAINT_BAD, error);
        return EXIT_FAILURE;
    }
    first.socket = sockets[0];
    first.child = fork();
    if (first.child == 0) {
        close(sockets[0]);
        close(first.signals);
        return be_second(sockets[1], &first.user, parent, work, user);
    }
    close(sockets[1]);
    if (first.child < 0) {
        terminal_error("no second process can be started: %s", g_strerror(errno));
        return EXIT_FAILURE;
    }
    return be_first(&first);
}
