"""What staff see and do: bookings (PG-80 to PG-82), late changes (PG-83). The pages register themselves."""

from .. import standing_admin
from . import booking

__all__ = ["booking", "standing_admin"]
