"""How each database says what standard SQL has no word for. ``{0}``, ``{1}`` are the arguments.

Text is compared as it is stored, code point by code point: no collation, no wildcards, no folding of case. Instants are
exact to the microsecond. Where a database cannot do that, it has no wording.
"""

from collections.abc import Mapping
from typing import Final, final

from attrs import frozen


@final
@frozen
class Wording:
    """``otherwise`` is for every dialect not named; ``never`` names those that cannot, whatever is written for them."""

    about: str
    by_dialect: Mapping[str, str]
    otherwise: str | None = None
    never: tuple[str, ...] = ()
    hint: str = ""


_NO_ZONES: Final = ("sqlite", "mysql", "mariadb")
_SAY_NAIVE: Final = "Say how instants are kept: Stored(instants=Naive(zone)) or Epoch()"

# SQLite keeps a datetime as text: '2026-01-31 09:00:00.000000', the last part not always there.
_SQLITE_MICROS: Final = (
    "(CAST(strftime('%s', substr({0}, 1, 19)) AS INTEGER) * 1000000 + CAST(substr({0} || '000000', 21, 6) AS INTEGER))"
)
_SQLITE_IN_FULL: Final = "({0} || substr('.000000', length({0}) - 18))"
_SQLITE_SUM: Final = f"({_SQLITE_MICROS} + {{1}})"
_SQLITE_FRACTION: Final = f"((({_SQLITE_SUM} % 1000000) + 1000000) % 1000000)"
_SQLITE_MOVED: Final = (
    f"(datetime(({_SQLITE_SUM} - {_SQLITE_FRACTION}) / 1000000, 'unixepoch') || printf('.%06d', {_SQLITE_FRACTION}))"
)

# The first of two instants that show the same wall time: the clock of a day before tells which offset came first.
_DAY_BEFORE: Final = "(timezone({1}, {0} - interval '24 hours') + interval '24 hours')"
_FIRST_OF_TWO: Final = (
    f"CASE WHEN timezone({{1}}, {_DAY_BEFORE}) = {{0}} THEN {_DAY_BEFORE} ELSE timezone({{1}}, {{0}}) END"
)

# Kept as 32 digits, where a database has no type for them.
_PARTS_OF_UUID: Final = [
    f"substr({{0}}, {start}, {size})" for start, size in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
]
_BY_CODE_POINT: Final = {
    "sqlite": "{0} COLLATE BINARY",
    "duckdb": "{0} COLLATE C",
    "mysql": "CAST({0} AS BINARY)",
}

