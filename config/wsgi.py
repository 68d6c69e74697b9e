"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()

from .startup import refuse_unsafe_start  # noqa: E402 - Django must be set up first

refuse_unsafe_start()
