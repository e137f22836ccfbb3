from schools.models.cohort import Cohort, CohortRoll, PupilGroup
from schools.models.policy import ProviderAccessPolicy
from schools.models.school import School
from schools.models.season import Season

__all__ = ["Cohort", "CohortRoll", "ProviderAccessPolicy", "PupilGroup", "School", "Season"]
