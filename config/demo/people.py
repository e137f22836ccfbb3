"""Who works where: the people of the sign-ins by name, everybody else invented."""

from datetime import timedelta
from typing import Final

from brokerage.accounts.models import Kind, Organisation, Role
from config.demo import claimants, schools
from config.demo.population import Population

REPLYING: Final = "leader@millrace.example"
LEADER, ADMINISTRATOR, GOVERNOR, VOLUNTEER, COLLEGE, TRAINING, HUB, TRUST = (
    "leader@school.example",
    "administrator@school.example",
    "governor@school.example",
    "volunteer@employer.example",
    "liaison@college.example",
    "liaison@training.example",
    "lead@hub.example",
    "lead@trust.example",
)
_PLACES: Final = {
    LEADER: ("Priya Raman", schools.FERNLOW, Role.CAREERS_LEADER),
    ADMINISTRATOR: ("Gareth Lloyd", schools.FERNLOW, Role.CAREERS_ADMINISTRATOR),
    GOVERNOR: ("Beverley Sampson", schools.FERNLOW, Role.LINK_GOVERNOR),
    REPLYING: ("Owen Castell", "Millrace High School", Role.CAREERS_LEADER),
    VOLUNTEER: ("Sam Okafor", claimants.BRIGHTHOLM, Role.VOLUNTEER),
    COLLEGE: ("Yusuf Demir", claimants.COLLEGE, Role.LIAISON_LEAD),
    TRAINING: ("Kath Brennan", claimants.FORGE, Role.LIAISON_LEAD),
    HUB: ("Helen Marsh", schools.HUB, Role.HUB_LEAD),
    TRUST: ("Adaeze Obi", schools.LANTERN, Role.TRUST_LEAD),
}


def employ(everyone: Population) -> None:
    for email, (name, organisation, role) in _PLACES.items():
        everyone.join(everyone.by_name[organisation], role, everyone.person(email, name))
    # Two memberships, the training provider's first: the one she acts for until she switches.
    kath = everyone.by_email[TRAINING].user
    firm = everyone.join(everyone.by_name[claimants.SMALL_FIRM], Role.COORDINATOR, kath)
    firm.began_at = everyone.began + timedelta(days=60)
    everyone.join(
        everyone.by_name[schools.FERNLOW],
        Role.SENIOR_LEADER,
        everyone.person("marcus.bell@fernlow-academy.example", "Marcus Bell"),
    )
    _staff_schools(everyone)
    _staff_claimants(everyone)
    _let_some_wait(everyone)
    everyone.write()


def _staff_schools(everyone: Population) -> None:
    for trust in everyone.of(Kind.TRUST):
        if trust.name != schools.LANTERN:
            everyone.invent(trust, Role.TRUST_LEAD)
    for number, school in enumerate(everyone.of(Kind.SCHOOL)):
        if school.name == schools.FERNLOW:
            continue
        everyone.invent(school, Role.CAREERS_LEADER)
        if number % 2:
            everyone.invent(school, Role.SENIOR_LEADER)
        if number % 3 == 0:
            everyone.invent(school, Role.LINK_GOVERNOR)
        if number % 5 == 0:
            everyone.invent(school, Role.CAREERS_ADVISER)


def _staff_claimants(everyone: Population) -> None:
    for provider in everyone.of(Kind.PROVIDER):
        if provider.name not in (claimants.COLLEGE, claimants.FORGE):
            everyone.invent(provider, Role.LIAISON_LEAD)
        for _ in range(everyone.chance.randint(1, 3)):
            everyone.invent(provider, Role.LIAISON_OFFICER)
    for employer in everyone.of(Kind.EMPLOYER):
        here = len(everyone.members.get(employer.pk, ()))
        for number in range(everyone.wanted[employer.pk] - here):
            everyone.invent(employer, Role.VOLUNTEER if number else _first_role(employer, here))


def _first_role(employer: Organisation, here: int) -> Role:
    """Somebody keeps every organisation; Brightholm's volunteer is not that somebody."""
    is_kept = here and employer.name != claimants.BRIGHTHOLM
    return Role.VOLUNTEER if is_kept else Role.COORDINATOR


def _let_some_wait(everyone: Population) -> None:
    """Requests to join that a keeper still has to answer."""
    fernlow = everyone.by_name[schools.FERNLOW]
    dana = everyone.person("dana.whitmore@fernlow-academy.example", "Dana Whitmore")
    everyone.join(fernlow, Role.CAREERS_ADMINISTRATOR, dana, asked_days_ago=2)
    everyone.invent(fernlow, Role.LINK_GOVERNOR, asked_days_ago=5)
    for name, role in (
        (claimants.BRIGHTHOLM, Role.VOLUNTEER),
        (claimants.COLLEGE, Role.LIAISON_OFFICER),
        (claimants.FORGE, Role.LIAISON_OFFICER),
        ("Wexbourne Infirmary", Role.VOLUNTEER),
        ("Millrace High School", Role.CAREERS_ADVISER),
        (schools.LANTERN, Role.TRUST_LEAD),
        (schools.HUB, Role.HUB_LEAD),
    ):
        everyone.invent(everyone.by_name[name], role, asked_days_ago=everyone.chance.randint(1, 6))
