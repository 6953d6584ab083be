// Inter, by Rasmus Andersson and others, under the SIL Open Font License (Assets/Fonts/OFL.txt).

#include "CFonts.h"

#include <cairo-ft.h>
#include <stdlib.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char regular[] = {
#embed "../../Assets/Fonts/Inter-Regular.otf"
};
static const unsigned char semibold[] = {
#embed "../../Assets/Fonts/Inter-SemiBold.otf"
};

typedef struct {
  FT_Library library;
  FT_Face face;
} loaded_font;

static void unload(void *data) {
  loaded_font *font = data;
  if (font->face) FT_Done_Face(font->face);
  if (font->library) FT_Done_FreeType(font->library);
  free(font);
}

const unsigned char *cf_font_bytes(cf_weight weight, long *size) {
  *size = weight == CF_SEMIBOLD ? (long)sizeof semibold : (long)sizeof regular;
  return weight == CF_SEMIBOLD ? semibold : regular;
}

cairo_font_face_t *cf_font_face(cf_weight weight) {
  static const cairo_user_data_key_t key;
  long size;
  const unsigned char *bytes = cf_font_bytes(weight, &size);

  loaded_font *font = calloc(1, sizeof *font);
  if (!font) return NULL;
  if (FT_Init_FreeType(&font->library) != 0 ||
      FT_New_Memory_Face(font->library, bytes, size, 0, &font->face) != 0) {
    unload(font);
    return NULL;
  }
  // Unhinted outlines: glyph shapes scale with the figure and do not depend on FreeType's hinter.
  cairo_font_face_t *face = cairo_ft_font_face_create_for_ft_face(font->face, FT_LOAD_NO_HINTING);
  if (cairo_font_face_set_user_data(face, &key, font, unload) != CAIRO_STATUS_SUCCESS) {
    cairo_font_face_destroy(face);
    unload(font);
    return NULL;
  }
  return face;
}
