"""The United States, Europe, Canada, Japan, Australia, and countries whose rules nobody has written down."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from retention.permission import (
    SHIPPED,
    US_QUIET_HOURS,
    Content,
    Hours,
    Jurisdiction,
    Jurisdictions,
    Medium,
    MessageKind,
    Person,
    Policy,
    Sender,
)
from retention.permission.jurisdictions import Dated, OptOutHonoured, SendingHours, StopMeans
from retention.permission.jurisdictions.europe import COUNTRIES
from retention.permission.quiet import is_open, zone_of
from retention.spans import TICK
from tests.permission.scene import (
    CONSENTS,
    NOON,
    POLICY,
    SENDER,
    ask,
    codes,
    consent,
    draft,
    person,
    refused,
    sources,
    trade,
    until,
)

NEW_YORK = ZoneInfo("America/New_York")
MONDAY, SATURDAY, SUNDAY = (datetime(2026, 11, day, tzinfo=NEW_YORK) for day in (23, 28, 29))


def american(region: str | None = "NY", **changed: Any) -> Person:
    return person(**({"country": "US", "region": region, "zone": "America/New_York"} | changed))


def open_hours(region: str | None, day: datetime) -> tuple[int, int] | None:
    """The first and the last hour at whose beginning a text goes out on that day, the last one's end."""
    hours = [hour for hour in range(24) if not codes(ask(to=american(region), now=day.replace(hour=hour)))]
    assert hours == list(range(hours[0], hours[-1] + 1)) if hours else True
    return (hours[0], hours[-1] + 1) if hours else None


@pytest.mark.parametrize(
    ("states", "monday", "saturday", "sunday"),
    [
        ("NY CA WA", (8, 21), (8, 21), (8, 21)),  # 47 CFR 64.1200(c)(1)
        ("FL OK MD NJ MA", (8, 20), (8, 20), (8, 20)),
        ("CT NV", (9, 20), (9, 20), (9, 20)),
        ("TX", (9, 21), (9, 21), (12, 21)),
        ("RI", (9, 18), None, None),
        ("AL LA MS", (8, 21), (8, 21), None),
        ("MI MN NM", (9, 21), (9, 21), (9, 21)),
        ("KY", (10, 21), (10, 21), (10, 21)),
    ],
)
def test_us_texts_keep_the_hours_of_their_state(
    states: str, monday: tuple[int, int], saturday: tuple[int, int] | None, sunday: tuple[int, int] | None
) -> None:
    """Tables of November 2025: support.referrizer.com, dropcowboy.com/state-compliance."""
    for state in states.split():
        assert [open_hours(state, day) for day in (MONDAY, SATURDAY, SUNDAY)] == [monday, saturday, sunday], state


def test_us_an_unknown_state_has_hours_that_every_state_allows() -> None:
    assert [open_hours(None, day) for day in (MONDAY, SATURDAY, SUNDAY)] == [(10, 17), None, None]
    unknown = next(rule for rule in US_QUIET_HOURS if not rule.regions)
    assert open_hours("Florida", MONDAY) == open_hours("PR", MONDAY) == (10, 17)  # no code of a state
    for rule, day, minute in product(US_QUIET_HOURS, range(7), range(0, 24 * 60, 30)):
        instant = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(days=day, minutes=minute)
        assert is_open(rule.week, instant, UTC) or not is_open(unknown.week, instant, UTC)


def test_us_every_state_is_in_the_table_once() -> None:
    states = [state for rule in US_QUIET_HOURS for state in rule.regions]
    assert len(states) == len(set(states)) == 51  # with the District of Columbia


def test_us_an_unknown_zone_is_every_zone() -> None:
    """From 8 a.m. in Honolulu to 9 p.m. in New York."""
    somewhere = american("NY", zone=None)
    opens = MONDAY.replace(hour=8).replace(tzinfo=ZoneInfo("Pacific/Honolulu"))
    assert until(ask(to=somewhere, now=MONDAY.replace(hour=9))) == opens
    assert codes(ask(to=somewhere, now=opens)) == ()
    assert codes(ask(to=somewhere, now=MONDAY.replace(hour=21) - TICK)) == ()
    assert codes(ask(to=somewhere, now=MONDAY.replace(hour=21))) == ("quiet-hours",)


