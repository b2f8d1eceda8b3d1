#include "daemon/settings/tables.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "daemon/files/trust.h"
#include "daemon/settings/snapshot.h"

enum { DEPTH_MAX = 16 }; /* includes within includes */

static const Choice originals[] = {
    { "keep", ORIGINALS_KEEP, "leave it where it is" },
    { "done", ORIGINALS_DONE, "move it to done/ in the folder" },
    { "trash", ORIGINALS_TRASH, "move it to the trash of its disk, else to trash/ in the folder" },
    { NULL, 0, NULL },
};

static const Choice duplicates[] = {
    { "process", DUPLICATES_PROCESS, "work on it as on any other" },
    { "skip", DUPLICATES_SKIP, "make nothing, and retire it as `originals` says" },
    { NULL, 0, NULL },
};

static const Choice sandboxes[] = {
    { "auto", SANDBOX_AUTO, "required for formats other than JPEG, PNG, GIF and WebP" },
    { "required", SANDBOX_REQUIRED, "the folder is held until the sandbox is complete" },
    { "best", SANDBOX_BEST, "work goes on with what there is of it" },
    { NULL, 0, NULL },
};

static const Choice ways[] = {
    { "auto", WATCH_AUTO, "events, and scans where the file system does not tell of every change" },
    { "events", WATCH_EVENTS, "no scan but that of reconcile" },
    { "poll", WATCH_POLL, "scans alone, and no inotify watches" },
    { NULL, 0, NULL },
};

const Param top_settings[] = {
    INT(TopSettings, workers, .def = "auto", .zero = "auto", .min = 1, .max = 256,
        .help = "pictures worked on at the same time; auto is one for each core"),
    BYTES(TopSettings, memory, .def = "auto", .zero = "auto", .min = 256.0 * 1048576,
          .help =
              "memory that all pictures in work may take together, by their size in pixels; one "
              "that does not fit in waits; auto is half of what the machine or the service has"),
    DURATION(TopSettings, reconcile, .def = "5min", .min = 1000, .max = 24 * 3600000.0,
             .help = "time between two full looks through every folder, for what events missed"),
    DURATION(TopSettings, history, .def = "30d", .min = 3600000, .max = 3650 * 24 * 3600000.0,
             .help = "how long the ledger remembers pictures that are finished and gone; it counts "
                     "the time in which hotfolder runs"),
    DURATION(TopSettings, stop_timeout, .def = "30s", .min = 1000, .max = 3600000,
             .help =
                 "how long a stop waits for pictures in hand; the rest is done at the next start"),
    { 0 },
};

#define LIMIT(field, ctype, kind, ...)                                                             \
    PARAM_IN(FolderSettings, limits., field, ctype, kind, __VA_ARGS__)
#define RIGHT(field, ...)                                                                          \
    PARAM_IN(FolderSettings, rights., field, char *, PARAM_TEXT, .def = "auto", __VA_ARGS__)

