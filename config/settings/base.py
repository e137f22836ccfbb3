"""What every Doorway process shares. Only `config` reads the environment."""

from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

DEBUG = False
PRODUCTION = False
# Shown on the first page: pairs of e-mail address and who that is.
DEMO_SIGN_INS: tuple[tuple[str, str], ...] = ()
SHOW_MAIL_FOLDER = False

ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
# The e-mail is unique without regard to case, by a constraint the check doesn't see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.admin",
    "pgtrigger",
    "channels",
    "django_htmx",
    "allauth",
    "allauth.account",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "brokerage.eventlog",
    "brokerage.accounts",
    "brokerage.calendar",
    "brokerage",
    "brokerage.notifications",
    "brokerage.fairness",
    "brokerage.ledger",
    "brokerage.equity",
    "brokerage.registers",
    "schools",
    "employers",
    "providers",
    "config.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "brokerage.web.middleware.PrivateMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "brokerage.accounts.middleware.ActingMembershipMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "brokerage.web.middleware.DomainErrorMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "brokerage/web/templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "brokerage.web.context.doorway",
            ],
            "builtins": ["brokerage.web.templatetags.doorway"],
            "libraries": {
                "charts": "brokerage.web.templatetags.charts",
                "doorway": "brokerage.web.templatetags.doorway",
            },
        },
    },
]
FORM_RENDERER = "brokerage.web.forms.GovukRenderer"

AUTHENTICATION_BACKENDS = [
    "brokerage.accounts.backends.PasswordBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "brokerage.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = str
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_FORMS = {
    "login": "brokerage.web.sign_in.SignInForm",
    "signup": "brokerage.web.sign_in.SignUpForm",
    "request_login_code": "brokerage.web.sign_in.AskForCodeForm",
    "confirm_login_code": "brokerage.web.sign_in.SignInCodeForm",
    "confirm_email_verification_code": "brokerage.web.sign_in.EmailCodeForm",
}
ACCOUNT_SIGNUP_REDIRECT_URL = "join"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
# Six digits suit a phone's number pad; three tries a code and twenty codes a day keep guessing hopeless.
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = {
    "request_login_code": "20/m/ip,3/m/key,20/d/key",
    "join": "30/h/user",
    "invite": "60/h/user",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var/static"
STATICFILES_DIRS = [BASE_DIR / "brokerage/web/static", BASE_DIR / "var/assets"]

SESSION_ENGINE = "brokerage.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "brokerage.web.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# connect-src gains the socket's own address, which depends on the request's host
# (brokerage.web.middleware); everything else is ours alone.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "brokerage.api.authentication.TokenAuthentication",
        "brokerage.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["brokerage.api.permissions.IsMember"],
    "DEFAULT_RENDERER_CLASSES": ["brokerage.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["brokerage.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "brokerage.api.schema.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    "EXCEPTION_HANDLER": "brokerage.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False, "AUTH_HEADER_PREFIX": "Token"}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Doorway API",
    "DESCRIPTION": (
        "Schools post encounter needs; employers and providers claim them; everyone hears at once.\n\n"
        "A refusal is `application/problem+json` with a stable `code`. Whatever is wrong with what was sent, whoever "
        "noticed, is 400, with a sentence for each field in `errors`; 409 is a world that isn't as the request "
        "supposes; 422 only an `Idempotency-Key` that came before with another body."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "NeedState": "brokerage.states.Shown",
        "ClaimState": "brokerage.states.ClaimState",
        "EncounterState": "brokerage.states.EncounterState",
        "Category": "brokerage.accounts.models.Category",
        "OrganisationKind": "brokerage.accounts.models.Kind",
        "Role": "brokerage.accounts.models.Role",
        "Audience": "brokerage.vocabulary.Audience",
        "DeliveryMode": "brokerage.vocabulary.DeliveryMode",
        "EncounterType": "brokerage.vocabulary.EncounterType",
        "Sector": "brokerage.vocabulary.Sector",
        "Subject": "brokerage.vocabulary.Subject",
        "Supervision": "brokerage.vocabulary.Supervision",
        "Allocation": "brokerage.vocabulary.Allocation",
        "DeclineReason": "brokerage.vocabulary.DeclineReason",
        "ClaimantReason": "brokerage.vocabulary.ClaimantReason",
        "SchoolCancelReason": "brokerage.vocabulary.SchoolCancelReason",
        "ClosureKind": "brokerage.calendar.models.ClosureKind",
        "AccessState": "brokerage.states.AccessState",
        "ClockState": "brokerage.api.access_requests.CLOCK_STATES",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = BASE_DIR / "var/mail"
DEFAULT_FROM_EMAIL = "Doorway <hello@doorway.example>"
SERVER_EMAIL = "Doorway <errors@doorway.example>"
EMAIL_TIMEOUT = 10

# The web process builds links in mail from this; a request's own host is used in pages.
PUBLIC_URL = "http://127.0.0.1:8000"
# Host and port of the socket process; None means the request's own host (behind the proxy).
SOCKET_PORT: int | None = None
# How often a socket process looks whether its sockets' sessions, tokens and memberships still stand.
SOCKET_RECHECK_SECONDS = env.float("SOCKET_RECHECK_SECONDS", 60.0)
# How long a web process collects what its lists showed before it writes the counts; None: it never does.
WRITE_IMPRESSIONS_SECONDS: float | None = env.float("WRITE_IMPRESSIONS_SECONDS", 10.0)
# In school days: when an answer to an access request is due soon, late and very late; and how many questions to the
# asker pause its clock.
RESPONSE_CLOCK = {
    "due_soon_from": env.int("CLOCK_DUE_SOON_FROM", 8),
    "late_after": env.int("CLOCK_LATE_AFTER", 10),
    "very_late_after": env.int("CLOCK_VERY_LATE_AFTER", 20),
    "pauses_at_most": env.int("CLOCK_PAUSES_AT_MOST", 2),
}
# Dates of national weeks and exams announced since this release: docs/how-to/calendars.md.
NATIONAL_DATES = env.str("NATIONAL_DATES", "")
# Without a token /metrics answers this machine alone.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")


def database(url: str) -> dict[str, Any]:
    """PostgreSQL with a pool and prepared statements: measured, docs/adr/0003 and reference figures."""
    config: dict[str, Any] = dict(env.db_url_config(url))
    config["ENGINE"] = "django.db.backends.postgresql"
    config["CONN_HEALTH_CHECKS"] = False
    config["OPTIONS"] = {
        **config.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": 6, "timeout": 3, "max_idle": 300},
        "server_side_binding": True,
        "prepare_threshold": 3,
    }
    return config


def valkey(url: str, number: int) -> str:
    """The same server, another database: 0 broker, 1 cache, 2 sockets (house order)."""
    root, _, path = url.rpartition("/")
    base = int(path) if path.isdigit() else 0
    return f"{root if path.isdigit() else url}/{base + number}"


def valkey_settings(url: str) -> dict[str, Any]:
    return {
        "CELERY_BROKER_URL": valkey(url, 0),
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": valkey(url, 1),
                "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
            }
        },
    }


CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Europe/London"
# A dead broker must not hold up a response: the sweep pays what a lost nudge missed.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 0}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # A refusal is an answer, and on a wanted need most claims are refused: only our own failures are logged.
    "loggers": {"doorway": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
