"""What a store keeps, as JSON: dictionaries, lists, text and whole numbers, and back again without a loss.

Instants are microseconds since 1970 in UTC, dates ISO text, fractions text such as "1/3"; what is None or empty is
left out. A document carries the version of its form as ``v``. Documents of older versions are read for ever.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar, assert_never

from attrs import asdict, fields

from retention.loyalty.errors import DamagedRecord, NewerRecord
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind, Lot, Quota, Validity
from retention.loyalty.ledger.fields import short
from retention.loyalty.ledger.head import Account, Counter, Head, Hold
from retention.loyalty.ledger.records import Done, Earned, EndedHold, OrderRecord, Result
from retention.loyalty.ledger.sound import sound_entry, sound_head, sound_lot, typed
from retention.loyalty.ledger.terms import ByLines, Fixed, Line, Refunded, Terms
from retention.spans import TICK

Json: TypeAlias = dict[str, Any]
Upgrade: TypeAlias = Callable[[Json], Json]

VERSION: Final = 1
"""The version in which documents are written."""

UPGRADES: Final[Mapping[str, Mapping[int, Upgrade]]] = MappingProxyType(
    {"head": {}, "order": {}, "hold": {}, "done": {}}
)
"""By document and version, what makes it one of the next version."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_T = TypeVar("_T")


# Documents. Each is read by the function of its own name that ends in ``from_json``. ---------------------------------


def head_to_json(head: Head) -> Json:
    """An account's head."""
    account = head.account
    return _document(
        programme=account.programme,
        id=account.id,
        unit=account.unit,
        version=head.version,
        seq=head.seq,
        at=_maybe(micros, head.at),
        open=[_lot(each) for each in head.open],
        pending=[_lot(each) for each in head.pending],
        holds=[_hold(each) for each in head.holds],
        totals={bucket.value: amount for bucket, amount in head.totals.items() if amount},
        counters=[_counter(each) for each in head.counters],
        next_due=_maybe(micros, head.next_due),
        merged_into=head.merged_into,
        chain=head.chain,
    )


def head_from_json(said: Json) -> Head:
    """Raises NewerRecord, DamagedRecord."""
    return _read("head", said, _head_of)


def order_to_json(record: OrderRecord) -> Json:
    """What is remembered of an order."""
    return _document(
        order=record.order,
        earned=[_earned(each) for each in record.earned],
        refunded=_refunded(record.refunded),
        spent=[_lot(each) for each in record.spent],
        share=str(record.share),
        returned=record.returned,
        seq=record.seq,
    )


def order_from_json(said: Json) -> OrderRecord:
    """Raises NewerRecord, DamagedRecord."""
    return _read("order", said, _order_of)


def hold_to_json(ended: EndedHold) -> Json:
    """How a hold ended."""
    return _document(**asdict(ended))


def hold_from_json(said: Json) -> EndedHold:
    """Raises NewerRecord, DamagedRecord."""
    return _read("hold", said, lambda form: typed(EndedHold(**form)))


def done_to_json(done: Done) -> Json:
    """A command that was carried out: the hash of what it said, and its result."""
    result = {name: value for name, value in _result(done.result).items() if value}
    return _document(payload=done.payload, result=result)


def done_from_json(said: Json) -> Done:
    """Raises NewerRecord, DamagedRecord."""
    return _read("done", said, _done_of)


def entry_to_json(entry: Entry) -> Json:
    """An entry. It carries no version: fields may be added, and entries without them read as before."""
    return _without_nothing(
        {
            **{name: getattr(entry, name) for name in _ENTRY},
            "recorded_at": micros(entry.recorded_at),
            "effective_at": micros(entry.effective_at),
            "kind": entry.kind.value,
            "source": entry.source.value,
            "target": entry.target.value,
            "lot": _maybe(_validity, entry.lot),
            "until": _maybe(micros, entry.until),
            "quotas": [_quota(each) for each in entry.quotas],
        }
    )


