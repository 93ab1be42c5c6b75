"""Documents that could drift are held to the code."""

import pytest

from tests.documents import MADE, MARKS, wanted, written


class ADocument:
    @pytest.mark.parametrize("name", MADE)
    def test_says_what_the_code_says(self, name):
        assert MARKS.search(written(name)), f"docs/{name} lost its marks"
        assert written(name) == wanted(name), f"docs/{name} is behind the code: run .venv/bin/python -m tests.documents"
