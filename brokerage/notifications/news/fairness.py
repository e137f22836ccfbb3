"""News of how a school answers those who ask. Never a figure, in no e-mail and no feed: the page has them, for those
who may see it. A case is told to the school alone until a reviewer has it."""

from collections.abc import Sequence
from typing import Final

from brokerage.accounts.models import Organisation, Role
from brokerage.eventlog.models import Event
from brokerage.notifications import links, recipients
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.news import about
from brokerage.notifications.recipients import Recipient

LEADER: Final = frozenset({Role.CAREERS_LEADER})
TOLD: Final = frozenset({Role.CAREERS_LEADER, Role.SENIOR_LEADER, Role.LINK_GOVERNOR})
FOR_THE_LEADER: Final = "You got this because you are your school's careers leader. Nobody else was told."
FOR_THE_TOLD: Final = "You got this because you answer for your school, or oversee it as its governor."
FOR_THE_HUB: Final = "You got this because you review such cases in the school's area."
_ENDED: Final = {
    "cleared": "What was watched about how requests were answered has been cleared.",
    "renewed": "What was watched about how requests were answered has been seen again.",
}


def notice_given(event: Event) -> list[News]:
    text = "A note for you only about how requests were answered this term."
    return _to(
        event,
        recipients.in_roles(_school(event), LEADER),
        text,
        see="About one in three of these turns out to be nothing. The page says what to do this week.",
        otherwise="If you do nothing, nobody else is told.",
        why=FOR_THE_LEADER,
    )


def flagged(event: Event) -> list[News]:
    return _to(
        event,
        recipients.in_roles(_school(event), TOLD),
        "Evidence about how requests were answered is ready. You have 20 school days to reply.",
        see="Only your school can see it until then. Say what you know of any request, or add what happened elsewhere.",
        otherwise="If you do nothing, a reviewer reads it after 20 school days without your reply.",
        why=FOR_THE_TOLD,
    )


def reply_ended(event: Event) -> list[News]:
    """Its school, and the hub whose turn it is; without one, staff."""
    school = _school(event)
    ours = "A reviewer now reads the evidence about how requests were answered, and your reply."
    theirs = f"{school.name}'s reply is ready for you to review."
    return [
        *_to(event, recipients.in_roles(school, TOLD), ours),
        *_to(
            event,
            recipients.hub_leads(school) or recipients.staff(),
            theirs,
            link=links.fairness_case(about.subject(event)),
            see="Read the evidence beside what the school says, and decide.",
            otherwise="If you do nothing, the case waits.",
            why=FOR_THE_HUB,
        ),
    ]


def decided(event: Event) -> list[News]:
    return _to(
        event,
        recipients.in_roles(_school(event), TOLD),
        "A reviewer has decided about the evidence on how requests were answered.",
        see="The page has the decision and its reasons.",
        otherwise="There is nothing you have to do.",
        why=FOR_THE_TOLD,
    )


def withdrawn(event: Event) -> list[News]:
    text = "The evidence about how requests were answered has been withdrawn."
    return _to(event, recipients.in_roles(_school(event), TOLD), text)


def ended(event: Event) -> list[News]:
    return _to(event, recipients.in_roles(_school(event), TOLD), _ENDED[str(event.data["state"])])


def replay_differed(event: Event) -> list[News]:
    text = "A school's fairness evidence came out differently when it was worked out again. Look at the log."
    return _to(event, recipients.staff(), text, link=links.HOME)


def _to(
    event: Event,
    people: Sequence[Recipient],
    text: str,
    *,
    link: str = links.FAIRNESS,
    see: str = "",
    otherwise: str = "",
    why: str = "",
) -> list[News]:
    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text, see],
            action="Open the page",
            path=link,
            otherwise=otherwise,
            why=why,
        )

    return [
        News(
            type=event.type.removeprefix("brokerage.").rpartition(".")[0],
            text=text,
            to=about.others(event, people),
            link=link,
            data={"school": str(_school(event).public_id)},
            letter=letter if see else None,
        )
    ]


def _school(event: Event) -> Organisation:
    return Organisation.objects.select_related("hub").get(pk=event.organisation_id or 0)
