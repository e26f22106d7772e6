"""What can be asked of tables, part by part: the rows of the support table."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Final, final
from zoneinfo import ZoneInfo

from attrs import frozen

from retention import Rule, calendar_days, days, months, won
from retention.rules import as_of, at_least, cart, consents, customer, orders, purchases, views, visits
from retention.rules.backends.sets.storage import (
    Aware,
    Epoch,
    Form,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
)

AS_OF: Final = datetime(2026, 3, 15, 12, tzinfo=ZoneInfo("Asia/Seoul"))


@final
@frozen
class Capability:
    """A part of the language, in words, with a rule that needs it and nothing else that is rare.

    ``form`` is how the values are kept that it is about, if that matters, and ``kept`` says it in words.
    """

    words: str
    rule: Rule
    form: Form | None = None
    kept: str = ""


_INSTANTS: Final[Mapping[str, Form]] = {
    "aware instants": Aware(),
    "wall times in UTC": Naive(UTC),
    "wall times in a zone with summer time": Naive(ZoneInfo("Europe/Berlin")),
    "epochs": Epoch("ms"),
}
_LABELS: Final[Mapping[str, Form]] = {"lists": Listed(), "one text": Separated(), "JSON": Json()}
_AMOUNTS: Final[Mapping[str, Form]] = {"minor units": Minor(), "major units": Major()}


def _in_each(forms: Mapping[str, Form], words: str, rule: Rule) -> Iterator[Capability]:
    return (Capability(words, rule, form, kept) for kept, form in forms.items())


_LATE: Final = orders.where(orders.delivered_at > orders.at + days(7)).any()

ROWS: Final = (
    Capability("`count()`, `any()`, `none()`", (orders.count() >= 3) & cart.any() & visits.none()),
    Capability("`&`, `|`, `~`, `at_least`", at_least(2, orders.any() & cart.any(), visits.any(), ~views.any())),
    Capability("`is_missing()`", customer.country.is_missing() | orders.status.last().is_missing()),
    Capability("`min()`, `max()`", (orders.total.min() > won(1)) & orders.at.max().before(as_of)),
    Capability("`distinct()`", orders.channel.distinct() >= 2),
    Capability("windows in exact spans", orders.within(days(7)).any() & orders.between(days(7), days(90)).any()),
    Capability("windows in calendar spans", orders.within(months(3)).any() & cart.within(calendar_days(2)).none()),
    Capability("`where` on columns of the row", purchases.where(purchases.category == "coffee").any()),
    Capability("rows compared with the customer", orders.where(orders.total > orders.total.mean()).any()),
    Capability("rows after another collection's last", orders.after(cart.at.last()).none()),
    Capability("a column of the `first()`, `last()`, `nth(n)` row", orders.channel.nth(2) == "app"),
    Capability("`last()`, and then `where`", orders.last().where(orders.channel == "web").any()),
    Capability("`orders.refunded`, added up from refunds", orders.where(orders.refunded > won(0)).any()),
    Capability("`followed_by` within exact spans", views.followed_by(orders, within=days(3))),
    Capability("`not_followed_by` within exact spans", views.not_followed_by(orders, within=days(3))),
    Capability("both within calendar spans", views.followed_by(orders, within=months(1))),
)
VALUES: Final = (
    *_in_each(_AMOUNTS, "sums and means of amounts", (orders.total.sum() > won(9)) & (orders.total.mean() > won(3))),
    Capability("sums and products of two values", orders.count() + visits.count() * views.count() > 12),
    Capability("quotients of two values", visits.count() / orders.item_count.sum() > 3),
    Capability("flags", consents.given.last() & consents.where(~consents.given).none()),
    Capability("text: `==`, `is_in`", customer.country.is_in(["KR", "JP"]) & (customer.city != "Busan")),
    Capability("text: `contains`", customer.email.contains("@example.")),
    Capability("text: `starts_with`, `ends_with`", customer.city.starts_with("Se") | customer.city.ends_with("ul")),
    Capability("text: `casefold()`", customer.city.casefold() == "seoul"),
    Capability("`customer.bucket(salt)`", customer.bucket("spring") < 0.5),
    *_in_each(_LABELS, "labels: `has`", customer.tags.has("vip")),
    *_in_each(_LABELS, "labels: `count()`", customer.tags.count() >= 2),
    Capability("labels of one row", purchases.tags.last().has("sale")),
)
TIMES: Final = (
    *_in_each(
        _INSTANTS, "an instant and `as_of`", customer.joined_at.within(days(7)) & orders.at.last().older_than(days(3))
    ),
    *_in_each(_INSTANTS, "two stored instants", orders.where(orders.paid_at == orders.at).any()),
    *_in_each(_INSTANTS, "two stored instants, one moved by days", _LATE),
    Capability("an instant moved by months, and `as_of`", customer.joined_at + months(1) < as_of),
    Capability("an instant moved by months, and a stored one", customer.joined_at + months(1) < orders.at.first()),
    Capability("a local date and a constant", orders.at.last().on(date(2026, 3, 1))),
    Capability("a local date and a stored date", orders.at.last().local_date() == customer.birthday),
    Capability("dates compared", customer.birthday < date(2008, 3, 15)),
    Capability("anniversaries of a date", customer.birthday.returns_within(7)),
    Capability("anniversaries of an instant's local date", customer.joined_at.local_date().returns_today()),
)
CHAPTERS: Final[Mapping[str, tuple[Capability, ...]]] = {"Rows": ROWS, "Values": VALUES, "Time": TIMES}
