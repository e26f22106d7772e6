"""Occasions at which a reward is given, and whether something that happened is one."""

from datetime import date, datetime, timedelta, tzinfo
from typing import Any, TypeAlias, assert_never, final, get_args

from attrs import field, frozen

from retention.activity import ConsentEvent, Referral, Review, SurveyAnswer
from retention.checks import identifier, instant
from retention.customer import Customer
from retention.loyalty import given
from retention.loyalty.programme.dates import OrderEvent, birthday_in, happened_at
from retention.loyalty.programme.eligibility import just_before
from retention.money import Money
from retention.order import Order
from retention.spans import local, midnight


@final
@frozen
class SignUp:
    """The customer joined. Given for the ``Customer``, once."""


@final
@frozen
class Consented:
    """A consent was given on a channel. Given for the ``ConsentEvent``, once per channel."""

    channel: str = field(validator=given.name)
    purpose: str = field(default="marketing", validator=given.name)


def _an_event(self: Any, attribute: Any, value: Any) -> None:
    given.one_of(self, attribute, value, "event of an order", get_args(OrderEvent))


@final
@frozen(kw_only=True)
class Ordered:
    """An order of at least ``minimum`` in all came to ``event``. Given with what the order earns, once per order.

    Whose order (a first one, one after a long time) is what the reward's ``when`` says.
    """

    event: OrderEvent = field(default="paid", validator=_an_event)
    minimum: Money | None = field(default=None, validator=given.amount)


@final
@frozen
class Birthday:
    """The customer's birthday, or so many days before it; one of 29 February is kept on the 28th in common years.

    Given for a local day, a ``date``, once a year whichever reward it was.
    """

    lead: int = field(default=0, validator=given.days)


@final
@frozen
class Reviewed:
    """A review was written, with a photo (True), without (False) or either way (None).

    Given for the ``Review``, once per product whichever reward it was.
    """

    photo: bool | None = None


@final
@frozen
class Answered:
    """A survey of that kind was answered, or any. Given for the ``SurveyAnswer``, once for each."""

    kind: str | None = None


@final
@frozen
class BroughtFriend:
    """Somebody whom the customer referred joined or ordered. Given for the ``Referral``, once for each.

    What the other one is given is for an ``Action`` of theirs.
    """

    kind: str = field(default="ordered", validator=given.name)


@final
@frozen
class Did:
    """Anything else: a share, an app installed, a friend's welcome. Given for an ``Action`` of that kind."""

    kind: str = field(validator=given.name)


Occasion: TypeAlias = SignUp | Consented | Ordered | Birthday | Reviewed | Answered | BroughtFriend | Did


@final
@frozen
class Action:
    """Something that the customer did and that no other fact tells; ``id`` is what makes it one and not two."""

    kind: str
    id: str
    at: datetime

    def __attrs_post_init__(self) -> None:
        for name, check in (("kind", identifier), ("id", identifier), ("at", instant)):
            object.__setattr__(self, name, check(getattr(self, name), f"Action.{name}"))


Happened: TypeAlias = Customer | ConsentEvent | Review | SurveyAnswer | Referral | Action | Order | date
"""What rewards are given for; a ``date`` is a local day that has come."""


@final
@frozen(kw_only=True)
class Moment:
    """An occasion that has come, or will: ``at`` is None while the order waits for it.

    ``placed`` is when it counts as having happened, ``as_of`` when the customer is asked about; ``event`` tells it from
    others of its kind, ``subject`` is what is rewarded once.
    """

    at: datetime | None
    placed: datetime
    as_of: datetime
    event: str
    subject: tuple[str, ...]


def moment(on: Occasion, happened: Happened, customer: Customer, zone: tzinfo) -> Moment | None:
    """The occasion, if that is what happened."""
    match on:
        case SignUp():
            return _joined(happened, zone)
        case Consented():
            return _consented(on, happened, zone)
        case Ordered():
            return _ordered(on, happened, zone) if isinstance(happened, Order) else None
        case Birthday():
            return _birthday(on, happened, customer.birthday, zone) if isinstance(happened, date) else None
        case Reviewed():
            return _reviewed(on, happened, zone)
        case Answered():
            return _answered(on, happened, zone)
        case BroughtFriend():
            return _of(happened, zone) if isinstance(happened, Referral) and happened.kind == on.kind else None
        case Did():
            return _of(happened, zone) if isinstance(happened, Action) and happened.kind == on.kind else None
        case _:
            assert_never(on)


def _joined(happened: Happened, zone: tzinfo) -> Moment | None:
    at = happened.joined_at if isinstance(happened, Customer) else None
    if at is None:
        return None
    return Moment(at=at, placed=at, as_of=just_before(at, zone), event="", subject=())


def _consented(on: Consented, happened: Happened, zone: tzinfo) -> Moment | None:
    if not isinstance(happened, ConsentEvent) or not happened.given:
        return None
    same = (happened.channel, happened.purpose) == (on.channel, on.purpose)
    return _of(happened, zone, on.channel, on.purpose) if same else None


def _reviewed(on: Reviewed, happened: Happened, zone: tzinfo) -> Moment | None:
    if not isinstance(happened, Review) or on.photo not in (None, bool(happened.has_photo)):
        return None
    return _of(happened, zone, happened.product_id or happened.id)


def _answered(on: Answered, happened: Happened, zone: tzinfo) -> Moment | None:
    if not isinstance(happened, SurveyAnswer) or on.kind not in (None, happened.kind):
        return None
    return _of(happened, zone)


def _of(happened: ConsentEvent | Review | SurveyAnswer | Referral | Action, zone: tzinfo, *subject: str) -> Moment:
    """The moment of a fact, which is rewarded once itself unless it is about some ``subject``."""
    at = happened.at
    once = subject or (happened.id,)
    return Moment(at=at, placed=at, as_of=just_before(at, zone), event=happened.id, subject=once)


def _ordered(on: Ordered, order: Order, zone: tzinfo) -> Moment:
    at = happened_at(order, on.event)
    as_of = just_before(order.at, zone)
    return Moment(at=at, placed=order.at, as_of=as_of, event=order.id, subject=(order.id,))


def _birthday(on: Birthday, day: date, birthday: date | None, zone: tzinfo) -> Moment | None:
    if birthday is None or day.toordinal() + on.lead > date.max.toordinal():
        return None
    kept = day + timedelta(days=on.lead)
    if birthday_in(kept.year, birthday) != kept:
        return None
    at = midnight(day, zone)
    return Moment(at=at, placed=at, as_of=local(at, zone), event=f"{day}", subject=(f"{kept.year}",))
