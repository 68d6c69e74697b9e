"""Reading the mails that real services left, rendered for their readers (R-MAIL-2, R-MAIL-8, W1)."""

from icalendar import Calendar

from accounts.policies import Policy
from accounts.services import adopt_policy
from bookings import services
from bookings.context import TimeOnTable
from bookings.enums import Action, Actor
from bookings.wording import MAIL_NAMES
from notifications import rendering

CLIENT, PROVIDER = Actor.CLIENT, Actor.PROVIDER
KIM, ANA, RUI = "Kim Okafor", "Ana Nowak", "Rui Costa"


def read(mail):
    """The mail as its reader gets it; a fact that a template misses is an error here (string_if_invalid)."""
    written = rendering.render(mail, now=mail.created_at)
    assert "!!" not in written.subject + written.text + written.html
    assert mail.kind in MAIL_NAMES
    return written


def file_of(mail):
    """Method, sequence, status and start of its calendar file; None without one."""
    if not mail.calendar_file:
        return None
    calendar = Calendar.from_ical(mail.calendar_file)
    [event] = calendar.walk("VEVENT")
    assert event["ATTENDEE"] == f"mailto:{mail.recipient.user.email}"
    return str(calendar["METHOD"]), event["SEQUENCE"], str(event["STATUS"]), event["DTSTART"].dt


def offer(*starts, minutes=30, price=30):
    return [TimeOnTable(start, minutes, price) for start in starts]


def invite(scene, *starts, **details):
    adopt_policy(policy=Policy(provider_made="needs_client", price_unit="credits"))
    return services.begin(
        action=Action.INVITE, actor=PROVIDER, client=scene.kim, service=scene.service, offer=offer(*starts),
        now=scene.now, **details,
    )  # fmt: skip
