"""The field's closed lists: what a need can be, for whom, and the reasons people may give."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db.models import IntegerChoices, TextChoices

from brokerage.accounts.models import Category

YEAR_GROUPS: Final = (7, 8, 9, 10, 11, 12, 13)
SLOTS_AT_MOST: Final = 50
PLACES_AT_MOST: Final = 1000


def years(year_groups: Iterable[int]) -> str:
    """`Year 9`, `Years 9 and 10`, `Years 7 to 9`; nothing for none."""
    numbers = sorted(set(year_groups))
    if not numbers:
        return ""
    if len(numbers) == 1:
        return f"Year {numbers[0]}"
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"Years {numbers[0]} to {numbers[-1]}"
    return f"Years {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


class EncounterType(TextChoices):
    CAREER_TALK = "career_talk", "Career talk"
    PROVIDER_ENCOUNTER = "provider_encounter", "Provider encounter"
    ASSEMBLY = "assembly", "Assembly"
    MOCK_INTERVIEWS = "mock_interviews", "Mock interviews"
    CV_WORKSHOP = "cv_workshop", "CV workshop"
    MENTORING = "mentoring", "Mentoring"
    CAREERS_FAIR_STAND = "careers_fair_stand", "Careers fair stand"
    WORKPLACE_VISIT = "workplace_visit", "Workplace visit"
    WORK_EXPERIENCE = "work_experience", "Work experience"
    JOB_SHADOWING = "job_shadowing", "Job shadowing"
    TASTER_DAY = "taster_day", "Taster day"
    ENTERPRISE_CHALLENGE = "enterprise_challenge", "Enterprise challenge"
    EMPLOYER_SET_PROJECT = "employer_set_project", "Employer-set project"
    STAFF_DEVELOPMENT = "staff_development", "Staff development"


class Audience(TextChoices):
    WHOLE_YEAR = "whole_year", "Whole year"
    CLASS = "class", "One class"
    SELECTED_GROUP = "selected_group", "A group"


class DeliveryMode(TextChoices):
    """A recording is none of these: it can't answer questions (rule R20)."""

    IN_PERSON = "in_person", "In person"
    LIVE_ONLINE = "live_online", "Live online"
    HYBRID = "hybrid", "In person and live online"


class Allocation(TextChoices):
    FIRST_COME = "first_come", "First to claim"
    SCHOOL_CHOOSES = "school_chooses", "We choose"


class Supervision(TextChoices):
    """Rule R44. Staff present throughout means nobody asks for a certificate."""

    STAFF_PRESENT = "staff_present", "Staff present throughout"
    STAFF_NEARBY = "staff_nearby", "Staff nearby, not always in the room"
    RISK_ASSESSED = "risk_assessed", "Regular or unsupervised: our written risk assessment applies"
    HOST_SUPERVISES = "host_supervises", "At your workplace, with a named supervisor"


class Benchmark(IntegerChoices):
    STABLE_PROGRAMME = 1, "A stable careers programme"
    LABOUR_MARKET = 2, "Career and labour market information"
    EACH_YOUNG_PERSON = 3, "Addressing the needs of each young person"
    CURRICULUM = 4, "Linking curriculum to careers"
    EMPLOYERS = 5, "Encounters with employers and employees"
    WORKPLACES = 6, "Experiences of workplaces"
    FURTHER_AND_HIGHER = 7, "Encounters with further and higher education"
    GUIDANCE = 8, "Personal guidance"


class Sector(TextChoices):
    AGRICULTURE = "agriculture", "Agriculture and animal care"
    AUTOMOTIVE = "automotive", "Automotive"
    BUSINESS = "business", "Business and administration"
    CHARITY = "charity", "Charity and community"
    CONSTRUCTION = "construction", "Construction and property"
    CREATIVE = "creative", "Creative and design"
    DIGITAL = "digital", "Digital and computing"
    EDUCATION = "education", "Education and childcare"
    ENERGY = "energy", "Energy and utilities"
    ENGINEERING = "engineering", "Engineering"
    ENVIRONMENT = "environment", "Environment"
    FINANCE = "finance", "Finance and accountancy"
    HAIR_AND_BEAUTY = "hair_and_beauty", "Hair and beauty"
    HEALTH = "health", "Health"
    HOSPITALITY = "hospitality", "Hospitality and catering"
    LAW = "law", "Law"
    MANUFACTURING = "manufacturing", "Manufacturing"
    MEDIA = "media", "Media and communications"
    PUBLIC_SERVICES = "public_services", "Public services and armed forces"
    RETAIL = "retail", "Retail"
    SCIENCE = "science", "Science and research"
    SOCIAL_CARE = "social_care", "Social care"
    SPORT = "sport", "Sport and leisure"
    TRANSPORT = "transport", "Transport and logistics"


