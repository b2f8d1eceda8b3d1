/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ledger knows the pictures that were offered, and the parts; gather.h knows what still waits
 * here. A picture whose shot the ledger has finished may be of a camera that counts again: a
 * companion waits for a new one first. */
#include "daemon/watch/companions.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/reasons.h"
#include "daemon/files/beneath.h"
#include "formats/camera.h"

enum {
    SOON_MS = 100,        /* what was offered in this turn is known to the ledger by then */
    CHECK_AGAIN_MS = 1000 /* while a scan may still find the other file */
};

#define AT_ONCE_NS INT64_C(5000000000)

/* What decides about one file. */
typedef struct Case {
    WatchedFolder *watched;
    const char *path;
    ShotKind kind;
    const Observation *observation;
    const FileHistory *history;
    int64_t now_ms;
    IntakeShot shot; /* without the file itself */
} Case;

/* ---- kinds ---- */

static bool is_together(const WatchedFolder *watched)
{
    return watched->folder->shots == SHOTS_TOGETHER;
}

ShotKind companions_kind(const WatchedFolder *watched, const char *path,
                         const Observation *observation)
{
    ShotKind kind = is_together(watched) ? shot_kind(path) : SHOT_NONE;
    Format format = observation->probed ? observation->probe.format : FORMAT_NONE;

    if (kind == SHOT_RAW && format != FORMAT_RAW)
        return format == FORMAT_NONE ? SHOT_NONE : SHOT_PICTURE;
    return kind;
}

bool companions_only(const WatchedFolder *watched, ShotKind kind)
{
    return shot_kind_is_companion(kind) || (kind == SHOT_RAW && !folder_takes_raw(watched->folder));
}

/* Whether the RAW is the picture of its shot here, and a JPEG beside it a companion. */
static bool prefers_raw(const WatchedFolder *watched)
{
    return watched->folder->prefer == PREFER_RAW && folder_takes_raw(watched->folder);
}

/* Whether this picture is what a camera writes beside its RAW, and the RAW is preferred. */
static bool may_follow_raw(const WatchedFolder *watched, const char *path)
{
    const char *extension = NULL;
    Format format = prefers_raw(watched) ? format_promised(path, &extension) : FORMAT_NONE;

    return format == FORMAT_JPEG || format == FORMAT_HEIF;
}

/* Whether the file at `path` goes with the picture at `picture`, of the same shot. */
static bool follows(const WatchedFolder *watched, const char *path, const char *picture)
{
    ShotKind kind = shot_kind(path);
    bool raw = shot_kind(picture) == SHOT_RAW;

    if (companions_only(watched, kind))
        return true;
    if (kind == SHOT_RAW)
        return !raw && watched->folder->prefer != PREFER_BOTH;
    return raw && may_follow_raw(watched, path);
}

/* Whether nothing that is known of its shot changes what becomes of the file. */
static bool is_plain(const WatchedFolder *watched, const char *path, ShotKind kind,
                     const Observation *observation)
{
    return kind == SHOT_PICTURE && !watched->folder->gather_set && !may_follow_raw(watched, path) &&
           !companions_may_be_twin(observation);
}

/* ---- JPEG and HEIF of one camera and time ---- */

bool companions_may_be_twin(const Observation *observation)
{
    return observation->probe.format == FORMAT_JPEG || observation->probe.format == FORMAT_HEIF;
}

bool companions_want_flush(const WatchedFolder *watched, const char *path,
                           const Observation *observation)
{
    g_autofree char *key =
        watched->common->offered && companions_may_be_twin(observation) ? shot_key(path) : NULL;

    return key && g_hash_table_contains(watched->common->twins, key);
}

/* The picture that the ledger knows, where it lies now, open; -1: it is not found. */
static int open_known(const Case *it)
{
    static const char *const places[] = { "", "done/", "failed/" };

    for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
        g_autofree char *path = g_strconcat(places[i], it->shot.picture, NULL);
        int fd = beneath_open(it->watched->folder->path, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
            continue;
        FileId id = { 0 };
        if (!fstat(fd, &st))
            id = fileid_of(&st);
        if (fileid_same(&id, &it->shot.file))
            return fd;
        close(fd);
    }
    return -1;
}

