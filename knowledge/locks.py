"""Whether another process holds a lock file, as somebody asks who doesn't want to hold it."""

from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["is_locked"]


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock at `path`; asked by taking it for a moment, and only where the file is there."""
    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return True
    lock.release()
    return False
