"""page_browser - the page as people use it, in Chromium: with the pointer, with keys alone, on a phone; and
what a page of another origin may do, which is nothing."""
import contextlib
import http.server
import json
import threading
import urllib.error
import urllib.request

from browser import DESKTOP, PHONE, TABLET, WIDE, Browser, Page, free_port
from harness import long, main, wait_until

BROKEN = "retry { attempts = 1 }"
HOSTILE = "<img src=x onerror=document.title='taken'>.jpg"
TOKEN = "the-token-of-the-studio"


# ---- the page and a browser ----

@contextlib.contextmanager
def looking(house, *arguments, folder="", http=""):
    """The daemon, the page, and a browser that shows it."""
    port = free_port()
    house.configure(folder, top=f'http {{ listen = "127.0.0.1:{port}" {http} }}')
    house.start()
    page = Page(house, port).start()
    try:
        with Browser(house, *arguments) as browser:
            browser.open(page.url)
            yield browser, page
    finally:
        page.kill()


def drop(house, name, **how):
    house.photo(name, **how).rename(house.inbox / name)


def break_picture(house, name):
    """A JPEG that ends in the middle arrives."""
    path = house.photo(name)
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    path.rename(house.inbox / name)


def fail_one(house, browser, name="broken.jpg"):
    break_picture(house, name)
    browser.await_text("#failures", name)


def finish_one(house, browser, name="photo.jpg"):
    drop(house, name)
    browser.await_text("#viewer h3", name)


def row(house):
    return house.get()[1]["folders"][0]


# ---- pictures ----

def a_picture_that_is_dropped_appears_on_the_page(house):
    with looking(house) as (browser, _):
        browser.await_text("#pictures-empty", f"No picture is done yet. Put one into {house.inbox}")
        drop(house, "photo.jpg")
        browser.await_text("#viewer h3", "photo.jpg")
        assert browser.await_picture("#stage [data-part=before]") == [640, 480]
        assert browser.await_picture("#stage [data-part=after]") == [160, 120]
        browser.await_text("#folders .folder", "queued 0 in progress 0 done 1 failed 0 pending 0")
        assert not browser.all("#pictures-empty") and not browser.complaints()


@long
def before_and_after_are_compared_by_pointer_by_keys_and_one_at_a_time(house):
    def split():
        return browser.run("return getComputedStyle(document.getElementById('stage')).getPropertyValue('--split')")

    def shown():
        return [browser.run(f"return getComputedStyle(document.querySelector('#stage [data-part={side}]')).visibility")
                for side in ("before", "after")]

    with looking(house) as (browser, _):
        finish_one(house, browser)
        browser.await_picture("#stage [data-part=after]")
        assert (split(), shown()) == ("0.5", ["visible", "visible"])
        browser.run("document.getElementById('split').focus()")
        browser.press(browser.keys.HOME, browser.keys.RIGHT)
        assert split() == "0.01"
        browser.click("#split")  # the pointer is put into its middle
        assert split() == "0.5"
        browser.run("document.querySelector('[name=view]:checked').focus()")
        browser.press(browser.keys.RIGHT)
        assert shown() == ["hidden", "visible"]
        browser.click("#view label:first-of-type")
        assert shown() == ["visible", "hidden"]
        browser.open(browser.driver.current_url)  # the browser remembers it
        browser.await_picture("#stage [data-part=before]")
        assert shown() == ["visible", "hidden"]


@long
def a_picture_that_a_person_has_chosen_stays_while_others_arrive(house):
    with looking(house) as (browser, _):
        finish_one(house, browser, "first.jpg")
        finish_one(house, browser, "second.jpg")
        browser.click("#strip .thumb:last-of-type")
        browser.await_text("#viewer h3", "first.jpg")
        assert not browser.run("return document.getElementById('follow').checked")
        drop(house, "third.jpg")
        wait_until(lambda: len(browser.all("#strip .thumb")) == 3, "the third one is in the strip")
        assert browser.text("#viewer h3") == "first.jpg"
        browser.click("#follow")
        browser.await_text("#viewer h3", "third.jpg")
        browser.run("document.querySelector('#strip input:checked').focus()")
        browser.press(browser.keys.RIGHT)
        browser.await_text("#viewer h3", "second.jpg")