/* Whether the picture that the ledger knows is this one in the other format. */
static bool is_twin(const Case *it)
{
    const char *extension = NULL;
    Format mine = it->observation->probe.format;
    Format other = mine == FORMAT_JPEG ? FORMAT_HEIF : FORMAT_JPEG;

    if (!companions_may_be_twin(it->observation) || !it->shot.known ||
        format_promised(it->shot.picture, &extension) != other)
        return false;
    int fd = open_known(it);
    g_autofree char *theirs = fd >= 0 ? camera_stamp(fd) : NULL;
    g_autofree char *ours = theirs ? camera_stamp(it->observation->fd) : NULL;
    if (fd >= 0)
        close(fd);
    return ours && !strcmp(ours, theirs);
}

/* ---- how long one waits ---- */

static bool is_scanning(const WatchedFolder *watched)
{
    return !walk_is_idle(watched->scan.walk) || !walk_is_idle(watched->scan.named) ||
           watched->files.touched->len > 0;
}

static int64_t gathered_ms(const Case *it)
{
    return it->history->changed_ms + it->watched->folder->gather_ms;
}

/* Whether a file of that kind may still come. */
static bool may_come(const Case *it, ShotKind kind)
{
    return it->now_ms < gathered_ms(it) || is_scanning(it->watched) ||
           gather_find(it->watched->files.gather, it->path, kind) != GATHER_NONE;
}

static ShotVerdict wait_for(const Case *it, const char *reason)
{
    int64_t again_ms = MAX(gathered_ms(it), it->now_ms + CHECK_AGAIN_MS);

    if (it->watched->common->offered && !it->watched->common->flush_ms)
        again_ms = MIN(again_ms, it->now_ms + SOON_MS);
    return (ShotVerdict){ SETTLED_WAIT, reason, again_ms };
}

/* ---- parts ---- */

/* Offers the file as a part: PART, or `otherwise` where no picture is known that it could be of. */
static Settlement offer_part(const Case *it, Settlement otherwise, Error **err)
{
    IntakePart part = INTAKE_PART_ALONE;

    if (!intake_offer_part(it->watched->common->intake, it->watched->folder, it->path, it->kind,
                           &it->observation->id, &part, err))
        return SETTLED_NOT;
    return part == INTAKE_PART_ALONE ? otherwise : SETTLED_PART;
}

static const char *reason_alone(const Case *it)
{
    if (it->kind == SHOT_RAW)
        return format_refusal(FORMAT_RAW);
    return shot_kind_is_common(it->kind) ? it->observation->probe.kind : REASON_ALONE;
}

/* Whether the picture that has ended lies where it was put, or a file of its name does. One that a
 * person moved back to try it again comes here with its companions. */
