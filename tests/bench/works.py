"""works - what is made of each picture, the same by every program: sizes, cuts, qualities, names."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Output:
    """A picture in this box, never enlarged; with `crop` it fills the box and the rest is cut off."""
    width: int
    height: int
    quality: int = 85
    ending: str = "jpg"
    directory: str = ""
    crop: bool = False

    @property
    def name(self):
        return f"{self.directory}/%s.{self.ending}".lstrip("/")

    def size_of(self, width, height):
        """What becomes of a picture of that size."""
        if self.crop:
            return self.width, self.height
        scale = min(self.width / width, self.height / height, 1)
        return max(round(width * scale), 1), max(round(height * scale), 1)


@dataclass(frozen=True)
class Work:
    """The largest output is the first."""
    name: str
    outputs: tuple
    rounded: bool = False  # round corners of 5 % before all else, white outside
    shipped: str = ""  # the profile of hotfolder's own that does it
    chained: bool = False  # hotfolder makes each output of the one before, and not in a branch

    @property
    def profile(self):
        return self.shipped or "bench"

    def settings(self):
        """hotfolder's profile for it."""
        if self.shipped:
            return ""
        steps = ["upright {}"] + ['round { radius = 5%  background = "#ffffff" }'] * self.rounded
        for output in self.outputs:
            action = "fit" if output.crop else "scale"
            quality = f"quality = {output.quality}" if output.ending != "png" else ""
            made = (f"{action} {{ width = {output.width}  height = {output.height} }} "
                    f'save {{ name = "{output.name.replace("%s", "{stem}")}"  {quality} }}')
            steps.append(made if self.chained or len(self.outputs) == 1 else f"branch {{ {made} }}")
        return 'profile "bench" {\n    ' + "\n    ".join(steps) + "\n}\n"


WORKS = {work.name: work for work in (
    Work("scale", (Output(1024, 1024),)),
    Work("web", (Output(2048, 2048),), shipped="web"),
    Work("two sizes", (Output(2048, 2048), Output(400, 400, 75, directory="thumbs", crop=True)), chained=True),
    Work("round", (Output(1024, 1024),), rounded=True),
    Work("srcset", tuple(Output(width, 3 * width, 80, directory=f"w{width}")
                         for width in (1920, 1600, 1280, 960, 640, 320))),
    Work("small", (Output(160, 160, 80),)),
    Work("tiny", (Output(32, 32, 80),)),
    Work("panorama", (Output(2048, 2048),)),
    Work("PNG", (Output(1024, 1024, ending="png"),)),
    Work("WebP", (Output(1024, 1024, 80, ending="webp"),)),
)}
