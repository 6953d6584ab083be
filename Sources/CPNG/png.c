#include "CPNG.h"

#if !__has_include(<png.h>)
#error "libpng is missing: run 'make setup', or 'apt-get install libpng-dev'."
#else

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

// A file system's block, less what stands around the pixels of a file without texts (106 bytes).
enum { STORED_LIMIT = 4096 - 128 };

typedef struct {
  uint8_t *bytes;
  size_t size, capacity;
  char *error;
} sink;

static void on_error(png_structp png, png_const_charp message) {
  snprintf(((sink *)png_get_error_ptr(png))->error, CPNG_ERROR_LENGTH, "%s", message);
  longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void append(png_structp png, png_bytep data, png_size_t length) {
  sink *out = png_get_io_ptr(png);
  if (out->capacity - out->size < length) {
    size_t capacity = (out->size + length) * 2;
    uint8_t *grown = realloc(out->bytes, capacity);
    if (!grown) png_error(png, "out of memory");
    out->bytes = grown;
    out->capacity = capacity;
  }
  memcpy(out->bytes + out->size, data, length);
  out->size += length;
}

static void flush(png_structp png) { (void)png; }

int cpng_encode(const uint8_t *rgb, uint32_t width, uint32_t height, uint32_t pixels_per_metre,
                const cpng_text *texts, size_t text_count, uint8_t **out, size_t *out_size,
                char error[CPNG_ERROR_LENGTH]) {
  // Everything that changes after setjmp lives behind this pointer, so that longjmp finds it as it was left.
  sink output = {NULL, 0, 0, error};
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &output, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  png_text *chunks = calloc(text_count ? text_count : 1, sizeof *chunks);
  if (!info || !chunks) {
    snprintf(error, CPNG_ERROR_LENGTH, "out of memory");
    png_destroy_write_struct(&png, &info);
    free(chunks);
    return 1;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_write_struct(&png, &info);
    free(chunks);
    free(output.bytes);
    return 1;
  }
  png_set_write_fn(png, &output, append, flush);
  png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if ((size_t)height * (1 + 3 * (size_t)width) <= STORED_LIMIT) {
    // Packed or not, such a file takes one block of a disk; stored it is made in a twentieth of the time.
    png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    png_set_compression_level(png, Z_NO_COMPRESSION);
    png_set_compression_mem_level(png, 1);
  } else {
    // Behind PNG's filters, runs are all that deflate finds: in noisy pictures it packs tighter than the full search
    // in an eighth of the time, in figures at print resolution within 1 % in half the time.
    png_set_compression_strategy(png, Z_RLE);
  }
  png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
  if (pixels_per_metre) png_set_pHYs(png, info, pixels_per_metre, pixels_per_metre, PNG_RESOLUTION_METER);
  for (size_t i = 0; i < text_count; i++) {
    chunks[i].compression = PNG_ITXT_COMPRESSION_NONE;
    chunks[i].key = (png_charp)texts[i].keyword;
    chunks[i].text = (png_charp)texts[i].text;
    chunks[i].itxt_length = strlen(texts[i].text);
  }
  if (text_count) png_set_text(png, info, chunks, (int)text_count);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, rgb + (size_t)y * width * 3);
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  free(chunks);
  *out = output.bytes;
  *out_size = output.size;
  return 0;
}

typedef struct {
  const uint8_t *bytes;
  size_t left;
  char *error;
  uint8_t *pixels;
  png_bytep *rows;
} source;

static void on_read_error(png_structp png, png_const_charp message) {
  snprintf(((source *)png_get_error_ptr(png))->error, CPNG_ERROR_LENGTH, "%s", message);
  longjmp(png_jmpbuf(png), 1);
}

static void take(png_structp png, png_bytep data, png_size_t length) {
  source *in = png_get_io_ptr(png);
  if (in->left < length) png_error(png, "the file ends early");
  memcpy(data, in->bytes, length);
  in->bytes += length;
  in->left -= length;
}

// Four bytes a pixel to three in place: colour over white, by values as they are stored.
static void flatten(uint8_t *pixels, size_t count) {
  const uint8_t *from = pixels;
  for (uint8_t *to = pixels; count > 0; count--, from += 4, to += 3) {
    unsigned alpha = from[3];
    for (int channel = 0; channel < 3; channel++) {
      to[channel] = (uint8_t)((from[channel] * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
}

// libpng's own functions and not its simplified ones: those take 16-bit files for linear light unless they say
// otherwise, mix what is transparent in linear light, and follow gAMA chunks, none of which other readers do.
int cpng_decode(const uint8_t *bytes, size_t size, size_t max_pixels, uint8_t **out, uint32_t *width,
                uint32_t *height, char error[CPNG_ERROR_LENGTH]) {
  source input = {bytes, size, error, NULL, NULL};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &input, on_read_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    snprintf(error, CPNG_ERROR_LENGTH, "out of memory");
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    free(input.pixels);
    free(input.rows);
    return 1;
  }
  png_set_read_fn(png, &input, take);
  png_read_info(png, info);
  *width = png_get_image_width(png, info);
  *height = png_get_image_height(png, info);
  if ((size_t)*width * *height > max_pixels) {
    snprintf(error, CPNG_ERROR_LENGTH, "%u x %u pixels are more than the %zu allowed", *width, *height, max_pixels);
    longjmp(png_jmpbuf(png), 1);
  }
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_gray_to_rgb(png);
  png_set_add_alpha(png, 255, PNG_FILLER_AFTER);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t row = png_get_rowbytes(png, info);
  if (row != (size_t)*width * 4) png_error(png, "pixels that do not become RGBA");
  input.pixels = malloc(row * *height);
  input.rows = malloc(sizeof *input.rows * *height);
  if (!input.pixels || !input.rows) png_error(png, "out of memory");
  for (uint32_t y = 0; y < *height; y++) input.rows[y] = input.pixels + y * row;
  png_read_image(png, input.rows);
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  free(input.rows);
  flatten(input.pixels, (size_t)*width * *height);
  *out = input.pixels;
  return 0;
}

void cpng_free(uint8_t *bytes) { free(bytes); }

#endif
