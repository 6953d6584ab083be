// libpng behind two functions. Its longjmp errors end here: both return 0 on success, or a non-zero status
// and a message in `error`.
#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

enum { CPNG_ERROR_LENGTH = 160 };

typedef struct {
  const char *keyword;  // 1 to 79 bytes of Latin-1
  const char *text;     // UTF-8
} cpng_text;

// 8-bit RGB, rows packed without padding -> a PNG file with an sRGB chunk, its resolution (pHYs) if
// `pixels_per_metre` is not 0, and one iTXt chunk for each text. No time stamp: same input, same bytes.
// *out is released by the caller with cpng_free.
int cpng_encode(const uint8_t *rgb, uint32_t width, uint32_t height, uint32_t pixels_per_metre,
                const cpng_text *texts, size_t text_count, uint8_t **out, size_t *out_size,
                char error[CPNG_ERROR_LENGTH]);

// Any PNG -> 8-bit RGB: 16 bits rounded to 8, grey as three equal channels, palettes looked up, transparent parts over
// white, gamma as it is stored. Refuses more than `max_pixels`, and files that end early.
int cpng_decode(const uint8_t *bytes, size_t size, size_t max_pixels, uint8_t **out, uint32_t *width,
                uint32_t *height, char error[CPNG_ERROR_LENGTH]);

void cpng_free(uint8_t *bytes);

#endif
