"""Figures for the landing page's live strip: true ones, or none."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from brokerage.accounts.models import Kind, Organisation
from brokerage.models import Claim, EncounterNeed, Listing