static bool is_away(const Case *it)
{
    int fd = open_known(it);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Whether another picture of the name may be there by now, which the ledger does not know yet. */
static bool comes_again(const Case *it)
{
    const Gather *gather = it->watched->files.gather;

    return it->watched->common->offered ||
           gather_find(gather, it->path, SHOT_PICTURE) != GATHER_NONE ||
           (prefers_raw(it->watched) && gather_find(gather, it->path, SHOT_RAW) != GATHER_NONE);
}

/* Whether the file is surely of the picture that has ended: it stayed beside that, or a camera
 * wrote both at once. */
static bool is_of_it(const Case *it)
{
    if (it->shot.finished && !is_away(it))
        return false;
    int64_t apart_ns = it->observation->id.mtime_ns - it->shot.file.mtime_ns;

    return (ABS(apart_ns) <= AT_ONCE_NS && !comes_again(it)) ||
           intake_knows_part(it->watched->common->intake, it->watched->folder, it->path,
                             &it->observation->id);
}

/* It lies in the ledger while it waits, so that its picture's job finds it there. */
static ShotVerdict settle_companion(const Case *it, Error **err)
{
    bool waits = (!it->shot.known || it->shot.finished) && may_come(it, SHOT_PICTURE);

    if (waits && it->shot.finished && !is_of_it(it))
        return wait_for(it, REASON_PICTURE);
    Settlement settlement = offer_part(it, waits ? SETTLED_WAIT : SETTLED_ALONE, err);
    if (settlement == SETTLED_WAIT)
        return wait_for(it, REASON_PICTURE);
    return (ShotVerdict){ settlement, reason_alone(it), 0 };
}

/* ---- pictures ---- */

/* A picture waits for a sidecar where the configuration says so. */
static ShotVerdict settle_picture(const Case *it)
{
    const WatchedFolder *watched = it->watched;
    bool has =
        it->shot.sidecar || gather_find(watched->files.gather, it->path, SHOT_XMP) == GATHER_READY;

    if (watched->folder->gather_set && !has && it->now_ms < gathered_ms(it))
        return wait_for(it, REASON_SIDECAR);
    return (ShotVerdict){ SETTLED_PICTURE, NULL, 0 };
}

/* Whether the picture that the ledger knows is one that this file goes with. */
static bool has_main(const Case *it)
{
    return it->shot.known && (follows(it->watched, it->path, it->shot.picture) || is_twin(it));
}

/* One of the two that a shot may be made of. */
static ShotVerdict settle_either(const Case *it, Error **err)
{
    bool raw = it->kind == SHOT_RAW, main = has_main(it);
    bool waits =
        raw ? it->watched->folder->prefer == PREFER_JPEG : may_follow_raw(it->watched, it->path);

    if (waits && !(main && (!it->shot.finished || is_of_it(it))) &&
        may_come(it, raw ? SHOT_PICTURE : SHOT_RAW))
        return wait_for(it, raw ? REASON_PICTURE : REASON_RAW);
    Settlement settlement = main ? offer_part(it, SETTLED_PICTURE, err) : SETTLED_PICTURE;
    return settlement == SETTLED_PICTURE ? settle_picture(it)
                                         : (ShotVerdict){ settlement, NULL, 0 };
}

/* ---- the verdict ---- */

/* A picture is not its own companion. */
static bool is_itself(const Case *it)
{
    return it->shot.picture && !strcmp(it->shot.picture, it->path);
}

ShotVerdict companions_settle(WatchedFolder *watched, const char *path, ShotKind kind,
                              const Observation *observation, const FileHistory *history,
                              int64_t now_ms, Error **err)
{
    Case it = { watched, path, kind, observation, history, now_ms, { 0 } };
    ShotVerdict verdict = { SETTLED_NOT, NULL, 0 };

    if (is_plain(watched, path, kind, observation))
        return (ShotVerdict){ SETTLED_PICTURE, NULL, 0 };
    if (!intake_shot(watched->common->intake, watched->folder, path, &it.shot, err))
        return verdict;
    if (is_itself(&it) && (!it.shot.finished || fileid_same(&it.shot.file, &observation->id)))
        verdict.settlement = SETTLED_PICTURE;
    else if (is_itself(&it))
        it.shot.known = false;
    if (verdict.settlement == SETTLED_NOT)
        verdict =
            companions_only(watched, kind) ? settle_companion(&it, err) : settle_either(&it, err);
    intake_shot_clear(&it.shot);
    return verdict;
}

GPtrArray *companions_follow(WatchedFolder *watched, const char *path)
{
    GPtrArray *others = gather_others(watched->files.gather, path, true);

    for (guint i = others ? others->len : 0; i > 0; i--) {
        const char *other = others->pdata[i - 1];
        g_autoptr(Error) refused = NULL;
        struct stat st;
        bool held = false;

        if (follows(watched, other, path) && beneath_stat(watched->folder->path, other, &st)) {
            FileId id = fileid_of(&st);
            held = intake_hold_part(watched->common->intake, watched->folder, other,
                                    shot_kind(other), &id, &refused);
        }
        if (!held)
            g_ptr_array_remove_index(others, i - 1);
    }
    return others;
}

void companions_gone(WatchedFolder *watched, const char *path)
{
    ShotKind kind = is_together(watched) ? shot_kind(path) : SHOT_NONE;

    if (kind != SHOT_NONE && (kind != SHOT_PICTURE || prefers_raw(watched)))
        intake_forget_part(watched->common->intake, watched->folder, path);
}
