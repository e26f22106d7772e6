"""The command from end to end: what it prints, and what it exits with."""

import json
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from retention.cli import main
from retention.cli.options import FIRST_SCREEN

HEADER = "order_id,customer_id,placed_at,total\n"
ROWS = (
    "A1,kim,2024-01-02 09:30,300000\n"
    "A2,kim,2024-02-02 09:30,250000\n"
    "A3,lee,2024-01-02 10:00,9000\n"
    "A4,park,2024-03-30 12:00,12900\n"
    "A5,choi,2024-01-03 12:00,12900\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return path


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_report(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, file)
    assert code == 0
    assert "5 orders of 4 customers" in out
    assert "Sat 30 Mar 2024 12:00, the instant of the last order" in " ".join(out.split())
    assert "High value          1  25.0 %" in out
    for title in ("Segments", "RFM groups", "Due this week", "Customer "):
        assert f"\n{title}" in out
    assert "could not be used" not in err
    assert "\x1b" not in out + err
    assert max(map(len, out.splitlines())) <= 100


def test_what_time_alone_will_change(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, file, "--as-of", "2024-04-01")
    assert "Mon 01 Apr 2024 09:00" not in out
    assert "Mon 01 Apr 2024 10:00  lee" in out
    assert "enters Dormant" in out


def test_json_for_programs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, file, "--json", "--explain", "kim", "--as-of", "2024-03-31T00:00+09:00")
    assert code == 0
    told = json.loads(out)
    assert told["format"] == "retention-report/1"
    assert told["as_of"] == "2024-03-31T00:00:00+09:00"
    assert told["file"] == {"rows": 5, "orders": 5, "customers": 4, "problems": []}
    sizes = {each["key"]: each["customers"] for each in told["segments"]}
    assert (sizes["high-value"], sizes["dormant"], sizes["new"]) == (1, 0, 0)
    without = {each["key"]: each["without"] for each in told["segments"]}
    assert (without["new"], without["high-value"]) == (["joined_at"], [])
    assert sum(told["rfm"]["eleven_groups"].values()) == 4
    assert told["due"]["changes"] == [
        {"at": "2024-04-01T10:00:00+09:00", "customer": "lee", "segment": "dormant", "change": "enters"},
        {"at": "2024-04-02T12:00:00+09:00", "customer": "choi", "segment": "dormant", "change": "enters"},
    ]
    assert (told["customer"]["id"], told["customer"]["segments"]) == ("kim", ["high-value"])
    assert "550,000" in told["customer"]["why"]["high-value"]


def test_bad_rows_are_told_and_the_rest_is_used(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(HEADER + ROWS + "A6,kim,soon,1\nA7,kim,soon,1\nA8,,2024-01-01,1\n", "utf-8")
    problems = tmp_path / "problems.txt"
    code, out, err = run(capsys, file, "--problems", problems)
    assert code == 0
    assert "5 orders of 4 customers" in out
    assert "3 of 8 rows could not be used" in err
    assert "2 × placed_at is not a date such as" in err
    assert "(lines 7, 8)" in err
    assert "1 × customer_id is empty (line 9)" in err
    assert [line.split(":")[0] for line in problems.read_text("utf-8").splitlines()] == ["line 7", "line 8", "line 9"]


def test_many_reasons_are_cut_short(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    repeated = "".join(f"A{number},kim,2024-01-01,1\nA{number},kim,2024-01-01,1\n" for number in range(10, 25))
    file.write_text(HEADER + ROWS + repeated, "utf-8")
    _, _, err = run(capsys, file)
    assert "15 of 35 rows could not be used" in err
    assert "and 5 more reasons; --problems FILE lists every row" in err


def test_no_usable_row_is_one(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(HEADER + "A6,kim,soon,1\n", "utf-8")
    code, out, err = run(capsys, file)
    assert (code, out) == (1, "")
    assert "no row could be used" in err


def test_called_without_anything_it_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys) == (2, FIRST_SCREEN, "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--total", "totl"), "no column is called 'totl' (did you mean 'total'?)"),
        (("--zone", "Asia/Soul"), "Did you mean 'Asia/Seoul'?"),
        (("--as-of", "2020-01-01"), "--as-of: is before the first order"),
        (("--explain", "kin"), "Did you mean 'kim'?"),
        (("--segment", "orders.any()"), "a segment has no colon between name and rule"),
        (("--segment", ": orders.any()"), "a segment has no name before the colon"),
        (("--segment", "x: orders.any()", "--segment", "x: orders.none()"), "--segment 'x' has the same name"),
        (
            ("--segment", 'x: segment("domant")'),
            "--segment 'x': no segment is called 'domant'. Did you mean 'dormant'?",
        ),
        (("--segment", 'x: segment("x")'), "in a ring: x -> x"),
        (("--segment", "dormant: orders.any()"), "a standard segment is called 'dormant'. Choose another name"),
        (("--segment", "x: order.any()"), "Did you mean 'orders'?"),
        (("--segment", "x: orders.count( >= 3"), "^"),
        (("--segments", "/nowhere/rules.txt"), "/nowhere/rules.txt: No such file"),
    ],
)
def test_a_wrong_command_is_two(
    file: Path, words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, file, *words)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_wrong_rule_of_a_file_is_told_by_line_and_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules.txt"
    rules.write_text("# ours\nfine: orders.any()\nworse: order.any()\n", "utf-8")
    code, _, err = run(capsys, tmp_path / "not-even-looked-for.csv", "--segments", rules)
    assert code == 2
    assert f"{rules} line 3, segment 'worse': no collection is called 'order'" in err
    assert err.endswith("    order.any()\n    ~~~~^\n")


