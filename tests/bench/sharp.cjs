// sharp - makes pictures with sharp, as its users do: so many at a time, the others from the first.
//
//     node sharp.cjs    reads a job from its standard input, as job() of programs.py writes it
const fs = require('fs');
const path = require('path');
const sharp = require('sharp');

const SAVE = {
  jpg: (image, quality) => image.jpeg({ quality }),
  png: (image) => image.png(),
  webp: (image, quality) => image.webp({ quality }),
};

const job = JSON.parse(fs.readFileSync(0));
const resized = (image, output) => image.resize({
  width: output.width,
  height: output.height,
  fit: output.crop ? 'cover' : 'inside',
  withoutEnlargement: !output.crop,
});
const target = (output, file) =>
  path.join(job.output, output.name.replace('%s', path.parse(file).name));

async function rounded(file) {
  const { width, height, orientation } = await sharp(file).metadata();
  const [w, h] = orientation >= 5 ? [height, width] : [width, height];
  const radius = Math.min(w, h) * 0.05;
  const mask = Buffer.from(`<svg width="${w}" height="${h}"><rect width="${w}" height="${h}" rx="${radius}"/></svg>`);
  // It would flatten before it composites.
  const whole = await sharp(file).rotate().ensureAlpha().composite([{ input: mask, blend: 'dest-in' }])
    .raw().toBuffer({ resolveWithObject: true });
  return sharp(whole.data, { raw: whole.info }).flatten({ background: 'white' });
}

async function make(file) {
  const [first, ...others] = job.outputs;
  const opened = job.rounded ? await rounded(file) : sharp(file).rotate().keepMetadata();
  const image = resized(opened, first);
  if (!others.length) {
    await SAVE[first.ending](image, first.quality).toFile(target(first, file));
    return;
  }
  const pixels = await image.raw().toBuffer({ resolveWithObject: true });
  const made = () => sharp(pixels.data, { raw: pixels.info });
  await SAVE[first.ending](made(), first.quality).toFile(target(first, file));
  for (const output of others) {
    await SAVE[output.ending](resized(made(), output), output.quality).toFile(target(output, file));
  }
}

async function work() {
  for (let file = job.files.shift(); file; file = job.files.shift()) {
    await make(file);
  }
}

if (job.versions) {
  console.log(`sharp ${sharp.versions.sharp || require('sharp/package.json').version}, libvips ${sharp.versions.vips}`);
} else {
  sharp.cache(false);
  sharp.concurrency(1);
  Promise.all(Array.from({ length: job.workers }, work)).catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
