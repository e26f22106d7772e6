"""Words, tables and progress, on a terminal and in a log."""

import builtins
import sys
from io import StringIO

import pytest

from retention.cli import screen as module
from retention.cli.phases import Phases
from retention.cli.screen import Column, Screen, bar, cells_wide, clip, pad


@pytest.mark.parametrize(("text", "width"), [("", 0), ("abc", 3), ("신규 고객", 9), ("é", 1), ("e\u0301", 1), ("█", 1)])
def test_width_on_a_terminal(text: str, width: int) -> None:
    assert cells_wide(text) == width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [("dormant", 7, "dormant"), ("dormant", 6, "dorma…"), ("신규 고객", 9, "신규 고객"), ("신규 고객", 6, "신규 …")],
)
def test_text_is_cut_to_a_width(text: str, width: int, expected: str) -> None:
    assert clip(text, width) == expected


def test_text_is_filled_to_a_width() -> None:
    assert (pad("신규", 6), pad("7", 3, "right")) == ("신규  ", "  7")


@pytest.mark.parametrize(
    ("share", "expected"), [(0, ""), (1, "████"), (0.5, "██"), (0.53125, "██▏"), (0.0001, "▏"), (2, "████")]
)
def test_a_bar_is_drawn_to_an_eighth(share: float, expected: str) -> None:
    assert bar(share, 4) == expected


def test_a_table_is_aligned() -> None:
    out = StringIO()
    rows = [("신규", "1,204", "joined within 7 days"), ("dormant", "7", "")]
    Screen(out).table((Column("segment"), Column("customers", "right"), Column("")), rows)
    assert out.getvalue().splitlines() == [
        "segment  customers",
        "신규         1,204  joined within 7 days",
        "dormant          7",
    ]


def test_the_column_that_gives_is_cut_to_the_width() -> None:
    out = StringIO()
    Screen(out, width=30).table(
        (Column(""), Column("", gives=True)), [("dormant", "last ordered 90 days ago or longer")]
    )
    assert out.getvalue() == "dormant  last ordered 90 days…\n"


def test_a_table_without_rows_is_its_titles() -> None:
    out = StringIO()
    Screen(out).table((Column("a"), Column("b")), [])
    assert out.getvalue() == "a  b\n"


def test_colour_is_escape_codes_around_what_is_not_blank() -> None:
    assert Screen(StringIO(), colour=True).styled("x", "green") == "\x1b[32mx\x1b[0m"
    assert Screen(StringIO(), colour=True).styled("  ", "green") == "  "
    assert Screen(StringIO()).styled("x", "green") == "x"


def test_a_heading_is_ruled() -> None:
    out = StringIO()
    Screen(out).heading("Segments", "29 asked of 2,463 households")
    assert out.getvalue() == "\nSegments  29 asked of 2,463 households\n" + "─" * 38 + "\n"


def test_progress_in_a_log_speaks_after_a_silence_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    out = StringIO()
    with Screen(out).progress("building", "lines") as advance:
        for second in range(0, 26, 4):
            now[0] = second
            advance(second * 100, 2600)
        now[0] = 26
        advance(2600, 2600)
    assert out.getvalue().splitlines() == [
        "  building: 1,200 of 2,600 lines…",
        "  building: 2,400 of 2,600 lines…",
        "  building: 2,600 lines in 26.0 s",
    ]


def test_progress_without_a_total(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    out = StringIO()
    with Screen(out).progress("reading", "rows") as advance:
        now[0] = 11
        advance(5000, None)
    assert out.getvalue() == "  reading: 5,000 rows…\n  reading: 5,000 rows in 11.0 s\n"


def test_progress_on_a_terminal_is_a_bar_that_ends_full() -> None:
    pytest.importorskip("rich")
    out = StringIO()
    with Screen(out, live=True).progress("building", "lines") as advance:
        advance(40, None)
        advance(60, 100)
    assert "60 of 100" in out.getvalue()
    assert "━" * 32 in out.getvalue()


def test_progress_on_a_terminal_without_rich_is_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_rich(name: str, *more: object) -> object:
        if name.startswith("rich"):
            raise ImportError(name)
        return real(name, *more)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "retention.cli.bars", raising=False)
    monkeypatch.setattr(builtins, "__import__", without_rich)
    out = StringIO()
    with Screen(out, live=True).progress("building", "lines") as advance:
        advance(7, 7)
    assert out.getvalue().startswith("  building: 7 lines in ")


def test_phases_add_up_and_name_what_lies_between() -> None:
    out, phases = StringIO(), Phases()
    for _ in range(2):
        with phases.timed("reading"):
            pass
    with pytest.raises(KeyError), phases.timed("breaking"):
        raise KeyError
    phases.show(Screen(out))
    assert list(phases.seconds) == ["reading", "breaking"]
    names = [line.split("  ")[0].strip() for line in out.getvalue().splitlines()]
    assert names[-3:] == ["reading", "breaking", "everything else"]


def test_a_long_remark_beside_a_title_is_cut() -> None:
    out = StringIO()
    Screen(out, width=40).heading("Customer 1042", "58 orders, age band 65+, income band 35-49K")
    assert out.getvalue().splitlines()[1] == "Customer 1042  58 orders, age band 65+,…"


def test_what_could_drive_a_terminal_is_shown_as_what_it_is() -> None:
    assert clip("\x1b[31mkim\r", 40) == "\\x1b[31mkim\\r"
    assert clip("김민지", 40) == "김민지"
