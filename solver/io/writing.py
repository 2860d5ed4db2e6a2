"""Writing files: each whole or not at all, and readable by their owner alone.

Whatever the program writes for a user goes through here: these are patients' data.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..errors import Fault, FileFaults

_LONGEST_STEM = 100
"""Characters of a file's name that a temporary name beside it begins with."""


def write_file(path: str | os.PathLike[str], content: bytes) -> None:
    """Put the whole new file (mode 0600) in place of the old one, or leave the old one as it was.

    A link stays a link; a pipe or a terminal is written to as it is.

    Raises:
        FileFaults: it cannot be written there; what was there before is untouched.
    """
    try:
        _replace(Path(os.path.realpath(path)), content)
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None


def write_folder(path: str | os.PathLike[str], files: Mapping[str, bytes]) -> None:
    """Write a new folder (mode 0700) with all of these files (mode 0600), or nothing.

    Raises:
        FileFaults: there is a file, or a folder with anything in it, or none can be made there.
    """
    try:
        must_be_new_folder(path)
        target = Path(os.path.realpath(path))
        made = Path(tempfile.mkdtemp(prefix=f".{target.name[:_LONGEST_STEM]}.", dir=target.parent))
        try:
            for name, content in files.items():
                _write_new(made / name, content)
            made.replace(target)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None


def must_be_new_folder(path: str | os.PathLike[str]) -> None:
    """Refuse a path at which a folder of files cannot be made without mixing it with others.

    Raises:
        FileFaults: there is a file, a folder with anything in it, or no folder to make it in.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir() and any(target.iterdir()):
            problem = "this folder has files in it already; name a new or an empty one"
        elif target.exists() and not target.is_dir():
            problem = "this is a file; many files are written, so a new folder is expected"
        elif not target.parent.is_dir():
            problem = f"there is no folder {shown(str(target.parent))}"
        else:
            return
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    raise FileFaults([Fault(shown(str(path)), problem)])


def shown(path: str) -> str:
    """A path for a message, with nothing in it that moves a cursor."""
    return path if path.isprintable() else repr(path)[1:-1]


def reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read or written, in words."""
    match error:
        case FileNotFoundError():
            return "no such file"
        case IsADirectoryError():
            return "this is a folder; a file is expected"
        case PermissionError():
            return "not allowed to read or write here"
        case OSError():
            return error.strerror or str(error)
    return "no file can have such a name"


def _unwritable(path: str | os.PathLike[str], error: OSError | ValueError) -> FileFaults:
    return FileFaults([Fault(shown(str(path)), f"cannot be written: {reason(error)}")])


def _replace(target: Path, content: bytes) -> None:
    if target.exists() and not target.is_file() and not target.is_dir():
        target.write_bytes(content)  # a pipe or a terminal cannot be replaced
        return
    # The temporary file is made with mode 0600 and keeps it.
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:_LONGEST_STEM]}.", dir=target.parent)
    try:
        _fill(handle, content)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_new(path: Path, content: bytes) -> None:
    _fill(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), content)


def _fill(handle: int, content: bytes) -> None:
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
