/* options.h - directories that programs agree on without being told. */
#pragma once

/* $STATE_DIRECTORY (the first, as systemd sets it), else $XDG_STATE_HOME/hotfolder. Newly
 * allocated. */
char *options_state_dir(void);

/* $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/hotfolder, else /run/hotfolder for root, else one below
 * the state directory. Newly allocated. */
char *options_runtime_dir(void);
