from .directory import directory
from .home import home
from .profile import provider, provider_times
from .slots import slots

__all__ = ["directory", "home", "provider", "provider_times", "slots"]
