"""Set-up works on any day: with the pip that Python brings, whatever the index has released since the lock."""

import base64
import functools
import hashlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, distributions
from itertools import product
from pathlib import Path
from threading import Thread

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = sorted(path.stem for path in (ROOT / "requirements").glob("*.txt"))
ENVIRONMENTS = {
    "checkov": ROOT / ".venv-checkov",
    "emulator": ROOT / ".venv-emulator",
    "litellm": ROOT / ".venv-litellm",
    "peers": ROOT / ".venv-peers",
}
PYTHONS = ["3.11.0", "3.11.5", "3.12.0", "3.13.0", "3.14.0"]
PLATFORMS = [("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64")]

POCHI_AND_OWNER = {"owner": "1.0", "pochi": "1.0", "leash": "1.0"}


def wheel(folder: Path, name: str, version: str, *headers: str) -> str:
    """Put an empty package on an index. Returns its line for a lock."""
    info = f"{name}-{version}.dist-info"
    metadata = "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *headers])
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": metadata + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {file: hashlib.sha256(text.encode()).digest() for file, text in files.items()}
    record = [f"{file},sha256={base64.urlsafe_b64encode(d).decode().rstrip('=')}," for file, d in digests.items()]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(f"{info}/RECORD", "\n".join([*record, f"{info}/RECORD,,", ""]))
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / f"{name}-{version}-py3-none-any.whl").write_bytes(content.getvalue())
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(content.getvalue()).hexdigest()}\n"


class Index(SimpleHTTPRequestHandler):
    """A folder of wheels: its listings are what an index answers."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """Where ポチ's owner, ポチ and the leash were locked, and where ポチ has had a newer release since."""
    folder = tmp_path / "index"
    lock = wheel(folder, "owner", "1.0", "Requires-Dist: pochi[walk]>=1.0")
    lock += wheel(folder, "pochi", "1.0", "Provides-Extra: walk", 'Requires-Dist: leash>=1.0; extra == "walk"')
    lock += wheel(folder, "leash", "1.0")
    wheel(folder, "pochi", "2.0", "Provides-Extra: walk", 'Requires-Dist: leash>=1.0; extra == "walk"')
    (tmp_path / "requirements").mkdir()
    for name in ("local", "emulator"):
        (tmp_path / f"requirements/{name}.txt").write_text(lock)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Index, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def pip_of(python: str) -> tuple[int, ...]:
    command = [python, "-c", "import ensurepip; print(ensurepip.version())"]
    version = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in version.split("."))


def python_with_the_oldest_pip() -> str:
    """Of the Pythons on this machine that are admitted, the one that brings the oldest pip."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    others = [str(path) for path in versions.glob("3.1[1-9].*/bin/python3")]
    return min([sys.executable, *others], key=pip_of)


COPYING = """#!/bin/sh
case "$1 $2" in "-m venv") for folder; do :; done; exec cp -Rp {made} "$folder" ;; esac
exec {python} "$@"
"""


@pytest.fixture(scope="session")
def python_copying(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Make a program that is this Python, but for its environments: they have their pip from the beginning.

    To make that takes some five seconds, and it is the same each time: they are copies of one that was made.
    """

    @functools.cache
    def program(python: str) -> str:
        folder = tmp_path_factory.mktemp("python")
        subprocess.run([python, "-m", "venv", folder / "made"], check=True)
        copying = folder / "python3"
        copying.write_text(COPYING.format(made=shlex.quote(str(folder / "made")), python=shlex.quote(python)))
        copying.chmod(0o755)
        return str(copying)

    return program


@pytest.fixture
def copying(python_copying: Callable[[str], str]) -> str:
    """What ``PYTHON`` is where an environment is made in an empty folder, as an argument of make."""
    return f"PYTHON={python_copying(python_with_the_oldest_pip())}"


