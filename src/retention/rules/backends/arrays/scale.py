"""How finely numbers are kept: times a power of ten, whole."""

from typing import Final, Self, assert_never, final

from attrs import frozen

from retention.rules.backends.arrays.columns import MOST_PLACES
from retention.rules.backends.sets.storage import (
    Aware,
    Decimals,
    Epoch,
    Form,
    Json,
    Listed,
    Major,
    Minor,
    Naive,
    Separated,
)

_MAJOR: Final = "Of major units say so: Stored(amounts=Major()) or As(cells, Major()); of minor ones give whole ones"
_PLACES: Final = "Say how many when the snapshot is made: Stored(numbers=Decimals({0})) or As(cells, Decimals({0}))"


@final
@frozen
class Scale:
    """Numbers are kept times ``factor``, whole; what is finer is refused with ``hint``, or rounded if there is none."""

    factor: int
    hint: str = ""

    @classmethod
    def of(cls, form: Form | None, exponent: int) -> Self:
        """That of a form of numbers or amounts; ``exponent`` is the currency's."""
        match form:
            case Decimals(places):
                return cls(10**places, _PLACES.format(places + 1) if places < MOST_PLACES else "")
            case Major():
                return cls(10**exponent)
            case Minor() | None:
                return cls(1, _MAJOR)
            case Aware() | Naive() | Epoch() | Listed() | Separated() | Json():
                raise AssertionError(f"{form} is no form of numbers")
            case _:
                assert_never(form)
