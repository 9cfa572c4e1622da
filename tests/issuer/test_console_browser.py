"""The console in a real browser: a correction from station to police by keyboard alone, without scripts, on a phone."""

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from issuer.web.app import create_app
from issuer.worklist.corrections import approve, propose_person
from issuer.worklist.handover import make
from tests.worklist_world import NOW, PASSWORD, World

# what keeps it from looking for the makers' hosts, and what a container needs
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --disable-dev-shm-usage""".split()
DESK, PHONE, SMALL_PHONE = (1280, 720), (390, 844), (360, 740)
MARKS = "Nguyen Thi Vi Du"
NO_NUMBER = "Phạm Quốc Thử"


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """A server of the console over the world, at a free port."""
    app = create_app(world.engine, now=lambda: NOW, secret=b"t" * 32)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def open_page(browser: Browser, size: tuple[int, int] = DESK, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts, locale="vi-VN"
    )
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", lambda message: pytest.fail(message.text) if "Security Policy" in message.text else None)
    return page


def sign_in(page: Page, address: str, login: str) -> None:
    """By keyboard: the cursor stands in the first field."""
    page.goto(address)
    page.locator("[name=login]:focus").wait_for()
    page.keyboard.type(login)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue*")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def settle(world: World, name: str) -> None:
    token = world.token(name)
    propose_person(world.engine, world.officer("tram"), token, 1, world.seal("tram", token), now=NOW)
    approve(world.engine, world.officer("congan"), token, world.seal("congan", token), now=NOW)


def test_whole_correction_by_keyboard_from_station_to_police_to_a_linked_dose(
    world: World, browser: Browser, address: str
) -> None:
    token = world.token(MARKS)
    station = open_page(browser)
    sign_in(station, address, "tram")
    press(station, "j")
    while MARKS not in (station.evaluate("document.activeElement.textContent") or ""):
        press(station, "j")
    press(station, "Enter")
    station.wait_for_url(f"**/items/{token}*")
    assert station.locator("mark").count() > 0, "the differing letters are marked"
    press(station, "?")
    assert station.locator("#shortcuts").is_visible()
    press(station, "Escape")
    assert station.locator("#shortcuts").is_hidden()
    press(station, "1", "p")
    station.wait_for_selector("[role=status]")
    assert world.state(token) == "proposed"
    assert token not in station.url, "the next record stands ready"

    police = open_page(browser)
    sign_in(police, address, "congan")
    press(police, "j", "Enter")
    police.wait_for_url(f"**/items/{token}*")
    press(police, "a")
    police.wait_for_selector("[role=status]")
    assert "Đã xác nhận và khớp lại" in police.inner_text("[role=status]")
    assert world.link_of(token) == ("matched", 1, "approved")
    assert world.state(token) == "closed"


def test_correction_from_the_paper_rejection_and_undo_by_keyboard(world: World, browser: Browser, address: str) -> None:
    token = world.token(NO_NUMBER)
    station, police = open_page(browser), open_page(browser)
    sign_in(station, address, "tram")
    station.goto(f"{address}/items/{token}")
    press(station, "c", "Tab", "Tab", "Tab")
    station.keyboard.type("001095000044")
    press(station, "Enter")
    station.wait_for_selector("[role=status]")
    sign_in(police, address, "congan")
    police.goto(f"{address}/items/{token}")
    press(police, "r", "ArrowDown", "Tab")
    police.keyboard.type("chưa gặp được")
    press(police, "Enter")
    police.wait_for_selector("[role=status]")
    view = world.view("tram", token)
    assert (view.history[0].state, view.history[0].reason, view.history[0].note) == (
        "rejected",
        "not_confirmed",
        "chưa gặp được",
    )
    station.goto(f"{address}/items/{token}")
    press(station, "p")
    station.wait_for_selector("[role=status]")
    police.goto(f"{address}/items/{token}")
    press(police, "a")
    police.wait_for_selector("[role=status]")
    assert world.link_of(token) == ("matched", 4, "approved")
    police.goto(f"{address}/items/{token}")
    press(police, "u", "Tab", "Enter")
    police.wait_for_selector("[role=status]")
    assert world.link_of(token)[0] == "no_id"
    assert world.state(token) == "open"


def test_walking_through_the_queue_with_j_and_k(browser: Browser, address: str) -> None:
    page = open_page(browser)
    sign_in(page, address, "tram")
    press(page, "j", "Enter")
    page.wait_for_url("**/items/*")
    first = page.url
    press(page, "j")
    page.wait_for_url(lambda url: url != first)
    second = page.url
    press(page, "k")
    page.wait_for_url(first)
    press(page, "j")
    page.wait_for_url(second)
    press(page, "h")
    page.wait_for_url("**/queue*")


def test_letters_typed_into_a_field_are_no_shortcuts(world: World, browser: Browser, address: str) -> None:
    page = open_page(browser)
    sign_in(page, address, "tram")
    token = world.token(MARKS)
    page.goto(f"{address}/items/{token}")
    press(page, "s", "Tab")
    page.keyboard.type("hỏi phường, đã ký p")
    assert page.input_value("[name=note]") == "hỏi phường, đã ký p"
    assert world.state(token) == "open"


def test_everything_but_shortcuts_works_without_scripts(world: World, browser: Browser, address: str) -> None:
    token = world.token(MARKS)
    station, police = open_page(browser, scripts=False), open_page(browser, scripts=False)
    sign_in(station, address, "tram")
    station.get_by_role("link", name=MARKS).click()
    station.get_by_role("button", name="Đề nghị người này").click()
    assert world.state(token) == "proposed"
    sign_in(police, address, "congan")
    police.get_by_role("link", name=MARKS).click()
    police.get_by_role("button", name="Xác nhận").click()
    assert world.link_of(token)[0] == "matched"
    station.goto(f"{address}/bulk/sex")
    station.get_by_role("button", name="Đề nghị các hồ sơ đã chọn").click()
    police.goto(f"{address}/bulk/sex")
    police.get_by_role("button", name="Xác nhận các hồ sơ đã chọn").click()
    assert world.link_of(world.token("Vũ Đức Kiểm"))[0] == "matched"
    police.goto(f"{address}/handovers")
    police.get_by_role("button", name="Lập danh sách").click()
    with police.expect_download() as download:
        police.get_by_role("button", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    police.locator(".menu summary").click()
    police.get_by_role("button", name="English").click()
    assert police.get_by_role("heading", name="Signed hand-over lists").is_visible()
    police.locator(".menu summary").click()
    police.get_by_role("button", name="Sign out").click()
    assert police.url.endswith("/login")


@pytest.mark.parametrize("size", [DESK, PHONE, SMALL_PHONE], ids=["desk", "phone", "small-phone"])
def test_no_page_is_wider_than_the_screen(world: World, browser: Browser, address: str, size: tuple[int, int]) -> None:
    settle(world, "Trần Văn Mẫu")
    make(world.engine, world.officer("congan"), now=NOW)
    propose = world.token("Đặng Thị Tra")
    propose_person(world.engine, world.officer("tram"), propose, 1, world.seal("tram", propose), now=NOW)
    items = [f"/items/{world.token(name)}" for name in (MARKS, NO_NUMBER, "Lý Văn Lạ", "Ngô Văn Trùng", "Trần Văn Mẫu")]
    pages = {
        "tram": [
            "/queue",
            *items,
            "/bulk",
            "/bulk/marks",
            "/sheets",
            "/password",
            "/search",
            "/account",
            "/account/second",
        ],
        "congan": [f"/items/{propose}", items[-1], "/handovers", "/numbers"],
        "huyen": ["/queue", "/numbers", "/checks"],
    }
    shots = os.environ.get("HOCHIEU_SCREENSHOTS")  # a folder, for whoever wants to look
    for login, paths in pages.items():
        page = open_page(browser, size)
        page.goto(address)
        if shots:
            page.screenshot(path=Path(shots) / f"{size[0]}-login.png")
        sign_in(page, address, login)
        for at, path in enumerate(paths):
            page.goto(address + path)
            if shots:
                page.screenshot(path=Path(shots) / f"{size[0]}-{login}-{at}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
            small = page.evaluate(
                "[...document.querySelectorAll('main button, main select, main input:not([type=hidden])')]"
                ".filter(e => e.checkVisibility() && !['radio', 'checkbox'].includes(e.type))"
                ".filter(e => e.getBoundingClientRect().height < 36).length"
            )
            assert small == 0, f"{path}: something to press is too small"
        page.context.close()


def test_desk_shows_facts_and_buttons_without_scrolling(world: World, browser: Browser, address: str) -> None:
    page = open_page(browser, DESK)
    sign_in(page, address, "tram")
    page.goto(f"{address}/items/{world.token(MARKS)}")
    for name in ("Đề nghị người này", "Sửa theo giấy tờ"):
        box = page.get_by_text(name).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= DESK[1]


def test_record_is_found_by_keyboard_and_the_one_just_done_is_a_key_away(
    world: World, browser: Browser, address: str
) -> None:
    page = open_page(browser)
    sign_in(page, address, "tram")
    press(page, "/")
    page.keyboard.type("quốc thử")
    press(page, "Enter")
    token = world.token(NO_NUMBER)
    page.wait_for_url(f"**/items/{token}")
    assert "quốc" not in page.url
    press(page, "p")
    page.wait_for_selector("[role=status]")
    press(page, "z")
    page.wait_for_url(f"**/items/{token}*")
    press(page, "w")
    page.wait_for_selector("[role=status]")
    assert world.state(token) == "open"
    press(page, "/")
    page.goto(f"{address}/search")
    page.locator("[name=text]:focus").wait_for()  # given with the first frame, not with the load
    page.keyboard.type("thị")
    press(page, "Enter")
    page.locator(".record").first.wait_for()
    press(page, "j", "Enter")
    page.wait_for_url("**/items/*")
    page.go_back()
    assert page.locator(".record").count() > 1, "the way back needs no form sent again"


def test_refused_correction_keeps_what_was_typed_and_stands_at_the_field(
    world: World, browser: Browser, address: str
) -> None:
    page = open_page(browser)
    sign_in(page, address, "tram")
    page.goto(f"{address}/items/{world.token(NO_NUMBER)}")
    press(page, "c")
    page.keyboard.type("Phạm Quốc Thử Hai")
    press(page, "Tab")
    page.keyboard.type("31/02/1995")
    press(page, "Enter")
    page.locator("[role=alert]").wait_for()
    assert page.input_value("[name=full_name]") == "Phạm Quốc Thử Hai"
    assert page.evaluate("document.activeElement.name") == "birth_date"


def test_differences_are_told_apart_without_colour(world: World, browser: Browser, address: str) -> None:
    page = open_page(browser)
    sign_in(page, address, "tram")
    lines = []
    for name in (MARKS, "Lê Thị Hòa"):
        page.goto(f"{address}/items/{world.token(name)}")
        lines.append(page.evaluate("getComputedStyle(document.querySelector('mark')).borderBottomStyle"))
    assert lines == ["solid", "double"]
    page.goto(f"{address}/items/{world.token(MARKS)}")
    signs = "[...document.querySelectorAll('.compare tbody th')].map(e => getComputedStyle(e, '::before').content)"
    assert page.evaluate(signs) == ['"≠"', '"="', '"="', '"="']


@pytest.mark.parametrize("size", [DESK, SMALL_PHONE], ids=["desk", "small-phone"])
def test_nothing_to_press_lies_over_the_facts(
    world: World, browser: Browser, address: str, size: tuple[int, int]
) -> None:
    page = open_page(browser, size)
    sign_in(page, address, "tram")
    page.goto(f"{address}/items/{world.token(MARKS)}")
    row = page.locator(".compare tbody tr").last
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    assert box is not None
    under = "([x, y]) => document.elementFromPoint(x, y).closest('.actions, .compare')?.className"
    assert page.evaluate(under, [box["x"] + 20, box["y"] + box["height"] / 2]) == "compare"
    broken = "[...document.querySelectorAll('.compare td')].filter(e => /^[0-9]{12}$/.test(e.textContent))"
    heights = page.evaluate(f"{broken}.map(e => e.getClientRects().length && e.getBoundingClientRect().height)")
    assert heights
    assert all(height < 45 for height in heights), "a number stands on one line"


def test_second_factor_is_read_from_the_screen(browser: Browser, address: str) -> None:
    page = open_page(browser, SMALL_PHONE)
    sign_in(page, address, "congan")
    page.goto(f"{address}/account/second")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Bật").click()
    symbol = page.locator("svg.qr").screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(symbol)))
    assert found.text.startswith("otpauth://totp/")
    assert "secret=" + page.inner_text("code").replace(" ", "") in found.text
