"""How a client takes its answers encoded."""

from __future__ import annotations

import re

WEIGHT = re.compile(r"q\s*=\s*(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


def takes_gzip(accepted: str | None) -> bool:
    """This will read an Accept-Encoding header (RFC 9110, section 12.5.3); what cannot be read is not accepted."""
    weights: dict[str, float] = {}
    for part in (accepted or "").lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        if not parameters:
            weights[coding] = 1.0
        elif len(parameters) == 1 and WEIGHT.fullmatch(parameters[0]):
            weights[coding] = float(parameters[0].partition("=")[2])
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0