@long
def a_picture_whose_file_is_gone_says_so_in_words(house):
    with looking(house) as (browser, _):
        finish_one(house, browser)
        browser.await_picture("#stage [data-part=after]")
        (house.output / "photo.jpg").unlink()
        browser.devtools("Network.clearBrowserCache")
        browser.open(browser.driver.current_url)
        browser.await_text("#stage", "No after: ")


@long
def a_picture_is_undone_after_a_confirmation(house):
    with looking(house) as (browser, _):
        finish_one(house, browser)
        browser.click("#viewer [data-action=undo]")
        browser.await_text("#confirm", "Undo photo.jpg? The original goes back into inbox")
        assert browser.focus()["text"] == "No, keep it"
        browser.press(browser.keys.ESCAPE)
        browser.await_no("#confirm")
        assert browser.focus()["action"] == "undo" and house.done() == ["photo.jpg"]
        browser.click("#viewer [data-action=undo]")
        browser.click("#confirm [value=yes]")
        browser.await_text("#message", f"Undone: the original lies at {house.inbox}/photo.jpg again. 1 output is in the trash.")
        assert (house.inbox / "photo.jpg").exists() and not (house.output / "photo.jpg").exists()
        browser.await_text("#pictures-empty", "No picture is done yet.")
        assert browser.focus()["id"] == "pictures"


# ---- failures ----

@long
def a_failed_picture_says_why_and_is_retried(house):
    with looking(house, folder=BROKEN) as (browser, _):
        browser.await_text("#failures", "No picture has failed.")
        fail_one(house, browser)
        browser.await_text("#failures .failure", "broken.jpg the JPEG is incomplete")
        browser.await_text("#failures .fix", "send the file again")
        browser.await_text("#failures-count", "1")
        wait_until(lambda: browser.driver.title == "(1 failed) hotfolder", "the title counts it")
        browser.click("[data-action=retry]")
        browser.await_text("#message", "1 picture is queued again.")
        house.await_logged("broken.jpg: failed after ", 2)
        browser.await_text("#failures .failure", "broken.jpg")


@long
def all_failed_pictures_of_a_folder_are_retried_at_once(house):
    with looking(house, folder=f"{BROKEN} max_bytes = 1KB") as (browser, page):
        for name in ("one.jpg", "two.jpg", "three.jpg"):
            drop(house, name)
        browser.await_text("#failures h3", "inbox: 3 pictures")
        text = house.config.read_text(encoding="utf-8")
        house.config.write_text(text.replace("max_bytes = 1KB", ""), encoding="utf-8")
        assert house.post("/v1/reload")[0] == 200
        page.kill()  # it ends where its configuration has changed
        page.start()
        browser.open(page.url)
        browser.click("[data-action=retry-all]")
        browser.await_text("#message", "3 pictures are queued again.")
        browser.await_text("#failures", "No picture has failed.")
        assert browser.focus()["id"] == "failures"  # the button is gone, and a person is where it was
        wait_until(lambda: row(house)["done"] == 3, "all are done")


@long
def what_the_service_refuses_is_shown_in_its_words(house):
    with looking(house, folder=BROKEN) as (browser, _):
        fail_one(house, browser)
        wait_until(lambda: house.failed() == ["broken.jpg"], "it is in failed/")
        (house.inbox / "failed/broken.jpg").unlink()
        code, answer = house.post("/v1/retry", path=f"{house.inbox}/broken.jpg")
        assert code == 409
        browser.click("[data-action=retry]")
        browser.await_text("#message [data-part=text]", answer["error"])
        browser.await_text("#message [data-part=fix]", answer["fix"])
        browser.click("#message button")
        browser.await_no("#message")


