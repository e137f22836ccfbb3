"""Fills the database of the fault tests: one school, a crowd of volunteers, a need for each story. Prints what a
client needs to know as one JSON object.

    python -m tests.faults.world"""

import json
import sys

import django

VOLUNTEERS = 24
STORIES = ("worker", "sockets", "web", "valkey", "postgres")


def main() -> None:
    django.setup()
    from knox.models import AuthToken

    from brokerage.accounts.models import Role
    from tests import factories
    from tests.factories.market import time_slot

    def token(member):
        return AuthToken.objects.create(user=member.user)[1]

    school = factories.school(name="Fernlow Academy")
    leader = factories.member(school)
    administrator = factories.member(school, Role.CAREERS_ADMINISTRATOR)
    volunteers = [factories.member(factories.employer(), Role.VOLUNTEER) for _ in range(VOLUNTEERS)]
    stories = {}
    for day, story in enumerate(STORIES, start=20):
        need = factories.posted(leader, title=story, slots=[time_slot(days=day, places=VOLUNTEERS)])
        stories[story] = {"need": str(need.public_id), "slot": str(factories.slot_of(need).public_id)}
    json.dump(
        {
            "school": {member.user_id: token(member) for member in (leader, administrator)},
            "volunteers": {member.user_id: token(member) for member in volunteers},
            "stories": stories,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
