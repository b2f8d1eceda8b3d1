/* serve.h - the worker's side of the protocol: one picture after the other. */
#pragma once

/* Reads the profiles on standard input and serves jobs on PROTOCOL_SOCKET until it closes. Returns
 * the exit status: 0 when the daemon ended it. */
int worker_serve(void);
