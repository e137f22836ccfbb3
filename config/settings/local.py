"""Development and the two commands: the embedded servers unless the environment names others."""

import os

from config.demo.sign_ins import SIGN_INS
from config.local import servers
from config.settings.base import *

# A command that needs no database must work right after `make setup`: these addresses lead nowhere.
NOWHERE = ("postgresql://doorway@127.0.0.1:1/doorway", "redis://127.0.0.1:1/0")

DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "local-only-not-a-secret-7f3b6a1c0d5e4f2a9b8c7d6e5f4a3b2c1d0e")
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", os.environ.get("BIND", "")]
)
PORT = env.int("PORT", 8000)
SOCKET_PORT = env.int("SOCKET_PORT", 8001)
PUBLIC_URL = env.str("PUBLIC_URL", f"http://{os.environ.get('BIND', '127.0.0.1')}:{PORT}")
DEMO_SIGN_INS = SIGN_INS
# Letters hold sign-in codes: nobody beyond this machine reads them in a browser.
SHOW_MAIL_FOLDER = os.environ.get("BIND", "127.0.0.1") in ("127.0.0.1", "localhost", "::1")
# Static files are served from where they lie: nothing is collected.
WHITENOISE_USE_FINDERS = True
SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]

_database_url, _redis_url = servers.urls() or NOWHERE
DATABASES = {"default": database(env.str("DATABASE_URL", _database_url))}
if _database_url == NOWHERE[0] and "DATABASE_URL" not in os.environ:
    # Say at once that nothing is there, rather than have a pool try for ten seconds.
    del DATABASES["default"]["OPTIONS"]["pool"]
SOCKETS_REDIS_URL = valkey(env.str("REDIS_URL", _redis_url), 2)
vars().update(valkey_settings(env.str("REDIS_URL", _redis_url)))
