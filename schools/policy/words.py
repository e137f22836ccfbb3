"""How a statement stands, in a sentence."""

from datetime import date

from brokerage.calendar.dates import short
from schools.policy.statement import MISSING, Standing, Statement, Status


def summary(
    standing: Standing,
    *,
    published: Statement | None,
    published_on: date | None,
    has_changes: bool,
    today: date,
) -> str:
    """`has_changes`: a draft stands beside what is published."""
    told = _standing(standing, published, published_on, today)
    return f"{told} You have changes that aren’t published yet." if has_changes and published else told


def _standing(standing: Standing, published: Statement | None, published_on: date | None, today: date) -> str:
    missing = listed([MISSING[part] for part in standing.missing])
    match standing.status:
        case Status.MISSING:
            return "You haven’t published one here yet."
        case Status.INCOMPLETE if published:
            return f"What you published lacks {missing}. Add it and publish again."
        case Status.INCOMPLETE:
            return f"Not published yet. Still to write: {missing}."
        case Status.DRAFT:
            return "Everything is written. Publish it, and anyone can read it."
    review_on = published.review_on if published else None
    since = f"Published on {short(published_on, today)}." if published_on else "Published."
    if review_on is None:
        return since
    if standing.status is Status.OVERDUE:
        return f"{since} Its review was due on {short(review_on, today)}."
    return f"{since} Review it by {short(review_on, today)}."


def listed(parts: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
