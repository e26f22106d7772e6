"""What every analysis wants of a population before it asks."""

from retention.errors import ConfigurationError, WrongKind
from retention.rules.backends.sets.population import Measurable


def measurable(population: Measurable) -> Measurable:
    """The population. Raises WrongKind for tables without a connection, on which nothing can be asked."""
    if not hasattr(population, "groups"):
        problem = f"{type(population).__name__} alone cannot be asked for numbers"
        raise WrongKind(problem, hint="Tables are asked through a connection: tables.on(connection)")
    return population


def one_currency(population: Measurable) -> str:
    """The currency of all its amounts. Raises ConfigurationError where none is said: sums would mean nothing."""
    currency = population.layout.currency
    if currency is None:
        raise ConfigurationError("the tables' amounts are of no one currency", hint='Map them with currency="KRW"')
    return currency
