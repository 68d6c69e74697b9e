"""What staff see and do: bookings (PG-80 to PG-82), late changes (PG-83). The pages register themselves."""

from . import booking, standing

__all__ = ["booking", "standing"]
