"""The house stays as README draws it, and the guides say what is so: rooms, imports, settings, commands, numbers."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from accounts.attempts import ACCOUNT, NETWORK, SIGN_IN
from accounts.sessions import LASTS
from catalogues import LOCALES, read_catalogue
from core.coach.advising.beliefs import BOLD_FROM, BY_RANK, PRIOR_MEAN, PRIOR_SD
from core.coach.advising.outcomes import PRESUMED, WINDOWS_FEWEST
from core.coach.statistics.day_kinds import HALF_MONTHLY_ODDS, TooAmbitious
from core.coach.statistics.evidence import DAYS_LOOKED_AT
from core.models import DIGEST_TIMES
from core.progress import HALF_LIFE_DAYS, XP_COMPLETION, XP_PERFECT_DAY, XP_STREAK_MOST
from notifications import RETRY_MINUTES
from routes.uploads import COMING_MOST, OCTETS_MOST, PACE, PATIENCE
from screens.profile_rooms.bring_along import MEGABYTES
from settings import Settings
from tests.programs import run
from translate import forms_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

LAYERS = ("programs", "faces", "engines", "doors", "core")
MAIL_ENGINES = {"daily_digest", "drip_campaigns"}
LOOKS_AT_NEIGHBOURS = {"faces", "doors", "core"}  # programs and engines do not import each other
# A program that shows another at work, the coach with its night, and the engine that the two mail engines ask for its
# sentence.
ALLOWED_BESIDE = {("demo", "scheduler_service"), ("coaching_engine", "night")}
ALLOWED_BESIDE |= {(engine, "coaching_engine") for engine in MAIL_ENGINES}


def rooms() -> dict[str, str]:
    """Each room of README's map and the layer it stands in."""
    found, layer = {}, ""
    for line in README.splitlines():
        if heading := re.match(r"\| \*\*(\w+)\*\* \|", line):
            layer = heading.group(1)
        elif layer and line.startswith("| `"):
            for name in re.findall(r"`([\w/]+?)(?:\.py|/)`", line.split("|")[1]):
                found[name] = layer
    return found


def modules() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [Path(name) for name in listed.stdout.splitlines() if not name.startswith(("tests/", "benchmarks/"))]


def room_of(module: Path) -> str:
    return module.parts[0] if len(module.parts) > 1 else module.stem


def imported(module: Path) -> set[str]:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module}
    return {name.partition(".")[0] for name in names}


def test_every_room_is_on_the_map_and_every_room_on_the_map_is_there():
    assert {room_of(module) for module in modules()} == rooms().keys() - {"templates"}
    assert set(rooms().values()) == set(LAYERS)


@pytest.mark.parametrize("module", modules(), ids=str)
def test_imports_run_down_only(module):
    layer_of = rooms()
    mine = room_of(module)
    depth = LAYERS.index(layer_of[mine])
    for other in imported(module) & layer_of.keys() - {mine}:
        below = LAYERS.index(layer_of[other])
        beside = below == depth and (layer_of[mine] in LOOKS_AT_NEIGHBOURS or (mine, other) in ALLOWED_BESIDE)
        sideways = {layer_of[mine], layer_of[other]} == {"faces", "engines"} and (mine, other) in FORMS
        assert below > depth or beside or sideways, f"{module} imports {other}"


# The questions' form is drawn by the engine that owns them: the one engine that knows a screen's pieces.
FORMS = {("onboarding", "screens")}


@pytest.mark.parametrize("module", [m for m in modules() if m.parts[0] == "core"], ids=str)
def test_the_core_is_pure(module):
    outside = {
        "os",
        "sys",
        "io",
        "pathlib",
        "random",
        "secrets",
        "time",
        "socket",
        "subprocess",
        "logging",
        "streamlit",
    }
    assert not imported(module) & outside
    source = (ROOT / module).read_text(encoding="utf-8")
    assert not re.search(r"\b(datetime\.now|date\.today|utcnow|open)\(", source)


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_module_says_in_its_first_sentence_what_it_is_for(module):
    said = ast.get_docstring(ast.parse((ROOT / module).read_text(encoding="utf-8")))
    assert said
    assert said.splitlines()[0].endswith(".")


@pytest.mark.parametrize("room", ["routes", "mail", "accounts", "store", "core"])
def test_every_module_of_a_room_is_on_the_map(room):
    there = {module.stem for module in modules() if module.parent == Path(room)} - {"__init__"}
    assert there == set(re.findall(r"`(\w+)`", README.split(f"In `{room}/`:")[1].split("\n\n")[0]))


def test_the_table_of_settings_has_each_with_its_default_and_no_other():
    rows = re.findall(r"^\| `XP_(\w+)` \| (?:`(.*?)`)? ?\|", README, re.MULTILINE)
    assert dict(rows) == {name.upper(): _written(field.default) for name, field in Settings.model_fields.items()}
    assert len(rows) == len(Settings.model_fields)


def _written(default: object) -> str:
    """A default as it would be written in the environment."""
    return "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)


DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
GUIDES = {document.name: document.read_text(encoding="utf-8") for document in DOCUMENTS}


