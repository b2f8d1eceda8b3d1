"""programs - what is measured: hotfolder, and what a user would take instead. Each gets the same job.

A program gives the commands that do the job, as (arguments, standard input); they run one after another.
"""
import json
import os
import shutil
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path

from corpora import PILLOW
from meter import Failed

HERE = Path(__file__).resolve().parent
SHARP = "sharp@0.33.5"


class Unmeasured(Exception):
    """Why there is no figure: a program is missing, or can't do the job."""


@dataclass
class Job:
    files: list
    output: Path
    work: object
    workers: int
    house: object
    options: object
    environment: dict = field(default_factory=dict)

    @property
    def directory(self):
        return self.files[0].parent

    @property
    def names(self):
        """Of all files; they lie in one directory, in which each program runs."""
        return [file.name for file in self.files]

    def targets(self):
        """Every output that has to be there in the end."""
        return [self.output / output.name.replace("%s", file.stem)
                for file in self.files for output in self.work.outputs]

    def as_text(self):
        return json.dumps({
            "files": self.names, "output": os.fspath(self.output), "workers": self.workers,
            "outputs": [{**asdict(output), "name": output.name} for output in self.work.outputs],
            "rounded": self.work.rounded})

    def xargs(self, *command, each=0):
        """The command for so many files at a time; 0: three portions for each worker, since a start costs."""
        each = each or max(len(self.files) // (3 * self.workers), 1)
        return (["xargs", "-0", "-P", str(self.workers), "-n", str(each), *command], "\0".join(self.names))

    def plain(self, who):
        if self.work.rounded:
            raise Unmeasured(f"{who} has no step that rounds corners")


def run(job):
    return [([job.house.bin / "hotfolder", "run", job.work.profile, "--config", job.house.config, "--jobs",
              str(job.workers), "--output", job.output, *job.names], "")]


def saved(output):
    """As libvips names a file with its options."""
    return output.name + (f"[Q={output.quality}]" if output.ending != "png" else "")


def bare(job):
    job.plain("the bare loop")
    sizes = [f"{one.width}x{one.height}{'c' * one.crop}:{saved(one)}" for one in job.work.outputs]
    return [([job.house.bin / "bare", str(job.workers), job.output, ",".join(sizes), *job.names], "")]


def vips_arguments(job, output):
    size = f"{output.width}x{output.height}" + ("" if output.crop else ">")
    return ["vipsthumbnail", "--size", size, *(["--smartcrop", "centre"] if output.crop else []),
            "--output", f"{job.output}/{saved(output)}"]


def vips_alone(job):
    job.plain("vipsthumbnail")
    return [(vips_arguments(job, output) + job.names, "") for output in job.work.outputs]


def vips_xargs(job):
    job.plain("vipsthumbnail")
    return [job.xargs("env", "VIPS_CONCURRENCY=1", *vips_arguments(job, output)) for output in job.work.outputs]


def magick_arguments(output):
    """The decoder is asked for twice the size, as their manuals say."""
    box = f"{output.width}x{output.height}"
    if output.crop:
        shape = ["-resize", f"{box}^", "-gravity", "center", "-extent", box]
    else:
        shape = ["-resize", f"{box}>"]
    return ["-auto-orient", *shape, "-quality", str(output.quality if output.ending != "png" else 75),
            "-format", output.ending]


def hint(output):
    return f"{2 * output.width}x{2 * output.height}"


def imagemagick(job):
    job.plain("mogrify")
    return [job.xargs("env", "MAGICK_THREAD_LIMIT=1", "mogrify", "-define", f"jpeg:size={hint(output)}",
                      *magick_arguments(output), "-path", job.output / output.directory)
            for output in job.work.outputs]


def graphicsmagick(job):
    job.plain("gm mogrify")
    return [job.xargs("env", "OMP_NUM_THREADS=1", "gm", "mogrify", "-size", hint(output),
                      *magick_arguments(output), "-output-directory", job.output / output.directory)
            for output in job.work.outputs]


def sharp_environment(options):
    return {"NODE_PATH": os.fspath(options.cache / "npm/node_modules")}


def install_sharp(options):
    """Into the cache, through npm; packaging/setup --bench installs npm itself."""
    place = options.cache / "npm"
    if not (place / "node_modules/sharp").exists() and shutil.which("npm") and not options.as_is:
        print(f"npm installs {SHARP} ...", flush=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", place, SHARP],
                       check=False, capture_output=True)


def sharp(job):
    if not (job.options.cache / "npm/node_modules/sharp").exists():
        raise Unmeasured(f"{SHARP} is not installed: npm could not install it")
    job.environment |= sharp_environment(job.options) | {"UV_THREADPOOL_SIZE": str(max(job.workers, 4))}
    return [(["node", HERE / "sharp.cjs"], job.as_text())]


def pool(job):
    return [([PILLOW, HERE / "pool"], job.as_text())]


def djpeg(job):
    if job.files[0].suffix != ".jpg":
        raise Unmeasured("djpeg decodes JPEG only")
    return [job.xargs("djpeg", "-scale", "1/2", "-outfile", "/dev/null", each=1)]


@dataclass(frozen=True)
class Program:
    commands: object
    needs: tuple = ()
    makes: bool = True  # outputs; what only decodes has none to judge
    version: tuple = ()


PROGRAMS = {
    "run": Program(run),
    "bare": Program(bare),
    "vipsthumbnail": Program(vips_alone, ("vipsthumbnail",), version=("vips", "--version")),
    "vipsthumbnail, xargs": Program(vips_xargs, ("vipsthumbnail", "xargs")),
    "sharp": Program(sharp, ("node",), version=("node", "--version")),
    "ImageMagick": Program(imagemagick, ("mogrify", "xargs"), version=("mogrify", "-version")),
    "GraphicsMagick": Program(graphicsmagick, ("gm", "xargs"), version=("gm", "-version")),
    "Pillow": Program(pool, (PILLOW,),
                      version=(PILLOW, "-c", "import PIL; print('Pillow', PIL.__version__)")),
    "djpeg": Program(djpeg, ("djpeg", "xargs"), makes=False, version=("djpeg", "-version")),
}


def commands_of(name, job):
    program = PROGRAMS[name]
    for need in program.needs:
        if not shutil.which(need):
            raise Unmeasured(f"{need} is not installed: see packaging/setup --bench")
    try:
        return program.commands(job)
    except OSError as error:
        raise Failed(str(error)) from error


def versions(options):
    """What each program says of itself, in one line."""
    found = {}
    for name, program in PROGRAMS.items():
        if program.version and shutil.which(program.version[0]):
            said = subprocess.run(program.version, check=False, text=True, capture_output=True)
            found[name] = (said.stdout + said.stderr).strip().splitlines()[0][:100]
    if shutil.which("node"):
        said = subprocess.run(["node", HERE / "sharp.cjs"], check=False, text=True, capture_output=True,
                              input='{"versions": true}', env={**os.environ, **sharp_environment(options)})
        found["sharp"] = said.stdout.strip() if said.returncode == 0 else "not installed"
    return found
