"""The registry knows every projection: one that it does not know is never followed, released or rebuilt."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import projections
from projections.projection import Projection
from projections.registry import all_projections


def written(base: type[Projection] = Projection) -> Iterator[type[Projection]]:
    """Every projection class of the room that has a name."""
    for cls in base.__subclasses__():
        if "name" in vars(cls) and cls.__module__.startswith("projections."):
            yield cls
        yield from written(cls)


class TheRegistry:
    def test_knows_every_projection(self):
        for module in pkgutil.iter_modules(projections.__path__, "projections."):
            importlib.import_module(module.name)
        known = {type(projection) for projection in all_projections(lambda purpose, message: b"")}
        forgotten = [f"{cls.__module__}.{cls.__name__}" for cls in written() if cls not in known]
        assert not forgotten, f"{', '.join(forgotten)} has no line in projections/registry.py"

    def test_gives_each_a_name_of_its_own(self):
        names = [projection.name for projection in all_projections(lambda purpose, message: b"")]
        assert len(set(names)) == len(names)