@pytest.fixture
def machine(tmp_path: Path, index: str) -> dict[str, str]:
    """The environment of a machine that knows this index and has no uv."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "requirements/install", tmp_path / "requirements")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "MAKE", "COV"))}
    path = os.pathsep.join(without("uv", Path(folder), tmp_path) for folder in os.environ["PATH"].split(os.pathsep))
    return ours | {"PATH": path, "PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull}


def without(program: str, folder: Path, tmp_path: Path) -> str:
    """A folder of programs as it would be without one of them."""
    if not (folder / program).exists():
        return str(folder)
    copy = tmp_path / "programs" / str(abs(hash(folder)))
    copy.mkdir(parents=True, exist_ok=True)
    for file in folder.iterdir():
        if file.name != program and not (copy / file.name).exists():
            (copy / file.name).symlink_to(file)
    return str(copy)


def make(tmp_path: Path, machine: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments], cwd=tmp_path, env=machine, capture_output=True, text=True, check=False, timeout=120
    )


def installed(venv: Path) -> dict[str, str]:
    return {each.name: each.version for each in found(venv) if each.name in ("owner", "pochi", "leash")}


def found(venv: Path) -> list[Distribution]:
    return list(distributions(path=[str(path) for path in venv.glob("lib/python*/site-packages")]))


@pytest.mark.parametrize("target", [".venv/.local-installed", ".venv-emulator/.installed"])
def test_a_lock_is_installed_by_the_oldest_pip_after_the_index_has_released_more(
    tmp_path: Path, machine: dict[str, str], copying: str, target: str
) -> None:
    made = make(tmp_path, machine, target, copying)

    assert made.returncode == 0, made.stderr
    assert installed((tmp_path / target).parent) == POCHI_AND_OWNER
    assert [line.partition(":")[0] for line in made.stdout.splitlines()] == [
        f"Installing requirements/{'local' if 'local' in target else 'emulator'}.txt into {Path(target).parent}"
    ]


def test_uv_installs_the_same_and_needs_no_pip(tmp_path: Path, machine: dict[str, str]) -> None:
    uv = shutil.which("uv") or pytest.skip("uv is not installed")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").symlink_to(uv)
    with_uv = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{machine['PATH']}", "UV_NO_CONFIG": "1", "UV_OFFLINE": "0"}

    with_uv |= {"UV_DEFAULT_INDEX": machine["PIP_INDEX_URL"]}
    made = make(tmp_path, machine | with_uv, ".venv/.local-installed")

    assert (made.returncode, made.stderr) == (0, "")
    assert installed(tmp_path / ".venv") == POCHI_AND_OWNER
    assert {each.read_text("INSTALLER") for each in found(tmp_path / ".venv")} == {"uv"}
    assert list((tmp_path / ".venv").glob("lib/*/site-packages/__pycache__/pochi.*.pyc"))


def test_pip_is_made_and_installs_where_uv_cannot(tmp_path: Path, machine: dict[str, str]) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").write_text("#!/bin/sh\nexit 2\n")
    (tmp_path / "bin/uv").chmod(0o755)

    path = f"{tmp_path / 'bin'}{os.pathsep}{machine['PATH']}"
    made = make(tmp_path, machine | {"PATH": path}, ".venv/.local-installed")

    assert made.returncode == 0, made.stderr
    assert installed(tmp_path / ".venv") == POCHI_AND_OWNER
    assert (tmp_path / ".venv/bin/pip").exists()


def test_an_installation_that_failed_is_tried_again(tmp_path: Path, machine: dict[str, str], copying: str) -> None:
    lock = tmp_path / "requirements/local.txt"
    right = lock.read_text()
    lock.write_text(right.replace("sha256:", "sha256:0000", 1))
    failed = make(tmp_path, machine, ".venv/.local-installed", copying)
    lock.write_text(right)
    os.utime(lock, (0, 0))

    again = make(tmp_path, machine, ".venv/.local-installed", copying)

    assert (failed.returncode, again.returncode) == (2, 0)
    assert "ERROR" in failed.stderr
    assert installed(tmp_path / ".venv") == POCHI_AND_OWNER


def test_an_environment_whose_python_has_gone_is_made_anew(
    tmp_path: Path, machine: dict[str, str], copying: str
) -> None:
    make(tmp_path, machine, ".venv/.local-installed", copying)
    for link in (tmp_path / ".venv/bin").glob("python*"):
        link.unlink()
        link.symlink_to("/gone/bin/python")

    made = make(tmp_path, machine, ".venv/.local-installed")

    assert made.returncode == 0, made.stderr
    assert subprocess.run([tmp_path / ".venv/bin/python", "-c", "import pochi"], check=False).returncode == 0


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("exit 1", "Python 3.11 or newer is needed; set PYTHON to it: make PYTHON=python3.13 …"),
        (
            'case "$2" in *ensurepip*) exit 1; esac',
            "./python cannot make virtual environments; on Debian and Ubuntu install python3-venv.",
        ),
    ],
)
def test_a_python_that_will_not_do_is_named_in_one_sentence(
    tmp_path: Path, machine: dict[str, str], program: str, sentence: str
) -> None:
    (tmp_path / "python").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "python").chmod(0o755)

    made = make(tmp_path, machine, ".venv/.local-installed", "PYTHON=./python")

    assert made.stdout == ""
    assert made.stderr.splitlines()[0] == sentence
    assert len(made.stderr.splitlines()) == 2  # make says itself that it has failed
    assert not (tmp_path / ".venv").exists()


def scripts() -> Iterator[Path]:
    """All files of ours in which a command could stand, but for documents and lock files."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name in (".ci", ".github", ".slack") or name[0] not in "._"]
        yield from (Path(folder, name) for name in names if Path(name).suffix not in (".md", ".txt"))


def test_nothing_installs_packages_but_the_one_script() -> None:
    installs = re.compile(rb"""\bpip3?["']?[\s,]+["']?(install|download|sync|wheel)\b""")
    callers = {str(path.relative_to(ROOT)) for path in scripts() if installs.search(path.read_bytes())}

    assert callers == {"requirements/install"}


