/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/notice_sections.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "daemon/settings/programs.h"
#include "daemon/settings/tables.h"

enum {
    SHOWN_MAX = 60,
    NAME_LENGTH = 64,
    RUN_BYTES_MAX = 8192,  /* of a program's path and arguments, so that they fit into a message */
    TEXT_BYTES_MAX = 2000, /* of addresses, and of a URL */
    TOKEN_LENGTH = 16,
    TOKEN_BYTES_MAX = 4096,
};

#define LETTERS_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* NULL for an empty text; takes over `text`. */
static char *unless_empty(char **text)
{
    if (*text && !**text)
        g_clear_pointer(text, g_free);
    return g_steal_pointer(text);
}

/* ---- who gets a notice ---- */

static void check_title(Draft *draft, const ConfNode *node)
{
    bool right = *node->title && g_utf8_strlen(node->title, -1) <= NAME_LENGTH;
    g_autofree char *shown = text_value(node->title, SHOWN_MAX);

    for (const char *c = node->title; right && *c; c = g_utf8_find_next_char(c, NULL))
        right = g_unichar_isprint(g_utf8_get_char(c));
    if (!right)
        conf_add_error(draft->errors, node->file, node->line, "give up to 64 characters",
                       "notify %s: this is no name", shown);
}

/* A domain, or an address of a machine in brackets. */
static bool is_domain(const char *text)
{
    size_t length = strspn(text, *text == '[' ? LETTERS_DIGITS ".:-[]" : LETTERS_DIGITS ".-");

    return length && !text[length] && *text != '.' && *text != '-' && !strstr(text, "..");
}

/* It goes into the head of a mail: what could begin another line or recipient is no part of one. */
static bool is_address(const char *text)
{
    const char *at = strrchr(text, '@');
    size_t local = strspn(text, LETTERS_DIGITS ".!#$%&'*+/=?^_`{|}~-");

    return at && local == (size_t) (at - text) && local && is_domain(at + 1);
}

static void check_address(Draft *draft, const ConfNode *node, const char *address)
{
    g_autofree char *shown = text_value(address, SHOWN_MAX);
    bool is_word = *address && !strpbrk(address, "@ \t\r\n");
    g_autofree char *fix = is_word ? g_strdup_printf("write %s@localhost for a user of this "
                                                     "machine, else name@example.org",
                                                     shown)
                                   : g_strdup("give name@example.org, several with commas "
                                              "between; only the address, in ASCII");

    if (!is_address(address))
        draft_refuse(draft, node, "mail", fix, "%s: this is no mail address", shown);
}

static void check_mail(Draft *draft, const ConfNode *node, const char *mail)
{
    g_auto(GStrv) parts = g_strsplit(mail, ",", -1);

    if (strlen(mail) > TEXT_BYTES_MAX)
        draft_refuse(draft, node, "mail", "write to a list of the mail server", "it is too long");
    if (!*mail)
        check_address(draft, node, mail);
    for (char **part = parts; *part; part++)
        check_address(draft, node, g_strstrip(*part));
}

static const char *url_problem(const char *url)
{
    g_autoptr(GUri) uri = NULL;

    if (strlen(url) > TEXT_BYTES_MAX)
        return "it is too long";
    for (const char *c = url; *c; c++)
        if (!g_ascii_isgraph(*c) || strchr("\"<>\\", *c))
            return "it has a character that no URL has";
    uri = g_uri_parse(url, G_URI_FLAGS_ENCODED, NULL);
    if (!uri)
        return "this is no URL";
    if (g_ascii_strcasecmp(g_uri_get_scheme(uri), "http") != 0 &&
        g_ascii_strcasecmp(g_uri_get_scheme(uri), "https") != 0)
        return "only http and https are known";
    return g_uri_get_host(uri) && *g_uri_get_host(uri) ? NULL : "it names no host";
}

/* A URL may have a password or another secret in it, and this message is read in the journal and on
 * the page. */
static void check_post(Draft *draft, const ConfNode *node, const char *url)
{
    const char *problem = url_problem(url);

    if (problem)
        draft_refuse(draft, node, "post", "give https://HOST/PATH", "...: %s", problem);
}