class Subject(TextChoices):
    ART = "art", "Art and design"
    BIOLOGY = "biology", "Biology"
    BUSINESS = "business", "Business"
    CAREERS = "careers", "Careers education"
    CHEMISTRY = "chemistry", "Chemistry"
    CITIZENSHIP = "citizenship", "Citizenship"
    COMPUTING = "computing", "Computing"
    DESIGN_AND_TECHNOLOGY = "design_and_technology", "Design and technology"
    DRAMA = "drama", "Drama"
    ECONOMICS = "economics", "Economics"
    ENGINEERING = "engineering", "Engineering"
    ENGLISH = "english", "English"
    FOOD = "food", "Food and nutrition"
    GEOGRAPHY = "geography", "Geography"
    HEALTH_AND_SOCIAL_CARE = "health_and_social_care", "Health and social care"
    HISTORY = "history", "History"
    LANGUAGES = "languages", "Languages"
    MATHS = "maths", "Maths"
    MEDIA = "media", "Media studies"
    MUSIC = "music", "Music"
    PE = "pe", "Physical education"
    PHYSICS = "physics", "Physics"
    PSHE = "pshe", "PSHE"
    PSYCHOLOGY = "psychology", "Psychology"
    RELIGIOUS_EDUCATION = "religious_education", "Religious education"
    SCIENCE = "science", "Science"
    SOCIOLOGY = "sociology", "Sociology"


class DeclineReason(TextChoices):
    ALREADY_MET = "already_met", "We've met our need for this"
    DATE_CLASH = "date_clash", "The date no longer works"
    EXAM_PERIOD = "exam_period", "Exam period"
    NO_CAPACITY = "no_capacity", "Enough people offered"
    NOT_RELEVANT = "not_relevant", "It doesn't suit these pupils"
    SAFEGUARDING_NOT_SATISFIED = "safeguarding_not_satisfied", "Safeguarding or ID checks aren't complete"
    NOT_A_PROVIDER = "not_a_provider", "Not a provider of technical courses or apprenticeships"
    DUPLICATE = "duplicate", "The same offer twice"
    OTHER = "other", "Another reason"


class ClaimantReason(TextChoices):
    ILL = "ill", "Ill"
    DIARY_CLASH = "diary_clash", "Something else at that time"
    NO_LONGER_AVAILABLE = "no_longer_available", "No longer available"
    TRAVEL = "travel", "Can't get there"
    OTHER = "other", "Another reason"


class SchoolCancelReason(TextChoices):
    TIMETABLE_CHANGE = "timetable_change", "Timetable change"
    STAFF_ABSENCE = "staff_absence", "Staff absence"
    EXAM_PERIOD = "exam_period", "Exam period"
    LOW_NUMBERS = "low_numbers", "Too few pupils"
    SAFEGUARDING = "safeguarding", "Safeguarding"
    OTHER = "other", "Another reason"


@dataclass(frozen=True)
class Defaults:
    """What choosing a type fills in; all of it can be changed."""

    benchmark: Benchmark
    minutes: int
    open_to: tuple[Category, ...]
    supervision: Supervision = Supervision.STAFF_PRESENT
    places: int = 1
    allocation: Allocation = Allocation.FIRST_COME
    audience: Audience = Audience.WHOLE_YEAR


_EMPLOYERS = (Category.EMPLOYER,)
_PROVIDERS = (Category.TECHNICAL_PROVIDER,)
_EVERYONE = (Category.EMPLOYER, Category.TECHNICAL_PROVIDER, Category.UNIVERSITY)
_GROUP = Audience.SELECTED_GROUP
_HOST = Supervision.HOST_SUPERVISES
_BM5, _BM6, _BM7 = Benchmark.EMPLOYERS, Benchmark.WORKPLACES, Benchmark.FURTHER_AND_HIGHER

