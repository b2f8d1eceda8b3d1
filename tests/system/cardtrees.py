"""cardtrees - the cards of eight makers as directories, made byte by byte: the same seed gives the same bytes.

Each function of MAKERS fills a directory as cameras of that maker do, with small pictures that programs
can decode and whose metadata says who took them and when. Times of files are even seconds, as on FAT.

    cardtrees.py MAKER DIRECTORY [SEED]     makes one by hand
"""
import os
import random
import struct
import sys
from datetime import datetime, timedelta
from pathlib import Path

BYTE, ASCII, SHORT, LONG, UNDEFINED = 1, 2, 3, 4, 7
START = datetime(2024, 5, 1, 12, 0, 0)


# ---- files ----

def tiff(directories, data=b""):
    """A TIFF in Intel's order: `directories` are dictionaries of tag -> (type, value), the second one is
    EXIF's. `data` lies behind its header, at 8."""
    out = bytearray(struct.pack("<2sHI", b"II", 42, 0) + data)
    where = 0
    for tags in reversed(directories):
        if where:
            tags = {**tags, 34665: (LONG, [where])}
        entries = b""
        for tag, (kind, value) in sorted(tags.items()):
            form = {SHORT: "H", LONG: "I"}.get(kind)
            count = len(value) + (kind == ASCII)
            raw = struct.pack(f"<{len(value)}{form}", *value) if form else value + b"\0" * (kind == ASCII)
            if len(raw) > 4:
                out += bytes(len(out) % 2)
                place, raw = len(out), raw + bytes(len(raw) % 2)
                out += raw
                raw = struct.pack("<I", place)
            entries += struct.pack("<HHI", tag, kind, count) + raw.ljust(4, b"\0")
        out += bytes(len(out) % 2)
        where = len(out)
        out += struct.pack("<H", len(tags)) + entries + bytes(4)
    struct.pack_into("<I", out, 4, where)
    return bytes(out)


def tags_of(body, taken, subsec=None, offset=None, rating=None):
    """The two directories that say who took a picture, and when; `taken` None: it has no date."""
    first = {271: (ASCII, body.make.encode()), 272: (ASCII, body.model.encode()), 274: (SHORT, [1])}
    if rating is not None:
        first[18246] = (SHORT, [rating])
    photo = {36864: (UNDEFINED, b"0231")}
    if body.serial:
        photo[42033] = (ASCII, body.serial.encode())
    if taken:
        photo[36867] = photo[36868] = (ASCII, taken.strftime("%Y:%m:%d %H:%M:%S").encode())
        if subsec is not None:
            photo[37521] = (ASCII, subsec.encode())
        if offset:
            photo[36881] = (ASCII, offset.encode())
    return first, photo


