"""The test provider: its own page where a newcomer pays nothing, and the same signed messages that a real one sends.

It keeps no book: a checkout is a signed token, and what it tells of follows from that.
"""

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from uuid import NAMESPACE_URL, uuid5

from django.core import signing

from accounts.addresses import page_url
from accounts.models import Tenant

from .base import Checkout, Event, Forged, Order, RefundAnswer, RefundOrder, Unreachable, What

HEADER = "Parley-Test-Signature"
OLDEST_SECONDS = 300
PATIENCE_SECONDS = 5
_CHECKOUT = "credits.test-payments.checkout"


@dataclass(frozen=True)
class TestCheckout:
    """What the page of the test provider shows and tells about."""

    __test__ = False  # no test, for all that its name begins like one

    tenant: str
    purchase: str
    title: str
    price: int
    currency: str
    return_url: str
    cancel_url: str

    @property
    def reference(self) -> str:
        """The provider's name for it."""
        return f"test_{self.purchase}"


class TestPayments:
    """The test provider as one tenant uses it. Signs with the installation's own key."""

    __test__ = False
    name, label = "test", "the test payment page"

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        # Another tenant's messages don't fit here.
        self._signer = signing.TimestampSigner(salt=f"credits.test-payments.event.{tenant.slug}")

    def start(self, order: Order) -> Checkout:
        """The address of its page, with all that it has to know in it. No network."""
        checkout = TestCheckout(
            order.tenant, order.purchase, order.title, order.price, order.currency, order.return_url, order.cancel_url
        )
        token = signing.dumps(asdict(checkout), salt=_CHECKOUT)
        return Checkout(checkout.reference, page_url(self.tenant, "test_payment", token))

    def opened(self, token: str) -> TestCheckout | None:
        """The checkout of an address; None for one that nobody started here."""
        try:
            checkout = TestCheckout(**signing.loads(token, salt=_CHECKOUT))
        except (signing.BadSignature, TypeError):
            return None
        return checkout if checkout.tenant == self.tenant.slug else None

    def read(self, body: bytes, headers: Mapping[str, str]) -> Event:
        """What a message says whose signature holds and is no older than OLDEST_SECONDS. Raises Forged."""
        try:
            digest = self._signer.unsign(headers.get(HEADER, ""), max_age=OLDEST_SECONDS)
        except signing.BadSignature as wrong:
            raise Forged(str(wrong)) from wrong
        if digest != hashlib.sha256(body).hexdigest():
            raise Forged("The signature is of another message.")
        told = json.loads(body)
        return Event(**{**told, "what": What(told["what"])})

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Pays back at once, since nothing was paid."""
        return RefundAnswer(f"test_refund_{order.refund}", is_done=True)

    def tell(self, checkout: TestCheckout, what: What) -> None:
        """Send the message to where a real provider would send it. Raises Unreachable. Not inside a transaction."""
        body = self.message(checkout, what)
        request = urllib.request.Request(  # noqa: S310 - the tenant's own address
            page_url(self.tenant, "payment_event", self.name),
            body,
            {"Content-Type": "application/json", HEADER: self.signature(body)},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS):  # noqa: S310
                pass
        except (urllib.error.URLError, TimeoutError, OSError) as error:
            raise Unreachable(str(error)) from error

    def message(self, checkout: TestCheckout, what: What) -> bytes:
        """The message about a checkout. The same one has the same id, whenever it is sent."""
        event = Event(
            id=f"test_evt_{uuid5(NAMESPACE_URL, f'{checkout.reference}:{what}').hex}",
            kind=f"checkout.{what}",
            what=what,
            tenant=checkout.tenant,
            purchase=checkout.purchase,
            checkout=checkout.reference,
            payment=f"test_pay_{checkout.purchase}",
            price=checkout.price,
            currency=checkout.currency,
        )
        return json.dumps(asdict(event)).encode()

    def signature(self, body: bytes) -> str:
        """The header that goes with the message, good for OLDEST_SECONDS."""
        return self._signer.sign(hashlib.sha256(body).hexdigest())
