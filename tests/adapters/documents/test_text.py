"""The words of files, from real bytes: what people in Japan save, and what somebody makes to do harm."""

import io
import os
import resource
import signal
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import DictionaryObject, NameObject, StreamObject

from adapters.documents import pdf as pdfs
from adapters.documents.encodings import UncertainEncoding
from adapters.documents.text import is_pdf, is_text, text_of

DOG = "犬の名前はポチです。\n餌は 200 グラム。"


def pdf(*contents: bytes, extra: bytes = b"", meaning: bytes = b"") -> bytes:
    """A PDF with one page for each content stream.

    ``extra`` stands in each stream's dictionary; ``meaning`` is what the font says that its characters mean.
    """
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(contents)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode %d 0 R >>" % (4 + 2 * len(contents)),
    ]
    for number, content in enumerate(contents):
        resources = b"/Resources << /Font << /F1 3 0 R >> >>"
        stream = f"{5 + 2 * number} 0 R".encode()
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents " + stream + b" " + resources + b" >>"
        )
        objects.append(b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), extra, content))
    objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(meaning), meaning))
    out, offsets = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    start = len(out)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        size,
        table,
        size,
        start,
    )


def saying(text: str) -> bytes:
    return f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode()


# Text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_text_is_read_in_the_encodings_that_people_save_it_in(encoding: str) -> None:
    assert text_of(DOG.encode(encoding), 100) == (DOG, False)


def test_text_is_read_in_utf_16_of_either_order() -> None:
    assert text_of(b"\xff\xfe" + DOG.encode("utf-16-le"), 100) == (DOG, False)
    assert text_of(b"\xfe\xff" + DOG.encode("utf-16-be"), 100) == (DOG, False)


def test_line_ends_of_every_system_become_one_and_control_characters_go() -> None:
    assert text_of(b"\r\none\r\ntwo\rthree\x1b\x07\n\n\n\n\nfour\n", 100) == ("one\ntwo\nthree\n\nfour", False)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b" \n\t\r\n", id="white space"),
        pytest.param(b"MZ\x90\x00\x03\x00", id="a program"),
        pytest.param(b"\xff\xfe\x00", id="half a character of utf-16"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00\x00", id="a picture"),
    ],
)
def test_what_is_no_text_has_none(data: bytes) -> None:
    assert text_of(data, 100) is None


def test_text_in_an_encoding_that_is_not_certain_is_refused() -> None:
    with pytest.raises(UncertainEncoding):
        text_of("café ".encode("latin-1"), 100)


def test_of_a_long_text_the_beginning_is_read_and_it_is_said_that_there_is_more() -> None:
    assert text_of(b"a" * 100, 100) == ("a" * 100, False)
    assert text_of(b"a" * 101, 100) == ("a" * 100, True)


@given(st.binary(max_size=200).filter(lambda data: b"%PDF-" not in data))
def test_no_bytes_are_an_error(data: bytes) -> None:
    with suppress(UncertainEncoding):
        found = text_of(data, 50)
        assert found is None or 0 < len(found[0]) <= 50


@settings(deadline=None)  # the first example imports pypdf
@given(st.binary(max_size=200))
def test_no_bytes_are_an_error_in_a_pdf(data: bytes) -> None:
    *pages, more = pdfs.read(b"%PDF-1.7\n" + data, 50)
    assert all(isinstance(page, str) for page in pages)
    assert isinstance(more, bool)


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("a.txt", "text/plain", True),
        ("a", "application/json", True),
        ("a", "application/ld+json", True),
        ("a", "application/xml", True),
        ("a", "application/x-yaml", True),
        ("main.tf", "application/octet-stream", True),
        ("A.PY", "", True),
        ("a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", False),
        ("a.zip", "application/zip", False),
        ("txt", "application/octet-stream", False),
        ("a.mp4", "video/mp4", False),
    ],
)
def test_text_is_known_by_its_media_type_or_by_its_name(name: str, media_type: str, expected: bool) -> None:
    assert is_text(name, media_type) is expected


