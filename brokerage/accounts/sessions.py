"""Sessions in the database, as Django keeps them."""

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """Django takes any eight characters for a key. A cookie may hold a NUL, which PostgreSQL refuses with an error:
    what can't be a key is nobody's."""

    def __init__(self, session_key: str | None = None) -> None:
        is_one = session_key is not None and session_key.isascii() and session_key.isalnum()
        super().__init__(session_key if is_one else None)