static void check_run(Draft *draft, const ConfNode *node, char *const *run)
{
    gsize bytes = 0;

    draft_check_program(draft, node, run, ", \"argument\", ...");
    for (; run && *run; run++)
        bytes += strlen(*run) + 1;
    if (bytes > RUN_BYTES_MAX)
        draft_refuse(draft, node, "run", "put them into a file that the program reads",
                     "{ ... }: the arguments are too long");
}

static void check_folder(Draft *draft, const ConfNode *node, const char *name)
{
    g_autofree char *key = g_strdup_printf("folder \"%s\"", name);
    g_autofree char *shown = text_value(name, SHOWN_MAX);

    /* of one that has an error there is another message */
    if (settings_find_folder(draft->settings, name) ||
        g_hash_table_contains(draft->files->set_at, key))
        return;
    const char *meant = settings_closest_folder(draft->settings, name);
    g_autofree char *fix = meant   ? g_strdup_printf("did you mean %s?", meant)
                           : *name ? g_strdup_printf("write folder \"%s\" { ... }", shown)
                                   : g_strdup("give the name of a folder");
    draft_refuse(draft, node, "folders", fix, "%s: no such folder", shown);
}

static void check_folders(Draft *draft, const ConfNode *node, char *const *folders)
{
    if (!folders || !*folders)
        draft_refuse(draft, node, "folders", "remove it: then the notice is about all folders",
                     "{ }: it is about no folder");
    for (; folders && *folders; folders++)
        check_folder(draft, node, *folders);
}

/* What is right, and does nothing. */
static void advise_on(Draft *draft, const ConfNode *node, const NotifySettings *settings)
{
    const ConfNode *idle = conf_find(node, "idle"), *folders = conf_find(node, "folders");

    if (idle && !(settings->on & (1U << NOTICE_IDLE)))
        draft_advise(draft, idle, "add idle to `on`, or remove it",
                     "idle does nothing: `on` does not have idle");
    if (folders && settings->on == 1U << NOTICE_CARD)
        draft_advise(draft, folders, "remove it, or add failed, held or another word to `on`",
                     "folders does nothing: `on` has only card, and cards belong to no folder");
}

static void check_notice(Draft *draft, const ConfNode *node, const NotifySettings *settings)
{
    bool has_run = conf_find(node, "run"), has_mail = conf_find(node, "mail"),
         has_post = conf_find(node, "post");

    check_title(draft, node);
    if (conf_find(node, "on") && !settings->on)
        draft_refuse(draft, node, "on", "give at least one word, as { failed, held }",
                     "{ }: it is about nothing");
    if (conf_find(node, "folders"))
        check_folders(draft, node, settings->folders.items);
    if (has_run)
        check_run(draft, node, settings->run);
    if (has_mail)
        check_mail(draft, node, settings->mail);
    if (has_post)
        check_post(draft, node, settings->post);
    if (!has_run && !has_mail && !has_post) {
        g_autofree char *shown = text_value(node->title, SHOWN_MAX);
        conf_add_error(draft->errors, node->file, node->line,
                       "add mail = \"desk@example.org\", run = { \"/path/of/a/program\" } or "
                       "post = \"https://...\"",
                       "notify %s: it goes to no one", shown);
    }
}

static Notice *notice_new(const ConfNode *node, NotifySettings *settings)
{
    Notice *notice = g_new0(Notice, 1);

    notice->name = g_strdup(node->title);
    notice->on = settings->on;
    notice->folders = g_steal_pointer(&settings->folders.items);
    notice->idle_ms = settings->idle;
    notice->every_ms = settings->every;
    notice->run = g_steal_pointer(&settings->run);
    notice->mail = unless_empty(&settings->mail);
    notice->post = unless_empty(&settings->post);
    notice->file = g_strdup(node->file);
    notice->line = node->line;
    return notice;
}

