// Cairo with its FreeType, PDF and SVG back ends, as the system has it.
#if !__has_include(<cairo-ft.h>)
#error "Cairo is missing: run 'make setup', or 'apt-get install libcairo2-dev pkg-config'."
#else
#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#endif
