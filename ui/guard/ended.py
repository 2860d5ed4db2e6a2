"""Sign-ins that were ended by signing out, so that a copy of their cookie is of no more use."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from pathlib import Path

from solver.io.writing import write_file


class Ended:
    """Kept in one file, by the hash of what the cookie says; a sign-in that is over is forgotten."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: object = None
        self._until: dict[str, float] = {}

    def add(self, cookie: bytes, until: float) -> None:
        """This sign-in has ended; ``until`` (seconds since 1970) it would have lasted.

        Raises:
            OSError: it cannot be written down; it counts as ended until the server ends.
        """
        with self._lock:
            self._read()
            now = time.time()
            self._until = {key: end for key, end in self._until.items() if end > now}
            self._until[_key(cookie)] = until
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_file(self.path, json.dumps(self._until).encode())

    def has(self, cookie: bytes) -> bool:
        """Whether somebody signed out of it, here or in another server with this work folder."""
        with self._lock:
            self._read()
            return _key(cookie) in self._until

    def _read(self) -> None:
        try:
            about = self.path.stat()
            stamp = (about.st_mtime_ns, about.st_size, about.st_ino)
            if stamp == self._stamp:
                return
            said = json.loads(self.path.read_bytes())
        except (OSError, ValueError):
            return
        if isinstance(said, dict):
            self._until |= {k: v for k, v in said.items() if isinstance(v, int | float)}
        self._stamp = stamp


def _key(cookie: bytes) -> str:
    return hashlib.sha256(cookie).hexdigest()