def test_a_pdf_is_known_by_its_media_type_or_by_its_name() -> None:
    assert is_pdf("a", "application/pdf")
    assert is_pdf("A.PDF", "application/octet-stream")
    assert not is_pdf("a.txt", "text/plain")


# PDFs


def test_the_pages_of_a_pdf_are_read_in_their_order() -> None:
    assert text_of(pdf(saying("Pochi is a dog."), saying("Tama is a cat.")), 100) == (
        "Pochi is a dog.\n\nTama is a cat.",
        False,
    )


def test_a_compressed_pdf_is_read() -> None:
    data = pdf(zlib.compress(saying("Pochi is a dog.")), extra=b"/Filter /FlateDecode")
    assert text_of(data, 100) == ("Pochi is a dog.", False)


def test_of_a_long_pdf_the_beginning_is_read_and_it_is_said_that_there_is_more() -> None:
    data = pdf(saying("Pochi is a dog."), saying("Tama is a cat."))
    assert text_of(data, 8) == ("Pochi is", True)
    assert text_of(data, 15) == ("Pochi is a dog.", True)


def test_of_a_pdf_of_too_many_pages_the_first_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfs, "PAGES", 2)
    pages = [saying(name) for name in ("Pochi", "Hachi", "Tama")]
    assert list(pdfs.read(pdf(*pages[:2]), 100)) == ["Pochi", "Hachi", False]
    assert list(pdfs.read(pdf(*pages), 100)) == ["Pochi", "Hachi", True]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"%PDF-1.7\nand then nothing", id="truncated"),
        pytest.param(pdf(), id="without pages"),
        pytest.param(pdf(b"0 0 100 100 re f"), id="a drawing, as a scan is"),
        pytest.param(
            pdf(saying("secret")).replace(b"/Root", b"/Encrypt << /Filter /Standard >> /Root"), id="encrypted"
        ),
        pytest.param(pdf(saying("x")).replace(b"/Kids [4 0 R]", b"/Kids [2 0 R]"), id="its own grandchild"),
    ],
)
def test_a_pdf_that_holds_no_text_has_none(data: bytes) -> None:
    assert text_of(data, 100) is None


@pytest.mark.parametrize("end", [b"trailer", b"startxref", b"%%EOF"])
def test_a_pdf_without_its_end_is_read_by_its_objects(end: bytes) -> None:
    data = pdf(saying("Pochi is a dog."), saying("Tama is a cat."))
    read = ("Pochi is a dog.\n\nTama is a cat.", False)
    assert text_of(data[: data.rindex(end)], 100) == read
    assert text_of(data[: data.rindex(end)] + b"\n%%EOF\n", 100) == read


def test_of_a_pdf_that_was_cut_in_the_middle_the_pages_that_are_there_are_read() -> None:
    data = pdf(saying("Pochi is a dog."), saying("Tama is a cat."))
    found = text_of(data[: data.index(b"6 0 obj")], 100)
    assert found is not None
    assert found[0] == "Pochi is a dog."


def test_of_an_encrypted_pdf_without_its_end_nothing_is_read() -> None:
    locked = pdf(b"BT /F1 9 Tf (\xfa\xce) Tj ET") + b"\n9 0 obj\n<< /Filter /Standard >>\nendobj\n"
    assert text_of(locked.replace(b"trailer", b"").replace(b"startxref", b""), 100) is None


def font(encoding: str, *, means: bool = False) -> bytes:
    """A Japanese font that is not embedded, with what its characters mean or without."""
    described = b"/Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /%b" % encoding.encode()
    data = pdf(b"BT /F1 9 Tf <3824243f> Tj ET", meaning=b"1 beginbfchar <3824> <72AC> endbfchar")
    unmeant = data.replace(b"/ToUnicode", b"/Nothing")
    return (data if means else unmeant).replace(b"/Type /Font /Subtype /Type1 /BaseFont /Helvetica", described)


