"""browser - the page in a real browser: Chromium without a screen, driven by Debian's python3-selenium.

What a person sees and does goes through a Browser; what only a machine can judge, as the contrast of
colours and what a screen reader is given, is asked of Chromium itself.
"""
import base64
import contextlib
import os
import shutil
import socket
import subprocess
import urllib.request

from harness import Missing, wait_until

PHONE, TABLET, DESKTOP, WIDE = (360, 780), (820, 1180), (1440, 900), (2560, 1440)
# Text of these sizes is large for WCAG: 24 px, or 18.66 px where it is bold.
LARGE, LARGE_BOLD = 24, 18.66

# Of each text that can be seen: its colour, that of the ground below it, its size and weight. A picture
# as ground has no colour: what stands on pictures brings its own ground.
COLOURS = """
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const rgba = (text) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = text;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = (top, below) => below.map((value, i) => (i < 3 ? top[i] * top[3] + value * (1 - top[3]) : 1));
const ground = (node) => {
  const layers = [];
  for (let at = node; at; at = at.parentElement) {
    layers.push(rgba(getComputedStyle(at).backgroundColor));
    if (layers.at(-1)[3] === 1)
      break;
  }
  return layers.reverse().reduce((below, top) => over(top, below), rgba('canvas'));
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || node.closest('.unseen, script, template, noscript') || !node.checkVisibility({ visibilityProperty: true }))
    continue;
  const style = getComputedStyle(node);
  const below = ground(node);
  found.push({ text: walker.currentNode.data.trim().slice(0, 40), colour: over(rgba(style.color), below), ground: below,
    size: parseFloat(style.fontSize), weight: Number(style.fontWeight) });
}
return found;
"""

# Of each control that can be seen: how large it is for a finger. A label makes its control larger, and a
# link within a sentence needs no size.
TARGETS = """
return [...document.querySelectorAll('a, button, input, select, summary')]
  .filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.matches('.skip'))
  .map((node) => {
    const box = (node.closest('label') || node).getBoundingClientRect();
    return { what: node.id || node.textContent.trim() || node.outerHTML.slice(0, 60), width: box.width, height: box.height };
  });
"""

# What the focus is on: its name, whether it is seen, and whether something else lies over it.
FOCUS = """
const node = document.activeElement;
const box = (node.closest('label') || node).getBoundingClientRect();
const shown = node.closest('.segments, .thumb') ? node.nextElementSibling : node;
const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1);
const y = Math.min(Math.max(box.y + box.height / 2, 0), innerHeight - 1);
const top = document.elementFromPoint(x, y);
return {
  tag: node.tagName, id: node.id, action: node.dataset.action || '', text: (node.getAttribute('aria-label') || node.textContent).trim(),
  outline: node === document.body ? '' : getComputedStyle(shown).outlineStyle,
  inside: box.bottom > 0 && box.top < innerHeight,
  covered: !(top && (node.contains(top) || top.contains(node) || (node.closest('label') || node).contains(top))),
};
"""


def luminance(colour):
    """As WCAG 2 defines it."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
              for part in (value / 255 for value in colour[:3])]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    """As WCAG 2 defines it: 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Page:
    """hotfolder-page for the daemon of a house, whose configuration has an `http` for its port."""

    def __init__(self, house, port):
        self.house, self.port = house, port
        self.url = f"http://127.0.0.1:{port}/"
        self.process = None

    def start(self):
        with open(self.house.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.house.bin / "hotfolder-page", "--config", self.house.config, "--runtime-dir", self.house.runtime],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.house.environment())
        wait_until(self.responds, "the page responds")
        return self

    def responds(self):
        assert self.process.poll() is None, f"the page's server ended: {self.house.logged()}"
        with contextlib.suppress(OSError), urllib.request.urlopen(self.url + "login", timeout=60) as answer:
            return answer.status == 200
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()


