"""Hashes of commands and entries are stored: they are the same for ever."""

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve, field, frozen, make_class

from retention.errors import FactError
from retention.loyalty.ledger.chain import digest as digest_of_entry
from retention.loyalty.ledger.commands import Command, Earn, Redeem, Refund, Void, payload
from retention.loyalty.ledger.digests import digest
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind, Quota, Validity
from retention.loyalty.ledger.terms import ByLines, Fixed, Line, Refunded

NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)
LOT = Validity(date(2026, 1, 30), NOON)
EARN = Earn(
    key="o-1:base",
    rule="base",
    order="o-1",
    terms=ByLines(lines=(Line("tea", 9_900, Fraction(1, 100)),), payable=12_900, cap=500),
    validity=LOT,
    quotas=(Quota("a day", 1_000, NOON),),
    at=NOON,
)
ENTRY = Entry(
    seq=1,
    recorded_at=NOON,
    effective_at=NOON,
    kind=EntryKind.EARN,
    source=Bucket.ISSUED,
    target=Bucket.PENDING,
    amount=99,
    lot=LOT,
    order="o-1",
    rule="base",
    key="o-1:base",
    quotas=(Quota("a day", 1_000),),
    previous="",
)


def test_hashes_are_those_that_were_stored() -> None:
    assert payload(EARN) == "e93c810c56a0dea88c192b6fd179e165217d7682211e134033cea4dbc0a99be5"
    assert digest_of_entry(ENTRY) == "dea14cfc63bac0ae953075e6ca416c5878b9725f1b0b2daa452389702f4b0ebf"


def _with_more(command: Any) -> Any:
    """The command as a later version has it, with fields that it does not need."""
    kind = type(command)
    more = {"channel": field(default=None), "tags": field(factory=tuple), "fee": field(default=0)}
    later = make_class(kind.__name__, more, bases=(kind,), frozen=True, kw_only=True)
    return later(**{each.name: getattr(command, each.name) for each in kind.__attrs_attrs__})


@frozen(kw_only=True)
class _Said:
    key: str
    terms: object = None


def test_a_field_that_is_added_changes_no_hash() -> None:
    later = _with_more(_Said(key="k"))
    assert (later.channel, later.tags, later.fee) == (None, (), 0)
    assert digest(later) == digest(_Said(key="k"))
    assert digest(evolve(later, channel="app")) != digest(later)


def test_nor_does_one_that_is_added_inside() -> None:
    inner = _with_more(_Said(key="inside"))
    assert digest(_Said(key="k", terms=inner)) == digest(_Said(key="k", terms=_Said(key="inside")))
    assert digest(_Said(key="k", terms=evolve(inner, tags=("new",)))) != digest(_Said(key="k", terms=inner))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EARN, evolve(EARN, terms=evolve(EARN.terms, cap=None))),
        (evolve(EARN, terms=evolve(EARN.terms, cap=0)), evolve(EARN, terms=evolve(EARN.terms, cap=None))),
        (EARN, evolve(EARN, terms=Fixed(units=99, payable=12_900))),
        (EARN, evolve(EARN, quotas=())),
        (EARN, evolve(EARN, at=None)),
        (Redeem(key="k", amount=1, order="o"), Redeem(key="k", amount=1, order="o", reason="gift")),
        (Refund(key="k", order="o", refunded=Refunded(1)), Refund(key="k", order="o", refunded=Refunded(0, {"a": 1}))),
        (Void(key="k", hold="h"), Void(key="k", hold="h2")),
    ],
)
def test_commands_that_differ_have_different_hashes(one: Command, other: Command) -> None:
    assert payload(one) != payload(other)


def test_the_order_of_lines_does_not_count() -> None:
    ways = ({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert len({payload(Refund(key="k", order="o", refunded=Refunded(0, lines))) for lines in ways}) == 1


@pytest.mark.parametrize("part", [1.5, b"bytes", object(), {1, 2}])
def test_what_has_no_plain_form_is_refused(part: object) -> None:
    with pytest.raises(FactError, match="plain form") as caught:
        digest(_Said(key="k", terms=part))
    assert caught.value.hint
