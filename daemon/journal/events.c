/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ids never change: a message with a new meaning gets a new id (systemd-id128 new). */
#include "daemon/journal/events.h"

#include <string.h>
#include <syslog.h>

static const EventRow rows[EVENT_COUNT] = {
    /* clang-format off */
    [EVENT_STARTED] = { "started", "99ddf7d5e0c44b48aa562d8c207d4842", LOG_INFO, RATE_UNLIMITED,
        "hotfolder is ready",
        "reason",
        "hotfolder {reason} is ready",
        "It watches its folders now. `hotfolder status` shows them." },
    [EVENT_STOPPED] = { "stopped", "67e20f0b47eb4984acb37f873f99a3f6", LOG_INFO, RATE_UNLIMITED,
        "hotfolder has stopped",
        "count",
        "stopped; unfinished pictures: {count}",
        "Nothing is lost: they are in the ledger, and hotfolder continues with them at the next start." },
    [EVENT_RELOADED] = { "reloaded", "d22ee7ed902047bc8c885ad4bf45ef24", LOG_NOTICE, RATE_UNLIMITED,
        "The new configuration is in use",
        "reason?",
        "the new configuration is in use[, but {reason}]",
        "Pictures in progress keep the settings that they began with. A folder that the message names cannot be used now; hotfolder continues with it when what the message says is done. `hotfolder check` tests every folder." },
    [EVENT_RELOAD_FAILED] = { "reload-failed", "26e204b60617448ebadf39fbd0c1aa95", LOG_ERR, RATE_UNLIMITED,
        "The new configuration was refused",
        "",
        "the new configuration has errors; the old one stays in use",
        "Correct what the messages before this one name, test it with `hotfolder check`, and reload again." },
    [EVENT_CONFIG_ERROR] = { "config-error", "c1d6b1d6f40b49138a3a3bce5e399cbb", LOG_ERR, RATE_UNLIMITED,
        "An error in the configuration",
        "error",
        "{error}",
        "The message names the file, the line and what to do. `hotfolder check` lists every error." },
    [EVENT_NO_FOLDERS] = { "no-folders", "8ad92fbce0b841c5ba7354c6daef9d83", LOG_NOTICE, RATE_UNLIMITED,
        "No folder is configured",
        "reason",
        "no folder is configured in {reason}: nothing is watched",
        "Run `hotfolder add PATH`, as root for this machine's service: it sets a folder up and tests it. For a folder that you write into {reason} yourself, `hotfolder check` tests the configuration, `hotfolder systemd-dropin --install` gives the service access to it, and `systemctl restart hotfolder` applies both." },
    [EVENT_FOLDER_AVAILABLE] = { "folder-available", "ba2301e2edd74cd7bc44dc6e7113aed4", LOG_NOTICE, RATE_UNLIMITED,
        "Folder {folder} is available again",
        "folder reason?",
        "folder '{folder}' is available again",
        "hotfolder continues with the pictures of folder {folder}." },
    [EVENT_FOLDER_UNAVAILABLE] = { "folder-unavailable", "c7c88844e3f2456abd28e97c0e8e1b84", LOG_WARNING, RATE_UNLIMITED,
        "Folder {folder} is unavailable",
        "folder reason",
        "folder '{folder}' is unavailable: {reason}",
        "The directory that folder {folder} watches is not there: a mount is missing, a share does not respond, or the directory was removed. Its pictures stay in the ledger, and hotfolder continues when the directory is back. In the sandbox of systemd, a directory that was removed and made again is visible only after a restart of the service." },
    [EVENT_FOLDER_HELD] = { "folder-held", "83811a9ba215464d82562817dfaa806e", LOG_WARNING, RATE_UNLIMITED,
        "Folder {folder} is held",
        "folder reason",
        "folder '{folder}' is held: {reason}",
        "Something around the pictures of folder {folder} prevents hotfolder from processing them, such as a full disk. No attempt is spent; hotfolder continues when the cause is gone." },
    [EVENT_FOLDER_PAUSED] = { "folder-paused", "fb5a00bf4b094c298a01bacfaf2148e5", LOG_NOTICE, RATE_UNLIMITED,
        "A folder is paused",
        "folder? reason? who",
        "paused by {who}: [folder '{folder}'][{reason}]",
        "Pictures in progress are finished, and no other one begins. Files that arrive are queued, also after a restart of the service. `hotfolder resume` ends the pause." },
    [EVENT_FOLDER_RESUMED] = { "folder-resumed", "bd07f70b2bf24f0db76f1e656c96f069", LOG_NOTICE, RATE_UNLIMITED,
        "The pause of a folder has ended",
        "folder? reason? who",
        "resumed by {who}: [folder '{folder}'][{reason}]",
        "hotfolder continues with the queued pictures." },
    [EVENT_FOLDER_SCANNED] = { "folder-scan", "3e61d5c640a54d2a97102879655432b5", LOG_NOTICE, RATE_UNLIMITED,
        "A scan of folder {folder} begins",
        "folder who",
        "folder '{folder}': {who} has asked for a scan",
        "hotfolder looks at every file of the folder now, and not only at the next full scan (`reconcile`)." },
    [EVENT_FOLDER_WORLD_WRITABLE] = { "folder-world-writable", "46728286218d46499b81e7dd1355e0f6", LOG_WARNING, RATE_UNLIMITED,
        "Every user may write into folder {folder}",
        "folder reason",
        "folder '{folder}': {reason}",
        "hotfolder processes the pictures of every user and every service of this machine there. If only some of them should send pictures, give the directory to a group and remove the write permission of all others. This is only a warning." },
    [EVENT_FOLDER_REMOVED] = { "folder-removed", "d97c86fa2aeb4994a5105522951f037a", LOG_NOTICE, RATE_UNLIMITED,
        "Folder {folder} is no longer watched",
        "folder",
        "folder '{folder}' is no longer watched: the new configuration does not have it",
        "Its pictures stay where they are, and its queued pictures stay in the ledger: hotfolder continues with them when the configuration has a folder {folder} again. If the folder only has a new name, the pictures that still lie there are found under that name." },
    [EVENT_STATUS_FILE] = { "status-file", "31f100fa4d8048578c03479ba3298d1f", LOG_WARNING, RATE_UNLIMITED,
        "The status file of folder {folder} cannot be kept",
        "folder error",
        "folder '{folder}': its status file cannot be kept: {error}",
        "HOTFOLDER.txt (`status_file = yes`) does not say what becomes of the pictures, which are processed all the same. hotfolder tries again, and logs this once." },
    [EVENT_FOLDER_UNCONFIGURED] = { "folder-unconfigured", "6accd629fa9e4d9797d5ab415b5fd926", LOG_NOTICE, RATE_UNLIMITED,
        "Pictures of a folder that is no longer configured are unfinished",
        "folder count",
        "folder '{folder}' is not in the configuration; its unfinished pictures wait: {count}",
        "They stay where they are, and in the ledger. Add the folder {folder} to the configuration again, with its path, and hotfolder continues with them; or move the pictures into another folder." },
    [EVENT_LEDGER_AVAILABLE] = { "ledger-available", "cc8dd2b4aaa24ff18f72a8d25f925cc5", LOG_NOTICE, RATE_UNLIMITED,
        "The ledger can be written again",
        "",
        "the ledger can be written again",
        "hotfolder continues with the queued pictures." },
    [EVENT_LEDGER_UNAVAILABLE] = { "ledger-unavailable", "010b755d721d40fab6f240e218a2fe0d", LOG_ERR, RATE_UNLIMITED,
        "The ledger cannot be written",
        "error",
        "hotfolder starts no picture: {error}",
        "Without its ledger hotfolder starts no picture, because it could lose one or make one twice. No attempt is spent; hotfolder continues when the ledger can be written." },
    [EVENT_PENDING] = { "pending", "c179296559ae40cebc7b3607f50b61bc", LOG_INFO, RATE_LIMITED,
        "A file is not ready yet",
        "folder source reason",
        "{folder}: {source}: not ready: {reason}",
        "hotfolder checks the file again. `hotfolder status` counts the pending files of folder {folder} by reason." },
    [EVENT_DONE] = { "done", "87d7568d36cd47dea55c83b5d40e3777", LOG_INFO, RATE_UNLIMITED,
        "A picture is finished",
        "folder profile source output? parts? note? job attempt duration",
        "{folder}: {source}: done in {duration}[ -> {output}][; with {parts}][; note: {note}]",
        "All of its outputs are complete and on disk in the output of folder {folder}. A note says what is worth knowing all the same: that the file lacks the end marker of its format though all of its rows are whole, that the outputs do not have all that the file had, that the profile makes no output of this picture, that an output got a number since the name is of an earlier file of the same path, or that it was skipped since the name is of another picture." },
    [EVENT_DUPLICATE] = { "duplicate", "5bee0f4806e8485c9a90552a57a365bc", LOG_INFO, RATE_UNLIMITED,
        "A picture of the same content is done already",
        "folder profile source output? parts? job attempt duration",
        "{folder}: {source}: duplicate: a picture of the same content is done already[; with {parts}]",
        "Folder {folder} says `duplicates = skip`: the original moves like that of a finished picture, and no output is made." },
    [EVENT_DEFERRED] = { "deferred", "9f23f2dab03f437cb730f1a05a5b8cf5", LOG_WARNING, RATE_LIMITED,
        "A picture is tried again later",
        "folder profile source error job attempt delay",
        "{folder}: {source}: attempt {attempt} failed, next attempt in {delay}: {error}",
        "The cause may pass. After the last attempt the original moves to failed/ in folder {folder}." },
    [EVENT_FAILED] = { "failed", "bf6a84b6e31349a8994d43db5060d1af", LOG_ERR, RATE_UNLIMITED,
        "A picture has failed",
        "folder profile source parts? error job attempt duration",
        "{folder}: {source}: failed after {duration}[; with {parts}]: {error}",
        "The original is in failed/ in folder {folder}, with the reason in a text file beside it. If the next message says that the original could not be moved, it is still in its place, and only the text is in failed/. When the cause is gone, `hotfolder retry` takes it, or move the original back into the folder." },
    [EVENT_SUPERSEDED] = { "superseded", "b0020e770d25486cb375a4daae4cb153", LOG_INFO, RATE_LIMITED,
        "A picture was changed, renamed or removed before it was done",
        "folder profile source reason job attempt",
        "{folder}: {source}: nothing was made: {reason}",
        "If a new file is there, hotfolder processes it when it is ready." },
    [EVENT_TAKEN_OVER] = { "taken-over", "88978ab6e9fe4215a29dd9a9e8127607", LOG_WARNING, RATE_LIMITED,
        "Another hotfolder has taken a picture over",
        "folder profile source job attempt",
        "{folder}: {source}: another hotfolder has taken the picture over; this one stops its attempt {attempt}",
        "The ledger gave the picture away, since this hotfolder did not respond for too long. The other one makes the outputs and moves the original; this one removes what it has begun." },
    [EVENT_CANCELLED] = { "cancelled", "95ea5033b33e4d268e87f6399f301336", LOG_NOTICE, RATE_UNLIMITED,
        "A picture was cancelled",
        "folder source job who",
        "{folder}: {source}: cancelled by {who}",
        "Its file stays where it is in folder {folder} and is ignored, also under another name. `hotfolder retry` takes it, and so does a new content of the file. An attempt that was in progress publishes nothing." },
    [EVENT_RETRIED] = { "retried", "b9c76a4f9f304dd69ad3b08d9b566a9c", LOG_NOTICE, RATE_LIMITED,
        "A picture is queued again",
        "folder source job who",
        "{folder}: {source}: queued again, as {who} asked",
        "A person asked for it. What had failed has all its attempts again, and its original is back from failed/; what was to be tried later is tried now." },
    [EVENT_REPROCESSED] = { "reprocessed", "c1c95bd79a744e3cbed1a080a59cf4f2", LOG_NOTICE, RATE_UNLIMITED,
        "The outputs of a folder are made again",
        "folder who count",
        "{folder}: pictures that are made again, as {who} asked: {count}",
        "Each of them is queued under its earlier numbers, and its original is back in folder {folder}. Outputs that were not changed since are replaced; one that was changed stays." },
    [EVENT_IGNORED] = { "ignored", "4369a686f8cf459da77cc8680e636fd8", LOG_INFO, RATE_LIMITED,
        "A file is ignored",
        "folder source reason",
        "{folder}: {source}: ignored: {reason}",
        "It is not a picture that hotfolder processes; it stays where it is. `hotfolder status` counts the ignored files of folder {folder} by reason." },
    [EVENT_WRONG_EXTENSION] = { "wrong-extension", "5e6f48cd37dc47cdace41c33b1e7c71e", LOG_NOTICE, RATE_LIMITED,
        "The extension of a file is wrong",
        "folder profile source reason job attempt",
        "{folder}: {source}: {reason}",
        "The content of a file decides its format, not its extension: hotfolder processes the file as what it is. The sender may want to correct the name." },
    [EVENT_ORIGINAL_NOT_MOVED] = { "original-not-moved", "4713e2ec5a6d4669b0bd0aa53c5dfa98", LOG_WARNING, RATE_LIMITED,
        "An original could not be moved",
        "folder profile source error job attempt delay",
        "{folder}: {source}: its original could not be moved, next attempt in {delay}: {error}",
        "Only the original stays where it is: the picture is done with all of its outputs, or failed with its report in failed/, and is not processed again. hotfolder tries the move again after {delay}, and at once when the rights of its directory change or a scan of the folder has ended. `hotfolder status` names the directories and what helps." },
    [EVENT_ORIGINAL_MOVED] = { "original-moved", "5046e40f61134624bab7564c311fed49", LOG_INFO, RATE_LIMITED,
        "An original was moved at last",
        "folder profile source job attempt",
        "{folder}: {source}: its original is moved now",
        "What prevented it is gone. The original lies in done/ or failed/ in folder {folder}, or in the trash." },
    [EVENT_PARTS_NOT_MOVED] = { "parts-not-moved", "61e5b0464e7a4ac7b75b39acb5cc7ff5", LOG_WARNING, RATE_LIMITED,
        "Companions of a picture could not be moved",
        "folder profile source error job attempt delay",
        "{folder}: {source}: a file of its shot could not be moved, next attempt in {delay}: {error}",
        "The picture has ended, and its other files have moved. What the message names stays where it is until the cause is gone: hotfolder tries the move again after {delay}, and at once when the rights of its directory change or a scan of the folder has ended." },
    [EVENT_PARTS_MOVED] = { "parts-moved", "fb42442b60424c6ea00ae1b187fa5237", LOG_INFO, RATE_LIMITED,
        "Companions of a picture were moved after it",
        "folder profile source parts job attempt",
        "{folder}: {source}: moved after it: {parts}",
        "These files of the shot came when its picture had ended, or could not be moved before. They lie beside its original now, under its name. Nothing is made again of the picture: where a sidecar has new metadata for its outputs, `hotfolder reprocess` makes them with it." },
    [EVENT_UNDONE] = { "undone", "78eee04a912e41859fdb336b71a8d43f", LOG_NOTICE, RATE_UNLIMITED,
        "A picture was undone",
        "folder source job who count",
        "{folder}: {source}: undone by {who}; outputs that are in the trash now: {count}",
        "Its original is back in its place, and nothing is made of it until `hotfolder retry` or a change of the file. Its outputs are in the trash of their disk, else in trash/ of the output directory." },
    [EVENT_NOT_UNDONE] = { "not-undone", "3f4aa719aac444f3819efbb171a7a7e4", LOG_WARNING, RATE_UNLIMITED,
        "A picture could not be undone",
        "folder source error job who",
        "{folder}: {source}: not undone, as {who} had asked: {error}",
        "A file changed while it was moved, or its disk refused. What was moved has gone back, except for files that the message names: the picture is done as before." },
    [EVENT_UNDO_DELAYED] = { "undo-delayed", "1778c55a9dbf4829829639826b7f4f7e", LOG_WARNING, RATE_LIMITED,
        "A picture is not undone yet",
        "folder source error job delay who",
        "{folder}: {source}: not undone yet, as {who} has asked, next attempt in {delay}: {error}",
        "The disk or the ledger failed while files were moved. hotfolder tries again after {delay}, and at its next start, until the picture is undone or all is as before." },
    [EVENT_WORKER_DIED] = { "worker-died", "a95de72862214e8682a7529bc07456a1", LOG_ERR, RATE_UNLIMITED,
        "A worker died while it processed a picture",
        "folder profile source reason job attempt step? signal? syscall? memory duration",
        "{folder}: {source}: its worker died: {reason}",
        "hotfolder tries the picture once more: alone, unless it only took too long. If its worker dies again, the picture fails. Other pictures are not affected." },
    [EVENT_CRASH_LOOP] = { "crash-loop", "a47629cc5d5f4b0da41414be033f9878", LOG_ERR, RATE_UNLIMITED,
        "Many workers died within a few seconds",
        "folder count",
        "folder '{folder}': {count} workers died within a few seconds; its pictures pause for a while",
        "Each picture spends only its own attempts, and other folders continue. Read the worker-died messages before this one: if every picture is affected, the cause is probably a library or a limit of the service (MemoryMax=, TasksMax=)." },
    [EVENT_OVERFLOW] = { "overflow", "a48745c6fe3544c6a3cdaf510168dd5a", LOG_WARNING, RATE_UNLIMITED,
        "The kernel dropped file events",
        "count",
        "the kernel dropped file events; hotfolder scans every folder",
        "Many files came at once. Nothing is lost: the scan finds them. Raise fs.inotify.max_queued_events to avoid it." },
    [EVENT_WATCH_LIMIT] = { "watch-limit", "b4f566037f804ad2b3dc61db70b5661e", LOG_ERR, RATE_UNLIMITED,
        "Too many directories to watch",
        "reason count",
        "{reason}",
        "Nothing is lost, but files that arrive there are found later. Raise the limit with the command in the message, and write the setting to a file in /etc/sysctl.d/ to keep it. hotfolder then watches the remaining directories without a restart." },
    [EVENT_WATCHES_OK] = { "watches-ok", "c9c212c97add455f905c443773ff35fe", LOG_NOTICE, RATE_UNLIMITED,
        "Every directory is watched again",
        "count",
        "all {count} directories are watched",
        "There are enough inotify watches again." },
    [EVENT_WATCH_METHOD] = { "watch-method", "09ac9096b480bf20746833c37443d7bf", LOG_INFO, RATE_UNLIMITED,
        "How a folder is watched",
        "folder reason",
        "folder '{folder}' is watched by {reason}",
        "The kernel reports new files at once, by events. It has none for files that other machines write to a network file system: there hotfolder scans the folder every few seconds, and less often where a scan takes long. The folder's setting watch decides; with auto, the file system of each directory decides, also when something is mounted in the folder later." },
    [EVENT_RECOVERED] = { "recovered", "cb654a173e5542039ed85bc0c37a8803", LOG_NOTICE, RATE_UNLIMITED,
        "hotfolder recovered from a crash",
        "count",
        "recovered from a crash; pictures queued again: {count}",
        "Nothing is lost. A picture that was in progress at five crashes fails." },
    [EVENT_DAEMON_CRASHED] = { "daemon-crashed", "b46c80d3c0ae46c1b610abad4ca8616b", LOG_ERR, RATE_UNLIMITED,
        "hotfolder crashed over a picture",
        "folder source error",
        "{folder}: {source}: {error}",
        "This picture triggers a fault in hotfolder. hotfolder tries the picture once more, alone; if it crashes again, the picture fails. Other pictures are not affected. Please report the fault, with the picture if you may." },
    [EVENT_LEDGER_DAMAGED] = { "ledger-damaged", "338ee748cd9b49378d35c2345fc37826", LOG_ERR, RATE_UNLIMITED,
        "The ledger was damaged",
        "reason",
        "the ledger was damaged; it is kept as '{reason}', and hotfolder fills a new one from the files in the folders",
        "Pictures are not affected: queued ones are found again, and hotfolder recognises outputs that exist. Check the disk of the state directory." },
    [EVENT_SANDBOX] = { "sandbox", "79634c084e5c49ccb8eba203cf5ca764", LOG_WARNING, RATE_UNLIMITED,
        "The workers' sandbox is not complete",
        "reason",
        "the workers' sandbox lacks {reason}",
        "A decoder that a hostile picture takes over could reach more than that picture. Use a kernel with landlock (5.13 or newer) and seccomp, and a service manager or container that lets the workers use them. The folder's setting sandbox says what happens without them." },
    [EVENT_STALE_MOUNT] = { "stale-mount", "4c59bb36739245268b47373b1f7c7a48", LOG_NOTICE, RATE_UNLIMITED,
        "The service's sandbox holds a stale mount",
        "reason",
        "'{reason}' was unmounted, but the service's sandbox still holds it: hotfolder restarts",
        "In homes and in /tmp, the service's sandbox keeps the mounts that were there at its start: it does not see that one is unmounted, nor what is mounted there next, and it keeps the disk busy. hotfolder finishes the pictures in progress and exits; systemd starts it again in a new sandbox, which has the current mounts. Nothing is lost. Mounts below /mnt, /media or /srv need no restart." },
    [EVENT_CARD_FOUND] = { "card-found", "aea376f18bd04db4b9802b8c694e2d9e", LOG_NOTICE, RATE_UNLIMITED,
        "A card is there",
        "card source? reason",
        "card '{card}' is there[ ({source})]: import '{reason}' reads it",
        "Its files are listed now. Nothing is ever written to the card." },
    [EVENT_CARD_IGNORED] = { "card-ignored", "1bf7081904444476ac7c590ce857509d", LOG_INFO, RATE_UNLIMITED,
        "A medium is not imported",
        "card source? reason",
        "card '{card}'[ ({source})] is not imported: {reason}",
        "Nothing was read from it. An import of the configuration takes what its `when` fits, and without `when` removable media of cameras; `ignore` names what it never takes. `hotfolder import PATH --import NAME` copies it all the same." },
    [EVENT_CARD_KNOWN] = { "card-known", "9f5feef8ccad403a84a98c044289347b", LOG_NOTICE, RATE_UNLIMITED,
        "A card without anything new",
        "card reason",
        "card '{card}': {reason}",
        "Every file of the card was there at its last import, with the same size and time. Nothing was copied. Only where the message says SAFE may the card be formatted." },
    [EVENT_CARD_BEGUN] = { "card-begun", "fbe5a469ec0845a6b5e003ad455e300b", LOG_NOTICE, RATE_UNLIMITED,
        "An import begins",
        "card output note? count",
        "card '{card}': files to copy to {output}: {count}[; {note}]",
        "`hotfolder import status` shows how far it is. Do not pull the card; where it happens all the same, what was copied is whole, and the import goes on when the card is back." },
    [EVENT_CARD_HELD] = { "card-held", "a1d7e9a8d2a9451390747cd3bbff2070", LOG_WARNING, RATE_UNLIMITED,
        "An import waits",
        "card reason",
        "card '{card}' is held: {reason}",
        "No file is copied before there is room for all of them in each destination, and each destination is there. The import goes on by itself when what the message names is done. Leave the card where it is." },
    [EVENT_CARD_INTERRUPTED] = { "card-interrupted", "1b9a1579dea344bfa185b99e4b6ec013", LOG_WARNING, RATE_UNLIMITED,
        "An import was interrupted",
        "card reason",
        "card '{card}': {reason}",
        "The card was pulled, or the import was stopped. What has been copied is whole. Do not format the card: put it in again, and the import goes on with the files that are missing." },
    [EVENT_CARD_SAFE] = { "card-safe", "46b0810242dc494d9079e3e6568f2801", LOG_NOTICE, RATE_UNLIMITED,
        "A card is safe to format",
        "card reason output",
        "card '{card}': {reason}",
        "Each file of the card has as many copies as the import asks for, on different disks, and each was read back from its disk. A report lies in _cards/ in each destination: {output}. hotfolder never formats a card: the camera does that best." },
    [EVENT_CARD_NOT_SAFE] = { "card-not-safe", "9381f526120d44b8aa6c6d74ff5599bc", LOG_ERR, RATE_UNLIMITED,
        "A card is not safe to format",
        "card reason output note?",
        "card '{card}': {reason}[: {note}]",
        "Do not format the card. The report in _cards/ in each destination ({output}) names every file and what it lacks. Correct that, and put the card in again: what is right already is not copied a second time." },
    [EVENT_CARD_COPIED] = { "card-copied", "c5454d3f28dc42b7b3b38020f538f465", LOG_NOTICE, RATE_UNLIMITED,
        "The pictures of a camera were copied",
        "card reason output",
        "card '{card}': {reason}",
        "They stand in each destination: {output}. A camera at a cable does not show its card as it is, so nothing is proved. Put the card into a reader before you format it: what is there already is only compared." },
    [EVENT_CARD_FAILED] = { "card-failed", "de3de68f67024a9894eda6c4b5229b03", LOG_ERR, RATE_UNLIMITED,
        "A card could not be imported",
        "card error",
        "card '{card}' is not imported: {error}",
        "Nothing could be begun. Do not format the card. Correct what the message names, and put the card in again." },
    [EVENT_CARD_FILE_FAILED] = { "card-file-failed", "39d6faf045824381a44ee305205608ad", LOG_ERR, RATE_UNLIMITED,
        "A file of a card cannot be read",
        "card source error",
        "{card}: {source}: cannot be read, passed over: {error}",
        "hotfolder tried three times, and went on with the other files. The card is not safe to format: its file may be lost. Clean the contacts, try another reader, and keep the card as it is for a program that recovers pictures." },
    [EVENT_CARD_COPY_FAILED] = { "card-copy-failed", "84d7fae6efbd4227981f912e37020ad8", LOG_ERR, RATE_UNLIMITED,
        "A file of a card could not be copied",
        "card source output error",
        "{card}: {source}: not copied to {output}: {error}",
        "The other destinations go on. The message names what the disk refused. The card is not safe to format before each file has all of its copies: put it in again when the cause is gone." },
    [EVENT_CARD_NOT_HANDED] = { "card-not-handed", "e0959fa21ca04990b5ec36c01488b054", LOG_WARNING, RATE_UNLIMITED,
        "A shot was not handed to the folder of `then`",
        "card source folder error",
        "{card}: {source}: copied, but not handed to folder '{folder}': {error}",
        "Its copies stand, and the verdict on the card does not depend on this. The message names what stands in the way: when that is gone, put the card in again, and the shot is handed over without being copied again." },
    [EVENT_CATALOG_DAMAGED] = { "catalog-damaged", "dc980bf9a8f348119f7091cdba3557e7", LOG_ERR, RATE_UNLIMITED,
        "The catalog of cards was damaged",
        "reason",
        "the catalog of cards was damaged; it is kept as '{reason}', and hotfolder begins a new one",
        "No picture is lost, and no card counts as safe without being read: each card is read again in full when it is put in next, and copies that are there are found again. A shot may go to the folder of `then` a second time. Check the disk of the state directory." },
    [EVENT_NOTICE_FAILED] = { "notice-failed", "4b4ee5b77c004c879f188effc109fbcd", LOG_WARNING, RATE_UNLIMITED,
        "Notice {notice} cannot be delivered",
        "notice way error delay",
        "notice '{notice}' is not delivered by {way}: {error}; next try in {delay}",
        "No picture waits for it, and what happened is not lost: hotfolder tries again, after an hour at the latest, with all that has happened by then. It says so once, and `hotfolder status` shows it until a notice arrives. When the cause is gone, `hotfolder notify {notice}` tries it at once." },
    [EVENT_NOTICE_SENT_AGAIN] = { "notice-sent-again", "31e302bdd76c4c79bee6bd436fc5f821", LOG_NOTICE, RATE_UNLIMITED,
        "Notice {notice} is delivered again",
        "notice way",
        "notice '{notice}' is delivered by {way} again",
        "It has all that happened meanwhile." },
    [EVENT_ERROR] = { "error", "710754e1298941a8aeb5138b73c75648", LOG_WARNING, RATE_LIMITED,
        "Something around hotfolder does not work",
        "folder? profile? source? reason? error? job? attempt?",
        "[folder '{folder}': ][{source}: ]{reason}{error}",
        "The message names the cause and, where there is one, the remedy." },
    [EVENT_SUPPRESSED] = { "suppressed", "2eaa4996668e4a6bb5495832005c65ae", LOG_WARNING, RATE_UNLIMITED,
        "Many messages of one kind came at once",
        "folder? reason count",
        "[folder '{folder}': ]{count} more '{reason}' messages within a minute were suppressed",
        "The first of them are in the journal, the others are only counted. `hotfolder status` shows the state of the files." },
    [EVENT_MESSAGES_LOST] = { "messages-lost", "9557f762704847668c9548b52880660a", LOG_WARNING, RATE_UNLIMITED,
        "The journal did not take messages in time",
        "count",
        "{count} messages are lost",
        "Only messages are lost. The ledger, and the texts in failed/, say what happened to each picture." },
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
          "the file that arrived, relative to its folder's path, or to its card; its bytes as they "
          "are on disk"),
    FIELD("output", "HOTFOLDER_OUTPUT", FIELD_TEXT, output,
          "the files that were made, relative to the folder's output, separated by a comma and a "
          "space; missing when all of them existed already, or the profile makes none; of a card, "
          "the destinations"),
    FIELD("parts", "HOTFOLDER_PARTS", FIELD_TEXT, parts,
          "the other files of the picture's shot, relative to the folder's path, separated by a "
          "comma and a space"),
    FIELD("reason", "HOTFOLDER_REASON", FIELD_TEXT, reason,
          "why, in words; the version for started, the configuration for no-folders, the event for "
          "suppressed, the import for card-found"),
    FIELD("note", "HOTFOLDER_NOTE", FIELD_TEXT, note,
          "what is worth knowing of a picture that is done all the same, or of a card; several "
          "notes have a semicolon and a space between them"),
    FIELD("error", "HOTFOLDER_ERROR", FIELD_ERROR, error,
          "what went wrong, where, and what to do about it"),
    FIELD(
        "error", "HOTFOLDER_ERROR_KIND", FIELD_ERROR_KIND, error,
        "what the error is about: transient (it may pass), memory (there was too little), picture "
        "(this picture can never be processed), config (a person has to change something), "
        "environment (a full disk, a missing mount), internal (a fault in hotfolder)"),
    FIELD("job", "HOTFOLDER_JOB", FIELD_NUMBER, job,
          "the number of the picture in the ledger; the same for all of its attempts"),
    FIELD("attempt", "HOTFOLDER_ATTEMPT", FIELD_NUMBER, attempt,
          "which attempt at the picture this is, from 1"),
    FIELD("duration", "HOTFOLDER_DURATION_MS", FIELD_TIME, duration_ms,
          "how long the attempt took, in milliseconds"),
    FIELD("delay", "HOTFOLDER_DELAY_MS", FIELD_TIME, delay_ms,
          "the time until the next attempt, in milliseconds"),
    FIELD("count", "HOTFOLDER_COUNT", FIELD_NUMBER, count, "the number in the message"),
    FIELD("step", "HOTFOLDER_STEP", FIELD_TEXT, step,
          "the step of the profile that was running: its file, line and action"),
    FIELD("signal", "HOTFOLDER_SIGNAL", FIELD_NUMBER, signal, "the signal that ended the worker"),
    FIELD("syscall", "HOTFOLDER_SYSCALL", FIELD_TEXT, call,
          "the system call for which the worker's sandbox killed it"),
    FIELD("memory", "HOTFOLDER_MEMORY_KB", FIELD_NUMBER, memory_kb,
          "how much memory the worker had at most, in KB"),
    FIELD("who", "HOTFOLDER_ASKED_BY", FIELD_TEXT, who, "the user who asked for it"),
    FIELD("card", "HOTFOLDER_CARD", FIELD_TEXT, card,
          "the memory card: its label, else the UUID of its file system, else where it was read"),
    FIELD("notice", "HOTFOLDER_NOTICE", FIELD_TEXT, notice,
          "the name of the notice in the configuration"),
    FIELD("way", "HOTFOLDER_WAY", FIELD_TEXT, way, "how it is delivered: run, mail or post"),
    { 0 },
};