@long
def names_of_files_are_text_and_never_html(house):
    with looking(house, folder=BROKEN) as (browser, page):
        drop(house, "&lt;b&gt; \\x41.jpg")
        browser.await_text("#viewer h3", "&lt;b&gt; ")
        fail_one(house, browser, HOSTILE)
        browser.click("[data-action=why-failure]")
        browser.await_text("#why-answer .path", HOSTILE)
        browser.drop(name=HOSTILE)
        browser.await_text("#why-places", HOSTILE)
        browser.click("[data-action=retry]")
        house.await_logged(": failed after ", 2)
        assert not browser.run("return document.querySelectorAll('[onerror], b').length")
        assert "taken" not in browser.driver.title and not browser.complaints()
        # The policy forbids what the page does not do.
        browser.run("document.body.insertAdjacentHTML('beforeend', arguments[0])", HOSTILE)
        wait_until(browser.complaints, "the policy forbids it")
        assert "taken" not in browser.driver.title and browser.driver.current_url == page.url


# ---- why ----

@long
def why_is_asked_of_a_path_that_is_typed_or_dropped(house):
    with looking(house) as (browser, _):
        finish_one(house, browser)
        browser.click("#why-path")
        browser.press("/nowhere/at/all.jpg", browser.keys.ENTER)
        browser.await_text("#why-answer", "/nowhere/at/all.jpg")
        browser.await_text("#why-answer .facts", f"inbox: {house.inbox}")
        assert browser.focus()["id"] == "why-answer"
        browser.drop(text=(house.inbox / "done/photo.jpg").as_uri())
        browser.await_text("#why-answer .badge", "done")
        browser.await_text("#why-answer .facts", f"{house.output}/photo.jpg")
        browser.drop(name="photo.jpg")
        browser.await_text("#why-places", "The browser gives only the name photo.jpg")
        assert browser.focus()["text"] == f"{house.inbox}/photo.jpg"
        browser.press(browser.keys.ENTER)
        browser.await_text("#why-answer .path", f"{house.inbox}/photo.jpg")
        browser.click("#viewer [data-action=why-picture]")
        browser.await_text("#why-answer .badge", "done")


# ---- folders ----

@long
def folders_are_paused_and_resumed_and_say_by_whom(house):
    with looking(house) as (browser, _):
        browser.await_text("#folders .badge", "available")
        browser.click("#folders [data-action=pause]")
        browser.await_text("#folders .badge", "paused")
        browser.await_text("#folders .reason", f"by {row(house)['paused_by']} since ")
        browser.await_text("#service", "Paused")
        assert browser.focus()["text"] == "Resume inbox"
        drop(house, "photo.jpg")
        browser.await_text("#folders .counts", "queued 1")
        browser.click("#folders [data-action=resume]")
        browser.await_text("#viewer h3", "photo.jpg")
        browser.click("#pause-all")
        browser.await_text("#folders .reason", "with all folders")
        browser.await_no("#folders .folder [data-part=pause]")
        browser.click("#pause-all")
        browser.await_text("#folders .badge", "available")


# ---- cards ----

def import_card(house, name, copies):
    """A card with one picture is copied to two directories on one disk; its verdict, where so many disks
    have to have it."""
    house.photo(f"{name}/DCIM/100TEST/{name}.jpg", seed=copies)
    config = house.work / f"{name}.conf"
    config.write_text(f"import 'cards' {{ copy_to = {{ '{house.top}/one', '{house.top}/two' }} safe_copies = {copies} "
                      "eject = no min_free = 0 }", encoding="utf-8")
    done = house.command("import", house.work / name, "--config", config, "--state-dir", house.state)
    return done.stdout.splitlines()[-1]


