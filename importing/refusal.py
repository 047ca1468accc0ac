"""What every reader of a history shares: the refusal, the limits, and the words for what can be read."""

from __future__ import annotations

from core.catalogue import N_, _

DISK_BYTES = 200_000_000  # of a file or folder that is given; ten years of fifty habits are below 20 MB
UNPACKED_BYTES = 500_000_000  # of the tables in an archive
HABITS = 2_000
COLUMNS = 2 * HABITS  # of one table: a name may have commas in it
ROWS = 200_000  # of one table
CELLS = 2_000_000  # of one table: ten years of 500 habits
ENTRIES = 500_000  # that are kept

READS = N_(
    "what is read is Loop Habit Tracker's CSV export (its .zip, folder or Checkmarks.csv) or its backup (.db), "
    "and Strong's CSV export"
)


class ImportRefused(ValueError):
    """A history that cannot be imported; the message is one sentence that names the file and the remedy."""


def check_limit(count: int, most: int, what: str, name: str) -> None:
    """Raises ImportRefused when there is more of something in the file `name` than is read."""
    if count > most:
        raise ImportRefused(
            _("{name} has {n:,} {what}, more than the {most:,} that are read; give a smaller export").format(
                name=name, n=count, what=_(what), most=most
            )
        )
