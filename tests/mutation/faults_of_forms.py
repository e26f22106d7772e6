"""Faults in what becomes of a rule: simplified, analysed, written and read again."""

from tests.mutation.fault import ANALYSE, SIMPLIFY, Fault

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
