"""An info page for the gallery, as a utility might write it."""

from __future__ import annotations

from datetime import UTC, datetime

from projections.info_pages import InfoPageRow
from web.journeys import markdown, standard_info
from web.journeys.info_page import InfoRead, InfoShown

SOURCE = """# Where to find us

- **Kisumu**, Oginga Odinga Street 14, Monday to Friday, 8:00 to 17:00
- **Siaya**, beside the market, Tuesdays and Thursdays

## What power costs

| Tariff | per kWh | per month |
| --- | --- | --- |
| Home, up to 100 kWh | KES 12.20 | – |
| Home, above | KES 16.30 | – |
| Business | KES 15.60 | KES 150.00 |

> Planned work: [this week's list](https://lakeside.example/works).

Something is wrong with your meter? [Ask us](/requests/new), or call [+254 20 555 0100](tel:+254205550100).
"""


def info_shown() -> InfoShown:
    """A page that a utility wrote itself."""
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    row = InfoPageRow(language="en", edition=4, source=SOURCE, published_at=at, published_by="staff:wanjiku")
    return InfoShown(row=row, html=markdown.html(SOURCE))


def info_read() -> InfoRead:
    """That page, as a reader finds it."""
    return InfoRead(language="en", html=markdown.html(SOURCE))


def info_of_ours() -> InfoRead:
    """The page where the utility has written none."""
    return InfoRead(language="en", html=markdown.html(standard_info.source("en", 25)))
