"""E-mail domains: what a confirmed address says about where a person works."""

from typing import Final

from allauth.account.models import EmailAddress

from brokerage.accounts.models import Organisation, User

# Anyone can have an address here, so it says nothing about an employer.
PUBLIC_WEBMAIL: Final = frozenset(
    """aol.co.uk aol.com blueyonder.co.uk btinternet.com btopenworld.com duck.com fastmail.com fastmail.fm
    fsmail.net gmail.com gmx.co.uk gmx.com googlemail.com hey.com hotmail.co.uk hotmail.com icloud.com
    inbox.com live.co.uk live.com mac.com mail.com mailinator.com me.com msn.com ntlworld.com orange.net
    outlook.co.uk outlook.com plusnet.com pm.me proton.me protonmail.com rocketmail.com sky.com talktalk.net
    tiscali.co.uk tutanota.com virgin.net virginmedia.com yahoo.co.uk yahoo.com ymail.com zoho.com
    """.split()  # noqa: SIM905 (a page of quoted strings reads worse)
)


def confirmed_addresses(user: User) -> frozenset[str]:
    found = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return frozenset(email.lower() for email in found)


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


def works_at(user: User, organisation: Organisation) -> bool:
    """Has confirmed an address at the domain that staff checked for this organisation."""
    domain = organisation.email_domain.lower()
    if not domain or domain in PUBLIC_WEBMAIL:
        return False
    return any(domain_of(email) == domain for email in confirmed_addresses(user))
