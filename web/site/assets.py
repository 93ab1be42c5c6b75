"""The site's own files: named by their content, compressed once, kept by browsers for ever."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"


@dataclass(frozen=True)
class Asset:
    """A file as it is sent, plain and compressed."""

    name: str
    media_type: str
    plain: bytes
    compressed: bytes


def asset(name: str, content: bytes) -> Asset:
    """This will make an asset out of bytes; its name gets a hash of them."""
    stem, _, ending = name.rpartition(".")
    hashed = f"{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return Asset(hashed, media_type, content, gzip.compress(content, 9, mtime=0))


class Assets:
    """All files of the folder, read once: by their plain name for templates, by their hashed name for browsers."""

    def __init__(self, folder: Path = FOLDER) -> None:
        found = {path.name: asset(path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file()}
        self._urls = {plain: f"/static/{each.name}" for plain, each in found.items()}
        self._by_name = {each.name: each for each in found.values()}

    def url(self, name: str) -> str:
        """This will give the address of a file. Raises KeyError for one that does not exist."""
        return self._urls[name]

    def find(self, hashed: str) -> Asset | None:
        """This will give the file of a hashed name."""
        return self._by_name.get(hashed)
