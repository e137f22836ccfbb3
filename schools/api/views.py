from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from brokerage.accounts.models import Kind, Organisation
from brokerage.api.schema import describes
from brokerage.api.views.base import MemberView, body
from brokerage.domain.slots import LONDON
from schools.api import evidence
from schools.api import policies as shapes
from schools.domain import policies
from schools.models import School
from schools.queries import policies as query
from schools.queries import provider_access


class Policy(MemberView):
    def answer(self, request: Request, school: Organisation) -> Response:
        """What is published is everybody's; a school without is there for its own people alone."""
        is_own = school.pk == self.by.organisation_id
        found = query.of(school.pk, self.at.astimezone(LONDON).date())
        if not is_own and found.published is None:
            raise NotFound
        slug = School.objects.filter(organisation=school).values_list("slug", flat=True).first()
        return Response(shapes.answer(found, school, slug, request, is_own=is_own))

    def school(self, school_id: UUID) -> Organisation:
        return get_object_or_404(Organisation, public_id=school_id, kind=Kind.SCHOOL)

    @describes(
        "A school's provider access policy statement", answers={200: shapes.PolicyOut}, name="policy_read"
    )
    def get(self, request: Request, school_id: UUID) -> Response:
        return self.answer(request, self.school(school_id))

    @describes(
        "Replace your school's draft, and publish it if you say so",
        request=shapes.PolicyIn,
        answers={200: shapes.PolicyOut},
        conflicts="`school_not_verified`, `nothing_to_publish`.",
        refuses={400: "`policy_incomplete`: nothing is saved either."},
        name="policy_replace",
    )
    def put(self, request: Request, school_id: UUID) -> Response:
        """The version that is published stays as it is until the next is. The same again changes nothing."""
        school = get_object_or_404(
            Organisation, public_id=school_id, pk=self.by.organisation_id, kind=Kind.SCHOOL
        )
        said = body(shapes.PolicyIn, request)
        verb = policies.publish if said["publish"] else policies.save_draft
        verb(fields=shapes.fields(said, self.by), by=self.by, at=self.at)
        return self.answer(request, school)


class ProviderAccess(MemberView):
    @describes(
        "What each cohort has had, what is booked, what is missing and why something didn't count",
        answers={200: evidence.ProviderAccessOut},
        name="provider_access_read",
    )
    def get(self, request: Request, school_id: UUID) -> Response:
        """For the school, its trust and its careers hub."""
        ours = (
            Q(pk=self.by.organisation_id) | Q(hub=self.by.organisation_id) | Q(trust=self.by.organisation_id)
        )
        school = get_object_or_404(Organisation, ours, public_id=school_id, kind=Kind.SCHOOL)
        found = provider_access.of(school, today=self.at.astimezone(LONDON).date())
        if found is None:
            raise NotFound
        return Response(evidence.answer(found))
