"""Faults in the set-based engines: what a rule becomes for whole tables, and how each engine answers that."""

from functools import partial

from tests.mutation.fault import Fault


def _fault(part: str, name: str, file: str, before: str, after: str, *tests: str) -> Fault:
    return Fault(name, f"rules/backends/{part}/{file}", before, after, tests)


_sets, _sql, _frames, _arrays = (partial(_fault, part) for part in ("sets", "sql", "frames", "arrays"))

_LOWERED = "tests/sets/test_lower.py"
_PLANNED = "tests/sets/test_passes.py"
_SHARED = "tests/sets/test_sharing.py"
_SETTLED = "tests/sets/test_settled.py"
_WALLS = "tests/sql/test_instants.py"

_HALVES = "tests/sets/test_halves.py"

SETS = (
    _sets(
        "the last instant of the calendar is in no piece of it",
        "moments.py",
        "pieces.append((high, None))",
        "pieces.append((high, high))",
        "tests/sets/test_moments.py",
    ),
    Fault(
        "a part of the statement hides a table of the host's",
        "rules/backends/sql/draft.py",
        "for each in parts for found in visitors.iterate(each)",
        "for found in parts",
        ("tests/sql/test_names_taken.py",),
    ),
    Fault(
        "a refund is of another customer's order",
        "rules/backends/arrays/refunds.py",
        "* (texts + 1) + codes + 1",
        "* texts + codes",
        ("tests/arrays/test_refunds.py",),
    ),
    Fault(
        "a long list is each within the next",
        "rules/backends/frames/conditions.py",
        "half = len(several) // 2",
        "half = 1",
        ("tests/frames/test_long_lists.py",),
    ),
    Fault(
        "dollars are appended to won",
        "rules/backends/arrays/snapshot.py",
        "if currencies is not None and (",
        "if False and (",
        ("tests/arrays/test_append.py",),
    ),
    _sets(
        "customers of any currency are in a rule about money",
        "lower.py",
        'return both(either(compare("==", dealt, Constant(spoken)), absent(dealt)), test)',
        "return test",
        "tests/arrays/test_snapshot.py",
    ),
    _sets(
        "a row of the very instant is still to come",
        "selections.py",
        'found = compare("<=", AT, Constant(self._now))',
        'found = compare("<", AT, Constant(self._now))',
        "tests/frames/test_rows.py",
    ),
    _sets(
        "a mean divides by rows that say nothing",
        "values.py",
        "present = both(where, negation(absent(cell))) if isinstance(cell, Cell) else where",
        "present = where",
        "tests/arrays/test_reductions.py",
    ),
    _sets(
        "more than two and a half is at least two",
        "ratios.py",
        'return compare(">", top, below)',
        'return compare(">=", top, below)',
        _LOWERED,
    ),
    _sets(
        "through a local date ends where it begins",
        "moments.py",
        "return start, passed",
        "return start, reached",
        "tests/sets/test_moments.py",
    ),
    _sets(
        "constants beside wall clock times are those of UTC",
        "kept_instants.py",
        "return _wall_cut(instant, zone)",
        "return _wall_cut(instant, UTC)",
        _WALLS,
    ),
    _sets(
        "half a second is rounded down on both sides",
        "kept_instants.py",
        "return Cut(micros // size, -(-micros // size))",
        "return Cut(micros // size, micros // size)",
        _WALLS,
    ),
    _sets(
        "milliseconds are counted as seconds",
        "kept_instants.py",
        '"ms": 1_000,',
        '"ms": 1_000_000,',
        _WALLS,
    ),
    _sets(
        "wall clock times are given back as if of UTC",
        "kept_instants.py",
        "return resolve(kept, zone)",
        "return kept.replace(tzinfo=UTC)",
        "tests/populations/test_on_engines.py",
    ),
    _sets(
        "windows of different rows share one last row",
        "sharing.py",
        "return (test.left.collection, rest), bounds[0]",
        "return (test.left.collection, both()), bounds[0]",
        _SHARED,
    ),
    _sets(
        "the narrowest window answers for all",
        "sharing.py",
        "widest = min(windows[kin], key=reach)",
        "widest = max(windows[kin], key=reach)",
        _SHARED,
    ),
    _sets(
        "a last row is sought in the narrowest window",
        "recent.py",
        "weakest = min(bounds, key=reach)",
        "weakest = max(bounds, key=reach)",
        _PLANNED,
    ),
    _sets(
        "rows outside of the narrowest window are left out",
        "narrowing.py",
        "yield min(strongest, key=reach) if lower else max(strongest, key=reach)",
        "yield max(strongest, key=reach) if lower else min(strongest, key=reach)",
        _PLANNED,
    ),
    _sets(
        "a last row until now needs no row",
        "certain.py",
        "isinstance(test.left, Tally) or test.left not in bounded:",
        "isinstance(test.left, Tally):",
        "tests/sets/test_certain.py",
    ),
    _sets(
        "a last row is never of less than a day ago",
        "certain.py",
        "any(reach(each) <= reach(test) for each in ends)",
        "any(ends)",
        "tests/sets/test_certain.py",
    ),
    _sets(
        "whoever passes what two tests share passes both",
        "conjunctions.py",
        "Both((Both(inner[:together]), *inner[together:]))",
        "Both((Both(inner[:together]),))",
        "tests/sets/test_conjunctions.py",
    ),
    _sets(
        "whoever fails a test does not matter though nobody would pass",
        "settled.py",
        "return dict.fromkeys(places, negation(test) if answer else test)",
        "return dict.fromkeys(places, test)",
        _SETTLED,
    ),
    _sets(
        "of no row the sum is missing",
        "settled.py",
        '0 if function in ("count", "sum", "distinct") else None',
        '0 if function in ("count", "distinct") else None',
        _SETTLED,
    ),
)

