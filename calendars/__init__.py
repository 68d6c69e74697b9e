"""A person's time: weekly hours, overrides, claims, free time, calendar files."""