@pytest.mark.parametrize("encoding", ["H", "V"])
def test_a_pdf_that_names_characters_by_row_and_cell_is_read(encoding: str) -> None:
    assert text_of(font(encoding), 100) == ("犬た", False)


@pytest.mark.parametrize("encoding", ["Identity-H", "KSC-EUC-H", "90pv-RKSJ-H"])
def test_a_pdf_whose_characters_mean_something_unknown_has_no_text_rather_than_wrong_words(encoding: str) -> None:
    assert text_of(font(encoding), 100) is None


def test_a_pdf_of_characters_that_mean_nothing_has_no_text() -> None:
    meaning = b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <D83D> endbfchar endcmap"
    assert text_of(pdf(saying("AAAA x"), meaning=meaning), 100) is None


def test_the_process_that_reads_a_pdf_gets_no_secret(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY", "HTTPS_PROXY", "A_NEW_SECRET"):
        monkeypatch.setenv(name, "the lock opens with 4711")
    spying = tmp_path / "python"
    spying.write_text(f"#!/bin/sh\nenv > {tmp_path}/environment\n")
    spying.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(spying))
    text_of(pdf(saying("Pochi")), 100)
    environment = (tmp_path / "environment").read_text()
    assert "PYTHONPATH=" in environment
    assert "4711" not in environment


def test_a_pdf_locked_with_a_password_has_no_text() -> None:
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf(saying("secret")))))
    writer.encrypt("open sesame", algorithm="RC4-128")
    locked = io.BytesIO()
    writer.write(locked)
    assert text_of(locked.getvalue(), 100) is None


def test_of_a_pdf_that_is_damaged_further_on_what_comes_before_is_read() -> None:
    good, bad = saying("Pochi is a dog."), b"BT /F1 12 Tf (Tama"
    data = pdf(good, bad).replace(b"/Contents 7 0 R", b"/Contents (no)", 1)
    found = text_of(data, 100)
    assert found is not None
    assert found[0] == "Pochi is a dog."


def test_half_a_surrogate_pair_that_a_pdf_tells_of_is_no_character() -> None:
    meaning = b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <41> <D83D> endbfchar endcmap"
    assert text_of(pdf(saying("APochi"), meaning=meaning), 100) == ("\N{REPLACEMENT CHARACTER}Pochi", False)


@pytest.mark.parametrize(
    ("extra", "squeezed"),
    [
        (b"/Filter /FlateDecode", zlib.compress),
        (b"/Filter [/FlateDecode /FlateDecode]", lambda data: zlib.compress(zlib.compress(data))),
    ],
)
def test_a_stream_that_unfolds_into_more_than_its_bound_is_not_unfolded(
    monkeypatch: pytest.MonkeyPatch, extra: bytes, squeezed: Callable[[bytes], bytes]
) -> None:
    assert pdfs.STREAM_BYTES <= 20_000_000
    monkeypatch.setattr(pdfs, "STREAM_BYTES", 100_000)
    content = saying("x")
    assert list(pdfs.read(pdf(squeezed(content + b" " * 90_000), extra=extra), 100)) == ["x", False]
    assert list(pdfs.read(pdf(squeezed(content + b" " * 110_000), extra=extra), 100)) == [True]


def test_a_page_of_endless_operations_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pdfs.OPERATIONS <= 300_000
    monkeypatch.setattr(pdfs, "OPERATIONS", 1_000)
    assert list(pdfs.read(pdf(saying("x") + b" 0 0 m" * 300), 100)) == ["x", False]
    assert list(pdfs.read(pdf(saying("x") + b" 0 0 m" * 400), 100)) == [True]