const Param folder_settings[] = {
    DIRPATH(FolderSettings, path, .help = "the directory where pictures arrive"),
    DIRPATH(FolderSettings, output, .help = "the directory where finished pictures appear"),
    TEXT(FolderSettings, profile, .help = "the name of the profile that each picture goes through"),
    BOOL(FolderSettings, recursive, .def = "yes",
         .help = "whether directories inside it are watched too"),
    GLOBS(FolderSettings, ignore, .def = "",
          .help =
              "names of files and directories to leave alone, besides what systems and transfers "
              "leave behind, which always is; += adds to what defaults says"),
    CHOICE(FolderSettings, originals, .def = "done", .choices = originals,
           .help = "what becomes of a picture that was finished"),
    CHOICE(FolderSettings, duplicates, .def = "process", .choices = duplicates,
           .help = "what becomes of a picture whose content was finished in this folder before, "
                   "under whatever name"),
    BOOL(FolderSettings, chain, .def = "no",
         .help = "whether pictures that hotfolder made are taken too, so that the output of one "
                 "folder can be the input of this one"),
    BYTES(FolderSettings, min_free, .def = "16MB", .min = 0, .max = 1e15,
          .help = "space that stays free where the outputs go; the folder is held before"),
    CHOICE(FolderSettings, sandbox, .def = "auto", .choices = sandboxes,
           .help =
               "what to do where the kernel lacks landlock or seccomp, which shut a decoder in"),
    BOOL(FolderSettings, isolate, .def = "no",
         .help =
             "whether each picture's worker is ended with it, so that what takes it over meets "
             "no other picture; for folders that strangers fill: it costs some 0.1 s a picture"),
    BOOL(FolderSettings, output_links, .def = "no",
         .help = "whether symbolic links to directories in the output are followed, wherever they "
                 "lead; only where nobody else may make any there"),
    CHOICE(FolderSettings, watch, .def = "auto", .choices = ways,
           .help = "how new files are noticed; a scan comes every 10 s, or more seldom where it "
                   "takes long; auto scans network and FUSE file systems and overlays, anywhere in "
                   "the folder"),
    DURATION(FolderSettings, quiet, .def = "2s", .min = 0, .max = 3600000,
             .help = "how long a file has to lie unchanged where nothing else proves it complete"),
    DURATION(FolderSettings, incomplete, .def = "15s", .min = 1000, .max = 24 * 3600000.0,
             .help = "how long an incomplete picture that nobody writes may wait for its rest"),
    DURATION(FolderSettings, deadline, .def = "120s", .min = 1000, .max = 24 * 3600000.0,
             .help = "how long one attempt at one picture may take"),
    LIMIT(accept, unsigned, PARAM_WORDS, .def = FORMATS_USUAL, .choices = format_choices,
          .help = "formats that are worked on, by their content and whatever their name; += adds"),
    LIMIT(max_bytes, int64_t, PARAM_BYTES, .def = "2GB", .min = 1,
          .help = "the largest file that is read"),
    LIMIT(max_pixels, double, PARAM_REAL, .def = "200MP", .min = 0.001, .max = 1000000,
          .unit = "MP", .help = "how many million pixels a picture may have: width x height"),
    LIMIT(max_pages, int, PARAM_INT, .def = "1000", .min = 1, .max = 1000000,
          .help = "how many pages or frames a file may have; the first one is taken"),
    LIMIT(max_metadata, int64_t, PARAM_BYTES, .def = "64MB", .min = 1,
          .help = "how much EXIF, XMP, colour profiles and texts a picture may hold, unpacked"),
    LIMIT(max_memory, int64_t, PARAM_BYTES, .def = "auto", .zero = "auto", .min = 256.0 * 1048576,
          .help = "how much memory a worker may take for one picture; auto is well above what its "
                  "size in pixels needs"),
    LIMIT(max_cpu, int64_t, PARAM_DURATION, .def = "10min", .min = 1000, .max = 24 * 3600000.0,
          .help = "how much time of processors one attempt at one picture may take"),
    LIMIT(max_outputs, int, PARAM_INT, .def = "100", .min = 1, .max = 10000,
          .help = "how many files one picture may become"),
    LIMIT(max_output_bytes, int64_t, PARAM_BYTES, .def = "4GB", .min = 1,
          .help = "how large these may be, together"),
    RIGHT(group, .help = "the group of outputs and of directories made for them, by its name; auto "
                         "is our own, or in a setgid directory that one's"),
    RIGHT(mode, .help = "the permissions of outputs in octal digits, as in 0640; auto is what the "
                        "directory's default ACL says, else the umask"),
    RIGHT(directory_mode,
          .help = "the permissions of directories made for outputs, as in 0750; auto likewise; "
                  "setgid and default ACLs are inherited in any case"),
    RIGHT(owner, .help = "the user to whom outputs are given, by name, which takes the capability "
                         "CAP_CHOWN; auto is the user that the service runs as"),
    { 0 },
};

