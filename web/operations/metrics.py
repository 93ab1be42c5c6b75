"""Figures for Prometheus: what the web processes did, counted over all of them, and how each utility stands right now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

from falcon.asgi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from domain.difference_events import KINDS
from web.access.api_keys import EVERY_UTILITY
from web.journeys.refusals import NotAllowed
from web.journeys.visit import Visit
from web.services import Services, UtilityServices

REQUESTS = Counter("seed_http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "seed_http_request_seconds",
    "Seconds from a request's header to its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SHED = Counter("seed_shed", "Requests sent away before anything was done for them; not among those answered.", ["lane", "reason"])
IN_FLIGHT = Gauge("seed_in_flight", "Requests that have their turn.", ["lane"], multiprocess_mode="livesum")
QUEUED = Gauge("seed_queued", "Requests that wait for their turn.", ["lane"], multiprocess_mode="livesum")

REPLICA = Counter(
    "seed_replica_reads",
    "Reads that a replica may serve, by who did: the replica; or the primary, since the replica was behind or away.",
    ["served"],
)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """This will count an answer; `route` is the template, so that no number and no token becomes a label.

    A method that nobody answers to is counted as `other`: anybody can make names up, and each label is kept for ever.
    """
    REQUESTS.labels(method if method in METHODS else "other", route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def read_beside_replica(served: str) -> None:
    """This will count a read that a replica may serve: by the `replica`, or by the primary where that was `behind` or `away`."""
    REPLICA.labels(served).inc()


class Metrics:
    """GET /metrics"""

    def __init__(self, folder: Path | None) -> None:
        """`folder` is where the processes of one server keep their counts together; None where there is one process."""
        self._folder = folder

    async def on_get(self, req: Request, resp: Response) -> None:
        """This will give all figures, to an operator whose key opens every utility. Raises NotAllowed."""
        visit: Visit = req.context.visit
        if visit.api_key is None or visit.api_key.utility != EVERY_UTILITY:
            raise NotAllowed
        services: Services = req.context.deployment
        standing = [family async for family in _standing(services.utilities)]
        resp.content_type = CONTENT_TYPE_LATEST
        resp.data = self._counted() + generate_latest(_Given(standing))

    def _counted(self) -> bytes:
        if self._folder is None:
            return generate_latest(REGISTRY)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class _Given(CollectorRegistry):
    """A registry of figures that were collected already."""

    def __init__(self, families: Iterable[Metric]) -> None:
        super().__init__()
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


async def _standing(utilities: Sequence[UtilityServices]) -> AsyncIterator[Metric]:
    position = GaugeMetricFamily("seed_log_position", "Position of the last event in the log.", labels=["utility"])
    behind = GaugeMetricFamily("seed_follower_behind_events", "Events not yet followed.", labels=["utility", "follower"])
    behind_s = GaugeMetricFamily(
        "seed_follower_behind_seconds", "Since it moved, while there is more.", labels=["utility", "follower"]
    )
    mark = GaugeMetricFamily("seed_follower_mark", "Up to where it could read.", labels=["utility", "follower"])
    batch = GaugeMetricFamily("seed_follower_batch_events", "Events of the last batch.", labels=["utility", "follower"])
    taken = CounterMetricFamily("seed_follower_events", "Events that were taken.", labels=["utility", "follower"])
    parked = GaugeMetricFamily("seed_parked_aggregates", "Aggregates a read model leaves out.", labels=["utility", "follower"])
    skipped = GaugeMetricFamily("seed_skipped_aggregates", "Aggregates left out by decision.", labels=["utility", "follower"])
    count = GaugeMetricFamily("seed_waiting", "Work under way or due.", labels=["utility", "what"])
    oldest = GaugeMetricFamily("seed_waiting_oldest_seconds", "Since when the oldest waits.", labels=["utility", "what"])
    differ = GaugeMetricFamily("seed_open_differences", "Differences between the books.", labels=["utility", "kind"])
    for utility in utilities:
        view, code = utility.views.standing, utility.code
        position.add_metric([code], await view.end())
        for followed in await view.followers():
            named = [code, followed.name]
            behind.add_metric(named, followed.behind)
            behind_s.add_metric(named, followed.behind_s)
            mark.add_metric(named, followed.mark)
            batch.add_metric(named, followed.batch)
            taken.add_metric(named, followed.events)
        for left_out in await view.parked():
            parked.add_metric([code, left_out.follower], left_out.aggregates)
            skipped.add_metric([code, left_out.follower], left_out.skipped)
        for work in await utility.waiting():
            count.add_metric([code, work.what], work.count)
            oldest.add_metric([code, work.what], work.oldest_s)
        found = dict.fromkeys(KINDS, 0) | dict(await utility.views.differences.counts())
        for kind, number in found.items():
            differ.add_metric([code, kind], number)
    for family in (position, behind, behind_s, mark, batch, taken, parked, skipped, count, oldest, differ):
        yield family