def test_us_the_region_may_carry_its_country() -> None:
    for region in ("US-RI", "ri", " RI "):
        assert codes(ask(to=american(region), now=SUNDAY.replace(hour=12))) == ("quiet-hours",)


def test_us_consent_to_the_night_does_not_lift_the_hours() -> None:
    night = (*CONSENTS, consent(purpose="night"))
    assert codes(ask(to=american(consents=night), now=MONDAY.replace(hour=22))) == ("quiet-hours",)


def test_us_the_hours_are_a_profile_that_a_host_can_leave_out() -> None:
    us = SHIPPED.of("US")
    without = SHIPPED.having({"US": evolve(us, rules=tuple(each for each in us.rules if each not in US_QUIET_HOURS))})
    assert codes(ask(to=american(), now=MONDAY.replace(hour=3), jurisdictions=without)) == ()


def test_us_texts_need_consent_and_e_mail_only_that_nobody_refused() -> None:
    """47 CFR 64.1200(a)(2); CAN-SPAM, 15 U.S.C. 7704."""
    nobody = american(consents=())
    assert refused(ask(draft(), nobody, now=MONDAY.replace(hour=12))) == ("consent-missing",)
    assert codes(ask(draft(Medium.EMAIL), nobody)) == ()
    refusing = american(consents=(consent("email", act="withdrawn"),))
    assert refused(ask(draft(Medium.EMAIL), refusing)) == ("withdrawn",)


def test_us_e_mail_shows_a_postal_address_and_a_way_out() -> None:
    """15 U.S.C. 7704(a)(3) and (5)."""
    bare = draft(Medium.EMAIL, content=Content(subject="Sale", text="Haneul sale"))
    answer = ask(bare, american())
    assert set(refused(answer)) == {"postal-address-missing", "unsubscribe-link-missing"}
    assert "7704" in sources(answer)


def test_us_stop_means_all_from_31_january_2027() -> None:
    """47 CFR 64.1200(a)(10), waived by the FCC's order of 6 January 2026."""
    us = SHIPPED.of("US")
    assert [each.scope for each in us.of(StopMeans, date(2027, 1, 30))] == ["medium"]
    assert [each.scope for each in us.of(StopMeans, date(2027, 1, 31))] == ["all"]


@pytest.mark.parametrize(
    ("country", "days", "business"), [("US", 10, True), ("CA", 10, True), ("AU", 5, True), ("DE", 0, False)]
)
def test_how_long_the_law_gives_to_honour_a_refusal(country: str, days: int, business: bool) -> None:
    (rule,) = SHIPPED.of(country).of(OptOutHonoured, NOON.date())
    assert (rule.days, rule.business) == (days, business)


@pytest.mark.parametrize("country", [*COUNTRIES, "UK", "de", "JP", "CA", "AU", "BR", "PG"])
def test_opt_in_is_the_rule(country: str) -> None:
    """Directive 2002/58/EC art. 13(1) and the like; countries without rules here have cautious ones."""
    at_noon = person(country=country)
    assert codes(ask(draft(Medium.EMAIL), at_noon)) == ()
    assert "consent-missing" in refused(ask(draft(Medium.EMAIL), person(country=country, consents=())))


@pytest.mark.parametrize("country", ["DE", "GB"])
@pytest.mark.parametrize(
    ("lacking", "code"),
    [
        ("collected_directly", "trade-indirect"),
        ("topics", "trade-other-goods"),
        ("could_refuse", "trade-no-refusal"),
    ],
)
def test_eu_soft_opt_in_needs_all_of_its_conditions(country: str, lacking: str, code: str) -> None:
    """Directive 2002/58/EC art. 13(2)."""
    long_ago = NOON - timedelta(days=3000)
    to = person(country=country, consents=(), trades=(trade(long_ago),))
    assert codes(ask(draft(Medium.EMAIL), to)) == ()
    answer = ask(draft(Medium.EMAIL), evolve(to, trades=(trade(long_ago, **{lacking: frozenset()}),)))
    assert refused(answer) == ("consent-missing", code)
    assert "13(2)" in sources(answer)


