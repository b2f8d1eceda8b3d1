/* options.h - places that programs agree on without being told. */
#pragma once

/* The configuration: the user's own ($XDG_CONFIG_HOME/hotfolder/hotfolder.conf), where it is there
 * and the user isn't root, else HOTFOLDER_CONFIG. Newly allocated. */
char *options_config(void);

/* $STATE_DIRECTORY (the first, as systemd sets it), else $XDG_STATE_HOME/hotfolder. Newly
 * allocated. */
char *options_state_dir(void);

/* $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/hotfolder, else /run/hotfolder for root, else one below
 * the state directory. Newly allocated. */
char *options_runtime_dir(void);

/* Where a daemon can be asked: the directory above, if there is a control.sock in it, else the
 * system service's. Newly allocated. */
char *options_daemon_dir(void);

/* The same two of hotfolder@NAME.service, as its unit says. Newly allocated. */
char *options_instance_config(const char *name);
char *options_instance_dir(const char *name);
