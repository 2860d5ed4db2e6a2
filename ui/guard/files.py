"""Whose a file is that the server holds in memory: theirs to whom its address was told.

The app tells a browser over its socket where a download is fetched from and an upload is put. Nobody
else gets there with the same address, whatever their role.
"""

from __future__ import annotations

import re
import threading

from .identity import Person

_ADDRESS = re.compile(rb"/media/[0-9a-f]{16,}|/_stcore/upload_file/[0-9a-f-]{16,}/[0-9a-f-]{16,}")
_OWNED = ("/media/", "/_stcore/upload_file/")
MOST = 100_000
"""Addresses remembered; those that were told first are forgotten first."""


class Files:
    """To whom which address was told, since the server started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[tuple[str, bytes], None] = {}

    def tell(self, person: Person, message: bytes) -> None:
        """A message of the app's went to this person."""
        found = set(_ADDRESS.findall(message))
        if not found:
            return
        with self._lock:
            for address in found:
                self._told.pop((person.id, address), None)
                self._told[person.id, address] = None
            while len(self._told) > MOST:
                del self._told[next(iter(self._told))]

    def is_of_another(self, path: str, person: Person) -> bool:
        """Whether it is the path of a file, and was never told to this person."""
        if not path.startswith(_OWNED):
            return False
        found = _ADDRESS.match(path.encode("latin-1", "replace"))
        with self._lock:
            return found is None or (person.id, found.group()) not in self._told
