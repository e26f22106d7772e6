"""The page of the engine says what the engine has."""

import inspect
import re
from typing import get_args

import attrs
import pytest

import retention.engine
from retention.engine import ArmResults, Asked, CampaignResults, Foreseen, Handled, Retention
from retention.storage.shop.port import ShopStore, Work
from retention.storage.shop.records import ParcelStatus
from tests.project.source import ROOT

PAGE = (ROOT / "docs" / "reference" / "engine.md").read_text(encoding="utf-8")


def public(kind: type) -> list[str]:
    return [name for name in vars(kind) if not name.startswith("_")]


@pytest.mark.parametrize("method", public(Retention))
def test_every_method_is_shown_with_its_parameters(method: str) -> None:
    shown = re.search(rf"^{method}\((.*)\) -> ", PAGE, flags=re.MULTILINE)
    assert shown is not None
    parameters = re.sub(r"\[[^\]]*\]", "", shown[1]).split(", ")
    given = [name for each in parameters if (name := re.split("[:=]", each)[0].strip("*"))]
    assert given == list(inspect.signature(getattr(Retention, method)).parameters)[1:]


def test_every_parameter_of_the_engine_is_explained() -> None:
    assert [name for name in inspect.signature(Retention).parameters if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize(
    "kind", [Handled, Asked, Foreseen, CampaignResults, ArmResults], ids=lambda each: each.__name__
)
def test_every_field_of_what_it_gives_is_named(kind: type) -> None:
    fields = {each.name for each in attrs.fields(kind)} - {"set"}
    assert [name for name in sorted(fields) if f"`{name}`" not in PAGE] == []


def test_every_status_of_a_message_is_explained() -> None:
    assert [status for status in get_args(ParcelStatus) if f"\n| `{status}` | " not in PAGE] == []


@pytest.mark.parametrize("port", [ShopStore, Work], ids=lambda each: each.__name__)
def test_every_call_of_the_ports_is_named(port: type) -> None:
    assert [name for name in public(port) if f"`{name}`" not in PAGE and f"`{name}()`" not in PAGE] == []


def test_every_public_name_is_there() -> None:
    assert [name for name in retention.engine.__all__ if f"`{name}`" not in PAGE] == []
