"""The web container's health check: fails unless /health/ answers 200 (127.0.0.1 must be among ALLOWED_HOSTS)."""

import urllib.request

urllib.request.urlopen("http://127.0.0.1:8000/health/", timeout=5).close()
