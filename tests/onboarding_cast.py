"""Ana, who is asked the seven questions: her answers and her wishes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
ANA = "ana-3f9a1c"
TRACKER = str(Path(__file__).parent.parent / "tracker.py")
ANSWERS: dict[str, Any] = {
    "life_goals": ["Sleep & Energy", "Mental Wellness"],
    "main_habit": " Meditate every morning ",
    "biggest_obstacle": "Motivation/discipline",
    "why_now": "I feel stressed at work",
    "timezone": "Asia/Tokyo",
    "chronotype": "evening",
    "success_factor": "A friend who asks",
}
WISHES: dict[str, Any] = {
    "digest_time": "20:00",
    "notifications_enabled": True,
    "day_ends_at": 0,
    "digest": True,
    "drip": True,
    "every": 1,
}
