"""Inline icons: shapes of the Lucide set (ISC, static/icons/LICENSE), read from its wheel once and kept in memory."""

import re
from functools import cache, lru_cache
from importlib import resources
from io import BytesIO
from zipfile import ZipFile

from django.utils.safestring import SafeString, mark_safe

_SHAPE = re.compile(r"<(?!/?svg)[^>]+>")
_SIZES = {"small": "i i-s", "large": "i i-l", "chevron": "i chev", "": "i"}


@lru_cache(maxsize=512)
def icon(name: str, size: str = "") -> SafeString:
    """The icon as an inline `<svg class="i">`, hidden from assistive technology since a word stands beside it (ux.md 3.6).

    `name` is Lucide's ("calendar-plus"); `size` is "", "small", "large" or "chevron". An unknown name raises LookupError.
    """
    shapes = "".join(_shapes(name))
    return mark_safe(
        f'<svg class="{_SIZES[size]}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{shapes}</svg>'
    )


@lru_cache(maxsize=512)
def _shapes(name: str) -> list[str]:
    try:
        source = _archive().read(f"{name}.svg").decode()
    except KeyError:
        raise LookupError(f"Lucide has no icon named {name!r}.") from None
    return [re.sub(r"\s*/>$", "/>", shape) for shape in _SHAPE.findall(source.replace("\n", " "))]


@cache
def _archive() -> ZipFile:
    # Reading its list of 1,700 names takes 20 ms: once for a process, not once for each icon.
    return ZipFile(BytesIO(resources.files("lucide").joinpath("lucide.zip").read_bytes()))
