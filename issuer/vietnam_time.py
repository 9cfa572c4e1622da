"""Vietnam's time: the days of doses, of attestations and of certificates are days there."""

from datetime import timedelta, timezone
from typing import Final

__all__ = ["VIETNAM"]

VIETNAM: Final = timezone(timedelta(hours=7))
"""Indochina Time; Vietnam has no summer time, and no other offset since 1975."""
