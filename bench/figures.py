"""One measured number with the goal it is held to, or why it could not be measured."""

from typing import Literal, TypeAlias, final

from attrs import frozen


@final
@frozen
class Figure:
    """``bound`` is the side on which the goal lies; a figure without a goal is shown for what it is.

    ``spread`` is between which values the repetitions lay, where that says something.
    """

    name: str
    value: float
    unit: str
    goal: float | None = None
    bound: Literal["at most", "at least"] = "at most"
    spread: tuple[float, float] | None = None

    @property
    def holds(self) -> bool:
        if self.goal is None:
            return True
        return self.value <= self.goal if self.bound == "at most" else self.value >= self.goal


@final
@frozen
class NotMeasured:
    """A figure that this machine cannot give; neither met nor missed."""

    name: str
    why: str


Finding: TypeAlias = Figure | NotMeasured


def shown(name: str, value: float, unit: str, spread: tuple[float, float] | None = None) -> Figure:
    """A figure without a goal."""
    return Figure(name, value, unit, spread=spread)


def at_most(goal: float, name: str, value: float, unit: str, spread: tuple[float, float] | None = None) -> Figure:
    """A figure that holds while it is not above the goal."""
    return Figure(name, value, unit, goal, spread=spread)


def at_least(goal: float, name: str, value: float, unit: str, spread: tuple[float, float] | None = None) -> Figure:
    """A figure that holds while it is not below the goal."""
    return Figure(name, value, unit, goal, "at least", spread)
