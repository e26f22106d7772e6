"""What a store keeps of campaigns, as JSON: states, effects and drafts, and back again without a loss.

Instants are microseconds since 1970 in UTC; what is None or empty is left out. A document carries the version of its
form as ``v``. Documents of older versions are read for ever.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar, get_args

from attrs import fields

from retention.campaigns.effects import CallHook, Effect, GrantPoints, IssueCoupon, OpenTicket, SendMessage, SetTag
from retention.campaigns.state import Ended, Run, State
from retention.loyalty.errors import DamagedRecord
from retention.loyalty.ledger.wire import instant_of, micros, upgraded
from retention.permission.media import MessageKind
from retention.permission.messages import Button, Content, Draft, OnUnknown

Json: TypeAlias = dict[str, Any]
Upgrade: TypeAlias = Callable[[Json], Json]

VERSION: Final = 1
"""The version in which documents are written."""

UPGRADES: Final[Mapping[str, Mapping[int, Upgrade]]] = MappingProxyType({"state": {}, "effect": {}, "draft": {}})
"""By document and version, what makes it one of the next version."""

_T = TypeVar("_T")
_KINDS: Final[Mapping[str, type[Effect]]] = MappingProxyType(
    {
        "send": SendMessage,
        "points": GrantPoints,
        "coupon": IssueCoupon,
        "tag": SetTag,
        "ticket": OpenTicket,
        "hook": CallHook,
    }
)
_NAMES: Final = MappingProxyType({kind: name for name, kind in _KINDS.items()})


# Documents. ----------------------------------------------------------------------------------------------------------


def state_to_json(state: State) -> Json:
    """A customer in a campaign."""
    return _document(runs=[run_to_json(each) for each in state.runs], next_date=_written(state.next_date))


def state_from_json(said: Json) -> State:
    """Raises NewerRecord, DamagedRecord."""
    return _read("state", said, _state_of)


def effect_to_json(effect: Effect) -> Json:
    """What is to be done; ``effect`` says which kind it is."""
    said = _fields_of(effect)
    if isinstance(effect, SendMessage) and effect.subject == effect.data.get("subject", ""):
        del said["subject"]  # the data say it
    return _document(effect=_NAMES[type(effect)], **said)


def effect_from_json(said: Json) -> Effect:
    """Raises NewerRecord, DamagedRecord."""
    return _read("effect", said, _effect_of)


def draft_to_json(draft: Draft) -> Json:
    """A message before the gate, address and content included: it is personal."""
    return _document(**{**_fields_of(draft), "content": _content(draft.content)})


def draft_from_json(said: Json) -> Draft:
    """Raises NewerRecord, DamagedRecord."""
    return _read("draft", said, _draft_of)


def _read(document: str, said: Json, build: Callable[[Json], _T]) -> _T:
    try:
        form = dict(upgraded(said, UPGRADES[document], VERSION))
        del form["v"]
        return build(form)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
        raise DamagedRecord(document) from problem


# Parts: each form beside the function that reads it. -----------------------------------------------------------------


def run_to_json(run: Run) -> Json:
    """One run; part of a state."""
    return _without_nothing({**_fields_of(run), "laps": run.laps or None})


def run_from_json(said: Json) -> Run:
    """Raises ValueError, TypeError or LookupError for what is no run."""
    form = _instants(said, "began_at", "since", "until", "news", "ended_at", "first_at", "advertises_until", "over_at")
    for name in ("subject", "step"):
        _a(str, form[name])
    for name, value in {"laps": 0, **form}.items():
        if name in ("number", "version", "laps"):
            _a(int, value)
    jumps = {_a(str, step): _a(int, count) for step, count in form.pop("jumps", {}).items()}
    return Run(**{**form, "ended": _one_of(Ended, form.get("ended")), "jumps": jumps})


def _state_of(form: Json) -> State:
    runs = tuple(run_from_json(each) for each in form.pop("runs", ()))
    return State(runs=runs, **_instants(form, "next_date"))


def _effect_of(form: Json) -> Effect:
    kind = _KINDS[form.pop("effect")]
    _a(str, form["key"])
    form = _instants(form, "planned_at", "expires_at")
    if kind is SendMessage:
        return SendMessage(**_message_of(form))
    if kind in (GrantPoints, IssueCoupon):
        form.setdefault("expires_at", None)
    return kind(**form)


def _message_of(form: Json) -> Json:
    return {
        "topic": None,
        "subject": form.get("data", {}).get("subject", ""),
        **form,
        "kind": MessageKind(form["kind"]),
        "channels": tuple(_a(str, each) for each in form["channels"]),
        "tags": frozenset(form.get("tags", ())),
        "on_unknown": _one_of(OnUnknown, form["on_unknown"]),
    }


def _draft_of(form: Json) -> Draft:
    form = _instants(form, "planned_at", "expires_at")
    content = _content_of(form.pop("content"))
    parts = {
        "kind": MessageKind(form.pop("kind")),
        "tags": frozenset(form.pop("tags", ())),
        "on_unknown": _one_of(OnUnknown, form.pop("on_unknown")),
    }
    for name in ("key", "channel", "customer", "recipient", "address"):
        _a(str, form[name])
    return Draft(content=content, **parts, **form)


def _content(content: Content) -> Json:
    buttons = [_without_nothing(_fields_of(each)) for each in content.buttons]
    return _without_nothing({**_fields_of(content), "buttons": buttons})


def _content_of(form: Json) -> Content:
    buttons = tuple(Button(**each) for each in form.get("buttons", ()))
    return Content(**{**form, "text": _a(str, form["text"]), "buttons": buttons})


# Values. -------------------------------------------------------------------------------------------------------------


def _fields_of(value: Any) -> Json:
    """The fields of an attrs value that holds nothing nested, as JSON; those that are None are left out."""
    kind: Any = type(value)
    return {name: _written(part) for name in _names(kind) if (part := getattr(value, name)) is not None}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _written(value: Any) -> Any:
    kind: Any = type(value)
    return _writer(kind)(value)


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """How the values of a class are written, found once: to ask what it is takes longer than to write one."""
    for of, write in _WRITERS.items():
        if issubclass(kind, of):
            return write
    return lambda value: value


_WRITERS: Final[Mapping[Any, Callable[[Any], Any]]] = MappingProxyType(
    {
        datetime: micros,
        MessageKind: lambda kind: kind.value,
        frozenset: sorted,
        tuple: lambda several: [_written(each) for each in several],
        list: lambda several: [_written(each) for each in several],
        Mapping: lambda named: {name: _written(each) for name, each in named.items()},
    }
)


def _instants(form: Mapping[str, Any], *names: str) -> Json:
    return {name: instant_of(value) if name in names else value for name, value in form.items()}


def _a(kind: type[_T], value: Any) -> _T:
    if type(value) is not kind:
        raise TypeError(type(value).__name__)  # never the value: it may be an address
    return value


def _one_of(words: Any, value: Any) -> Any:
    if value is not None and value not in get_args(words):
        raise ValueError("none of the words")
    return value


def _document(**said: Any) -> Json:
    return {"v": VERSION, **_without_nothing(said)}


def _without_nothing(said: Mapping[str, Any]) -> Json:
    return {name: value for name, value in said.items() if value is not None and value not in ([], {})}
