/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "daemon/settings/tables.h"

static const Choice originals[] = {
    { "keep", ORIGINALS_KEEP, "leave it where it is" },
    { "done", ORIGINALS_DONE, "move it to done/ in the folder" },
    { "trash", ORIGINALS_TRASH, "move it to the trash of its disk, else to trash/ in the folder" },
    { NULL, 0, NULL },
};

static const Choice duplicates[] = {
    { "process", DUPLICATES_PROCESS, "process it like any other" },
    { "skip", DUPLICATES_SKIP, "make nothing; the original goes where `originals` says" },
    { NULL, 0, NULL },
};

static const Choice shots[] = {
    { "together", SHOTS_TOGETHER,
      "files of one directory and one stem, in any case, are one: IMG_1.JPG .NEF .xmp .NEF.xmp "
      ".WAV "
      ".THM .AAE .MOV .MP4 .LRV; two pictures of one stem, as logo.png and logo.jpg, stay two" },
    { "apart", SHOTS_APART, "each file is for itself; RAW, sidecars, sound and films stay" },
    { NULL, 0, NULL },
};

static const Choice preferences[] = {
    { "jpeg", PREFER_JPEG,
      "any finished picture; a RAW without one where `accept` has raw, else it stays" },
    { "raw", PREFER_RAW, "the RAW, where `accept` has raw; its JPEG or HEIC is a companion" },
    { "both", PREFER_BOTH, "the finished picture, and the RAW, where `accept` has raw" },
    { NULL, 0, NULL },
};

static const Choice companions[] = {
    { "move", COMPANIONS_MOVE, "they move with the original" },
    { "copy", COMPANIONS_COPY, "they are copied into the output, too" },
    { NULL, 0, NULL },
};

static const Choice sandboxes[] = {
    { "auto", SANDBOX_AUTO,
      "formats other than JPEG, PNG, GIF and WebP wait until the sandbox is complete" },
    { "required", SANDBOX_REQUIRED, "the folder is held until the sandbox is complete" },
    { "best", SANDBOX_BEST, "continue with the parts of the sandbox that the kernel has" },
    { NULL, 0, NULL },
};

static const Choice name_rules[] = {
    { "as-given", NAMES_AS_GIVEN, "as the profile makes them" },
    { "portable", NAMES_PORTABLE,
      "with _ for what Windows and exFAT forbid: < > : \" \\ | ? *, control characters, a dot or "
      "blank at the end; words such as NUL get a _ too" },
    { NULL, 0, NULL },
};

static const Choice orders[] = {
    { "oldest", ORDER_OLDEST, "in the order in which they arrived" },
    { "newest", ORDER_NEWEST, "the one that arrived last, so that a new one waits for no backlog" },
    { "name", ORDER_NAME, "by path in the folder, byte by byte: 10.jpg before 2.jpg" },
    { NULL, 0, NULL },
};

static const Choice watch_methods[] = {
    { "auto", WATCH_AUTO, "events, and scans where the file system does not report every change" },
    { "events", WATCH_EVENTS, "events only; `reconcile` still scans" },
    { "poll", WATCH_POLL, "scans only, no inotify watches" },
    { NULL, 0, NULL },
};

const char *order_word(Order order)
{
    const Choice *choice = orders;

    while (choice->value != (int) order)
        choice++;
    return choice->word;
}

const Param top_settings[] = {
    INT(TopSettings, workers, .def = "auto", .zero = "auto", .min = 1, .max = 256,
        .help = "how many pictures are processed at the same time; auto is one for each core"),
    BYTES(
        TopSettings, memory, .def = "auto", .zero = "auto", .min = 256.0 * 1048576,
        .help =
            "memory that all pictures in progress may use together, by their size in pixels; a "
            "picture that does not fit waits; auto is half of what the machine or the service has"),
    DURATION(TopSettings, reconcile, .def = "5min", .min = 1000, .max = 24 * 3600000.0,
             .help = "time between two full scans of every folder, which find what events missed"),
    DURATION(TopSettings, history, .def = "30d", .min = 3600000, .max = 3650 * 24 * 3600000.0,
             .help = "how long the ledger remembers finished pictures whose files are gone; only "
                     "the time in which hotfolder runs counts"),
    DURATION(TopSettings, stop_timeout, .def = "30s", .min = 1000, .max = 3600000,
             .help = "how long a stop waits for pictures in progress; the others stay queued until "
                     "the next start"),
    TEXT(TopSettings, operators, .def = "",
         .help =
             "a group, by name, whose members may reload, pause, retry and undo as root and the "
             "service's user may; they also have to be in the service's group, for which the "
             "control socket is"),
    { 0 },
};

static const Choice no_copies[] = { { "none", 0, NULL }, { NULL, 0, NULL } };

#define LIMIT(field, ctype, kind, ...)                                                             \
    PARAM_IN(FolderSettings, limits., field, ctype, kind, __VA_ARGS__)