/* Names before hotfolder 0.2. */
static const char *const former_names[EVENT_COUNT] = {
    [EVENT_CONFIG_ERROR] = "mistake",
    [EVENT_FOLDER_AVAILABLE] = "folder-alive",
    [EVENT_FOLDER_UNAVAILABLE] = "folder-away",
    [EVENT_FOLDER_WORLD_WRITABLE] = "folder-open",
    [EVENT_FOLDER_REMOVED] = "folder-dropped",
    [EVENT_LEDGER_AVAILABLE] = "ledger-alive",
    [EVENT_LEDGER_UNAVAILABLE] = "ledger-held",
    [EVENT_PENDING] = "waiting",
    [EVENT_IGNORED] = "left",
    [EVENT_WRONG_EXTENSION] = "belied",
    [EVENT_ORIGINAL_NOT_MOVED] = "retire-failed",
    [EVENT_CRASH_LOOP] = "storm",
    [EVENT_WATCHES_OK] = "watched",
    [EVENT_WATCH_METHOD] = "watch-way",
    [EVENT_DAEMON_CRASHED] = "died",
    [EVENT_STALE_MOUNT] = "left-behind",
    [EVENT_ERROR] = "trouble",
    [EVENT_SUPPRESSED] = "more",
    [EVENT_MESSAGES_LOST] = "dropped",
};

const EventRow *event_row(EventId id)
{
    return &rows[id];
}

const char *event_former_name(EventId id)
{
    return former_names[id];
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

char *event_expand(const char *text, EventValue *value, const void *user)
{
    GString *out = g_string_new(NULL);

    append(out, text, text + strlen(text), value, user);
    return g_string_free(out, FALSE);
}
