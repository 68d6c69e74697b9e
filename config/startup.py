"""Web and workers refuse to start where the walls between tenants would not hold (T7, decisions.md 27)."""

from django.core.checks import Tags, run_checks

from accounts.checks import role_errors


def refuse_unsafe_start() -> None:
    """Look at the real role and the settings. Raises SystemExit with a sentence for each problem."""
    problems = [*role_errors(), *(found for found in run_checks(tags=[Tags.security]) if found.is_serious())]
    if problems:
        raise SystemExit("\n".join(f"{problem.msg} {problem.hint or ''}".strip() for problem in problems))