def entry_from_json(said: Json) -> Entry:
    """Raises DamagedRecord."""
    return _understood("entry", said, _entry_of)


# Reading: the version first, then the parts. -------------------------------------------------------------------------


def upgraded(said: Json, upgrades: Mapping[int, Upgrade], newest: int = VERSION) -> Json:
    """A document in the newest form. Raises NewerRecord for one of a later version."""
    version = _number(said["v"])
    if version > newest:
        raise NewerRecord(version, newest)
    for each in range(version, newest):
        said = upgrades[each](said)
    return said


def _read(document: str, said: Json, build: Callable[[Json], _T]) -> _T:
    def built(said: Json) -> _T:
        form = dict(upgraded(said, UPGRADES[document]))
        del form["v"]
        return build(form)

    return _understood(document, said, built)


def _understood(document: str, said: Json, build: Callable[[Json], _T]) -> _T:
    try:
        return build(said)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
        raise DamagedRecord(document) from problem


def _head_of(form: Json) -> Head:
    account = Account(form.pop("programme"), form.pop("id"), form.pop("unit"))
    parts: Json = {
        "at": _maybe(instant_of, form.pop("at", None)),
        "open": tuple(map(_lot_of, form.pop("open", ()))),
        "pending": tuple(map(_lot_of, form.pop("pending", ()))),
        "holds": tuple(map(_hold_of, form.pop("holds", ()))),
        "totals": {Bucket(bucket): amount for bucket, amount in form.pop("totals", {}).items()},
        "counters": tuple(map(_counter_of, form.pop("counters", ()))),
        "next_due": _maybe(instant_of, form.pop("next_due", None)),
    }
    return sound_head(Head(account=account, **parts, **form))


def _order_of(form: Json) -> OrderRecord:
    parts: Json = {
        "earned": tuple(map(_earned_of, form.pop("earned", ()))),
        "refunded": Refunded(**form.pop("refunded", {})),
        "spent": tuple(map(_lot_of, form.pop("spent", ()))),
        "share": _fraction(form.pop("share")),
    }
    return typed(OrderRecord(**parts, **form))


def _done_of(form: Json) -> Done:
    return typed(Done(form["payload"], typed(Result(**form.get("result", {})))))


def _entry_of(said: Json) -> Entry:
    parts: Json = {
        "recorded_at": instant_of(said["recorded_at"]),
        "effective_at": instant_of(said["effective_at"]),
        "kind": EntryKind(said["kind"]),
        "source": Bucket(said["source"]),
        "target": Bucket(said["target"]),
        "lot": _maybe(_validity_of, said.get("lot")),
        "until": _maybe(instant_of, said.get("until")),
        "quotas": tuple(map(_quota_of, said.get("quotas", ()))),
    }
    return sound_entry(Entry(**{**said, **parts}))


# Parts: each form beside the function that reads it. -----------------------------------------------------------------


def micros(instant: datetime) -> int:
    """Microseconds since 1970 in UTC; negative before."""
    return (instant - _EPOCH) // TICK


def instant_of(micros: int) -> datetime:
    """The instant, in UTC."""
    return _EPOCH + _number(micros) * TICK


def _number(said: Any) -> int:
    """Raises TypeError for anything else: 1.0 and true are no whole numbers."""
    if type(said) is not int:
        raise TypeError(type(said).__name__)  # never the value: it may be personal
    return said


def _fraction(said: str) -> Fraction:
    above, _, below = said.partition("/")
    return short(Fraction(int(above), int(below or 1)), "fraction")


def _validity(validity: Validity) -> Json:
    said: Json = {"day": validity.day.isoformat(), "available_at": micros(validity.available_at)}
    if validity.expires_at is not None:
        said["expires_at"] = micros(validity.expires_at)
    return said


def _validity_of(form: Json) -> Validity:
    return _read_validity(form["day"], form["available_at"], form.get("expires_at"))


