/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is shown is the very file that the ledger knows, wherever it lies now. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "daemon/control/answers.h"
#include "daemon/control/subject.h"
#include "daemon/originals/put_back.h"
#include "daemon/outputs/place.h"

enum { SIZE = 1600 };

/* What an output of ours may be. */
static const unsigned outputs_accepted =
    FORMATS_TRUSTED | (FORMATS_WRITTEN & ~FORMAT_BIT(FORMAT_PPM));

/* A request on its way. */
typedef struct Look {
    const ControlView *view;
    const LedgerEntry *entry;
    const Folder *folder;
    bool of_output;
    int64_t number; /* of the output */
    int size;
    Answer *answer;
} Look;

/* ---- the request ---- */

static bool read_side(const Request *request, Look *look)
{
    const char *of = request_text(request, "of");

    look->of_output = of && !strcmp(of, "output");
    if (!of || look->of_output || !strcmp(of, "original"))
        return true;
    answer_refuse(look->answer, ANSWER_WRONG, "give original or output", "of is wrong");
    return false;
}

static bool read_size(const Request *request, Look *look)
{
    int64_t size = request_number(request, "size", SIZE);

    look->size = (int) CLAMP(size, PREVIEW_SIZE_MIN, PREVIEW_SIZE_MAX);
    if (size == look->size)
        return true;
    answer_refuse(look->answer, ANSWER_WRONG, "give 64 to 2560", "size is wrong");
    return false;
}

static bool find_picture(const Request *request, GArray *entries, Look *look)
{
    g_autoptr(Error) error = NULL;

    look->folder =
        subject_job(look->view, request_number(request, "job", 0), entries, look->answer);
    if (!look->folder)
        return false;
    look->entry = &g_array_index(entries, LedgerEntry, 0);
    if (subject_is_reachable(look->view, look->folder, &error))
        return true;
    answer_error(look->answer, ANSWER_REFUSED, error);
    return false;
}

/* ---- the file ---- */

/* Another file has its name, or there is none. */
static void refuse_file(const Look *look, const Belonging *it, unsigned kinds, const Error *error)
{
    bool gone = error->kind == ERROR_CONFIG && !put_back_is_replaced(it, kinds);

    answer_error(look->answer, gone ? ANSWER_UNKNOWN : ANSWER_REFUSED, error);
}

static int open_it(const Look *look, const Belonging *it, unsigned kinds)
{
    g_autoptr(Error) error = NULL;
    int fd = put_back_open(it, kinds, &error);

    if (fd < 0)
        refuse_file(look, it, kinds, error);
    return fd;
}

/* Where an original lies in this state. */
static unsigned kinds_of(LedgerState state)
{
    if (state == LEDGER_FAILED)
        return SPOT_BIT(SPOT_OWN) | SPOT_BIT(SPOT_FAILED);
    return ledger_has_ended(state) || state == LEDGER_PUBLISHING ? SPOTS_ENDED : SPOT_BIT(SPOT_OWN);
}

static int open_original(const Look *look)
{
    const LedgerRow *row = &look->entry->row;
    const Belonging it = { look->folder->path, row->source, &row->file, row->new_name };

    return open_it(look, &it, kinds_of(row->state));
}

static void refuse_output(const Look *look, guint outputs)
{
    g_autofree char *shown = text_escape(look->entry->row.source);

    if (outputs)
        answer_refuse(look->answer, ANSWER_UNKNOWN, NULL, "'%s' has %u output%s", shown, outputs,
                      outputs == 1 ? "" : "s");
    else
        answer_refuse(look->answer, ANSWER_UNKNOWN, NULL, "'%s' has no output", shown);
}

/* An output of a picture that was undone lies in the trash. */
static int open_output(const Look *look)
{
    g_autoptr(GArray) outputs = ledger_outputs_new();
    g_autofree char *root = NULL, *inside = NULL;
    g_autoptr(Error) error = NULL;

    if (!ledger_outputs_of(look->view->ledger, look->entry->row.id, outputs, &error)) {
        answer_error(look->answer, ANSWER_FAILED, error);
        return -1;
    }
    if (look->number >= (int64_t) outputs->len) {
        refuse_output(look, outputs->len);
        return -1;
    }
    const LedgerOutput *output = &g_array_index(outputs, LedgerOutput, look->number);
    if (!place_of_output(look->folder, output->path, &root, &inside, &error)) {
        answer_error(look->answer, ANSWER_REFUSED, error);
        return -1;
    }
    const Belonging it = { root, inside, &output->file, NULL };
    return open_it(look, &it, SPOT_BIT(SPOT_OWN) | SPOTS_TRASH);
}

/* ---- the answer ---- */

static AnswerStatus status_of(const Error *error)
{
    return error->kind == ERROR_PICTURE     ? ANSWER_WRONG
           : error->kind == ERROR_TRANSIENT ? ANSWER_BUSY
                                            : ANSWER_FAILED;
}

/* Takes over fd. */
static void make(const Look *look, int fd)
{
    PreviewFile file = { .fd = fd,
                         .limits = look->folder->limits,
                         .size = look->size,
                         .fonts = settings_draw_text(look->view->settings),
                         .isolate = look->folder->isolate };
    g_autoptr(Error) error = NULL;

    if (look->of_output)
        file.limits.accept = outputs_accepted;
    GBytes *jpeg = previews_get(look->view->previews, &file, &error);
    if (!jpeg) {
        answer_error(look->answer, status_of(error), error);
        return;
    }
    answer_set_bytes(look->answer, "image/jpeg", jpeg);
    answer_set_tag(look->answer, "%" PRId64 "-%s%" PRId64 "-%d", look->entry->row.id,
                   look->of_output ? "output" : "original", look->of_output ? look->number : 0,
                   look->size);
}

void answer_preview(const ControlView *view, const Request *request, Answer *answer)
{
    g_autoptr(GArray) entries = ledger_entries_new();
    Look look = { .view = view, .number = request_number(request, "n", 0), .answer = answer };

    if (!read_side(request, &look) || !read_size(request, &look) ||
        !find_picture(request, entries, &look))
        return;
    int fd = look.of_output ? open_output(&look) : open_original(&look);
    if (fd >= 0)
        make(&look, fd);
}
