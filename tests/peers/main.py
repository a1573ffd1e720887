"""Runs the checks against programs that others wrote; `main.py NAME…` runs those whose name contains one."""

import sys
import time
import traceback

import backup_opens_with_age
import emulator
import importing
import listing
import reimporting
import sandbox_sign_in
import sandbox_signing
import sandbox_state
import scale
import shown_commands
import upload_settings
import uploads
import wrapping_opens_with_openssl

MODULES = (
    listing,
    importing,
    wrapping_opens_with_openssl,
    backup_opens_with_age,
    uploads,
    upload_settings,
    reimporting,
    shown_commands,
    sandbox_signing,
    sandbox_sign_in,
    sandbox_state,
    emulator,
    scale,
)


def main(wanted):
    checks = [check for module in MODULES for check in module.CHECKS]
    if wanted:
        checks = [check for check in checks if any(word in check.__name__ for word in wanted)]
    failed = sum(not holds(check) for check in checks)
    print(f"\n{len(checks) - failed} passed, {failed} failed")
    return 1 if failed or not checks else 0


def holds(check):
    figures = []
    began = time.monotonic()
    try:
        check(figures.append)
        verdict = "ok    "
    except Exception:
        traceback.print_exc()
        verdict = "FAILED"
    print(f"{verdict} {check.__doc__} ({time.monotonic() - began:.1f} s)", flush=True)
    for figure in figures:
        print(f"       {figure}", flush=True)
    return verdict.strip() == "ok"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