parsed = functools.cache(Requirement)
"""Most are read for each machine."""


@functools.cache
def locked(lock: str) -> list[Requirement]:
    lines = (ROOT / f"requirements/{lock}.txt").read_text().splitlines()
    return [parsed(line.removesuffix("\\")) for line in lines if re.match(r"\w", line)]


def wanted(lock: str) -> list[Requirement]:
    """What an .in file asks for, with the .in files that it includes."""
    lines = (ROOT / f"requirements/{lock}.in").read_text().splitlines()
    included = [
        each for line in lines if line.startswith("-r ") for each in wanted(line.split()[1].removesuffix(".in"))
    ]
    return included + [parsed(line) for line in lines if re.match(r"\w", line)]


def left_out(lock: str, packages: dict[str, list[str]], marker: dict[str, str]) -> set[str]:
    """What packages of a lock need on a machine and the lock does not give them there."""
    pins = {canonicalize_name(p.name): str(p.specifier)[2:] for p in locked(lock) if applies(p.marker, marker, "")}
    ahead = [(requirement, "") for requirement in wanted(lock)]
    seen, missing = set(), set()
    while ahead:
        requirement, extra = ahead.pop()
        name = canonicalize_name(requirement.name)
        if not applies(requirement.marker, marker, extra) or (name, str(requirement)) in seen:
            continue
        seen.add((name, str(requirement)))
        if name not in pins or not requirement.specifier.contains(pins[name], prereleases=True):
            missing.add(str(requirement))
        elif name in packages:
            needs = [parsed(line) for line in packages[name]]
            ahead += [(need, extra) for need, extra in product(needs, ["", *requirement.extras])]
    return missing


def applies(condition: Marker | None, marker: dict[str, str], extra: str) -> bool:
    return condition is None or condition.evaluate(marker | {"extra": extra})


def machines() -> Iterator[dict[str, str]]:
    for python, (sys_platform, system, architecture) in product(PYTHONS, PLATFORMS):
        yield dict(default_environment()) | {  # type: ignore[arg-type]
            "python_version": python.rpartition(".")[0],
            "python_full_version": python,
            "sys_platform": sys_platform,
            "platform_system": system,
            "platform_machine": architecture,
        }


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_complete_on_every_python_and_platform(lock: str) -> None:
    environment = ENVIRONMENTS.get(lock)
    if environment and not environment.exists():
        required = os.environ.get("CI") and lock != "litellm"  # which only tests of others' servers need
        (pytest.fail if required else pytest.skip)(f"{environment.name} is not installed")
    there = found(environment) if environment else distributions()
    packages = {canonicalize_name(each.name): each.requires or [] for each in there}

    assert [left_out(lock, packages, each) for each in machines()] == [set()] * len(PYTHONS) * len(PLATFORMS)


DOCKER = """#!/bin/sh
echo "$*" >>"$CALLS"
for image; do :; done
case "$1" in image) case "$image" in
  public*) echo "${image%:*}@sha256:$LAMBDA" ;;
  *) echo "${image%:*}@sha256:$PYTHON" ;;
esac ;; esac
"""


@pytest.fixture
def pin_images(tmp_path):
    """A clone's Dockerfile, and the script with a Docker that knows what the tags are today."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "requirements/pin-images", tmp_path / "requirements")
    shutil.copy(ROOT / "Dockerfile", tmp_path)
    (tmp_path / "bin/docker").write_text(DOCKER)
    (tmp_path / "bin/docker").chmod(0o755)

    def pin(lambda_digest: str, python_digest: str) -> tuple[int, str]:
        environment = {"LAMBDA": lambda_digest, "PYTHON": python_digest, "CALLS": str(tmp_path / "calls")}
        path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [tmp_path / "requirements/pin-images"], env=environment | {"PATH": path}, capture_output=True, check=False
        )
        return done.returncode, (tmp_path / "Dockerfile").read_text(encoding="utf-8")

    return pin


def test_both_base_images_are_pinned_by_digest_and_renewed(pin_images):
    code, pinned = pin_images("a" * 64, "b" * 64)
    assert code == 0
    assert f"\nARG BASE_IMAGE=public.ecr.aws/lambda/python:3.13@sha256:{'a' * 64}\n" in pinned
    assert f"\nARG MACHINE_BASE_IMAGE=python:3.13-slim@sha256:{'b' * 64}\n" in pinned
    _, renewed = pin_images("c" * 64, "b" * 64)
    assert renewed == pinned.replace("a" * 64, "c" * 64)


def test_nothing_else_of_the_dockerfile_changes(pin_images):
    _, pinned = pin_images("a" * 64, "b" * 64)
    unpinned = re.sub("@sha256:[ab]{64}", "", pinned)
    assert unpinned == re.sub("@sha256:[0-9a-f]{64}", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