DEFAULTS: Final[dict[EncounterType, Defaults]] = {
    EncounterType.CAREER_TALK: Defaults(_BM5, 50, _EMPLOYERS),
    EncounterType.PROVIDER_ENCOUNTER: Defaults(_BM7, 50, _PROVIDERS),
    EncounterType.ASSEMBLY: Defaults(_BM7, 25, _EVERYONE),
    EncounterType.MOCK_INTERVIEWS: Defaults(_BM5, 180, _EMPLOYERS, places=6),
    EncounterType.CV_WORKSHOP: Defaults(_BM5, 55, _EMPLOYERS, places=2, audience=Audience.CLASS),
    EncounterType.MENTORING: Defaults(
        _BM5, 50, _EMPLOYERS, Supervision.RISK_ASSESSED, 4, Allocation.SCHOOL_CHOOSES, _GROUP
    ),
    EncounterType.CAREERS_FAIR_STAND: Defaults(_BM5, 180, _EVERYONE, places=20),
    EncounterType.WORKPLACE_VISIT: Defaults(_BM6, 120, _EMPLOYERS, _HOST, audience=_GROUP),
    EncounterType.WORK_EXPERIENCE: Defaults(
        _BM6, 360, _EMPLOYERS, _HOST, allocation=Allocation.SCHOOL_CHOOSES, audience=_GROUP
    ),
    EncounterType.JOB_SHADOWING: Defaults(_BM6, 360, _EMPLOYERS, _HOST, audience=_GROUP),
    EncounterType.TASTER_DAY: Defaults(
        _BM7, 300, (Category.TECHNICAL_PROVIDER, Category.UNIVERSITY), _HOST, audience=_GROUP
    ),
    EncounterType.ENTERPRISE_CHALLENGE: Defaults(_BM5, 120, _EMPLOYERS, places=3),
    EncounterType.EMPLOYER_SET_PROJECT: Defaults(_BM5, 60, _EMPLOYERS, audience=Audience.CLASS),
    EncounterType.STAFF_DEVELOPMENT: Defaults(Benchmark.CURRICULUM, 60, _EVERYONE),
}


class Content(TextChoices):
    """What a school must ask a provider to tell pupils (Education Act 1997 s.42B(2A)(b); rule R18)."""

    OFFER = "offer", "Who we are, and the courses and apprenticeships we offer"
    CAREERS = "careers", "The careers they might lead to"
    LEARNING = "learning", "What learning or training with us is like"
    QUESTIONS = "questions", "Answers to pupils' questions"


class Qualification(TextChoices):
    """What an asker represents. The first five are approved technical education or apprenticeships (rule R17)."""

    T_LEVEL = "t_level", "T Levels"
    APPRENTICESHIP = "apprenticeship", "Apprenticeships"
    DEGREE_APPRENTICESHIP = "degree_apprenticeship", "Degree apprenticeships"
    HTQ = "htq", "Higher Technical Qualifications"
    TECHNICAL = "technical", "Other approved technical qualifications"
    A_LEVEL = "a_level", "A levels"
    DEGREE = "degree", "Degrees"
    OTHER = "other", "Something else"


TECHNICAL_QUALIFICATIONS: Final = frozenset(
    {
        Qualification.T_LEVEL,
        Qualification.APPRENTICESHIP,
        Qualification.DEGREE_APPRENTICESHIP,
        Qualification.HTQ,
        Qualification.TECHNICAL,
    }
)


class RefusalGround(TextChoices):
    """Rule R31: the closed list a policy's grounds are chosen from. «Competes with our own provision» doesn't exist."""

    ALREADY_MET = "already_met", "We've met our need for this phase"
    DATE_CLASH = "date_clash", "Those dates don't work"
    EXAM_PERIOD = "exam_period", "Exam period"
    SAFEGUARDING_NOT_SATISFIED = "safeguarding_not_satisfied", "Safeguarding or ID checks aren't complete"
    NOT_RELEVANT = "not_relevant", "The content doesn't suit these pupils"
    NOT_A_PROVIDER = "not_a_provider", "You're not a provider of technical courses or apprenticeships"
    NO_CAPACITY = "no_capacity", "No room or staff on that day"
    OTHER = "other", "Another reason in our policy"


class PostponeReason(TextChoices):
    EXAM_PERIOD = "exam_period", "Exams or mock exams"
    TIMETABLE_FULL = "timetable_full", "The timetable is full until then"
    STAFF_ABSENCE = "staff_absence", "Staff absence"
    BUILDING_WORK = "building_work", "Building work"
    OTHER = "other", "Another reason"


class NotThisTerm(TextChoices):
    """Why a school isn't looking for technical providers this term."""

    ALREADY_MET = "already_met", "Our year groups have met providers already"
    TIMETABLE_FULL = "timetable_full", "The timetable is full"
    EXAM_PERIOD = "exam_period", "Exams"
    STAFF_CHANGE = "staff_change", "A change of careers leader"
    BUILDING_WORK = "building_work", "Building work"
    OTHER = "other", "Another reason"


class Shortfall(TextChoices):
    """How what happened was less than what was granted."""

    SHORTER = "shorter", "It was shorter"
    OTHER_AUDIENCE = "other_audience", "Fewer or other pupils came than agreed"
    OUTSIDE_LESSONS = "outside_lessons", "It was at lunchtime, or before or after school"
    DID_NOT_HAPPEN = "did_not_happen", "It didn't happen"
