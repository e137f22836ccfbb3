"""News of closing a gap: the providers a school asks in particular, and a year group that has its two."""

from typing import Final

from brokerage.accounts.models import Organisation
from brokerage.eventlog.models import Event
from brokerage.models import EncounterNeed
from brokerage.notifications import links, recipients, sentences
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.news import about
from brokerage.notifications.recipients import Recipient

FOR_THE_INVITED: Final = "You got this because the school asked your organisation to come."
_ORDINALS: Final = {1: "first", 2: "second", 3: "third"}


def invited(event: Event) -> list[News]:
    """Everyone who may claim for one of those the school named."""
    need = EncounterNeed.objects.select_related("school").prefetch_related("slots").get(
        public_id=about.subject(event)
    )  # fmt: skip
    years = sentences.joined([str(year) for year in need.year_groups])
    whom = f"Year {years}" if len(need.year_groups) == 1 else f"Years {years}"
    dates = sentences.joined(
        [sentences.weekday(slot.starts_at, about.today(event)) for slot in need.slots.all()]
    )
    text = f"{need.school.name} ask you to meet {whom}: {dates}."

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text, "They asked you because these pupils haven't met you yet."],
            action="See the dates",
            path=links.need(need.public_id),
            otherwise="If you do nothing, the school looks for someone else.",
            why=FOR_THE_INVITED,
        )

    asked = Organisation.objects.filter(public_id__in=event.data["invited"])
    people = [person for each in asked.order_by("pk") for person in recipients.members(each)]
    return [
        News(
            type="need.providers_invited",
            text=text,
            to=about.others(event, people),
            link=links.need(need.public_id),
            data={"need": str(need.public_id), "school": str(need.school.public_id)},
            letter=letter,
        )
    ]


def evidenced(event: Event) -> list[News]:
    """The year group is the one the cohort is in on that day; it rolls on in September."""
    school = Organisation.objects.get(public_id=about.subject(event))
    today = about.today(event)
    year = 7 + today.year - (today.month < 9) - int(event.data["y7_entry"])
    phase = int(event.data["phase"])
    return [
        News(
            type="cohort.evidenced",
            text=f"Year {year} now has two. Evidenced for the {_ORDINALS[phase]} phase.",
            to=recipients.answerers(school),
            link=links.PROVIDER_ACCESS,
            data={"school": str(school.public_id), "y7_entry": event.data["y7_entry"], "phase": phase},
        )
    ]
