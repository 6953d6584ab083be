#include "CJPEG.h"

// The library's own header needs these.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !__has_include(<jpeglib.h>)
#error "libjpeg-turbo is missing: run 'make setup', or 'apt-get install libjpeg-dev'."
#else

#include <jpeglib.h>

#include <jerror.h>

// Nobody's encoder makes so many; a file that has more wants to keep a decoder busy.
enum { MAX_SCANS = 100 };

// All that changes after setjmp lives in here, behind a pointer, so that longjmp finds it as it was left.
typedef struct {
  struct jpeg_error_mgr manager;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  char *error;
  uint8_t *pixels, *cmyk;
} state;

static void fail(j_common_ptr info) {
  state *s = (state *)info->err;
  char message[JMSG_LENGTH_MAX];
  info->err->format_message(info, message);
  snprintf(s->error, CJPEG_ERROR_LENGTH, "%s", message);
  longjmp(s->escape, 1);
}

// libjpeg goes on after damage, with grey or smeared pixels. Damage to the picture itself is an error here; what other
// decoders pass over as well (bytes between markers, wrong densities) stays a warning.
static void warn(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      fail(info);
  }
}

static void count_scans(j_common_ptr info) {
  if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > MAX_SCANS) {
    snprintf(((state *)info->err)->error, CJPEG_ERROR_LENGTH, "more than %d scans", MAX_SCANS);
    longjmp(((state *)info->err)->escape, 1);
  }
}

static unsigned read16(const uint8_t *p, int big) {
  return big ? (unsigned)(p[0] << 8 | p[1]) : (unsigned)(p[1] << 8 | p[0]);
}

static uint32_t read32(const uint8_t *p, int big) {
  uint32_t first = read16(p, big), second = read16(p + 2, big);
  return big ? first << 16 | second : second << 16 | first;
}

// The entry 0x0112 of the first directory of an EXIF block: "Exif\0\0", then TIFF.
static int exif_orientation(const uint8_t *block, size_t size) {
  if (size < 14 || memcmp(block, "Exif\0\0", 6) != 0) return 1;
  const uint8_t *tiff = block + 6;
  size -= 6;
  int big = tiff[0] == 'M' && tiff[1] == 'M';
  if (!big && !(tiff[0] == 'I' && tiff[1] == 'I')) return 1;
  uint32_t directory = read32(tiff + 4, big);
  if (directory > size || size - directory < 2) return 1;
  unsigned entries = read16(tiff + directory, big);
  const uint8_t *entry = tiff + directory + 2;
  size_t left = size - directory - 2;
  for (; entries > 0 && left >= 12; entries--, entry += 12, left -= 12) {
    if (read16(entry, big) != 0x0112) continue;
    unsigned value = read16(entry + 8, big);  // Of type SHORT, count 1: the value itself.
    return read16(entry + 2, big) == 3 && value >= 1 && value <= 8 ? (int)value : 1;
  }
  return 1;
}

static void describe(j_decompress_ptr info, cjpeg_header *header) {
  header->width = info->image_width;
  header->height = info->image_height;
  header->orientation = 1;
  for (jpeg_saved_marker_ptr marker = info->marker_list; marker; marker = marker->next) {
    if (marker->data_length < 6 || memcmp(marker->data, "Exif\0\0", 6) != 0) continue;
    header->orientation = exif_orientation(marker->data, marker->data_length);
    return;
  }
}

static void begin(j_decompress_ptr info, state *s, const uint8_t *bytes, size_t size) {
  jpeg_create_decompress(info);
  s->progress.progress_monitor = count_scans;
  info->progress = &s->progress;
  jpeg_mem_src(info, bytes, (unsigned long)size);
  jpeg_save_markers(info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(info, TRUE);
}

static void prepare(struct jpeg_decompress_struct *info, state *s, char *error) {
  memset(s, 0, sizeof *s);
  memset(info, 0, sizeof *info);
  info->err = jpeg_std_error(&s->manager);
  s->manager.error_exit = fail;
  s->manager.emit_message = warn;
  s->error = error;
}

int cjpeg_read_header(const uint8_t *bytes, size_t size, cjpeg_header *header, char error[CJPEG_ERROR_LENGTH]) {
  struct jpeg_decompress_struct info;
  state s;
  prepare(&info, &s, error);
  if (setjmp(s.escape)) {
    jpeg_destroy_decompress(&info);
    return 1;
  }
  begin(&info, &s, bytes, size);
  describe(&info, header);
  jpeg_destroy_decompress(&info);
  return 0;
}

// Inks over white. They are stored inverted, as Adobe's programs began to and the others followed: 255 is no ink.
static void rgb_from_cmyk(const uint8_t *cmyk, uint8_t *rgb, size_t width) {
  for (size_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
    for (int channel = 0; channel < 3; channel++) rgb[channel] = (uint8_t)((cmyk[channel] * cmyk[3] + 127) / 255);
  }
}

int cjpeg_decode(const uint8_t *bytes, size_t size, size_t max_pixels, int shrink, uint8_t **out,
                 cjpeg_header *header, char error[CJPEG_ERROR_LENGTH]) {
  struct jpeg_decompress_struct info;
  state s;
  prepare(&info, &s, error);
  if (setjmp(s.escape)) {
    jpeg_destroy_decompress(&info);
    free(s.pixels);
    free(s.cmyk);
    return 1;
  }
  begin(&info, &s, bytes, size);
  describe(&info, header);
  if ((size_t)info.image_width * info.image_height > max_pixels) {
    snprintf(error, CJPEG_ERROR_LENGTH, "%u x %u pixels are more than the %zu allowed", info.image_width,
             info.image_height, max_pixels);
    longjmp(s.escape, 1);
  }
  int has_inks = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = has_inks ? JCS_CMYK : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = (unsigned)shrink;
  jpeg_start_decompress(&info);
  size_t row = (size_t)info.output_width * 3;
  s.pixels = malloc(row * info.output_height);
  s.cmyk = has_inks ? malloc((size_t)info.output_width * 4) : NULL;
  if (!s.pixels || (has_inks && !s.cmyk)) {
    snprintf(error, CJPEG_ERROR_LENGTH, "out of memory");
    longjmp(s.escape, 1);
  }
  while (info.output_scanline < info.output_height) {
    uint8_t *target = s.pixels + info.output_scanline * row;
    JSAMPROW line = has_inks ? s.cmyk : target;
    jpeg_read_scanlines(&info, &line, 1);
    if (has_inks) rgb_from_cmyk(s.cmyk, target, info.output_width);
  }
  jpeg_finish_decompress(&info);
  header->width = info.output_width;
  header->height = info.output_height;
  jpeg_destroy_decompress(&info);
  free(s.cmyk);
  *out = s.pixels;
  return 0;
}

void cjpeg_free(uint8_t *bytes) { free(bytes); }

#endif
