"""The project's own settings with two more addresses: the floors that its answers are measured against."""

from config.settings.local import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
