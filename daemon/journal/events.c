/* The ids never change: a message with a new meaning gets a new id (systemd-id128 new). */
#include "daemon/journal/events.h"

#include <string.h>
#include <syslog.h>

static const EventRow rows[EVENT_COUNT] = {
    /* clang-format off */
    [EVENT_STARTED] = { "started", "99ddf7d5e0c44b48aa562d8c207d4842", LOG_INFO, RATE_UNLIMITED,
        "hotfolder is ready", "reason",
        "hotfolder {reason} is ready",
        "It watches its folders now. `hotfolder status` shows them." },
    [EVENT_STOPPED] = { "stopped", "67e20f0b47eb4984acb37f873f99a3f6", LOG_INFO, RATE_UNLIMITED,
        "hotfolder has stopped", "count",
        "stopped; pictures that still wait: {count}",
        "Nothing is lost: what waits is in the ledger and goes on at the next start." },
    [EVENT_RELOADED] = { "reloaded", "d22ee7ed902047bc8c885ad4bf45ef24", LOG_NOTICE, RATE_UNLIMITED,
        "The new configuration is in use", "",
        "the new configuration is in use",
        "Pictures that were in work keep the settings they began with." },
    [EVENT_RELOAD_FAILED] = { "reload-failed", "26e204b60617448ebadf39fbd0c1aa95", LOG_ERR, RATE_UNLIMITED,
        "The new configuration was refused", "",
        "the new configuration has mistakes; the old one stays in use",
        "Mend what the messages before this one name, try it with `hotfolder check`, and reload again." },
    [EVENT_CONFIG_ERROR] = { "mistake", "c1d6b1d6f40b49138a3a3bce5e399cbb", LOG_ERR, RATE_UNLIMITED,
        "A mistake in the configuration", "error",
        "{error}",
        "The message names the file, the line and what to do. `hotfolder check` lists every mistake." },
    [EVENT_NO_FOLDERS] = { "no-folders", "8ad92fbce0b841c5ba7354c6daef9d83", LOG_NOTICE, RATE_UNLIMITED,
        "No folder is configured", "reason",
        "no folder is configured in {reason}: nothing is watched",
        "Write a folder into {reason}; what stands there shows one to begin with. `hotfolder check` says whether it is right. `hotfolder systemd-dropin --install` opens the service's sandbox for it, and `systemctl restart hotfolder` has it used." },
    [EVENT_FOLDER_AVAILABLE] = { "folder-alive", "ba2301e2edd74cd7bc44dc6e7113aed4", LOG_NOTICE, RATE_UNLIMITED,
        "Folder {folder} is alive again", "folder reason?",
        "folder '{folder}' is alive again",
        "What waited in folder {folder} goes on by itself." },
    [EVENT_FOLDER_UNAVAILABLE] = { "folder-away", "c7c88844e3f2456abd28e97c0e8e1b84", LOG_WARNING, RATE_UNLIMITED,
        "Folder {folder} is away", "folder reason",
        "folder '{folder}' is away: {reason}",
        "The directory that folder {folder} watches is not there: a mount that is missing, a share that does not answer, or a directory that was removed. Its pictures keep their place in the ledger; work goes on by itself when it is back. Where systemd shuts the service in, a directory that was removed and made again is seen after a restart of the service only." },
    [EVENT_FOLDER_HELD] = { "folder-held", "83811a9ba215464d82562817dfaa806e", LOG_WARNING, RATE_UNLIMITED,
        "Folder {folder} is held", "folder reason",
        "folder '{folder}' is held: {reason}",
        "The pictures of folder {folder} can't be worked on because of something around them, such as a full disk. No attempt is spent; work goes on by itself when the cause is gone." },
    [EVENT_FOLDER_WORLD_WRITABLE] = { "folder-open", "46728286218d46499b81e7dd1355e0f6", LOG_WARNING, RATE_UNLIMITED,
        "Everybody may write into folder {folder}", "folder reason",
        "folder '{folder}': {reason}",
        "Every user and every service of this machine can have pictures worked on there. Where only some should, give the directory to a group and take the right from all others; this is no more than a warning." },
    [EVENT_FOLDER_REMOVED] = { "folder-dropped", "d97c86fa2aeb4994a5105522951f037a", LOG_NOTICE, RATE_UNLIMITED,
        "Folder {folder} is no longer watched", "folder",
        "folder '{folder}' is no longer watched: the new configuration does not have it",
        "Its pictures lie where they are, and what waits keeps its place in the ledger: it goes on when the configuration has a folder {folder} again. Where it was only given another name, what still lies there is found under that one." },
    [EVENT_LEDGER_AVAILABLE] = { "ledger-alive", "cc8dd2b4aaa24ff18f72a8d25f925cc5", LOG_NOTICE, RATE_UNLIMITED,
        "The ledger is written again", "",
        "the ledger is written again",
        "What waited goes on by itself." },
    [EVENT_LEDGER_UNAVAILABLE] = { "ledger-held", "010b755d721d40fab6f240e218a2fe0d", LOG_ERR, RATE_UNLIMITED,
        "The ledger cannot be written", "error",
        "no picture is begun: {error}",
        "Without its ledger hotfolder begins no picture, so that none is lost or made twice. No attempt is spent; work goes on by itself when the ledger can be written." },
    [EVENT_PENDING] = { "waiting", "c179296559ae40cebc7b3607f50b61bc", LOG_INFO, RATE_LIMITED,
        "A file is not ready yet", "folder source reason",
        "{folder}: {source}: waiting: {reason}",
        "It is looked at again by itself. `hotfolder status` shows what folder {folder} waits for." },
    [EVENT_DONE] = { "done", "87d7568d36cd47dea55c83b5d40e3777", LOG_INFO, RATE_UNLIMITED,
        "A picture is finished", "folder profile source output? job attempt duration",
        "{folder}: {source}: done in {duration} -> {output}",
        "All of its outputs are complete and on disk in the output of folder {folder}." },
    [EVENT_DUPLICATE] = { "duplicate", "5bee0f4806e8485c9a90552a57a365bc", LOG_INFO, RATE_UNLIMITED,
        "A picture was finished before", "folder profile source output? job attempt duration",
        "{folder}: {source}: nothing to make: its content was finished before",
        "Folder {folder} says `duplicates = skip`: a picture of the same content, under whatever name, is retired like one that was finished." },
    [EVENT_DEFERRED] = { "deferred", "9f23f2dab03f437cb730f1a05a5b8cf5", LOG_WARNING, RATE_LIMITED,
        "A picture is tried again later", "folder profile source error job attempt delay",
        "{folder}: {source}: attempt {attempt} failed, next one in {delay}: {error}",
        "The cause may pass by itself. After the last attempt the original moves to failed/ in folder {folder}." },
    [EVENT_FAILED] = { "failed", "bf6a84b6e31349a8994d43db5060d1af", LOG_ERR, RATE_UNLIMITED,
        "A picture has failed", "folder profile source error job attempt duration",
        "{folder}: {source}: failed after {duration}: {error}",
        "The original is in failed/ in folder {folder}, with the reason in a text file beside it. When the cause is mended, move it back into the folder." },
    [EVENT_SUPERSEDED] = { "superseded", "b0020e770d25486cb375a4daae4cb153", LOG_INFO, RATE_LIMITED,
        "A picture changed while it was worked on", "folder profile source job attempt",
        "{folder}: {source}: changed while it was worked on; the result was thrown away",
        "The new content is worked on when it is ready." },
    [EVENT_IGNORED] = { "left", "4369a686f8cf459da77cc8680e636fd8", LOG_INFO, RATE_LIMITED,
        "A file is left in place", "folder source reason",
        "{folder}: {source}: left in place: {reason}",
        "It is not a picture that hotfolder works on. `hotfolder status` counts such files of folder {folder} by reason." },
    [EVENT_WRONG_EXTENSION] = { "belied", "5e6f48cd37dc47cdace41c33b1e7c71e", LOG_NOTICE, RATE_LIMITED,
        "A file's name does not say what it is", "folder profile source reason job attempt",
        "{folder}: {source}: {reason}",
        "The content of a file decides what it is, not its name. It is worked on as what it is; whoever sends it may want to give it the right name." },
    [EVENT_ORIGINAL_NOT_MOVED] = { "retire-failed", "4713e2ec5a6d4669b0bd0aa53c5dfa98", LOG_ERR, RATE_UNLIMITED,
        "An original stays where it is", "folder profile source error job attempt delay?",
        "{folder}: {source}: finished, but the original stays where it is: {error}",
        "The outputs are complete. The original is not worked on again; moving it is tried again." },
    [EVENT_WORKER_DIED] = { "worker-died", "a95de72862214e8682a7529bc07456a1", LOG_ERR, RATE_UNLIMITED,
        "A picture took its worker down",
        "folder profile source reason job attempt step? signal? syscall? memory duration",
        "{folder}: {source}: its worker died: {reason}",
        "The picture is tried once more, alone unless it just took too long; a second death fails it. Other pictures are not affected." },
    [EVENT_CRASH_LOOP] = { "storm", "a47629cc5d5f4b0da41414be033f9878", LOG_ERR, RATE_UNLIMITED,
        "Workers die one after the other", "folder count",
        "folder '{folder}': {count} workers died within a few seconds; none of its pictures is begun for a while",
        "Each picture spends its own attempts only, and other folders go on. Look at the worker-died messages before this one: when every picture is affected, a library or a limit of the service (MemoryMax=, TasksMax=) is the likely cause." },
    [EVENT_OVERFLOW] = { "overflow", "a48745c6fe3544c6a3cdaf510168dd5a", LOG_WARNING, RATE_UNLIMITED,
        "The kernel dropped file events", "count",
        "the kernel dropped file events; scanning every folder",
        "Many files came at once. Nothing is lost: the scan finds them. Raise fs.inotify.max_queued_events to avoid it." },
    [EVENT_WATCH_LIMIT] = { "watch-limit", "b4f566037f804ad2b3dc61db70b5661e", LOG_ERR, RATE_UNLIMITED,
        "Too many directories to watch", "reason count",
        "{reason}",
        "Nothing is lost, but what arrives there is noticed later. Raise the limit with the command in the message, and write the setting to a file in /etc/sysctl.d/ to keep it. What can be watched then is found by itself." },
    [EVENT_WATCHES_OK] = { "watched", "c9c212c97add455f905c443773ff35fe", LOG_NOTICE, RATE_UNLIMITED,
        "Every directory is watched again", "count",
        "all {count} directories are watched now",
        "There are enough inotify watches again." },
    [EVENT_WATCH_METHOD] = { "watch-way", "09ac9096b480bf20746833c37443d7bf", LOG_INFO, RATE_UNLIMITED,
        "How a folder is watched", "folder reason",
        "folder '{folder}' is watched by {reason}",
        "Events are the kernel's, and come at once. Where they do not come, as for what other machines write to a network file system, the folder is scanned every few seconds, more seldom where that takes long. The folder's setting watch decides; with auto, the file system of each directory does, and again when something is mounted in the folder." },
    [EVENT_SHARE_UNRESPONSIVE] = { "stuck", "0542e95abcdb4670b0dc38c6fed95e14", LOG_ERR, RATE_UNLIMITED,
        "A share does not answer", "folder",
        "folder '{folder}' does not answer: no folder is looked at until it does",
        "What folder {folder} lies on stopped answering while it was looked at, more than ten seconds ago, as a network share does whose server is gone and that is mounted `hard`. Nothing is lost; pictures that were found before are worked on. Bring the server back, or unmount the share (umount -f -l). Where that happens often, give such a folder a service of its own (hotfolder@NAME)." },
    [EVENT_SHARE_RESPONSIVE] = { "unstuck", "8e595ee6d22c43cca974100da52cd151", LOG_NOTICE, RATE_UNLIMITED,
        "Every folder is looked at again", "",
        "every folder is looked at again",
        "The share that did not answer does so, or is gone." },
    [EVENT_RECOVERED] = { "recovered", "cb654a173e5542039ed85bc0c37a8803", LOG_NOTICE, RATE_UNLIMITED,
        "Work goes on after a crash", "count",
        "hotfolder was interrupted; pictures in hand then, which are taken up again: {count}",
        "Nothing is lost. A picture that was in work at five such stops is failed." },
    [EVENT_DAEMON_CRASHED] = { "died", "b46c80d3c0ae46c1b610abad4ca8616b", LOG_ERR, RATE_UNLIMITED,
        "A picture took hotfolder down", "folder source error",
        "{folder}: {source}: {error}",
        "A fault of hotfolder's own, which this picture brings about. It is tried once more, alone; a second death fails it. Others are not affected. Please report it, with the picture if you may." },
    [EVENT_LEDGER_DAMAGED] = { "ledger-damaged", "338ee748cd9b49378d35c2345fc37826", LOG_ERR, RATE_UNLIMITED,
        "The ledger was damaged", "reason",
        "the ledger was damaged; it is kept as '{reason}', and a new one is begun from what lies in the folders",
        "Pictures are not affected: what waits is found again, and outputs that are there already are recognised. Look after the disk that the state directory lies on." },
    [EVENT_SANDBOX] = { "sandbox", "79634c084e5c49ccb8eba203cf5ca764", LOG_WARNING, RATE_UNLIMITED,
        "The workers' sandbox is not complete", "reason",
        "the workers' sandbox lacks {reason}",
        "A decoder that a hostile picture takes over could reach more than that picture. Use a kernel with landlock (5.13 or newer) and seccomp, and a service manager or container that lets the workers use them. What a folder does about it is its setting sandbox." },
    [EVENT_STALE_MOUNT] = { "left-behind", "4c59bb36739245268b47373b1f7c7a48", LOG_NOTICE, RATE_UNLIMITED,
        "A mount has gone that the service's sandbox holds on to", "reason",
        "what was mounted at '{reason}' has gone, and the sandbox holds on to it: hotfolder starts anew",
        "In a home and in /tmp the service's sandbox has a mount as it was when the service started: it neither sees that it goes nor what is mounted there next, and keeps its disk busy. So the service finishes the pictures in hand, ends, and is started again by systemd, which has what is mounted then. Nothing is lost. What is mounted below /mnt, /media or /srv comes and goes without that." },
    [EVENT_ERROR] = { "trouble", "710754e1298941a8aeb5138b73c75648", LOG_WARNING, RATE_LIMITED,
        "Something around hotfolder does not work as it should",
        "folder? profile? source? reason? error? job? attempt?",
        "[folder '{folder}': ][{source}: ]{reason}{error}",
        "The message says what it is and what to do about it." },
    [EVENT_SUPPRESSED] = { "more", "2eaa4996668e4a6bb5495832005c65ae", LOG_WARNING, RATE_UNLIMITED,
        "Many messages of one kind came at once", "folder? reason count",
        "[folder '{folder}': ]{count} more '{reason}' messages within a minute",
        "The first of them were told, the others are only counted. `hotfolder status` shows what became of the files." },
    [EVENT_MESSAGES_LOST] = { "dropped", "9557f762704847668c9548b52880660a", LOG_WARNING, RATE_UNLIMITED,
        "The journal did not take messages in time", "count",
        "{count} messages could not be told",
        "Only messages are lost. What happened to each picture is in the ledger, and in the texts in failed/." },
    /* clang-format on */
};