class Browser:
    """A window of Chromium. By.* of Selenium is not needed: everything is found by a selector of CSS."""

    def __init__(self, house, *arguments):
        try:
            from selenium import webdriver
            from selenium.webdriver.chrome.service import Service
            from selenium.webdriver.common.keys import Keys
        except ImportError as missing:
            raise Missing("python3-selenium is not installed, or this is not Debian's interpreter") from missing
        driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
        if not driver or not chromium:
            raise Missing("not installed: chromium, chromium-driver")
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                         f"--user-data-dir={house.work / 'chromium'}", *arguments):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        home = {**os.environ, "HOME": os.fspath(house.work)}
        self.driver = webdriver.Chrome(service=Service(driver, env=home), options=options)
        self.keys = Keys
        self.resize(DESKTOP)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    # What is seen

    def open(self, url):
        self.driver.get(url)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def devtools(self, command, **parameters):
        return self.driver.execute_cdp_cmd(command, parameters)

    def resize(self, size, ratio=1):
        self.devtools("Emulation.setDeviceMetricsOverride", width=size[0], height=size[1],
                      deviceScaleFactor=ratio, mobile=size == PHONE)

    def prefer(self, scheme, motion="no-preference"):
        self.devtools("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}])

    def all(self, selector):
        return [node for node in self.driver.find_elements("css selector", selector) if node.is_displayed()]

    def text(self, selector):
        """All that is seen of it, as one line; empty where there is none."""
        return self.run("return [...document.querySelectorAll(arguments[0])]"
                        ".filter((node) => node.checkVisibility()).map((node) => node.innerText).join(' ')"
                        ".replace(/\\s+/g, ' ').trim()", selector)

    def await_text(self, selector, wanted):
        wait_until(lambda: wanted in self.text(selector), f"{selector} says {wanted!r}")

    def await_no(self, selector):
        wait_until(lambda: not self.all(selector), f"{selector} is gone")

    def await_picture(self, selector):
        """Waits until an image shows something; its size in pixels."""
        return wait_until(lambda: self.run(
            "const image = document.querySelector(arguments[0]); return image && !image.classList.contains('loading') &&"
            " image.complete && image.naturalWidth ? [image.naturalWidth, image.naturalHeight] : null", selector),
            f"the picture {selector} is shown")

    def complaints(self):
        """What the browser has against the page, as what the policy forbids; without files that are not there."""
        return [entry["message"] for entry in self.driver.get_log("browser")
                if "Failed to load resource" not in entry["message"] and "ERR_" not in entry["message"]]

    def screenshot(self, path, whole=False):
        size = self.devtools("Page.getLayoutMetrics")["cssLayoutViewport"]
        height = self.devtools("Page.getLayoutMetrics")["cssContentSize"]["height"] if whole else size["clientHeight"]
        clip = {"x": 0, "y": 0, "width": size["clientWidth"], "height": height, "scale": 1}
        shot = self.devtools("Page.captureScreenshot", captureBeyondViewport=whole, **({"clip": clip} if whole else {}))
        path.write_bytes(base64.b64decode(shot["data"]))

    # What a person does

    def click(self, selector):
        """With the pointer; where a list has just changed, once more."""
        from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException

        def clicked():
            for node in self.all(selector)[:1]:
                self.run("arguments[0].scrollIntoView({ block: 'center' })", node)
                with contextlib.suppress(StaleElementReferenceException, ElementClickInterceptedException):
                    node.click()
                    return True
            return False

        wait_until(clicked, f"{selector} can be clicked")

    def press(self, *keys):
        """Keys, at what has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def focus(self):
        return self.run(FOCUS)

    def drop(self, **data):
        """What a file manager drops: a `name`, as for a file; or `text`, a path or a list of URIs."""
        self.run("const data = new DataTransfer(); const { name, text } = arguments[0];"
                 "if (name) data.items.add(new File(['x'], name)); if (text) data.setData('text/uri-list', text);"
                 "document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))", data)

    # What a machine judges

    def pale_texts(self):
        """Texts whose contrast is less than WCAG AA asks for."""
        pale = []
        for found in self.run(COLOURS):
            large = found["size"] >= LARGE or (found["size"] >= LARGE_BOLD and found["weight"] >= 700)
            ratio = contrast(found["colour"], found["ground"])
            if ratio < (3 if large else 4.5):
                pale.append(f"{found['text']!r}: {ratio:.2f}")
        return pale

    def small_targets(self, least=44):
        return [target for target in self.run(TARGETS) if target["height"] < least - 0.5 or target["width"] < least - 0.5]

    def overflow(self):
        """How many pixels of the page lie beside the window."""
        return self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def accessibility(self):
        """What a screen reader is given: (role, name, properties) of each node that it sees."""
        nodes = self.devtools("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", ""),
                 {each["name"]: each["value"].get("value") for each in node.get("properties", [])})
                for node in nodes if not node["ignored"]]
