// libjpeg-turbo behind two functions. Its longjmp errors end here: both return 0 on success, or a non-zero status and
// a message in `error`.
#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

enum { CJPEG_ERROR_LENGTH = 200 };

typedef struct {
  uint32_t width, height;
  // How the picture lies, 1 to 8 as EXIF counts; 1 where the file does not say.
  int orientation;
} cjpeg_header;

// The size of a JPEG picture as it is stored, before it is turned by its orientation.
int cjpeg_read_header(const uint8_t *bytes, size_t size, cjpeg_header *header, char error[CJPEG_ERROR_LENGTH]);

// A JPEG picture -> 8-bit RGB as it is stored, rows packed without padding: grey as three equal channels, CMYK and YCCK
// as inks over white. `shrink` 1, 2, 4 or 8 makes width and height so many times smaller, rounded
// up, and spares the decoder the work. Refuses more than `max_pixels` before shrinking, and data that end early or do
// not decode. *out is released by the caller with cjpeg_free.
int cjpeg_decode(const uint8_t *bytes, size_t size, size_t max_pixels, int shrink, uint8_t **out,
                 cjpeg_header *header, char error[CJPEG_ERROR_LENGTH]);

void cjpeg_free(uint8_t *bytes);

#endif
