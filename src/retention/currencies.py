"""ISO 4217: which currency codes exist and how many decimal digits their minor unit has.

The codes are those in force in 2026, and those withdrawn since 2020, because a shop's history still holds them. Codes
without a minor unit (metals, test codes, funds of banks) are left out: nobody is charged in them.
"""

from collections.abc import Mapping
from typing import Final

from retention.errors import UnknownChoice, nearest

_OTHER_THAN_TWO: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_TWO: Final = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
    COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
    JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
    NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
    THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_WITHDRAWN: Final = "ANG BGN CUC HRK SLL ZWL"  # all had two digits

EXPONENTS: Final[Mapping[str, int]] = dict.fromkeys(f"{_TWO} {_WITHDRAWN}".split(), 2) | {
    code: digits for digits, codes in _OTHER_THAN_TWO.items() for code in codes.split()
}


def exponent(currency: str) -> int:
    """Decimal digits of the minor unit: 2 for USD, 0 for KRW, 3 for KWD. Raises UnknownChoice with the nearest code."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise unknown_currency("currency", currency) from None


def unknown_currency(field: str, currency: object) -> UnknownChoice:
    """The error for a code that is not in the table; lower case is not accepted, but is recognised in the hint."""
    return UnknownChoice(field, "ISO 4217 currency code", currency, EXPONENTS, likeliest=_likeliest(currency))


def _likeliest(currency: object) -> str | None:
    """The code in other case, or with its letters in another order, or else with the most letters in common."""
    if not isinstance(currency, str) or len(currency) > 8:
        return None
    code = currency.upper()
    alike = [each for each in EXPONENTS if each[0] == code[:1]]
    shuffled = [each for each in alike if sorted(each) == sorted(code)]
    return code if code in EXPONENTS else next(iter(shuffled), None) or nearest(code, alike) or nearest(code, EXPONENTS)
