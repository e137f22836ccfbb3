"""Who can sign in to the demo world. The landing page and `make run` print this list."""

from typing import Final

PASSWORD: Final = "doorway-demo"  # noqa: S105 (the demo world's alone; production settings refuse to load it)

# E-mail, and who that is.
SIGN_INS: Final = (
    ("leader@school.example", "Careers leader of a school"),
    ("administrator@school.example", "Careers administrator of the same school"),
    ("governor@school.example", "Link governor of the same school: reads, changes nothing"),
    ("leader@millrace.example", "Careers leader of a school that may reply to a fairness case"),
    ("volunteer@employer.example", "Volunteer of an employer"),
    ("liaison@college.example", "Schools liaison lead of a college"),
    ("liaison@training.example", "Schools liaison lead of a training provider; also runs a small firm"),
    ("lead@hub.example", "Careers hub lead, who has a fairness case to decide"),
    ("lead@trust.example", "Trust careers lead"),
    ("staff@doorway.example", "Platform staff, of Doorway's own organisation"),
)