@long
def cards_show_their_verdict_and_what_is_in_the_way_of_a_better_one(house):
    with looking(house) as (browser, _):
        browser.await_text("#cards", "No card was imported yet.")
        safe, unsafe = import_card(house, "GOOD", 1), import_card(house, "BAD", 2)
        assert safe.startswith("SAFE TO FORMAT: ") and unsafe.startswith("NOT SAFE: "), (safe, unsafe)
        browser.await_text("#cards .card:nth-child(2)", "GOOD SAFE TO FORMAT " + safe.removeprefix("SAFE TO FORMAT: "))
        browser.await_text("#cards .card:nth-child(1)", "BAD NOT SAFE " + unsafe.removeprefix("NOT SAFE: "))
        browser.await_text("#cards .card:nth-child(1)", "May be pulled; do not format it.")


@long
def a_page_that_may_change_nothing_has_no_buttons_for_it(house):
    with looking(house, folder=BROKEN, http="steer = no") as (browser, _):
        finish_one(house, browser)
        fail_one(house, browser)
        browser.await_text("footer", "This page shows, and changes nothing")
        assert len(browser.all("main button")) == 4 and not browser.all("[data-steers]")


# ---- keys alone ----

def tab_to(browser, wanted):
    """Presses Tab until the focus is on what is wanted; all on the way is seen, and nothing lies over it."""
    for _ in range(60):
        browser.press(browser.keys.TAB)
        focus = browser.focus()
        if focus["tag"] == "BODY":
            continue
        assert focus["outline"] not in ("none", "") and focus["inside"] and not focus["covered"], focus
        if wanted in (focus["id"], focus["action"], focus["text"]):
            return focus
    raise AssertionError(f"Tab does not reach {wanted}")


@long
def everything_can_be_done_with_keys_alone(house):
    with looking(house, folder=BROKEN) as (browser, _):
        keys = browser.keys
        finish_one(house, browser)
        fail_one(house, browser)
        browser.open(browser.driver.current_url)
        browser.await_text("#failures", "broken.jpg")
        assert tab_to(browser, "Skip to the pictures")
        browser.press(keys.ENTER)
        assert browser.focus()["id"] == "pictures"
        tab_to(browser, "split")
        browser.press(keys.LEFT)
        assert browser.run("return document.getElementById('split').value") == "49"
        tab_to(browser, "why-picture")
        browser.press(keys.ENTER)
        browser.await_text("#why-answer .badge", "done")
        tab_to(browser, "Pause all")
        browser.press(keys.SPACE)
        browser.await_text("#folders .badge", "paused")
        assert browser.focus()["text"] == "Resume all"
        browser.press(keys.SPACE)
        browser.await_text("#folders .badge", "available")
        tab_to(browser, "Pause inbox")
        tab_to(browser, "Details of inbox")
        browser.press(keys.ENTER)
        browser.await_text("#folders .facts", f"Pictures arrive in {house.inbox}")
        tab_to(browser, "retry")
        browser.press(keys.ENTER)
        house.await_logged("broken.jpg: failed after ", 2)
        tab_to(browser, "why-path")
        browser.press(f"{house.inbox}", keys.ENTER)
        browser.await_text("#why-answer .badge", "available")
        tab_to(browser, "undo")
        browser.press(keys.ENTER)
        browser.await_text("#confirm", "Undo photo.jpg?")
        browser.press(keys.TAB, keys.ENTER)
        browser.await_text("#message", "Undone: ")


@long
def the_focus_stays_where_it_is_while_pictures_arrive(house):
    with looking(house, folder=BROKEN) as (browser, _):
        fail_one(house, browser)
        browser.run("document.querySelector('[data-action=why-failure]').focus()")
        browser.run("document.querySelector('#folders details').open = true")
        for name in ("one.jpg", "two.jpg"):
            finish_one(house, browser, name)
        fail_one(house, browser, "more.jpg")
        focus = browser.focus()
        assert focus["text"] == "Why broken.jpg failed", focus
        assert browser.run("return document.querySelector('#folders details').open")


# ---- what is lost comes back ----

