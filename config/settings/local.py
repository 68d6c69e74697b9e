"""A newcomer's machine: demo tenants, a start page that signs in with one press, every mail readable in the browser."""

from .base import *  # noqa: F403 - settings are one namespace by design
from .base import MIDDLEWARE, env, os

DEBUG = env.flag("DEBUG", True)
DEMO = True
TEST_PAYMENTS = True
SECRET_KEY = os.environ.get("SECRET_KEY", "parley-development-only-key-never-used-in-production")
ALLOWED_HOSTS = ["*"]
# Whatever this machine is called, /t/<slug>/ works; a tenant's own host still comes first.
PLATFORM_HOSTS = {"*"}
INTERNAL_IPS: list[str] = []
MIDDLEWARE = [*MIDDLEWARE[:3], "config.dev.waiting.WaitingMiddleware", *MIDDLEWARE[3:]]
EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
