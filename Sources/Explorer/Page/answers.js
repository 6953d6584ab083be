// The forms that answers have whichever way they come: errors with a hint, and columns of numbers.

/** What went wrong, in words for the reader, and what to do about it. */
export class AnswerError extends Error {
  /** @param {{code: string, message: string, hint?: string|null}} error
   *  @param {object} answer the rest of the answer */
  constructor({ code, message, hint = null }, answer = {}) {
    super(message);
    Object.assign(this, { code, hint, answer });
  }
}

const arrays = { f32: Float32Array, u32: Uint32Array, u16: Uint16Array };

/** A column of numbers as a typed array; both sides are little-endian. */
export function column({ type, base64 }) {
  return new arrays[type](bytes(base64).buffer);
}

export function bytes(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

export function base64(bytes) {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

/** A map with its columns decoded, and the place of every row of the test images among its points. */
export function decodedMap(answer) {
  const columns = Object.fromEntries(
    ["rows", "x", "y", "labels", "predicted", "confidence"].map(name => [name, column(answer[name])]));
  const placeOfRow = new Map();
  columns.rows.forEach((row, place) => placeOfRow.set(row, place));
  return { ...answer, ...columns, placeOfRow };
}