@pytest.mark.parametrize(
    ("mark", "encoding", "said"),
    [(b"\xff\xfe", "utf-16-le", "utf-16"), (b"\xfe\xff", "utf-16-be", "utf-16"), (b"", "utf-16-le", "utf-16-le"),
     (b"", "utf-16-be", "utf-16-be")],
)  # fmt: skip
@pytest.mark.parametrize("read_as", ["utf-8-sig", "cp949", "latin-1"])
def test_utf_16_is_recognised(
    file: Path, mark: bytes, encoding: str, said: str, read_as: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(mark + (HEADER + ROWS).encode(encoding))
    code, _, err = run(capsys, file, "--encoding", read_as)
    assert code == 2
    assert err.endswith(f"the file looks like UTF-16. Say --encoding {said}\n")
    assert run(capsys, file, "--encoding", said)[0] == 0


def test_dates_in_another_form_are_told_of_their_option(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(HEADER + "A1,kim,01/02/2026,5\n", "utf-8")
    assert "read with --date-format" in run(capsys, file)[2]
    file.write_text(HEADER + "A1,kim,,5\nA2,kim,2026-02-30,5\n", "utf-8")
    assert "--date-format" not in run(capsys, file)[2]


def test_one_order_is_not_told_in_the_plural_and_scores_that_nobody_has_say_so(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(HEADER + "A1,kim,2024-01-02,5\n", "utf-8")
    _, out, err = run(capsys, file)
    assert "1 order of 1 customer " in out
    assert "asked of 1 customer\n" in out
    assert "reading orders: 1 row in" in err
    assert "spent              nobody  nobody  nobody  nobody" in out


def test_a_person_is_explained_where_they_are_then_in_the_shop_s_own_segments(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, file, "--explain", "kim", "--segment", "often: orders.count() >= 9")
    assert next(line for line in out.splitlines() if line[:2] in ("✓ ", "✗ ")).startswith("✓ High value")
    assert "✗ often" in out
    _, out, _ = run(capsys, file, "--explain", "park")
    assert "✗ High value" in out
    assert "New" not in out.partition("Customer park")[2]


def test_a_file_that_is_not_there_is_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, tmp_path / "lost.csv")
    assert code == 2
    assert "lost.csv: No such file" in err


def test_own_segments_may_speak_of_the_standard_ones(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = 'big and loyal: orders.count() >= 2 and segment("high-value")'
    code, out, _ = run(capsys, file, "--segment", rule, "--explain", "kim")
    assert code == 0
    assert "big and loyal" in out


def test_another_encoding_and_delimiter(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "주문;고객;일시;금액\nA1;김철수;02/01/2024;12,900원\n"
    file.write_bytes(text.encode("cp949"))
    columns = ("--order", "주문", "--customer", "고객", "--at", "일시", "--total", "금액", "--date-format", "%d/%m/%Y")
    code, out, _ = run(capsys, file, *columns, "--delimiter", ";", "--encoding", "cp949")
    assert code == 0
    assert "Customer 김철수" in out
    code, _, err = run(capsys, file, *columns, "--delimiter", ";")
    assert code == 2
    assert "no column is called" in err


def test_a_file_that_cannot_be_decoded_at_all_is_two(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in ("ab".encode("utf-16") + b"\x00", "ab".encode("utf-16-le")):
        file.write_bytes(content)
        code, _, err = run(capsys, file, "--encoding", "utf-16")
        assert code == 2
        assert "the file is not written in the encoding" in err


def test_dollars_and_a_threshold_of_the_shop_s_own(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"A{number},c{number},2024-01-02,{number * 11}.50\n" for number in range(1, 11))
    file.write_text(HEADER + rows, "utf-8")
    _, out, _ = run(capsys, file, "--currency", "USD", "--zone", "America/New_York")
    assert "Has spent $99.00 or more in all." in out
    assert "Amounts are in USD, clock times in America/New_York" in out


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO((HEADER + ROWS).encode())))
    code, out, _ = run(capsys, "-")
    assert code == 0
    assert "5 orders of 4 customers" in out


def test_python_m_is_the_same_command() -> None:
    made = subprocess.run([sys.executable, "-m", "retention.cli"], capture_output=True, encoding="utf-8", check=False)
    assert (made.returncode, made.stdout, made.stderr) == (2, FIRST_SCREEN, "")


def test_a_reader_that_stops_listening_is_no_error(file: Path) -> None:
    """As in ``retention orders.csv | head -1``."""
    command = [sys.executable, "-m", "retention.cli", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert b"Traceback" not in errors
    assert process.returncode == 0