@long
def the_page_says_when_the_service_or_its_own_server_is_gone_and_goes_on(house):
    with looking(house) as (browser, page):
        finish_one(house, browser, "first.jpg")
        house.kill()
        browser.await_text("#service", "The service does not respond")
        browser.click("#pause-all")
        browser.await_text("#message", "hotfolder does not answer on ")
        house.start()
        browser.await_text("#message", "The service is back.")
        finish_one(house, browser, "second.jpg")
        page.kill()
        browser.await_text("#service", "No connection: what is shown is old")
        assert browser.driver.title == "hotfolder: no connection"
        page.start()
        browser.await_text("#message", "The connection is back.")
        finish_one(house, browser, "third.jpg")
        assert row(house)["state"] == "available"


# ---- others ----

ATTACK = """
const done = arguments[arguments.length - 1];
const page = arguments[0];
const asks = [
  fetch(page + 'v1/pause', { method: 'POST', body: '{}' }),
  fetch(page + 'v1/pause', { method: 'POST', body: '{}', mode: 'no-cors', credentials: 'include' }),
  fetch(page + 'v1/pause', { method: 'POST', body: '{}', headers: { 'X-Hotfolder': '1' } }),
  fetch(page + 'v1/status').then((answer) => answer.text()),
  fetch(page + 'metrics').then((answer) => answer.text()),
  new Promise((good, bad) => Object.assign(new EventSource(page + 'events'), { onmessage: good, onopen: good, onerror: bad })),
  new Promise((good, bad) => Object.assign(new Image(), { onload: good, onerror: bad, src: page + 'v1/preview?job=1' })),
];
const form = Object.assign(document.createElement('form'), { method: 'post', action: page + 'v1/pause', target: 'frame' });
const frame = Object.assign(document.createElement('iframe'), { name: 'frame' });
document.body.append(frame, form);
form.submit();
const within = Object.assign(document.createElement('iframe'), { src: page });
document.body.append(within);
Promise.allSettled(asks).then((ends) => setTimeout(() => done(ends.map((end) => [end.status, String(end.value)])), 500));
"""


@contextlib.contextmanager
def other_page():
    """A page of somebody else, at a port of its own."""
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE html><title>other</title><body>")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def attack(browser, page, url):
    """What a page at that url gets."""
    browser.open(url)
    browser.driver.set_script_timeout(60)
    return browser.driver.execute_async_script(ATTACK, page)


@long
def a_page_of_another_origin_can_do_nothing(house):
    names = "--host-resolver-rules=MAP other.example 127.0.0.1, MAP page.other.example 127.0.0.1"
    with looking(house, names) as (browser, page), other_page() as port:
        finish_one(house, browser)
        for url in (f"http://127.0.0.1:{port}/", f"http://localhost:{port}/", f"http://other.example:{port}/"):
            ends = attack(browser, page.url, url)
            assert {end for end, _ in ends} == {"rejected"}, (url, ends)
            assert browser.run("return [...document.querySelectorAll('iframe')].map((frame) => frame.contentDocument && frame.contentDocument.title)") \
                == [None, None]
        # A name of the other one that leads here: the same origin for the browser, and no name of ours.
        browser.open(f"http://page.other.example:{page.port}/")
        assert "this page has no name 'page.other.example'" in browser.text("body")
        rebound = browser.driver.execute_async_script(
            "const done = arguments[0]; fetch('/v1/pause', { method: 'POST', body: '{}', headers: { 'X-Hotfolder': '1' } })"
            ".then((answer) => done(answer.status))")
        assert rebound == 421
        assert row(house)["state"] == "available" and "paused" not in house.logged()


