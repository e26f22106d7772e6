"""Reports over the ledger's entries: pure, and right about any past instant."""

from retention.loyalty.reports.breakage import Breakage, BrokenMonth, breakage
from retention.loyalty.reports.distribution import Distribution, distribution
from retention.loyalty.reports.history import Histories, histories, history, known_at, until
from retention.loyalty.reports.liability import IssueMonth, Liability, liability
from retention.loyalty.reports.statement import ENGLISH, Statement, StatementLine, statement

__all__ = [
    "ENGLISH",
    "Breakage",
    "BrokenMonth",
    "Distribution",
    "Histories",
    "IssueMonth",
    "Liability",
    "Statement",
    "StatementLine",
    "breakage",
    "distribution",
    "histories",
    "history",
    "known_at",
    "liability",
    "statement",
    "until",
]
