"""A tenant's accent colour, made readable in light and dark (ux.md 3.3, Appendix B). Pure; colours are "#RRGGBB" strings."""

from dataclasses import dataclass
from functools import lru_cache

from coloraide import Color

CONTRAST = 4.6
MAX_CHROMA = 0.19
# The grounds an accent is read on, from the tokens of parley.css: surface, canvas, sunken, hover, tag (and raised in dark).
LIGHT_GROUNDS = ("#FFFFFF", "#F6F7F9", "#EDF0F4", "#F3F5F8")
DARK_GROUNDS = ("#171E28", "#0F141B", "#0B0F15", "#1D2632", "#1F2834", "#253041")
ON_LIGHT, ON_DARK = "#FFFFFF", "#0B1220"


@dataclass(frozen=True, slots=True)
class Shades:
    """The five colours of one theme: readable accent, its pressed form, tint, thin line, and the words on a filled button."""

    accent: str
    hover: str
    soft: str
    line: str
    on: str


@dataclass(frozen=True, slots=True)
class Accent:
    """What was chosen and what it became. `changed_light` and `changed_dark` say whether the owner should be told."""

    chosen: str
    light: Shades
    dark: Shades

    @property
    def changed_light(self) -> bool:
        """Whether the chosen colour had to be darkened or greyed for light pages."""
        return self.light.accent != self.chosen

    @property
    def changed_dark(self) -> bool:
        """Whether the chosen colour had to be lightened or greyed for dark pages."""
        return self.dark.accent != self.chosen


@lru_cache(maxsize=256)
def derive(accent_hex: str) -> Accent:
    """The readable family of an owner's colour: hue kept, chroma capped, only lightness moved until every pair has 4.6:1.

    Raises ValueError for what is no colour like "#1D5FA8".
    """
    color = Color(accent_hex).convert("oklch")
    lightness, chroma, hue = color["lightness"], min(color["chroma"], MAX_CHROMA), color["hue"]
    if chroma < 0.004:
        chroma, hue = 0.0, 0.0
    return Accent(chosen=accent_hex.upper(), light=_light(lightness, chroma, hue), dark=_dark(lightness, chroma, hue))


def theme_css(accent: Accent, scope: str = ":root") -> str:
    """The style sheet of one accent: the five names that parts of parley.css read, as `light-dark()` pairs.

    `scope` limits it to a part of a page: '[data-tenant="mentors"]' on the list of demo tenants.
    """
    light, dark = accent.light, accent.dark
    names = {
        "accent": (light.accent, dark.accent),
        "accent-hover": (light.hover, dark.hover),
        "accent-soft": (light.soft, dark.soft),
        "accent-line": (light.line, dark.line),
        "on-accent": (light.on, dark.on),
    }
    rules = "".join(f"--{name}:light-dark({day},{night});" for name, (day, night) in names.items())
    return f"{scope}{{{rules}}}\n"


def contrast(one: str, other: str) -> float:
    """The WCAG 2 contrast ratio of two colours, 1 to 21."""
    return Color(one).contrast(other, method="wcag21")


def _light(lightness: float, chroma: float, hue: float) -> Shades:
    soft = _hex(0.955, min(chroma, 0.03), hue)
    level, accent = _until_readable(lightness, chroma, hue, -0.005, (*LIGHT_GROUNDS, soft))
    return Shades(accent, _hex(level - 0.07, chroma, hue), soft, _hex(0.84, min(chroma, 0.07), hue), ON_LIGHT)


def _dark(lightness: float, chroma: float, hue: float) -> Shades:
    soft = _hex(0.30, min(chroma, 0.06), hue)
    level, accent = _until_readable(max(lightness, 0.72), chroma, hue, 0.005, (*DARK_GROUNDS, soft, ON_DARK))
    return Shades(accent, _hex(level + 0.06, chroma, hue), soft, _hex(0.43, min(chroma, 0.09), hue), ON_DARK)


def _until_readable(
    lightness: float, chroma: float, hue: float, step: float, grounds: tuple[str, ...]
) -> tuple[float, str]:
    shade = _hex(lightness, chroma, hue)
    while any(contrast(shade, ground) < CONTRAST for ground in grounds):
        lightness += step
        shade = _hex(lightness, chroma, hue)
    return lightness, shade


def _hex(lightness: float, chroma: float, hue: float) -> str:
    color = Color("oklch", [min(max(lightness, 0.0), 1.0), chroma, hue])
    while not color.in_gamut("srgb", tolerance=0.0005) and color["chroma"] > 0:
        color["chroma"] = max(color["chroma"] - 0.004, 0.0)
    return color.convert("srgb").to_string(hex=True, fit="clip").upper()
