"""Doorway's own style sheet."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders

# Words inside drawings are laid out in the drawing's own units.
IN_DRAWINGS = re.compile(r"\.dw-mark__text|\.dw-door__letter")


def test_type_grows_with_the_browsers_own_text_size() -> None:
    css = Path(str(finders.find("doorway/doorway.css"))).read_text()
    fixed = [
        line
        for line in css.splitlines()
        if re.search(r"font(-size)?:[^;]*\dpx", line) and not IN_DRAWINGS.search(line)
    ]

    assert fixed == []
