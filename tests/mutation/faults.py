"""Faults that somebody could make in the heart of the library, each with the tests that have to notice it.

``before`` is found exactly once in ``file`` (a test holds this list to the source) and is replaced by ``after``.
"""

from typing import final

from attrs import frozen

EDGES = "tests/rules/test_edges.py"
CONFORMANCE = "tests/conformance"
ENGINES = "tests/property/test_engines_agree.py"
SIMPLIFY = ("tests/rules/test_simplify.py", "tests/property/test_simplify.py")
ANALYSE = ("tests/rules/test_analyse.py", "tests/property/test_analyse.py")
WINDOWS = "tests/rules/test_handles_windows.py"


@final
@frozen
class Fault:
    """One wrong line: what it does, where, and who must notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


def _timeline(name: str, file: str, before: str, after: str) -> Fault:
    return Fault(name, file, before, after, (EDGES, "tests/rules/test_timeline.py", CONFORMANCE, ENGINES))


def _engine(name: str, file: str, before: str, after: str, *tests: str) -> Fault:
    return Fault(name, file, before, after, (*tests, EDGES, CONFORMANCE, ENGINES))


_COMPILED = "rules/backends/compiled"

SPANS = (
    _engine(
        "a month is thirty days",
        "spans.py",
        "relativedelta(months=sign * span.count)",
        "timedelta(days=30 * sign * span.count)",
        WINDOWS,
    ),
    _engine(
        "of a wall time that comes twice, the second",
        "spans.py",
        "    return utc(early)\n",
        "    return utc(late)\n",
    ),
    _engine(
        "a wall time that is skipped stays in the gap",
        "spans.py",
        "after is not None and after > before:",
        "after is not None and after > before and False:",
    ),
    Fault(
        "seven calendar days are eight",
        "spans.py",
        "today.toordinal() - count + 1)",
        "today.toordinal() - count)",
        (WINDOWS,),
    ),
    Fault(
        "weeks begin on Sunday",
        "spans.py",
        "today.toordinal() - today.weekday())",
        "today.toordinal() - today.isoweekday() % 7)",
        (WINDOWS, EDGES, CONFORMANCE),
    ),
)

_PROFILE = (EDGES, "tests/facts/test_profile.py", CONFORMANCE, "tests/property/test_profile.py")

PROFILE = (
    Fault(
        "what is later is visible",
        "profile.py",
        "known = bisect_right(column, now)",
        "known = len(column)",
        _PROFILE,
    ),
    Fault(
        "what happens at the instant itself is not visible",
        "profile.py",
        "known = bisect_right(column, now)",
        "known = bisect_right(column, now) - (now in column)",
        _PROFILE,
    ),
    Fault(
        "later refunds are visible",
        "profile.py",
        "refunds=tuple(refund for refund in order.refunds if refund.at <= now)",
        "refunds=order.refunds",
        _PROFILE,
    ),
    Fault(
        "deliveries are known before they come",
        "profile.py",
        "is not None and instant > now",
        "is not None and instant < now",
        _PROFILE,
    ),
)

EVALUATE = (
    _engine(
        "the mean of nothing is 0",
        f"{_COMPILED}/runtime.py",
        "len(known)) if known else None",
        "len(known)) if known else Fraction(0)",
    ),
    _engine(
        "missing cells are added up",
        f"{_COMPILED}/runtime.py",
        "[cell for cell in cells if cell is not None]",
        "[cell or 0 for cell in cells]",
    ),
    _engine(
        "every salt gives the same bucket",
        f"{_COMPILED}/runtime.py",
        r'f"{salt}\0{text}"',
        r'f"\0{text}"',
    ),
    _engine(
        "what happens at the same instant follows",
        f"{_COMPILED}/runtime.py",
        "bisect_right(thens, first)",
        "bisect_right(thens, first - timedelta(microseconds=1))",
    ),
    _engine(
        "missed only after the span has passed",
        f"{_COMPILED}/runtime.py",
        "shift(first, span, 1, zone) <= now and",
        "shift(first, span, 1, zone) < now and",
    ),
    _engine(
        "29 February is never skipped",
        f"{_COMPILED}/runtime.py",
        '"skip": 0}',
        '"skip": 228}',
    ),
    _engine(
        "a missing operand is compared",
        f"{_COMPILED}/conditions.py",
        "return Term(test, present).guarded(test)",
        "return test",
    ),
    _engine(
        "fewer than three are three",
        f"{_COMPILED}/conditions.py",
        '"<": (number, False),',
        '"<": (number + 1, False),',
    ),
    _engine(
        "at least two are more than two",
        f"{_COMPILED}/conditions.py",
        'f"({terms} >= {w.constant(count)})"',
        'f"({terms} > {w.constant(count)})"',
    ),
    _engine(
        "the division by zero is made",
        f"{_COMPILED}/values.py",
        'both(present, f"{right.expression} != 0")',
        "present",
    ),
)

REFERENCE = (
    Fault(
        "the reference lets the same instant follow",
        "rules/backends/reference.py",
        "if one.at < each.at <= end",
        "if one.at <= each.at <= end",
        (EDGES, CONFORMANCE),
    ),
    Fault(
        "the reference finds a missing value unequal and so true",
        "rules/backends/reference.py",
        "    if left is None or right is None:\n        return False\n",
        "    if left is None or right is None:\n        return left is right\n",
        (EDGES, CONFORMANCE),
    ),
)

TIMELINE = (
    _timeline(
        "the change comes a tick late",
        "rules/backends/clocks.py",
        "past = [each + TICK for each in on]",
        "past = [each + 2 * TICK for each in on]",
    ),
    _timeline(
        "a rule that must fall, must rise",
        "rules/backends/course.py",
        "return _OPPOSITE[course_of(inner)]",
        "return course_of(inner)",
    ),
    _timeline(
        "leap years are not waited for",
        "rules/backends/timeline.py",
        "366 * (9 if",
        "366 * (1 if",
    ),
    _timeline(
        "a month's end does not hold a moment still",
        "rules/backends/crossings.py",
        "if wall.day <= _UNCLAMPED and not bends",
        "if not bends",
    ),
    _timeline(
        "facts change nothing in a course",
        "rules/backends/timeline.py",
        "if self._holds(known, start, zone) != answer:",
        "if False:",
    ),
)

SIMPLIFIED = (
    Fault(
        "more than two and a half are four",
        "rules/comparisons.py",
        'operator, bound = ">=", floor(bound) + 1',
        'operator, bound = ">=", ceil(bound) + 1',
        SIMPLIFY,
    ),
    Fault(
        "the opposite of < is >",
        "rules/comparisons.py",
        '"<": ">=", "<=": ">", ">": "<=", ">=": "<"}',
        '"<": ">", "<=": ">", ">": "<=", ">=": "<"}',
        SIMPLIFY,
    ),
    Fault(
        "the opposite of a comparison forgets the missing",
        "rules/comparisons.py",
        "if rule.operator in _OPPOSITE and never_missing(rule.left) and never_missing(rule.right):",
        "if rule.operator in _OPPOSITE:",
        SIMPLIFY,
    ),
    Fault(
        "x >= 5 implies x > 5",
        "rules/implication.py",
        'strictly=(one, other) == (">=", ">"))',
        "strictly=False)",
        SIMPLIFY,
    ),
    Fault(
        "Missing implies every comparison",
        "rules/implication.py",
        "return value in set(needed(other))",
        "return True",
        SIMPLIFY,
    ),
    Fault(
        "a month is at least four weeks and five days",
        "rules/windows.py",
        "365 * count // 12 - 3,",
        "365 * count // 12 + 8,",
        SIMPLIFY,
    ),
    Fault(
        "six days reach back to Monday",
        "rules/windows.py",
        "return count >= _LONGEST_PERIOD[unit]",
        "return count >= _LONGEST_PERIOD[unit] - 1",
        SIMPLIFY,
    ),
    Fault(
        "rows are left out before one is picked",
        "rules/simplify.py",
        "    if source.pick is None:\n",
        "    if source.pick is None or where is not None:\n",
        SIMPLIFY,
    ),
    Fault(
        "a rule and its opposite count as none",
        "rules/junctions.py",
        "open_rules.remove(against)  # exactly one of the two is true\n            count -= 1",
        "open_rules.remove(against)",
        SIMPLIFY,
    ),
    Fault(
        "x < 5 or x > 5 is every x",
        "rules/junctions.py",
        '"<" if (up, down) == ("<", ">") else "<="',
        '"<="',
        SIMPLIFY,
    ),
    Fault(
        "options are united under and",
        "rules/junctions.py",
        "if kind is All else (*before, *listed)",
        "if kind is AnyOf else (*before, *listed)",
        SIMPLIFY,
    ),
)

ANALYSED = (
    Fault(
        "a way that stays open is closed",
        "rules/proof.py",
        "        if not branch.choices:\n            return False\n",
        "        if not branch.choices:\n            return True\n",
        ANALYSE,
    ),
    Fault(
        "one closed option closes the choice",
        "rules/proof.py",
        "return all(self._closes(branch.copy(), each) for each in options)",
        "return any(self._closes(branch.copy(), each) for each in options)",
        ANALYSE,
    ),
    Fault(
        "not x < 3 is x >= 3",
        "rules/proof.py",
        "AnyOf((turned, *gone))",
        "AnyOf((turned,))",
        ANALYSE,
    ),
    Fault(
        "a whole is part of its part",
        "rules/consequences.py",
        "self.inside(one.events, other.events)",
        "self.inside(other.events, one.events)",
        ANALYSE,
    ),
    Fault(
        "the sum of nothing is unknown",
        "rules/consequences.py",
        'term.function == "sum" and term.events == empty',
        'term.function == "mean" and term.events == empty',
        ANALYSE,
    ),
    Fault(
        "columns of other rows are this row's",
        "rules/selections.py",
        "        case Events():\n            return node  # its columns are its own rows'\n",
        "",
        ANALYSE,
    ),
    Fault(
        "what is equal can be unequal",
        "rules/ordering.py",
        "self._reaches(one, other) and self._reaches(other, one) for",
        "False for",
        ANALYSE,
    ),
    Fault(
        "a second row needs one",
        "rules/consequences.py",
        "_at_least(abs(term.events.pick or 1), term.events)",
        "_at_least(1, term.events)",
        ANALYSE,
    ),
)

_JSON = ("tests/rules/test_jsonform.py", "tests/rules/test_golden.py", "tests/rules/test_hostile.py")
_TEXT = ("tests/rules/test_text.py", "tests/rules/test_golden.py")

WRITTEN = (
    Fault(
        "of a key that comes twice, the last",
        "rules/backends/jsonform/strict.py",
        "if len(found) == len(pairs):",
        "if pairs:",
        _JSON,
    ),
    Fault(
        "what was missed has followed",
        "rules/backends/jsonform/version1.py",
        'missed = "not_followed_by" in fields',
        'missed = "followed_by" in fields',
        _JSON,
    ),
    Fault(
        "whole days in a text lose their first instant",
        "rules/backends/text/lowering.py",
        'begun = Compare(">=" if is_whole_days(span) else ">", value, Ago(span))',
        'begun = Compare(">", value, Ago(span))',
        _TEXT,
    ),
    Fault(
        "or needs no brackets",
        "rules/backends/text/printer.py",
        'together = " or ".join(rule_text(each, Place.IN_OR) for each in rules)\n'
        '    return together if place is Place.ALONE else f"({together})"',
        'return " or ".join(rule_text(each, Place.IN_OR) for each in rules)',
        _TEXT,
    ),
    Fault(
        "a - (b - c) is a - b - c",
        "rules/backends/text/printer.py",
        "Binding(own + 1)",
        "own",
        _TEXT,
    ),
)

_EXPLAIN = ("tests/rules/test_explain.py", "tests/rules/test_timeline.py")

EXPLAINED = (
    Fault(
        "the first row decides on the last",
        "rules/backends/explain.py",
        "return rows[-1:]",
        "return rows[:1]",
        _EXPLAIN,
    ),
    Fault(
        "one more than is lacking",
        "rules/backends/flips.py",
        "return reached - found",
        "return reached - found + 1",
        _EXPLAIN,
    ),
    Fault(
        "e-mail addresses are shown",
        "rules/backends/observations.py",
        '"name", "email", "phone"',
        '"name", "phone"',
        _EXPLAIN,
    ),
    Fault(
        "the answer was the same a tick before",
        "rules/backends/timeline.py",
        "if self._holds(known, instant - TICK, zone) != answer:",
        "if self._holds(known, instant, zone) != answer:",
        _EXPLAIN,
    ),
)

FAULTS = (*SPANS, *PROFILE, *EVALUATE, *REFERENCE, *TIMELINE, *SIMPLIFIED, *ANALYSED, *WRITTEN, *EXPLAINED)