static void add_notice(Draft *draft, const ConfNode *node)
{
    NotifySettings settings = { 0 };
    guint before = draft->errors->len;

    params_set_defaults(notify_settings, &settings);
    conf_apply(node, &settings, draft->errors);
    conf_require(node, NULL, draft->errors);
    if (draft->errors->len == before && !node->invalid) {
        check_notice(draft, node, &settings);
        advise_on(draft, node, &settings);
        g_ptr_array_add(draft->settings->notices, notice_new(node, &settings));
    }
    params_clear(notify_settings, &settings);
}

/* ---- where the page is ---- */

/* Whether `text` is an address of this version, and one of this machine alone. */
static bool read_host(const char *text, bool in_brackets, bool *is_loopback)
{
    enum { NET = 0x7f }; /* 127.0.0.0/8 */
    struct in6_addr six = { 0 };
    struct in_addr four = { 0 };

    if (in_brackets ? inet_pton(AF_INET6, text, &six) != 1 : inet_pton(AF_INET, text, &four) != 1)
        return false;
    *is_loopback = in_brackets ? IN6_IS_ADDR_LOOPBACK(&six) ||
                                     (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == NET)
                               : ntohl(four.s_addr) >> 24 == NET;
    return true;
}

static bool is_port(const char *text)
{
    enum { PORT_MAX = 65535, DIGITS_MAX = 5 };
    size_t digits = strspn(text, "0123456789");
    gint64 port = digits && digits <= DIGITS_MAX ? g_ascii_strtoll(text, NULL, 10) : 0;

    return !text[digits] && port > 0 && port <= PORT_MAX;
}

/* ADDRESS:PORT, or [ADDRESS]:PORT. */
static bool read_listen(const char *listen, bool *is_loopback)
{
    const char *colon = strrchr(listen, ':');
    bool in_brackets = *listen == '[' && colon && colon[-1] == ']';

    if (!colon || !is_port(colon + 1))
        return false;
    g_autofree char *host = in_brackets ? g_strndup(listen + 1, (gsize) (colon - listen) - 2)
                                        : g_strndup(listen, (gsize) (colon - listen));
    return read_host(host, in_brackets, is_loopback);
}

static void check_listen(Draft *draft, const ConfNode *node, const HttpSettings *settings,
                         bool *is_loopback)
{
    g_autofree char *shown = text_value(settings->listen, SHOWN_MAX);

    *is_loopback = true;
    if (!read_listen(settings->listen, is_loopback))
        draft_refuse(draft, node, "listen",
                     "give ADDRESS:PORT, as \"127.0.0.1:8480\" or \"[::1]:8480\"; no name",
                     "%s: this is no address with a port", shown);
    else if (!*is_loopback && !conf_find(node, "token_file"))
        draft_refuse(draft, node, "listen",
                     "add token_file = \"/etc/hotfolder/page.token\", or listen on 127.0.0.1",
                     "%s: other machines reach this address, and no token is asked for", shown);
}

/* How a token is made that the page alone can read; newly allocated. What lies there and is no
 * file, as a device, is not what to write over. */
static char *token_fix(const char *file)
{
    g_autofree char *word = text_shell_word(file);

    if (g_file_test(file, G_FILE_TEST_EXISTS) && !g_file_test(file, G_FILE_TEST_IS_REGULAR))
        return g_strdup("give the path of a file that has the token alone, as "
                        "\"/etc/hotfolder/page.token\"");
    return g_strdup_printf("write one that only hotfolder-page reads: head -c 24 /dev/urandom | "
                           "base64 | sudo install -m 640 -g hotfolder-page /dev/stdin %s",
                           word);
}

/* What is wrong with the text of a token, which may be NULL where we may not read it; else NULL. */
static const char *token_problem(const char *text, gint64 bytes)
{
    g_autofree char *token = text ? g_strstrip(g_strdup(text)) : NULL;
    gint64 length = token ? (gint64) strlen(token) : bytes;

    if (!length)
        return "it is empty";
    if (length < TOKEN_LENGTH)
        return "the token is shorter than 16 characters";
    if (length > TOKEN_BYTES_MAX)
        return "it is too long for a token";
    for (const char *c = token; c && *c; c++)
        if (!g_ascii_isgraph(*c))
            return "it has more than one line of printable characters without spaces";
    return NULL;
}

