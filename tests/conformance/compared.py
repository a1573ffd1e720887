"""The table of what several servers were seen to do, in Markdown."""


def table(checks, seen):
    """`seen` holds the outcomes by the server's name, or why there are none."""
    # What the look at the wire finds says nothing about a server.
    checks = [check for check in checks if check.group != "Service models"]
    asked = {name: outcomes for name, outcomes in seen.items() if not isinstance(outcomes, str)}
    lines = [row("", *asked), row("---", *["---"] * len(asked))]
    for check in checks:
        marks = [mark(outcomes, check) for outcomes in asked.values()]
        lines.append(row(f"{check.row} {check.title}", *marks))
    lines.append(
        row(
            "**Checks that hold**",
            *(f"**{good(outcomes, checks)} of {len(checks)}**" for outcomes in asked.values()),
        )
    )
    for letter in "KISTOE":
        what = f"rows {letter}"
        of = [check for check in checks if check.row.startswith(letter)]
        counts = [f"{good(outcomes, of)} of {len(of)}" for outcomes in asked.values()]
        lines.append(row(what, *counts))
    breaches = [str(sum(len(outcome.record.violations) for outcome in outcomes)) for outcomes in asked.values()]
    lines.append(row("Violations of the service models", *breaches))
    notes = [f"{name}: {why}" for name, why in seen.items() if isinstance(why, str)]
    return "\n".join(["", *lines, "", *notes])


def good(outcomes, checks):
    return sum(mark(outcomes, check) == "yes" for check in checks)


def mark(outcomes, check):
    (outcome,) = [one for one in outcomes if one.check.row == check.row]
    problem = outcome.problem or "yes"
    if problem.startswith("no clock"):
        return "no clock"
    return "–" if "cannot be asked for" in problem else "no" if outcome.problem else "yes"


def row(*cells):
    return f"| {' | '.join(cells)} |"
