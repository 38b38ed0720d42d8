"""Compiled code on disk, for the next process: one file a function, named by all it depends on.

The folder belongs to this user alone, or it is not used. What lies in it is data, checked against a digest before any
of it runs; a file that is damaged is as if it were not there. A file appears whole or not at all. When there is too
much, what was not used for longest goes. Whatever goes wrong with files, code is compiled instead.
"""

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from graphlet.backends.llvm_host import identity
from graphlet.core.config import config

MAX_BYTES = 32 << 20
LOOK_EVERY = 64  # files written between two looks at the size
SUFFIX = ".o"
DIGEST_SIZE = hashlib.sha256().digest_size
OFF = "off"

_written = 0


def load(text: str) -> bytes | None:
    """The object file of a module that was compiled before on such a machine; None if there is none."""
    folder = _folder()
    if folder is None:
        return None
    path = folder / _name(text)
    try:
        content = path.read_bytes()
        os.utime(path)
    except OSError:
        return None
    digest, data = content[:DIGEST_SIZE], content[DIGEST_SIZE:]
    if digest == _digest(text, data):
        return data
    with contextlib.suppress(OSError):
        path.unlink()
    return None


def save(text: str, data: bytes) -> None:
    """Keep the object file of a module."""
    global _written
    folder = _folder()
    if folder is None:
        return
    with contextlib.suppress(OSError):
        _write(folder, folder / _name(text), _digest(text, data) + data)
        _written += 1
        if _written % LOOK_EVERY == 1:
            make_room(folder, MAX_BYTES)


def make_room(folder: Path, limit: int) -> None:
    """Remove what was not used for longest, until no more than so many bytes are left."""
    files = sorted(_files(folder), key=lambda found: found[1].st_mtime_ns, reverse=True)
    total = 0
    for path, status in files:
        total += status.st_size
        if total > limit:
            with contextlib.suppress(OSError):
                path.unlink()


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            yield path, path.stat()


def _name(text: str) -> str:
    return hashlib.sha256(f"{identity()}\n{text}".encode()).hexdigest() + SUFFIX


def _digest(text: str, data: bytes) -> bytes:
    """Of the file and what it was made for: a file under another name is damage too."""
    return hashlib.sha256(identity().encode() + text.encode() + data).digest()


def _write(folder: Path, path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _folder() -> Path | None:
    """Where files are, made if need be; None where none are to be kept, or others could have put them there."""
    if config.cache_dir == OFF:
        return None
    try:
        folder = Path(config.cache_dir) if config.cache_dir else _default_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except (OSError, RuntimeError, ValueError):
        return None
    is_own = stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())
    return folder if is_own and not status.st_mode & 0o022 else None


def _default_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache") / "graphlet"
