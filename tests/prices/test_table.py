"""A price file of one's own: whole records, or a sentence about the line that is none."""

from pathlib import Path

import pytest

from nextflop.errors import InputError, StoreError
from nextflop.evidence.files import digest
from nextflop.prices import known, price, read_prices

CSV = """item,value,currency,unit,commitment,date,source,provider,low,high
h100,1.80,USD,chip-hour,3y,2026-10-01,contract 7,Ours,,
licensed text,40,USD,million tokens of text,list,2026-09,archive offer,Press,25,60
"""
TOML = """
[[price]]
item = "H100"
value = 1.8
currency = "USD"
unit = "chip-hour"
commitment = "3y"
date = 2026-10-01
source = "contract 7"
"""


@pytest.mark.parametrize(("name", "text"), [("p.csv", CSV), ("p.toml", TOML), ("P.TOML", TOML)])
def test_a_file_overrides_the_snapshot(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    quote = price("H100", commitment="3y", at="2026-11-25", records=known(path))
    assert (quote.price.value, quote.price.source, quote.price.grade) == (1.8, "contract 7", "own")
    assert quote.price.item == "H100 SXM"
    assert quote.price.sha256 == digest(path.read_bytes())
    assert quote.price.via == f"price file {name}"


def test_a_range_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(CSV)
    text = read_prices(path)[1]
    assert (text.value, text.ends) == (40.0, (25.0, 60.0))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("p.csv", CSV.replace("contract 7", ""), "needs its source"),
        ("p.csv", CSV.replace("1.80", "0"), "line 2.*above 0"),
        ("p.csv", CSV.replace("1.80", "cheap"), "line 2.*not a number"),
        ("p.csv", CSV.replace("h100", "h101"), "did you mean 'H100 SXM'"),
        ("p.csv", CSV.replace("commitment", "comitment"), "did you mean 'commitment'"),
        ("p.csv", "item,value\n", "has no records"),
        ("p.json", "{}", "no answer with"),
        ("p.json", '{"records": 7}', "has no `records`"),
        ("p.json", '{"records": [{"item": "H100"}]}', "record 1: a price needs its value"),
        ("p.toml", "price = 2", "more than"),
        ("p.toml", "[[price]\n", "not valid TOML"),
        ("p.toml", TOML + 'colour = "red"', "no field of a price 'colour'"),
        ("p.toml", TOML.replace("date = 2026-10-01", ""), "needs its date"),
    ],
)
def test_what_is_no_price_file_is_refused_with_its_place(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        read_prices(path)


def test_a_file_that_is_not_there_or_no_text_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Cannot read the price file"):
        read_prices(tmp_path / "absent.csv")
    (tmp_path / "p.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_prices(tmp_path / "p.csv")