_STATED = "tests/sql/test_statements.py"
_WORDED = "tests/sql/test_wordings.py"
_BESIDE = "tests/sql/test_rows.py"

_PLAIN = "tests/sets/test_flags_and_dates.py"
_APART = "tests/sets/test_ids_apart.py"

SQL = (
    _sql(
        "a host's own flags are compared with true",
        "values.py",
        "return self.bind(value, type_ if isinstance(type_, TypeDecorator) else _FLAG)",
        "return self.bind(value, _FLAG)",
        _PLAIN,
    ),
    _sql(
        "a date with a time of day is later than that day",
        "values.py",
        "is_day = found.kind is Kind.DATE and isinstance(found.column.type, sa.DateTime)",
        "is_day = False",
        _PLAIN,
    ),
    _sql(
        "ids of two types are compared as they are",
        "rows.py",
        "if family(one.type) is family(other.type):",
        "if one is not other:",
        _APART,
    ),
    _sql(
        "an instant without a fraction is earlier than itself",
        "conditions.py",
        "least = bind(bounds.least, bound_type(column, left.form, shortest=True))",
        "least = bind(bounds.least, bound_type(column, left.form))",
        "tests/sql/test_sqlite_spellings.py",
    ),
    _sql(
        "stored instants are compared as they are written",
        "instants.py",
        "return in_one_spelling(left), in_one_spelling(right)",
        "return left.column, right.column",
        "tests/sql/test_sqlite_spellings.py",
    ),
    _sql(
        "SQLite compares text as its column says",
        "wordings.py",
        '"sqlite": "{0} COLLATE BINARY",',
        '"sqlite": "{0}",',
        "tests/sql/test_collations.py",
    ),
    _sql(
        "NaN is the largest number of PostgreSQL",
        "wordings.py",
        """"postgresql": "nullif({0}, 'NaN')",""",
        '"postgresql": "{0}",',
        "tests/sets/test_numbers_that_are_none.py",
    ),
    _sql(
        "PostgreSQL rounds halves of floats to even",
        "values.py",
        'Native("nearest", known, type_=_NUMERIC)',
        "sa.func.round(known)",
        _HALVES,
    ),
    _sql(
        "a UUID has no dashes in SQLite",
        "values.py",
        "    if isinstance(type_, sa.Uuid):",
        "    if False:",
        "tests/sets/test_uuids.py",
    ),
    _sql(
        "what passes for one value passes for all",
        "by_value.py",
        "_has(value, table, said) & said.holds(test) for test",
        "said.holds(test) for test",
        "tests/sql/test_by_value.py",
    ),
    _sql(
        "sums of each value are of any value in statements",
        "by_value.py",
        "return sa.func.count(of_each.c.counted)",
        "return sa.func.count()",
        "tests/sql/test_by_value.py",
    ),
    _sql(
        "what is missing is before every instant in statements",
        "values.py",
        'filled = self.missing_last if operator in ("<", "<=") else self.missing_first',
        "filled = self.missing_first",
        "tests/sql/test_gathered.py",
    ),
    _sql(
        "whatever is compared is never NULL",
        "conditions.py",
        "return not self.read.find(left).is_filled",
        "return False",
        "tests/sql/test_gathered.py",
    ),
    _sql(
        "whoever passed nothing of a value passed NULL",
        "draft.py",
        "self.known[test] = sa.func.coalesce(answer, sa.false(), type_=answer.type)",
        "self.known[test] = answer",
        "tests/sql/test_by_value.py",
    ),
    _sql(
        "not NULL is NULL",
        "conditions.py",
        "return sa.not_(self.answer(inner))",
        "return sa.not_(self.holds(inner))",
        _STATED,
    ),
    _sql(
        "whoever has no rows is in no rule about few",
        "conditions.py",
        "isinstance(right, Constant) and not _COMPARED[operator](0, right.value)",
        "isinstance(right, Constant)",
        _STATED,
    ),
    _sql(
        "rows of one instant stand in any order",
        "rows.py",
        'keys = (in_one_spelling(instant(rows.find(AT))), sa.func.coalesce(in_order(rows.find(ID)), ""))',
        "keys = (in_one_spelling(instant(rows.find(AT))),)",
        _BESIDE,
    ),
    _sql(
        "a label is found in the middle of another",
        "values.py",
        "comma + labels + comma, comma + label + comma",
        "labels, label",
        _WORDED,
    ),
    _sql(
        "major units are taken for minor ones",
        "values.py",
        "return _whole(found, exponent, constants)",
        "return _whole(found, 0, constants)",
        _WORDED,
    ),
    _sql(
        "what comes at the same instant has followed",
        "steps.py",
        "after[0] > after[1]",
        "after[0] >= after[1]",
        _BESIDE,
    ),
    _sql(
        "refunds of other customers count",
        "rows.py",
        "sa.and_(_same_id(sums.c.order_id, own), sums.c.customer == rows.customer)",
        "_same_id(sums.c.order_id, own)",
        _BESIDE,
    ),
    _sql(
        "refunds that are still to come count on a database",
        "rows.py",
        '.where(said.holds(Is("<=", AT, Constant(refunded.as_of))))',
        "",
        _BESIDE,
    ),
)