@long
def a_page_with_a_token_asks_for_it(house):
    (house.work / "token").write_text(TOKEN, encoding="utf-8")
    (house.work / "token").chmod(0o600)
    with looking(house, http=f'token_file = "{house.work}/token"') as (browser, page):
        browser.await_text("label", "Token")
        assert browser.focus()["id"] == "token"
        browser.press("a wrong token", browser.keys.ENTER)
        browser.await_text("[role=alert]", "The token is wrong.")
        try:
            urllib.request.urlopen(f"{page.url}v1/status", timeout=60)
            raise AssertionError("the status is shown without the token")
        except urllib.error.HTTPError as refused:
            assert refused.code == 401 and json.load(refused)["error"] == "this needs the token"
        browser.click("#token")
        browser.press(TOKEN, browser.keys.ENTER)
        browser.await_text("#folders .badge", "available")
        browser.click("#log-out")
        browser.await_text("label", "Token")
        browser.open(page.url)
        browser.await_text("label", "Token")


# ---- for all people ----

CONTROLS = {"button", "link", "textbox", "checkbox", "radio", "slider", "combobox", "DisclosureTriangle", "image", "dialog"}


@long
def a_screen_reader_is_given_a_name_for_every_control_and_the_parts_of_the_page(house):
    with looking(house, folder=BROKEN) as (browser, _):
        finish_one(house, browser)
        finish_one(house, browser, "second.jpg")
        fail_one(house, browser)
        browser.await_picture("#stage [data-part=after]")
        browser.await_picture("#stage [data-part=before]")
        tree = browser.accessibility()
        nameless = [(role, properties) for role, name, properties in tree if role in CONTROLS and not name.strip()]
        assert not nameless, nameless
        named = {(role, name) for role, name, _ in tree}
        wanted = {("button", "Pause inbox"), ("button", "Retry all of inbox"), ("button", "Retry broken.jpg"),
                  ("button", "Why broken.jpg failed"), ("slider", "Where before ends and after begins"), ("radio", "Before"),
                  ("image", "second.jpg as it arrived"), ("image", "second.jpg as hotfolder made it"),
                  ("navigation", "Sections"), ("region", "Newest pictures"), ("region", "Folders"), ("region", "Failures"),
                  ("region", "Cards of cameras"), ("region", "Why?"), ("heading", "hotfolder"), ("textbox", "Path of a file or directory")}
        assert wanted <= named, wanted - named
        roles = [role for role, _, _ in tree]
        assert [roles.count(role) for role in ("banner", "main", "contentinfo", "navigation")] == [1, 1, 1, 1]
        levels = [properties["level"] for role, _, properties in tree if role == "heading"]
        assert levels[0] == 1 and all(after <= before + 1 for before, after in zip(levels, levels[1:])), levels
        assert browser.run("return document.documentElement.lang") == "en"
        buttons = [name for role, name, _ in tree if role == "button"]
        assert len(buttons) == len(set(buttons)), buttons
        live = browser.run("return [...document.querySelectorAll('[aria-live]')].map((node) => node.getAttribute('aria-live'))")
        assert set(live) == {"polite"}


def filled(house, browser):
    """A page on which there is something of everything."""
    finish_one(house, browser)
    finish_one(house, browser, "second.jpg")
    fail_one(house, browser)
    browser.run("document.querySelector('#folders details').open = true")
    browser.click("[data-action=why-failure]")
    browser.await_text("#why-answer .badge", "failed")
    browser.drop(name="x.jpg")
    browser.click("[data-action=retry]")
    browser.await_text("#message", "queued again")
    browser.await_text("#failures", "broken.jpg")


@long
def its_texts_have_contrast_and_its_controls_room_in_light_and_dark_from_phone_to_wide_screen(house):
    with looking(house, folder=BROKEN) as (browser, _):
        filled(house, browser)
        for size in (PHONE, TABLET, DESKTOP, WIDE):
            browser.resize(size)
            for scheme in ("light", "dark"):
                browser.prefer(scheme, "reduce")
                assert not browser.pale_texts(), (size, scheme, browser.pale_texts())
            assert browser.overflow() <= 0, size
            assert not browser.small_targets(), (size, browser.small_targets())
        assert browser.run("return document.getAnimations().length") == 0
        assert browser.run("return getComputedStyle(document.querySelector('#stage img')).transitionDuration") == "0s"


if __name__ == "__main__":
    raise SystemExit(main(globals()))
