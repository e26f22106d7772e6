"""How long the slowest of over a thousand malformed and oversized rules takes to be refused."""

from collections.abc import Iterable
from time import process_time

from bench.figures import Figure, at_least, at_most, shown
from retention import RetentionError
from tests.hostile_rules import Hostile, hostile_rules


def refusal(hostile: Hostile) -> float:
    """Milliseconds of processor time to the refusal, at the first try. Raises AssertionError if it is accepted."""
    began = process_time()
    try:
        hostile.read()
    except RetentionError as error:
        str(error)  # the message is part of the answer
        return 1000 * (process_time() - began)
    raise AssertionError(f"accepted: {hostile.about}")


def figures() -> Iterable[Figure]:
    """The slowest and the middle one; a rule that is accepted, or any other error, ends the run."""
    each_form = {form: [each for each in hostile_rules() if each.form == form] for form in ("text", "json")}
    yield at_least(1000, "profile/hostile/rules", sum(map(len, each_form.values())), "rules")
    for form, rules in each_form.items():
        taken = sorted(map(refusal, rules))
        yield at_most(20, f"profile/hostile/{form}/slowest", taken[-1], "ms")
        yield shown(f"profile/hostile/{form}/median", taken[len(taken) // 2], "ms")