static const char *token_file_problem(const char *file)
{
    g_autofree char *text = NULL;
    struct stat st = { 0 };

    if (stat(file, &st) < 0) /* where we may not look, hotfolder-page may */
        return errno == ENOENT || errno == ENOTDIR ? "no such file" : NULL;
    if (!S_ISREG(st.st_mode))
        return "not a regular file";
    if (st.st_mode & S_IROTH)
        return "all users of this machine can read it";
    if (st.st_mode & S_IWOTH)
        return "all users of this machine can change it";
    if (st.st_size > 0 && st.st_size <= TOKEN_BYTES_MAX)
        g_file_get_contents(file, &text, NULL, NULL); /* fails where it is hotfolder-page's alone */
    return token_problem(text, (gint64) st.st_size);
}

/* A token that is no good keeps the page from starting, and no picture from being made. */
static void check_token_file(Draft *draft, const ConfNode *node, const char *file)
{
    g_autofree char *shown = text_value(file, SHOWN_MAX), *fix = NULL, *what = NULL;
    const char *problem = NULL;

    if (*file != '/') {
        draft_refuse(draft, node, "token_file", "give the whole path of a file, from /",
                     "%s: not an absolute path", shown);
        return;
    }
    problem = token_file_problem(file);
    if (!problem)
        return;
    fix = token_fix(file);
    what = g_strdup_printf("token_file = %s: %s", shown, problem);
    draft_advise(draft, draft_place(node, "token_file"), fix, what);
}

static void check_hosts(Draft *draft, const ConfNode *node, char *const *hosts)
{
    for (; hosts && *hosts; hosts++) {
        g_autofree char *shown = text_value(*hosts, SHOWN_MAX);
        if (**hosts == '[' || !is_domain(*hosts))
            draft_refuse(draft, node, "hosts",
                         "give names as \"photos.example.org\", without a port",
                         "%s: this is no name of a host", shown);
    }
}

static Http *http_new(const ConfNode *node, HttpSettings *settings, bool is_loopback)
{
    Http *http = g_new0(Http, 1);

    http->listen = g_steal_pointer(&settings->listen);
    http->is_loopback = is_loopback;
    http->token_file = unless_empty(&settings->token_file);
    http->hosts = g_steal_pointer(&settings->hosts.items);
    if (!http->hosts)
        http->hosts = g_new0(char *, 1);
    http->steer = settings->steer;
    http->file = g_strdup(node->file);
    http->line = node->line;
    return http;
}

static void add_http(Draft *draft, const ConfNode *node)
{
    HttpSettings settings = { 0 };
    guint before = draft->errors->len;
    bool is_loopback = true;

    params_set_defaults(http_settings, &settings);
    conf_apply(node, &settings, draft->errors);
    if (draft->errors->len == before) {
        check_listen(draft, node, &settings, &is_loopback);
        if (conf_find(node, "token_file"))
            check_token_file(draft, node, settings.token_file);
        check_hosts(draft, node, settings.hosts.items);
        if (settings.steer && !conf_find(node, "token_file"))
            draft_advise(draft, draft_place(node, "steer"),
                         "add token_file = \"/etc/hotfolder/page.token\"",
                         "steer = yes without token_file: every user of this machine may pause, "
                         "retry and undo");
        http_free(draft->settings->http); /* that there are two was said */
        draft->settings->http = http_new(node, &settings, is_loopback);
    }
    params_clear(http_settings, &settings);
}

/* Lets `add` read each section of this name. */
static void add_sections(Draft *draft, const char *name, void (*add)(Draft *, const ConfNode *))
{
    for (guint i = 0; i < draft->files->nodes->len; i++) {
        const ConfNode *node = draft->files->nodes->pdata[i];
        if (!strcmp(node->name, name))
            add(draft, node);
    }
}

void draft_add_notices(Draft *draft)
{
    add_sections(draft, "notify", add_notice);
}

void draft_add_http(Draft *draft)
{
    add_sections(draft, "http", add_http);
}
