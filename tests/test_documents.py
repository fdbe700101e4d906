"""README, documents and examples: what they show runs, and what they link to is there."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if not link.startswith(("http:", "https:")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_the_readmes_python_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    from nextflop.laws import Chinchilla

    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(8, 10, 40), 10 ** rng.uniform(9, 11, 40)
    loss = Chinchilla(1.8, 480.0, 2100.0, 0.35, 0.37)(params=params, tokens=tokens) * np.exp(
        0.003 * rng.normal(size=40)
    )
    rows = [f"{n:.0f},{d:.0f},{value:.6f}" for n, d, value in zip(params, tokens, loss, strict=True)]
    (tmp_path / "runs.csv").write_text("\n".join(["N,D,val_loss", *rows]))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {})
    assert "converged" in capsys.readouterr().out


def test_the_example_finds_the_law_that_it_hid(capsys: pytest.CaptureFixture) -> None:
    runpy.run_path(str(ROOT / "examples" / "plan_from_a_table.py"), run_name="__main__")
    said = capsys.readouterr().out
    low, high = map(float, re.search(r"alpha +\S+ +\((\S+) to (\S+)\), truth 0.35", said).groups())
    assert low < 0.35 < high


def test_the_situation_of_the_document_runs_as_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    from nextflop.cli.app import main

    told, folder = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8"), ROOT / "examples" / "plan"
    (printed,) = re.findall(r"```toml\n(.*?)```", told, flags=re.DOTALL)
    assert printed == (folder / "situation.toml").read_text(encoding="utf-8")
    made = runpy.run_path(str(folder / "tables.py"))
    for name, table in made["tables"]().items():
        kept = (folder / name).read_text(encoding="utf-8")
        assert kept == f"{','.join(table)}\n{made['text'](table)}", f"{name} is not what tables.py makes"
    (command,) = re.findall(r"^nextflop (plan examples/.*)$", told, flags=re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    assert main([*command.split(), "--draws", "20"]) in (0, 1)
    said = " ".join(capsys.readouterr().out.split())
    for part in ("With $500k", "1,024 H100 SXM", "For accuracy on MATH", "The mixture of", "ours, last year"):
        assert part in said
    assert (tmp_path / "plan.html").exists()


def test_every_code_of_a_verdict_is_explained() -> None:
    sources = (ROOT / "src" / "nextflop").rglob("*.py")
    pattern = r'(?:Verdict\(|code, name = |code=)\s*"([a-z_]+)"'
    codes = {code for path in sources for code in re.findall(pattern, path.read_text(encoding="utf-8"))}
    assert {"optimum", "multiverse", "influence"} < codes
    told = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {code for code in codes if f"`{code}`" not in told} == set()


def test_nothing_names_a_path_of_a_machine() -> None:
    """Documents and measured results are of the project alone."""
    for path in [*PAGES, *sorted((ROOT / "benchmarks").rglob("*.json")), *sorted((ROOT / "examples").rglob("*.py"))]:
        assert not re.search(r"/(home|root|work|tmp|Users)/", path.read_text(encoding="utf-8")), path