const Param retry_settings[] = {
    INT(RetrySettings, attempts, .def = "5", .min = 1, .max = 100,
        .help = "how often a picture is tried before it moves to failed/"),
    DURATION(RetrySettings, first, .def = "2s", .min = 100, .max = 24 * 3600000.0,
             .help = "the wait after the first attempt; it doubles with each one"),
    DURATION(RetrySettings, max, .def = "10min", .min = 100, .max = 24 * 3600000.0,
             .help = "the longest wait"),
    { 0 },
};

static const ConfSection in_folder[] = {
    { .name = "retry", .params = retry_settings },
    { 0 },
};

#define PROFILE_SECTION                                                                            \
    {                                                                                              \
        .name = "profile", .member = "action", .titled = true, .many = true, .verbatim = true      \
    }

static const ConfSection in_file[] = {
    { .name = "folder",
      .titled = true,
      .many = true,
      .params = folder_settings,
      .sections = in_folder },
    { .name = "defaults", .params = folder_settings + 1, .sections = in_folder },
    PROFILE_SECTION,
    { 0 },
};

static const char *const calls[] = { "include", NULL };

static const ConfSection file_schema = { .params = top_settings,
                                         .sections = in_file,
                                         .calls = calls };

static const ConfSection in_profiles[] = { PROFILE_SECTION, { 0 } };

static const ConfSection profiles_schema = { .member = "section", .sections = in_profiles };

/* Includes. */

static void read_file(SettingsFiles *files, const ConfSection *schema, const char *file,
                      const ConfNode *from, GPtrArray *open);

/* Characters that a pattern gives a meaning, in a directory whose name is meant as it is. */
static char *escape_pattern(const char *path)
{
    GString *out = g_string_new(NULL);

    for (; *path; path++) {
        if (strchr("*?[]\\", *path))
            g_string_append_c(out, '\\');
        g_string_append_c(out, *path);
    }
    return g_string_free(out, FALSE);
}

/* The error of a directory that could not be read while glob(3), which passes no pointer on, ran.
 */
static _Thread_local int glob_errno;

static int glob_failed(const char *path, int code)
{
    (void) path;
    if (code != ENOENT && code != ENOTDIR) /* these just match nothing */
        glob_errno = code;
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/* What keeps a name from being looked at, an errno value; 0 where it is there or just missing.
 * Of a name without wildcards glob(3) says only that it does not match. */
static int barred(const char *directory, const char *name)
{
    g_autofree char *path = *name == '/' ? g_strdup(name) : g_build_filename(directory, name, NULL);
    struct stat st;

    return stat(path, &st) == 0 || errno == ENOENT || errno == ENOTDIR ? 0 : errno;
}

static void refuse_include(const SettingsFiles *files, const ConfNode *node, const char *pattern,
                           const char *why)
{
    const char *dropin = g_getenv("HOTFOLDER_DROPIN"); /* as base/error.c */
    g_autofree char *fix = g_strdup_printf("make it readable%s%s%s, or remove the line",
                                           dropin ? "; in a home, run `" : "", dropin ? dropin : "",
                                           dropin ? "` and restart the service" : "");

    conf_mistake(files->mistakes, node->file, node->line, fix, "include(\"%s\"): %s", pattern, why);
}

static void read_include(SettingsFiles *files, const ConfNode *node, GPtrArray *open)
{
    const char *pattern = node->values->pdata[0];
    g_autofree char *directory = g_path_get_dirname(node->file);
    g_autofree char *escaped = escape_pattern(directory);
    g_autofree char *whole =
        *pattern == '/' ? g_strdup(pattern) : g_strdup_printf("%s/%s", escaped, pattern);
    g_autofree char *shown = text_escape(pattern);
    glob_t found = { 0 };

    glob_errno = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): unsafe only with GLOB_TILDE */
    int status = glob(whole, GLOB_NOSORT, glob_failed, &found);
    if (status != 0 && status != GLOB_NOMATCH)
        glob_errno = glob_errno ? glob_errno : ENOMEM;
    if (status == GLOB_NOMATCH && !glob_errno)
        glob_errno = barred(directory, pattern);
    if (glob_errno)
        refuse_include(files, node, shown, g_strerror(glob_errno));
    /* in the order of bytes: the same on every machine, whatever its language */
    if (found.gl_pathc)
        qsort(found.gl_pathv, found.gl_pathc, sizeof(char *), compare_names);
    for (size_t i = 0; i < found.gl_pathc; i++)
        read_file(files, &file_schema, found.gl_pathv[i], node, open);
    globfree(&found);
}

