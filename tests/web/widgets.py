"""Every widget that does something: where the sources make one, and the rooms of a life in which each stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from core import planning, recording
from core.models import Refusal, User
from core.progress import today_of
from mail.ledger import Ledger, Owner
from storage import Store
from tests.web.tab import Tab, pressed, said_by

ROOT = Path(__file__).parent.parent.parent
BUTTONS = {"button", "form_submit_button", "download_button"}
# Keys that are not written where the widget is made: what they are.
NAMED_ELSEWHERE = {
    ("account", "key"): ["export"],
    ("advice_cards", "key"): ["back_.+", "trial_back_.+", "row_back_.+"],
    ("answers", "**"): ["pe_w_.+", "ob_w_.+"],
    ("grid", "key"): ["grid_.+"],
    ("habit_coach", "key"): ["habit_lift_.+", "habit_careful_.+", "habit_stop_.+", "habit_go_on_.+", r"habit_back_\d+"],
    ("habit_day", "key"): ["habit_value_.+"],
    ("habit_fields", "field_key('days')"): [r"hf\d+_days"],
    ("habit_fields", "field_key('kind')"): [r"hf\d+_kind"],
    ("habit_fields", "field_key('name')"): [r"hf\d+_name"],
    ("profile", "key"): ["coach_tone_.+"],
}
# What stands in no room of somebody who is signed in by our own cookie, and the tests that try it.
OF_NOBODY = {
    "sign_in": "before anybody is signed in: test_way_in.py",
    "arrival": "with a provider: test_openid.py",
    "account export": "without web.py, where there is no other way in either",
    "bring_along bring_go": "once a file has come: tests/screens/test_bring_along.py",
}


def sites() -> Iterator[tuple[str, str]]:
    """Each place in the sources at which a widget is made that does something: its module and its key, as a pattern."""
    for path in [*sorted(ROOT.glob("screens/**/*.py")), ROOT / "onboarding.py"]:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and _acts(call):
                for key in _keys(path.stem, call):
                    if path.stem not in OF_NOBODY and f"{path.stem} {key}" not in OF_NOBODY:
                        yield path.stem, key


def _acts(call: ast.Call) -> bool:
    """Whether a call makes a button, or hands on what is to be done when somebody says something."""
    function, given = ast.unparse(call.func), [word.arg or "**" for word in call.keywords]
    if function.rpartition(".")[2] in BUTTONS or ("**" in given and function.startswith("st.")):
        return True
    return "key" in given and any(word.startswith("on_") for word in given)


def _keys(module: str, call: ast.Call) -> list[str]:
    """The patterns of its key; a key that is no words here has to be named above."""
    key = next((word.value for word in call.keywords if word.arg == "key"), None)
    if isinstance(key, ast.Constant):
        return [re.escape(str(key.value))]
    if isinstance(key, ast.JoinedStr):
        return ["".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in key.values)]
    return NAMED_ELSEWHERE[module, ast.unparse(key) if key else "**"]


# --- the rooms


@dataclass(frozen=True)
class Room:
    """A screen of a person, what their life is like when they open it, and what they press there."""

    page: str
    query: str = ""
    life: Callable[[User, datetime], None] = lambda _user, _now: None
    presses: tuple[str, ...] = ()
    says: tuple[dict[str, object], ...] = ()  # to the grid
    zone: str = ""  # of the browser


def _paused(user: User, now: datetime) -> None:
    today = today_of(user, now)
    planning.pause(user, today - timedelta(days=9), today - timedelta(days=8), habit="read")
    planning.pause(user, today, today + timedelta(days=2), habit="read")
    planning.pause(user, today, today + timedelta(days=2))


def _of_old(user: User, now: datetime) -> None:
    began = today_of(user, now) - timedelta(days=800)
    planning.add_habit(user, "Lift weights", planning.on_weekdays(began, [0, 2]), today=began)
    habit = user.habits[-1]
    habit.note_until = habit.rate_until = today_of(user, now) + timedelta(days=9)
    habit.cue = "pour the coffee"
    recording.tick(user, habit.id, today_of(user, now), now=now)
    day = (today_of(user, now) - timedelta(days=9)).isoformat()
    applied = {"day": day, "done": "Its cue: pour the coffee", "was": {"cue": "", "now": "pour the coffee"}}
    taken = {"id": "stack", "technique": "stack", "action": "set_cue", "habit": habit.id, "day": day}
    user.coaching_insights.given.append({**taken, "channel": "screen", "applied": applied})


def _weak_on_weekends(user: User, now: datetime) -> None:
    """A first sign: every weekday, and four of eight days of the weekends."""
    today, weekends = today_of(user, now), 0
    began = today - timedelta(days=28)
    planning.add_habit(user, "Stretch", planning.every_day(began), today=began)
    for n in range(28):
        day = began + timedelta(days=n)
        weekends += day.weekday() > 4
        if day.weekday() < 5 or weekends > 4:
            recording.tick(user, "stretch", day, now=now - timedelta(days=28 - n))


def _lifted(user: User, _now: datetime) -> None:
    user.habits[-1].lifted = ["food"]


def _advised(user: User, now: datetime) -> None:
    """Pieces taken up today, two weeks ago with an outcome, and two weeks ago without."""
    for name, days, outcome in (
        ("weekend-in-small", 0, {}),
        ("spare-hour", 16, {"before": [4, 10], "after": [7, 10], "expected": 0.5, "sd": 0.1, "state": "known"}),
        ("hour-is-yours", 5, {}),
    ):
        day = (today_of(user, now) - timedelta(days=days)).isoformat()
        applied = {"day": day, "done": "Its two-minute version", "was": {"small": "", "now": "one page"}}
        head = {
            "id": name,
            "technique": "small",
            "action": "set_small",
            "habit": "read",
            "day": day,
            "text": "One page",
        }
        kept = {"outcome": {**outcome, "day": day}} if outcome else {}
        user.coaching_insights.given.append(
            {**head, "text": "One page", "channel": "screen", "applied": applied, **kept}
        )
    user.habit("read").small = "one page"


def _refused(user: User, now: datetime) -> None:
    user.email_refused = Refusal(address=user.email, at=now, reason="550 no such person")


def _on_the_board(user: User, _now: datetime) -> None:
    user.coaching_profile.leaderboard = True


def _unasked(user: User, _now: datetime) -> None:
    answers = user.coaching_profile.model_dump(include={"life_goals", "timezone"})
    user.onboarding_draft = {**answers, "main_habit": "Read", "biggest_obstacle": "Time", "chronotype": "evening"}
    user.onboarding_draft |= {"why_now": "so", "success_factor": "so", "step": 1}
    user.coaching_profile.onboarding_complete = False


def _all_answered(user: User, _now: datetime) -> None:
    user.onboarding_draft["step"] = 7


def rooms(yesterday: date) -> list[Room]:
    """All of them, in an order in which one life leads to the next."""
    tap = {"seq": 1, "habit": "write", "day": yesterday.isoformat(), "act": "tick"}
    elsewhere = "Pacific/Kiritimati"
    return [
        Room("", presses=("new_habit",)),
        Room("", says=(tap, {**tap, "seq": 2, "act": "untick"})),
        Room("", says=({**tap, "act": "edit"},)),
        Room("", presses=("earlier",)),
        Room("progress"),
        Room("coaching"),
        Room("coaching", life=_advised),
        Room("coaching", life=_weak_on_weekends),
        Room("profile", zone=elsewhere),
        Room("profile", "room=Letters", life=_refused),
        Room("profile", "room=Account"),
        Room("together"),
        Room("together", life=_on_the_board, presses=("together_earlier",)),
        Room("habit", "habit=old-one"),
        Room("habit", "habit=water"),
        Room("habit", "habit=read", life=_paused),
        Room(""),
        Room("profile"),
        Room("habit", "habit=lift-weights", life=_of_old, presses=("habit_edit", "habit_years_back_earlier")),
        Room("habit", "habit=lift-weights", life=_lifted),
        Room("", life=_unasked),
        Room("", life=_all_answered),
    ]


def look_around(room: Room, tab: Tab) -> dict[str, str]:
    """The widgets that stand in a room, once all is pressed that leads to more of them."""
    tab.open(room.page, room.query, room.zone)
    if room.says:
        [grid] = [one for one in tab.widgets if key_of(one).startswith("grid_")]
        tab.use(said_by(grid, {"ops": room.says}), page=room.page, query=room.query)
    for press in room.presses:
        [button] = [one for one in tab.widgets if re.fullmatch(press, key_of(one))]
        tab.use(pressed(button), page=room.page, query=room.query)
    return dict(sorted(tab.widgets.items(), key=lambda item: "sign_out" in item[0]))


def key_of(widget_id: str) -> str:
    """The key in the id that Streamlit gives to a widget."""
    return re.sub(r"^\$\$ID-\w+-", "", widget_id)


@contextmanager
def letters_of(store: Store, user_id: str, now: datetime) -> Iterator[None]:
    """While the block runs, so many letters that not all of them are shown at first."""
    with closing(Owner(store.folder / "owners")) as owner:
        ledger = Ledger(store.records, owner)
        for n in range(40):
            day = (now - timedelta(days=n)).date().isoformat()
            assert ledger.claim(user_id, f"digest-{day}", now=now, went=None)
            ledger.settle(user_id, f"digest-{day}", "skipped", now=now, covers=day, reason=f"none on {day}")
    yield
    for key in store.records.keys("ledger", user_id):
        store.records.delete("ledger", key)
