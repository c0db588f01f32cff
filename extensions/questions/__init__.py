"""Decisions behind the questions: what is refused, and what is taken over as it is."""

from __future__ import annotations

from .answers import remembered
from .copied import text_of
from .engine import engine_files, engine_requirements, engine_version
from .preflight import preflight
from .present import answered_otherwise, harness_in, rendered_again
from .refusals import clean_up_when_interrupted, show_refusals_briefly, stop
from .samples import sample_files, sample_flows
from .support import (
    fitting_driver,
    fitting_pythons,
    flows_refusal,
    framework_that_was_found,
    login_that_was_found,
    refusal,
    user_states,
)

__all__ = [
    "answered_otherwise",
    "clean_up_when_interrupted",
    "engine_files",
    "engine_requirements",
    "engine_version",
    "fitting_driver",
    "fitting_pythons",
    "flows_refusal",
    "framework_that_was_found",
    "harness_in",
    "login_that_was_found",
    "preflight",
    "refusal",
    "remembered",
    "rendered_again",
    "sample_files",
    "sample_flows",
    "show_refusals_briefly",
    "stop",
    "text_of",
    "user_states",
]
