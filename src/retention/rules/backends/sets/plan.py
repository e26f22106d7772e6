"""What a set-based engine is to do: passes over collections, one after the other, then one test for each rule."""

from typing import TypeAlias, final

from attrs import frozen

from retention.rules.backends.sets.terms import ALWAYS, Followed, Tally, Test, Trait


@final
@frozen
class Pass:
    """One pass over a collection: every tally out of it that earlier passes make possible.

    Rows for which ``where`` is false matter to no tally; it uses nothing but the row and constants. ``tallies`` come
    with their tests over the remaining rows: ``ALWAYS`` if all of them count. ``needs`` are values of the customer that
    those tests and values use: attributes, and tallies of earlier passes; rows whose customer is unknown do not matter.

    What ``settled.settle`` adds: ``settled`` are tests of these tallies, which nothing else uses; ``matters`` is a test
    of them that is true of all customers but those of whom the pass may as well find nothing.
    """

    collection: str
    where: Test
    tallies: tuple[tuple[Tally, Test], ...]
    needs: "tuple[Trait | Tally | Followed, ...]" = ()
    settled: tuple[Test, ...] = ()
    matters: Test = ALWAYS


@final
@frozen
class FollowPass:
    """One sequence to look for, as a flag of each customer."""

    followed: Followed
    needs: "tuple[Trait | Tally | Followed, ...]" = ()


Step: TypeAlias = Pass | FollowPass


@final
@frozen
class Plan:
    """Steps in an order in which each needs earlier ones only, and a test of the customer for each rule asked.

    The tests use attributes and what the steps found. ``settled`` are tests of attributes that nothing else uses.
    """

    steps: tuple[Step, ...]
    tests: tuple[Test, ...]
    settled: tuple[Test, ...] = ()