def test_eu_every_message_offers_a_way_out() -> None:
    """Directive 2002/58/EC art. 13(2)."""
    silent = draft(Medium.EMAIL, content=Content(subject="Sale", text="Haneul sale"), unsubscribe=None)
    assert set(refused(ask(silent, person(country="DE")))) == {"unsubscribe-link-missing", "unsubscribe-missing"}


def test_eu_an_objection_is_absolute() -> None:
    """GDPR art. 21(3)."""
    to = person(country="DE", consents=(consent("sms", act="withdrawn", scope="all"),), trades=(trade(NOON),))
    assert refused(ask(draft(Medium.EMAIL, asked_for=True), to)) == ("withdrawn",)
    assert [each.scope for each in SHIPPED.of("DE").of(StopMeans, NOON.date())] == ["all"]


@pytest.mark.parametrize(
    ("enquiry", "ended", "last"),
    [(False, date(2024, 2, 29), date(2026, 2, 28)), (True, date(2026, 3, 31), date(2026, 9, 30))],
)
def test_ca_consent_is_implied_for_two_years_or_six_months(enquiry: bool, ended: date, last: date) -> None:
    """CASL s. 10(9) and (10)."""
    toronto = ZoneInfo("America/Toronto")
    at = datetime(ended.year, ended.month, ended.day, 12, tzinfo=toronto)
    to = person(
        country="CA", zone="America/Toronto", consents=(), trades=(trade(at, enquiry=enquiry, topics=frozenset()),)
    )
    evening = datetime(last.year, last.month, last.day, 23, 59, tzinfo=toronto)
    assert codes(ask(draft(Medium.EMAIL), to, now=evening)) == ()
    answer = ask(draft(Medium.EMAIL), to, now=evening + timedelta(minutes=1))
    assert refused(answer) == ("consent-missing", "trade-over")


def test_ca_where_the_zone_is_not_known_the_period_ends_with_the_first_zone() -> None:
    """The last day is over in St. John's half an hour before it is in Halifax."""
    at = datetime(2024, 6, 1, 12, tzinfo=UTC)
    to = person(country="CA", zone=None, consents=(), trades=(trade(at),))
    over = datetime(2026, 6, 2, tzinfo=ZoneInfo("America/St_Johns"))
    assert codes(ask(draft(Medium.EMAIL), to, now=over - TICK)) == ()
    assert "trade-over" in codes(ask(draft(Medium.EMAIL), to, now=over))


@pytest.mark.parametrize(
    ("country", "needed"),
    [
        ("JP", {"sender-name-missing", "contact-missing", "unsubscribe-link-missing"}),
        ("CA", {"sender-name-missing", "contact-missing", "postal-address-missing", "unsubscribe-link-missing"}),
        ("AU", {"sender-name-missing", "contact-missing", "unsubscribe-link-missing"}),
        ("BR", {"sender-name-missing", "contact-missing", "postal-address-missing", "unsubscribe-link-missing"}),
    ],
)
def test_what_advertising_shows(country: str, needed: set[str]) -> None:
    """JP art. 4; CASL s. 6(2); AU Spam Act s. 17 and 18."""
    bare = draft(Medium.EMAIL, content=Content(subject="Sale", text="cheap"))
    assert set(refused(ask(bare, person(country=country)))) == needed


def test_other_countries_have_quiet_hours_in_all_of_their_zones() -> None:
    brazilian = person(country="BR", zone=None)
    noronha, acre = ZoneInfo("America/Noronha"), ZoneInfo("America/Eirunepe")
    night = datetime(2026, 11, 23, 21, tzinfo=noronha)
    assert until(ask(to=brazilian, now=night)) == datetime(2026, 11, 24, 8, tzinfo=acre)
    assert codes(ask(to=brazilian, now=night - TICK)) == ()
    assert codes(ask(draft(Medium.EMAIL), brazilian, now=night)) == ()


