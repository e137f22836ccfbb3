from schools.models.cohort import Cohort, CohortRoll, PupilGroup
from schools.models.school import School

__all__ = ["Cohort", "CohortRoll", "PupilGroup", "School"]
