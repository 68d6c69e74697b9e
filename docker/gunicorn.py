"""gunicorn in the image. WEB_CONCURRENCY (gunicorn's own variable) and WEB_THREADS choose the size."""

import os

bind = "0.0.0.0:8000"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 30
graceful_timeout = 30
# a slow leak in a library ends with its process
max_requests = 5000
max_requests_jitter = 500
# heartbeats in memory: a slow disk must not look like a hung worker
worker_tmp_dir = "/dev/shm"  # noqa: S108
accesslog = "-"
access_log_format = '%(m)s %(U)s %(s)s %(L)ss "%({x-forwarded-for}i)s"'
control_socket_disable = True
