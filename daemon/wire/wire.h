/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wire.h - typed messages with open descriptors over a SOCK_SEQPACKET socket.
 *
 * A message is a type (one byte) and a GVariant. The receiver trusts nothing: a message that is too
 * long, of an unknown type or not in the format of its type is an error. One thread a socket. */
#pragma once

#include "base/error.h"

enum { WIRE_MAX = 64 * 1024 }; /* bytes of one message */

/* The protocol that a program speaks, newly allocated: the program's version, and a number that
 * changes with the formats. Both sides must have the same. */
char *wire_version(const char *const *formats, unsigned count);

/* Sends `body` (a floating reference is consumed) as message `type` (1 to 255); fd is passed along
 * unless it is -1, and stays the caller's. Errors: TRANSIENT when the peer is gone, INTERNAL when a
 * socket that does not block is full because the peer does not read, PICTURE for too long a
 * message. */
bool wire_send(int socket, unsigned type, GVariant *body, int fd, Error **err);

/* Waits until the socket can be read, or until `deadline_ms` on clock_ms() (0: for ever); false
 * with errno set, ETIMEDOUT after the deadline. */
bool wire_wait(int socket, int64_t deadline_ms);

/* Receives one message of at most WIRE_MAX bytes. formats[type] is the GVariant type that a
 * message of that type must have, NULL where the type isn't expected; `count` is its length.
 * *body is newly referenced; *fd is the descriptor that came along (the caller's, close-on-exec)
 * or -1. deadline_ms is on clock_ms(); 0 waits for ever. Errors: TRANSIENT when the peer closed or
 * died or the deadline passed, INTERNAL when the message was malformed or of an unexpected type. */
bool wire_receive(int socket, const char *const *formats, unsigned count, int64_t deadline_ms,
                  unsigned *type, GVariant **body, int *fd, Error **err);
