/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/conf.h"

#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "config/conf_grammar.h"

enum { FILE_MAX = 4 * 1024 * 1024 }; /* bytes; more than people write by hand */

/* libConfuse gives its callbacks no pointer of ours, and its lexer is one for the whole process. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    const ConfText *conftext;
    GPtrArray *errors;
    GPtrArray *expected; /* of ConfNode, borrowed: whose values come, in the order they come */
    guint at;
} reading;

/* ---- files ---- */

/* Opens a regular file; a FIFO would wait for its writer. -1 with errno set. */
static int open_regular(const char *file)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    close(fd);
    errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    return -1;
}

/* The whole content, or a little more than FILE_MAX of a file that is too large; NULL with errno
 * set. */
static GString *read_all(int fd)
{
    GString *content = g_string_new(NULL);
    char buffer[16384];
    ssize_t got = 0;

    while (content->len <= FILE_MAX && (got = read(fd, buffer, sizeof(buffer))) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            g_string_free(content, TRUE);
            return NULL;
        }
        g_string_append_len(content, buffer, got);
    }
    return content;
}

/* `code` is an errno value; `shown` is the file. Returns false. */
static bool refuse_file(const char *shown, int code, Error **err)
{
    if (code == EISDIR)
        return error_set(err, ERROR_CONFIG, "name a file", "'%s' is a directory", shown);
    return error_set(err, ERROR_CONFIG,
                     code == ENOENT
                         ? "write it (`man hotfolder.conf`), or name another file with --config"
                         : "make it readable, or name another file",
                     "cannot read '%s': %s", shown, g_strerror(code));
}

bool conf_load(const char *file, char **text, Error **err)
{
    g_autofree char *shown = text_escape(file);
    int fd = open_regular(file);
    GString *content = fd >= 0 ? read_all(fd) : NULL;
    int code = errno;
    bool plain = content && strlen(content->str) == content->len;
    bool small = content && content->len <= FILE_MAX;

    if (fd >= 0)
        close(fd);
    if (content && plain && small) {
        if (g_str_has_prefix(content->str, "\xef\xbb\xbf")) /* Windows editors write it first */
            memset(content->str, ' ', 3);
        *text = g_string_free(content, FALSE);
        return true;
    }
    if (!content)
        return refuse_file(shown, code, err);
    g_string_free(content, TRUE);
    if (!small)
        return error_set(err, ERROR_CONFIG, "name another file",
                         "'%s' is too large for a configuration", shown);
    return error_set(err, ERROR_CONFIG, "save it as plain text, in UTF-8",
                     "'%s' is not a text file", shown);
}

/* ---- what libConfuse calls ---- */

static void report_disagreement(const cfg_t *cfg)
{
    const char *file = NULL;
    int number = 0;

    conftext_position(reading.conftext, cfg->line, &file, &number);
    conf_add_error(reading.errors, file, number, "put values in quotes",
                   "this cannot be understood");
}

/* The node that the next value belongs to, or NULL, reported, when libConfuse and our grammar
 * disagree. */
static ConfNode *next_expected(const cfg_t *cfg, const char *name)
{
    ConfNode *node =
        reading.at < reading.expected->len ? reading.expected->pdata[reading.at] : NULL;

    if (node && !strcmp(node->name, name)) {
        reading.at++;
        return node;
    }
    report_disagreement(cfg);
    return NULL;
}

static int on_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
    ConfNode *node = next_expected(cfg, opt->name);

    if (!node)
        return -1;
    g_ptr_array_add(node->values, g_strdup(value));
    *(const char **) result = value;
    return 0;
}

static int on_call(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
    ConfNode *node = next_expected(cfg, opt->name);

    if (!node)
        return -1;
    for (int i = 0; i < argc; i++)
        g_ptr_array_add(node->values, g_strdup(argv[i]));
    return 0;
}

static void on_error(cfg_t *cfg, const char *format, va_list args) G_GNUC_PRINTF(2, 0);

