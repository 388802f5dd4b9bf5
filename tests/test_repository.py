"""What people expect of a repository, as far as it can be checked without GitHub.

Schemas, workflow security and shell scripts are checked by the linters of ``make check``.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.repository import ROOT, files

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))

each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)


def read(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def jobs(workflow: Path) -> dict[str, dict]:
    return yaml.safe_load(read(workflow))["jobs"]


def steps(workflow: Path) -> Iterator[dict]:
    for job in jobs(workflow).values():
        yield from job.get("steps", [])


def is_shell_script(path: Path) -> bool:
    with path.open("rb") as file:
        return bool(re.match(rb"#!.*\b(ba)?sh$", file.readline().strip()))


@each_workflow
def test_every_action_is_named_by_its_commit_and_says_its_version(workflow):
    used = [line.strip() for line in read(workflow).splitlines() if re.search(r"^ *(- )?uses: ", line)]
    own = [line for line in used if "uses: $/.github/workflows/" in line]

    assert used
    for line in set(used) - set(own):
        assert re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_one_action_has_one_commit_in_all_workflows():
    commits: dict[str, set[str]] = {}
    for name, rest in re.findall(r"uses: ([\w-]+/[\w-]+)@(.*)", "".join(map(read, WORKFLOWS))):
        commits.setdefault(name, set()).add(rest)

    assert {name: found for name, found in commits.items() if len(found) > 1} == {}


@each_workflow
def test_a_workflow_may_read_and_a_job_that_may_more_says_why(workflow):
    assert yaml.safe_load(read(workflow))["permissions"] == {"contents": "read"}
    for line in re.findall(r"^.*: write.*$", read(workflow), re.MULTILINE):
        assert re.search(r": write # \w", line), line


@each_workflow
def test_every_job_ends_by_itself(workflow):
    for name, job in jobs(workflow).items():
        assert job.get("timeout-minutes", 99) <= 60 or "uses" in job, name


@each_workflow
def test_no_checkout_leaves_a_token_on_the_disk(workflow):
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@each_workflow
def test_a_workflow_that_github_has_not_run_says_so(workflow):
    assert "Untried: GitHub has not run this file." in read(workflow).replace("\n# ", " ")


@each_workflow
def test_a_workflow_runs_what_people_run(workflow):
    for step in steps(workflow):
        for target in re.findall(r"^make (\S+)", step.get("run", ""), re.MULTILINE):
            assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
        for script in re.findall(r"(?:^|\s)(\.(?:ci|github)/\S+)", step.get("run", "")):
            assert (ROOT / script).exists(), script


def test_every_check_is_made_by_the_one_script_that_people_can_run_too():
    runs = [step["run"] for step in jobs(ROOT / ".github/workflows/ci.yml")["everything"]["steps"] if "run" in step]

    assert runs == [".ci/run"]
    assert re.search(r"^exec make .*\bcheck infrastructure$", read(".ci/run"), re.MULTILINE)


def test_the_tests_run_on_the_oldest_python_that_is_admitted():
    pythons = jobs(ROOT / ".github/workflows/ci.yml")["tests"]["strategy"]["matrix"]["python"]

    assert PROJECT["requires-python"] == f">={pythons[0]}"


def test_nothing_is_released_before_it_is_checked():
    release = jobs(ROOT / ".github/workflows/release.yml")

    assert release["checks"]["uses"].endswith("/ci.yml")
    assert "checks" in release["images"]["needs"]
    assert "images" in release["release"]["needs"]


def test_what_is_built_for_lambda_has_nothing_attached_that_would_make_an_index_of_it():
    (built,) = [step["with"] for step in steps(ROOT / ".github/workflows/image.yml") if "build-push" in str(step)]
    (functions,) = [
        image
        for image in jobs(ROOT / ".github/workflows/release.yml")["images"]["strategy"]["matrix"]["include"]
        if image["name"] == "functions"
    ]

    assert (built["provenance"], built["sbom"], functions["index"]) == (False, False, False)


def test_every_image_that_is_released_is_a_target_of_the_dockerfile():
    targets = re.findall(r"^FROM \S+ AS (\S+)$", read("Dockerfile"), re.MULTILINE)
    images = jobs(ROOT / ".github/workflows/release.yml")["images"]["strategy"]["matrix"]["include"]

    assert {image["target"] for image in images} <= {"", *targets}


def test_every_shell_script_is_linted():
    (linted,) = re.findall(r"^scripts := (.*)$", MAKEFILE, re.MULTILINE)

    assert {str(path.relative_to(ROOT)) for path in files("*") if is_shell_script(path)} == set(linted.split())


@pytest.mark.parametrize("path", files("*.json"), ids=lambda path: str(path.relative_to(ROOT)))
def test_json_is_json_without_a_name_twice(path):
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len(pairs) == len(dict(pairs)), [name for name, _ in pairs]
        return dict(pairs)

    json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)


class Changelog:
    """A repository of a version and a changelog, with the script that takes its notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / ".github").mkdir()
        (folder / ".github/release_notes.py").write_text(read(".github/release_notes.py"), encoding="utf-8")
        (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n', encoding="utf-8")

    def notes(self, changelog: str, *arguments: str) -> tuple[int, str, str]:
        (self.folder / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
        command = [sys.executable, ".github/release_notes.py", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def repository(tmp_path) -> Changelog:
    return Changelog(tmp_path)


UNRELEASED = "# Changelog\n\n## [Unreleased]\n\n- It learns to fetch.\n"
RELEASED = "\n## [1.2.0] - 2026-12-01\n\n### Added\n\n- It remembers Pochi.\n"
OLDER = "\n## [1.1.0] - 2026-11-01\n\n- It barks.\n\n[1.1.0]: https://example.com\n"


@pytest.mark.parametrize("changelog", [UNRELEASED + RELEASED + OLDER, UNRELEASED + RELEASED])
def test_the_notes_of_a_release_are_its_section_of_the_changelog(repository, changelog):
    assert repository.notes(changelog) == (0, "### Added\n\n- It remembers Pochi.\n", "")


def test_the_version_of_a_release_is_that_of_the_project(repository):
    assert repository.notes(UNRELEASED + RELEASED, "--version") == (0, "1.2.0\n", "")


@pytest.mark.parametrize("changelog", [UNRELEASED + OLDER, UNRELEASED + "\n## [1.2.0] - 2026-12-01\n" + OLDER])
def test_a_version_without_notes_is_not_released(repository, changelog):
    assert repository.notes(changelog) == (1, "", "CHANGELOG.md has no notes under a heading for version 1.2.0\n")


def test_a_bug_report_asks_for_what_finds_the_cause():
    form = yaml.safe_load(read(".github/ISSUE_TEMPLATE/bug.yml"))
    required = {part["id"] for part in form["body"] if part.get("validations", {}).get("required")}

    assert required == {"happened", "version", "way"}
    assert {"reference", "log"} <= {part.get("id") for part in form["body"]}


def test_every_folder_that_has_an_owner_exists():
    for path in re.findall(r"^(?:# )?(/\S+)", read(".github/CODEOWNERS"), re.MULTILINE):
        assert (ROOT / path.lstrip("/")).exists(), path


def anchors(document: Path) -> set[str]:
    """What GitHub makes of the headings."""
    prose = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+?) *$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", files("*.md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(document):
    prose = re.sub(r"^```.*?^```$|`[^`\n]*`", "", read(document), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        path, _, anchor = link.partition("#")
        if not re.match(r"\w+:", link):
            target = document.parent / path if path else document
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("document", ["AGENTS.md", "SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_every_path_and_target_that_a_page_for_contributors_names_exists(document):
    text = read(document)
    for path in re.findall(
        r"(?<![\w.])((?:domain|adapters|entrypoints|terraform|tests|requirements|docs)/[\w./]*)", text
    ):
        assert (ROOT / path.rstrip(".")).exists(), path
    for target in re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
