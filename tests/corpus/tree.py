"""tree - every file below some directories, however deep they lie and whatever they are called.

Links are not followed, and what is no file is not opened; what is not given is counted.
"""
import collections
import os
import stat

PIECE = 4000  # bytes of a path that the kernel takes at once; PATH_MAX is 4096
PLAIN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


def open_path(path, flags):
    """os.open() for a path of any length."""
    above = None
    try:
        while len(path) > PIECE:
            cut = path.rindex(b"/", 1, PIECE)
            below = os.open(path[:cut], os.O_PATH | os.O_DIRECTORY, dir_fd=above)
            if above is not None:
                os.close(above)
            above, path = below, path[cut:].lstrip(b"/")
        return os.open(path, flags, dir_fd=above)
    finally:
        if above is not None:
            os.close(above)


class Tree:
    def __init__(self, directories, largest):
        """`largest`: of a file, in bytes."""
        self.tops, self.largest = directories, largest
        self.skipped = collections.Counter()

    def files(self):
        """(path, descriptor, size) of each, in order; the descriptor is open until the next."""
        for top in self.tops:
            path, waiting = os.fsencode(top), []
            flags = PLAIN & ~os.O_NOFOLLOW  # the caller has named this one
            while path is not None:
                try:
                    directory = open_path(path, flags | os.O_DIRECTORY)
                except OSError:
                    self.skipped["unreadable"] += 1
                else:
                    below = []
                    try:
                        yield from self.inside(path, directory, below)
                    finally:
                        os.close(directory)
                    waiting += reversed(below)
                path, flags = waiting.pop() if waiting else None, PLAIN

    def inside(self, path, directory, below):
        """Those of one directory; the directories in it go to `below`."""
        try:
            names = sorted(map(os.fsencode, os.listdir(directory)))
        except OSError:
            self.skipped["unreadable"] += 1
            return
        for name in names:
            try:
                mode = os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode):
                    below.append(os.path.join(path, name))
                elif stat.S_ISREG(mode):
                    yield from self.opened(os.path.join(path, name), name, directory)
                else:
                    self.skipped["symlinks" if stat.S_ISLNK(mode) else "special files"] += 1
            except OSError:
                self.skipped["unreadable"] += 1

    def opened(self, path, name, directory):
        file = os.open(name, PLAIN, dir_fd=directory)
        try:
            size = os.fstat(file).st_size
            if size > self.largest:
                self.skipped["too large"] += 1
            else:
                yield path, file, size
        finally:
            os.close(file)

    def not_fed(self):
        """A line, or nothing where everything was."""
        return "not fed: " + ", ".join(
            f"{count} {what}" for what, count in sorted(self.skipped.items())) if self.skipped else ""
