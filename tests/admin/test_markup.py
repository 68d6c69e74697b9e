"""The admin under the product's content policy: no inline code and no inline style on any page (reliability.md 4, row 19)."""

import re

from accounts.tenancy import tenant_scope
from config.middleware import CSP
from notifications.models import EmailMessage

from .test_permissions import every_page

INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|<[^>]+\sstyle=|<[^>]+\son[a-z]+=", re.IGNORECASE)


def test_no_page_has_inline_code_or_style(mine, staff):
    for url in every_page(mine):
        answer = staff.get(url)
        if answer.headers["Content-Type"].startswith("text/html"):
            assert answer.headers["Content-Security-Policy"] == CSP
            assert INLINE.findall(answer.text) == [], url


def test_pages_carry_the_marketplaces_name_words_and_colours(mine, staff):
    text = staff.get("/t/north/admin/").text

    assert "<title>Overview – Administration – Northwind Mentors</title>" in text
    assert 'href="/t/north/admin/">Northwind Mentors</a>' in text
    assert all(f">{word}</a>" in text for word in ("Experts", "Skills", "Meetings"))
    assert re.search(r'href="/t/north/theme/[0-9a-f]{12}\.css"', text)


def test_the_viewers_theme_is_on_the_page(mine, staff):
    user = mine.staff.user
    user.theme = "dark"
    user.save()

    text = staff.get("/t/north/admin/").text

    assert 'class=" theme-dark dashboard"' in text
    assert '<button name="theme" value="dark" aria-pressed="true">' in text


def test_breadcrumbs_say_what_the_front_page_says(mine, staff):
    """PG-80: one name for each section and each list, on the way in and on the way back."""
    section, rows = "What we send</a>", "Mails"
    with tenant_scope(mine.tenant):
        mail = EmailMessage.objects.order_by("pk")[0]

    index = staff.get("/t/north/admin/").text
    listing = staff.get("/t/north/admin/notifications/emailmessage/").text
    row = staff.get(f"/t/north/admin/notifications/emailmessage/{mail.pk}/change/").text
    history = staff.get(f"/t/north/admin/notifications/emailmessage/{mail.pk}/history/").text

    assert "What we send" in index
    for page in (listing, row, history):
        crumbs = page.split('<div class="breadcrumbs">', 1)[1].split("</div>", 1)[0]
        assert section in crumbs
        assert rows in crumbs