def test_where_no_zone_is_known_nothing_that_has_hours_goes_out() -> None:
    nowhere = Jurisdictions(SHIPPED.countries, SHIPPED.others, zones={})
    lost = person(country="BR", zone=None)
    assert refused(ask(to=lost, jurisdictions=nowhere)) == ("zone-unknown",)
    assert codes(ask(draft(Medium.EMAIL), lost, jurisdictions=nowhere)) == ()
    assert codes(ask(draft(kind=MessageKind.SERVICE), lost, jurisdictions=nowhere)) == ()


@pytest.mark.parametrize("country", ["KOR", "XX", "Korea", "82"])
@pytest.mark.parametrize("zone", [None, "Asia/Seoul"])
def test_advertising_goes_nowhere_where_nobody_knows_whose_rules_hold(country: str, zone: str | None) -> None:
    lost = person(country=country, zone=zone)
    assert refused(ask(to=lost)) == ("country-unknown",)
    assert refused(ask(draft(Medium.EMAIL), lost)) == ("country-unknown",)
    assert codes(ask(draft(kind=MessageKind.SERVICE), lost)) == ()
    assert codes(ask(draft(kind=MessageKind.TRANSACTIONAL), lost)) == ()


def test_a_country_is_known_that_iso_or_the_host_knows() -> None:
    kosovo = SHIPPED.having({"XK": SHIPPED.of("DE")})
    assert all(SHIPPED.knows(each) for each in ("KR", "kr", "UK", "EL", "PG"))
    assert not SHIPPED.knows("XK")
    assert kosovo.knows("XK")
    assert codes(ask(to=person(country="XK", zone="Europe/Belgrade"), jurisdictions=kosovo)) == ()


def test_an_unknown_country_is_the_shops() -> None:
    german = Policy(sender=SENDER, country="DE")
    stranger = person(country=None, zone=None)
    at_night = datetime(2026, 11, 23, 23, tzinfo=ZoneInfo("Asia/Seoul"))
    assert codes(ask(to=stranger, now=at_night)) == ("quiet-hours",)
    assert codes(ask(to=stranger, now=at_night, policy=german)) == ()


def test_a_host_overrides_a_country_and_dates_its_rules() -> None:
    hours = SendingHours(
        week=(Hours(time(10), time(12)),),
        media=frozenset({Medium.EMAIL}),
        since=date(2026, 11, 24),
        until=date(2026, 11, 25),
        source="our own",
    )
    german = SHIPPED.of("DE")
    ours = SHIPPED.having({"DE": Jurisdiction("Germany", (*german.rules, hours))})
    to = person(country="DE", zone="Europe/Berlin")
    message = draft(Medium.EMAIL)
    for day, expected in ((23, ()), (24, ("quiet-hours",)), (25, ())):
        now = datetime(2026, 11, day, 15, tzinfo=ZoneInfo("Europe/Berlin"))
        assert codes(ask(message, to, now=now, jurisdictions=ours)) == expected
    waiting = ask(message, to, now=datetime(2026, 11, 24, 15, tzinfo=ZoneInfo("Europe/Berlin")), jurisdictions=ours)
    assert until(waiting) == datetime(2026, 11, 25, tzinfo=ZoneInfo("Europe/Berlin"))  # the rule is gone before 10:00


def test_every_rule_names_its_source() -> None:
    everywhere = {id(each): each for each in (*SHIPPED.countries.values(), SHIPPED.others)}.values()
    rules = [rule for jurisdiction in everywhere for rule in jurisdiction.rules]
    assert len(rules) > 30
    assert all(isinstance(rule, Dated) and rule.source for rule in rules)


def test_every_zone_of_every_country_is_known() -> None:
    assert set(SHIPPED.countries) <= set(SHIPPED.zones)
    assert [name for names in SHIPPED.zones.values() for name in names if zone_of(name) is None] == []
    assert SHIPPED.zones["KR"] == ("Asia/Seoul",)
    assert {"Pacific/Honolulu", "America/New_York"} <= set(SHIPPED.zones["US"])


def test_nobody_without_a_refusal_line_advertises_by_text_where_one_is_owed() -> None:
    shop = Policy(sender=Sender(name="Haneul", contact="02-555-0100"), country="KR")
    assert "refusal-missing" in refused(ask(policy=shop))
    assert POLICY.sender.refusal is not None
