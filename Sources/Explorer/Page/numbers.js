// Numbers as a reader wants them, written as the figures write them: few digits, a true minus sign.

/** A number with a fixed count of decimals and a true minus; `signed` writes the plus too. */
export function decimal(value, digits, signed = false) {
  if (value == null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const magnitude = Math.abs(value).toFixed(digits);
  if (!/[1-9]/.test(magnitude)) return magnitude;
  return (value < 0 ? "−" : signed ? "+" : "") + magnitude;
}

/** A share from 0 to 1 as `31.2 %`, small ones with a digit more. */
export function percent(share) {
  if (share == null || Number.isNaN(share)) return "–";
  const value = share * 100;
  return decimal(value, Math.abs(value) < 0.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0) + " %";
}

/** A probability in whole percent; what rounds to none or all says so. */
export function probability(value) {
  if (value == null || Number.isNaN(value)) return "–";
  if (value < 0.005) return "<1 %";
  return value > 0.995 && value < 1 ? ">99 %" : `${Math.round(value * 100)} %`;
}

/** Two or three significant digits. */
export function compact(value) {
  if (value == null || !Number.isFinite(value) || value === 0) return decimal(value, 0);
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -3 || exponent > 5) return `${decimal(value / 10 ** exponent, 1)}e${exponent}`;
  return decimal(value, Math.max(0, 2 - exponent));
}

/** A count with commas between groups of three. */
export const grouped = count => Math.round(count).toString().replace(/\B(?=(\d{3})+$)/g, ",");

/** A step in standard deviations, `+2.3σ`. */
export const sigmas = (step, digits = 1) => `${decimal(step, digits, true)}σ`;
