"""/api/v1/profile"""

from __future__ import annotations

from shared.records.people import ProfileUpdate, UserProfile
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ANYONE
from shared.workflows import profiles

api = Api("profile")


@api.get("/", roles=ANYONE)
def get(clinic: Clinic) -> UserProfile:
    """Get the caller's own profile."""
    return profiles.get(clinic)


@api.put("/", roles=ANYONE, changes=False)
def put(clinic: Clinic, wanted: ProfileUpdate) -> UserProfile:
    """Write the caller's own profile: the first time without If-Match, then over the revision that the caller saw."""
    return profiles.put(clinic, wanted)


main = api.function()
