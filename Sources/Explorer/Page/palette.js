// The colours of the figures (Sources/Canvas/Color.swift, ColorScheme.swift, Sources/Figures/Theme.swift), so that a
// class has one colour on the page and in every picture taken away from it. A dark page shows the same hues with their
// lightness turned around.

/** Ten colours for ten classes: Tol's "muted" scheme and a dark grey, safe for all common colour blindness. */
const muted = [
  0x332288, 0x88ccee, 0x44aa99, 0x117733, 0x999933, 0xddcc77, 0xcc6677, 0x882255, 0xaa4499, 0x555555,
].map(hex => [hex >> 16, (hex >> 8) & 255, hex & 255].map(value => value / 255));

/** Negative to positive through a neutral middle; the ends of the figures' diverging palette. */
export const negative = "#0b5c96", positive = "#c24a00";

/**
 * The colour of every class as [red, green, blue] from 0 to 255.
 * @param {number} count how many classes there are; more than ten are spread over hues, light and dark in turn
 * @param {boolean} dark whether the page is dark
 */
export function classColors(count, dark) {
  const colors = [];
  for (let index = 0; index < count; index++) {
    const color = count > muted.length
      ? fromHSL(index / count, 0.55, index % 2 === 0 ? 0.42 : 0.62) : muted[index];
    colors.push((dark ? shownOnDark(color) : color).map(value => Math.round(value * 255)));
  }
  return colors;
}

export const css = ([red, green, blue], opacity = 1) => `rgb(${red} ${green} ${blue} / ${opacity})`;

/** Black or white, whichever can be read better on a colour (WCAG contrast). */
export function readableOn([red, green, blue]) {
  const luminance = 0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
  return luminance > 0.179 ? "#000" : "#fff";
}

function fromHSL(hue, saturation, lightness) {
  const chroma = (1 - Math.abs(2 * lightness - 1)) * saturation;
  return [0, -1 / 3, 1 / 3].map(offset => {
    const position = hue + offset - Math.floor(hue + offset);
    const ramp = Math.min(Math.max(Math.abs(position * 6 - 3) - 1, 0), 1);
    return lightness + (ramp - 0.5) * chroma;
  });
}

/** In Ottosson's OKLab (2020): L ← P + (1 − P)(1 − L)^0.7, P = 0.2; hue kept, chroma as far as sRGB has it. */
function shownOnDark(color) {
  const [lightness, a, b] = toLab(color);
  const turned = 0.2 + 0.8 * Math.max(1 - lightness, 0) ** 0.7;
  let kept = 0, excess = 1;
  const whole = fromLab(turned, a, b);
  if (whole) return whole;
  while (excess - kept > 1e-3) {
    const middle = (kept + excess) / 2;
    if (fromLab(turned, a * middle, b * middle)) kept = middle; else excess = middle;
  }
  return fromLab(turned, a * kept, b * kept) ?? [turned, turned, turned];
}

const linear = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

function toLab(color) {
  const [red, green, blue] = color.map(linear);
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** In sRGB; null if sRGB has no such colour. */
function fromLab(lightness, a, b) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const values = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  if (values.some(value => value < -1e-6 || value > 1 + 1e-6)) return null;
  return values.map(value => {
    const bounded = Math.min(Math.max(value, 0), 1);
    return bounded <= 0.0031308 ? bounded * 12.92 : 1.055 * bounded ** (1 / 2.4) - 0.055;
  });
}
