"""Numbers to be taken of customers, planned together with the tests that say of whom."""

from collections.abc import Sequence
from typing import final

from attrs import frozen

from retention.rules.backends.sets.passes import arrange
from retention.rules.backends.sets.plan import Plan
from retention.rules.backends.sets.terms import Absent, Term, Test


@final
@frozen
class Measures:
    """What is asked of each customer; the steps of ``plan`` find all that it uses."""

    plan: Plan
    where: Test
    keys: tuple[Test, ...]
    numbers: tuple[Term | Test, ...]


def measure(where: Test, keys: Sequence[Test] = (), numbers: Sequence[Term | Test] = ()) -> Measures:
    """The plan for numbers of the customers for whom ``where`` is true, and for their answers to ``keys``."""
    # Of a value that stands alone, planning changes nothing; a test may be said in another way.
    beside = (each if isinstance(each, Test) else Absent(each) for each in numbers)
    plan = arrange((where, *keys, *beside))
    asked = plan.tests[1 + len(keys) :]
    said = (test if isinstance(each, Test) else each for each, test in zip(numbers, asked, strict=True))
    return Measures(plan, plan.tests[0], plan.tests[1 : 1 + len(keys)], tuple(said))
