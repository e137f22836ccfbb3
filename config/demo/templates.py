"""What schools ask for: a sentence or two for each, as a careers leader would write them."""

from typing import Any, Final, NamedTuple

from brokerage.vocabulary import EncounterType as T
from brokerage.vocabulary import Sector as S

TECHNICAL: Final = ("technical_provider",)
FURTHER: Final = ("technical_provider", "university")
EVERYONE: Final = ("employer", "technical_provider", "university")


class Template(NamedTuple):
    """`places` and `times` are the least and the most; `at` the hours a slot may start; `more` further fields."""

    type: T
    title: str
    years: tuple[int, ...]
    minutes: int
    places: tuple[int, int]
    times: tuple[int, int]
    at: tuple[str, ...]
    sectors: tuple[S, ...] = ()
    subjects: tuple[str, ...] = ()
    description: str = ""
    more: dict[str, Any] = {}


MORNING: Final = ("08:50", "09:10", "10:00", "11:15")
AFTERNOON: Final = ("13:15", "13:40", "14:10")
ANY_TIME: Final = MORNING + AFTERNOON
_SHORT = {"closes_days_before": 3}

TEMPLATES: Final = (
    Template(T.MOCK_INTERVIEWS, "Mock interviews", (10,), 120, (4, 8), (1, 2), ("09:10", "13:15"),
             description="Each pupil has one short interview. We send the questions and a feedback sheet."),
    Template(T.MOCK_INTERVIEWS, "Sixth-form interview practice", (12,), 110, (3, 6), (1, 1), ("09:10", "13:15"),
             description="Practice for apprenticeship and university interviews."),
    Template(T.CAREER_TALK, "Working in health", (9,), 50, (1, 2), (1, 3), ANY_TIME, (S.HEALTH, S.SOCIAL_CARE), ("biology", "health_and_social_care"),
             "A talk with questions. Tell them about the jobs nobody thinks of."),
    Template(T.CAREER_TALK, "Careers that use maths", (10,), 50, (1, 2), (1, 2), ANY_TIME, (S.FINANCE, S.ENGINEERING, S.DIGITAL), ("maths",),
             "How you use maths in a working week, with a problem for them to try."),
    Template(T.CAREER_TALK, "Building and property careers", (8,), 45, (1, 2), (1, 2), ANY_TIME, (S.CONSTRUCTION,), ("design_and_technology",),
             "From site to studio. Pictures of real projects go down well."),
    Template(T.CAREER_TALK, "Green jobs near us", (7, 8), 45, (1, 2), (1, 2), ANY_TIME, (S.ENVIRONMENT, S.ENERGY, S.AGRICULTURE), ("geography", "science"),
             "What working outdoors and in energy looks like here."),
    Template(T.CAREER_TALK, "Life as a solicitor", (12,), 50, (1, 1), (1, 2), AFTERNOON, (S.LAW,), ("english", "citizenship"),
             "Routes in, solicitor apprenticeships included."),
    Template(T.CAREER_TALK, "Careers in games and software", (9,), 50, (1, 2), (1, 2), ANY_TIME, (S.DIGITAL,), ("computing",),
             "Live from your desk works well: we show you on the big screen.", {"delivery_mode": "live_online"}),
    Template(T.CAREER_TALK, "Women in engineering", (8, 9), 50, (1, 3), (1, 2), ANY_TIME, (S.ENGINEERING, S.MANUFACTURING), ("physics",),
             "Two or three engineers talk about their first five years."),
    Template(T.PROVIDER_ENCOUNTER, "Technical routes after Year 11", (10,), 50, (1, 2), (1, 2), MORNING, (), ("careers",),
             "What you offer, where it leads, what learning with you is like, and time for questions.", {"open_to": TECHNICAL}),
    Template(T.PROVIDER_ENCOUNTER, "Meet a college: Year 9 options", (9,), 50, (1, 2), (1, 2), MORNING, (), ("careers",),
             "The whole year, before options. Bring learners if you can.", {"open_to": TECHNICAL}),
    Template(T.PROVIDER_ENCOUNTER, "Apprenticeship morning", (12, 13), 60, (2, 3), (1, 2), ("09:10", "10:00"), (), ("careers",),
             "Higher and degree apprenticeships: how to find one and apply.", {"open_to": TECHNICAL}),
    Template(T.PROVIDER_ENCOUNTER, "First look at technical education", (8,), 45, (1, 2), (1, 2), ANY_TIME, (), ("careers",),
             "A first meeting for the whole of Year 8.", {"open_to": TECHNICAL}),
    Template(T.ASSEMBLY, "Year group assembly: routes at 16", (11,), 25, (1, 1), (1, 2), ("08:50",), (), ("careers",),
             "Twenty minutes, then questions in tutor time.", {"open_to": FURTHER}),
    Template(T.ASSEMBLY, "Assembly for National Careers Week", (7, 8, 9), 25, (1, 2), (1, 2), ("08:50",), (), (),
             "Your job in fifteen minutes, and one thing you wish you had known at 13."),
    Template(T.CV_WORKSHOP, "CV workshop", (11,), 55, (2, 4), (1, 2), ANY_TIME, (), ("english",),
             "Help pupils turn what they do into a first CV."),
    Template(T.CV_WORKSHOP, "Personal statements and applications", (12,), 60, (2, 3), (1, 1), AFTERNOON, (S.BUSINESS, S.PUBLIC_SERVICES), (),
             "Read a draft with each student and say what would catch your eye."),
    Template(T.MENTORING, "Year 10 mentoring, six weeks", (10,), 50, (3, 6), (1, 3), AFTERNOON, (), (),
             "The same small group each week. We agree a written risk assessment with you first."),
    Template(T.CAREERS_FAIR_STAND, "Careers fair", (9, 10, 11), 150, (12, 24), (1, 1), ("09:10", "13:15"), (), (),
             "A table, a power socket and lunch. Bring something to try out."),
    Template(T.CAREERS_FAIR_STAND, "Next steps evening for families", (11, 13), 120, (8, 16), (1, 1), ("17:00",), (), (),
             "Families come along, so it is after the school day."),
    Template(T.WORKPLACE_VISIT, "See where you work", (9,), 120, (1, 1), (1, 2), ("10:00", "13:15"), (S.ENGINEERING, S.MANUFACTURING, S.SCIENCE), ("science",),
             "Fifteen pupils and two staff. We bring our own transport.", {"venue": "At your workplace"}),
    Template(T.WORKPLACE_VISIT, "Behind the scenes", (8,), 90, (1, 1), (1, 1), ("10:00", "13:15"), (S.CREATIVE, S.MEDIA, S.HOSPITALITY), ("art", "drama"),
             "A dozen pupils who would enjoy seeing how it is really done.", {"venue": "At your workplace"}),
    Template(T.WORK_EXPERIENCE, "Work experience placement", (10,), 360, (1, 2), (1, 1), ("09:00",), (), (),
             "One day in a series. We visit first, and share insurance and risk details.", {"venue": "At your workplace"}),
    Template(T.JOB_SHADOWING, "Shadow someone for a day", (12,), 360, (1, 2), (1, 1), ("09:00",), (S.LAW, S.HEALTH, S.FINANCE, S.DIGITAL), (),
             "One or two students who think this is the job for them.", {"venue": "At your workplace"}),
    Template(T.TASTER_DAY, "Technical taster day", (10,), 240, (1, 3), (1, 1), ("09:30",), (), ("design_and_technology",),
             "A small group each tries two trades.", {"venue": "On your campus"}),
    Template(T.TASTER_DAY, "A day at university", (12,), 240, (1, 2), (1, 1), ("09:30",), (), (),
             "Lecture, tour, lunch with students.", {"venue": "On your campus", "open_to": FURTHER}),
    Template(T.ENTERPRISE_CHALLENGE, "Enterprise challenge", (8,), 120, (3, 5), (1, 1), ("09:10", "13:15"), (S.BUSINESS, S.RETAIL, S.FINANCE), ("business",),
             "Teams pitch an idea. You coach two teams and help judge."),
    Template(T.EMPLOYER_SET_PROJECT, "Set us a project", (9,), 60, (1, 1), (1, 2), ANY_TIME, (S.CREATIVE, S.DIGITAL, S.ENVIRONMENT), ("design_and_technology", "computing"),
             "A brief from your real work. Classes answer it over three weeks; you come back to hear them."),
    Template(T.STAFF_DEVELOPMENT, "Industry insight for teachers", (9, 10), 60, (1, 2), (1, 1), ("15:30",), (S.ENGINEERING, S.DIGITAL, S.HEALTH), (),
             "What is changing in your sector, for subject leads."),
)  # fmt: skip

CLAIM_NOTES: Final = (
    "Happy to bring a colleague who joined last year.",
    "I did this here in spring and would love to come again.",
    "I can bring samples for them to handle.",
    "Our apprentices can answer questions too.",
    "Could I have ten minutes to set up?",
    "",
    "",
    "",
    "",
)
DECLINE_NOTES: Final = (
    "Thank you. We'd like to keep your details for the summer term.",
    "Thank you for offering. We had more people than places.",
    "",
)
SCHOOL_NOTES: Final = ("We'll post it again soon. Sorry for the trouble.", "Sorry at such short notice.", "")
CLAIMANT_NOTES: Final = ("So sorry. A colleague may be free instead.", "I hope to come another time.", "")
RECORD_NOTES: Final = (
    "Lively questions, especially about pay.",
    "Ran over by ten minutes because nobody wanted to stop.",
    "The projector failed but nobody minded.",
    "",
    "",
    "",
)
DISPUTES: Final = (
    "It lasted about 15 minutes. The bell went before questions.",
    "We met one class, not the whole year group.",
)
