"""News of memberships and organisations."""

from brokerage.accounts.models import Invitation, Kind, Membership, Organisation
from brokerage.eventlog.facts import Json
from brokerage.eventlog.models import Event
from brokerage.notifications import letters, links, recipients
from brokerage.notifications.entries import News
from brokerage.notifications.letters import Draft
from brokerage.notifications.models import Letter
from brokerage.notifications.news import about
from brokerage.notifications.recipients import Recipient

FOR_KEEPERS = "You got this because you approve members there."
FOR_THE_PERSON = "You got this because you asked to join."
NEEDNT_GO = "You needn't go to any visit they named you for."


def asked(event: Event) -> list[News]:
    """A keeper must know who asks; the subject names the organisation only."""
    one = _membership(event)
    role = one.get_role_display().lower()
    text = f"{one.user} asks to join {one.organisation.name} as {role}."

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=f"Someone asks to join {one.organisation.name} as {role}",
            paragraphs=[
                text,
                "Let in only people you know to work there: members see what your organisation sees.",
            ],
            facts=[("Name", one.user.name), ("Work e-mail", one.user.email)],
            action="Answer the request",
            path=links.PEOPLE,
            otherwise="If you do nothing, they keep waiting and can see nothing of yours.",
            why=FOR_KEEPERS,
        )

    to = about.others(event, recipients.keepers(one.organisation))
    return [News(type="membership.asked", text=text, to=to, link=links.PEOPLE, data=_ids(one), letter=letter)]


def began(event: Event) -> list[News]:
    """The person, when somebody else let them in; those who keep the organisation, when nobody did."""
    one = _membership(event)
    role = one.get_role_display().lower()
    text = f"You're in: {one.organisation.name}, {role}."

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[text],
            action="Open Doorway",
            path=links.HOME,
            why=FOR_THE_PERSON,
        )

    person = News(
        type="membership.began",
        text=text,
        to=about.others(event, [Recipient.of(one)]),
        link=links.HOME,
        data=_ids(one),
        letter=letter,
    )
    if event.data["how"] not in ("invitation", "email_domain"):
        return [person]
    keepers = [other for other in recipients.keepers(one.organisation) if other.user.pk != one.user_id]
    joined = f"{one.user} joined {one.organisation.name} as {role}."
    to = about.others(event, keepers)
    return [person, News(type="membership.began", text=joined, to=to, link=links.PEOPLE, data=_ids(one))]


def declined(event: Event) -> list[News]:
    one = _membership(event)
    text = f"{one.organisation.name} didn't approve your request to join."
    return [_to_person(event, one, "membership.declined", text)]


def ended(event: Event) -> list[News]:
    one = _membership(event)
    if event.data["how"] != "removed":
        return []
    text = f"You're no longer a member of {one.organisation.name}."
    # Its visits may have another name by now or not yet: what is said must be true in both cases.
    comes = one.organisation.kind in (Kind.EMPLOYER, Kind.PROVIDER)
    return [_to_person(event, one, "membership.ended", text, NEEDNT_GO if comes else "")]


def role_changed(event: Event) -> list[News]:
    one = _membership(event)
    text = f"You're now {one.get_role_display().lower()} at {one.organisation.name}."
    to = about.others(event, [Recipient.of(one)])
    return [News(type="membership.role_changed", text=text, to=to, link=links.HOME, data=_ids(one))]


def organisation_created(event: Event) -> list[News]:
    """Somebody brought an employer or provider we don't know yet: those who can verify it hear."""
    organisation = _organisation(event)
    if organisation.is_verified or organisation.kind not in (Kind.EMPLOYER, Kind.PROVIDER):
        return []
    text = f"{organisation.name} is new here and waits to be verified."
    to = about.others(event, recipients.verifiers(organisation))
    data = {"organisation": str(organisation.public_id)}
    return [News(type="organisation.created", text=text, to=to, link=links.APPROVALS, data=data)]


def organisation_verified(event: Event) -> list[News]:
    organisation = _organisation(event)
    if organisation.kind not in (Kind.EMPLOYER, Kind.PROVIDER):
        return []
    text = f"{organisation.name} is verified. Where first come applies, a place you claim is yours at once."

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=f"{organisation.name} is verified",
            paragraphs=[text],
            action="Find a visit",
            path=links.FIND,
            why="You got this because you are a member there.",
        )

    return [
        News(
            type="organisation.verified",
            text=text,
            to=about.others(event, recipients.members(organisation)),
            link=links.FIND,
            data={"organisation": str(organisation.public_id), "how": event.data["how"]},
            letter=letter,
        )
    ]


def invitation_letter(event: Event) -> list[Letter]:
    """To an address that may have no user yet. None once it is used or taken back."""
    found = Invitation.objects.select_related("organisation").filter(
        public_id=about.subject(event), accepted_at=None, revoked_at=None
    )
    return [_invite(event, invitation) for invitation in found]


def _invite(event: Event, invitation: Invitation) -> Letter:
    role, name = invitation.get_role_display().lower(), invitation.organisation.name
    draft = Draft(
        subject=f"{name} invites you to Doorway as {role}",
        paragraphs=[
            f"{name} invites you to join it on Doorway as {role}.",
            "Doorway is where schools say which encounters their pupils need, and employers and providers offer them.",
        ],
        action="See the invitation",
        path=links.invitation(invitation.token),
        otherwise="The invitation ends after 14 days. If you weren't expecting it, you needn't do anything.",
        why=f"You got this because {name} gave us this address.",
    )
    return letters.write_to_address(draft, email=invitation.email, event=event, kind="invitation.sent")


def _to_person(event: Event, one: Membership, type_: str, text: str, so: str = "") -> News:
    """As themselves: they are no member there, so it can't be the organisation's news. `so`: what it means for them."""
    whole = f"{text} {so}".strip()

    def letter(_: Recipient) -> Draft:
        return Draft(
            subject=text,
            paragraphs=[whole, "If you think that's a mistake, ask them."],
            action="Open Doorway",
            path=links.HOME,
            why="You got this because it is about your own membership.",
        )

    to = about.others(event, [Recipient(one.user)])
    return News(type=type_, text=whole, to=to, link=links.HOME, data=_ids(one), letter=letter)


def _membership(event: Event) -> Membership:
    return Membership.objects.select_related("user", "organisation").get(public_id=about.subject(event))


def _organisation(event: Event) -> Organisation:
    return Organisation.objects.get(public_id=about.subject(event))


def _ids(one: Membership) -> dict[str, Json]:
    return {"membership": str(one.public_id), "organisation": str(one.organisation.public_id)}
