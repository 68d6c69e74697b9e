"""What a single value must be, in words for the person who enters it."""

from django.core.exceptions import ValidationError

from calendars.bitmap import GRID_MINUTES


def on_grid(minutes: int) -> None:
    """Lengths of time are multiples of five minutes (decision 22). Raises ValidationError."""
    if minutes % GRID_MINUTES:
        raise ValidationError(f"Enter a multiple of {GRID_MINUTES} minutes.")
