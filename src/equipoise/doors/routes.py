"""The paths of the wire: what each asks for, in all the spellings that clients use."""

from typing import Literal

import msgspec

from equipoise.arrive.segment import Call

Does = Literal[
    "take",
    "measure",
    "pixel",
    "settings",
    "source_config",
    "decide",
    "page",
    "health",
    "metrics",
    "version",
    "openapi",
    "docs",
]
"""What the door does for a request."""


class Route(msgspec.Struct, frozen=True):
    """One path with one method: what is done, and which call its items are.

    `history` marks items of the past, which open no moments.
    """

    does: Does
    call: Call = "batch"
    history: bool = False


CALLS: tuple[Call, ...] = ("track", "identify", "page", "screen", "group", "alias")
"""The calls that have a path of their own, and one of one letter."""


def _posts() -> dict[str, Route]:
    taken: dict[str, Route] = {
        "/batch": Route("take"),
        "/b": Route("take"),
        "/batch/b": Route("take"),
        "/import": Route("take", history=True),
        "/merge": Route("take", "merge"),
        "/m": Route("measure"),
    }
    for call in CALLS:
        taken[f"/{call}"] = taken[f"/{call[0]}"] = Route("take", call)
    return taken


BARE: dict[str, Route] = _posts()
"""POST paths as some clients write them, without `/v1`."""

PATHS: dict[str, dict[str, Route]] = {
    **{f"/v1{path}": {"POST": route} for path, route in BARE.items()},
    "/beacon/v1/batch": {"POST": Route("take")},
    "/pixel/v1/track": {"GET": Route("pixel", "track")},
    "/pixel/v1/page": {"GET": Route("pixel", "page")},
    "/sourceConfig": {"GET": Route("source_config")},
    "/v1/decide": {"POST": Route("decide")},
    "/health": {"GET": Route("health")},
    "/metrics": {"GET": Route("metrics")},
    "/version": {"GET": Route("version")},
    "/openapi.json": {"GET": Route("openapi")},
    "/docs": {"GET": Route("docs")},
}
"""Path, then method, then what is done."""
PATHS["/v1/page"]["GET"] = Route("page")

_SETTINGS = {"GET": Route("settings")}


def methods_of(path: str) -> dict[str, Route] | None:
    """What each method does at this path; None where the path is not on the wire at all.

    An unknown path under `/v1/` has no methods. A slash at the end makes no difference.
    """
    found = PATHS.get(path)
    if found is not None:
        return found
    if path.endswith("/") and len(path) > 1:
        return methods_of(path.rstrip("/") or "/")
    if path in BARE:
        return {"POST": BARE[path]}
    if path.startswith(("/v1/projects/", "/projects/")) and path.endswith("/settings"):
        return _SETTINGS
    return {} if path.startswith("/v1/") else None
