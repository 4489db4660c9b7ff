"""Which of the forms we can produce a client likes best (RFC 9110, section 12.5.1)."""

from collections.abc import Iterator

from chassis.errors import NotAcceptable
from starlette.requests import Request

JSON = "application/json"
MARKDOWN = "text/markdown"


def preferred(request: Request, *offers: str) -> str:
    """The offer with the highest quality, the first one among equals. Raises NotAcceptable when none is accepted."""
    ranges = list(_ranges(",".join(request.headers.getlist("accept")) or "*/*"))
    quality, best = max(((_quality(offer, ranges), offer) for offer in offers), key=lambda rated: rated[0])
    if quality == 0:
        raise NotAcceptable(f"This can be had as {' or '.join(offers)}.")
    return best


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if media_range:
            weights = [value[2:] for value in parameters if value.startswith("q=")]
            yield media_range, _weight(weights[0]) if weights else 1.0


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0


def _quality(offer: str, ranges: list[tuple[str, float]]) -> float:
    """The weight of the most specific range that covers the offer; 0 when none does."""
    for covering in (offer, offer.split("/")[0] + "/*", "*/*"):
        for media_range, weight in ranges:
            if media_range == covering:
                return weight
    return 0.0
