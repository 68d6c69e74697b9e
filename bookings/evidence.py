"""Files that members hand in: what they may be, told from their content, and where they are kept (PG-49). Pure.

A name is only something to show. It never becomes a path, and the kind is what the first bytes say.
"""

import re
import unicodedata
import uuid
from pathlib import PurePosixPath
from typing import Any

from django.db import models

MOST_FILES = 5
MOST_BYTES = 5 * 1024 * 1024
LONGEST_NAME = 100
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
# Control characters, and marks that turn the text around them: "fdp.exe" would read "exe.pdf".
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class FileKind(models.TextChoices):
    """Kinds of files that can be handed in."""

    PDF = "pdf", "PDF"
    PNG = "png", "PNG"
    JPG = "jpg", "JPG"
    HEIC = "heic", "HEIC"
    TXT = "txt", "TXT"


ENDINGS = {
    "pdf": FileKind.PDF,
    "png": FileKind.PNG,
    "jpg": FileKind.JPG,
    "jpeg": FileKind.JPG,
    "heic": FileKind.HEIC,
    "txt": FileKind.TXT,
}
MIME = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPG: "image/jpeg",
    FileKind.HEIC: "image/heic",
    FileKind.TXT: "text/plain; charset=utf-8",
}


def kind_by_name(name: str) -> FileKind | None:
    """The kind that the ending of a name claims; None for any other ending."""
    return ENDINGS.get(PurePosixPath(shown_name(name)).suffix.removeprefix(".").lower())


def kind_by_content(content: bytes) -> FileKind | None:
    """The kind that the content has; None for everything else. `content` is the whole file."""
    if content.startswith(b"%PDF-"):
        return FileKind.PDF
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if content.startswith(b"\xff\xd8\xff"):
        return FileKind.JPG
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return FileKind.HEIC
    return FileKind.TXT if _is_text(content) else None


def _is_text(content: bytes) -> bool:
    if not content or _CONTROL.search(content):
        return False
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def shown_name(name: str) -> str:
    """The last part of a name without what could mislead, at most 100 characters with its ending kept."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", _UNSAFE.sub("", name)))[-1].strip(" .")
    stem, dot, ending = last.rpartition(".")
    if not dot:
        return last[:LONGEST_NAME] or "file"
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if len(ending) < LONGEST_NAME else last[:LONGEST_NAME]


def place_of(file: Any, name: str) -> str:
    """Where a file is kept: below its tenant, by a random name that says nothing."""
    return f"evidence/{file.tenant_id}/{uuid.uuid4().hex}"
