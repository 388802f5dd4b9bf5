"""Containers that start and end beside the tests bring interfaces up and down. Chromium must not hear of it."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import Browser

NETLINK = Path("/proc/net/netlink")
"""Where Linux lists the netlink sockets of this network: second the family of each, last its inode."""

ROUTING = "0"
"""The family that tells of interfaces and addresses."""


def test_chromium_hears_of_no_interface(browser: Browser):
    session = browser.new_browser_cdp_session()
    processes = [each["id"] for each in session.send("SystemInfo.getProcessInfo")["processInfo"]]
    session.detach()
    assert processes != []
    opened = {file for process in processes for file in open_files(process)}
    listed = [line.split() for line in NETLINK.read_text().splitlines()] if NETLINK.exists() else []
    assert opened & {f"socket:[{line[-1]}]" for line in listed if line[1] == ROUTING} == set()


def open_files(process: int) -> Iterator[str]:
    for file in Path(f"/proc/{process}/fd").glob("*"):
        with suppress(FileNotFoundError):  # it has been closed
            yield str(file.readlink())
