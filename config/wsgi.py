"""What the web server loads."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = get_wsgi_application()

from .startup import refuse_unsafe_start  # noqa: E402 - Django must be set up first

refuse_unsafe_start()

# The pages are loaded before the first request. All of this stays for as long as the process does, and a page lives for
# milliseconds: the collector looks through neither again and again (which took a twentieth of the time of long pages).
import_module(settings.ROOT_URLCONF)
import_module(settings.TENANT_URLCONF)
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 50)
