"""Lines point to places in files and to web pages in the ways tools write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.reference import FileReference, Reference, WebReference, references


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("src/app.py:12: error", [FileReference(path="src/app.py", line=12)]),
        ("./web/a-b.tsx:3:14", [FileReference(path="./web/a-b.tsx", line=3, column=14)]),
        ("/abs/x.rs:1:2", [FileReference(path="/abs/x.rs", line=1, column=2)]),
        ("src/a.ts(12,3): error TS2322", [FileReference(path="src/a.ts", line=12, column=3)]),
        ('  File "/srv/my app/x.py", line 7, in f', [FileReference(path="/srv/my app/x.py", line=7)]),
        ("    at run (/app/index.js:10:5)", [FileReference(path="/app/index.js", line=10, column=5)]),
        ("listening on http://localhost:3000/.", [WebReference(url="http://localhost:3000/")]),
        ("(see https://e.com/a?b=c#d)", [WebReference(url="https://e.com/a?b=c#d")]),
        ("at 12:30 it was 10:1", []),
        ("javascript:alert(1) ftp://e.com/x", []),
        ("main.go:9 and util.go:10", [FileReference(path="main.go", line=9), FileReference(path="util.go", line=10)]),
    ],
)
def test_places_are_found_in_order(text: str, found: list[Reference]) -> None:
    assert references(text) == found


@given(st.text(alphabet="/a.:1(", max_size=3000))
def test_no_text_takes_long_or_raises(text: str) -> None:
    references(text)