@lru_cache(maxsize=1024, typed=True)
def _read_validity(day: str, available_at: int, expires_at: int | None) -> Validity:
    """One for all lots that have it: the lots of an account are read again with each of its commands."""
    return Validity(date.fromisoformat(day), instant_of(available_at), _maybe(instant_of, expires_at))


def _lot(lot: Lot) -> Json:
    return {**_known_validity(lot.validity), "amount": lot.amount}


@lru_cache(maxsize=1024)
def _known_validity(validity: Validity) -> Mapping[str, Any]:
    """The lots of an account are written again with each of its entries. Never changed: a view would be slower."""
    return _validity(validity)


def _lot_of(form: Json) -> Lot:
    return sound_lot(Lot(_validity_of(form), form["amount"]))


def _hold(hold: Hold) -> Json:
    pinned = [_lot(each) for each in hold.pinned]
    return _without_nothing(
        {"id": hold.id, "until": micros(hold.until), "pinned": pinned, "order": hold.order, "seq": hold.seq}
    )


def _hold_of(form: Json) -> Hold:
    pinned = tuple(map(_lot_of, form.get("pinned", ())))
    return typed(Hold(**{**form, "until": instant_of(form["until"]), "pinned": pinned}))


def _counter(counter: Counter) -> Json:
    return _without_nothing({"key": counter.key, "used": counter.used, "until": _maybe(micros, counter.until)})


def _counter_of(form: Json) -> Counter:
    return typed(Counter(form["key"], form["used"], _maybe(instant_of, form.get("until"))))


def _quota(quota: Quota) -> Json:
    return _without_nothing({"key": quota.key, "most": quota.most, "until": _maybe(micros, quota.until)})


def _quota_of(form: Json) -> Quota:
    return Quota(form["key"], form["most"], _maybe(instant_of, form.get("until")))


def _earned(part: Earned) -> Json:
    return {
        "rule": part.rule,
        "terms": _terms(part.terms),
        "units": part.units,
        "validity": _validity(part.validity),
        "clawed_back": part.clawed_back,
        "seq": part.seq,
    }


def _earned_of(form: Json) -> Earned:
    return typed(Earned(**{**form, "terms": _terms_of(form["terms"]), "validity": _validity_of(form["validity"])}))


def _refunded(refunded: Refunded) -> Json:
    found: Json = {"anywhere": refunded.anywhere, "lines": dict(refunded.lines)}
    return {**found, "shipping": refunded.shipping} if refunded.shipping else found


def _terms(terms: Terms) -> Json:
    match terms:
        case ByLines():
            lines = [{"id": each.id, "amount": each.amount, "rate": str(each.rate)} for each in terms.lines]
            said: Json = {"kind": "by-lines", "lines": lines, "payable": terms.payable, "rounding": terms.rounding}
        case Fixed():
            said = {"kind": "fixed", "units": terms.units, "payable": terms.payable, "minimum": terms.minimum}
        case _:
            assert_never(terms)
    return said if terms.cap is None else {**said, "cap": terms.cap}


def _terms_of(form: Json) -> Terms:
    said = {name: value for name, value in form.items() if name != "kind"}
    match form["kind"]:
        case "by-lines":
            lines = tuple(Line(each["id"], each["amount"], _fraction(each["rate"])) for each in said.pop("lines"))
            return ByLines(lines=lines, **said)
        case "fixed":
            return Fixed(**said)
        case kind:
            raise ValueError(kind)


def _result(result: Result) -> Json:
    return {name: getattr(result, name) for name in _RESULT}


_ENTRY: Final = tuple(each.name for each in fields(Entry))
_RESULT: Final = tuple(each.name for each in fields(Result) if each.name != "replayed")  # it is the first that is kept


def _document(**said: Any) -> Json:
    return {"v": VERSION, **_without_nothing(said)}


def _without_nothing(said: Mapping[str, Any]) -> Json:
    return {name: value for name, value in said.items() if value or (value is not None and value not in ([], {}))}


def _maybe(made: Callable[[Any], _T], value: Any) -> _T | None:
    return None if value is None else made(value)
