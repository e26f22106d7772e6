"""What the shop says of itself to the gate: who sends, what it is held to, how often it may write."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal, TypeAlias, final

from attrs import field, frozen

from retention.checks import flag, identifier, label_set
from retention.errors import FactError
from retention.permission._checked import Checked, instance, maybe, member, set_of, span, tuple_of, whole, word_of
from retention.permission.countries import iso, known_country
from retention.permission.media import Medium, MessageKind
from retention.permission.messages import Button, in_order
from retention.permission.platforms import PLATFORM_RULES, NeverCarries, NotDelivered, PlatformRule, ReplyWindow
from retention.spans import Span

Over: TypeAlias = Literal["skip", "defer"]


@final
@frozen(kw_only=True)
class Sender:
    """Who the messages are from, as they must show it. ``refusal`` is the way to refuse texts that costs nothing: in
    Korea ``080-123-4567``, elsewhere ``reply STOP``, say; ``postal_address`` is what the United States require of
    e-mail."""

    name: str
    contact: str
    postal_address: str | None = None
    refusal: str | None = None


@final
@frozen(kw_only=True)
class Cap(Checked):
    """At most ``limit`` messages of those that match within ``window``: an exact span that rolls, or whole local
    days, the week or month in the customer's zone. Empty sets match everything. A message of at least the priority
    ``unless`` is let through and still counts. Raises FactError, UnknownChoice."""

    checks: ClassVar = {
        "key": identifier,
        "limit": whole(0),
        "window": span,
        "media": set_of(member("medium", Medium)),
        "kinds": set_of(member("kind of message", MessageKind)),
        "tags": label_set,
        "over": word_of("answer over a cap", Over),
        "unless": maybe(whole()),
    }

    key: str
    limit: int
    window: Span
    media: frozenset[Medium] = frozenset()
    kinds: frozenset[MessageKind] = frozenset({MessageKind.MARKETING})
    tags: frozenset[str] = frozenset()
    over: Over = "skip"
    unless: int | None = None


@final
@frozen
class ApprovedTemplate:
    """A template as the provider approved it: text with ``#{name}`` for what may differ, in its buttons too."""

    code: str
    text: str
    kinds: frozenset[MessageKind] = frozenset({MessageKind.TRANSACTIONAL, MessageKind.SERVICE})
    buttons: tuple[Button, ...] = field(default=(), converter=in_order)


def _by_country(value: Any, field: str) -> Mapping[str, Sender]:
    """Senders by the two letters of ISO 3166. Raises FactError, UnknownChoice."""
    if not isinstance(value, Mapping):
        raise FactError(field, "is no mapping", got=value, hint='Give {"US": Sender(...)}')
    return MappingProxyType(
        {known_country(each, field): instance(Sender)(sender, f"{field}[{each!r}]") for each, sender in value.items()}
    )


def _by_code(given: Mapping[str, ApprovedTemplate] | tuple[ApprovedTemplate, ...]) -> Mapping[str, ApprovedTemplate]:
    if isinstance(given, Mapping):
        return MappingProxyType(dict(given))
    return MappingProxyType({each.code: each for each in given})


@final
@frozen(kw_only=True, hash=False)
class Policy(Checked):
    """What holds for the whole shop. ``country`` (two letters of ISO 3166) is taken for customers whose own is not
    known. ``senders`` are who the messages are from in other countries, by country, where that is not ``sender``.

    ``double_opt_in``: a consent counts only when it was confirmed, within 7 days of being asked for.
    ``platform_rules`` are what Kakao and WhatsApp ask for, as the library knows it; platforms change their rules.
    Raises FactError, UnknownChoice.
    """

    checks: ClassVar = {
        "sender": instance(Sender),
        "country": known_country,
        "senders": _by_country,
        "caps": tuple_of(Cap),
        "double_opt_in": flag,
        "platform_rules": tuple_of(NeverCarries, NotDelivered, ReplyWindow),
    }

    sender: Sender
    country: str
    senders: Mapping[str, Sender] = field(factory=dict)
    caps: tuple[Cap, ...] = ()
    templates: Mapping[str, ApprovedTemplate] = field(default=(), converter=_by_code)
    double_opt_in: bool = False
    platform_rules: tuple[PlatformRule, ...] = PLATFORM_RULES

    def sender_in(self, country: str | None) -> Sender:
        """Who the messages to that country are from."""
        return self.sender if country is None else self.senders.get(iso(country), self.sender)
