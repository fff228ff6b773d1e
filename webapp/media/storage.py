"""Where the bytes of photos lie: files named by their content below the data folder.

The interface is small on purpose, so that a store of objects elsewhere can take its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Storage(Protocol):
    """Keeps bytes under the name of their content. What a method did is on the disk when it returns."""

    def received(self, sha256: str) -> int:
        """Return how many bytes of an unfinished photo are there."""

    def append(self, sha256: str, offset: int, data: bytes) -> None:
        """Put bytes at `offset`; what stood there and after it is gone."""

    def unfinished(self, sha256: str) -> bytes:
        """Return what there is of an unfinished photo."""

    def finish(self, sha256: str) -> None:
        """Make an unfinished photo a whole one, in one step."""

    def whole(self, sha256: str) -> bytes | None:
        """Return a whole photo, or None when it is not there."""

    def remove(self, sha256: str) -> None:
        """Remove everything of a photo, if there is anything."""

    def names(self) -> Iterable[str]:
        """Return the names of all photos, whole or not."""

    def touched_at(self, sha256: str) -> datetime | None:
        """Return when something was last added to a photo, if there is anything of it."""


class Folder:
    """Files below one folder, two letters of the name to a level."""

    def __init__(self, root: Path) -> None:
        """Use `root`; it is made when the first bytes come."""
        self.root = root

    def received(self, sha256: str) -> int:
        """Return how many bytes of an unfinished photo are there."""
        try:
            return self._part(sha256).stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, sha256: str, offset: int, data: bytes) -> None:
        """Put bytes at `offset`; what stood there and after it is gone."""
        part = self._part(sha256)
        is_new = not part.exists()
        part.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            file.truncate(offset)
            file.seek(offset)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            for folder in (part.parent, part.parent.parent, self.root, self.root.parent):
                _sync_folder(folder)

    def unfinished(self, sha256: str) -> bytes:
        """Return what there is of an unfinished photo."""
        try:
            return self._part(sha256).read_bytes()
        except FileNotFoundError:
            return b""

    def finish(self, sha256: str) -> None:
        """Make an unfinished photo a whole one, in one step."""
        whole = self._whole(sha256)
        self._part(sha256).replace(whole)
        _sync_folder(whole.parent)

    def whole(self, sha256: str) -> bytes | None:
        """Return a whole photo, or None when it is not there."""
        try:
            return self._whole(sha256).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, sha256: str) -> None:
        """Remove everything of a photo, if there is anything."""
        for path in (self._part(sha256), self._whole(sha256)):
            path.unlink(missing_ok=True)

    def names(self) -> Iterable[str]:
        """Return the names of all photos, whole or not."""
        return (path.stem for path in self.root.glob("??/??/*.*"))

    def touched_at(self, sha256: str) -> datetime | None:
        """Return when something was last added to a photo, if there is anything of it."""
        for path in (self._part(sha256), self._whole(sha256)):
            with suppress(FileNotFoundError):  # the first becomes the second in one step
                return datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return None

    def _whole(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / f"{sha256}.jpg"

    def _part(self, sha256: str) -> Path:
        return self._whole(sha256).with_suffix(".part")


def _sync_folder(folder: Path) -> None:
    """Have the folder's own list of names on the disk too, where the system can do that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