#define OWNERSHIP(field, ...)                                                                      \
    PARAM_IN(FolderSettings, ownership., field, char *, PARAM_TEXT, .def = "auto", __VA_ARGS__)

const Param folder_settings[] = {
    DIRPATH(FolderSettings, path, .help = "the directory where pictures arrive"),
    DIRPATH(FolderSettings, output, .help = "the directory where finished pictures appear"),
    TEXT(FolderSettings, profile,
         .help = "the name of the profile that is applied to each picture"),
    BOOL(FolderSettings, recursive, .def = "yes",
         .help = "whether directories inside it are watched too"),
    GLOBS(FolderSettings, ignore, .def = "",
          .help =
              "names of files and directories to ignore, besides the temporary files of systems "
              "and transfers, which are always ignored; += adds to the names in defaults"),
    CHOICE(FolderSettings, originals, .def = "done", .choices = originals,
           .help = "what becomes of the original when its picture is done"),
    DIRPATH(FolderSettings, copy_to, .def = "none", .choices = no_copies,
            .help = "a directory that gets a copy of each picture that is begun, and of the other "
                    "files of its shot, as they arrived, before they move"),
    CHOICE(FolderSettings, duplicates, .def = "process", .choices = duplicates,
           .help = "what becomes of a picture whose content was finished in this folder before, "
                   "under any name"),
    CHOICE(FolderSettings, shots, .def = "together", .choices = shots,
           .help = "whether what a camera makes at one press is one picture with its companions"),
    CHOICE(FolderSettings, prefer, .def = "jpeg", .choices = preferences,
           .help = "which file of a shot is its picture"),
    DURATION(FolderSettings, gather, .def = "20s", .min = 0, .max = 24 * 3600000.0,
             .help = "how long a RAW or a sidecar waits for its picture; a picture waits for a "
                     "sidecar only where gather is written, here or in defaults"),
    CHOICE(FolderSettings, companions, .def = "move", .choices = companions,
           .help = "what becomes of the other files of a shot when its picture is done"),
    CHOICE(FolderSettings, order, .def = "oldest", .choices = orders,
           .help = "which of the pictures that wait begins next; every eighth is the oldest, so "
                   "that none waits for ever"),
    INT(FolderSettings, priority, .def = "5", .min = 0, .max = 9,
        .help = "pictures of a folder with a higher number begin first; every eighth comes from "
                "the folder that has waited longest, whatever its number"),
    BOOL(FolderSettings, chain, .def = "no",
         .help = "whether pictures that hotfolder made are taken too: the output of one folder can "
                 "then be the input of this one"),
    BYTES(FolderSettings, min_free, .def = "16MB", .min = 0,
          .help = "space that stays free where the outputs go; with less, the folder is held"),
    CHOICE(FolderSettings, sandbox, .def = "auto", .choices = sandboxes,
           .help =
               "what to do where the kernel lacks landlock or seccomp, which confine the decoders"),
    BOOL(FolderSettings, isolate, .def = "no",
         .help = "whether each picture gets a worker of its own: a picture that takes its worker "
                 "over then meets no other picture; for folders that strangers fill; it costs "
                 "about 0.1 s a picture"),
    CHOICE(FolderSettings, names, .def = "as-given", .choices = name_rules,
           .help = "how outputs and directories made for them are named"),
    BOOL(FolderSettings, output_links, .def = "no",
         .help = "whether symbolic links to directories in the output are followed, wherever they "
                 "lead; safe only where no other user can create links there"),
    BOOL(FolderSettings, status_file, .def = "no",
         .help =
             "whether hotfolder keeps a file HOTFOLDER.txt in the folder that says what becomes "
             "of its pictures, for people who only see the share; `hotfolder add` sets it"),
    CHOICE(
        FolderSettings, watch, .def = "auto", .choices = watch_methods,
        .help =
            "how new files are found; a scan comes every 10 s, or less often where it takes long; "
            "auto scans network and FUSE file systems and overlays, anywhere in the folder"),
    DURATION(FolderSettings, quiet, .def = "2s", .min = 0, .max = 3600000,
             .help = "how long a file has to stay unchanged where nothing else proves it complete"),
    DURATION(FolderSettings, incomplete, .def = "15s", .min = 1000, .max = 24 * 3600000.0,
             .help = "how long a picture that is incomplete, or is one by its name only, may wait "
                     "for its rest while no process writes it"),
    DURATION(FolderSettings, deadline, .def = "120s", .min = 1000, .max = ATTEMPT_MS_MAX,
             .help = "how long one attempt at one picture may take"),
    LIMIT(accept, unsigned, PARAM_WORDS, .def = FORMATS_DEFAULT, .choices = format_choices,
          .help = "formats that are processed, recognised by content, not by name; += adds"),
    LIMIT(max_bytes, int64_t, PARAM_BYTES, .def = "2GB", .min = 1,
          .help = "the largest file that is read"),
    LIMIT(max_pixels, double, PARAM_REAL, .def = "200MP", .min = 0.001, .max = 1000000,
          .unit = "MP", .help = "how many million pixels a picture may have: width x height"),
    LIMIT(max_pages, int, PARAM_INT, .def = "1000", .min = 1, .max = 1000000,
          .help = "how many pages or frames a file may have; the first one is taken"),
    LIMIT(max_metadata, int64_t, PARAM_BYTES, .def = "64MB", .min = 1,
          .help = "how much EXIF, XMP, colour profiles and texts a picture may hold, unpacked"),
    LIMIT(max_memory, int64_t, PARAM_BYTES, .def = "auto", .zero = "auto", .min = 256.0 * 1048576,
          .help = "how much memory a worker may use for one picture; auto is well above what its "
                  "size in pixels needs"),
    LIMIT(max_cpu, int64_t, PARAM_DURATION, .def = "10min", .min = 1000, .max = ATTEMPT_MS_MAX,
          .help = "how much processor time one attempt at one picture may use"),
    LIMIT(max_outputs, int, PARAM_INT, .def = "100", .min = 1, .max = 10000,
          .help = "how many outputs one picture may have"),
    LIMIT(max_output_bytes, int64_t, PARAM_BYTES, .def = "4GB", .min = 1,
          .help = "how large the outputs of one picture may be together"),
    OWNERSHIP(group, .help = "the group, by name, of outputs and of directories made for them; "
                             "auto is the service's own, or in a setgid directory the directory's"),
    OWNERSHIP(mode, .help =
                        "the permissions of outputs in octal digits, as in 0640; auto is what the "
                        "directory's default ACL says, else the umask"),
    OWNERSHIP(directory_mode,
              .help = "the permissions of directories made for outputs, as in 0750; auto as for "
                      "mode; setgid and default ACLs are always inherited"),
    OWNERSHIP(owner, .help =
                         "the user, by name, to whom outputs are given: the service needs the "
                         "capability CAP_CHOWN for it; auto is the user that the service runs as"),
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

static const Choice taken[] = {
    { "png", FORMAT_PNG, "PNG, of 8 or 16 bits" },
    { "tiff", FORMAT_TIFF, "TIFF, not compressed, of 8 or 16 bits or with fractions" },
    { "jpeg", FORMAT_JPEG, "JPEG of quality 100: for programs that read nothing else" },
    { NULL, 0, NULL },
};

static const Choice given[] = {
    { "png", FORMAT_PNG, NULL },   { "jpeg", FORMAT_JPEG, NULL }, { "tiff", FORMAT_TIFF, NULL },
    { "webp", FORMAT_WEBP, NULL }, { "gif", FORMAT_GIF, NULL },   { "avif", FORMAT_AVIF, NULL },
    { "heif", FORMAT_HEIF, NULL }, { "bmp", FORMAT_BMP, NULL },   { NULL, 0, NULL },
};

const Param program_settings[] = {
    COMMAND(ProgramSettings, run,
            .help = "the whole path of the program, and its arguments; no shell reads them; {in} "
                    "stands for the file with the picture and {out} for that of the result, in a "
                    "directory that is removed afterwards; without {out} the program changes the "
                    "file {in} itself"),
    CHOICE(ProgramSettings, gives, .def = "png", .choices = given,
           .help = "the format of its result; any other one is an error"),
    CHOICE(ProgramSettings, takes, .def = "png", .choices = taken,
           .help = "the format in which it gets the picture, without metadata"),
    DURATION(ProgramSettings, deadline, .def = "30s", .min = 100, .max = ATTEMPT_MS_MAX,
             .help = "how long it may take for one picture; the folder's deadline counts too"),
    REAL(ProgramSettings, grows, .def = "1", .min = 1, .max = 16,
         .help = "how many times as wide and as high as the picture its result may be: memory for "
                 "that is kept free; a smaller result is always right"),
    BOOL(ProgramSettings, alpha, .def = "no",
         .help = "whether its result may be transparent where the picture was not, as from one "
                 "that cuts out what is in front"),
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
    { .name = "program", .titled = true, .many = true, .params = program_settings },
    { .name = "import", .titled = true, .many = true, .params = import_settings },
    { .name = "camera", .titled = true, .many = true, .params = camera_settings },
    { .name = "notify", .titled = true, .many = true, .params = notify_settings },
    { .name = "http", .params = http_settings },
    PROFILE_SECTION,
    { 0 },
};

static const char *const calls[] = { "include", NULL };

const ConfSection settings_schema = { .params = top_settings, .sections = in_file, .calls = calls };

static const ConfSection in_profiles[] = { PROFILE_SECTION, { 0 } };

const ConfSection profiles_schema = { .member = "section", .sections = in_profiles };
