"""judge - whether a program did the job: every output is there, of the right size, and looks as it should.

What is as near to the reference as the nearest of all programs, but for a little, is equal: another resampler
or encoder differs by less, another picture, a wrong corner or a coarser quality by more.
"""
import json
import statistics

import harness
from corpora import HERE, PILLOW

SIDE = 1  # pixels: programs round differently
NEAR_DB, NEAR_SSIM = 4.0, 0.04
ENOUGH_DB = 45.0  # more is not seen, and is a matter of how numbers are rounded
BYTES = 0.02  # of one round from another


def sample(job):
    """Of so many pictures the outputs are decoded and compared."""
    wanted = 1 if job.options.quick else 3
    return job.files[::max(len(job.files) // wanted, 1)][:wanted]


def total_bytes(job):
    return sum(target.stat().st_size for target in job.targets())


def differences(job):
    """Every output of the sample with its size, PSNR and SSIM, in the order of the job's outputs."""
    pairs = [(file, job.output / output.name.replace("%s", file.stem), output)
             for file in sample(job) for output in job.work.outputs]
    request = {}
    for file, path, output in pairs:
        request.setdefault(str(file), []).append({"path": str(path), "crop": output.crop})
    asked = [{"source": readable(file), "rounded": job.work.rounded, "outputs": outputs}
             for file, outputs in request.items()]
    done = harness.run(PILLOW, HERE / "picturing", "judge", input=json.dumps(asked), timeout=900, check=False)
    assert done.returncode == 0, done.stderr or "Pillow is not installed"
    return list(zip((output for *_, output in pairs), (one for outputs in json.loads(done.stdout) for one in outputs)))


def readable(file):
    """Pillow reads no HEIC and only 8 bits of colour: a copy of the same pixels beside the file's directory."""
    if not file.endswith((".heic", ".tif")):
        return file
    copy = f"{file.rpartition('/')[0]}.{file.rpartition('/')[2]}.png"
    command = ["heif-convert", file, copy] if file.endswith(".heic") else \
        ["convert", file, "-depth", "8", copy]
    harness.run(*command)
    return copy


def judge(job):
    """{"wrong": why or "", "psnr", "ssim", "bytes"} of what lies in job.output; the lowest of the sample counts."""
    missing = [target.name for target in job.targets() if not target.exists()]
    if missing:
        return {"wrong": f"{len(missing)} outputs are missing, {missing[0]} is one"}
    try:
        found = differences(job)
    except (AssertionError, OSError) as error:
        return {"wrong": f"an output can't be read: {str(error).strip().splitlines()[-1][:100]}"}
    for output, one in found:
        wanted = output.size_of(*one["from"])
        if any(abs(have - want) > SIDE for have, want in zip(one["size"], wanted)):
            return {"wrong": f"{'x'.join(map(str, one['size']))} instead of {'x'.join(map(str, wanted))}"}
    return {"wrong": "", "psnr": statistics.mean(one["psnr"] for _, one in found),
            "ssim": statistics.mean(one["ssim"] for _, one in found), "bytes": total_bytes(job)}


def compare(verdicts):
    """Of all that did the same work: marks as wrong what is further from the reference than the nearest."""
    right = [verdict for verdict in verdicts if not verdict["wrong"]]
    for verdict in right:
        lost = min(max(one["psnr"] for one in right), ENOUGH_DB) - verdict["psnr"]
        unlike = max(one["ssim"] for one in right) - verdict["ssim"]
        if lost > NEAR_DB or unlike > NEAR_SSIM:
            verdict["wrong"] = f"{lost:.1f} dB and {unlike:.3f} of SSIM further from the reference than the best"


def same_again(job, verdict):
    """A later round did the same."""
    missing = [target for target in job.targets() if not target.exists()]
    assert not missing, f"{len(missing)} outputs are missing in a later round"
    now = total_bytes(job)
    assert abs(now / verdict["bytes"] - 1) < BYTES, f"other work in a later round: {now} of {verdict['bytes']} bytes"