def test_every_setting_and_command_that_is_named_is_there(tmp_path):
    usage = run("manage.py", "--help", folder=tmp_path).stdout
    commands = set(re.findall(r"\{([a-z,]+)\}", usage)[0].split(","))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    settings = {f"XP_{name.upper()}" for name in Settings.model_fields}
    beside = (ROOT / "Containerfile", *(ROOT / "deploy").iterdir())
    for name, text in (GUIDES | {file.name: file.read_text(encoding="utf-8") for file in beside}).items():
        assert set(re.findall(r"\bXP_[A-Z_]+\b", text)) <= settings, name
        assert set(re.findall(r"\bmanage\.py ([a-z]+)", text)) <= commands, name
        assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets, name
    assert set(re.findall(r"^\| `manage\.py ([a-z]+)", GUIDES["operators.md"], re.MULTILINE)) == commands


def _minutes(waits: tuple[int, ...]) -> str:
    return f"{', '.join(map(str, waits[:-1]))} and {waits[-1]} minutes"


MORNING, EVENING, FLEXIBLE = (DIGEST_TIMES[kind].removeprefix("0") for kind in ("morning", "evening", "flexible"))
NUMBERS = (
    ("users.md", f"You stay signed in on this browser for {LASTS.days} days"),
    ("users.md", f"{MORNING} in the morning, {EVENING} in the evening, {FLEXIBLE} if you are flexible"),
    ("users.md", f"at most {MEGABYTES} MB"),
    ("users.md", f"{XP_COMPLETION} for each completion, 1 more for each day of its streak up to {XP_STREAK_MOST}"),
    ("users.md", f"and {XP_PERFECT_DAY} for a day on which all that was due is done"),
    ("users.md", f"half of what it lacks in {HALF_LIFE_DAYS} days of doing it"),
    ("users.md", f"the last {DAYS_LOOKED_AT} days on which a habit was due"),
    ("operators.md", f"hashes of session tokens ({LASTS.days} days)"),
    ("operators.md", f"a wait of {SIGN_IN.first.seconds} seconds"),
    ("operators.md", f"up to {SIGN_IN.most.seconds // 60} minutes; {ACCOUNT.free} from all networks together"),
    ("operators.md", f"{NETWORK.free} from one network for all accounts"),
    ("operators.md", f"of one sign-in {OCTETS_MOST >> 20} MB may be on their way at once"),
    ("operators.md", f"of everybody {COMING_MOST >> 20} MB"),
    ("operators.md", f"{PACE >> 10} KiB a second by {PATIENCE:.0f} seconds"),
    ("operators.md", f"A letter that was tried waits {_minutes(RETRY_MINUTES)}"),
    ("advice.md", f"expected = {PRESUMED.intercept:.2f} + {PRESUMED.before:.2f} · before".replace("0.", ".")),
    ("advice.md", f"+ {PRESUMED.long_run:.2f} · long run residual SD {PRESUMED.sd:.2f}".replace("0.", ".")),
    ("advice.md", f"until an installation has {WINDOWS_FEWEST} windows of its own"),
    (
        "advice.md",
        f"mean {PRIOR_MEAN:.0f} and SD {PRIOR_SD:.0f}, and the editor's order moves a piece by {BY_RANK} points",
    ),
    ("advice.md", f"not at all below {BOLD_FROM} outcomes"),
    ("coach.md", f"odds of {TooAmbitious.odds:.0f} on any night, and of {HALF_MONTHLY_ODDS:.0f} at the end"),
)


@pytest.mark.parametrize(("document", "said"), NUMBERS)
def test_a_number_in_a_guide_is_the_one_in_force(document, said):
    assert said in " ".join(GUIDES[document].split())


# The sign on a button of the grid, and what other programs call their own.
NOT_A_TEXT = {"⋯", "Export data", "Habits.csv", "Checkmarks.csv", "Workout"}


@pytest.mark.parametrize("document", ["users.md", "operators.md"])
def test_what_a_guide_names_on_a_screen_or_in_a_letter_is_there(document):
    said = [text for message in read_catalogue(LOCALES / "de.po") for text in forms_of(message.id)]
    texts = {text.strip("*:?") for text in said}
    prose = re.sub(r"```.*?```|`[^`]*`|\*\*.*?\*\*", "", " ".join(GUIDES[document].split()))
    for named in re.findall(r"\*([^*]+)\*", prose):
        names = [named] if named in texts else named.split(", ")  # a way through screens has commas
        patterns = [re.escape(name.rstrip("?")).replace("…", r"\{\w+\}") for name in names if name not in NOT_A_TEXT]
        assert all(any(re.fullmatch(pattern, text) for text in texts) for pattern in patterns), named


def test_every_link_in_the_documents_leads_somewhere():
    for document in DOCUMENTS:
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", GUIDES[document.name]):
            file = document.parent / target if target else document
            assert file.exists(), f"{document.name} links to {target}"
            assert not anchor or anchor in _anchors(file.read_text(encoding="utf-8")), f"{document.name}: #{anchor}"


def _anchors(text: str) -> set[str]:
    """The names under which the headings of a document can be linked to, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_requirement_is_pinned_and_says_what_it_is_for():
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w-]+==[\w.]+(; [^#]+)? +# .+", line), line


def test_nothing_that_is_kept_names_a_path_of_another_machine():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    for name in listed:
        if name.endswith((".py", ".md", ".toml", ".words", ".txt", ".html", ".css", ".js", "Makefile")):
            text = (ROOT / name).read_text(encoding="utf-8") if (ROOT / name).exists() else ""
            assert not re.search(r"/(root|home)/\w+/", text), name
