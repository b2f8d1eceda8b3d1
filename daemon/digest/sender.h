/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sender.h - the thread of a courier: looks once a second, and delivers. One that hangs delays no
 * other one. Any thread, but for start, halt and free: main thread. */
#pragma once

#include "daemon/digest/courier.h"

typedef struct Sender Sender;

/* As courier_new(); `stop` of parts is the sender's own. `is_new`: the notice was not there before
 * a reload; what its marks say is forgotten. The marks are set when this returns. */
Sender *sender_start(const CourierParts *parts, Settings *settings, const Notice *notice,
                     NoticeWay way, bool is_new);

/* "mail:desk"; borrowed. */
const char *sender_name(const Sender *sender);

/* As courier_reload(), at the next turn; takes a reference. */
void sender_reload(Sender *sender, Settings *settings, const Notice *notice, int64_t last_end);

/* What could not be delivered is tried at once. */
void sender_try_now(Sender *sender);

/* Why the ledger cannot be written; NULL: it can. */
void sender_set_ledger(Sender *sender, const char *reason);

/* What courier_state() was after the last turn; the texts are newly allocated. */
CourierState sender_state(Sender *sender, char **reason, char **fix);

/* Asks it to end, and ends what it delivers; does not wait. */
void sender_halt(Sender *sender);

/* Halts, waits for its end, and frees. */
void sender_free(Sender *sender);