def bomb() -> bytes:
    """A page of words, then one whose 120 fonts unfold one table of 1.4 MB each: 450 KB, a minute and 1.5 GB."""
    table = b"1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n%d beginbfchar\n%sendbfchar\nendcmap\n" % (
        100_000,
        b"".join(b"<%04x> <%04x>\n" % (each % 65_536, each % 65_536) for each in range(100_000)),
    )
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf(saying("Pochi"), saying("Tama")))))
    stream = StreamObject()
    stream.set_data(b"begincmap\n" + table)
    meaning = writer._add_object(stream.flate_encode())
    fonts = DictionaryObject()
    for number in range(1, 121):
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
                NameObject("/ToUnicode"): meaning,
            }
        )
        fonts[NameObject(f"/F{number}")] = writer._add_object(font)
    writer.pages[1][NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def exploding() -> bytes:
    return bomb()


@pytest.fixture(autouse=True)
def _as_a_python_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)


def test_a_pdf_that_takes_too_long_is_read_as_far_as_the_time_goes(exploding: bytes) -> None:
    # How long a Python takes to start is the machine's secret; the second page takes far longer than all of these.
    found = (text_of(exploding, 100, seconds=seconds) for seconds in (0.5, 1, 2, 4, 8))
    assert next(each for each in found if each) == ("Pochi", True)


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.01])
def test_a_pdf_for_which_there_is_no_time_has_no_text(exploding: bytes, seconds: float) -> None:
    assert text_of(exploding, 100, seconds=seconds) is None


def by_a_child(data: bytes, *, seconds: float = 20, memory: int = pdfs.MEMORY) -> tuple[int, bytes]:
    """How the child ends that nobody waits for with a watch in hand, and what it says."""
    command, environment = pdfs.command(100, seconds, memory), pdfs.environment()
    ended = subprocess.run(command, env=environment, input=data, stdout=subprocess.PIPE, timeout=60, check=False)
    return ended.returncode, ended.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="this system does not bound a process's memory")
def test_a_pdf_that_takes_too_much_memory_is_read_as_far_as_that_goes(exploding: bytes) -> None:
    assert pdfs.MEMORY <= 512_000_000
    assert by_a_child(exploding, memory=40_000_000) == (0, b'"Pochi"\ntrue\n')


def test_a_pdf_takes_nothing_of_the_memory_of_this_process(exploding: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text_of(exploding, 100, seconds=1)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < 5_000_000


def test_a_page_without_end_is_not_told_to_its_end() -> None:
    page = saying("Pochi" * 100)
    assert list(pdfs.read(pdf(page, page), 8)) == ["PochiPoch", True]


def test_a_child_whose_parent_is_gone_ends_by_itself(exploding: bytes) -> None:
    assert by_a_child(exploding, seconds=0.5) == (-signal.SIGKILL, b'"Pochi"\n')


def test_a_child_that_dies_in_the_middle_of_a_page_is_believed_up_to_that(
    tmp_path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    dying = tmp_path / "python"
    dying.write_text("""#!/bin/sh\nprintf '"Pochi"\\n"Ta'; echo Traceback >&2; kill -9 $$\n""")
    dying.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(dying))
    assert text_of(pdf(saying("Pochi"), saying("Tama")), 100) == ("Pochi", True)
    assert capfd.readouterr() == ("", "")


def test_where_no_process_is_to_be_had_a_pdf_has_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert text_of(pdf(saying("Pochi")), 100) is None


def test_what_lies_about_where_the_bot_runs_is_not_run_for_a_pdf(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(Path(each).resolve()) for each in sys.path])
    (tmp_path / "pypdf.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    assert text_of(pdf(saying("Pochi")), 100) == ("Pochi", False)


def test_what_pypdf_has_to_say_about_a_pdf_stays_out_of_the_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for data in (pdf(saying("secret")).replace(b"xref\n0 7", b"xref\n9 9"), b"%PDF-1.7 secret"):
        text_of(data, 100)
        list(pdfs.read(data, 100))
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")


def test_nobody_pays_for_pypdf_before_there_is_a_pdf() -> None:
    modules = "adapters.documents.text, adapters.documents.pdf, adapters.slack.reading.resolver"
    asked = f"import sys; import {modules}; print('pypdf' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment)
    assert said.stdout.strip() == "False"
