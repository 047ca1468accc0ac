"""What needs root, a system's tools or a terminal: the service units, another user's folder, Ctrl-C."""

import os
import pty
import select
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.mail_servers import free_port
from tests.programs import ROOT, environment, refused, run

pytestmark = pytest.mark.system

CTRL_C = b"\x03"
PATIENCE_SECONDS = 90


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy").glob("*.service")), ids=lambda unit: unit.name)
def test_systemd_accepts_the_units(unit):
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_folder_that_is_mounted_read_only_is_named_and_nothing_is_written(tmp_path):
    script = f"mount -t tmpfs -o ro,size=1m tmpfs {tmp_path} && exec .venv/bin/python manage.py dump -"
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script],
        cwd=ROOT,
        env=environment(tmp_path / "data"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "cannot be written (Read-only file system); choose another with XP_DATA_DIR" in refused(done)


def test_on_a_full_disk_there_is_no_letter_rather_than_two(tmp_path):
    work = f"exec {sys.executable} -m tests.workers on_a_full_disk {tmp_path}"
    script = f"mount -t tmpfs -o size=3m tmpfs {tmp_path} && {work}"
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    before_the_claim, after_it, with_room, later = "0 unclaimed", "0 retry", "1 sent", "0 sent"
    after_the_mark, made_good = "1 sent, 1 kept", "1 sent, 3 kept"
    said = [before_the_claim, after_it, with_room, later, after_the_mark, made_good, "3 delivered"]
    assert done.stdout.strip() == ", ".join(said), done.stdout + done.stderr


def _read_until(terminal: int, word: bytes) -> bytes:
    said = b""
    while word not in said:
        ready, _, _ = select.select([terminal], [], [], PATIENCE_SECONDS)
        assert ready, said.decode(errors="replace")
        said += os.read(terminal, 4096)
    return said


def test_make_run_starts_both_programs_and_ends_them_cleanly_on_ctrl_c(tmp_path: Path):
    port = free_port()
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execvpe("make", ["make", "run", f"PORT={port}"], environment(tmp_path / "data"))
    said = _read_until(terminal, b"Uvicorn running on")
    assert f"http://localhost:{port}".encode() in said
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
        assert answer.status == 200
    os.write(terminal, CTRL_C)
    said = _read_until(terminal, b"app.1 stopped")
    os.waitpid(child, 0)
    assert b"Traceback" not in said
    assert b"the scheduler has ended" in said
    assert not run("manage.py", "dump", "-", folder=tmp_path / "data").returncode
