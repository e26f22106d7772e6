"""What a shop's store keeps, as JSON: dictionaries, lists, text, numbers, and back again without a loss.

Instants are microseconds since 1970 in UTC; what is None or empty is left out. A document carries the version of its
form as ``v``. Documents of older versions are read for ever. States, effects and drafts in them are documents of
``retention.campaigns.wire``.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeVar, get_args

from attrs import fields

from retention.campaigns import wire as campaigns
from retention.campaigns.effects import CallHook, SendMessage
from retention.channels.protocol import Receipt, Status, SuppressAs
from retention.channels.receipts import Stage
from retention.customer import Customer
from retention.loyalty.errors import DamagedRecord
from retention.loyalty.ledger.wire import Upgrade, instant_of, micros, upgraded
from retention.permission.media import Medium, MessageKind
from retention.permission.person import Consent, Purpose, Scope, Sent, Suppression
from retention.permission.verdicts import Reason
from retention.profile import Fact
from retention.storage.shop import forms
from retention.storage.shop.forms import Json
from retention.storage.shop.records import ChannelState, Parcel, ParcelStatus, Shopper

VERSION: Final = 1
"""The version in which documents are written."""

UPGRADES: Final[Mapping[str, Mapping[int, Upgrade]]] = MappingProxyType(
    {
        "customer": {},
        "fact": {},
        "shopper": {},
        "parcel": {},
        "consent": {},
        "suppression": {},
        "sent": {},
        "receipt": {},
        "channel": {},
    }
)
"""By document and version, what makes it one of the next version."""

_T = TypeVar("_T")
_PURPOSES: Final = get_args(Purpose)
_SCOPES: Final = get_args(Scope)
_STATUSES: Final = get_args(ParcelStatus)
_STAGES: Final = get_args(Stage)
_REPORTS: Final = get_args(Status)
_SUPPRESSED_AS: Final = get_args(SuppressAs)


# Customers. ----------------------------------------------------------------------------------------------------------


def customer_to_json(customer: Customer) -> Json:
    """A customer: it is personal. Raises FactError for an attribute that no column can hold."""
    return {"v": VERSION, **forms.customer_written(customer)}


def customer_from_json(said: Json) -> Customer:
    """Raises NewerRecord, DamagedRecord."""
    return _read("customer", said, forms.customer_of)


def fact_to_json(fact: Fact) -> Json:
    """A fact of any collection. Raises FactError for a value of a host's own that no column can hold."""
    return {"v": VERSION, **forms.fact_written(fact)}


def fact_from_json(said: Json) -> Fact:
    """Raises NewerRecord, DamagedRecord."""
    return _read("fact", said, forms.fact_of)


def shopper_to_json(shopper: Shopper) -> Json:
    """All that the engine remembers of one customer."""
    return _document(
        {
            "customer": customer_to_json(shopper.customer),
            "segments": {key: micros(at) for key, at in shopper.segments.items()},
            "next_changes": {key: micros(at) for key, at in shopper.next_changes.items()},
            "states": {key: campaigns.state_to_json(each) for key, each in shopper.states.items()},
            "definitions": shopper.definitions,
            "known_at": _maybe(micros, shopper.known_at),
            "not_before": _maybe(micros, shopper.not_before),
            "tagged": dict(shopper.tagged) or None,
            "wrote": {medium.value: micros(at) for medium, at in shopper.wrote.items()} or None,
        }
    )


def shopper_from_json(said: Json) -> Shopper:
    """Raises NewerRecord, DamagedRecord."""
    return _read("shopper", said, _shopper_of)


def _shopper_of(form: Json) -> Shopper:
    said: Json = {
        **form,
        "customer": customer_from_json(form["customer"]),
        "segments": {key: instant_of(at) for key, at in form.get("segments", {}).items()},
        "next_changes": {key: instant_of(at) for key, at in form.get("next_changes", {}).items()},
        "states": {key: campaigns.state_from_json(each) for key, each in form.get("states", {}).items()},
        "definitions": _text(form.get("definitions", "")),
        "known_at": _maybe(instant_of, form.get("known_at")),
        "not_before": _maybe(instant_of, form.get("not_before")),
        "tagged": {_text(tag): _flag(given) for tag, given in form.get("tagged", {}).items()},
        "wrote": {Medium(medium): instant_of(at) for medium, at in form.get("wrote", {}).items()},
    }
    return Shopper(**said)


# Permission. ---------------------------------------------------------------------------------------------------------


def consent_to_json(consent: Consent) -> Json:
    """One line of the proof."""
    return _document({**_as_they_are(consent), "at": micros(consent.at)})


def consent_from_json(said: Json) -> Consent:
    """Raises NewerRecord, DamagedRecord."""
    return _read("consent", said, _consent_of)


def _consent_of(form: Json) -> Consent:
    _texts(form, "medium", "source", "method")
    _one_of(_PURPOSES, form["purpose"])
    _one_of(_SCOPES, form["scope"])
    return Consent(**{**form, "at": instant_of(form["at"])})


def suppression_to_json(suppression: Suppression) -> Json:
    """Why an address is not written to."""
    return _document({"medium": suppression.medium.value, "reason": suppression.reason, "at": micros(suppression.at)})


def suppression_from_json(said: Json) -> Suppression:
    """Raises NewerRecord, DamagedRecord."""
    return _read("suppression", said, _suppression_of)


def _suppression_of(form: Json) -> Suppression:
    return Suppression(**{**form, "medium": Medium(form["medium"]), "at": instant_of(form["at"])})


