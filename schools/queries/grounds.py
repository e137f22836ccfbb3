"""Which grounds for saying no a school may choose from (rules R30, R31)."""

from dataclasses import dataclass

from brokerage.accounts.models import Organisation
from brokerage.models import AccessTerms
from brokerage.vocabulary import RefusalGround


@dataclass(frozen=True)
class Grounds:
    """Those the policy lists; without a published policy the whole list, which the page marks so. A policy that
    lists none leaves none to choose."""

    has_policy: bool
    choices: list[tuple[str, str]]

    @property
    def lists_none(self) -> bool:
        return not self.has_policy or not self.choices


def of_school(school: Organisation) -> Grounds:
    terms = AccessTerms.objects.filter(school=school).first()
    if terms is not None and terms.has_policy:
        return Grounds(
            True, [(str(each), str(each.label)) for each in RefusalGround if each in terms.grounds]
        )
    return Grounds(False, [(str(each), str(each.label)) for each in RefusalGround])
