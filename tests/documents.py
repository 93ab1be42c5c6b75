"""Documents that follow from the code: their tables are made here, and a test holds them to it.

`.venv/bin/python -m tests.documents` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import domain.portal  # noqa: F401 (its imports fill the catalogue)
from config import documented
from domain.event import CATALOGUE, Event
from projections.analysis_views import VIEWS
from projections.registry import all_projections

DOCS = Path(__file__).parent.parent / "docs"


def events() -> Iterator[str]:
    """This will give a table of every event there is."""
    yield "| event | topic | schema | says | sealed |"
    yield "| --- | --- | --- | --- | --- |"
    header = set(Event.__struct_fields__)
    for topic, event in sorted(CATALOGUE.items()):
        if not event.__module__.startswith("domain."):
            continue
        said = [name for name in event.__struct_fields__ if name not in header and name not in event.PERSONAL]
        yield (
            f"| {event.__name__} | `{topic}` | {event.SCHEMA} | {', '.join(said) or '–'} | {', '.join(event.PERSONAL) or '–'} |"
        )


def read_models() -> Iterator[str]:
    """This will give a section for each table of each projection."""
    for projection in all_projections(lambda purpose, message: b""):
        for table in projection.tables:
            yield f"## {table.name}"
            yield ""
            yield f"{table.meaning} Key: {', '.join(f'`{name}`' for name in table.key)}."
            yield ""
            yield "| column | type | what it holds | personal |"
            yield "| --- | --- | --- | --- |"
            for column in table.columns:
                yield f"| `{column.name}` | {column.type} | {column.meaning} | {'yes' if column.personal else ''} |"
            yield ""


def settings() -> Iterator[str]:
    """This will give a table of every setting."""
    yield "| setting | default | meaning |"
    yield "| --- | --- | --- |"
    for name, default, meaning in documented():
        yield f"| `{name}` | {f'`{default}`' if default else ''} | {meaning} |"


def analysis_views() -> Iterator[str]:
    """This will give a section for each view that analysts read by SQL."""
    for view in VIEWS:
        yield f"## {view.name}"
        yield ""
        yield view.meaning
        yield ""
        yield "| column | what it holds |"
        yield "| --- | --- |"
        for name, meaning in view.columns:
            yield f"| `{name}` | {meaning} |"
        yield ""
        yield "```sql"
        yield view.example + ";"
        yield "```"
        yield ""


MADE: dict[str, Callable[[], Iterator[str]]] = {
    "analysts.md": analysis_views,
    "events.md": events,
    "read-models.md": read_models,
    "settings.md": settings,
}
"""Document -> what stands between its two marks."""

MARKS = re.compile(r"(<!-- made -->\n).*?(<!-- /made -->)", re.DOTALL)


def written(name: str) -> str:
    """This will give the document as it stands."""
    return (DOCS / name).read_text()


def wanted(name: str) -> str:
    """This will give the document as it should stand."""
    made = "\n".join(MADE[name]()).rstrip() + "\n"
    return MARKS.sub(lambda marks: marks[1] + made + marks[2], written(name))


if __name__ == "__main__":
    for document in MADE:
        (DOCS / document).write_text(wanted(document))
