// Every file of Sources/Explorer/Page, and the fonts of the figures. A new file of the page is added here twice:
// its bytes, and its line in the table; a test holds both to the folder.
//
// ccache:disable, because it does not see when an embedded file changes.

#include "CExplorerPage.h"

#include <CFonts.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "../Explorer/Page/index.html"
};
static const unsigned char page_css[] = {
#embed "../Explorer/Page/page.css"
};
static const unsigned char answers_js[] = {
#embed "../Explorer/Page/answers.js"
};
static const unsigned char asker_js[] = {
#embed "../Explorer/Page/asker.js"
};
static const unsigned char chart_js[] = {
#embed "../Explorer/Page/chart.js"
};
static const unsigned char dialogs_js[] = {
#embed "../Explorer/Page/dialogs.js"
};
static const unsigned char directions_js[] = {
#embed "../Explorer/Page/directions.js"
};
static const unsigned char elements_js[] = {
#embed "../Explorer/Page/elements.js"
};
static const unsigned char film_js[] = {
#embed "../Explorer/Page/film.js"
};
static const unsigned char images_js[] = {
#embed "../Explorer/Page/images.js"
};
static const unsigned char keys_js[] = {
#embed "../Explorer/Page/keys.js"
};
static const unsigned char listing_js[] = {
#embed "../Explorer/Page/listing.js"
};
static const unsigned char live_js[] = {
#embed "../Explorer/Page/live.js"
};
static const unsigned char main_js[] = {
#embed "../Explorer/Page/main.js"
};
static const unsigned char map_js[] = {
#embed "../Explorer/Page/map.js"
};
static const unsigned char mapPanel_js[] = {
#embed "../Explorer/Page/mapPanel.js"
};
static const unsigned char model_js[] = {
#embed "../Explorer/Page/model.js"
};
static const unsigned char notices_js[] = {
#embed "../Explorer/Page/notices.js"
};
static const unsigned char numbers_js[] = {
#embed "../Explorer/Page/numbers.js"
};
static const unsigned char own_js[] = {
#embed "../Explorer/Page/own.js"
};
static const unsigned char palette_js[] = {
#embed "../Explorer/Page/palette.js"
};
static const unsigned char scatter_js[] = {
#embed "../Explorer/Page/scatter.js"
};
static const unsigned char slider_js[] = {
#embed "../Explorer/Page/slider.js"
};
static const unsigned char source_js[] = {
#embed "../Explorer/Page/source.js"
};
static const unsigned char state_js[] = {
#embed "../Explorer/Page/state.js"
};
static const unsigned char strip_js[] = {
#embed "../Explorer/Page/strip.js"
};
static const unsigned char takeaway_js[] = {
#embed "../Explorer/Page/takeaway.js"
};
static const unsigned char walk_js[] = {
#embed "../Explorer/Page/walk.js"
};

#define FILE(name, bytes) {name, bytes, sizeof bytes}

static const cep_file files[] = {
    FILE("index.html", index_html),
    FILE("page.css", page_css),
    FILE("answers.js", answers_js),
    FILE("asker.js", asker_js),
    FILE("chart.js", chart_js),
    FILE("dialogs.js", dialogs_js),
    FILE("directions.js", directions_js),
    FILE("elements.js", elements_js),
    FILE("film.js", film_js),
    FILE("images.js", images_js),
    FILE("keys.js", keys_js),
    FILE("listing.js", listing_js),
    FILE("live.js", live_js),
    FILE("main.js", main_js),
    FILE("map.js", map_js),
    FILE("mapPanel.js", mapPanel_js),
    FILE("model.js", model_js),
    FILE("notices.js", notices_js),
    FILE("numbers.js", numbers_js),
    FILE("own.js", own_js),
    FILE("palette.js", palette_js),
    FILE("scatter.js", scatter_js),
    FILE("slider.js", slider_js),
    FILE("source.js", source_js),
    FILE("state.js", state_js),
    FILE("strip.js", strip_js),
    FILE("takeaway.js", takeaway_js),
    FILE("walk.js", walk_js),
};

static const size_t page_count = sizeof files / sizeof *files;

size_t cep_file_count(void) { return page_count + 2; }

cep_file cep_file_at(size_t index) {
  if (index < page_count) return files[index];
  const cf_weight weight = index == page_count ? CF_REGULAR : CF_SEMIBOLD;
  long size;
  const unsigned char *bytes = cf_font_bytes(weight, &size);
  return (cep_file){weight == CF_REGULAR ? "fonts/Inter-Regular.otf" : "fonts/Inter-SemiBold.otf", bytes, (size_t)size};
}