/* Reports what libConfuse finds and our grammar did not. */
static void on_error(cfg_t *cfg, const char *format, va_list args)
{
    g_autofree char *raw = g_strdup_vprintf(format, args);
    g_autofree char *what = text_escape(raw);
    const char *file = NULL;
    int number = 0;

    conftext_position(reading.conftext, cfg->line, &file, &number);
    conf_add_error(reading.errors, file, number, "put values in quotes", "%s", what);
}

/* ---- schemas ---- */

static void options_free(cfg_opt_t *options)
{
    for (cfg_opt_t *o = options; o->name; o++)
        if (o->type == CFGT_SEC)
            options_free(o->subopts);
    g_free(options);
}

/* libConfuse's schema of a section, newly allocated. Every value is a string: we read units, words
 * and ranges, and every message has one shape. Sections are all CFGF_MULTI, else libConfuse would
 * create those that the file does not have. */
static cfg_opt_t *options_new(const ConfSection *section)
{
    GArray *options = g_array_new(FALSE, FALSE, sizeof(cfg_opt_t));
    cfg_opt_t end = CFG_END();

    for (const Param *p = section->params; p && p->type != PARAM_END; p++) {
        cfg_flag_t flags = CFGF_NODEFAULT | (param_is_list(p) ? CFGF_LIST : CFGF_NONE);
        cfg_opt_t option = CFG_STR_CB(p->name, NULL, flags, on_value);
        g_array_append_val(options, option);
    }
    for (const ConfSection *s = section->sections; s && s->name; s++) {
        cfg_flag_t flags = CFGF_MULTI | (s->titled ? CFGF_TITLE | CFGF_NO_TITLE_DUPES : CFGF_NONE);
        cfg_opt_t option = CFG_SEC(s->name, NULL, flags);
        if (s->verbatim)
            continue;
        option.subopts = options_new(s);
        g_array_append_val(options, option);
    }
    for (const char *const *call = section->calls; call && *call; call++) {
        cfg_opt_t option = CFG_FUNC(*call, on_call);
        g_array_append_val(options, option);
    }
    g_array_append_val(options, end);
    return (cfg_opt_t *) (void *) g_array_free(options, FALSE);
}

/* ---- reading ---- */

/* Collects every node that has values, in the order of the file. A list's node comes once for each
 * item; the grammar has counted them. */
static void collect_expected(const ConfNode *section)
{
    for (guint i = 0; i < section->nodes->len; i++) {
        ConfNode *node = section->nodes->pdata[i];

        if (node->section)
            collect_expected(node);
        for (int n = 0; !node->section && n < node->count; n++)
            g_ptr_array_add(reading.expected, node);
    }
}

static void read_values(const ConfSection *file_schema, const ConfText *conftext, GPtrArray *errors)
{
    cfg_opt_t *options = options_new(file_schema);
    guint before = errors->len;
    cfg_t *cfg = NULL;

    pthread_mutex_lock(&lock);
    reading.conftext = conftext;
    reading.errors = errors;
    reading.expected = g_ptr_array_new();
    reading.at = 0;
    collect_expected(conftext->root);
    cfg = cfg_init(options, CFGF_NONE);
    cfg_set_error_function(cfg, on_error);
    int status = cfg_parse_buf(cfg, conftext->text);
    if ((status != CFG_SUCCESS || reading.at != reading.expected->len) && errors->len == before)
        report_disagreement(cfg);
    if (errors->len != before) /* all later nodes may lack their values */
        g_ptr_array_set_size(conftext->root->nodes, 0);
    cfg_free(cfg);
    g_ptr_array_unref(reading.expected);
    pthread_mutex_unlock(&lock);
    options_free(options);
}

ConfNode *conf_read(const ConfSection *file_schema, const char *file, const char *text,
                    GHashTable *set_at, GPtrArray *errors)
{
    g_autoptr(ConfText) conftext = confgrammar_parse(file_schema, file, text, set_at, errors);

    read_values(file_schema, conftext, errors);
    return g_steal_pointer(&conftext->root);
}