_ROWS = "tests/frames/test_rows.py"
_STORED = "tests/frames/test_stored.py"

FRAMES = (
    _frames(
        "columns may be called as the library's own",
        "scope.py",
        "while any(each.startswith(self._prefix) for each in folded):",
        "while False:",
        "tests/frames/test_names.py",
    ),
    _frames(
        "texts that Polars keeps as numbers are joined as they are",
        "opening.py",
        "return dtype in (nw.Categorical, nw.Enum)",
        "return False",
        _APART,
    ),
    _frames(
        "a date may have a zone",
        "declared.py",
        "return dtype == nw.Date or (dtype == nw.Datetime and dtype.time_zone is None)",
        "return dtype in (nw.Date, nw.Datetime)",
        _PLAIN,
    ),
    _frames(
        "customers without an instant joined at the end of the calendar",
        "filled.py",
        "ends = ((EARLIEST, -1), (LATEST, 1))",
        "ends = ((EARLIEST, 0), (LATEST, 0))",
        "tests/frames/test_filled.py",
    ),
    _frames(
        "Polars rounds halves to even",
        "stored.py",
        "return _nearest(known) if engine is Engine.POLARS else known.round(0).cast(nw.Int64)",
        "return known.round(0).cast(nw.Int64)",
        _HALVES,
    ),
    _frames(
        "pandas' floats are cut off where whole numbers are meant",
        "opening.py",
        "        _refuse_fractions(found, name, place, layout, what)\n",
        "",
        "tests/frames/test_stored.py",
    ),
    _frames(
        "what nanoseconds cannot reach is their end",
        "instants.py",
        "return -1 if first < -_REACH_NS else 1 if last > _REACH_NS else 0",
        "return 0",
        "tests/frames/test_bounds.py",
    ),
    _frames(
        "of two bounds both ends belong to it",
        "instants.py",
        'closed=_CLOSED[above == ">=", below == "<="]',
        'closed="both"',
        "tests/frames/test_bounds.py",
    ),
    _frames(
        "a bound that stands beside two others is lost",
        "conditions.py",
        "        del left[lower], left[upper]",
        "        left = {each: None for each in left if not isinstance(each, Is)}",
        "tests/frames/test_bounds.py",
    ),
    _frames(
        "what is missing is before every instant",
        "stored.py",
        'filled = self.missing_last if operator in ("<", "<=") else self.missing_first',
        "filled = self.missing_first",
        "tests/frames/test_filled.py",
    ),
    _frames(
        "whatever is compared is never null",
        "conditions.py",
        "return not scope.find(left).is_filled",
        "return False",
        "tests/frames/test_filled.py",
    ),
    _frames(
        "sums of each value are of any value",
        "steps.py",
        "total, name = nw.col(totals[tally]).sum() if tally in totals else nw.col(counted).count(), new()",
        "total, name = nw.col(totals[tally]).sum() if tally in totals else nw.len(), new()",
        "tests/frames/test_by_value.py",
    ),
    _frames(
        "not null is null",
        "conditions.py",
        "return ~true_or_false(inner, scope)",
        "return ~true_or_null(inner, scope)",
        _ROWS,
    ),
    _frames(
        "whoever has no rows fails whatever was settled",
        "steps.py",
        "fill_null(of_nothing(test))",
        "fill_null(False)",
        _ROWS,
    ),
    _frames(
        "null is one more of the different values",
        "steps.py",
        "distinct = nw.col(name).cast(nw.Int64) - nulls",
        "distinct = nw.col(name).cast(nw.Int64)",
        _ROWS,
    ),
    _frames(
        "the last of several rows of one instant is any",
        "steps.py",
        "order = [columns.name(pick.where, AT), columns.name(ALWAYS, ID)]",
        "order = [columns.name(pick.where, AT)]",
        _ROWS,
    ),
    _frames(
        "refunds that are still to come count on frames",
        "added.py",
        "wanted = refunds.frame.filter(until).select(",
        "wanted = refunds.frame.select(",
        _ROWS,
    ),
    _frames(
        "the salt of a bucket is left out",
        "mapped.py",
        r'hashlib.sha256(f"{salt}\0{given}".encode())',
        "hashlib.sha256(given.encode())",
        _ROWS,
    ),
    _frames(
        "wall clock times are those of UTC",
        "instants.py",
        "return Value(expr - offset if offset else expr, Kind.INSTANT",
        "return Value(expr, Kind.INSTANT",
        "tests/frames/test_wall_clocks.py",
    ),
    _frames(
        "amounts of major units are taken as they are",
        "stored.py",
        "return layout.exponent if isinstance(form, Major) else 0",
        "return 0",
        _STORED,
    ),
    _frames(
        "an empty piece is a label",
        "values.py",
        ' - several.list.contains("").cast(nw.Int64)',
        "",
        _STORED,
    ),
    _frames(
        "sums in memory wrap round",
        "large.py",
        "return bool((most + (_HALF if factor > 1 else 0)) * factor >= _TOO_LARGE)",
        "return False",
        "tests/frames/test_large_numbers.py",
    ),
    _frames(
        "ids that floats have rounded are taken for exact",
        "opening.py",
        "(known.abs() >= _INEXACT) | ",
        "",
        "tests/frames/test_large_numbers.py",
    ),
)