WORDINGS: Final[Mapping[str, Wording]] = {
    # Text.
    "contains": Wording(
        "a text within a text",
        {
            "postgresql": "strpos({0}, {1}) > 0",
            "cockroachdb": "strpos({0}, {1}) > 0",
            "duckdb": "contains({0} COLLATE C, {1})",
            "sqlite": "instr(CAST({0} AS BLOB), CAST({1} AS BLOB)) > 0",
            "mysql": "LOCATE(CAST({1} AS BINARY), CAST({0} AS BINARY)) > 0",
            "bigquery": "STRPOS({0}, {1}) > 0",
            "trino": "strpos({0}, {1}) > 0",
            "snowflake": "CONTAINS({0}, {1})",
        },
    ),
    "starts_with": Wording(
        "the beginning of a text",
        {
            "postgresql": "starts_with({0}, {1})",
            "cockroachdb": "starts_with({0}, {1})",
            "duckdb": "starts_with({0} COLLATE C, {1})",
            "sqlite": "instr(CAST({0} AS BLOB), CAST({1} AS BLOB)) = 1",
            "mysql": "LEFT(CAST({0} AS BINARY), LENGTH({1})) = CAST({1} AS BINARY)",
            "bigquery": "STARTS_WITH({0}, {1})",
            "trino": "starts_with({0}, {1})",
            "snowflake": "STARTSWITH({0}, {1})",
        },
    ),
    "ends_with": Wording(
        "the end of a text",
        {
            "postgresql": "right({0}, length({1})) = {1}",
            "cockroachdb": "right({0}, length({1})) = {1}",
            "duckdb": "ends_with({0} COLLATE C, {1})",
            "sqlite": (
                "(length(CAST({0} AS BLOB)) >= length(CAST({1} AS BLOB)) AND coalesce(substr(CAST({0} AS BLOB),"
                " length(CAST({0} AS BLOB)) - length(CAST({1} AS BLOB)) + 1), x'') = CAST({1} AS BLOB))"
            ),
            "mysql": "RIGHT(CAST({0} AS BINARY), LENGTH({1})) = CAST({1} AS BINARY)",
            "bigquery": "ENDS_WITH({0}, {1})",
            "snowflake": "ENDSWITH({0}, {1})",
        },
    ),
    # Where a column has a collation of its own, it would compare by that; where it has none, its indexes stay usable.
    "exact_text": Wording("text as it is stored", _BY_CODE_POINT, otherwise="{0}"),
    "code_points": Wording(
        "text in the order of its code points", {**_BY_CODE_POINT, "postgresql": '{0} COLLATE "C"'}, otherwise="{0}"
    ),
    "uuid_text": Wording(
        "a UUID as a text",
        {
            "postgresql": "CAST(CAST({0} AS uuid) AS text)",  # which may be kept as its 32 digits, too
            "duckdb": "CAST(CAST({0} AS UUID) AS VARCHAR)",
            "sqlite": "(" + " || '-' || ".join(_PARTS_OF_UUID) + ")",
            "mysql": f"CONCAT_WS('-', {', '.join(_PARTS_OF_UUID)})",
            "mariadb": "CAST({0} AS CHAR)",
        },
        otherwise="CAST({0} AS VARCHAR)",
    ),
    "text_with_nul": Wording(
        "a text with the character NUL",
        {"duckdb": "{0}", "sqlite": "{0}", "mysql": "{0}", "bigquery": "{0}", "trino": "{0}", "snowflake": "{0}"},
        never=("postgresql", "cockroachdb"),
        hint="Compare with a text that the database can keep",
    ),
    "bucket": Wording(
        "a stable random bucket",
        {
            "postgresql": (
                "('x' || encode(substring(sha256({1} || convert_to({0}, 'UTF8')) FROM 1 FOR 4), 'hex'))"
                "::bit(32)::bigint"
            ),
            "duckdb": "CAST('0x' || left(sha256(CAST({1} AS BLOB) || encode({0})), 8) AS BIGINT)",
            "mysql": "CAST(CONV(LEFT(SHA2(CONCAT({1}, CONVERT({0} USING utf8mb4)), 256), 8), 16, 10) AS SIGNED)",
        },
        never=("sqlite",),
        hint="Ask for buckets in memory, or in another engine",
    ),
    # Numbers and flags.
    "wide": Wording(
        "a product of whole numbers",
        {
            "duckdb": "CAST({0} AS HUGEINT)",
            "mysql": "CAST({0} AS DECIMAL(65, 0))",
            "sqlite": "{0}",
            "bigquery": "CAST({0} AS BIGNUMERIC)",
            "trino": "CAST({0} AS DECIMAL(38, 0))",
            "snowflake": "CAST({0} AS NUMBER(38, 0))",
        },
        otherwise="CAST({0} AS NUMERIC)",
    ),
    "whole_decimal": Wording(
        "a decimal number as a whole one",
        # A numeric of PostgreSQL may be NaN, which it takes for larger than all others.
        {
            "sqlite": "CAST(round({0}) AS INTEGER)",
            "postgresql": "nullif({0}, 'NaN')",
            "cockroachdb": "nullif({0}, 'NaN')",
        },
        otherwise="{0}",
    ),
    "nearest": Wording(
        "the nearest whole number, halves away from zero",
        # These round halves of floats to even.
        {
            "postgresql": "(trunc({0}) + trunc(({0} - trunc({0})) * 2))",
            "cockroachdb": "(trunc({0}) + trunc(({0} - trunc({0})) * 2))",
            "mysql": "(truncate({0}, 0) + truncate(({0} - truncate({0}, 0)) * 2, 0))",
            "mariadb": "(truncate({0}, 0) + truncate(({0} - truncate({0}, 0)) * 2, 0))",
        },
        otherwise="round({0})",
    ),
    "only_flag": Wording(
        "the flag of one row",
        {
            "postgresql": "bool_or({0})",
            "cockroachdb": "bool_or({0})",
            "trino": "bool_or({0})",
            "bigquery": "LOGICAL_OR({0})",
            "snowflake": "BOOLOR_AGG({0})",
        },
        otherwise="max({0})",
    ),
    # Instants.
    "aware_micros": Wording(
        "a comparison of instants that are kept in different ways",
        {
            "postgresql": "CAST(EXTRACT(EPOCH FROM {0}) * 1000000 AS BIGINT)",
            "duckdb": "epoch_us({0})",
            "bigquery": "UNIX_MICROS({0})",
        },
        never=_NO_ZONES,
        hint="Keep both in one form: Naive(UTC), say, or Epoch()",
    ),
    "wall_micros": Wording(
        "a comparison of wall clock times of different zones",
        {
            "postgresql": "CAST(EXTRACT(EPOCH FROM {0}) * 1000000 AS BIGINT)",
            "duckdb": "epoch_us({0})",
            "sqlite": _SQLITE_MICROS,
            "mysql": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {0})",
        },
    ),
    "same_wall": Wording(
        "a wall clock time beside a constant", {"sqlite": "({0} BETWEEN {2} AND {1})"}, otherwise="{0} = {1}"
    ),
    "wall_in_full": Wording("a wall clock time", {"sqlite": _SQLITE_IN_FULL}, otherwise="{0}"),
    "aware_moved": Wording(
        "a stored instant that knows its zone, moved",
        {
            "postgresql": "{0} + {1} * interval '1 microsecond'",
            "duckdb": "{0} + to_microseconds({1})",
            "bigquery": "TIMESTAMP_ADD({0}, INTERVAL {1} MICROSECOND)",
        },
        never=_NO_ZONES,
        hint=_SAY_NAIVE,
    ),
    "wall_moved": Wording(
        "a stored wall clock time, moved",
        {
            "postgresql": "{0} + {1} * interval '1 microsecond'",
            "duckdb": "{0} + to_microseconds({1})",
            "sqlite": _SQLITE_MOVED,
            "mysql": "TIMESTAMPADD(MICROSECOND, {1}, {0})",
        },
    ),
    "aware_of_micros": Wording(
        "the local date of an epoch number",
        {
            "postgresql": "timestamptz '1970-01-01 00:00:00+00' + {0} * interval '1 microsecond'",
            "duckdb": "make_timestamptz(CAST({0} AS BIGINT))",
            "bigquery": "TIMESTAMP_MICROS({0})",
        },
        never=_NO_ZONES,
    ),
    "aware_of_wall": Wording(
        "the instant of a wall clock time in a zone that changes its clocks",
        {"postgresql": _FIRST_OF_TWO, "duckdb": _FIRST_OF_TWO},
        never=_NO_ZONES,
        hint="Keep instants in UTC, or as Epoch()",
    ),
    "wall": Wording(
        "the local date of a stored instant",
        {"postgresql": "timezone({1}, {0})", "duckdb": "timezone({1}, {0})"},
        never=_NO_ZONES,
        hint="Compare the date with a constant, or ask in memory",
    ),
    "day": Wording("the date of a wall clock time", {"sqlite": "date({0})"}, otherwise="CAST({0} AS DATE)"),
    # Labels.
    "listed_has": Wording(
        "a label in a list",
        {
            "postgresql": "{1} = ANY({0})",
            "cockroachdb": "{1} = ANY({0})",
            "duckdb": "list_contains({0}, {1})",
            "bigquery": "{1} IN UNNEST({0})",
            "trino": "contains({0}, {1})",
            "snowflake": "ARRAY_CONTAINS({1}::VARIANT, {0})",
        },
        never=_NO_ZONES,
        hint="Say how labels are kept: Stored(labels=Json()) or Separated()",
    ),
    "listed_size": Wording(
        "the number of labels in a list",
        {
            "postgresql": "(SELECT count(DISTINCT label) FROM unnest({0}) AS label)",
            "duckdb": "len(list_distinct({0}))",
        },
        never=_NO_ZONES,
        hint="Say how labels are kept: Stored(labels=Json()) or Separated()",
    ),
    "json_has": Wording(
        "a label in a JSON array",
        {
            "postgresql": "CAST({0} AS jsonb) @> to_jsonb(CAST({1} AS text))",
            "cockroachdb": "{0} @> to_jsonb(CAST({1} AS text))",
            "duckdb": "json_contains(CAST({0} AS JSON), to_json({1}))",
            "sqlite": "EXISTS (SELECT 1 FROM json_each({0}) AS label WHERE label.value = {1})",
            "mysql": "JSON_CONTAINS({0}, JSON_QUOTE({1}))",
        },
    ),
    "json_present": Wording(
        "a JSON array that may be JSON's own null",
        {
            "postgresql": "NULLIF(CAST({0} AS jsonb), CAST('null' AS jsonb))",
            "duckdb": "CASE WHEN json_type(CAST({0} AS JSON)) <> 'NULL' THEN CAST({0} AS JSON) END",
            "sqlite": "CASE WHEN json_type({0}) <> 'null' THEN {0} END",
            "mysql": "CASE WHEN JSON_TYPE({0}) <> 'NULL' THEN {0} END",
        },
    ),
    "json_size": Wording(
        "the number of labels in a JSON array",
        {
            "postgresql": "(SELECT count(DISTINCT label) FROM jsonb_array_elements_text(CAST({0} AS jsonb)) AS label)",
            "duckdb": "len(list_distinct(CAST(CAST({0} AS JSON) AS VARCHAR[])))",
            "sqlite": "(SELECT count(DISTINCT label.value) FROM json_each({0}) AS label)",
        },
    ),
    "separated_size": Wording(
        "the number of labels in one text",
        {
            "postgresql": (
                "(SELECT count(DISTINCT label) FROM unnest(string_to_array({0}, {1})) AS label WHERE label <> '')"
            ),
            "duckdb": "len(list_distinct(list_filter(string_split({0}, {1}), lambda label: label <> '')))",
            "sqlite": (
                "(SELECT count(DISTINCT label.value) FROM json_each('[' || replace(json_quote({0}), {1}, '\",\"')"
                " || ']') AS label WHERE label.value <> '')"
            ),
        },
    ),
}
