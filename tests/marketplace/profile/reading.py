"""What tests of a provider's page read and press, by links and one form as without script (PG-04, D-3, CK-12 to CK-14)."""

import html
import re
from urllib.parse import urlencode

ANA = "/t/north/experts/ana-nowak/"

# Chicago is seven hours behind Prague: 9:30 there is 2:30 here.
MONDAY = "2026-11-23T08:30Z"

TUESDAY = "2026-11-24T14:00Z"

THURSDAY = "2026-11-26T15:00Z"


def get(client, address: str = ANA, status: int = 200, **headers) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == status
    return html.unescape(response.content.decode())


def chosen(text: str) -> list[str]:
    """The times in the tray, best one first."""
    tray = re.search(r'<aside id="tray".*?</aside>', text, re.DOTALL)[0]
    return re.findall(r"<li>\s*<div>\s*<strong>([^<]+)</strong>", tray)


def main(text: str) -> str:
    return text.split("<main")[1].split("</main>", maxsplit=1)[0]


def notes(text: str) -> list[str]:
    area = re.search(r'<div id="notes".*?(?=<div class="card"|<nav)', text, re.DOTALL)[0]
    return re.findall(r"<p>([^<]+)</p>", area)


def pressed(text: str, button: str, **fields) -> str:
    """The address that pressing a button of the form leads to, with everything else as the page has it."""
    form = re.search(r'<form id="picker".*?</form>', text, re.DOTALL)[0]
    sent = []
    for control in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'{key}="([^"]*)"', control) for key in ("name", "value"))
        if name[1] in fields or (re.search(r'type="(radio|checkbox)"', control) and " checked" not in control):
            continue
        sent.append((name[1], value[1] if value else ""))
    sent += [(name, value) for name, values in fields.items() for value in values]
    [pressed] = re.findall(
        rf'<button[^>]*name="([^"]+)" value="([^"]*)"[^>]*>(?:(?!</button>).)*{button}', form, re.DOTALL
    )[:1]
    return f"{ANA}?{urlencode([*sent, pressed])}"


def answer(text: str) -> str:
    area = re.search(r'<div id="own-a".*?</p>', text, re.DOTALL)[0]
    return " ".join(re.sub(r"<[^>]+>", "", area).split())


def offers(text: str) -> list[str]:
    return re.findall(r'name="add" value="([^"]+)"', text)
