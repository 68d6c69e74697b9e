"""What stands for a person without a picture: initials on one of eight tested tints (ux.md 3.5)."""

from zlib import crc32

TINTS = "ABCDEFGH"


def initials(name: str) -> str:
    """Up to two letters of a name in any script: "KO" for "Kim Okafor", "A" for "Ana", "?" without any."""
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper() or "?"


def tint(name: str) -> str:
    """The style sheet's class for a name, "A" to "H": the same on every page."""
    return TINTS[crc32(name.encode()) % len(TINTS)]
