"""Segments of the shop's own, from ``name: rule`` as it was written; whatever is wrong says where."""

from collections.abc import Iterable, Mapping

from retention.cli.options import Written
from retention.errors import ConfigurationError, RetentionError, UnknownName
from retention.money import Money
from retention.rules import Rule
from retention.rules.references import references
from retention.schema import Schema
from retention.segments import Segment, SegmentSet
from retention.segments.catalogue import standard_segments

_EXAMPLE = "Write 'often: orders.count() >= 3'"


def own_segments(rules: Iterable[Written], schema: Schema) -> list[Segment]:
    """The segments, which may refer to each other and to the standard ones.

    Raises ConfigurationError with the place of what is wrong, ReferenceCycle for a ring. Costs the compilation of a
    set, so that nobody waits for a long file to be read before a misspelt name is told.
    """
    standard = standard_segments(Money(1, schema.currency or "KRW"), schema=schema)
    own: dict[str, Segment] = {}
    places: dict[str, str] = {}
    for written in rules:
        made = _segment(written, schema)
        _check_free(made.key, written.place, standard, places)
        own[made.key], places[made.key] = made, written.place
    _check_known(own, places, {*own, *standard.keys})
    SegmentSet([*own.values(), *standard], schema=schema)  # refuses rings
    return list(own.values())


def _segment(written: Written, schema: Schema) -> Segment:
    name, colon, rule = written.text.partition(":")
    if not colon or not name.strip():
        lacking = "no name before the colon" if colon else "no colon between name and rule"
        raise ConfigurationError(f"{written.place}: a segment has {lacking}", hint=_EXAMPLE)
    told = " ".join(rule.split())
    try:
        return Segment(name.strip(), Rule.from_text(rule.strip(), schema), description=told, schema=schema)
    except RetentionError as error:
        raise ConfigurationError(f"{written.place}: {error}") from None


def _check_free(key: str, place: str, standard: SegmentSet, places: Mapping[str, str]) -> None:
    if key in standard:
        raise ConfigurationError(f"{place}: a standard segment is called {key!r}", hint="Choose another name")
    if key in places:
        raise ConfigurationError(f"{place}: {places[key]} has the same name", hint="Choose another name")


def _check_known(own: Mapping[str, Segment], places: Mapping[str, str], known: set[str]) -> None:
    for key, segment in own.items():
        for other in references(segment.rule.node):
            if other not in known:
                raise ConfigurationError(f"{places[key]}: {UnknownName('segment', other, known)}")
