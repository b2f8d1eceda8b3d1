/* Every kind of message, once: the journal, its catalog and the manual read these rows. The ids are
 * for ever: a new meaning gets a new one (systemd-id128 new). */
#include <syslog.h>

#include "daemon/journal.h"

static const EventRow rows[EVENT_COUNT] = {
    /* clang-format off */
    [EVENT_STARTED] = { "started", "99ddf7d5e0c44b48aa562d8c207d4842", LOG_INFO,
        "hotfolder {reason} is ready",
        "It watches its folders now. `hotfolder status` shows them." },
    [EVENT_STOPPED] = { "stopped", "67e20f0b47eb4984acb37f873f99a3f6", LOG_INFO,
        "stopped; {count} pictures still wait",
        "Nothing is lost: what waits is in the ledger and goes on at the next start." },
    [EVENT_RELOADED] = { "reloaded", "d22ee7ed902047bc8c885ad4bf45ef24", LOG_NOTICE,
        "the new configuration is in use",
        "Pictures that were in work keep the settings they began with." },
    [EVENT_RELOAD_FAILED] = { "reload-failed", "26e204b60617448ebadf39fbd0c1aa95", LOG_ERR,
        "the new configuration has mistakes; the old one stays in use",
        "Mend what the messages before this one name, try it with `hotfolder check`, and reload again." },
    [EVENT_MISTAKE] = { "mistake", "c1d6b1d6f40b49138a3a3bce5e399cbb", LOG_ERR,
        "{error}",
        "A mistake in the configuration, with its file and line. `hotfolder check` lists all of them." },
    [EVENT_FOLDER_ALIVE] = { "folder-alive", "ba2301e2edd74cd7bc44dc6e7113aed4", LOG_NOTICE,
        "folder '{folder}' is alive again",
        "What waited goes on by itself." },
    [EVENT_FOLDER_AWAY] = { "folder-away", "c7c88844e3f2456abd28e97c0e8e1b84", LOG_WARNING,
        "folder '{folder}' is away: {reason}",
        "The watched directory is not there: a mount that is missing, or a directory that was removed. Its pictures keep their place in the ledger; work goes on by itself when it is back." },
    [EVENT_FOLDER_HELD] = { "folder-held", "83811a9ba215464d82562817dfaa806e", LOG_WARNING,
        "folder '{folder}' is held: {reason}",
        "Its pictures can't be worked on because of something around them, such as a full disk. No attempt is spent; work goes on by itself when the cause is gone." },
    [EVENT_WAITING] = { "waiting", "c179296559ae40cebc7b3607f50b61bc", LOG_INFO,
        "{source}: waiting: {reason}",
        "The file is not ready. It is looked at again by itself." },
    [EVENT_DONE] = { "done", "87d7568d36cd47dea55c83b5d40e3777", LOG_INFO,
        "{source}: done in {duration} -> {output}",
        "All outputs are complete and on disk." },
    [EVENT_DEFERRED] = { "deferred", "9f23f2dab03f437cb730f1a05a5b8cf5", LOG_WARNING,
        "{source}: attempt {attempt} failed, next one in {delay}: {error}",
        "The cause may pass by itself. After the last attempt the original moves to failed/ in its folder." },
    [EVENT_FAILED] = { "failed", "bf6a84b6e31349a8994d43db5060d1af", LOG_ERR,
        "{source}: failed: {error}",
        "The original is in failed/ in its folder, with the reason in a text file beside it. When the cause is mended, move it back into the folder." },
    [EVENT_SUPERSEDED] = { "superseded", "b0020e770d25486cb375a4daae4cb153", LOG_INFO,
        "{source}: changed while it was worked on; the result was thrown away",
        "The new content is worked on when it is ready." },
    [EVENT_LEFT] = { "left", "4369a686f8cf459da77cc8680e636fd8", LOG_INFO,
        "{source}: left in place: {reason}",
        "It is not a picture that hotfolder works on. `hotfolder status` counts such files by reason." },
    [EVENT_RETIRE_FAILED] = { "retire-failed", "4713e2ec5a6d4669b0bd0aa53c5dfa98", LOG_ERR,
        "{source}: finished, but the original stays where it is: {error}",
        "The outputs are complete. The original is not worked on again; moving it is tried again." },
    [EVENT_WORKER_DIED] = { "worker-died", "a95de72862214e8682a7529bc07456a1", LOG_ERR,
        "{source}: its worker died: {reason}",
        "The picture is tried once more; a second death fails it. Other pictures are not affected." },
    [EVENT_OVERFLOW] = { "overflow", "a48745c6fe3544c6a3cdaf510168dd5a", LOG_WARNING,
        "the kernel dropped file events; scanning every folder",
        "Many files came at once. Nothing is lost: the scan finds them. Raise fs.inotify.max_queued_events to avoid it." },
    [EVENT_WATCH_LIMIT] = { "watch-limit", "b4f566037f804ad2b3dc61db70b5661e", LOG_ERR,
        "folder '{folder}': {reason}",
        "Directories beyond the limit are scanned every few seconds instead of being watched. Raise the limit with the sysctl line in the message." },
    [EVENT_RECOVERED] = { "recovered", "cb654a173e5542039ed85bc0c37a8803", LOG_NOTICE,
        "{count} pictures were in work when hotfolder last stopped; they are taken up again",
        "Nothing is lost. A picture that was in work at five such stops is failed." },
    [EVENT_TROUBLE] = { "trouble", "710754e1298941a8aeb5138b73c75648", LOG_WARNING,
        "{reason}{error}",
        "Something around the service does not work as it should; the message says what to do." },
    [EVENT_DROPPED] = { "dropped", "9557f762704847668c9548b52880660a", LOG_WARNING,
        "{count} messages could not be told",
        "The journal did not take them in time. The ledger and the texts in failed/ are complete." },
    /* clang-format on */
};

const EventRow *journal_row(EventId id)
{
    return &rows[id];
}
