// The two fonts that every figure is set in, compiled into the binary, so that a picture looks the same on
// every machine and never depends on what fontconfig finds there.
#ifndef CFONTS_H
#define CFONTS_H

#include <cairo.h>

typedef enum { CF_REGULAR = 0, CF_SEMIBOLD = 1 } cf_weight;

// A new Cairo font face over the embedded font, owned by the caller (cairo_font_face_destroy); NULL if
// FreeType refuses it. The FreeType library that it needs is made once for each face and freed with it.
cairo_font_face_t *cf_font_face(cf_weight weight);

// The embedded OpenType file itself, for pages that set their text in the same font; lives as long as the program.
const unsigned char *cf_font_bytes(cf_weight weight, long *size);

#endif
