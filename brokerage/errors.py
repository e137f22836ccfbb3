"""What the domain says when it can't do what was asked: a sentence a careers leader can read, and a code."""

from collections.abc import Mapping


class DomainError(Exception):
    """The world is not as the request supposes (HTTP 409)."""

    status = 409

    def __init__(self, code: str, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = dict(fields or {})


class NotAllowed(DomainError):
    """This person may see it but may not do this to it (HTTP 403)."""

    status = 403


class InvalidInput(DomainError):
    """A value that can never be right; `fields` maps each field to what to do (HTTP 400)."""

    status = 400

    @classmethod
    def on(cls, field: str, message: str, *, code: str = "invalid") -> "InvalidInput":
        return cls(code, message, fields={field: message})


class Unprocessable(DomainError):
    """Well-formed, but it contradicts what was said before (HTTP 422)."""

    status = 422
