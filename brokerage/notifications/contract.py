"""What travels over the socket, as types: the one source of docs/asyncapi.yml."""

from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, field_serializer

from brokerage.notifications import sentences

PATH = "/ws/events/"
SUBPROTOCOL = "doorway"
TOKEN_PROTOCOL = "doorway.token."  # noqa: S105


class Close(IntEnum):
    """Why the server closes. From 4400 to 4499 trying again is of no use until something changes."""

    BAD_AFTER = 4400
    NOT_SIGNED_IN = 4401
    NOT_OUR_ORIGIN = 4403
    NO_MEMBERSHIP = 4410
    TRY_LATER = 1013


MEANINGS: dict[Close, str] = {
    Close.BAD_AFTER: "`after` is not a position: give the id of the last entry you have, or leave it out.",
    Close.NOT_SIGNED_IN: "No session or token came along, or the one that did is unknown, or has ended since.",
    Close.NOT_OUR_ORIGIN: "The page that asks is not one of Doorway's; or a session came without an Origin.",
    Close.NO_MEMBERSHIP: "A membership has ended, or the person has none yet.",
    Close.TRY_LATER: "Doorway can't look you up just now. Wait a little longer each time.",
}


class Entry(BaseModel):
    """Something this person is told. `id` is its position in their own feed: it grows, with gaps."""

    id: int = Field(ge=1, description="Give the last one you have as `after` when you connect again.")
    type: str = Field(description="What happened, such as `claim.accepted`.", examples=["claim.submitted"])
    at: datetime
    data: dict[str, Any] = Field(description="Ids (UUIDs), codes and counts of what it is about.")
    text: str = Field(description="A sentence to show.")

    @field_serializer("at", when_used="json")
    def _in_england(self, at: datetime) -> str:
        """To the letter as `GET /api/v1/events/` says it: whoever compares the two finds no difference."""
        return sentences.local(at).isoformat()


class NeedsChanged(BaseModel):
    """What can be claimed has changed. Read again what you show."""

    type: str = Field(default="needs.changed", json_schema_extra={"const": "needs.changed"})
    ids: list[UUID] | None = Field(
        default=None, description="What changed (needs, slots or claims); absent when it is a lot."
    )


class WorkChanged(BaseModel):
    """A colleague, or whom your organisation deals with, has changed what waits for it. Read again what you show."""

    type: str = Field(default="work.changed", json_schema_extra={"const": "work.changed"})


class Resync(BaseModel):
    """Hints may have been lost. Read again whatever you show; entries are sent again by themselves."""

    type: str = Field(default="resync", json_schema_extra={"const": "resync"})


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the socket."""
    messages: dict[str, type[BaseModel]] = {
        "entry": Entry,
        "needsChanged": NeedsChanged,
        "workChanged": WorkChanged,
        "resync": Resync,
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Doorway events", "version": "1", "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {
            "doorway": {
                "host": "{host}",
                "protocol": "wss",
                "description": "The full address is `socket_url` in `GET /api/v1/me/`.",
                "variables": {"host": {"description": "The host you reached Doorway at."}},
                "security": [
                    {"$ref": f"#/components/securitySchemes/{name}"}
                    for name in ("session", "token", "subprotocol")
                ],
            }
        },
        "channels": {
            "events": {
                "address": PATH,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET", "query": _AFTER, "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            "hear": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "summary": "Doorway tells; the client only listens.",
                "messages": [{"$ref": f"#/channels/events/messages/{name}"} for name in messages],
            }
        },
        "components": {
            "messages": {
                name: {
                    "name": name,
                    "summary": (model.__doc__ or "").split("\n")[0],
                    "payload": _schema(model),
                }
                for name, model in messages.items()
            },
            "securitySchemes": _SECURITY,
        },
    }


_AFTER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "after": {
            "type": "integer",
            "minimum": 0,
            "description": "The last id you have: what came since is sent first, in order. Left out: only what is new.",
        }
    },
}

_SECURITY: dict[str, Any] = {
    "session": {
        "type": "httpApiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "A browser's session. Its Origin must be Doorway's own.",
    },
    "token": {
        "type": "httpApiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Token <token>`, from `POST /api/v1/auth/login/`. Needs no Origin.",
    },
    "subprotocol": {
        "type": "httpApiKey",
        "in": "header",
        "name": "Sec-WebSocket-Protocol",
        "description": f"Where headers can't be set: offer `{SUBPROTOCOL}` and `{TOKEN_PROTOCOL}<token>`; "
        f"the server picks `{SUBPROTOCOL}`. Never put a token into the address.",
    },
}

_DESCRIPTION = (
    "Outward only: nothing the client sends is read. Two kinds of frame, one JSON object each. An entry has an `id`, "
    "is personal and durable, and never comes twice over one connection; a hint has none, and may be "
    "lost: read again what you show.\n\n"
    f"Connect to `{PATH}?after=<id>` with the id of the last entry you have. What came since is sent first, in order, "
    "then what happens. The same entries are at `GET /api/v1/events/?after=<id>`.\n\n"
    "The server closes with:\n\n"
    + "\n".join(f"- `{int(code)}`: {meaning}" for code, meaning in MEANINGS.items())
    + "\n- `1012`: Doorway restarts. Connect again."
)


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema()
    schema.pop("title", None)
    return schema
