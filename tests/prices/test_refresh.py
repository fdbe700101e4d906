"""Catalogues come whole, with date and digest, from the network only when asked, and leave the old ones otherwise."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path

import pytest

from nextflop.errors import InputError, StoreError
from nextflop.evidence.files import digest
from nextflop.prices import known, price, refresh
from nextflop.prices.lookup import bundled
from nextflop.prices.record import today

machinery = import_module("nextflop.prices.refresh")

# As the catalogue of a cloud has them: a machine without chips, one chip, eight chips in two regions, a chip that
# nobody trains on, and a row without a price.
LAMBDA = b"""InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice
cpu_4x_general,,,4.0,16.0,0.2,us-east-1,,
gpu_1x_h100,H100,1.0,26.0,200.0,3.29,us-east-1,"{'Gpus': [{'Name': 'H100'}]}",
gpu_8x_h100,H100,8.0,208.0,1800.0,23.92,us-west-1,"{'Gpus': [{'Name': 'H100'}]}",8.8
gpu_8x_h100,H100,8.0,208.0,1800.0,25.92,us-east-2,"{'Gpus': [{'Name': 'H100'}]}",
gpu_1x_a100,A100,1.0,30.0,200.0,1.29,us-east-1,,
gpu_1x_t4,T4,1.0,30.0,200.0,0.5,us-east-1,,
gpu_1x_b200,B200,1.0,30.0,200.0,,us-east-1,,
"""
LATER = LAMBDA.replace(b"23.92", b"15.92")


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        catalogue = {
            "/good/lambda/vms.csv": LAMBDA,
            "/later/lambda/vms.csv": LATER,
            "/page/lambda/vms.csv": b"<html>moved</html>",
            "/columns/lambda/vms.csv": LAMBDA.replace(b"Price", b"Cost"),
            "/endless/lambda/vms.csv": LAMBDA * 10_000,
        }.get(self.path)
        if catalogue is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(catalogue)))
        self.end_headers()
        with suppress(OSError):  # the client may have hung up
            self.wfile.write(catalogue)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def test_a_catalogue_becomes_records_a_chip_hour(server: str) -> None:
    records = {(one.item, one.commitment): one for one in refresh(["lambda"], f"{server}/good")}
    assert set(records) == {("H100 SXM", "on-demand"), ("H100 SXM", "spot"), ("A100 SXM 40GB", "on-demand")}
    h100 = records["H100 SXM", "on-demand"]
    assert (h100.value, h100.provider, h100.region) == (2.99, "Lambda", "us-west-1")
    assert (h100.date, h100.sha256) == (today(), digest(LAMBDA))
    assert h100.source.endswith("/good/lambda/vms.csv")
    assert "gpu_8x_h100" in h100.note
    assert records["H100 SXM", "spot"].value == 1.1


def test_what_was_refreshed_is_used_next_time_and_said(server: str) -> None:
    refresh(["lambda"], f"{server}/good")
    quote = price("H100")
    assert (quote.price.value, quote.age) == (2.99, 0)
    assert price("H100", records=known(refreshed=False)).price in bundled()
    refresh(["lambda"], f"{server}/later")
    assert price("H100").price.value == 1.99


@pytest.mark.parametrize("path", ["page", "columns", "absent", "endless"])
def test_a_bad_answer_is_a_sentence_and_leaves_what_was_kept(
    server: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(["lambda"], f"{server}/good")
    before = {file.name: file.read_bytes() for file in machinery.folder().iterdir()}
    monkeypatch.setattr(machinery, "LARGEST", 100_000)
    with pytest.raises(StoreError, match={"absent": "404", "endless": "longer than"}.get(path, "offers no chip")):
        refresh(["lambda"], f"{server}/{path}")
    assert {file.name: file.read_bytes() for file in machinery.folder().iterdir()} == before


def test_off_line_it_says_that_the_snapshot_needs_no_network() -> None:
    with pytest.raises(StoreError, match="bundled prices need no network"):
        refresh(["lambda"], "http://127.0.0.1:9")
    assert known() == bundled()


def test_an_unknown_cloud_or_address_is_refused_before_anything_is_asked() -> None:
    with pytest.raises(InputError, match="did you mean 'lambda'"):
        refresh(["lamda"], "http://127.0.0.1:9")
    with pytest.raises(InputError, match="https"):
        refresh(["lambda"], "file:///etc")


def test_a_file_that_somebody_changed_is_not_believed(server: str, tmp_path: Path) -> None:
    refresh(["lambda"], f"{server}/good")
    (machinery.folder() / "lambda.csv").write_bytes(LATER)
    with pytest.raises(StoreError, match="not the file that was downloaded"):
        known()
    (machinery.folder() / "lambda.csv").unlink()
    with pytest.raises(StoreError, match="are lost"):
        known()
    assert json.loads((machinery.folder() / "lambda.json").read_text())["sha256"] == digest(LAMBDA)
