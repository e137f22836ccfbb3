"""Where the demo world must not go."""

import os
import subprocess
import sys
from datetime import datetime

import pytest
from django.core.management import CommandError, call_command

from brokerage.models import Slot
from config.demo import world as demo
from config.demo.clock import LONDON
from config.local import ROOT
from tests.factories import school


@pytest.mark.django_db
def test_a_database_with_organisations_is_left_alone() -> None:
    school()
    with pytest.raises(CommandError, match="already holds organisations"):
        call_command("load_demo")


def test_production_refuses_it_in_one_sentence() -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "doorway.example",
        "PUBLIC_URL": "https://doorway.example",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "load_demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert (
        done.stderr
        == "CommandError: The demo world isn't for production: its password is known to everyone.\n"
    )


@pytest.mark.slow
@pytest.mark.django_db
def test_it_loads_in_the_summer_holidays() -> None:
    """Two terms lie behind and the first weeks of September ahead."""
    august = datetime(2027, 8, 1, 11, 0, tzinfo=LONDON)
    demo.load(now=august)
    ahead = Slot.objects.filter(starts_at__gt=august, taken__gt=0)
    assert {slot.starts_at.month for slot in ahead} == {9}
