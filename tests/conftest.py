"""Profiles: fast by default, TEXTCLEAN_TEST_PROFILE=slow for a long search; in CI the examples are the same each time."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_COMMON = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    "print_blob": True,
}
settings.register_profile("fast", max_examples=300, derandomize=bool(os.environ.get("CI")), **_COMMON)
settings.register_profile("slow", max_examples=5000, **_COMMON)
settings.load_profile(os.environ.get("TEXTCLEAN_TEST_PROFILE", "fast"))

CASES = Path(__file__).parent / "cases"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an argument ``case`` and a mark ``cases(file)`` runs once for each case of that file; the label is its id.

    A case with a key ``xfail`` is a known failure of ``test_cases``.
    """
    marker = metafunc.definition.get_closest_marker("cases")
    if marker is not None:
        cases = json.loads((CASES / marker.args[0]).read_text(encoding="utf-8"))
        labels = [case["label"] for case in cases]
        assert len(set(labels)) == len(labels), f"{marker.args[0]}: two cases have the same label"
        metafunc.parametrize("case", [_param(case, metafunc.function.__name__) for case in cases])


def _param(case: dict, test: str) -> object:
    known = "xfail" in case and test == "test_cases"
    marks = [pytest.mark.xfail(strict=True, reason=case["xfail"])] if known else []
    return pytest.param(case, id=case["label"], marks=marks)


def pytest_configure(config: pytest.Config) -> None:
    """Declares the mark."""
    config.addinivalue_line("markers", "cases(file): runs a test once for each case of a JSON file under tests/cases")
