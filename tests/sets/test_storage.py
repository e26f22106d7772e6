"""How values are kept is said in one way only, and a slip is told with what to write."""

from typing import Any

import pytest

from retention.errors import ConfigurationError
from retention.rules.backends.sets.storage import Decimals, Epoch, Listed, Major, Minor, Naive, Separated, Stored


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"instants": Naive}, "Naive is no form of instants. Write Stored(instants=Naive(zone))"),
        ({"instants": "Asia/Seoul"}, "str is no form of instants"),
        ({"instants": Major()}, "Major is no form of instants"),
        ({"amounts": Epoch()}, "Epoch is no form of amounts. Write Stored(amounts=Major())"),
        ({"amounts": None}, "NoneType is no form of amounts"),
        ({"numbers": 1}, "int is no form of numbers. Write Stored(numbers=Decimals(1))"),
        ({"numbers": Minor()}, "Minor is no form of numbers"),
        ({"labels": ","}, "str is no form of labels. Write Stored(labels=Separated(','))"),
        ({"labels": Decimals(2)}, "Decimals is no form of labels"),
    ],
)
def test_what_is_no_form_of_a_kind(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        Stored(**given)
    assert problem in str(refusal.value)


@pytest.mark.parametrize("zone", ["Asia/Seoul", None, 9])
def test_a_zone_is_no_name(zone: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"which \w+ is not\. Write Naive\(ZoneInfo\('Asia/Seoul'\)\)"):
        Naive(zone)


def test_a_zone_is_never_guessed() -> None:
    with pytest.raises(TypeError, match="zone"):
        Naive()  # type: ignore[call-arg]


@pytest.mark.parametrize("by", ["", "\n", "||", 7])
def test_labels_are_separated_by_what_cannot_be_mistaken(by: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"Write Separated\(\",\"\)"):
        Separated(by)


def test_forms_of_their_kinds() -> None:
    assert Stored(Epoch("ms"), Major(), Decimals(2), Listed()).numbers == Decimals(2)
