"""Looking at one page as everybody might see it: both themes, phone and desk, with the eyes of axe (CK-01, CK-03, CK-43)."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from .axe import SCRIPTS, outline, violations

DESK, PHONE, SMALLEST = 1280, 360, 320
# Theme, width, and whether this width has been looked at in the other theme already.
LOOKS = (("light", DESK, False), ("dark", DESK, True), ("dark", PHONE, False), ("light", PHONE, True))
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
# Colours that fade from one theme to the other are judged where they arrive.
SETTLE = "document.getAnimations().forEach((animation) => animation.finish())"


@dataclass
class Looker:
    """One person's window. It notes what the browser complains of and which foreign hosts a page asks for."""

    context: BrowserContext
    site: str
    noted: list[str] = field(default_factory=list)
    outlines: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.add_init_script(SCRIPTS)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.noted.append(f"script: {error}"))
        self.page.on("request", self._watch)

    def open(self, path: str) -> int:
        """Go to a page; its status."""
        self.noted.clear()
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        self.page.set_viewport_size({"width": DESK, "height": 900})
        answer: Response = self.page.goto(f"{self.site}{path}", wait_until="load")
        return answer.status

    def faults(self) -> list[str]:
        """Everything that is wrong with the page that is open; nothing, if all is well."""
        found = [] if self.page.locator("h1").count() == 1 else ["not exactly one h1"]
        found += self._faults_that_axe_finds()
        for width in (PHONE, SMALLEST):
            self.page.set_viewport_size({"width": width, "height": 900})
            if (excess := self.page.evaluate(SIDEWAYS)) > 0:
                found.append(f"{width} px: {excess} px to scroll sideways")
        return list(dict.fromkeys(found + self.noted))

    def _faults_that_axe_finds(self) -> list[str]:
        """Nothing, too, for a page that has the outline of a good one: Django's own, of one model as of the other."""
        page = outline(self.page)
        if page in self.outlines:
            return []
        at: dict[str, list[str]] = {}
        for theme, width, again in LOOKS:
            self.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.evaluate(SETTLE)
            for rule in violations(self.page, by_colour=again):
                for node in rule["nodes"]:
                    at.setdefault(f"{rule['id']}: {node['html'][:200]}", []).append(f"{theme} {width}")
        if not at:
            self.outlines.add(page)
        return [f"{what} ({', '.join(looks)})" for what, looks in at.items()]

    def _hear(self, message: ConsoleMessage) -> None:
        # A page that says "not found" or "please correct this" has that status; Chromium notes it as an error.
        is_refusal = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in ("error", "warning") and not is_refusal:
            self.noted.append(f"console: {message.text}")

    def _watch(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and f"{parts.scheme}://{parts.netloc}" != self.site:
            self.noted.append(f"foreign: {request.url}")