_TERMS = "tests/arrays/test_terms.py"
_HELD = "tests/arrays/test_snapshot.py"
_GROWN = "tests/arrays/test_append.py"
_SELECTED = "tests/arrays/test_selections.py"
_REDUCED = "tests/arrays/test_reductions.py"
_COLUMNS = "tests/arrays/test_columns.py"
_VECTORS = "tests/sets/test_vectors.py"

ARRAYS = (
    _arrays(
        "a column's zone is taken away",
        "zones.py",
        "return str(getattr(kept, name) or NO_ZONE)",
        "return None",
        _PLAIN,
    ),
    _arrays(
        "halves stay where they were cut",
        "intake.py",
        "    numbers += np.trunc((parts - numbers) * 2)  # halves go away from zero\n",
        "",
        _HALVES,
    ),
    _arrays(
        "the sum of a stretch begins a row too early",
        "reductions.py",
        "known[stops] - known[starts]",
        "known[stops] - known[np.maximum(starts - 1, 0)]",
        _REDUCED,
    ),
    _arrays(
        "later than an instant is from it on",
        "windows.py",
        'low = max(low, at + (operator == ">"))',
        "low = max(low, at)",
        _SELECTED,
    ),
    _arrays(
        "what comes at the end of the time has not followed",
        "question.py",
        "at[place[seen]] <= end[seen]",
        "at[place[seen]] < end[seen]",
        _VECTORS,
    ),
    _arrays(
        "a bound that is missing is that of 1970",
        "question.py",
        "found = for_customers(found, ~bound.missing)",
        "pass",
        _TERMS,
    ),
    _arrays(
        "refunds count from the tick after",
        "refunds.py",
        "until = refunds.at[rows] <= as_of",
        "until = refunds.at[rows] < as_of",
        _REDUCED,
    ),
    _arrays(
        "a row has the labels of the row before",
        "columns.py",
        'np.searchsorted(self.offsets, hits, side="right") - 1',
        'np.searchsorted(self.offsets, hits, side="left") - 1',
        _COLUMNS,
    ),
    _arrays(
        "seconds are counted as microseconds",
        "intake.py",
        "np.clip(counts.data, -most, most) * _UNIT[unit]",
        "np.clip(counts.data, -most, most)",
        _HELD,
    ),
    _arrays(
        "rows of strangers are the first customer's",
        "given.py",
        "NOBODY if each is None else each",
        "0 if each is None else each",
        _HELD,
    ),
    _arrays(
        "rows of one instant stand as they were given",
        "table.py",
        "return (ids.codes, at, owners) if isinstance(ids, Words) else (at, owners)",
        "return at, owners",
        _HELD,
    ),
    _arrays(
        "new rows come after the old ones, whenever they happened",
        "table.py",
        "= rows[np.lexsort(keys)]",
        "= rows[np.argsort(owners, kind='stable')]",
        _GROWN,
    ),
    _arrays(
        "buckets are kept without regard to their salt",
        "texts.py",
        'self._once(("bucket", salt), ',
        'self._once(("bucket", ""), ',
        _COLUMNS,
    ),
    _arrays(
        "a local date is that of UTC",
        "zones.py",
        "shown = np.clip(instants + offsets(instants, zone), FIRST, LAST)",
        "shown = np.clip(instants, FIRST, LAST)",
        "tests/arrays/test_zones.py",
    ),
)