/* Whether `file` may be included from `node`; a mistake is appended where not. */
static bool may_include(const SettingsFiles *files, const ConfNode *node, const char *file,
                        const GPtrArray *open)
{
    g_autofree char *shown = text_escape(file);

    if (open->len >= DEPTH_MAX) {
        conf_mistake(files->mistakes, node->file, node->line, "include it from a higher file",
                     "%s: included too deeply (%d files)", shown, DEPTH_MAX);
        return false;
    }
    for (guint i = 0; i < open->len; i++)
        if (!strcmp(open->pdata[i], file)) {
            conf_mistake(files->mistakes, node->file, node->line, "remove this include",
                         "%s includes itself", shown);
            return false;
        }
    return true;
}

/* Files. */

static void add_nodes(SettingsFiles *files, const ConfNode *tree, GPtrArray *open)
{
    for (guint i = 0; i < tree->nodes->len; i++) {
        ConfNode *node = tree->nodes->pdata[i];

        if (!strcmp(node->name, "include"))
            read_include(files, node, open);
        else if (node->section)
            g_ptr_array_add(files->nodes, node);
    }
}

/* The text of a file, newly allocated; NULL with a mistake appended, at `from` if there is one. */
static char *load(const SettingsFiles *files, const char *file, const ConfNode *from)
{
    char *text = NULL;
    Error *error = NULL;

    if (trust_file(file, &error) && conf_load(file, &text, &error))
        return text;
    if (from) {
        conf_mistake(files->mistakes, from->file, from->line, error->fix, "%s", error->what);
        error_free(error);
    } else {
        g_ptr_array_add(files->mistakes, error);
    }
    return NULL;
}

/* `from` is the include that named the file, NULL for the first one; `open` are the real paths of
 * the files that are being read, from the first one on. */
static void read_file(SettingsFiles *files, const ConfSection *schema, const char *file,
                      const ConfNode *from, GPtrArray *open)
{
    char *resolved = realpath(file, NULL);
    g_autofree char *real = g_strdup(resolved ? resolved : file);
    g_autofree char *text = NULL;
    ConfNode *tree = NULL;

    free(resolved);
    if (from && !may_include(files, from, real, open))
        return;
    text = load(files, file, from);
    if (!text)
        return;
    g_ptr_array_add(files->names, g_strdup(file));
    tree = conf_read(schema, file, text, files->stated, files->mistakes);
    g_ptr_array_add(files->trees, tree);
    g_ptr_array_add(open, real);
    add_nodes(files, tree, open);
    g_ptr_array_set_size(open, (int) open->len - 1);
}

SettingsFiles *settings_files_new(GPtrArray *mistakes)
{
    SettingsFiles *files = g_new0(SettingsFiles, 1);

    files->names = g_ptr_array_new_with_free_func(g_free);
    files->trees = g_ptr_array_new_with_free_func((GDestroyNotify) conf_free);
    files->nodes = g_ptr_array_new();
    files->stated = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    files->mistakes = mistakes;
    return files;
}

SettingsFiles *settings_files_read(const char *file, GPtrArray *mistakes)
{
    SettingsFiles *files = settings_files_new(mistakes);
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    read_file(files, &file_schema, file, NULL, open);
    return files;
}

void settings_files_add_profiles(SettingsFiles *files, const char *file)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    read_file(files, &profiles_schema, file, NULL, open);
}

void settings_files_free(SettingsFiles *files)
{
    if (!files)
        return;
    g_ptr_array_unref(files->nodes);
    g_ptr_array_unref(files->trees);
    g_ptr_array_unref(files->names);
    g_hash_table_unref(files->stated);
    g_free(files);
}