#define FIELD(word, name, kind, member, help)                                                      \
    {                                                                                              \
        word, name, kind, offsetof(EventFields, member), help                                      \
    }

const FieldRow event_fields[] = {
    FIELD("folder", "HOTFOLDER_FOLDER", FIELD_TEXT, folder,
          "the folder's name in the configuration"),
    FIELD("profile", "HOTFOLDER_PROFILE", FIELD_TEXT, profile,
          "the name of the profile that the picture goes through"),
    FIELD("source", "HOTFOLDER_SOURCE", FIELD_TEXT, source,
          "the file that arrived, relative to its folder's path; its bytes as they are on disk"),
    FIELD("output", "HOTFOLDER_OUTPUT", FIELD_TEXT, output,
          "the files that were made, relative to the folder's output, separated by a comma and a "
          "space; missing when every one was there already"),
    FIELD("reason", "HOTFOLDER_REASON", FIELD_TEXT, reason,
          "why, in words; the version for started, the configuration for no-folders, the event for "
          "more"),
    FIELD("error", "HOTFOLDER_ERROR", FIELD_ERROR, error,
          "what went wrong, where, and what to do about it"),
    FIELD("error", "HOTFOLDER_ERROR_KIND", FIELD_ERROR_KIND, error,
          "what the error is about: later (it may pass by itself), memory (there was too little of "
          "it), image (this picture will never "
          "work), setup (a person has to change something), world (a full disk, a missing mount), "
          "bug (a mistake in hotfolder)"),
    FIELD("job", "HOTFOLDER_JOB", FIELD_NUMBER, job,
          "the number of the picture in the ledger; the same for all of its attempts"),
    FIELD("attempt", "HOTFOLDER_ATTEMPT", FIELD_NUMBER, attempt,
          "which attempt at the picture this is, from 1"),
    FIELD("duration", "HOTFOLDER_DURATION_MS", FIELD_TIME, duration_ms,
          "how long the attempt took, in milliseconds"),
    FIELD("delay", "HOTFOLDER_DELAY_MS", FIELD_TIME, delay_ms,
          "the time until the next attempt, in milliseconds"),
    FIELD("count", "HOTFOLDER_COUNT", FIELD_NUMBER, count, "how many the message speaks of"),
    FIELD("step", "HOTFOLDER_STEP", FIELD_TEXT, step,
          "the step of the profile that was in work: its file, line and action"),
    FIELD("signal", "HOTFOLDER_SIGNAL", FIELD_NUMBER, signal, "the signal that ended the worker"),
    FIELD("syscall", "HOTFOLDER_SYSCALL", FIELD_TEXT, call,
          "the system call that the worker's sandbox ended it for"),
    FIELD("memory", "HOTFOLDER_MEMORY_KB", FIELD_NUMBER, memory_kb,
          "how much memory the worker had at most, in KB"),
    { 0 },
};