def sent_to_json(sent: Sent) -> Json:
    """What caps count of a message."""
    return _document(
        {
            **_as_they_are(sent),
            "at": micros(sent.at),
            "medium": sent.medium.value,
            "kind": sent.kind.value,
            "tags": sorted(sent.tags),
        }
    )


def sent_from_json(said: Json) -> Sent:
    """Raises NewerRecord, DamagedRecord."""
    return _read("sent", said, _sent_of)


def _sent_of(form: Json) -> Sent:
    return Sent(
        **{
            **form,
            "at": instant_of(form["at"]),
            "medium": Medium(form["medium"]),
            "kind": MessageKind(form["kind"]),
            "tags": frozenset(form.get("tags", ())),
        }
    )


# The outbox. ---------------------------------------------------------------------------------------------------------


def parcel_to_json(parcel: Parcel) -> Json:
    """A row of the outbox: it is personal, as its draft is."""
    return _document(
        {
            **{name: getattr(parcel, name) for name in _PLAIN},
            **{name: _maybe(micros, getattr(parcel, name)) for name in _INSTANTS},
            "medium": _maybe(lambda medium: medium.value, parcel.medium),
            "effect": campaigns.effect_to_json(parcel.effect),
            "draft": _maybe(campaigns.draft_to_json, parcel.draft),
            **outcome_to_json(parcel),
        }
    )


def outcome_to_json(parcel: Parcel) -> Json:
    """Why a parcel stands where it stands: the part of it that is of no fixed size."""
    return _document({"reasons": [_as_they_are(each) for each in parcel.reasons], "tried": [*parcel.tried]})


def parcel_from_json(said: Json) -> Parcel:
    """Raises NewerRecord, DamagedRecord."""
    return _read("parcel", said, _parcel_of)


def _parcel_of(form: Json) -> Parcel:
    effect = campaigns.effect_from_json(form["effect"])
    if not isinstance(effect, SendMessage | CallHook):
        raise TypeError(type(effect).__name__)
    _texts(form, "key", "channel")
    _one_of(_STATUSES, form["status"])
    if any(type(form[name]) is not int for name in ("attempt", "tries") if name in form):
        raise TypeError("attempts are counted")
    said: Json = {
        **form,
        **{name: instant_of(form[name]) for name in _INSTANTS if name in form},
        "medium": _maybe(Medium, form.get("medium")),
        "effect": effect,
        "draft": _maybe(campaigns.draft_from_json, form.get("draft")),
        "receipt": _maybe(lambda stage: _one_of(_STAGES, stage), form.get("receipt")),
        "reasons": tuple([Reason(**each) for each in form.get("reasons", ())]),
        "tried": tuple(form.get("tried", ())),
    }
    return Parcel(**{"customer": None, **said})


_INSTANTS: Final = ("planned_at", "due_at", "sent_at")
_PLAIN: Final = ("key", "customer", "channel", "status", "attempt", "doubtful", "tries", "provider_id", "receipt")


def receipt_to_json(receipt: Receipt) -> Json:
    """What a provider said."""
    return _document({**_as_they_are(receipt), "at": micros(receipt.at)})


def receipt_from_json(said: Json) -> Receipt:
    """Raises NewerRecord, DamagedRecord."""
    return _read("receipt", said, _receipt_of)


def _receipt_of(form: Json) -> Receipt:
    _texts(form, "provider_id")
    _one_of(_REPORTS, form["status"])
    _one_of(_SUPPRESSED_AS, form.get("suppress_as", "hard bounce"))
    return Receipt(**{**form, "at": instant_of(form["at"])})


def channel_to_json(state: ChannelState) -> Json:
    """What is remembered of a channel."""
    instants: Json = {"open_until": _maybe(micros, state.open_until), "at": _maybe(micros, state.at)}
    return _document({**_as_they_are(state), **instants})


def channel_from_json(said: Json) -> ChannelState:
    """Raises NewerRecord, DamagedRecord."""
    return _read("channel", said, _channel_of)


def _channel_of(form: Json) -> ChannelState:
    instants: Json = {name: instant_of(form[name]) for name in ("open_until", "at") if name in form}
    said: Json = {**form, **instants}
    return ChannelState(**said)


# Reading and writing: the version first, then the parts. -------------------------------------------------------------


def _document(said: Json) -> Json:
    found: Json = {"v": VERSION}
    for name, value in said.items():
        if value is not None and value not in ([], {}):
            found[name] = value
    return found


def _read(document: str, said: Json, build: Callable[[Json], _T]) -> _T:
    try:
        form = dict(upgraded(said, UPGRADES[document], VERSION))
        del form["v"]
        return build(form)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
        raise DamagedRecord(document) from problem


def _as_they_are(value: Any) -> Json:
    """The fields of a value that are JSON already; the caller writes the others over them."""
    kind: Any = type(value)
    return {name: each for name in _names(kind) if (each := getattr(value, name)) is not None}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _texts(form: Json, *names: str) -> None:
    for name in names:
        _text(form[name])


def _text(said: Any) -> str:
    if type(said) is not str:
        raise TypeError(type(said).__name__)  # never the value: it may be personal
    return said


def _flag(said: Any) -> bool:
    if type(said) is not bool:
        raise TypeError(type(said).__name__)  # never the value: it may be personal
    return said


def _one_of(words: tuple[str, ...], said: Any) -> Any:
    if said not in words:
        raise ValueError("none of the words")
    return said


def _maybe(convert: Callable[[Any], _T], value: Any) -> _T | None:
    return None if value is None else convert(value)
