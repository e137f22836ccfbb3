"""News of encounters that happened without Doorway: the provider a school names says whether it is so."""

from brokerage.accounts.models import Organisation
from brokerage.eventlog.facts import Json
from brokerage.eventlog.models import Event
from brokerage.models import ExternalEncounter
from brokerage.notifications import access_sentences as sentences
from brokerage.notifications import links, recipients
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.news import about
from brokerage.notifications.news.access import FOR_THE_ANSWERER
from brokerage.notifications.recipients import Recipient


def recorded(event: Event) -> list[News]:
    encounter = _encounter(event)
    return _to_provider(event, encounter, sentences.external_recorded(encounter, about.today(event)))


def confirmed(event: Event) -> list[News]:
    encounter = _encounter(event)
    return [_to_school(event, encounter, sentences.external_confirmed(encounter, about.today(event)))]


def disputed(event: Event) -> list[News]:
    """Both sides: at the provider, those who didn't do it themselves."""
    encounter, today = _encounter(event), about.today(event)
    text = sentences.external_disputed(encounter, today)

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text],
            action="Read their note",
            path=links.PROVIDER_ACCESS,
            otherwise="If you do nothing, what you recorded stands beside their note.",
            why=FOR_THE_ANSWERER,
        )

    colleagues = sentences.external_disputed_by_us(encounter, today)
    return [_to_school(event, encounter, text, letter), *_to_provider(event, encounter, colleagues)]


def removed(event: Event) -> list[News]:
    encounter = _encounter(event)
    return _to_provider(event, encounter, sentences.external_removed(encounter, about.today(event)))


def _encounter(event: Event) -> ExternalEncounter:
    found = ExternalEncounter.objects.select_related("school", "provider")
    return found.get(public_id=about.subject(event))


def _to_school(
    event: Event, encounter: ExternalEncounter, text: str, letter: about.Letter | None = None
) -> News:
    return News(
        type=_type(event),
        text=text,
        to=about.others(event, recipients.answerers(encounter.school)),
        link=links.PROVIDER_ACCESS,
        data=_ids(encounter),
        letter=letter,
    )


def _to_provider(event: Event, encounter: ExternalEncounter, text: str) -> list[News]:
    """Its liaison leads; nobody, when the one it names isn't on Doorway."""
    provider: Organisation | None = encounter.provider
    if provider is None:
        return []
    is_gone = encounter.removed_at is not None
    return [
        News(
            type=_type(event),
            text=text,
            to=about.others(event, recipients.coordinators(provider)),
            link=links.VISITS if is_gone else links.external(encounter.public_id),
            data=_ids(encounter),
        )
    ]


def _type(event: Event) -> str:
    return event.type.removeprefix("brokerage.").rpartition(".")[0]


def _ids(encounter: ExternalEncounter) -> dict[str, Json]:
    return {
        "encounter": str(encounter.public_id),
        "school": str(encounter.school.public_id),
        "provider": str(encounter.provider.public_id) if encounter.provider else None,
        "on": encounter.on.isoformat(),
    }
