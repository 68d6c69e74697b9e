"""A tenant's colours as a file that browsers keep for ever: another colour is another address (ux.md 3.3)."""

from functools import lru_cache
from hashlib import sha256

from .accent import derive, theme_css


@lru_cache(maxsize=256)
def style_sheet(accent: str) -> str:
    """The style sheet of an accent such as "#1D5FA8". Raises ValueError for what is no colour."""
    return theme_css(derive(accent))


@lru_cache(maxsize=256)
def fingerprint(accent: str) -> str:
    """What its address is made of: twelve digits that change with the colour and with the way it is derived."""
    return sha256(style_sheet(accent).encode()).hexdigest()[:12]
