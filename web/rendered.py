"""Answers that are given again, for as long as what they were made of is the same to the byte."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

MOST = 256
"""Answers of one process: some megabytes."""

LASTS = 60.0
"""Seconds that one is kept: somebody's data are in no process for longer than a minute after they were asked for."""


class _Made(NamedTuple, Generic[T]):
    of: Hashable
    answer: T
    at: float


class Rendered(Generic[T]):
    """What one process made last. Nothing is believed: whoever asks has read what the answer is to be made of, and says it."""

    def __init__(self, most: int = MOST, lasts: float = LASTS) -> None:
        self._most = most
        self._lasts = lasts
        self._made: OrderedDict[Hashable, _Made[T]] = OrderedDict()
        self._forgets: asyncio.TimerHandle | None = None

    def find(self, key: Hashable, of: Hashable) -> T | None:
        """This will give the answer that was made for the key, where it was made of the same."""
        made = self._made.get(key)
        return made.answer if made is not None and made.of == of else None

    def keep(self, key: Hashable, of: Hashable, answer: T) -> T:
        """This will keep an answer for a minute, in the place of the key's former one, and give it."""
        now = asyncio.get_running_loop().time()
        self._made.pop(key, None)
        self._made[key] = _Made(of, answer, now)
        if len(self._made) > self._most:
            self._made.popitem(last=False)
        if self._forgets is None:
            self._forgets = asyncio.get_running_loop().call_later(self._lasts, self._forget)
        return answer

    def _forget(self) -> None:
        """This will let go of what is old, and come again when the next one will be."""
        loop = asyncio.get_running_loop()
        self._forgets = None
        while self._made:
            eldest = next(iter(self._made.values()))
            left = eldest.at + self._lasts - loop.time()
            if left > 0:
                self._forgets = loop.call_later(left, self._forget)
                return
            self._made.popitem(last=False)
