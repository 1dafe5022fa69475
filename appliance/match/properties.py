"""Whether one content line fulfils a prop-filter: the part that CardDAV and CalDAV share.

Texts and parameters of a prop-filter speak of *the same* line: `TEL` with `TYPE=WORK` is not fulfilled
by a home number beside a work address. With several lines of the name, one that holds is enough, also for
negated texts (RFC 4791 9.7.5: "components with a STATUS property not set to CANCELLED").
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.match.collations import text_test
from appliance.match.filters import ParamFilter, PropFilter
from appliance.match.lines import Line, param_values, spellings

LineTest = Callable[[Line], bool]


def line_test(wanted: PropFilter) -> LineTest:
    """Return the test of one line of the property (RFC 6352 10.5.1, RFC 4791 9.7.2): texts and params, not its name."""
    tests = [_text_of(text_test(text)) for text in wanted.texts] + [_param_test(param) for param in wanted.params]
    if not tests:
        return _exists
    joined = any if wanted.test == "anyof" else all

    def holds(line: Line) -> bool:
        return joined(test(line) for test in tests)

    return holds


def _exists(_line: Line) -> bool:
    return True


def _text_of(test: Callable[[tuple[str, ...]], bool]) -> LineTest:
    def holds(line: Line) -> bool:
        return test(spellings(line))

    return holds


def _param_test(wanted: ParamFilter) -> LineTest:
    """RFC 6352 10.5.2, RFC 4791 9.7.3."""
    name = wanted.name
    test = text_test(wanted.text) if wanted.text else None

    def holds(line: Line) -> bool:
        values = param_values(line, name)
        if wanted.absent or values is None:
            return wanted.absent and values is None
        return test is None or test(values)

    return holds