const EventRow *event_row(EventId id)
{
    return &rows[id];
}

FieldPresence event_field_presence(const EventRow *row, const char *word)
{
    size_t length = strlen(word);

    for (const char *c = row->fields; *c; c += strcspn(c, " "), c += strspn(c, " "))
        if (!strncmp(c, word, length) && (c[length] == '\0' || strchr(" ?", c[length])))
            return c[length] == '?' ? FIELD_OPTIONAL : FIELD_REQUIRED;
    return FIELD_ABSENT;
}

static const FieldRow *find_field(const char *word, size_t length)
{
    const FieldRow *row = event_fields;

    while (row->word && (strlen(row->word) != length || strncmp(row->word, word, length) != 0))
        row++;
    g_assert(row->word);
    return row;
}

/* Appends the value of the field that `word` names; false where it is missing. */
static bool append_value(GString *out, const char *word, const char *end, EventValue *value,
                         const void *user)
{
    g_autofree char *shown = value(find_field(word, (size_t) (end - word)), user);

    g_string_append(out, shown ? shown : "");
    return shown;
}

/* Appends the text before `end`; false where a value in it is missing. */
static bool append(GString *out, const char *text, const char *end, EventValue *value,
                   const void *user)
{
    bool whole = true;

    while (text < end) {
        size_t length = strcspn(text, "{[");
        const char *open = text + MIN(length, (size_t) (end - text));
        g_string_append_len(out, text, open - text);
        if (open == end)
            break;

        const char *close = strchr(open, *open == '{' ? '}' : ']');
        size_t before = out->len;
        g_assert(close && close < end);
        if (*open == '{') {
            whole = append_value(out, open + 1, close, value, user) && whole;
        } else if (!append(out, open + 1, close, value, user)) {
            g_string_truncate(out, before);
        }
        text = close + 1;
    }
    return whole;
}

char *event_text(const char *text, EventValue *value, const void *user)
{
    GString *out = g_string_new(NULL);

    append(out, text, text + strlen(text), value, user);
    return g_string_free(out, FALSE);
}
