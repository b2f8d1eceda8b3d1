"""plot - the report as a picture: a bar for each program, for README. SVG, for light and dark pages."""
from html import escape

from report import NAMES, number

WIDTH, ROW, BAR, NAME, VALUE = 760, 22, 14, 215, 70
STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .head { font-weight: 600 }
    .small { font-size: 11px; fill: #57606a }
    rect { fill: #9aa4ae } rect.ours { fill: #1f7a4d }
    line { stroke: #24292f; stroke-width: 1 }
    @media (prefers-color-scheme: dark) {
        text { fill: #e6edf3 } .small { fill: #9da7b1 }
        rect { fill: #6e7781 } rect.ours { fill: #3fb950 } line { stroke: #e6edf3 }
    }"""


def bars(case, top):
    """The elements of a case and where the next may begin."""
    name = case["plotted"]
    shown = [entry for entry in case["entries"] if name in entry["figures"]]
    shown.sort(key=lambda entry: entry["figures"][name]["median"])
    yield f'<text class="head" x="8" y="{top + 15}">{escape(case["about"])}</text>'
    longest = max(entry["figures"][name]["high"] for entry in shown)
    scale = (WIDTH - NAME - VALUE) / longest
    for place, entry in enumerate(shown):
        figure, y = entry["figures"][name], top + 26 + place * ROW
        width = max(figure["median"] * scale, 1)
        ours = ' class="ours"' if entry["program"] in ("run", "hot folder") else ""
        label = escape(NAMES.get(entry["label"], entry["label"]))
        low, high = (NAME + figure[side] * scale for side in ("low", "high"))
        middle = y + BAR / 2
        yield f'<text x="{NAME - 8}" y="{y + 11}" text-anchor="end">{label}</text>'
        yield f'<rect{ours} x="{NAME}" y="{y}" width="{width:.1f}" height="{BAR}" rx="2"/>'
        if figure["rounds"] > 1:
            yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
        yield f'<text x="{max(NAME + width, high) + 6:.1f}" y="{y + 11}">{number(figure["median"])}</text>'


def height_of(case):
    shown = sum(case["plotted"] in entry["figures"] for entry in case["entries"])
    return 26 + shown * ROW + 14 if shown else 0


def plot(content):
    """The SVG of all cases that are plotted, or None if none was measured."""
    cases = [case for case in content["cases"] if case["plotted"] and height_of(case)]
    if not cases:
        return None
    machine, top, lines = content["machine"], 30, []
    for case in cases:
        lines += bars(case, top)
        top += height_of(case)
    about = ("Quick, not to be quoted: " if content["quick"] else "") + (
        f"ms a picture, wall time, shorter is better; median and spread of {content['rounds']} rounds; "
        f"{machine['workers']} workers, {machine['processor']}, {content['when'][:10]}")
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}" '
        'role="img" aria-label="How long hotfolder and other programs take for a picture">',
        f"<style>{STYLE}\n</style>", f'<text class="small" x="8" y="16">{escape(about)}</text>', *lines, "</svg>", ""])