def jpeg(chance, exif=b"", width=64, height=48):
    """A grey picture, in which each 8 by 8 pixels have a brightness of their own. Two Huffman codes are
    enough: 0 for a step of nothing, 10 for one of five bits; and 0 for no detail."""
    bits, level = "", 0
    for _ in range(width // 8 * (height // 8)):
        step = chance.choice([step for step in (-31, -16, 0, 16, 31) if abs(level + step) < 60])
        level += step
        bits += (f"10{step if step > 0 else 31 + step:05b}" if step else "0") + "0"
    bits += "1" * (-len(bits) % 8)
    scan = bytes(int(bits[at:at + 8], 2) for at in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    segments = ([(0xe1, b"Exif\0\0" + exif)] if exif else []) + [
        (0xdb, b"\0" + b"\x10" * 64),
        (0xc0, struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0)),
        (0xc4, b"\0" + bytes([1, 1]) + bytes(14) + bytes([0, 5])),
        (0xc4, b"\x10" + bytes([1]) + bytes(15) + bytes([0])),
        (0xda, bytes([1, 1, 0, 0, 63, 0])),
    ]
    return b"\xff\xd8" + b"".join(struct.pack(">BBH", 0xff, mark, len(data) + 2) + data
                                  for mark, data in segments) + scan + b"\xff\xd9"


def raw(chance, tags):
    """A DNG of 16 by 16 grey values, whatever the maker calls it."""
    first, photo = tags
    pixels = chance.randbytes(512)
    picture = {254: (LONG, [0]), 256: (LONG, [16]), 257: (LONG, [16]), 258: (SHORT, [16]), 259: (SHORT, [1]),
               262: (SHORT, [34892]), 273: (LONG, [8]), 277: (SHORT, [1]), 278: (LONG, [16]),
               279: (LONG, [len(pixels)]), 50706: (BYTE, bytes([1, 4, 0, 0])), 50708: (ASCII, first[272][1])}
    return tiff([{**first, **picture}, photo], pixels)


def box(kind, *parts):
    data = b"".join(parts)
    return struct.pack(">I4s", len(data) + 8, kind) + data


def heic(chance, exif):
    """The boxes of a HEIC; its picture is noise, and no decoder is asked."""
    item = struct.pack(">I", 6) + b"Exif\0\0" + exif
    noise = chance.randbytes(200)

    def meta(start):
        places = struct.pack(">HH", 0x4400, 2)
        for number, at, length in ((1, start, len(noise)), (2, start + len(noise), len(item))):
            places += struct.pack(">HHHII", number, 0, 1, at, length)
        items = b"".join(box(b"infe", b"\2\0\0\0", struct.pack(">HH4s", number, 0, kind), b"\0")
                         for number, kind in ((1, b"hvc1"), (2, b"Exif")))
        return box(b"meta", bytes(4), box(b"hdlr", bytes(8), b"pict", bytes(13)),
                   box(b"pitm", bytes(4), struct.pack(">H", 1)),
                   box(b"iinf", bytes(4), struct.pack(">H", 2), items),
                   box(b"iref", bytes(4), box(b"cdsc", struct.pack(">HHH", 2, 1, 1))),
                   box(b"iprp", box(b"ipco", box(b"ispe", bytes(4), struct.pack(">II", 64, 48))),
                       box(b"ipma", bytes(4), struct.pack(">IHBB", 1, 1, 1, 0x81))),
                   box(b"iloc", bytes(4), places))

    head = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", noise, item)


def film(chance, size=3000):
    return box(b"ftyp", b"mp42", bytes(4), b"isommp42") + box(b"mdat", chance.randbytes(size)) + box(b"moov")


def sound(chance, size=800):
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    data = b"data" + struct.pack("<I", size) + chance.randbytes(size)
    return b"RIFF" + struct.pack("<I", 4 + len(form) + len(data)) + b"WAVE" + form + data


def xmp(rating):
    return ('<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            f'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="{rating}"/>'
            "</rdf:RDF></x:xmpmeta>\n").encode()


# ---- a card ----

class Body:
    def __init__(self, make, model, serial=None, offset=None):
        self.make, self.model, self.serial, self.offset = make, model, serial, offset


class Tree:
    """A card that is being filled. `shots`: the files of each shot, relative to it, the one that names the
    shot first; `others`: files of no shot; `ignored`: what no camera makes, and no import copies."""

    def __init__(self, root, body, seed):
        self.root, self.body = Path(root), body
        self.chance = random.Random(f"{body.make} {body.model} {seed}")
        self.now = START
        self.shots, self.others, self.ignored = [], [], []
        self.root.mkdir(parents=True, exist_ok=True)

    @property
    def files(self):
        """All that an import copies."""
        return sorted([name for shot in self.shots for name in shot] + self.others)

    def put(self, name, data, protected=False):
        path = os.path.join(os.fsencode(self.root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "xb") as file:
            file.write(data)
        if protected:
            os.chmod(path, 0o555)
        when = (self.now - datetime(1970, 1, 1)).total_seconds() // 2 * 2
        os.utime(path, (when, when))

    def other(self, name, data=None):
        """A file of no shot, as bookkeeping."""
        self.put(name, self.chance.randbytes(100) if data is None else data)
        self.others.append(name)

    def leave(self, name, data=b"ignored"):
        self.put(name, data)
        self.ignored.append(name)

    def file(self, tail, rating=None, taken=True, width=64):
        """What a file with this tail has in it."""
        chance, kind = self.chance, tail.rsplit(".", 1)[-1].lower()
        subsec = f"{self.now.microsecond // 10000:02d}" if self.body.serial else None
        tags = tags_of(self.body, self.now if taken else None, subsec, self.body.offset, rating)
        if kind in ("jpg", "thm"):
            return jpeg(chance, tiff(tags), width)
        if kind == "heic":
            return heic(chance, tiff(tags))
        if kind in ("mp4", "mov", "lrv", "lrf", "mts"):
            return film(chance)
        if kind == "wav":
            return sound(chance)
        if kind in ("xmp", "aae", "xml"):
            return xmp(chance.randrange(1, 6)) + f"<!-- {chance.getrandbits(64)} -->\n".encode()
        if kind == "srt":
            return f"1\n00:00:00,000 --> 00:00:01,000\nISO {chance.getrandbits(32)}\n".encode()
        return raw(chance, tags)

    def shot(self, stem, *tails, protected=False, seconds=3.27, **how):
        """Files of one stem that are made at one press, `seconds` after the last ones."""
        self.now += timedelta(seconds=seconds)
        for tail in tails:
            self.put(stem + tail, self.file(tail, **how), protected)
        self.shots.append([stem + tail for tail in tails])


# ---- makers ----

def canon(root, seed=1):
    card = Tree(root, Body("Canon", "Canon EOS R5", "012021001234", "+02:00"), seed)
    for number in range(1, 5):
        card.shot(f"DCIM/100CANON/IMG_{number:04d}", ".JPG", ".CR3", protected=number == 3)
    card.shot("DCIM/100CANON/IMG_0005", ".JPG", ".CR3", ".WAV", rating=4)
    card.shot("DCIM/100CANON/MVI_0006", ".MP4", ".THM")
    card.shot("DCIM/100CANON/_MG_0007", ".CR3")
    card.other("DCIM/CANONMSC/M0100.CTG")
    card.other("MISC/AUTPRINT.MRK", b"[HDR]\n")
    return card


def nikon(root, seed=1):
    """Its numbers begin again in the middle; a person has rated some of it on a computer."""
    card = Tree(root, Body("NIKON CORPORATION", "NIKON Z 9", "6001234", "+01:00"), seed)
    card.shot("DCIM/100NCZ_9/DSC_9998", ".JPG", ".NEF", ".NEF.xmp")
    card.shot("DCIM/100NCZ_9/DSC_9999", ".JPG", ".NEF", ".xmp")
    card.shot("DCIM/101NCZ_9/DSC_0001", ".JPG", ".NEF", seconds=0.1)
    card.shot("DCIM/101NCZ_9/DSC_0002", ".JPG", ".NEF", seconds=0.05)
    card.other("NIKON001.DSC")
    card.other("DCIM/NCFL/NCFLLIST.DAT")
    card.leave(".Trashes/501/DSC_0003.NEF")
    card.leave("DCIM/100NCZ_9/._DSC_9998.NEF")
    return card


def sony(root, seed=1):
    card = Tree(root, Body("SONY", "ILCE-1", "4711001", "-05:00"), seed)
    for number in range(1, 4):
        card.shot(f"DCIM/100MSDCF/DSC{number:05d}", ".JPG", ".ARW")
    for number in (1, 2):
        card.shot(f"PRIVATE/M4ROOT/CLIP/C{number:04d}", ".MP4", "M01.XML")
        card.leave(f"PRIVATE/M4ROOT/THMBNL/C{number:04d}T01.JPG", jpeg(card.chance))
    card.other("PRIVATE/M4ROOT/MEDIAPRO.XML")
    card.other("PRIVATE/M4ROOT/STATUS.BIN")
    card.other("PRIVATE/SONY/SONYCARD.IND", b"")
    card.shot("AVF_INFO/AVIN0001", ".BNP", ".INP", ".INT")
    return card


def fujifilm(root, seed=1, second=None):
    """With `second`, what its other slot has: the same."""
    card = Tree(root, Body("FUJIFILM", "X-T5", "2A012345"), seed)
    for number in range(1, 5):
        card.shot(f"DCIM/100_FUJI/DSCF{number:04d}", ".JPG", ".RAF", protected=number == 2)
    card.shot("DCIM/100_FUJI/DSCF0005", ".MOV")
    if second:
        mirror(root, second)
    return card


def panasonic(root, seed=1):
    card = Tree(root, Body("Panasonic", "DC-S5M2", "XH1234567"), seed)
    for number in (998, 999):
        card.shot(f"DCIM/100_PANA/P1000{number}", ".JPG", ".RW2")
    for number in (1, 2):
        card.shot(f"DCIM/101_PANA/P1010{number:03d}", ".JPG", ".RW2")
    for name in ("STREAM/00000.MTS", "CLIPINF/00000.CPI", "PLAYLIST/00000.MPL", "INDEX.BDM", "MOVIEOBJ.BDM"):
        card.other(f"PRIVATE/AVCHD/BDMV/{name}")
    return card


def gopro(root, seed=1):
    card = Tree(root, Body("GoPro", "HERO11 Black"), seed)
    card.shot("DCIM/100GOPRO/GX010001", ".MP4", ".THM")
    card.put("DCIM/100GOPRO/GL010001.LRV", card.file(".lrv"))
    card.shots[-1].append("DCIM/100GOPRO/GL010001.LRV")
    card.shot("DCIM/100GOPRO/GX020001", ".MP4", ".THM")
    card.shot("DCIM/100GOPRO/GOPR0002", ".JPG")
    card.shot("DCIM/100GOPRO/G0010003", ".JPG")
    card.other("DCIM/100GOPRO/leinfo.sav")
    card.other("MISC/version.txt", b'{"camera type": "HERO11 Black"}\n')
    return card


def dji(root, seed=1):
    card = Tree(root, Body("DJI", "FC3582", "53HQN4T0"), seed)
    card.shot("DCIM/100MEDIA/DJI_0001", ".JPG", ".DNG")
    card.shot("DCIM/100MEDIA/DJI_0002", ".MP4", ".SRT", ".LRF")
    card.shot("DCIM/100MEDIA/DJI_0003", ".JPG", taken=False)
    card.other("MISC/IDX/MC.IDX")
    card.leave("System Volume Information/WPSettings.dat")
    return card


def phone(root, seed=1):
    card = Tree(root, Body("Google", "Pixel 8"), seed)
    card.shot("DCIM/Camera/IMG_20240501_120000", ".jpg")
    card.shot("DCIM/Camera/PXL_20240501_120001123.MP", ".jpg")
    card.shot("DCIM/Camera/VID_20240501_120002", ".mp4")
    card.shot("DCIM/100APPLE/IMG_0001", ".HEIC", ".MOV", ".AAE")
    card.shot("DCIM/Hidden/IMG_0002", ".jpg")
    card.shot("Pictures/Screenshots/Screenshot_20240501-120003", ".jpg", taken=False)
    card.leave("DCIM/Hidden/.nomedia", b"")
    card.leave("DCIM/.thumbnails/1714564800.jpg", jpeg(card.chance))
    card.leave("DCIM/Camera/.trashed-1717156800-IMG_20240401_120000.jpg", jpeg(card.chance))
    card.leave("Android/media/com.chat/.Statuses/.nomedia", b"")
    card.leave("Android/media/com.chat/.Statuses/a.jpg", jpeg(card.chance))
    return card


MAKERS = {maker.__name__: maker for maker in (canon, nikon, sony, fujifilm, panasonic, gopro, dji, phone)}


# ---- what cards are like now and then ----

def mirror(root, other):
    """The card in the other slot: the same names, bytes, times and protection."""
    for where, _, names in os.walk(os.fsencode(root)):
        below = os.path.join(os.fsencode(other), os.path.relpath(where, os.fsencode(root)))
        os.makedirs(below, exist_ok=True)
        for name in names:
            source, target = os.path.join(where, name), os.path.join(below, name)
            with open(source, "rb") as old, open(target, "xb") as new:
                new.write(old.read())
            st = os.stat(source)
            os.chmod(target, st.st_mode & 0o777)
            os.utime(target, ns=(st.st_atime_ns, st.st_mtime_ns))


def odd(root, seed=1):
    """Names that differ in case only, or are no UTF-8, an empty file, one without an extension."""
    card = Tree(root, Body("Canon", "Canon EOS R5", "012021001234"), seed)
    card.shot("DCIM/100CANON/IMG_0001", ".JPG", ".CR3")
    card.shot("DCIM/100CANON/img_0001", ".jpg")
    card.shot("DCIM/100CANON/IMG_0002", ".JPG")
    card.other("DCIM/100CANON/EMPTY.JPG", b"")
    card.other("DCIM/100CANON/gr\udcfc\udcdfe.txt")
    card.other("DCIM/100CANON/two\nlines.txt")
    card.other("README")
    return card


def rollover(root, seed=1, extra=20):
    """A busy day with two numbers of 1: the counter began again, and so did the directories."""
    card = Tree(root, Body("NIKON CORPORATION", "NIKON Z 9", "6001234"), seed)
    for number in range(10000 - extra, 10000 + extra):
        directory = "100NCZ_9" if number < 10000 else "101NCZ_9"
        card.shot(f"DCIM/{directory}/DSC_{number % 10000 or 10000:04d}", ".JPG", seconds=0.1)
    for number in range(10000 - extra, 10000):
        card.shot(f"DCIM/102NCZ_9/DSC_{number:04d}", ".JPG", seconds=0.1)
    return card


def crowd(root, files=20000, seed=1):
    """So many small files in one directory."""
    card = Tree(root, Body("Canon", "Canon EOS R5"), seed)
    for number in range(files):
        card.other(f"DCIM/100CANON/{number:05d}.JPG", struct.pack("<I", number) * 4)
    return card


def shuffled(root, shots=10000, seed=1):
    """RAW, JPEG and XMP of so many shots, which arrived in any order, and whose names say nothing of when
    they were taken. `order`: the stems, the first that was taken first."""
    card = Tree(root, Body("NIKON CORPORATION", "NIKON Z 9", "6001234", "+01:00"), seed)
    numbers = list(range(shots))
    card.chance.shuffle(numbers)
    card.order, waiting = [], []
    for number in numbers:
        stem = f"DCIM/{100 + number // 1000}NCZ_9/DSC_{number % 1000:04d}"
        card.now += timedelta(seconds=card.chance.choice((0.05, 0.1, 1, 61)))
        waiting += [(stem + tail, card.now) for tail in (".JPG", ".NEF", ".xmp")]
        card.shots.append([stem + tail for tail in (".JPG", ".NEF", ".xmp")])
        card.order.append(stem)
    card.chance.shuffle(waiting)
    for name, card.now in waiting:
        card.put(name, card.file(name, width=8))
    return card


if __name__ == "__main__":
    MAKERS[sys.argv[1]](sys.argv[2], *map(int, sys.argv[3:]))
