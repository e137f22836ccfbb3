"""Word to the socket processes that a session, a token or a membership has ended, so that they close what it
opened. Sent after the commit, at most once: a socket that missed it finds out at its next check."""

import hashlib
import json
import logging
from uuid import UUID

import redis
from django.db import transaction

from brokerage.eventlog.hints import broker

CHANNEL = "doorway:control"
logger = logging.getLogger("doorway.eventlog")


def session_ended(session_key: str) -> None:
    """{"close": "session", "session": fingerprint}: a session's key is a secret and never travels itself."""
    _after_commit({"close": "session", "session": fingerprint(session_key)})


def token_ended(token_key: str) -> None:
    """{"close": "token", "token": knox's token_key, the public first characters of a token}"""
    _after_commit({"close": "token", "token": token_key})


def membership_ended(user: UUID, organisation: UUID) -> None:
    """{"close": "membership", "user": public_id, "organisation": public_id}"""
    _after_commit({"close": "membership", "user": str(user), "organisation": str(organisation)})


def user_ended(user: UUID) -> None:
    """{"close": "user", "user": public_id}: the person was deactivated, or signed out everywhere."""
    _after_commit({"close": "user", "user": str(user)})


def fingerprint(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()


def _after_commit(message: dict[str, str]) -> None:
    transaction.on_commit(lambda: _publish(message), robust=True)


def _publish(message: dict[str, str]) -> None:
    try:
        broker().publish(CHANNEL, json.dumps(message, separators=(",", ":")))
    except redis.RedisError as error:
        logger.warning("not told to the sockets: %s", error)
