"""Whether this project may build in its region: Cloud Build restricts some projects to a few regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.google_apis import GoogleApis
from infra.verdicts import Check, Unknown

OPEN_TO_ALL = frozenset(
    {"asia-east1", "australia-southeast1", "europe-west1", "southamerica-east1", "us-central1", "us-west2"}
)
"""Where every project may build (cloud.google.com/build/docs/locations, read November 2026)."""
_REFUSALS = ("quota restrictions", "concurrent builds quota")


def checks(apis: GoogleApis, wanted: Mapping[str, Any]) -> list[Check]:
    """The checks of this module."""
    region = wanted["region"]
    return [
        Check(
            f"this project may build in {region}",
            lambda: _refused(apis, region),
            'make the build of docs/deploy.md, "Before the first apply". If it is refused, ask Google to allow it, or'
            f" choose one of {', '.join(sorted(OPEN_TO_ALL))}: functions are built in their own region",
        )
    ]


def _refused(apis: GoogleApis, region: str) -> Iterator[str]:
    """One build that succeeded there is the proof."""
    if region in OPEN_TO_ALL:
        return
    page = apis.get(f"cloudbuild.googleapis.com/v1/projects/{apis.project}/locations/{region}/builds", pageSize=100)
    builds = page.get("builds", [])
    if any(build["status"] == "SUCCESS" for build in builds):
        return
    told = [f"{build.get('statusDetail', '')} {build.get('failureInfo', {}).get('detail', '')}" for build in builds]
    if refusals := [text.strip() for text in told if any(words in text for words in _REFUSALS)]:
        yield refusals[0]
    else:
        raise Unknown(f"no build has succeeded there yet, of {len(builds)}")
