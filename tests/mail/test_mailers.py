"""The ways out: what the outbox keeps, and whose trouble a refusal is."""

from datetime import UTC, datetime

import pytest

from mail.mailers import REFUSALS_MOST, Outbox, Outcome, ServerWatch

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)


def test_what_the_mark_before_the_end_raises_goes_on_and_no_file_stays(tmp_path):
    def taken_over():
        raise LookupError

    with pytest.raises(LookupError):
        Outbox(tmp_path).hand_over(b"Subject: seven\r\n\r\n", "ana@example.org", "a.eml", taken_over)
    assert list(tmp_path.iterdir()) == []


REFUSED = Outcome("address", "rcpt: 550 5.1.1 no such person", is_refusal=True)


def test_a_server_that_refuses_everybody_ends_the_run_and_nobody_is_blamed():
    watch = ServerWatch()
    blamed = [watch.note(f"person-{n}", REFUSED, NOW) for n in range(REFUSALS_MOST)]
    assert blamed == [[], [], ["person-0", "person-1", "person-2"]]
    assert (watch.state, watch.since, watch.is_stopped) == ("refused", NOW, True)
    watch.begin()
    assert not watch.is_stopped, "the next run may try"
    assert watch.note("person-9", REFUSED, NOW) == ["person-9"]
    assert watch.is_stopped
    watch.note("person-9", Outcome("sent"), NOW)
    assert watch.state == "ok"


def test_one_address_refused_among_others_is_that_addresss_trouble():
    watch = ServerWatch()
    for n in range(10):
        assert watch.note("ben", REFUSED, NOW) == []
        assert watch.note(f"person-{n}", Outcome("sent"), NOW) == []
    assert (watch.state, watch.is_stopped) == ("ok", False)


def test_a_server_that_does_not_answer_ends_the_run_at_once():
    watch = ServerWatch()
    assert watch.note("ana", Outcome("server", "connect: refused"), NOW) == []
    assert (watch.state, watch.is_stopped) == ("unreachable", True)


def test_after_the_end_no_run_begins():
    watch = ServerWatch()
    watch.end()
    watch.begin()
    assert watch.is_stopped
