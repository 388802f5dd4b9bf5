"""A destroy: refused as a whole while the deployment is protected, and else it says what is kept."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MODULE = Path(__file__).parents[2] / "terraform/modules/protection"


@pytest.fixture
def terraform(tmp_path):
    if not shutil.which("terraform"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("terraform is not installed")
    for file in MODULE.glob("*.tf"):
        shutil.copy(file, tmp_path)
    # Stands for everything else, as the root module has it.
    (tmp_path / "deployment.tf").write_text('resource "terraform_data" "table" {}\n')
    main = (
        (tmp_path / "main.tf").read_text().replace("  input = {", "  depends_on = [terraform_data.table]\n  input = {")
    )
    (tmp_path / "main.tf").write_text(main)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"TF_CLI_ARGS": "-no-color", "TF_VAR_name": "bot"}
        return subprocess.run(
            ["terraform", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    assert run("init").returncode == 0
    return run


def test_while_it_is_protected_nothing_is_destroyed_and_then_everything_is(terraform):
    assert terraform("apply", "-auto-approve", "-var=deletion_protection=true").returncode == 0
    refused = terraform("destroy", "-auto-approve", "-var=deletion_protection=true")
    assert refused.returncode == 1
    assert "bot is protected and nothing was destroyed" in refused.stdout
    assert "terraform_data.table" in terraform("state", "list").stdout

    assert terraform("apply", "-auto-approve", "-var=deletion_protection=false").returncode == 0
    destroyed = terraform("destroy", "-auto-approve", "-var=deletion_protection=true")  # as the default has it
    assert destroyed.returncode == 0
    assert "a backup of each table for 35 days" in destroyed.stdout
    assert terraform("state", "list").stdout == ""


def test_everything_that_the_root_module_makes_is_behind_the_protection():
    main = (MODULE.parents[1] / "main.tf").read_text()
    (protection,) = (block for block in main.split("\nmodule ") if block.startswith('"protection"'))
    made = {block.split('"')[1] for block in main.split("\nmodule ")[1:]} - {"protection", "manifest"}
    assert {name for name in made if f"module.{name}" in protection} == made
