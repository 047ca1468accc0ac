"""For the tests of advice: the library itself, a finding of every kind, and what one person would be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from core.advice import Piece, fitting, parse_library
from core.history import as_of
from core.models import User
from core.patterns import Finding
from core.progress import Record
from tests.people import (
    moment,
    nth_day,
)

FOLDER = Path(__file__).parent.parent / "templates" / "advice"
FILES = {file.name: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.toml"))}
LIBRARY = parse_library(FILES)
GROUPS = [{"label": "before", "done": 20, "of": 22}, {"label": "since", "done": 3, "of": 14}]
EVIDENCE: Mapping[str, dict[str, Any]] = {
    "usual_time": {"minute": 375, "within30": [13, 14]},
    "varied_time": {"score": 0.7, "within30": [4, 14]},
    "two_slots": {"minutes": [400, 1200]},
    "weekend_time": {"minutes": 120},
    "time_later": {"minutes": 80},
    "time_earlier": {"minutes": -40},
    "weekend_weak": {"groups": GROUPS},
    "weekend_strong": {"groups": GROUPS},
    "weak_day": {"weekday": 6, "groups": GROUPS},
    "too_ambitious": {"days": []},
    "momentum_lost": {"from_day": "2026-11-20", "groups": GROUPS},
    "momentum_gained": {"from_day": "2026-11-20", "groups": GROUPS},
    "week2_dip": {"groups": GROUPS},
    "cooccur": {"habits": ["stretch", "daily-run"], "groups": GROUPS},
    "late_fail": {"minute": 1260},
}


def found(kind: str, habit: str, confidence: Any = "established") -> Finding:
    return Finding(kind, habit, confidence, date(2026, 11, 15), EVIDENCE[kind])


def pieces_for(
    user: User, n: int = 14, findings: Sequence[Finding] = (), status: Mapping[str, str] | None = None
) -> list[Piece]:
    now = moment(user, n, "04:30")
    known = as_of(user, now)
    return fitting(LIBRARY, known, Record(known, nth_day(user, n)), findings, status or {})


def remember(user: User, piece: Piece, n: int, **more: object) -> None:
    user.coaching_insights.given.append({**piece.given(nth_day(user, n), "digest"), **more})


def ids(pieces: Sequence[Piece]) -> set[str]:
    return {piece.id for piece in pieces}


def stances(pieces: Sequence[Piece]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for piece in pieces:
        out.setdefault(piece.habit, set()).add(LIBRARY.techniques[piece.technique].stance)
    return out
