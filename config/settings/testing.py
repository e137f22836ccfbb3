"""The test suite: the same real servers, its own database, plain static files, cheap password hashes."""

from config.settings.local import *

TESTING = True
DATABASES["default"]["TEST"] = {"NAME": env.str("DOORWAY_TEST_DB", "test_doorway")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_FILE_PATH = env.path("EMAIL_FILE_PATH", str(BASE_DIR / "var/test-mail"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
ACCOUNT_RATE_LIMITS = False
# A thread that outlives its test would write into the next one's rows.
WRITE_IMPRESSIONS_SECONDS = None
