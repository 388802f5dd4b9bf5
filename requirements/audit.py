"""Look the pinned packages up among the known vulnerabilities: python requirements/audit.py FILE…

Exit code 1 for a vulnerability. Where the service cannot be reached, or does not know a package, nothing
is known either way: pip-audit alone would say that there are none, or fail as if there were some. Here it
is said aloud and is no failure, since nothing in the project could mend it.
"""

import json
import subprocess
import sys


def audited(file: str) -> tuple[list[str], list[str]]:
    """What is vulnerable in a requirements file, and what could not be looked up."""
    command = [sys.executable, "-m", "pip_audit", "--format=json", "--progress-spinner=off", "--timeout=15"]
    command += ["--disable-pip", "--require-hashes", f"--requirement={file}"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        packages = json.loads(run.stdout)["dependencies"]
    except ValueError:
        return [], [f"{file}: {(run.stderr.strip().splitlines() or ['no answer'])[-1][:200]}"]
    vulnerable = [f"{each['name']} {each['version']}: {v['id']}" for each in packages for v in each.get("vulns", ())]
    return vulnerable, [f"{file}: {each['skip_reason']}" for each in packages if "skip_reason" in each]


def main(files: list[str]) -> int:
    results = [audited(file) for file in files]
    vulnerable = sorted({line for found, _ in results for line in found})
    unknown = [line for _, missed in results for line in missed]
    for line in vulnerable:
        print(f"VULNERABLE {line}")
    if unknown:
        print(f"NOT AUDITED: {len(unknown)} lines, the first: {unknown[0]}")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
