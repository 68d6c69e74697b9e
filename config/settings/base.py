"""Settings that hold everywhere. local.py, test.py and production.py say what differs."""

import os
from pathlib import Path

from celery.schedules import crontab

from . import env

BASE_DIR = Path(__file__).resolve().parents[2]

# --- applications, lowest first (docs/architecture.md) ----------------------------------------------

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "bookings",
    "messaging",
    "credits",
    "marketplace",
    "calendars",
    "notifications",
    "accounts",
    "allauth",
    "allauth.account",
    "django_htmx",
    "config.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "notifications.middleware.AnswerFirstMiddleware",
    "accounts.middleware.TenantAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.middleware.RequestSizeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.TenantScopeMiddleware",
    "config.errors.ErrorPagesMiddleware",
]

ROOT_URLCONF = "config.urls.platform"
TENANT_URLCONF = "config.urls.tenant"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["accounts.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.frame.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- database: two roles (decisions.md 27) ----------------------------------------------------------

OWNER_ROLE, RUNTIME_ROLE = "parley_owner", "parley_app"

if "DATABASE_URL" in os.environ:
    DATABASE_URL = os.environ["DATABASE_URL"]
    DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", "")
    REDIS_URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")
else:
    from config.embedded import ensure

    _embedded = ensure(
        Path(os.environ.get("PARLEY_DATA", BASE_DIR / ".parley")), durable=env.flag("PARLEY_DURABLE", True)
    )
    DATABASE_URL, DATABASE_OWNER_URL = _embedded.runtime, _embedded.owner
    REDIS_URL = os.environ.get("REDIS_URL", _embedded.redis)

AS_OWNER = os.environ.get("DATABASE_ROLE") == "owner"
if AS_OWNER and not DATABASE_OWNER_URL:
    env.required("DATABASE_OWNER_URL")

DATABASES = {
    "default": {
        **env.database(DATABASE_OWNER_URL if AS_OWNER else DATABASE_URL),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
if not AS_OWNER:
    # People queue politely at a calendar's row, but nobody waits for ever (reliability.md F25, F113). Our joins follow keys from
    # one row outwards; trying all their orders took PostgreSQL longer (4 to 30 ms) than running them.
    DATABASES["default"]["OPTIONS"].setdefault(
        "options",
        "-c lock_timeout=3s -c statement_timeout=10s -c idle_in_transaction_session_timeout=15s -c join_collapse_limit=4",
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- cache: in the database, since all it holds is how often somebody tried to sign in. That has to be counted with Redis
# away as well (F7), and by person and address, not by tenant: or each tenant would give another five tries -------------

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- Celery (reliability.md 6.2: each value has its measurement) -------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Losing Redis ends no work: a task that then runs twice finds its rows claimed, one ended in mid-SMTP leaves a mail in doubt.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
# How long a doorbell may take before the request goes on without it (F14), and how long it then stays silent.
DOORBELL_TIMEOUT_SECONDS = 0.2
DOORBELL_PAUSE_SECONDS = 10
CELERY_BEAT_SCHEDULE = {
    "run-due-work": {"task": "config.tasks.run_due_work_task", "schedule": 5.0, "options": {"expires": 5}},
    "expire-overdue": {"task": "config.tasks.expire_overdue_task", "schedule": 60.0, "options": {"expires": 60}},
    "settle-waiting": {"task": "config.tasks.settle_waiting_task", "schedule": 60.0, "options": {"expires": 60}},
    "complete-ended": {"task": "config.tasks.complete_ended_task", "schedule": 300.0, "options": {"expires": 300}},
    "follow-names": {"task": "config.tasks.follow_names_task", "schedule": 60.0, "options": {"expires": 60}},
    "forget-done-work": {"task": "config.tasks.forget_done_work_task", "schedule": 3600.0, "options": {"expires": 600}},
    "extend-free-time": {"task": "config.tasks.extend_free_time_task", "schedule": 3600.0, "options": {"expires": 600}},
    "tidy-credits": {"task": "config.tasks.tidy_credits_task", "schedule": 3600.0, "options": {"expires": 600}},
    "give-allowances": {"task": "config.tasks.give_allowances_task", "schedule": 3600.0, "options": {"expires": 600}},
    "verify-books": {
        "task": "config.tasks.verify_books_task",
        "schedule": crontab(hour=3, minute=20),
        "options": {"expires": 3600},
    },
}

# --- people (django-allauth) ----------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # addresses are unique without case, by user_email_once
AUTHENTICATION_BACKENDS = ["accounts.backends.PeopleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "accounts.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "config.signin.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
# Eight digits, three tries for each code, fifteen minutes: mails go through the outbox and may take a moment.
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "request_login_code": "20/m/ip,3/m/key,10/h/key",
    "reset_password": "20/m/ip,3/m/key,10/h/key",
    "signup": "20/m/ip",
}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.NameForm"
ACCOUNT_FORMS = {
    "login": "accounts.signin_forms.SignInForm",
    "confirm_login_code": "accounts.signin_forms.SignInCodeForm",
    "signup": "accounts.signin_forms.SignUpForm",
    "confirm_email_verification_code": "accounts.signin_forms.SignUpCodeForm",
    "reset_password": "accounts.signin_forms.ResetForm",
    "confirm_password_reset_code": "accounts.signin_forms.ResetCodeForm",
    "reset_password_from_key": "accounts.signin_forms.NewPasswordForm",
}
SESSION_ENGINE = "config.session_store"
SESSION_COOKIE_AGE = 30 * 24 * 3600  # at most; accounts/sessions.py says when one ends before
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"

# --- mail ---------------------------------------------------------------------------------------------

EMAIL_BACKEND = os.environ.get("ANYMAIL_BACKEND") or "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 15
# No provider may count opens and clicks (R-MAIL-10); one that knows no invitation part still takes the attached file.
ANYMAIL = {
    **env.mapping("ANYMAIL_SETTINGS"),
    "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
    "IGNORE_UNSUPPORTED_FEATURES": True,
}
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "parley@localhost")

# --- money (docs/operations.md): the keys of each tenant's account at Stripe, "*" for all others ----------------------

STRIPE_KEYS = env.stripe_keys("STRIPE_KEYS")
STRIPE_API_BASE = os.environ.get("STRIPE_API_BASE", "https://api.stripe.com")
# The provider where nothing is paid: whoever could use it where credits are worth something would help themselves.
TEST_PAYMENTS = env.flag("TEST_PAYMENTS", False)

# --- language, time, files -------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# What members hand in. Below no address: it leaves only through views that ask who wants it (bookings/views/standing.py).
FILES_ROOT = Path(os.environ.get("FILES_ROOT", Path(os.environ.get("PARLEY_DATA", BASE_DIR / ".parley")) / "files"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": FILES_ROOT,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}
# Five files of 5 MB and the form around them: bookings/evidence.py says so to people.
LARGEST_REQUEST = 27 * 1024 * 1024

# --- addresses: a tenant lives at its own host, or below /t/<slug>/ of the platform's ---------------------

PLATFORM_HOSTS = set(env.words("PLATFORM_HOSTS", "localhost,127.0.0.1,testserver"))
PLATFORM_URL = os.environ.get("PLATFORM_URL", "http://localhost:8000")

JITSI_URL = os.environ.get("JITSI_URL", "https://meet.jit.si")

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Only the development installation has the start page, the mailbox and the style guide (config/checks.py).
DEMO = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.request": {"level": "ERROR"}},
}
