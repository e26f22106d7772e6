"""Faults in what a rule answers, when, and why."""

from tests.mutation.fault import CONFORMANCE, EDGES, ENGINES, WINDOWS, Fault


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
